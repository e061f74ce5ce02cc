//! A template as a parquet file: one row for each kind of message, and what it is of in the footer.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::window::Window;
use super::{Evidence, Level, Row, Template, TemplateGrid, Variable};
use crate::columns::{Column, ColumnsError, Table};
use crate::grib::malformed::Malformed;
use crate::index::{Dialect, IndexError, example_key};
use crate::listing::kind_of;
use crate::time::{Run, Step};

/// Name of the footer's entry.
const FOOTER: &str = "gik-template";
/// Version of the file's layout.
const VERSION: u32 = 1;

/// Why a template cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// Not a table of the right columns.
    #[error("not the columns of a template")]
    Columns(#[from] ColumnsError),
    /// The footer says nothing of a template.
    #[error("no template: the footer has no entry `{FOOTER}`")]
    Footer,
    /// The footer's entry is not understood.
    #[error("the footer's entry `{FOOTER}` is not understood")]
    FooterJson(#[from] serde_json::Error),
    /// A grid that is no section 3.
    #[error("grid {grid} of the footer is no section 3")]
    Grid {
        /// Its number, from 0.
        grid: usize,
        /// What is wrong with it.
        source: Malformed,
    },
    /// A row whose example is no index line.
    #[error("row {row} has an example that is no index line")]
    Example {
        /// Its number, from 0.
        row: usize,
        /// What is wrong with it.
        source: IndexError,
    },
    /// A cell that cannot be.
    #[error("row {row}: {column} cannot be that")]
    Cell {
        /// Its number, from 0.
        row: usize,
        /// The column.
        column: &'static str,
    },
    /// A layout of another version of gik.
    #[error("the template has layout {found}, this gik reads {VERSION}")]
    Version {
        /// What was found.
        found: u32,
    },
}

#[derive(Serialize, Deserialize)]
struct Footer {
    version: u32,
    source: String,
    era: String,
    dialect: Dialect,
    run: Option<Run>,
    /// Section 3 of each grid, in hexadecimal.
    grids: Vec<String>,
}

impl Template {
    /// A short text that differs where templates differ: source, era, and the start of a hash of all rows.
    pub fn id(&self) -> String {
        let mut hash = Sha256::new();
        for grid in &self.grids {
            hash.update(grid.octets());
        }
        for row in &self.rows {
            hash.update(format!("{row:?}"));
        }
        let start: String = hash
            .finalize()
            .iter()
            .take(6)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        format!("{}/{}/{start}", self.source, self.era)
    }

    /// The bytes of a parquet file. The same template gives the same bytes.
    ///
    /// # Errors
    /// [`FileError::Columns`] where the parquet library refuses, which no template makes it do.
    pub fn write(&self) -> Result<Vec<u8>, FileError> {
        let texts = |text: fn(&Row) -> String| {
            Column::Text(self.rows.iter().map(|row| Some(text(row))).collect())
        };
        let maybe =
            |text: fn(&Row) -> Option<String>| Column::Text(self.rows.iter().map(text).collect());
        let integers = |number: fn(&Row) -> Option<i64>| {
            Column::Integer(self.rows.iter().map(number).collect())
        };
        let floats =
            |number: fn(&Row) -> Option<f64>| Column::Float(self.rows.iter().map(number).collect());
        let columns = [
            ("stream", texts(|row| row.stream.clone())),
            ("label", texts(|row| row.label.clone())),
            ("example", texts(|row| row.example.clone())),
            (
                "occurrence",
                integers(|row| Some(i64::from(row.key.occurrence))),
            ),
            (
                "first_step_seconds",
                integers(|row| Some(row.steps.0.as_seconds())),
            ),
            (
                "last_step_seconds",
                integers(|row| Some(row.steps.1.as_seconds())),
            ),
            ("varname", texts(|row| row.variable.var_name.clone())),
            ("shortName", texts(|row| row.variable.short_name.clone())),
            (
                "paramId",
                integers(|row| row.variable.param_id.map(i64::from)),
            ),
            ("name", texts(|row| row.variable.name.clone())),
            ("units", texts(|row| row.variable.units.clone())),
            (
                "standard_name",
                maybe(|row| row.variable.standard_name.clone()),
            ),
            ("stepType", texts(|row| row.variable.step_type.clone())),
            (
                "typeOfLevel",
                texts(|row| row.variable.type_of_level.clone()),
            ),
            ("level", floats(|row| row.level.map(|level| level.value))),
            (
                "topLevel",
                floats(|row| row.level?.bounds.map(|bounds| bounds.0)),
            ),
            (
                "bottomLevel",
                floats(|row| row.level?.bounds.map(|bounds| bounds.1)),
            ),
            (
                "window",
                maybe(|row| row.window.map(|window| window_parts(window).0.to_owned())),
            ),
            (
                "window_seconds",
                integers(|row| row.window.and_then(|window| window_parts(window).1)),
            ),
            ("grid", integers(|row| i64::try_from(row.grid).ok())),
            ("disputed", integers(|row| Some(i64::from(row.disputed)))),
            ("packing", integers(|row| row.packing.map(i64::from))),
            (
                "evidence",
                texts(|row| evidence_word(row.evidence).to_owned()),
            ),
        ];
        let mut table = Table::default();
        table.columns.extend(
            columns
                .into_iter()
                .map(|(name, column)| (name.to_owned(), column)),
        );
        let hex = |grid: &TemplateGrid| {
            grid.octets()
                .iter()
                .map(|octet| format!("{octet:02x}"))
                .collect()
        };
        let footer = Footer {
            version: VERSION,
            source: self.source.clone(),
            era: self.era.clone(),
            dialect: self.dialect,
            run: self.run,
            grids: self.grids.iter().map(hex).collect(),
        };
        table
            .footer
            .insert(FOOTER.to_owned(), serde_json::to_string(&footer)?);
        Ok(table.write().map_err(ColumnsError::from)?)
    }

    /// Reads a file that [`Template::write`] made.
    ///
    /// # Errors
    /// [`FileError`] with row and column.
    pub fn read(bytes: &Bytes) -> Result<Self, FileError> {
        let table = Table::read(bytes)?;
        let footer = table.footer.get(FOOTER).ok_or(FileError::Footer)?;
        let footer: Footer = serde_json::from_str(footer)?;
        if footer.version != VERSION {
            return Err(FileError::Version {
                found: footer.version,
            });
        }
        let mut grids = Vec::with_capacity(footer.grids.len());
        for (grid, hex) in footer.grids.iter().enumerate() {
            let octets = octets(hex).ok_or(FileError::Footer)?;
            grids.push(
                TemplateGrid::parse(octets).map_err(|source| FileError::Grid { grid, source })?,
            );
        }
        let cells = Cells::of(&table)?;
        let rows = (0..cells.count).map(|row| cells.row(row, footer.dialect, grids.len()));
        let rows = rows.collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            source: footer.source,
            era: footer.era,
            dialect: footer.dialect,
            run: footer.run,
            grids,
            rows,
        })
    }
}

/// The columns of a file.
struct Cells<'a> {
    table: &'a Table,
    count: usize,
}

impl<'a> Cells<'a> {
    fn of(table: &'a Table) -> Result<Self, FileError> {
        let count = table.texts("example")?.len();
        Ok(Self { table, count })
    }

    fn row(&self, row: usize, dialect: Dialect, grids: usize) -> Result<Row, FileError> {
        let cell = |column| FileError::Cell { row, column };
        let text = |column: &'static str| -> Result<String, FileError> {
            let cells = self.table.texts(column)?;
            let text = cells.get(row).ok_or(cell(column))?;
            Ok(text.clone().unwrap_or_default())
        };
        let integer = |column: &'static str| -> Result<Option<i64>, FileError> {
            self.table
                .integers(column)?
                .get(row)
                .copied()
                .ok_or(cell(column))
        };
        let float = |column: &'static str| -> Result<Option<f64>, FileError> {
            self.table
                .floats(column)?
                .get(row)
                .copied()
                .ok_or(cell(column))
        };
        let step =
            |column| Ok::<_, FileError>(Step::seconds(integer(column)?.ok_or(cell(column))?));
        let example = text("example")?;
        let key =
            example_key(dialect, &example).map_err(|source| FileError::Example { row, source })?;
        let mut key = kind_of(key);
        let occurrence = integer("occurrence")?.and_then(|number| u8::try_from(number).ok());
        key.occurrence = occurrence.ok_or(cell("occurrence"))?;
        let grid = integer("grid")?
            .and_then(|number| usize::try_from(number).ok())
            .filter(|grid| *grid < grids);
        let bounds = float("topLevel")?.zip(float("bottomLevel")?);
        let standard_name = Some(text("standard_name")?).filter(|name| !name.is_empty());
        Ok(Row {
            key,
            stream: text("stream")?,
            label: text("label")?,
            example,
            steps: (step("first_step_seconds")?, step("last_step_seconds")?),
            variable: Variable {
                var_name: text("varname")?,
                short_name: text("shortName")?,
                param_id: integer("paramId")?.and_then(|id| u32::try_from(id).ok()),
                name: text("name")?,
                units: text("units")?,
                standard_name,
                step_type: text("stepType")?,
                type_of_level: text("typeOfLevel")?,
            },
            level: float("level")?.map(|value| Level { value, bounds }),
            window: window(&text("window")?, integer("window_seconds")?).ok_or(cell("window"))?,
            grid: grid.ok_or(cell("grid"))?,
            packing: integer("packing")?.and_then(|number| u16::try_from(number).ok()),
            disputed: integer("disputed")? == Some(1),
            evidence: match text("evidence")?.as_str() {
                "derived" => Evidence::Derived,
                "header" => Evidence::Header,
                _ => return Err(cell("evidence")),
            },
        })
    }
}

fn evidence_word(evidence: Evidence) -> &'static str {
    match evidence {
        Evidence::Derived => "derived",
        Evidence::Header => "header",
    }
}

fn window_parts(window: Window) -> (&'static str, Option<i64>) {
    match window {
        Window::Bucket { length } => ("bucket", Some(length.as_seconds())),
        Window::Instant => ("instant", None),
        Window::SinceStart => ("since-start", None),
        Window::Trailing { length } => ("trailing", Some(length.as_seconds())),
    }
}

/// The window of a cell; `Some(None)` where none is known.
fn window(word: &str, seconds: Option<i64>) -> Option<Option<Window>> {
    let length = seconds.map(Step::seconds);
    Some(match word {
        "" => None,
        "bucket" => Some(Window::Bucket { length: length? }),
        "instant" => Some(Window::Instant),
        "since-start" => Some(Window::SinceStart),
        "trailing" => Some(Window::Trailing { length: length? }),
        _ => return None,
    })
}

fn octets(hex: &str) -> Option<Bytes> {
    let digits = hex.as_bytes().chunks(2);
    let octet = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    digits
        .map(octet)
        .collect::<Option<Vec<u8>>>()
        .map(Bytes::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grib::naming::Tables;
    use crate::source::Catalog;
    use crate::template::builtin::builtin;

    /// The built-in templates of every source that has an inventory.
    fn templates() -> Vec<Template> {
        let (catalog, tables) = (Catalog::builtin().unwrap(), Tables::builtin().unwrap());
        let run: Run = "2026-07-06T00".parse().unwrap();
        let mut templates = Vec::new();
        for source in catalog.sources() {
            let Ok(era) = source.era_of(run) else {
                continue;
            };
            let named = era
                .streams
                .iter()
                .filter_map(|stream| Some((stream.id.clone(), stream.inventory.as_deref()?)));
            let inventories: Vec<_> = named
                .map(|(id, name)| (id, catalog.inventory(name).unwrap()))
                .collect();
            templates.extend(builtin((source, era), run, &inventories, &tables).unwrap());
        }
        templates
    }

    #[test]
    fn a_template_is_read_as_it_was_written() {
        let templates = templates();
        assert_eq!(templates.len(), 3);
        for template in templates {
            let bytes = Bytes::from(template.write().unwrap());
            let read = Template::read(&bytes).unwrap();
            assert_eq!(read, template);
            assert_eq!(read.id(), template.id());
            assert_eq!(read.write().unwrap(), bytes);
        }
    }

    #[test]
    fn a_table_that_is_no_template_is_refused() {
        let bytes = Bytes::from(Table::default().write().unwrap());
        assert!(matches!(Template::read(&bytes), Err(FileError::Footer)));
        assert!(matches!(
            Template::read(&Bytes::from_static(b"PAR1")),
            Err(FileError::Columns(_))
        ));
    }

    #[test]
    fn templates_that_differ_have_other_ids() {
        let mut template = templates().remove(0);
        let id = template.id();
        template.rows.pop();
        assert_ne!(template.id(), id);
    }
}
