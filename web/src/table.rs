//! The inventory: messages of indexes, GRIB files or references, filtered, sorted and counted.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::protocol::{Column, Facets, Row, Rows, RowsWanted, Sort};

/// Messages with what there is to say of them.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// Kinds of messages.
    pub kinds: Vec<Kind>,
    /// Names of members.
    pub members: Vec<String>,
    /// The files.
    pub objects: Vec<Object>,
    /// The messages.
    pub messages: Vec<Message>,
    /// What was last asked for, and the messages that fit, in order.
    last: Option<(RowsWanted, Vec<u32>, Facets)>,
}

/// A kind of message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kind {
    /// The variable.
    pub variable: String,
    /// The level.
    pub level: String,
    /// How the file writes it.
    pub label: String,
}

/// A file of messages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Object {
    /// Address of its index; empty where there is none.
    pub index_url: String,
    /// Its address.
    pub data_url: String,
}

/// A message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message {
    /// Index into [`Table::kinds`].
    pub kind: u32,
    /// The step, in seconds.
    pub step: Option<i64>,
    /// The window of time, in seconds.
    pub window: Option<(i64, i64)>,
    /// Index into [`Table::members`].
    pub member: Option<u16>,
    /// Index into [`Table::objects`].
    pub object: u32,
    /// Line of the index, or number of the message, from 1.
    pub line: u32,
    /// First byte.
    pub offset: u64,
    /// Bytes.
    pub length: Option<u64>,
}

impl Table {
    /// The number of a kind, which is added where it is new.
    pub fn kind(&mut self, kind: Kind) -> u32 {
        let known = self.kinds.iter().position(|known| *known == kind);
        let at = known.unwrap_or_else(|| {
            self.kinds.push(kind);
            self.kinds.len() - 1
        });
        u32::try_from(at).unwrap_or(u32::MAX)
    }

    /// The number of a member, which is added where it is new.
    pub fn member(&mut self, name: &str) -> u16 {
        let known = self.members.iter().position(|known| known == name);
        let at = known.unwrap_or_else(|| {
            self.members.push(name.to_owned());
            self.members.len() - 1
        });
        u16::try_from(at).unwrap_or(u16::MAX)
    }

    /// A window of the messages that fit, with values to choose from.
    pub fn rows(&mut self, wanted: &RowsWanted) -> Rows {
        let question = RowsWanted {
            first: 0,
            count: 0,
            ..wanted.clone()
        };
        let (_, chosen, facets) = match self.last.take() {
            Some(last) if last.0 == question => self.last.insert(last),
            _ => {
                let found = self.choose(&question);
                let (chosen, facets) = found;
                self.last.insert((question, chosen, facets))
            }
        };
        let (chosen, facets) = (chosen.clone(), facets.clone());
        let first = (wanted.first as usize).min(chosen.len());
        let end = (first + wanted.count as usize).min(chosen.len());
        let bytes = chosen
            .iter()
            .filter_map(|at| self.messages.get(*at as usize)?.length);
        Rows {
            total: count(chosen.len()),
            bytes: bytes.sum(),
            first: count(first),
            rows: chosen[first..end]
                .iter()
                .filter_map(|at| self.row(*at))
                .collect(),
            facets,
        }
    }

    /// A message as it is shown.
    pub fn row(&self, at: u32) -> Option<Row> {
        let message = self.messages.get(at as usize)?;
        let kind = self.kinds.get(message.kind as usize)?;
        Some(Row {
            message: at,
            variable: kind.variable.clone(),
            level: kind.level.clone(),
            step: step_text(message.step),
            window: window_text(message.window),
            member: self.member_name(message).to_owned(),
            offset: message.offset,
            length: message.length,
        })
    }

    fn member_name(&self, message: &Message) -> &str {
        let name = message
            .member
            .and_then(|at| self.members.get(usize::from(at)));
        name.map_or("", String::as_str)
    }

    fn choose(&self, wanted: &RowsWanted) -> (Vec<u32>, Facets) {
        let words: Vec<String> = wanted
            .filter
            .split_whitespace()
            .map(str::to_lowercase)
            .collect();
        // A word is looked for once in each kind, not in each message.
        let in_kinds: Vec<Vec<bool>> = self
            .kinds
            .iter()
            .map(|kind| {
                let text =
                    format!("{} {} {}", kind.variable, kind.level, kind.label).to_lowercase();
                words
                    .iter()
                    .map(|word| text.contains(word.as_str()))
                    .collect()
            })
            .collect();
        let mut variables: BTreeMap<&str, u32> = BTreeMap::new();
        let mut levels: BTreeMap<&str, u32> = BTreeMap::new();
        let mut steps: BTreeMap<Option<i64>, u32> = BTreeMap::new();
        let mut chosen = Vec::new();
        for (at, message) in (0..).zip(&self.messages) {
            let Some(kind) = self.kinds.get(message.kind as usize) else {
                continue;
            };
            let found = in_kinds
                .get(message.kind as usize)
                .map_or(&[][..], Vec::as_slice);
            let fits = found.iter().zip(&words).all(|(found, word)| {
                *found
                    || step_text(message.step) == *word
                    || self.member_name(message).to_lowercase().contains(word)
            });
            if !fits {
                continue;
            }
            let is = |wanted: &Option<String>, text: &str| {
                wanted.as_deref().is_none_or(|wanted| wanted == text)
            };
            let (variable, level, step) = (
                is(&wanted.variable, &kind.variable),
                is(&wanted.level, &kind.level),
                is(&wanted.step, &step_text(message.step)),
            );
            if level && step {
                *variables.entry(&kind.variable).or_default() += 1;
            }
            if variable && step {
                *levels.entry(&kind.level).or_default() += 1;
            }
            if variable && level {
                *steps.entry(message.step).or_default() += 1;
            }
            if variable && level && step {
                chosen.push(at);
            }
        }
        self.sort(&mut chosen, wanted.sort);
        let owned = |values: BTreeMap<&str, u32>| {
            let values = values.into_iter();
            values
                .map(|(value, count)| (value.to_owned(), count))
                .collect()
        };
        let facets = Facets {
            variables: owned(variables),
            levels: natural(owned(levels)),
            steps: steps
                .into_iter()
                .map(|(step, count)| (step_text(step), count))
                .collect(),
        };
        (chosen, facets)
    }

    fn sort(&self, chosen: &mut [u32], sort: Sort) {
        let message = |at: &u32| self.messages.get(*at as usize);
        let order = |a: &u32, b: &u32| -> Ordering {
            let (Some(first), Some(second)) = (message(a), message(b)) else {
                return Ordering::Equal;
            };
            let kind = |message: &Message| self.kinds.get(message.kind as usize);
            let order = match sort.column {
                Column::Place => Ordering::Equal,
                Column::Variable => kind(first)
                    .map(|kind| &kind.variable)
                    .cmp(&kind(second).map(|kind| &kind.variable)),
                Column::Level => {
                    let level = |message| kind(message).map_or("", |kind| kind.level.as_str());
                    compare(level(first), level(second))
                }
                Column::Step => first.step.cmp(&second.step),
                Column::Window => first.window.cmp(&second.window),
                Column::Member => first.member.cmp(&second.member),
                Column::Offset => first.offset.cmp(&second.offset),
                Column::Length => first.length.cmp(&second.length),
            };
            let order = if sort.descending {
                order.reverse()
            } else {
                order
            };
            order.then(a.cmp(b))
        };
        if sort != Sort::default() {
            chosen.sort_by(order);
        }
    }
}

/// Levels by their numbers: 50 before 500 before 1000.
fn natural(mut values: Vec<(String, u32)>) -> Vec<(String, u32)> {
    values.sort_by(|a, b| compare(&a.0, &b.0));
    values
}

/// Texts by their first number where both have one, then by their letters.
fn compare(a: &str, b: &str) -> Ordering {
    let number = |text: &str| {
        let digits = |letter: char| letter.is_ascii_digit() || letter == '.';
        let text = &text[text.find(digits)?..];
        let end = text.find(|letter| !digits(letter)).unwrap_or(text.len());
        text[..end].parse::<f64>().ok()
    };
    let rest = |text: &str| -> String {
        text.chars()
            .filter(|letter| letter.is_alphabetic())
            .collect()
    };
    let by_number = || number(a).partial_cmp(&number(b)).unwrap_or(Ordering::Equal);
    rest(a)
        .cmp(&rest(b))
        .then_with(by_number)
        .then_with(|| a.cmp(b))
}

/// A step in hours, or in hours and minutes where it is not on the hour.
pub fn step_text(seconds: Option<i64>) -> String {
    match seconds {
        None => String::new(),
        Some(seconds) if seconds % 3600 == 0 => (seconds / 3600).to_string(),
        Some(seconds) => format!("{}:{:02}", seconds / 3600, seconds / 60 % 60),
    }
}

/// A window as `0-6`.
pub fn window_text(window: Option<(i64, i64)>) -> String {
    window.map_or_else(String::new, |(start, end)| {
        format!("{}-{}", step_text(Some(start)), step_text(Some(end)))
    })
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::default();
        for (variable, level) in [
            ("TMP", "2 m above ground"),
            ("UGRD", "500 mb"),
            ("UGRD", "1000 mb"),
        ] {
            let kind = Kind {
                variable: variable.to_owned(),
                level: level.to_owned(),
                label: format!("{variable}:{level}"),
            };
            let kind = table.kind(kind);
            let member = table.member("gep01");
            for step in [0_i64, 10_800, 21_600] {
                let at = table.messages.len() as u64;
                table.messages.push(Message {
                    kind,
                    step: Some(step),
                    window: None,
                    member: Some(member),
                    object: 0,
                    line: 1,
                    offset: 1000 - at,
                    length: Some(at + 1),
                });
            }
        }
        table
    }

    fn wanted() -> RowsWanted {
        RowsWanted {
            count: 100,
            ..RowsWanted::default()
        }
    }

    #[test]
    fn words_are_looked_for_in_all_columns() {
        let mut table = table();
        let rows = table.rows(&RowsWanted {
            filter: "ugrd mb GEP01".to_owned(),
            ..wanted()
        });
        assert_eq!((rows.total, rows.bytes), (6, 4 + 5 + 6 + 7 + 8 + 9));
        let rows = table.rows(&RowsWanted {
            filter: "tmp 3".to_owned(),
            ..wanted()
        });
        assert_eq!(rows.rows[0].step, "3");
        assert_eq!(rows.total, 1);
    }

    #[test]
    fn a_choice_of_one_column_leaves_the_counts_of_its_others() {
        let rows = table().rows(&RowsWanted {
            variable: Some("TMP".to_owned()),
            ..wanted()
        });
        assert_eq!(rows.total, 3);
        assert_eq!(
            rows.facets.variables,
            [("TMP".to_owned(), 3), ("UGRD".to_owned(), 6)]
        );
        assert_eq!(rows.facets.levels, [("2 m above ground".to_owned(), 3)]);
    }

    #[test]
    fn rows_are_sorted_and_cut() {
        let mut table = table();
        let rows = table.rows(&RowsWanted {
            sort: Sort {
                column: Column::Offset,
                descending: false,
            },
            first: 7,
            ..wanted()
        });
        let numbers: Vec<u32> = rows.rows.iter().map(|row| row.message).collect();
        assert_eq!((rows.first, numbers), (7, vec![1, 0]));
        let rows = table.rows(&RowsWanted {
            sort: Sort {
                column: Column::Level,
                descending: true,
            },
            ..wanted()
        });
        assert_eq!(rows.rows[0].level, "1000 mb");
        let rows = table.rows(&RowsWanted {
            first: 1000,
            ..wanted()
        });
        assert_eq!((rows.total, rows.rows.len()), (9, 0));
    }

    #[test]
    fn levels_are_ordered_by_number() {
        let values = ["500 mb", "50 mb", "1000 mb", "surface"];
        let values = values.map(|text| (text.to_owned(), 1)).to_vec();
        let order: Vec<String> = natural(values).into_iter().map(|one| one.0).collect();
        assert_eq!(order, ["50 mb", "500 mb", "1000 mb", "surface"]);
    }
}
