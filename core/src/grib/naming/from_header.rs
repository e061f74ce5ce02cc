//! The keys of a message's header.

use super::key::{Key, Keys, TimeRange, Value};
use crate::grib::Header;

impl From<&Header> for Keys {
    fn from(header: &Header) -> Self {
        let mut keys = Self::default();
        for &key in Key::ALL {
            if let Some(value) = header.key(key.name()).last() {
                keys.set(key, value.map_or(Value::Missing, Value::Number));
            }
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
