//! The keys of a message's header.

use super::key::{Key, Keys, TimeRange, Value};
use super::local;
use crate::grib::header::Header;
use crate::grib::layout::{self, Entry};
use crate::grib::product::Statistics;

/// Everything that names depend on. A template that is not known has no keys, and then no names.
impl From<&Header> for Keys {
    fn from(header: &Header) -> Self {
        let mut keys = Self::default();
        let section1 = &header.identification;
        keys.set(Key::Discipline, header.discipline);
        keys.set(Key::Centre, section1.centre);
        keys.set(Key::SubCentre, section1.sub_centre);
        keys.set(Key::TablesVersion, section1.tables_version);
        keys.set(Key::LocalTablesVersion, section1.local_tables_version);
        keys.set(
            Key::ProductionStatusOfProcessedData,
            section1.production_status,
        );
        keys.set(Key::GridDefinitionTemplateNumber, header.grid.template);
        keys.set(
            Key::ProductDefinitionTemplateNumber,
            header.product.template,
        );
        keys.set(Key::Nv, header.product.coordinate_count);
        if let Some(octets) = &header.local {
            local::read(&mut keys, section1, octets);
        }
        header.walk(3, &mut |entry| {
            if entry.key == Key::NumberOfGridInReference.name() {
                keys.set_entry(Key::NumberOfGridInReference, &entry);
            }
        });
        header.walk(4, &mut |entry| {
            if let Some(key) = key_of(&entry) {
                keys.set_entry(key, &entry);
            }
        });
        if let Some(parameter) = header.product.parameter {
            keys.set(Key::ParameterCategory, parameter.category);
            keys.set(Key::ParameterNumber, parameter.number);
        } else if let Some(&[category, number]) = header.product.octets.get(9..11) {
            // Every template of WMO and of centres starts with these two.
            keys.set(Key::ParameterCategory, category);
            keys.set(Key::ParameterNumber, number);
        }
        if let Some(statistics) = &header.product.statistics {
            keys.set_time_ranges(time_ranges(statistics));
        }
        if keys.get(Key::NumberIsProbability).is_some()
            && let Some(number) = keys.get(Key::ForecastProbabilityNumber)
        {
            keys.set(Key::Number, number);
        }
        keys
    }
}

impl Keys {
    fn set_entry(&mut self, key: Key, entry: &Entry<'_>) {
        match (key, <[u8; 4]>::try_from(entry.octets), entry.value) {
            (_, _, layout::Value::Missing) => self.set(key, Value::Missing),
            // ecCodes reads these without the sign that regulation 92.1.5 gives them.
            (
                Key::ScaledValueOfFirstFixedSurface | Key::ScaledValueOfSecondFixedSurface,
                Ok(octets),
                _,
            ) => {
                self.set(key, u32::from_be_bytes(octets));
            }
            (.., value) => {
                if let Some(number) = value.integer() {
                    self.set(key, number);
                }
            }
        }
    }
}

/// The key that a value of section 4 is known by to the definitions of names.
fn key_of(entry: &Entry<'_>) -> Option<Key> {
    match entry.key {
        "clusterIdentifier" | "perturbationNumber" => Some(Key::Number),
        "indicatorOfUnitForForecastTime" if entry.turn == 0 => {
            Some(Key::IndicatorOfUnitOfTimeRange)
        }
        "observationGeneratingProcessIdentifier" => Some(Key::GeneratingProcessIdentifier),
        name => Key::from_name(name),
    }
}

fn time_ranges(statistics: &Statistics) -> Vec<TimeRange> {
    let ranges = statistics.ranges.iter();
    ranges
        .map(|range| TimeRange {
            statistic: range.statistic,
            increment: range.increment_kind,
            unit: range.unit,
            length: range.length,
        })
        .collect()
}
