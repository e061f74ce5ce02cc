//! Path patterns: `{date}/{run}z/…/{date}{run}0000-{step}h-enfo-ef.grib2`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::SourceError;
use crate::time::{Date, Run};

/// A text with placeholders in braces.
///
/// | placeholder | stands for |
/// |---|---|
/// | `{date}` | day of the run, `20250918` |
/// | `{run}` | hour of the run, `06` |
/// | `{step}` | hours from the run; `{step:03}` pads with zeros to three digits |
/// | `{valid}` | day and hour of run plus step, `2025091809` |
/// | `{member}` | name of the member as file names spell it |
/// | `{number}` | number of the member; `{number:02}` pads |
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Pattern {
    parts: Vec<Part>,
}

/// What stands for the placeholders.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Values<'a> {
    pub(super) run: Option<Run>,
    pub(super) step_hours: Option<u32>,
    pub(super) member: Option<&'a str>,
    pub(super) number: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Place(Place),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Date,
    Member,
    Number { digits: usize },
    Run,
    Step { digits: usize },
    Valid,
}

impl Pattern {
    /// Puts the values in place, or `None` where one that the pattern asks for is not given or not in the calendar.
    pub(super) fn fill(&self, values: Values<'_>) -> Option<String> {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Text(literal) => text.push_str(literal),
                Part::Place(Place::Date) => text.push_str(&values.run?.date.to_string()),
                Part::Place(Place::Member) => text.push_str(values.member?),
                Part::Place(Place::Number { digits }) => {
                    text.push_str(&format!("{:0digits$}", values.number?));
                }
                Part::Place(Place::Run) => text.push_str(&format!("{:02}", values.run?.hour)),
                Part::Place(Place::Step { digits }) => {
                    text.push_str(&format!("{:0digits$}", values.step_hours?));
                }
                Part::Place(Place::Valid) => {
                    text.push_str(&valid_hour(values.run?, values.step_hours?)?);
                }
            }
        }
        Some(text)
    }

    /// Whether the pattern names a member, so that each member has a file of its own.
    pub(super) fn names_member(&self) -> bool {
        self.parts
            .iter()
            .any(|part| matches!(part, Part::Place(Place::Member | Place::Number { .. })))
    }

    /// Whether runs and steps have files of their own.
    pub(super) fn names_run_and_step(&self) -> bool {
        let has = |place: fn(&Place) -> bool| {
            self.parts
                .iter()
                .any(|part| matches!(part, Part::Place(found) if place(found)))
        };
        has(|place| matches!(place, Place::Date))
            && has(|place| matches!(place, Place::Run))
            && has(|place| matches!(place, Place::Step { .. } | Place::Valid))
    }
}

/// `YYYYMMDDHH` of the hour that a step is valid at.
fn valid_hour(run: Run, step_hours: u32) -> Option<String> {
    let hours = i64::from(run.hour) + i64::from(step_hours);
    let date = Date::from_days_since_epoch(run.date.days_since_epoch() + hours / 24)?;
    Some(format!("{date}{:02}", hours % 24))
}

impl FromStr for Pattern {
    type Err = SourceError;

    fn from_str(text: &str) -> Result<Self, SourceError> {
        let error = |place: &str| SourceError::Placeholder {
            pattern: text.to_owned(),
            place: place.to_owned(),
        };
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (inside, tail) = after.split_once('}').ok_or_else(|| error(after))?;
            if before.contains('}') {
                return Err(error(before));
            }
            if !before.is_empty() {
                parts.push(Part::Text(before.to_owned()));
            }
            parts.push(Part::Place(
                parse_place(inside).ok_or_else(|| error(inside))?,
            ));
            rest = tail;
        }
        if rest.contains('}') {
            return Err(error(rest));
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        Ok(Self { parts })
    }
}

fn parse_place(text: &str) -> Option<Place> {
    let (name, digits) = match text.split_once(':') {
        // `{step:3}` would be ambiguous: spaces or zeros?
        Some((name, width)) => {
            let digit = width.strip_prefix('0')?.parse::<usize>().ok()?;
            (name, Some(digit).filter(|digit| (1..=9).contains(digit))?)
        }
        None => (text, 0),
    };
    match (name, digits) {
        ("date", 0) => Some(Place::Date),
        ("member", 0) => Some(Place::Member),
        ("number", digits) => Some(Place::Number { digits }),
        ("run", 0) => Some(Place::Run),
        ("step", digits) => Some(Place::Step { digits }),
        ("valid", 0) => Some(Place::Valid),
        _ => None,
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = |digits: usize| match digits {
            0 => String::new(),
            digits => format!(":0{digits}"),
        };
        for part in &self.parts {
            match part {
                Part::Text(literal) => f.write_str(literal)?,
                Part::Place(Place::Date) => f.write_str("{date}")?,
                Part::Place(Place::Member) => f.write_str("{member}")?,
                Part::Place(Place::Number { digits }) => write!(f, "{{number{}}}", width(*digits))?,
                Part::Place(Place::Run) => f.write_str("{run}")?,
                Part::Place(Place::Step { digits }) => write!(f, "{{step{}}}", width(*digits))?,
                Part::Place(Place::Valid) => f.write_str("{valid}")?,
            }
        }
        Ok(())
    }
}

impl TryFrom<String> for Pattern {
    type Error = SourceError;

    fn try_from(text: String) -> Result<Self, SourceError> {
        text.parse()
    }
}

impl From<Pattern> for String {
    fn from(pattern: Pattern) -> Self {
        pattern.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values() -> Values<'static> {
        Values {
            run: Some("2025-12-31T18".parse().unwrap()),
            step_hours: Some(9),
            member: Some("a"),
            number: Some(7),
        }
    }

    #[test]
    fn placeholders_are_filled() {
        let text = "{date}/{run}z/{member}{number:02}.f{step:03}-{step}h.{valid}";
        let pattern: Pattern = text.parse().unwrap();
        assert_eq!(
            pattern.fill(values()).unwrap(),
            "20251231/18z/a07.f009-9h.2026010103"
        );
        assert_eq!(pattern.to_string(), text);
        assert!(pattern.names_member() && pattern.names_run_and_step());
    }

    #[test]
    fn a_value_that_is_not_given_is_not_invented() {
        let pattern: Pattern = "{date}/{member}".parse().unwrap();
        let values = Values {
            member: None,
            ..values()
        };
        assert_eq!(pattern.fill(values), None);
    }

    #[test]
    fn unknown_placeholders_are_named() {
        for text in [
            "{day}",
            "{step:3}",
            "{step:0}",
            "{date:02}",
            "{date",
            "date}",
            "{}",
            "{da{te}}",
        ] {
            assert!(
                matches!(
                    text.parse::<Pattern>(),
                    Err(SourceError::Placeholder { .. })
                ),
                "{text}"
            );
        }
    }
}
