//! Which messages a file is expected to hold: something to report against, never a filter.
//!
//! The rows are data, `core/catalog/inventory/*.tsv`. Each says what it rests on: a line of a real index, a document, a
//! derivation, an assumption. A message that no row names is as good as any other.

mod parse;

use serde::Serialize;

use crate::identity::{Statistic, Surface};
use crate::time::{Run, Step, StepRange};

/// The messages of one member of a source, by run and step.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Inventory {
    rows: Vec<Row>,
}

/// One kind of message: what the index and the header say of it, and its names.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// First run that has it.
    #[serde(serialize_with = "crate::time::run_text::serialize")]
    pub from: Run,
    /// Last run that has it; `None` while it lasts.
    #[serde(serialize_with = "crate::time::run_text::optional::serialize")]
    pub to: Option<Run>,
    /// Hours of the runs that have it.
    pub runs: Vec<u8>,
    /// First and last step that have it, in hours.
    pub steps: (u32, u32),
    /// Whether it is disputed that these steps have it.
    pub disputed: bool,
    /// Name of the parameter as the index spells it.
    pub index_name: String,
    /// Level type (ECMWF) or level (NOAA) as the index spells it.
    pub index_level: String,
    /// Levels, one message for each; empty where the message has no `levelist`.
    pub levels: Vec<i32>,
    /// Discipline, code table 0.0.
    pub discipline: u8,
    /// Category, code table 4.1.
    pub category: u8,
    /// Number of the parameter, code table 4.2.
    pub number: u8,
    /// Number of the product definition template, code table 4.0.
    pub template: u16,
    /// Statistic and its window; `None` for an instant.
    pub statistic: Option<(Statistic, Window)>,
    /// First fixed surface.
    pub first_surface: SurfacePattern,
    /// Second fixed surface.
    pub second_surface: SurfacePattern,
    /// Version of the master tables, and of the local ones.
    pub tables: (u8, u8),
    /// ecCodes' shortName.
    pub short_name: String,
    /// ecCodes' cfVarName.
    pub cf_var_name: String,
    /// ecCodes' typeOfLevel.
    pub type_of_level: String,
    /// ecCodes' stepType.
    pub step_type: String,
    /// Units.
    pub units: String,
    /// What the row rests on.
    pub evidence: Vec<String>,
}

/// The window of a statistic that ends, or begins, at a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Window {
    /// From the last multiple of that many hours before the step.
    Bucket(u32),
    /// The hours before the step; at step 0 the window runs past it (ecmwf-opendata issue 76).
    Hours(u32),
    /// From the start of the run.
    Run,
}

/// A fixed surface, in whose value the level may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SurfacePattern {
    /// Type of the surface, code table 4.5; 255 is missing.
    pub kind: u8,
    /// Decimal scale factor; `None` where it is missing.
    pub scale_factor: Option<i8>,
    /// Scaled value.
    pub value: SurfaceValue,
}

/// The scaled value of a [`SurfacePattern`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SurfaceValue {
    /// This value.
    Fixed(i32),
    /// The level of the index times `factor`, plus `offset`.
    Level {
        /// What the level is multiplied by.
        factor: i32,
        /// What is added to it.
        offset: i32,
    },
    /// All bits are set.
    Missing,
}

/// One message that is expected.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Expected<'a> {
    /// The row that it comes from.
    pub row: &'a Row,
    /// Its level, where the index has a `levelist`.
    pub level: Option<i32>,
    /// First fixed surface of its header.
    pub first_surface: Surface,
    /// Second fixed surface of its header.
    pub second_surface: Surface,
    /// The time it speaks of.
    pub range: StepRange,
}

/// Why a text is no inventory.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InventoryError {
    /// A cell that its column does not allow.
    #[error("line {line}, column {column}: `{found}` is no {expected}")]
    Cell {
        /// Line, from 1.
        line: usize,
        /// Name of the column.
        column: &'static str,
        /// What was found.
        found: String,
        /// What belongs there.
        expected: &'static str,
    },
    /// The line that names the columns is missing or another one.
    #[error("line {line}: expected the names of the columns {expected}")]
    Columns {
        /// Line, from 1.
        line: usize,
        /// The names, separated by spaces.
        expected: String,
    },
    /// A row with too few or too many cells.
    #[error("line {line}: {found} cells, expected {expected}")]
    Width {
        /// Line, from 1.
        line: usize,
        /// Cells found.
        found: usize,
        /// Cells that a row has.
        expected: usize,
    },
}

impl Inventory {
    /// Reads the text of a file: evidence texts, names of the columns, rows.
    ///
    /// # Errors
    /// [`InventoryError`] with line and column.
    pub fn parse(text: &str) -> Result<Self, InventoryError> {
        Ok(Self {
            rows: parse::rows(text)?,
        })
    }

    /// Every row, in the order of the file.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Whether the inventory says anything of a run: no row means that nobody listed its messages.
    pub fn covers(&self, run: Run) -> bool {
        self.rows.iter().any(|row| row.has_run(run))
    }

    /// The messages that the file of one member has at a step, disputed ones included.
    pub fn expected(&self, run: Run, step: Step) -> Vec<Expected<'_>> {
        let rows = self.rows.iter().filter(|row| row.has(run, step));
        rows.flat_map(|row| row.messages(step)).collect()
    }
}

impl Row {
    /// Whether the run is one of those that have it.
    pub fn has_run(&self, run: Run) -> bool {
        self.from <= run && self.to.is_none_or(|to| run <= to) && self.runs.contains(&run.hour)
    }

    /// Whether that run and step have it.
    pub fn has(&self, run: Run, step: Step) -> bool {
        let (first, last) = self.steps;
        let hours = super::steps::hours_of(step);
        self.has_run(run) && hours.is_some_and(|hours| (first..=last).contains(&hours))
    }

    fn messages(&self, step: Step) -> impl Iterator<Item = Expected<'_>> {
        let range = match self.statistic {
            Some((_, window)) => window.range(step),
            None => StepRange::instant(step),
        };
        let levels = self.levels.iter().copied().map(Some);
        let none = self.levels.is_empty().then_some(None);
        levels.chain(none).map(move |level| Expected {
            row: self,
            level,
            first_surface: self.first_surface.at(level),
            second_surface: self.second_surface.at(level),
            range,
        })
    }
}

impl Window {
    /// The window at a step.
    pub fn range(self, step: Step) -> StepRange {
        let seconds = step.as_seconds();
        let start = match self {
            // The window that ends at a multiple is the whole one before it: 0-6 at 6, not 6-6.
            Self::Bucket(hours) if hours > 0 => {
                let length = i64::from(hours) * 3_600;
                (seconds - 1).max(0) / length * length
            }
            Self::Bucket(_) => seconds,
            Self::Hours(hours) => (seconds - i64::from(hours) * 3_600).max(0),
            Self::Run => 0,
        };
        let end = match self {
            Self::Hours(hours) => start + i64::from(hours) * 3_600,
            Self::Bucket(_) | Self::Run => seconds,
        };
        StepRange {
            start: Step::seconds(start),
            end: Step::seconds(end),
        }
    }
}

impl SurfacePattern {
    /// The surface at a level of the index.
    pub fn at(self, level: Option<i32>) -> Surface {
        let scaled_value = match self.value {
            SurfaceValue::Fixed(value) => Some(value),
            SurfaceValue::Level { factor, offset } => level
                .and_then(|level| level.checked_mul(factor))
                .and_then(|value| value.checked_add(offset)),
            SurfaceValue::Missing => None,
        };
        Surface {
            kind: self.kind,
            scale_factor: self.scale_factor,
            scaled_value,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
#1\treal line
#2\tassumed
era_from\tera_to\truns\tstep_class\tindex_name\tlevtype_or_leveltext\tlevels\tdiscipline\tcategory\tnumber\tpdt\tstatistic\tfirst_surface\tsecond_surface\ttables_version\tshortName\tcfVarName\ttypeOfLevel\tstepType\tunits\tevidence
2025-01-14T06\t2026-05-12T00\t00 12\t0?\tt\tpl\t500,850\t0\t0\t0\t1\t-\t100:0:L*100\t255:-:-\t32/0\tt\tt\tisobaricInhPa\tinstant\tK\t1 2
2025-01-14T06\t\t00 06\t3-240\tsot\tsol\t1\t2\t3\t18\t11\taccum:bucket6\t151:0:L-1\t151:0:L\t32/1\tsot\tsot\tsoilLayer\taccum\tK\t2
";

    #[test]
    fn rows_become_messages_of_a_run_and_step() {
        let inventory = Inventory::parse(TEXT).unwrap();
        let run = "2025-06-01T00".parse().unwrap();
        let at_0 = inventory.expected(run, Step::ZERO);
        let pressures: Vec<Option<f64>> = at_0.iter().map(|e| e.first_surface.value()).collect();
        assert_eq!(pressures, [Some(50_000.0), Some(85_000.0)]);
        assert!(at_0[0].row.disputed);
        assert_eq!(at_0[0].row.evidence, ["real line", "assumed"]);

        let at_9 = inventory.expected(run, Step::hours(9));
        assert_eq!(at_9.len(), 1);
        assert_eq!(at_9[0].range.to_string(), "6-9");
        assert_eq!(at_9[0].first_surface.scaled_value, Some(0));
        assert_eq!(at_9[0].second_surface.scaled_value, Some(1));
    }

    #[test]
    fn the_last_run_of_a_row_is_in_it() {
        let inventory = Inventory::parse(TEXT).unwrap();
        let expected = |run: &str| inventory.expected(run.parse().unwrap(), Step::ZERO).len();
        assert_eq!(expected("2026-05-12T00"), 2);
        assert_eq!(expected("2026-05-12T12"), 0);
        assert_eq!(expected("2025-06-01T06"), 0);
        assert!(!inventory.covers("2025-01-14T00".parse().unwrap()));
        assert!(inventory.covers("2026-05-12T06".parse().unwrap()));
    }

    #[test]
    fn windows_end_at_the_step() {
        let range = |window: Window, hours| window.range(Step::hours(hours)).to_string();
        assert_eq!(range(Window::Bucket(6), 3), "0-3");
        assert_eq!(range(Window::Bucket(6), 6), "0-6");
        assert_eq!(range(Window::Bucket(6), 240), "234-240");
        assert_eq!(range(Window::Bucket(6), 0), "0");
        assert_eq!(range(Window::Hours(3), 96), "93-96");
        assert_eq!(range(Window::Hours(3), 0), "0-3");
        assert_eq!(range(Window::Run, 24), "0-24");
    }
}
