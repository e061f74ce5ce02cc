//! Stage 0 in the published layout: one mapping for each member and forecast hour.
//!
//! Files are named `{family}/{member}/{family}-time-{YYYYMMDD}-{member}-rt{HHH}.parquet`. Their readers take member and hour from the
//! parts between the dashes.

use std::collections::{BTreeMap, HashSet};

use bytes::Bytes;

use super::{Artifact, OutputError, mapping_parquet};
use crate::identity::Member;
use crate::index::Record;
use crate::keys::RawReference;
use crate::listing::{Filed, Listing, Location};
use crate::merge;
use crate::span::ByteSpan;
use crate::template::Template;
use crate::template::mapping::{Mapping, MappingRow, Message};
use crate::time::{Moment, Run, Step};

/// One index of the run that the files are made from.
#[derive(Clone, Copy, Debug)]
pub struct Hour<'a> {
    /// The run.
    pub run: Run,
    /// The forecast hour.
    pub step: Step,
    /// Whose messages are taken; `None` for a deterministic model.
    pub member: Option<Member>,
    /// The catalogue's stream that the index is of.
    pub stream: &'a str,
    /// The index object.
    pub index_url: &'a str,
    /// The GRIB object.
    pub data_url: &'a str,
    /// The lines of the index, their lengths known.
    pub records: &'a [Record<'a>],
}

/// The mapping of one hour.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PerHour {
    /// A row for each line. Those that the template does not know have no message, as kerchunk leaves what it cannot name.
    pub mapping: Mapping,
    /// Lines without a row: their `attrs` stand in an earlier line already (two totals of a GFS hour), and readers need unique ones.
    pub repeated: Vec<usize>,
    /// Lines without a message.
    pub unknown: Vec<usize>,
}

/// Why an hour has no file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PerHourError {
    /// The length of a message is not known.
    #[error("line {line}: the index does not tell how long the message is")]
    Length {
        /// The line.
        line: usize,
    },
    /// The file cannot be written.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// A step that the names of files have no room for.
    #[error("step {step} is no whole number of hours from 0 to 999")]
    Step {
        /// The step.
        step: Step,
    },
}

/// What a template says of the lines of one hour.
///
/// The level is that of the template; a step is the end of its window; offsets are those of the index.
pub fn mapping(hour: Hour<'_>, template: &Template) -> Result<PerHour, PerHourError> {
    let mut seen = HashSet::new();
    let mut found = PerHour::default();
    let mut listing = Listing::default();
    let mut lines = Vec::new();
    for record in hour.records {
        if record.key.member != hour.member {
            continue;
        }
        let attrs = record.attrs().into_owned();
        if !seen.insert(attrs.clone()) {
            found.repeated.push(record.line);
            continue;
        }
        let span = record
            .span()
            .ok_or(PerHourError::Length { line: record.line })?;
        let filed = Filed {
            stream: hour.stream,
            step: hour.step,
            member: 0,
            location: Location { object: 0, span },
        };
        listing.push(record, filed);
        lines.push((record, attrs, span));
    }
    let mapped = merge::map(&listing.kinds, listing.messages, template);
    let rows: BTreeMap<usize, usize> = mapped
        .messages
        .iter()
        .map(|message| (message.line, message.row))
        .collect();
    for (record, attrs, span) in lines {
        let row = rows
            .get(&record.line)
            .and_then(|row| template.rows.get(*row));
        if row.is_none() {
            found.unknown.push(record.line);
        }
        let (date, url) = (
            format!("d={}{:02}", hour.run.date, hour.run.hour),
            hour.data_url,
        );
        found.mapping.rows.push(MappingRow {
            attrs,
            number: None,
            date: Some(date),
            idx_uri: Some(hour.index_url.to_owned()),
            grib_uri: Some(url.to_owned()),
            span,
            message: row.map(|row| Message {
                var_name: row.variable.var_name.clone(),
                type_of_level: row.variable.type_of_level.clone(),
                step_type: row.variable.step_type.clone(),
                name: row.variable.name.clone(),
                level: row.level,
                written_level: row.level.map(|level| level.value),
                step: Some(hour.step),
                time: Some(hour.run.into()),
                valid_time: Some(Moment::from(hour.run).after(hour.step)),
                reference: Some(range(url, span)),
            }),
        });
    }
    Ok(found)
}

/// The file of one hour, of a family such as `gefs`, and what stands beside it in [`PerHour`].
pub fn write(
    family: &str,
    member: &str,
    hour: Hour<'_>,
    template: &Template,
) -> Result<(Artifact, PerHour), PerHourError> {
    let path = path(family, member, hour.run, hour.step)?;
    let found = mapping(hour, template)?;
    let bytes = Bytes::from(mapping_parquet::write(&found.mapping, &path)?);
    Ok((Artifact { path, bytes }, found))
}

fn range(url: &str, span: ByteSpan) -> RawReference {
    RawReference::Range {
        url: url.to_owned(),
        span,
    }
}

fn path(family: &str, member: &str, run: Run, step: Step) -> Result<String, PerHourError> {
    let hours = step
        .whole_hours()
        .filter(|hours| (0..1_000).contains(hours));
    let hours = hours.ok_or(PerHourError::Step { step })?;
    let date = run.date;
    Ok(format!(
        "{family}/{member}/{family}-time-{date}-{member}-rt{hours:03}.parquet"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_as_their_readers_take_the_names_apart() {
        let run = "2024-11-12T00".parse().unwrap();
        assert_eq!(
            path("gefs", "gep01", run, Step::hours(3)).unwrap(),
            "gefs/gep01/gefs-time-20241112-gep01-rt003.parquet"
        );
        assert_eq!(
            path("ecmwf", "ens01", run, Step::hours(144)).unwrap(),
            "ecmwf/ens01/ecmwf-time-20241112-ens01-rt144.parquet"
        );
        for step in [Step::seconds(900), Step::hours(-3), Step::hours(1_000)] {
            assert!(path("gefs", "gep01", run, step).is_err());
        }
    }
}
