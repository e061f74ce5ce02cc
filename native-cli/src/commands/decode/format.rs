//! A field to bytes of a format.

use std::fmt::{Display, LowerExp};
use std::io::Write;

use gik_core::grib::field::Field;
use gik_core::grib::grid::{Coordinates, Shape};
use gik_core::grib::naming::Tables;
use gik_core::grib::unpack::Real;
use serde::{Serialize, Serializer};

use super::DecodeError;
use super::source::Found;
use crate::commands::inspect;

/// What values can be written as.
pub(super) trait Float: Real + Display + LowerExp + Serialize {
    /// numpy's name of it.
    const TYPE: &str;
    /// Appends it in little endian.
    fn append(self, out: &mut Vec<u8>);
}

impl Float for f32 {
    const TYPE: &str = "<f4";

    fn append(self, out: &mut Vec<u8>) {
        out.extend(self.to_le_bytes());
    }
}

impl Float for f64 {
    const TYPE: &str = "<f8";

    fn append(self, out: &mut Vec<u8>) {
        out.extend(self.to_le_bytes());
    }
}

/// An array in numpy's format, version 1.0.
pub(super) fn npy<R: Float>(field: &Field<R>) -> Vec<u8> {
    // A tuple of one has a comma behind it.
    let shape: String = shape(&field.shape)
        .iter()
        .map(|length| format!("{length}, "))
        .collect();
    let shape = match shape.matches(',').count() {
        1 => shape.trim_end(),
        _ => shape.trim_end_matches(", "),
    };
    let kind = R::TYPE;
    let mut header = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': ({shape}), }}");
    // The array starts at a multiple of 64: 10 octets stand before the header, a line end at its end.
    let padding = 63 - (10 + header.len()) % 64;
    header.extend(std::iter::repeat_n(' ', padding));
    header.push('\n');
    let length = u16::try_from(header.len()).unwrap_or(u16::MAX);
    let mut out = Vec::with_capacity(10 + header.len() + size_of_val(field.values.as_slice()));
    out.extend(b"\x93NUMPY\x01\x00");
    out.extend(length.to_le_bytes());
    out.extend(header.as_bytes());
    for value in &field.values {
        value.append(&mut out);
    }
    out
}

/// Lines of latitude, longitude and value, under a heading.
pub(super) fn csv<R: Float>(field: &Field<R>) -> anyhow::Result<Vec<u8>> {
    finite(&field.values)?;
    let mut out = b"latitude,longitude,value\n".to_vec();
    let mut values = field.values.iter();
    let mut line = |latitude: &f64, longitude: &f64| {
        let Some(value) = values.next() else {
            return Ok(());
        };
        // What a satellite sees beside the earth is nowhere.
        if latitude.is_nan() || longitude.is_nan() {
            write!(out, ",,")?;
        } else {
            write!(out, "{latitude},{longitude},")?;
        }
        if !value.widen().is_nan() {
            append(*value, &mut out)?;
        }
        writeln!(out)
    };
    match field.grid.coordinates()? {
        Coordinates::Axes {
            latitudes,
            longitudes,
        } => {
            for latitude in &latitudes {
                for longitude in &longitudes {
                    line(latitude, longitude)?;
                }
            }
        }
        Coordinates::Points {
            latitudes,
            longitudes,
        } => {
            for (latitude, longitude) in latitudes.iter().zip(&longitudes) {
                line(latitude, longitude)?;
            }
        }
    }
    Ok(out)
}

/// The shortest digits that tell the value apart from its neighbours.
fn append<R: Float>(value: R, out: &mut Vec<u8>) -> std::io::Result<()> {
    let size = value.widen().abs();
    if size == 0.0 || (1e-5..1e16).contains(&size) {
        write!(out, "{value}")
    } else {
        write!(out, "{value:e}")
    }
}

/// One JSON object: what `gik inspect` says of the field, its shape, its values in rows one after the other.
pub(super) fn json<R: Float>(found: &Found, field: &Field<R>) -> anyhow::Result<Vec<u8>> {
    finite(&field.values)?;
    let header = &found.header;
    let tables = Tables::builtin()?;
    let mut row = inspect::row(header, 1, false, &tables);
    row.message = found.number.clone().unwrap_or_default();
    let document = Document {
        url: &found.url,
        row,
        shape: shape(&field.shape),
        row_lengths: match &field.shape {
            Shape::Reduced { rows } => Some(rows),
            _ => None,
        },
        values: Values(&field.values),
    };
    let mut out = serde_json::to_vec(&document)?;
    out.push(b'\n');
    Ok(out)
}

#[derive(Serialize)]
struct Document<'a, R: Float> {
    url: &'a str,
    #[serde(flatten)]
    row: inspect::Row,
    shape: Vec<usize>,
    /// Of grids whose rows are not of one length.
    #[serde(rename = "rowLengths", skip_serializing_if = "Option::is_none")]
    row_lengths: Option<&'a Vec<usize>>,
    #[serde(serialize_with = "Values::serialize")]
    values: Values<'a, R>,
}

/// Numbers; JSON has no NaN, which becomes null.
struct Values<'a, R>(&'a [R]);

impl<R: Float> Values<'_, R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let value = |value: &R| (!value.widen().is_nan()).then_some(*value);
        serializer.collect_seq(self.0.iter().map(value))
    }
}

/// Rows and columns; the points alone where rows are not of one length.
fn shape(shape: &Shape) -> Vec<usize> {
    match shape {
        Shape::Flat { points } => vec![*points],
        Shape::Rows { rows, columns } => vec![*rows, *columns],
        Shape::Reduced { rows } => vec![rows.iter().sum()],
    }
}

fn finite<R: Real>(values: &[R]) -> Result<(), DecodeError> {
    let infinite = values.iter().position(|value| value.widen().is_infinite());
    match infinite.and_then(|index| Some((index, values.get(index)?))) {
        Some((index, value)) => Err(DecodeError::Infinite {
            index,
            value: value.widen(),
        }),
        None => Ok(()),
    }
}
