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
mod reverse;
mod step;
mod table;

use std::borrow::Cow;

pub use key::{Key, Keys, TimeRange, Value};
pub use level::{Level, level_of_surfaces};
pub use reverse::{Candidate, LookupError, Numbers, Wanted};
pub use step::Steps;
pub use table::{TableError, TableTexts, Tables};

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

#[cfg(test)]
mod tests {
    use super::*;

    /// Two metres above ground, six hours ahead.
    fn keys(centre: u16, tables: u8, numbers: [u8; 3]) -> Keys {
        let mut keys = Keys::default();
        keys.set(Key::Centre, centre);
        keys.set(Key::TablesVersion, tables);
        keys.set(Key::Discipline, numbers[0]);
        keys.set(Key::ParameterCategory, numbers[1]);
        keys.set(Key::ParameterNumber, numbers[2]);
        keys.set(Key::ProductDefinitionTemplateNumber, 0_u8);
        keys.set(Key::IndicatorOfUnitOfTimeRange, 1_u8);
        keys.set(Key::ForecastTime, 6_u8);
        keys.set(Key::TypeOfFirstFixedSurface, 103_u8);
        keys.set(Key::ScaleFactorOfFirstFixedSurface, 0_u8);
        keys.set(Key::ScaledValueOfFirstFixedSurface, 2_u8);
        keys.set(Key::TypeOfSecondFixedSurface, 255_u8);
        keys.set(Key::ScaleFactorOfSecondFixedSurface, Value::Missing);
        keys.set(Key::ScaledValueOfSecondFixedSurface, Value::Missing);
        keys
    }

    #[test]
    fn a_name_that_starts_with_a_digit_has_a_variable_of_its_own() {
        let tables = Tables::builtin().unwrap();
        let names = tables.names(&keys(7, 2, [0, 0, 0]));
        assert_eq!((&*names.short_name, &*names.var_name), ("2t", "t2m"));
        assert_eq!(
            (names.name, names.units),
            (Some("2 metre temperature"), Some("K"))
        );
        assert_eq!(names.param_id, Some(167));
        assert_eq!(names.step_type, Some("instant"));
        assert_eq!(names.steps.unwrap().to_string(), "6");
        let level = names.level.unwrap();
        assert_eq!((level.kind, level.rounded()), ("heightAboveGround", 2));
    }

    #[test]
    fn what_has_no_name_keeps_its_numbers() {
        let tables = Tables::builtin().unwrap();
        let mut keys = keys(7, 2, [0, 16, 201]);
        let names = tables.names(&keys);
        assert_eq!(
            (&*names.short_name, &*names.var_name),
            ("d0c16n201", "d0c16n201")
        );
        assert_eq!(
            (names.param_id, names.name, names.units),
            (None, None, None)
        );
        keys.set(Key::ProductDefinitionTemplateNumber, 50_008_u16);
        keys.set(Key::ParameterCategory, 0_u8);
        keys.set(Key::ParameterNumber, 0_u8);
        let names = tables.names(&keys);
        assert_eq!(&*names.short_name, "d0c0n0", "an unknown template");
        assert_eq!((names.step_type, names.steps), (None, None));
    }

    #[test]
    fn a_centre_and_the_version_of_its_tables_choose_the_entries() {
        let tables = Tables::builtin().unwrap();
        let name = |keys: &Keys| tables.names(keys).short_name;
        assert_eq!(name(&keys(7, 2, [0, 3, 192])), "mslet");
        assert_ne!(name(&keys(98, 32, [0, 3, 192])), "mslet");
        let mut gust = keys(98, 32, [0, 2, 22]);
        gust.set(Key::ProductDefinitionTemplateNumber, 8_u8);
        gust.set(Key::ScaledValueOfFirstFixedSurface, 10_u8);
        let statistic = 2;
        let range = TimeRange {
            statistic,
            increment: 2,
            unit: 1,
            length: 3,
        };
        gust.set_time_ranges(vec![range]);
        assert_eq!(name(&gust), "10fg3");
        gust.set(Key::TablesVersion, 35_u8);
        assert_eq!(name(&gust), "max_i10fg", "since the migration");
    }

    #[test]
    fn ncep_statistics_without_a_word_have_no_step_type() {
        let tables = Tables::builtin().unwrap();
        let mut keys = keys(7, 2, [0, 0, 0]);
        keys.set(Key::ProductDefinitionTemplateNumber, 8_u8);
        let range = |statistic| TimeRange {
            statistic,
            increment: 2,
            unit: 1,
            length: 6,
        };
        keys.set_time_ranges(vec![range(195)]);
        assert_eq!(tables.names(&keys).step_type, None);
        keys.set_time_ranges(vec![range(0)]);
        assert_eq!(tables.names(&keys).step_type, Some("avg"));
        keys.set_time_ranges(vec![range(0); 3]);
        assert_eq!(tables.names(&keys).step_type, Some("multiple steps"));
    }
}
