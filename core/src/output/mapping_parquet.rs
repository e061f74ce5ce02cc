//! The published template of one hour: a mapping as pandas and pyarrow write it, with `attrs` as index.
//!
//! Columns and types are those of kerchunk's `build_idx_grib_mapping` after `set_index("attrs")`, so that `map_from_index` of kerchunk
//! takes the file. [`template::mapping`](crate::template::mapping) reads it again.

use super::OutputError;
use super::pandas::{Frame, Series};
use crate::keys::RawReference;
use crate::template::mapping::{Mapping, MappingRow, Message};

/// The bytes of the file. The same mapping gives the same bytes.
///
/// # Errors
/// [`OutputError::Unplaced`] for octets held in the mapping itself and for whole objects, which the columns have no room for, and for
/// numbers that do not fit them.
pub fn write(mapping: &Mapping, path: &str) -> Result<Vec<u8>, OutputError> {
    let rows = &mapping.rows;
    let unplaced = |row: &MappingRow| OutputError::Unplaced {
        path: path.to_owned(),
        attrs: row.attrs.clone(),
    };
    let texts = |text: fn(&MappingRow) -> Option<&str>| {
        Series::Texts(
            rows.iter()
                .map(|row| text(row).map(str::to_owned))
                .collect(),
        )
    };
    let words = |word: fn(&Message) -> &str| {
        let word = |row: &MappingRow| row.message.as_ref().map(|message| word(message).to_owned());
        Series::Texts(rows.iter().map(word).collect())
    };
    let numbers = |number: fn(&MappingRow) -> Option<Option<i64>>| {
        let checked = rows
            .iter()
            .map(|row| number(row).ok_or_else(|| unplaced(row)));
        checked.collect::<Result<Vec<_>, _>>()
    };
    let level = |row: &MappingRow| Some(row.message.as_ref()?.level?.value);
    let columns = vec![
        (
            "offset_idx",
            Series::Integers(numbers(|row| integer(row.span.offset))?),
        ),
        ("date", texts(|row| row.date.as_deref())),
        (
            "length_idx",
            Series::Integers(numbers(|row| integer(row.span.length))?),
        ),
        ("idx_uri", texts(|row| row.idx_uri.as_deref())),
        ("grib_uri", texts(|row| row.grib_uri.as_deref())),
        ("varname", words(|message| &message.var_name)),
        ("typeOfLevel", words(|message| &message.type_of_level)),
        ("stepType", words(|message| &message.step_type)),
        ("name", words(|message| &message.name)),
        ("level", Series::Doubles(rows.iter().map(level).collect())),
        (
            "step",
            Series::Durations(numbers(|row| {
                nanoseconds(seconds(row, |message| Some(message.step?.as_seconds())))
            })?),
        ),
        (
            "time",
            Series::Moments(numbers(|row| {
                nanoseconds(seconds(row, |message| Some(message.time?.as_seconds())))
            })?),
        ),
        (
            "valid_time",
            Series::Moments(numbers(|row| {
                nanoseconds(seconds(row, |message| {
                    Some(message.valid_time?.as_seconds())
                }))
            })?),
        ),
        ("uri", texts(|row| range(row).map(|(url, _)| url))),
        (
            "offset_grib",
            Series::Integers(numbers(|row| placed(row, |(_, (offset, _))| offset))?),
        ),
        (
            "length_grib",
            Series::Integers(numbers(|row| placed(row, |(_, (_, length))| length))?),
        ),
        ("inline_value", Series::Nulls(rows.len())),
        ("attrs", texts(|row| Some(&row.attrs))),
    ];
    let frame = Frame {
        columns,
        index: Some("attrs"),
    };
    frame.write().map_err(|source| OutputError::Parquet {
        path: path.to_owned(),
        source: Box::new(source),
    })
}

type Placed<'a> = (&'a str, (u64, u64));

/// Where the scan found the message; `None` where there was none.
fn range(row: &MappingRow) -> Option<Placed<'_>> {
    match row.message.as_ref()?.reference.as_ref()? {
        RawReference::Range { url, span } => Some((url, (span.offset, span.length))),
        RawReference::Inline(_) | RawReference::Object { .. } => None,
    }
}

/// A number of a message's place; the outer `None` where the columns cannot say it.
fn placed(row: &MappingRow, number: fn(Placed<'_>) -> u64) -> Option<Option<i64>> {
    let reference = row
        .message
        .as_ref()
        .and_then(|message| message.reference.as_ref());
    match (reference, range(row)) {
        (None, _) => Some(None),
        (Some(_), None) => None,
        (Some(_), Some(range)) => integer(number(range)),
    }
}

fn integer(number: u64) -> Option<Option<i64>> {
    i64::try_from(number).ok().map(Some)
}

fn seconds(row: &MappingRow, of: fn(&Message) -> Option<i64>) -> Option<i64> {
    row.message.as_ref().and_then(of)
}

fn nanoseconds(seconds: Option<i64>) -> Option<Option<i64>> {
    match seconds {
        None => Some(None),
        Some(seconds) => seconds.checked_mul(1_000_000_000).map(Some),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::ByteSpan;
    use crate::template::Level;
    use crate::template::mapping;
    use crate::time::{Moment, Step};

    fn mapping() -> Mapping {
        let row = |attrs: &str, message| MappingRow {
            attrs: attrs.to_owned(),
            number: None,
            date: Some("d=2024111200".to_owned()),
            idx_uri: Some("s3://b/f003.idx".to_owned()),
            grib_uri: Some("s3://b/f003".to_owned()),
            span: ByteSpan::new(5_102, 99),
            message,
        };
        let message = Message {
            var_name: "t2m".to_owned(),
            type_of_level: "heightAboveGround".to_owned(),
            step_type: "instant".to_owned(),
            name: "2 metre temperature".to_owned(),
            level: Some(Level {
                value: 2.0,
                bounds: None,
            }),
            written_level: Some(2.0),
            step: Some(Step::hours(3)),
            time: Some(Moment::seconds(1_731_369_600)),
            valid_time: Some(Moment::seconds(1_731_380_400)),
            reference: Some(RawReference::Range {
                url: "s3://b/f003".to_owned(),
                span: ByteSpan::new(5_102, 99),
            }),
        };
        let rows = vec![
            row("TMP:2 m above ground:3 hour fcst:ENS=+1", Some(message)),
            row("NEW:surface:3 hour fcst:ENS=+1", None),
        ];
        Mapping { rows }
    }

    #[test]
    fn what_was_written_is_read_again() {
        let bytes = write(&mapping(), "a").unwrap();
        assert_eq!(mapping::read(bytes.clone().into()).unwrap(), mapping());
        assert_eq!(write(&mapping(), "a").unwrap(), bytes);
    }

    #[test]
    fn octets_without_a_place_are_refused() {
        let mut mapping = mapping();
        let message = mapping.rows[0].message.as_mut().unwrap();
        message.reference = Some(RawReference::Inline(vec![0]));
        assert_eq!(
            write(&mapping, "a").unwrap_err().to_string(),
            "a: `TMP:2 m above ground:3 hour fcst:ENS=+1` cannot be said in the columns of a mapping"
        );
    }
}
