//! A mapping of one run times the index of another.

use std::collections::{HashMap, HashSet};

use super::{Chunk, ChunkIndexError};
use crate::index::Record;
use crate::keys::RawReference;
use crate::template::mapping::{Mapping, Message};
use crate::time::{Moment, Run};

/// The messages that a mapping knows of an index, and the lines that it does not.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mapped {
    /// One row for each line that the mapping knows, in the order of the index.
    pub chunks: Vec<Chunk>,
    /// Numbers of the other lines: those that the mapping does not have, or has without a name.
    pub unmatched: Vec<usize>,
}

/// What kerchunk's `map_from_index` does: names, step and level of the mapping, place and length of the index, time of the run.
///
/// Lines meet rows whose `attrs` are the same to the letter, so that a mapping serves the member and the hour that it was made of.
/// Nothing of the mapping's own offsets, times and objects is used.
///
/// Other than kerchunk's: lines without a row are listed in [`Mapped::unmatched`] and not merely gone; the fields of one message
/// (`244.1`, `244.2`) have the span of the whole message, where kerchunk gives all but the last none; levels are those of `attrs`.
pub fn map_from_index(
    run: Run,
    mapping: &Mapping,
    records: &[Record<'_>],
    grib_uri: &str,
) -> Result<Mapped, ChunkIndexError> {
    let mut messages: HashMap<&str, Option<&Message>> = HashMap::new();
    for row in &mapping.rows {
        let before = messages.insert(&row.attrs, row.message.as_ref());
        if before.is_some() {
            return Err(ambiguous(&row.attrs, "mapping"));
        }
    }
    let mut seen = HashSet::new();
    let mut mapped = Mapped::default();
    for record in records {
        let attrs = record.attrs();
        if !seen.insert(attrs.clone()) {
            return Err(ambiguous(&attrs, "index"));
        }
        let Some(message) = messages.get(attrs.as_ref()).copied().flatten() else {
            mapped.unmatched.push(record.line);
            continue;
        };
        let span = record
            .span()
            .ok_or(ChunkIndexError::Length { line: record.line })?;
        let step = message.step.ok_or_else(|| ChunkIndexError::Step {
            attrs: attrs.clone().into_owned(),
        })?;
        mapped.chunks.push(Chunk {
            var_name: message.var_name.clone(),
            step_type: message.step_type.clone(),
            type_of_level: message.type_of_level.clone(),
            name: message.name.clone(),
            level: message.level.map(|level| level.value),
            step,
            time: Moment::from(run),
            reference: RawReference::Range {
                url: grib_uri.to_owned(),
                span,
            },
        });
    }
    Ok(mapped)
}

fn ambiguous(attrs: &str, side: &'static str) -> ChunkIndexError {
    ChunkIndexError::Ambiguous {
        attrs: attrs.to_owned(),
        side,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::{Dialect, close, parse};
    use crate::span::ByteSpan;
    use crate::template::Level;
    use crate::template::mapping::MappingRow;
    use crate::time::Step;

    const INDEX: &[u8] = b"1:0:d=2023110400:PRMSL:mean sea level:3 hour fcst:\n2:95:d=2023110400:UGRD:850 mb:3 hour fcst:\n3:170:d=2023110400:NEW:surface:3 hour fcst:\n";

    fn row(attrs: &str, level: f64) -> MappingRow {
        MappingRow {
            attrs: attrs.to_owned(),
            number: None,
            date: None,
            idx_uri: None,
            grib_uri: None,
            span: ByteSpan::new(7, 7),
            message: Some(Message {
                var_name: attrs.split(':').next().unwrap().to_lowercase(),
                type_of_level: "isobaricInhPa".to_owned(),
                step_type: "instant".to_owned(),
                name: String::new(),
                level: Some(Level {
                    value: level,
                    bounds: None,
                }),
                written_level: None,
                step: Some(Step::hours(3)),
                time: Some(Moment::seconds(0)),
                valid_time: Some(Moment::seconds(0)),
                reference: None,
            }),
        }
    }

    fn map(mapping: &Mapping, index: &[u8]) -> Result<Mapped, ChunkIndexError> {
        let mut records = parse(Dialect::Noaa, index).unwrap();
        close(&mut records, Some(200)).unwrap();
        map_from_index(
            "2023-11-04T00".parse().unwrap(),
            mapping,
            &records,
            "s3://b/f003",
        )
    }

    #[test]
    fn names_come_from_the_mapping_and_places_from_the_index() {
        let rows = vec![
            row("UGRD:850 mb:3 hour fcst:", 850.0),
            row("PRMSL:mean sea level:3 hour fcst:", 0.0),
        ];
        let mapped = map(&Mapping { rows }, INDEX).unwrap();
        assert_eq!(mapped.unmatched, [3]);
        let chunk = &mapped.chunks[1];
        assert_eq!(
            (chunk.var_name.as_str(), chunk.level),
            ("ugrd", Some(850.0))
        );
        assert_eq!(chunk.time.to_string(), "2023-11-04T00:00:00");
        assert_eq!(chunk.valid_time().to_string(), "2023-11-04T03:00:00");
        let (url, span) = ("s3://b/f003".to_owned(), ByteSpan::new(95, 75));
        assert_eq!(chunk.reference, RawReference::Range { url, span });
    }

    #[test]
    fn what_cannot_be_told_apart_is_an_error() {
        let twice = || row("UGRD:850 mb:3 hour fcst:", 850.0);
        let rows = vec![twice(), twice()];
        assert_eq!(
            map(&Mapping { rows }, INDEX).unwrap_err().to_string(),
            "`UGRD:850 mb:3 hour fcst:` stands twice in the mapping"
        );
        let index = b"1:0:d=2023110400:A:surface:anl:\n2:9:d=2023110400:A:surface:anl:\n";
        assert_eq!(
            map(&Mapping::default(), index).unwrap_err().to_string(),
            "`A:surface:anl:` stands twice in the index"
        );
    }

    #[test]
    fn a_message_of_unknown_length_or_step_is_an_error() {
        let rows = vec![row("UGRD:850 mb:3 hour fcst:", 850.0)];
        let last = b"1:0:d=2023110400:UGRD:850 mb:3 hour fcst:\n";
        let records = parse(Dialect::Noaa, last).unwrap();
        let run = "2023-11-04T00".parse().unwrap();
        let mapping = Mapping { rows: rows.clone() };
        assert!(matches!(
            map_from_index(run, &mapping, &records, ""),
            Err(ChunkIndexError::Length { line: 1 })
        ));
        let mut rows = rows;
        rows[0].message.as_mut().unwrap().step = None;
        assert!(matches!(
            map(&Mapping { rows }, INDEX),
            Err(ChunkIndexError::Step { .. })
        ));
    }
}
