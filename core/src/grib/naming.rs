//! What a message is called: ecCodes' names, from tables of its definitions.
//!
//! The rule is that of ecCodes 2.50. Each of `paramId`, `shortName`, `name` and `units` is looked up by itself, first among
//! the entries of the centre (or of the project: TIGGE, S2S, ...) and the master's, then among ECMWF's and the master's, then
//! among legacy entries. An entry matches where all its conditions hold; most conditions win, and the last one on a tie.

mod concept;
mod from_header;
mod key;
mod level;
mod local;
mod step;
mod table;

use std::borrow::Cow;

pub use key::{Key, Keys, TimeRange, Value};
pub use level::{Level, level_of_surfaces};
pub use step::Steps;
pub use table::{TableError, Tables};

/// What a message is called.
#[derive(Clone, Debug, PartialEq)]
pub struct Names {
    /// ecCodes' `shortName`; where it has none, discipline, category and number: `d0c16n201`.
    pub short_name: Cow<'static, str>,
    /// ecCodes' `cfVarName`, the name of the variable; where it has none, as `short_name`.
    pub var_name: Cow<'static, str>,
    /// ecCodes' `paramId`, where it has one.
    pub param_id: Option<u32>,
    /// ecCodes' `name`, where it has one.
    pub name: Option<&'static str>,
    /// ecCodes' `units`, where it has them.
    pub units: Option<&'static str>,
    /// ecCodes' `cfName`, the standard name of the CF conventions, where it has one.
    pub standard_name: Option<&'static str>,
    /// ecCodes' `stepType`: `instant`, `accum`, `avg`, `max`, ...; `None` for statistics that it has no word for.
    pub step_type: Option<&'static str>,
    /// The level; `None` where the template has no surfaces.
    pub level: Option<Level>,
    /// The steps; `None` where the template has none or ecCodes cannot compute them.
    pub steps: Option<Steps>,
    /// ecCodes' `number`: that of the member (or of the cluster, or of the probability).
    pub number: Option<i64>,
}

impl Tables {
    /// The names of the message that has these keys.
    pub fn names(&self, keys: &Keys) -> Names {
        let message = concept::Message::new(self, keys);
        let found = message.parameter();
        let numbers = || numbers_name(keys);
        let short_name = found.short_name.map_or_else(numbers, Cow::Borrowed);
        let var_name = match (message.cf_var_name(), found.short_name) {
            (Some(name), _) => Cow::Borrowed(name),
            (None, Some(name)) => variable(name, found.id),
            (None, None) => numbers(),
        };
        Names {
            short_name,
            var_name,
            param_id: found.id,
            name: found.name,
            units: found.units,
            standard_name: message.standard_name(),
            step_type: message.step_type,
            level: message.level.map(|level| Level {
                kind: message.type_of_level().unwrap_or("unknown"),
                value: level.value,
                bounds: level.bounds,
            }),
            steps: Steps::of(message.keys(), message.steps),
            number: keys.present(Key::Number),
        }
    }
}

/// ecCodes' default of `cfVarName`: variables of NetCDF do not start with a digit.
fn variable(short_name: &'static str, id: Option<u32>) -> Cow<'static, str> {
    if short_name == "~" || short_name.starts_with(|first: char| first.is_ascii_digit()) {
        Cow::Owned(format!("p{}", id.unwrap_or_default()))
    } else {
        Cow::Borrowed(short_name)
    }
}

/// `d0c16n201`: a name for what has no name, so that it is neither dropped nor mistaken for another.
fn numbers_name(keys: &Keys) -> Cow<'static, str> {
    let mut name = String::new();
    for (letter, key) in [
        ('d', Key::Discipline),
        ('c', Key::ParameterCategory),
        ('n', Key::ParameterNumber),
    ] {
        name.push(letter);
        match keys.number(key) {
            Some(number) => name.push_str(&number.to_string()),
            None => name.push('-'),
        }
    }
    Cow::Owned(name)
}
