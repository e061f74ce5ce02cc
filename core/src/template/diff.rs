//! What differs between two templates, and why it matters.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{Level, Row, Template, TemplateGrid, Variable};
use crate::identity::Key;
use crate::time::Step;

/// One difference of two templates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// What differs.
    pub what: What,
    /// How the index writes the message; empty where the difference is none of single messages.
    pub label: String,
    /// What the first template says; `None` where it says nothing.
    pub first: Option<String>,
    /// What the second template says; `None` where it says nothing.
    pub second: Option<String>,
}

/// What can differ between two templates, what matters most first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum What {
    /// They are of other sources.
    Source,
    /// They are of other eras.
    Era,
    /// Values lie on other points.
    Grid,
    /// A message is another variable.
    Variable,
    /// A message is on another level.
    Level,
    /// A message speaks of another part of the run.
    Window,
    /// Only the first has the message.
    OnlyInFirst,
    /// Only the second has the message.
    OnlyInSecond,
    /// The message comes at other steps.
    Steps,
    /// Values are packed in another way.
    Packing,
}

impl What {
    /// Why it matters.
    pub fn matters(self) -> &'static str {
        match self {
            Self::Source => "a template of another source is refused",
            Self::Era => {
                "a template of another era is refused: paths, members or levels changed between them"
            }
            Self::Grid => "shapes and coordinates would be wrong: build a template of each",
            Self::Variable => "values would stand under another variable's name",
            Self::Level => "values would stand on another level",
            Self::Window => "totals and means would be taken for those of another time",
            Self::OnlyInFirst => "with the second template this message is reported and left out",
            Self::OnlyInSecond => "with the first template this message is reported and left out",
            Self::Steps => {
                "outside of its steps a message is reported and left out; inside it may be missed as a gap"
            }
            Self::Packing => "decoders need another unpacking; references stay the same",
        }
    }
}

/// Compares two templates: as a whole, then kind by kind. What one does not know is no difference.
pub fn diff(first: &Template, second: &Template) -> Vec<Difference> {
    let mut found = Vec::new();
    let mut whole = |what, a: &str, b: &str| {
        if a != b {
            found.push(Difference {
                what,
                label: String::new(),
                first: Some(a.to_owned()),
                second: Some(b.to_owned()),
            });
        }
    };
    whole(What::Source, &first.source, &second.source);
    whole(What::Era, &first.era, &second.era);
    let (of_first, of_second) = (by_key(first), by_key(second));
    let mut grids: BTreeSet<(usize, usize)> = BTreeSet::new();
    for (key, rows) in &of_first {
        let Some(others) = of_second.get(key) else {
            found.extend(rows.first().map(|row| only(What::OnlyInFirst, row)));
            continue;
        };
        for row in rows {
            let Some(other) = counterpart(row, others) else {
                continue;
            };
            rows_differ(row, other, &mut found);
            let pair = (row.grid, other.grid);
            let (a, b) = (first.grids.get(row.grid), second.grids.get(other.grid));
            // Two grids differ once, however many messages lie on them.
            if grids.insert(pair) && !same_grid(a, b) {
                let words = |grid: Option<&TemplateGrid>| grid.map(ToString::to_string);
                found.push(Difference {
                    what: What::Grid,
                    label: String::new(),
                    first: words(a),
                    second: words(b),
                });
            }
        }
        found.extend(steps_differ(rows, others));
    }
    let added = of_second
        .iter()
        .filter(|(key, _)| !of_first.contains_key(*key));
    found.extend(
        added.filter_map(|(_, rows)| rows.first().map(|row| only(What::OnlyInSecond, row))),
    );
    found.sort_by(|a, b| (a.what, &a.label).cmp(&(b.what, &b.label)));
    found.dedup();
    found
}

type Rows<'a> = BTreeMap<(&'a str, &'a Key<'static>), Vec<&'a Row>>;

fn by_key(template: &Template) -> Rows<'_> {
    let mut rows = Rows::new();
    for row in &template.rows {
        rows.entry((row.stream.as_str(), &row.key))
            .or_default()
            .push(row);
    }
    rows
}

/// The row of the same messages: of those that share a step, the one with the same window.
fn counterpart<'a>(row: &Row, others: &[&'a Row]) -> Option<&'a Row> {
    let shared = |other: &&&Row| row.steps.0 <= other.steps.1 && other.steps.0 <= row.steps.1;
    let mut sharing = others.iter().filter(shared);
    let same = others
        .iter()
        .filter(shared)
        .find(|other| other.window == row.window);
    same.or_else(|| sharing.next()).copied()
}

fn rows_differ(row: &Row, other: &Row, found: &mut Vec<Difference>) {
    let mut compare = |what, first: Option<String>, second: Option<String>| {
        if first != second {
            found.push(Difference {
                what,
                label: row.label.clone(),
                first,
                second,
            });
        }
    };
    let words = |variable: &Variable| {
        let Variable {
            var_name,
            step_type,
            type_of_level,
            units,
            ..
        } = variable;
        Some(format!("{var_name}/{step_type}/{type_of_level} in {units}"))
    };
    compare(What::Variable, words(&row.variable), words(&other.variable));
    let level = |level: Option<Level>| {
        level.map(|level| match level.bounds {
            Some((top, bottom)) => format!("{} ({top} to {bottom})", level.value),
            None => level.value.to_string(),
        })
    };
    compare(What::Level, level(row.level), level(other.level));
    if let (Some(a), Some(b)) = (row.window, other.window) {
        compare(What::Window, Some(a.to_string()), Some(b.to_string()));
    }
    if let (Some(a), Some(b)) = (row.packing, other.packing) {
        compare(
            What::Packing,
            Some(format!("5.{a}")),
            Some(format!("5.{b}")),
        );
    }
}

fn steps_differ(rows: &[&Row], others: &[&Row]) -> Option<Difference> {
    let span = |rows: &[&Row]| -> Option<(Step, Step)> {
        let first = rows.iter().map(|row| row.steps.0).min()?;
        let last = rows.iter().map(|row| row.steps.1).max()?;
        Some((first, last))
    };
    let (a, b) = (span(rows)?, span(others)?);
    let words = |(first, last): (Step, Step)| Some(format!("{first} to {last}"));
    (a != b).then(|| Difference {
        what: What::Steps,
        label: rows
            .first()
            .map(|row| row.label.clone())
            .unwrap_or_default(),
        first: words(a),
        second: words(b),
    })
}

fn only(what: What, row: &Row) -> Difference {
    let words = Some(format!(
        "{}/{}/{}",
        row.variable.var_name, row.variable.step_type, row.variable.type_of_level
    ));
    let (first, second) = match what {
        What::OnlyInFirst => (words, None),
        _ => (None, words),
    };
    Difference {
        what,
        label: row.label.clone(),
        first,
        second,
    }
}

/// Whether values lie on the same points in the same order, whatever else section 3 says.
fn same_grid(first: Option<&TemplateGrid>, second: Option<&TemplateGrid>) -> bool {
    match (first, second) {
        (Some(a), Some(b)) => {
            let (a, b) = (a.grid(), b.grid());
            a == b
                || a.template == b.template
                    && a.points == b.points
                    && a.scan() == b.scan()
                    && a.coordinates()
                        .is_ok_and(|points| b.coordinates().is_ok_and(|others| points == others))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::{self, Dialect};
    use crate::listing::kind_of;
    use crate::source;
    use crate::template::window::Window;
    use crate::template::{Evidence, derive};

    fn grid(ni: u32, nj: u32) -> TemplateGrid {
        let increment = 360.0 / f64::from(ni);
        let grid = source::Grid::RegularLatLon {
            ni,
            nj,
            first_lat: 90.0,
            first_lon: 0.0,
            last_lat: -90.0,
            last_lon: 360.0 - increment,
            increment,
        };
        derive::grid(&grid).unwrap()
    }

    fn row(label: &str, var_name: &str, level: Option<f64>) -> Row {
        let line = format!("1:0:d=2025091800:{label}:3 hour fcst:\n");
        let record = &index::parse(Dialect::Noaa, line.as_bytes()).unwrap()[0];
        Row {
            key: kind_of(record.key.clone()).into_owned(),
            stream: "pgrb2sp25".to_owned(),
            label: label.to_owned(),
            example: record.example(),
            steps: (Step::ZERO, Step::hours(120)),
            variable: Variable {
                var_name: var_name.to_owned(),
                short_name: var_name.to_owned(),
                param_id: None,
                name: var_name.to_owned(),
                units: "K".to_owned(),
                standard_name: None,
                step_type: "instant".to_owned(),
                type_of_level: "surface".to_owned(),
            },
            level: level.map(|value| Level {
                value,
                bounds: None,
            }),
            window: None,
            grid: 0,
            packing: Some(3),
            disputed: false,
            evidence: Evidence::Header,
        }
    }

    fn template(rows: Vec<Row>) -> Template {
        Template {
            source: "a".to_owned(),
            era: "one".to_owned(),
            dialect: Dialect::Noaa,
            run: None,
            grids: vec![grid(36, 19)],
            rows,
        }
    }

    fn whats(a: &Template, b: &Template) -> Vec<What> {
        diff(a, b)
            .iter()
            .map(|difference| difference.what)
            .collect()
    }

    #[test]
    fn what_one_does_not_know_is_no_difference() {
        let known = template(vec![row("TMP:2 m above ground", "t2m", Some(2.0))]);
        let mut derived = known.clone();
        derived.rows[0].packing = None;
        derived.rows[0].evidence = Evidence::Derived;
        assert_eq!(whats(&known, &derived), []);
    }

    #[test]
    fn each_difference_is_named_with_both_sides() {
        let first = template(vec![
            row("TMP:2 m above ground", "t2m", Some(2.0)),
            row("APCP:surface", "tp", None),
        ]);
        let mut second = first.clone();
        second.era = "two".to_owned();
        second.grids = vec![grid(72, 37)];
        second.rows[0].level = Some(Level {
            value: 10.0,
            bounds: None,
        });
        second.rows[1].variable.var_name = "acpcp".to_owned();
        second.rows[1].window = Some(Window::SinceStart);
        second.rows[1].steps.1 = Step::hours(240);
        second.rows.push(row("GUST:surface", "gust", None));
        let found = diff(&first, &second);
        assert_eq!(
            whats(&first, &second),
            [
                What::Era,
                What::Grid,
                What::Variable,
                What::Level,
                What::OnlyInSecond,
                What::Steps
            ]
        );
        let grids = &found[1];
        assert!(grids.first.as_ref().unwrap().starts_with("36 x 19"));
        assert!(grids.second.as_ref().unwrap().starts_with("72 x 37"));
        assert_eq!(found[3].first.as_deref(), Some("2"));
        assert_eq!(found[3].second.as_deref(), Some("10"));
        assert_eq!(whats(&second, &first)[4], What::OnlyInFirst);
    }
}
