//! Units of time columns: parquet's own types, and what pandas writes beside them.

use std::collections::HashMap;
use std::fmt;

use parquet::basic::{ConvertedType, LogicalType, TimeUnit};
use parquet::schema::types::ColumnDescriptor;
use serde::Deserialize;

/// What the integers of a column count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Microseconds,
    Milliseconds,
    Nanoseconds,
    Seconds,
}

impl Unit {
    /// The unit that parquet states: a timestamp, or fastparquet's "time of day" for a duration.
    pub(super) fn of(column: &ColumnDescriptor) -> Option<Self> {
        match column.logical_type_ref() {
            Some(LogicalType::Timestamp(time) | LogicalType::Time(time)) => {
                return Some(match time.unit {
                    TimeUnit::MILLIS => Self::Milliseconds,
                    TimeUnit::MICROS => Self::Microseconds,
                    TimeUnit::NANOS => Self::Nanoseconds,
                });
            }
            Some(_) => return None,
            None => {}
        }
        match column.converted_type() {
            ConvertedType::TIME_MILLIS | ConvertedType::TIMESTAMP_MILLIS => {
                Some(Self::Milliseconds)
            }
            ConvertedType::TIME_MICROS | ConvertedType::TIMESTAMP_MICROS => {
                Some(Self::Microseconds)
            }
            _ => None,
        }
    }

    /// That many ticks in seconds, where they are whole seconds.
    pub(super) fn seconds(self, ticks: i64) -> Option<i64> {
        let per_second = match self {
            Self::Seconds => 1,
            Self::Milliseconds => 1_000,
            Self::Microseconds => 1_000_000,
            Self::Nanoseconds => 1_000_000_000,
        };
        (ticks % per_second == 0).then_some(ticks / per_second)
    }

    /// The unit of a numpy type such as `timedelta64[ns]`.
    fn of_duration(numpy_type: &str) -> Option<Self> {
        let unit = numpy_type.strip_prefix("timedelta64[")?.strip_suffix(']')?;
        Some(match unit {
            "s" => Self::Seconds,
            "ms" => Self::Milliseconds,
            "us" => Self::Microseconds,
            "ns" => Self::Nanoseconds,
            _ => return None,
        })
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Microseconds => "us",
            Self::Milliseconds => "ms",
            Self::Nanoseconds => "ns",
            Self::Seconds => "s",
        })
    }
}

/// The duration columns that pandas' metadata names; none where that is no such document.
pub(super) fn durations(pandas: &str) -> HashMap<String, Unit> {
    #[derive(Deserialize)]
    struct Pandas {
        columns: Vec<Column>,
    }
    #[derive(Deserialize)]
    struct Column {
        field_name: Option<String>,
        name: Option<String>,
        numpy_type: String,
    }
    let columns = serde_json::from_str(pandas).map(|Pandas { columns }| columns);
    columns
        .unwrap_or_default()
        .into_iter()
        .filter_map(|column| {
            let unit = Unit::of_duration(&column.numpy_type)?;
            Some((column.field_name.or(column.name)?, unit))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pandas_tells_which_integers_are_durations() {
        let pandas = r#"{"index_columns": ["attrs"], "columns": [
            {"name": "level", "field_name": "level", "pandas_type": "float64", "numpy_type": "float64", "metadata": null},
            {"name": "step", "field_name": "step", "pandas_type": "object", "numpy_type": "timedelta64[ns]", "metadata": null}]}"#;
        let found = durations(pandas);
        assert_eq!(found.get("step"), Some(&Unit::Nanoseconds));
        assert_eq!(found.len(), 1);
        assert!(durations("no JSON").is_empty());
    }

    #[test]
    fn parts_of_a_second_are_not_rounded_away() {
        assert_eq!(Unit::Nanoseconds.seconds(10_800_000_000_000), Some(10_800));
        assert_eq!(Unit::Microseconds.seconds(1_500_000), None);
        assert_eq!(Unit::Milliseconds.seconds(-2_000), Some(-2));
    }
}
