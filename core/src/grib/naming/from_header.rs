//! The keys of a message's header.

use super::key::{Key, Keys, TimeRange, Value};
use crate::grib::Header;
use crate::grib::layout;

impl From<&Header> for Keys {
    fn from(header: &Header) -> Self {
        let mut keys = Self::default();
        // Of a key that more than one section has, the first section counts.
        for section in (1..=5).rev() {
            header.walk(section, &mut |entry| {
                for key in names(entry.key, entry.table) {
                    if let Some(value) = value(entry.value) {
                        keys.set(key, value);
                    }
                }
            });
        }
        keys.set(Key::Discipline, header.discipline);
        if let Some(statistics) = &header.product.statistics {
            let range = |range: &crate::grib::product::TimeRange| TimeRange {
                statistic: range.statistic,
                increment: range.increment_kind,
                unit: range.unit,
                length: range.length,
            };
            keys.set_time_ranges(statistics.ranges.iter().map(range).collect());
        }
        keys
    }
}

/// Code table of aerosols.
const AEROSOLS: &str = "4.233";

/// The keys under which the definitions ask for a value: its own, and an alias of it.
fn names(key: &str, table: Option<&str>) -> impl Iterator<Item = Key> {
    let alias = match key {
        "constituentType" if table == Some(AEROSOLS) => Some(Key::AerosolType),
        "perturbationNumber" => Some(Key::Number),
        "indicatorOfUnitForForecastTime" => Some(Key::IndicatorOfUnitOfTimeRange),
        _ => None,
    };
    let own = Key::from_name(key).filter(|key| !key.is_computed());
    own.into_iter().chain(alias)
}

/// The number that conditions compare; a text of up to eight octets is compared as the number of its octets.
fn value(value: layout::Value<'_>) -> Option<Value> {
    match value {
        layout::Value::Missing => Some(Value::Missing),
        layout::Value::Text(octets) => {
            let number = octets.iter().try_fold(0_i64, |number, octet| {
                number.checked_mul(256)?.checked_add(i64::from(*octet))
            });
            number.map(Value::Number)
        }
        value => value.integer().map(Value::Number),
    }
}
