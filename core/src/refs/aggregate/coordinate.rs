//! Coordinates of a series, held in the store itself.

use serde_json::{Value, json};

use super::AggregateError;
use super::axes::{Axes, Axis};
use super::group::{put, set};
use crate::keys::{RawReference, StoreKeys};
use crate::time::{Moment, Step};
use crate::zarr::{ArrayMeta, Attributes};

/// `step`, `time` and `valid_time`, each on the axes that it needs.
pub(super) fn times(series: &mut StoreKeys, path: &str, axes: &Axes) -> Result<(), AggregateError> {
    for axis in [Axis::Step, Axis::Time, Axis::ValidTime] {
        let (shape, cells) = axes.coordinate(axis);
        let (name, dtype, octets): (_, _, Vec<u8>) = match axis {
            Axis::Step => (
                "step",
                "<f8",
                cells
                    .iter()
                    .flat_map(|cell| hours(cell.step).to_le_bytes())
                    .collect(),
            ),
            Axis::Time => ("time", "<i8", seconds(cells.iter().map(|cell| cell.time))),
            Axis::ValidTime => (
                "valid_time",
                "<i8",
                seconds(cells.iter().map(|cell| cell.valid_time())),
            ),
        };
        let fixed: &[(&str, &str)] = match axis {
            Axis::Step => &[("units", "hours")],
            Axis::Time | Axis::ValidTime => &[
                ("calendar", "proleptic_gregorian"),
                ("units", "seconds since 1970-01-01T00:00:00"),
            ],
        };
        let dimensions: Vec<&str> = shape.iter().map(|(axis, _)| axis.dimension()).collect();
        let lengths: Vec<usize> = shape.iter().map(|(_, length)| *length).collect();
        let coordinate = Coordinate {
            array: &format!("{path}/{name}"),
            dtype,
            dimensions: &dimensions,
            lengths: &lengths,
            fixed,
        };
        coordinate.write(series, octets)?;
    }
    Ok(())
}

fn hours(step: Step) -> f64 {
    #[expect(clippy::as_conversions, reason = "exact below 2^53 seconds")]
    let seconds = step.as_seconds() as f64;
    seconds / 3_600.0
}

fn seconds(moments: impl Iterator<Item = Moment>) -> Vec<u8> {
    moments
        .flat_map(|moment| moment.as_seconds().to_le_bytes())
        .collect()
}

/// The level: a scalar, or a coordinate of its own dimension.
pub(super) fn level(
    series: &mut StoreKeys,
    path: &str,
    name: &str,
    levels: &[f64],
) -> Result<(), AggregateError> {
    let several = levels.len() > 1;
    let (dimensions, lengths) = ([name], [levels.len()]);
    let coordinate = Coordinate {
        array: &format!("{path}/{name}"),
        dtype: "<f8",
        dimensions: if several { &dimensions } else { &[] },
        lengths: if several { &lengths } else { &[] },
        fixed: &[],
    };
    let octets = levels.iter().flat_map(|level| level.to_le_bytes());
    coordinate.write(series, octets.collect())
}

/// An array of one chunk that the store holds itself.
struct Coordinate<'a> {
    array: &'a str,
    dtype: &'a str,
    dimensions: &'a [&'a str],
    lengths: &'a [usize],
    /// Attributes that say what the octets mean, whatever the store said before.
    fixed: &'a [(&'a str, &'a str)],
}

impl Coordinate<'_> {
    fn write(&self, series: &mut StoreKeys, octets: Vec<u8>) -> Result<(), AggregateError> {
        let array = self.array;
        let attributes_key = format!("{array}/.zattrs");
        let mut attributes = if series.keys.contains_key(&attributes_key) {
            series.document(&attributes_key)?
        } else {
            Value::Object(Attributes::new())
        };
        for (name, value) in self.fixed {
            set(&mut attributes, name, json!(value));
        }
        set(&mut attributes, "_ARRAY_DIMENSIONS", json!(self.dimensions));
        put(series, attributes_key, &attributes);
        let shape: Vec<u64> = self
            .lengths
            .iter()
            .map(|length| u64::try_from(*length).unwrap_or(u64::MAX))
            .collect();
        let meta = ArrayMeta::new(shape.clone(), shape, self.dtype, Value::Null);
        put(series, format!("{array}/.zarray"), &json!(meta));
        let zeros = vec!["0"; self.lengths.len().max(1)];
        let chunk = format!("{array}/{}", zeros.join("."));
        series.keys.insert(chunk, RawReference::Inline(octets));
        Ok(())
    }
}
