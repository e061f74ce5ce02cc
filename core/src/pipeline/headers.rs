//! Reads the headers of chosen messages and what they say.

use std::collections::BTreeMap;

use futures_util::stream::{self, StreamExt};

use super::listing::{Indexed, Object};
use crate::error::Error;
use crate::grib::Header;
use crate::grib::header::{MessageReader, Parsed};
use crate::grib::naming::{Keys, Tables};
use crate::identity::{self, Surface};
use crate::listing::{Kind, Listed};
use crate::merge::Mapped;
use crate::refs::build::Horizontal;
use crate::source::MemberId;
use crate::span::ByteSpan;
use crate::store::Store;
use crate::template::build::Seen;
use crate::template::{Evidence, Level, Template, TemplateGrid, Variable, variable};
use crate::time::{Run, Step, StepRange};

/// Bytes read first: sections 0 to 5 of nearly every message.
const PREFIX: u64 = 512;

/// What messages must say of themselves.
#[derive(Clone, Copy, Debug)]
pub(super) struct Expected<'a> {
    pub(super) run: Run,
    /// The members that messages count in.
    pub(super) members: &'a [MemberId],
    /// How many ranges are read at once.
    pub(super) concurrency: usize,
}

/// Reads the headers of these messages; those whose GRIB object is not there are left out.
pub(super) async fn read(
    store: &impl Store,
    tables: &Tables,
    expected: Expected<'_>,
    indexed: &Indexed,
    chosen: &[usize],
) -> Result<Vec<Seen>, Error> {
    let messages = chosen
        .iter()
        .filter_map(|at| indexed.listing.messages.get(*at))
        .filter_map(|listed| {
            let at = usize::try_from(listed.location.object).ok()?;
            let object = indexed.objects.get(at)?;
            object.present.then_some((listed, object))
        });
    let reads = messages.map(|(listed, object)| async move {
        let header = header(store, &object.data_url, listed.location.span).await?;
        if let Some(kind) = indexed.listing.kinds.get(listed.kind) {
            check_level(&header, kind, listed, object)?;
        }
        check(&header, tables, expected, listed, object)
    });
    let mut reads = stream::iter(reads).buffered(expected.concurrency.max(1));
    let mut seen = Vec::new();
    while let Some(one) = reads.next().await {
        seen.push(one?);
    }
    Ok(seen)
}

/// The header of the first field of the message at a span.
pub(super) async fn header(store: &impl Store, url: &str, span: ByteSpan) -> Result<Header, Error> {
    let bad = |source| Error::Grib {
        url: url.to_owned(),
        offset: span.offset,
        source,
    };
    let mut reader = MessageReader::new(span.offset, span.length);
    let mut wanted = ByteSpan::new(span.offset, span.length.min(PREFIX));
    loop {
        let bytes = store.get_range(url, wanted).await?;
        match reader.read(wanted.offset, &bytes).map_err(bad)? {
            Parsed::NeedMore(more) => wanted = more,
            Parsed::Fields(fields) => {
                let not_grib = crate::grib::GribError::NotGrib {
                    offset: span.offset,
                };
                return fields.into_iter().next().ok_or_else(|| bad(not_grib));
            }
        }
    }
}

/// Octets of section 0.
pub(super) const SECTION_0: u64 = 16;

/// The length that section 0 of a message gives it; `None` where no message of edition 2 starts there.
pub(super) fn announced(start: &[u8]) -> Option<u64> {
    let length = start.get(8..16).filter(|_| start.starts_with(b"GRIB"))?;
    Some(u64::from_be_bytes(length.try_into().ok()?))
}

/// The message is the one that the index speaks of: its length, run, member and time.
fn check(
    header: &Header,
    tables: &Tables,
    expected: Expected<'_>,
    listed: &Listed,
    object: &Object,
) -> Result<Seen, Error> {
    let mismatch = |what, says: String, found: String| Error::Mismatch {
        url: object.index_url.clone(),
        line: listed.line,
        what,
        expected: says,
        offset: header.message.offset,
        found,
    };
    let span = listed.location.span;
    if header.message.length != span.length {
        let (says, found) = (span.length.to_string(), header.message.length.to_string());
        return Err(mismatch("a length of", says, found));
    }
    let run = header.identification.reference.run();
    if run != Some(expected.run) {
        let found = run.map_or_else(|| "another time".to_owned(), |run| run.to_string());
        return Err(mismatch("run", expected.run.to_string(), found));
    }
    let names = tables.names(&Keys::from(header));
    let member = expected.members.get(usize::from(listed.member));
    if let (Some(number), Some(found)) = (member.and_then(MemberId::number), names.number)
        && i64::from(number) != found
    {
        return Err(mismatch("member", number.to_string(), found.to_string()));
    }
    let range = names.steps.map(|steps| StepRange {
        start: steps.start,
        end: steps.end,
    });
    if let Some(range) = range {
        // At step 0 ECMWF writes windows that lie ahead (ecmwf-opendata issue 76): 0-3 is filed under 0.
        let filed_at_zero = listed.step == Step::ZERO && range.start == Step::ZERO;
        let says = listed.window.unwrap_or(StepRange::instant(listed.step));
        if range.end != says.end && !filed_at_zero
            || listed.window.is_some_and(|window| window != range)
        {
            return Err(mismatch("step", says.to_string(), range.to_string()));
        }
    }
    let grid =
        TemplateGrid::parse(header.grid.octets.clone()).map_err(|source| Error::Section {
            url: object.data_url.clone(),
            offset: header.message.offset,
            source,
        })?;
    let instant = names.step_type == Some("instant");
    Ok(Seen {
        kind: listed.kind,
        step: listed.step,
        level: names.level.map(|level| Level {
            value: level.value,
            bounds: level.bounds,
        }),
        window: range.filter(|_| !instant),
        variable: variable(names),
        grid,
        packing: Some(header.representation.template),
        disputed: false,
        evidence: Evidence::Header,
    })
}

/// The level that a line of wgrib2 spells out is that of the message.
fn check_level(
    header: &Header,
    kind: &Kind,
    listed: &Listed,
    object: &Object,
) -> Result<(), Error> {
    let (identity::Level::Surfaces { first, second }, Some(surfaces)) =
        (&kind.key.level, header.product.surfaces)
    else {
        return Ok(());
    };
    // A phrase such as `surface` says no value, and then any value is its value.
    let same = |says: Surface, found: Surface| {
        says.kind == found.kind
            && (says.scaled_value.is_none() || says.normalized() == found.normalized())
    };
    let second_is = second.is_none_or(|second| same(second, surfaces.second));
    if same(*first, surfaces.first) && second_is {
        return Ok(());
    }
    let words = |first: Surface, second: Surface| {
        let words = |surface: Surface| match surface.value() {
            Some(value) => format!("type {} at {value}", surface.kind),
            None => format!("type {}", surface.kind),
        };
        if second.kind == u8::MAX {
            words(first)
        } else {
            format!("{} to {}", words(first), words(second))
        }
    };
    Err(Error::Mismatch {
        url: object.index_url.clone(),
        line: listed.line,
        what: "level",
        expected: kind.label.clone(),
        offset: header.message.offset,
        found: words(surfaces.first, surfaces.second),
    })
}

/// One message of each group of the template, of those that can be read: spread over steps and members.
pub(super) fn sample(messages: &[Mapped], template: &Template, indexed: &Indexed) -> Vec<Mapped> {
    let mut groups: BTreeMap<(&str, &str, usize), Vec<&Mapped>> = BTreeMap::new();
    for message in messages {
        let present = indexed
            .object_at(message.location)
            .is_some_and(|object| object.present);
        if let Some(row) = template.rows.get(message.row).filter(|_| present) {
            let variable = &row.variable;
            let group = (
                variable.step_type.as_str(),
                variable.type_of_level.as_str(),
                row.grid,
            );
            groups.entry(group).or_default().push(message);
        }
    }
    let parts = groups.len() + 1;
    groups
        .into_values()
        .zip(1..)
        .filter_map(|(group, part)| group.get(group.len() * part / parts).copied().copied())
        .collect()
}

/// One message of each row of the template that can be read, spread over steps and members.
pub(super) fn sample_rows(messages: &[Mapped], indexed: &Indexed) -> Vec<Mapped> {
    let mut rows: BTreeMap<usize, Vec<&Mapped>> = BTreeMap::new();
    for message in messages {
        let object = indexed.object_at(message.location);
        if object.is_some_and(|object| object.present) {
            rows.entry(message.row).or_default().push(message);
        }
    }
    let parts = rows.len() + 1;
    rows.into_values()
        .zip(1..)
        .filter_map(|(row, part)| row.get(row.len() * part / parts).copied().copied())
        .collect()
}

/// Proves that messages are what the template says, and counts them.
pub(super) async fn prove(
    store: &impl Store,
    tables: &Tables,
    expected: Expected<'_>,
    indexed: &Indexed,
    (template, sample): (&Template, &[Mapped]),
) -> Result<usize, Error> {
    let reads = sample
        .iter()
        .filter_map(|message| Some((message, indexed.object_at(message.location)?)));
    let reads = reads.map(|(message, object)| async move {
        let header = header(store, &object.data_url, message.location.span).await?;
        let listed = Listed {
            kind: 0,
            step: message.step,
            window: message.window,
            location: message.location,
            line: message.line,
            member: message.member,
        };
        let seen = check(&header, tables, expected, &listed, object)?;
        agree(template, message, &seen, object)
    });
    let mut reads = stream::iter(reads).buffered(expected.concurrency.max(1));
    let mut proven = 0;
    while let Some(one) = reads.next().await {
        one?;
        proven += 1;
    }
    Ok(proven)
}

fn agree(template: &Template, message: &Mapped, seen: &Seen, object: &Object) -> Result<(), Error> {
    let Some(row) = template.rows.get(message.row) else {
        return Ok(());
    };
    let mismatch = |what, expected: String, found: String| Error::TemplateMismatch {
        url: object.index_url.clone(),
        line: message.line,
        says: format!(
            "the template {} says {what} {expected} of {}",
            template.id(),
            row.label
        ),
        offset: message.location.span.offset,
        found,
    };
    let words = |variable: &Variable| {
        let Variable {
            var_name,
            step_type,
            type_of_level,
            units,
            ..
        } = variable;
        format!("{var_name}/{step_type}/{type_of_level} in {units}")
    };
    if words(&row.variable) != words(&seen.variable) {
        return Err(mismatch(
            "the name",
            words(&row.variable),
            words(&seen.variable),
        ));
    }
    let level =
        |level: Option<Level>| level.map_or("none".to_owned(), |level| level.value.to_string());
    if level(row.level) != level(seen.level) {
        return Err(mismatch("the level", level(row.level), level(seen.level)));
    }
    let says = template
        .grids
        .get(row.grid)
        .map(|grid| Horizontal::of(grid.grid()));
    let found = Horizontal::of(seen.grid.grid());
    if says.as_ref() != Some(&found) {
        let words =
            |grid: Option<&TemplateGrid>| grid.map(|grid| grid.to_string()).unwrap_or_default();
        return Err(mismatch(
            "the grid",
            words(template.grids.get(row.grid)),
            words(Some(&seen.grid)),
        ));
    }
    Ok(())
}
