//! Stage 1: the groups and arrays of a store, without chunks.
//!
//! A group is one variable, one kind of step and one type of level, as kerchunk's `grib_tree` lays them out:
//! `{varname}/{stepType}/{typeOfLevel}`. Whether a level is a dimension is decided by the whole template, so that
//! asking for fewer variables or steps never changes the shape of what remains.

use std::collections::BTreeMap;

use crate::template::window::Window;
use crate::template::{Level, Row, Template, Variable};
use crate::time::Step;

/// The groups of a store, sorted by path.
#[derive(Clone, Debug, PartialEq)]
pub struct Tree {
    /// The groups.
    pub groups: Vec<Group>,
    /// Where messages of each template row go, in row order.
    pub places: Vec<Place>,
}

/// One group: arrays on the same levels and grid.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// The variable that the group is named after.
    pub variable: Variable,
    /// Its levels, ascending; empty where the type of level has no value.
    pub levels: Vec<Level>,
    /// Index into [`Template::grids`].
    pub grid: usize,
    /// Whether messages speak of a window of time.
    pub windowed: bool,
    /// Whether totals from the start of the run stand beside buckets: a second array, `{varname}_total`.
    pub total: bool,
}

/// The place of a message in the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Index into [`Tree::groups`].
    pub group: usize,
    /// Whether it belongs to the array `{varname}_total`.
    pub total: bool,
    /// Index into [`Group::levels`]; 0 where there are none.
    pub level: usize,
}

/// Why rows of a template make no tree.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TreeError {
    /// Two kinds of message would be one chunk.
    #[error("{group}: `{first}` and `{second}` are the same variable, level and window")]
    Ambiguous {
        /// Path of the group.
        group: String,
        /// How the index names the one.
        first: String,
        /// How the index names the other.
        second: String,
    },
    /// Rows of one group lie on different grids.
    #[error("{group}: `{first}` and `{second}` lie on different grids")]
    Grids {
        /// Path of the group.
        group: String,
        /// How the index names the one.
        first: String,
        /// How the index names the other.
        second: String,
    },
}

impl Group {
    /// `{varname}/{stepType}/{typeOfLevel}`.
    pub fn path(&self) -> String {
        self.variable.path()
    }

    /// Whether the level is a dimension of the arrays.
    pub fn has_level_dimension(&self) -> bool {
        self.levels.len() > 1
    }
}

/// Builds the tree of a template.
pub fn build(template: &Template) -> Result<Tree, TreeError> {
    let mut by_path: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, row) in template.rows.iter().enumerate() {
        by_path.entry(row.path()).or_default().push(at);
    }
    let mut groups = Vec::with_capacity(by_path.len());
    let mut places = vec![
        Place {
            group: 0,
            total: false,
            level: 0
        };
        template.rows.len()
    ];
    for (path, members) in by_path {
        let rows: Vec<(usize, &Row)> = members
            .into_iter()
            .filter_map(|at| template.rows.get(at).map(|row| (at, row)))
            .collect();
        let Some((_, first)) = rows.first() else {
            continue;
        };
        if let Some((_, other)) = rows.iter().find(|(_, row)| row.grid != first.grid) {
            return Err(TreeError::Grids {
                group: path,
                first: first.label.clone(),
                second: other.label.clone(),
            });
        }
        let levels = levels(&rows);
        let totals = totals(&rows, &path)?;
        for (at, row) in &rows {
            let level = levels
                .iter()
                .position(|level| Some(*level) == row.level)
                .unwrap_or(0);
            if let Some(place) = places.get_mut(*at) {
                *place = Place {
                    group: groups.len(),
                    total: totals.contains(at),
                    level,
                };
            }
        }
        groups.push(Group {
            variable: first.variable.clone(),
            levels,
            grid: first.grid,
            windowed: rows
                .iter()
                .any(|(_, row)| row.window.is_some_and(|window| window != Window::Instant)),
            total: !totals.is_empty(),
        });
    }
    Ok(Tree { groups, places })
}

/// Distinct levels, ascending by value, then by bounds.
fn levels(rows: &[(usize, &Row)]) -> Vec<Level> {
    let mut levels: Vec<Level> = Vec::new();
    for level in rows.iter().filter_map(|(_, row)| row.level) {
        if !levels.contains(&level) {
            levels.push(level);
        }
    }
    let bounds = |level: &Level| level.bounds.unwrap_or((level.value, level.value));
    levels.sort_by(|a, b| {
        let ((a_top, a_bottom), (b_top, b_bottom)) = (bounds(a), bounds(b));
        a.value
            .total_cmp(&b.value)
            .then(a_top.total_cmp(&b_top))
            .then(a_bottom.total_cmp(&b_bottom))
    });
    levels
}

/// Rows that are totals from the start of the run beside a bucket of the same level.
fn totals(rows: &[(usize, &Row)], path: &str) -> Result<Vec<usize>, TreeError> {
    let mut totals = Vec::new();
    for (nth, (a_at, a)) in rows.iter().enumerate() {
        for (b_at, b) in rows.iter().skip(nth + 1) {
            // A member is in one stream: what two streams hold alike is of different members.
            let apart = a.stream != b.stream || a.level != b.level;
            if apart || !share_a_step(a.steps, b.steps) {
                continue;
            }
            let total = match (a.window, b.window) {
                (
                    Some(Window::SinceStart),
                    Some(Window::Bucket { .. } | Window::Trailing { .. }),
                ) => *a_at,
                (
                    Some(Window::Bucket { .. } | Window::Trailing { .. }),
                    Some(Window::SinceStart),
                ) => *b_at,
                _ => {
                    return Err(TreeError::Ambiguous {
                        group: path.to_owned(),
                        first: a.label.clone(),
                        second: b.label.clone(),
                    });
                }
            };
            if !totals.contains(&total) {
                totals.push(total);
            }
        }
    }
    Ok(totals)
}

fn share_a_step(a: (Step, Step), b: (Step, Step)) -> bool {
    a.0 <= b.1 && b.0 <= a.1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::{Key, Level as KeyLevel, Parameter, When, Word};
    use crate::template::Evidence;

    fn row(parameter: &str, level: f64, window: Window) -> Row {
        Row {
            key: Key {
                parameter: Parameter::Name(parameter.to_owned().into()),
                level: KeyLevel::Mars {
                    levtype: Word::EMPTY,
                    levelist: None,
                },
                when: When::Unstated,
                statistic: None,
                member: None,
                mars: None,
                extra: "".into(),
                occurrence: 0,
            },
            stream: String::new(),
            label: format!("{parameter}:{level} mb"),
            example: String::new(),
            steps: (Step::ZERO, Step::hours(240)),
            variable: Variable {
                var_name: parameter.to_lowercase(),
                short_name: parameter.to_lowercase(),
                param_id: None,
                name: parameter.to_owned(),
                units: "1".to_owned(),
                standard_name: None,
                step_type: "instant".to_owned(),
                type_of_level: "isobaricInhPa".to_owned(),
            },
            level: Some(Level {
                value: level,
                bounds: None,
            }),
            window: Some(window),
            grid: 0,
            packing: None,
            disputed: false,
            evidence: Evidence::Header,
        }
    }

    fn template(rows: Vec<Row>) -> Template {
        Template {
            source: "test".to_owned(),
            era: String::new(),
            dialect: crate::index::Dialect::Noaa,
            run: None,
            grids: Vec::new(),
            rows,
        }
    }

    #[test]
    fn several_levels_are_a_dimension_in_ascending_order() {
        let rows = vec![
            row("U", 850.0, Window::Instant),
            row("U", 500.0, Window::Instant),
        ];
        let tree = build(&template(rows)).unwrap();
        assert_eq!(tree.groups.len(), 1);
        assert_eq!(
            tree.groups[0]
                .levels
                .iter()
                .map(|level| level.value)
                .collect::<Vec<_>>(),
            [500.0, 850.0]
        );
        assert!(tree.groups[0].has_level_dimension());
        assert_eq!(
            tree.places
                .iter()
                .map(|place| place.level)
                .collect::<Vec<_>>(),
            [1, 0]
        );
    }

    #[test]
    fn a_total_beside_a_bucket_is_an_array_of_its_own() {
        let bucket = Window::Bucket {
            length: Step::hours(6),
        };
        let tree = build(&template(vec![
            row("TP", 0.0, bucket),
            row("TP", 0.0, Window::SinceStart),
        ]))
        .unwrap();
        assert!(tree.groups[0].total);
        assert_eq!(
            tree.places
                .iter()
                .map(|place| place.total)
                .collect::<Vec<_>>(),
            [false, true]
        );
        let alone = build(&template(vec![row("TP", 0.0, Window::SinceStart)])).unwrap();
        assert!(
            !alone.groups[0].total,
            "a total without a bucket keeps the variable's name"
        );
    }

    #[test]
    fn two_rows_in_one_place_are_an_error_that_names_both() {
        let error = build(&template(vec![
            row("U", 850.0, Window::Instant),
            row("U", 850.0, Window::Instant),
        ]));
        assert_eq!(
            error.unwrap_err().to_string(),
            "u/instant/isobaricInhPa: `U:850 mb` and `U:850 mb` are the same variable, level and window"
        );
    }

    #[test]
    fn rows_that_follow_each_other_share_a_place() {
        let mut early = row(
            "FG",
            10.0,
            Window::Trailing {
                length: Step::hours(3),
            },
        );
        early.steps = (Step::hours(3), Step::hours(144));
        let mut late = row(
            "FG",
            10.0,
            Window::Trailing {
                length: Step::hours(6),
            },
        );
        late.steps = (Step::hours(150), Step::hours(360));
        assert!(!build(&template(vec![early, late])).unwrap().groups[0].total);
    }
}
