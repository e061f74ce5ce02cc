//! What the words of an index line mean in ecCodes' names, as far as the inventories tell it without doubt.
//!
//! An index has words (`TMP`, `2t`), a header has numbers, and names follow from numbers. The rows of the inventories pair the
//! two. Where rows of one word lead to different names, those that differ are left out: nothing here is a guess.

use std::collections::{BTreeSet, HashMap};

use super::inventory::{Expected, Row};
use super::{Catalog, CatalogError};
use crate::grib::naming::{Key, Keys, Level, Names, Steps, Tables, TimeRange};
use crate::identity::{self, Member, Parameter, ParameterNumbers, Statistic, Surface};
use crate::index::{Dialect, Record};
use crate::time::{Step, StepRange};

/// Successive times of one forecast, code table 4.11.
const SAME_FORECAST: u8 = 2;

/// The words of all inventories of a catalogue.
#[derive(Clone, Debug, Default)]
pub struct Vocabulary {
    rows: HashMap<(Dialect, String), Vec<Row>>,
}

/// What is known of the names of an index line; `None` where the index and the inventories do not tell.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Meaning {
    /// ecCodes' `shortName`.
    pub short_name: Option<String>,
    /// ecCodes' `cfVarName`.
    pub var_name: Option<String>,
    /// ecCodes' `paramId`.
    pub param_id: Option<u32>,
    /// ecCodes' `name`.
    pub name: Option<&'static str>,
    /// ecCodes' `units`.
    pub units: Option<&'static str>,
    /// ecCodes' `stepType`.
    pub step_type: Option<&'static str>,
    /// The level.
    pub level: Option<Level>,
    /// The steps.
    pub steps: Option<Steps>,
}

impl Vocabulary {
    /// The words of a catalogue.
    ///
    /// # Errors
    /// As [`Catalog::inventory`].
    pub fn of(catalog: &Catalog) -> Result<Self, CatalogError> {
        let mut rows: HashMap<(Dialect, String), Vec<Row>> = HashMap::new();
        for source in catalog.sources() {
            let streams = source.eras.iter().flat_map(|era| &era.streams);
            let named: BTreeSet<&str> = streams
                .filter_map(|stream| stream.inventory.as_deref())
                .collect();
            for name in named {
                for row in catalog.inventory(name)?.rows() {
                    let word = (source.dialect, row.index_name.clone());
                    rows.entry(word).or_default().push(row.clone());
                }
            }
        }
        Ok(Self { rows })
    }

    /// What a line of an index means.
    pub fn meaning(&self, tables: &Tables, dialect: Dialect, record: &Record<'_>) -> Meaning {
        let messages = match dialect {
            Dialect::Ecmwf => self.mars(record),
            Dialect::Noaa => self.inventory_line(record),
        };
        let mut names = messages.iter().map(|keys| tables.names(keys));
        let Some(first) = names.next() else {
            return Meaning::default();
        };
        names.fold(Meaning::of(first), Meaning::agreed)
    }

    /// The messages that a MARS line may speak of: those of the inventories of the operational forecasts.
    fn mars(&self, record: &Record<'_>) -> Vec<Keys> {
        let (Parameter::Name(name), identity::Level::Mars { levtype, levelist }, Some(mars)) =
            (&record.key.parameter, &record.key.level, &record.key.mars)
        else {
            return Vec::new();
        };
        let level = match levelist.as_deref().map(str::parse) {
            None => None,
            Some(Ok(level)) => Some(level),
            Some(Err(_)) => return Vec::new(),
        };
        // Other classes and streams encode words otherwise: precipitation in other units, for one.
        let operational = mars.class == "od" && (mars.stream == "oper" || mars.stream == "enfo");
        let Some(step) = record.key.when.step().filter(|_| operational) else {
            return Vec::new();
        };
        let word = (Dialect::Ecmwf, name.to_string());
        let rows: Vec<&Row> = self
            .rows
            .get(&word)
            .into_iter()
            .flatten()
            .filter(|row| *levtype == row.index_level.as_str())
            .filter(|row| row.levels.is_empty() == level.is_none())
            .collect();
        let here = |row: &&&Row| record.run().is_some_and(|run| row.has(run, step));
        let now: Vec<&Row> = rows.iter().filter(here).copied().collect();
        let rows = if now.is_empty() { rows } else { now };
        rows.into_iter()
            .map(|row| row.message(level, step).keys(98))
            .collect()
    }

    /// The messages that a line of wgrib2 may speak of: it tells everything but the numbers of the parameter.
    fn inventory_line(&self, record: &Record<'_>) -> Vec<Keys> {
        let key = &record.key;
        let identity::Level::Surfaces { first, second } = key.level else {
            return Vec::new();
        };
        let plain = key.extra.is_empty()
            && !matches!(&key.when, identity::When::Window { how, .. } if !how.is_empty());
        let Some(range) = key.when.steps().filter(|_| plain) else {
            return Vec::new();
        };
        let mut parameters: Vec<ParameterNumbers> = match &key.parameter {
            Parameter::Numbers(numbers) => vec![*numbers],
            Parameter::Name(name) => {
                let word = (Dialect::Noaa, name.to_string());
                let rows = self.rows.get(&word).into_iter().flatten();
                rows.map(Row::parameter).collect()
            }
        };
        parameters.sort_unstable();
        parameters.dedup();
        let second = second.unwrap_or(Surface::bare(255));
        parameters
            .into_iter()
            .map(|parameter| {
                let mut keys = keys(
                    parameter,
                    template(key.member, key.statistic),
                    (first, second),
                );
                keys.set(Key::Centre, parameter.center.unwrap_or(7));
                set_time(&mut keys, range, key.statistic);
                keys
            })
            .collect()
    }
}

impl Meaning {
    fn of(names: Names) -> Self {
        Self {
            short_name: Some(names.short_name.into_owned()),
            var_name: Some(names.var_name.into_owned()),
            param_id: names.param_id,
            name: names.name,
            units: names.units,
            step_type: names.step_type,
            level: names.level,
            steps: names.steps,
        }
    }

    /// What both readings of a line have in common.
    fn agreed(self, names: Names) -> Self {
        fn same<T: PartialEq>(one: Option<T>, other: &Option<T>) -> Option<T> {
            one.filter(|one| other.as_ref() == Some(one))
        }
        let other = Self::of(names);
        Self {
            short_name: same(self.short_name, &other.short_name),
            var_name: same(self.var_name, &other.var_name),
            param_id: same(self.param_id, &other.param_id),
            name: same(self.name, &other.name),
            units: same(self.units, &other.units),
            step_type: same(self.step_type, &other.step_type),
            level: same(self.level, &other.level),
            steps: same(self.steps, &other.steps),
        }
    }
}

impl Row {
    fn parameter(&self) -> ParameterNumbers {
        let (master, local) = self.tables;
        ParameterNumbers {
            discipline: self.discipline,
            category: self.category,
            number: self.number,
            center: None,
            master_table: Some(master),
            local_table: Some(local),
        }
    }

    /// The message of this row at a level of the index and a step.
    fn message(&self, level: Option<i32>, step: Step) -> Expected<'_> {
        Expected {
            row: self,
            level,
            first_surface: self.first_surface.at(level),
            second_surface: self.second_surface.at(level),
            range: match self.statistic {
                Some((_, window)) => window.range(step),
                None => StepRange::instant(step),
            },
        }
    }
}

impl Expected<'_> {
    /// The keys that its header has at that centre (common code table C-11), as far as names depend on them.
    pub fn keys(&self, centre: u16) -> Keys {
        let surfaces = (self.first_surface, self.second_surface);
        let mut keys = keys(self.row.parameter(), self.row.template, surfaces);
        keys.set(Key::Centre, centre);
        let statistic = self.row.statistic.map(|(statistic, _)| statistic);
        set_time(&mut keys, self.range, statistic);
        keys
    }
}

/// The product definition template of a member and statistic, code table 4.0.
fn template(member: Option<Member>, statistic: Option<Statistic>) -> u16 {
    match (member, statistic) {
        (None, None) => 0,
        (None, Some(_)) => 8,
        (Some(Member::Mean | Member::Spread | Member::Derived(_)), None) => 2,
        (Some(Member::Mean | Member::Spread | Member::Derived(_)), Some(_)) => 12,
        (Some(_), None) => 1,
        (Some(_), Some(_)) => 11,
    }
}

fn keys(parameter: ParameterNumbers, template: u16, surfaces: (Surface, Surface)) -> Keys {
    let mut keys = Keys::default();
    keys.set(Key::Discipline, parameter.discipline);
    keys.set(Key::ParameterCategory, parameter.category);
    keys.set(Key::ParameterNumber, parameter.number);
    keys.set(Key::ProductDefinitionTemplateNumber, template);
    keys.set(Key::SubCentre, 0_u8);
    keys.set(Key::TablesVersion, parameter.master_table.unwrap_or(2));
    keys.set(Key::LocalTablesVersion, parameter.local_table.unwrap_or(0));
    keys.set(Key::ProductionStatusOfProcessedData, 0_u8);
    for (surface, kind, factor, value) in [
        (
            surfaces.0,
            Key::TypeOfFirstFixedSurface,
            Key::ScaleFactorOfFirstFixedSurface,
            Key::ScaledValueOfFirstFixedSurface,
        ),
        (
            surfaces.1,
            Key::TypeOfSecondFixedSurface,
            Key::ScaleFactorOfSecondFixedSurface,
            Key::ScaledValueOfSecondFixedSurface,
        ),
    ] {
        keys.set(kind, surface.kind);
        keys.set(factor, surface.scale_factor.map(i64::from));
        keys.set(value, surface.scaled_value.map(i64::from));
    }
    keys
}

fn set_time(keys: &mut Keys, range: StepRange, statistic: Option<Statistic>) {
    let (start, length) = (
        range.start.as_seconds(),
        range
            .end
            .as_seconds()
            .saturating_sub(range.start.as_seconds()),
    );
    let (unit, seconds) = unit(start, length);
    keys.set(Key::IndicatorOfUnitOfTimeRange, unit);
    keys.set(Key::ForecastTime, start / seconds);
    if let Some(Statistic(statistic)) = statistic {
        keys.set_time_ranges(vec![TimeRange {
            statistic,
            increment: SAME_FORECAST,
            unit,
            length: u32::try_from(length / seconds).unwrap_or_default(),
        }]);
    }
}

/// The largest unit that measures both exactly, code table 4.4: its number and its seconds.
fn unit(start: i64, length: i64) -> (u8, i64) {
    let units = [(1, 3_600), (0, 60)];
    let exact = |(_, seconds): &(u8, i64)| start % seconds == 0 && length % seconds == 0;
    units.into_iter().find(exact).unwrap_or((13, 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::parse;

    fn meanings(dialect: Dialect, text: &str) -> Vec<Meaning> {
        let vocabulary = Vocabulary::of(&Catalog::builtin().unwrap()).unwrap();
        let tables = Tables::builtin().unwrap();
        let records = parse(dialect, text.as_bytes()).unwrap();
        let meaning = |record| vocabulary.meaning(&tables, dialect, record);
        records.iter().map(meaning).collect()
    }

    fn names(meaning: &Meaning) -> String {
        let text = |text: &Option<String>| text.clone().unwrap_or("-".to_owned());
        let level = meaning
            .level
            .map(|level| format!("{} {}", level.kind, level.value));
        let steps = meaning.steps.map(|steps| steps.to_string());
        format!(
            "{} {} {} {} {} {}",
            text(&meaning.short_name),
            text(&meaning.var_name),
            meaning.units.unwrap_or("-"),
            meaning.step_type.unwrap_or("-"),
            text(&level),
            text(&steps)
        )
    }

    #[test]
    fn lines_of_wgrib2_have_the_names_of_their_headers() {
        let found = meanings(
            Dialect::Noaa,
            "1:0:d=2025080100:TMP:2 m above ground:15 hour fcst:ENS=+1\n\
             2:9:d=2025080100:APCP:surface:12-15 hour acc fcst:ENS=+1\n\
             3:19:d=2025080100:TMP:700 mb:anl:\n\
             4:29:d=2025080100:TMP:some new level:anl:\n\
             5:39:d=2025080100:NOSUCH:surface:anl:\n\
             6:49:d=2025080100:APCP:surface:0-6 hour acc fcst:prob >0.254:prob fcst 3/30\n\
             7:59:d=2025080100:var discipline=0 center=7 local_table=1 parmcat=16 parm=201:surface:3 hour fcst:\n",
        );
        let found: Vec<String> = found.iter().map(names).collect();
        assert_eq!(found[0], "2t t2m K instant heightAboveGround 2 15");
        assert_eq!(found[1], "tp tp kg m**-2 accum surface 0 12-15");
        assert_eq!(found[2], "t t K instant isobaricInhPa 700 0");
        assert_eq!(found[3], "- - - - - -");
        assert_eq!(found[4], "- - - - - -");
        assert_eq!(found[5], "- - - - - -");
        assert!(found[6].ends_with("instant surface 0 3"), "{}", found[6]);
    }

    #[test]
    fn lines_of_mars_have_the_names_of_their_headers() {
        let line = |param: &str, rest: &str, class: &str| {
            format!(
                r#"{{"domain":"g","date":"20250601","time":"0000","expver":"0001","class":"{class}","type":"pf","stream":"enfo","step":"24","number":"7","param":"{param}",{rest},"_offset":0,"_length":10}}"#
            )
        };
        let text = [
            line("2t", r#""levtype":"sfc""#, "od"),
            line("tp", r#""levtype":"sfc""#, "od"),
            line("u", r#""levtype":"pl","levelist":"850""#, "od"),
            line("tp", r#""levtype":"sfc""#, "ai"),
            line("2t", r#""levtype":"sfc","levelist":"850""#, "od"),
        ];
        let found = meanings(Dialect::Ecmwf, &text.join("\n"));
        let found: Vec<String> = found.iter().map(names).collect();
        assert_eq!(found[0], "2t t2m K instant heightAboveGround 2 24");
        assert_eq!(found[1], "tp tp m accum surface 0 0-24");
        assert_eq!(found[2], "u u m s**-1 instant isobaricInhPa 850 24");
        assert_eq!(found[3], "- - - - - -");
        assert_eq!(found[4], "- - - - - -");
    }
}
