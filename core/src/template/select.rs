//! Which variables are asked for: `t2m,tp,u@700`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{Row, Template};
use crate::identity::Parameter;
use crate::source::inventory;

/// One variable asked for, perhaps on one level.
///
/// The name is ecCodes' `cfVarName` or `shortName`, or what the index itself writes; the level follows an `@`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Selector {
    name: String,
    level: Option<f64>,
}

/// Why a list of variables selects nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SelectError {
    /// The text after `@` is no number.
    #[error("`{text}`: the level after @ must be a number, such as u@700")]
    Level {
        /// What was found.
        text: String,
    },
    /// Nothing stands before the `@`.
    #[error("`{text}` names no variable")]
    Empty {
        /// What was found.
        text: String,
    },
    /// The source has no such variable.
    #[error("no variable `{selector}` here; there are: {known}")]
    Unknown {
        /// What was asked for.
        selector: String,
        /// Names that would select something.
        known: String,
    },
}

impl Selector {
    /// The name that was typed.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The level that was typed.
    pub fn level(&self) -> Option<f64> {
        self.level
    }

    /// Whether a row is what was asked for.
    pub fn matches(&self, row: &Row) -> bool {
        let variable = &row.variable;
        let in_index = matches!(&row.key.parameter, Parameter::Name(name) if *name == self.name);
        let named = in_index || [&variable.var_name, &variable.short_name].contains(&&self.name);
        named
            && self
                .level
                .is_none_or(|level| row.level.is_some_and(|found| found.value == level))
    }

    /// Whether an inventory lists it, in whatever era.
    pub fn is_listed(&self, row: &inventory::Row) -> bool {
        let names = [&row.index_name, &row.cf_var_name, &row.short_name];
        names.contains(&&self.name)
            && (self.level.is_none()
                || row.levels.is_empty()
                || row
                    .levels
                    .iter()
                    .any(|level| self.level == Some(f64::from(*level))))
    }
}

/// Which rows are selected; all where no selector is given.
pub fn select(template: &Template, selectors: &[Selector]) -> Vec<bool> {
    let chosen =
        |row: &Row| selectors.is_empty() || selectors.iter().any(|selector| selector.matches(row));
    template.rows.iter().map(chosen).collect()
}

/// Proves that every selector selects something.
///
/// # Errors
/// [`SelectError::Unknown`] for a selector that no row matches: it would be missed in silence.
pub fn known(rows: &[&Row], selectors: &[Selector]) -> Result<(), SelectError> {
    let missed = |selector: &&Selector| !rows.iter().any(|row| selector.matches(row));
    let Some(unknown) = selectors.iter().find(missed) else {
        return Ok(());
    };
    let mut known: Vec<&str> = rows
        .iter()
        .map(|row| row.variable.var_name.as_str())
        .collect();
    known.sort_unstable();
    known.dedup();
    Err(SelectError::Unknown {
        selector: unknown.to_string(),
        known: known.join(", "),
    })
}

impl FromStr for Selector {
    type Err = SelectError;

    fn from_str(text: &str) -> Result<Self, SelectError> {
        let text = text.trim();
        let (name, level) = match text.split_once('@') {
            None => (text, None),
            Some((name, level)) => {
                let number = level.parse().ok().filter(|number: &f64| number.is_finite());
                (
                    name,
                    Some(number.ok_or_else(|| SelectError::Level {
                        text: text.to_owned(),
                    })?),
                )
            }
        };
        if name.is_empty() {
            return Err(SelectError::Empty {
                text: text.to_owned(),
            });
        }
        Ok(Self {
            name: name.to_owned(),
            level,
        })
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.level {
            None => f.write_str(&self.name),
            Some(level) => write!(f, "{}@{level}", self.name),
        }
    }
}

impl TryFrom<String> for Selector {
    type Error = SelectError;

    fn try_from(text: String) -> Result<Self, SelectError> {
        text.parse()
    }
}

impl From<Selector> for String {
    fn from(selector: Selector) -> Self {
        selector.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::{Key, Level as KeyLevel, When, Word};
    use crate::template::{Evidence, Level, Variable};
    use crate::time::Step;

    fn template() -> Template {
        let row = |parameter: &str, var_name: &str, short_name: &str, level: Option<f64>| Row {
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
            label: parameter.to_owned(),
            example: String::new(),
            steps: (Step::ZERO, Step::ZERO),
            variable: Variable {
                var_name: var_name.to_owned(),
                short_name: short_name.to_owned(),
                param_id: None,
                name: String::new(),
                units: String::new(),
                standard_name: None,
                step_type: "instant".to_owned(),
                type_of_level: "isobaricInhPa".to_owned(),
            },
            level: level.map(|value| Level {
                value,
                bounds: None,
            }),
            window: None,
            grid: 0,
            packing: None,
            disputed: false,
            evidence: Evidence::Derived,
        };
        let rows = vec![
            row("TMP", "t2m", "2t", None),
            row("UGRD", "u", "u", Some(700.0)),
            row("UGRD", "u", "u", Some(850.0)),
        ];
        Template {
            source: String::new(),
            era: String::new(),
            dialect: crate::index::Dialect::Noaa,
            run: None,
            grids: Vec::new(),
            rows,
        }
    }

    fn chosen(text: &str) -> Result<Vec<bool>, SelectError> {
        let selectors: Result<Vec<Selector>, _> = text.split(',').map(str::parse).collect();
        let (template, selectors) = (template(), selectors?);
        known(&template.rows.iter().collect::<Vec<_>>(), &selectors)?;
        Ok(select(&template, &selectors))
    }

    #[test]
    fn a_variable_has_three_names() {
        for name in ["t2m", "2t", "TMP"] {
            assert_eq!(chosen(name).unwrap(), [true, false, false], "{name}");
        }
    }

    #[test]
    fn a_level_narrows() {
        assert_eq!(chosen("t2m,u@700").unwrap(), [true, true, false]);
        assert_eq!(chosen("u").unwrap(), [false, true, true]);
        assert_eq!(select(&template(), &[]), [true, true, true]);
    }

    #[test]
    fn what_selects_nothing_is_an_error_that_says_what_there_is() {
        assert_eq!(
            chosen("u@500").unwrap_err().to_string(),
            "no variable `u@500` here; there are: t2m, u"
        );
        assert!(matches!(chosen("u@low"), Err(SelectError::Level { .. })));
        assert!(matches!(chosen("t2m,"), Err(SelectError::Empty { .. })));
    }
}
