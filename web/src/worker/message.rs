//! One message: its line, its header, its values in five numbers.

use bytes::{Bytes, BytesMut};
use gik_core::grib::describe::describe;
use gik_core::grib::field::{self, Summary};
use gik_core::grib::header::{MessageReader, Parsed};
use gik_core::grib::naming::{Keys, Names};
use gik_core::grib::unpack::Scratch;
use gik_core::grib::{Header, caption};
use gik_core::index::{self, Dialect};
use gik_core::plot::zone::Zone;
use gik_core::span::ByteSpan;
use gik_core::store::Store;

use super::open::count;
use super::problem;
use super::session::Session;
use crate::protocol::message::{Message, SectionLine, Statistics};
use crate::protocol::{Event, Problem, ProblemKind, Row};

/// Bytes that hold almost every header.
const HEAD: u64 = 4 << 10;
/// Bytes that are shown.
const SHOWN: usize = 128;

/// Where a message is.
pub(super) struct Place {
    pub(super) row: Row,
    pub(super) url: String,
    index: String,
    line: usize,
    /// Messages of the inventory at the same bytes, and which of them it is.
    beside: (usize, usize),
}

/// A field whose header was read.
pub(super) struct Found {
    pub(super) header: Header,
    pub(super) names: Names,
    /// The first bytes of its message, maybe all.
    pub(super) head: Bytes,
    pub(super) fields: usize,
}

/// A message by the line of its index and its header.
pub(super) async fn message(session: &Session, number: u32) -> Result<Event, Problem> {
    let place = Place::of(session, number)?;
    let found = read(session, &place).await?;
    let Found { header, names, .. } = &found;
    session.codes().await?;
    let sections = describe(header).into_iter().map(|line| SectionLine {
        section: line.section,
        first: line.first,
        last: line.last,
        key: line.key.to_owned(),
        value: line.value.to_string(),
        meaning: line.meaning.unwrap_or_default(),
    });
    let line = index_line(session, &place).await;
    let zone = Zone::default();
    let shown = found.head.len().min(SHOWN);
    let length = header.message.length;
    Ok(Event::Message(Box::new(Message {
        title: caption::title(names),
        when: caption::when(header, names, |moment| zone.at(moment)),
        variable: names.var_name.clone().into_owned(),
        units: names.units.unwrap_or_default().to_owned(),
        field: count(header.field),
        fields: count(found.fields),
        offset: header.message.offset,
        length,
        fetched: u64::try_from(found.head.len()).unwrap_or(length),
        sections: sections.collect(),
        head: found.head[..shown].to_vec(),
        address: session.store.address_of(&place.url),
        index_address: session.store.address_of(&place.index),
        line: line.map(|(text, _)| text),
        row: place.row,
        url: place.url,
        index: place.index,
    })))
}

/// Reads a message whole and counts its values, in 64 bits.
pub(super) async fn statistics(session: &Session, number: u32) -> Result<Event, Problem> {
    let place = Place::of(session, number)?;
    let found = read(session, &place).await?;
    let octets = whole(session, &place, &found).await?;
    let message = field::Message {
        header: &found.header,
        octets: &octets,
    };
    let mut values: Vec<f64> = Vec::new();
    field::decode_into(&message, &mut values, &mut Scratch::default())
        .map_err(|error| problem::of(&error))?;
    let summary = Summary::of(&values);
    Ok(Event::Statistics(Statistics {
        points: count(summary.points),
        missing: count(summary.missing),
        values: summary
            .values
            .map(|values| [values.minimum, values.mean, values.maximum]),
    }))
}

impl Place {
    pub(super) fn of(session: &Session, number: u32) -> Result<Self, Problem> {
        let table = session.table.borrow();
        let found = || {
            let message = table.messages.get(number as usize)?;
            let object = table.objects.get(message.object as usize)?;
            Some((message, object, table.row(number)?))
        };
        let (message, object, row) = found().ok_or_else(|| Problem {
            kind: ProblemKind::Usage,
            url: None,
            text: format!("there is no message {number}"),
        })?;
        let same = (0..)
            .zip(&table.messages)
            .filter(|(_, other)| other.object == message.object && other.offset == message.offset);
        let same: Vec<u32> = same.map(|(number, _)| number).collect();
        let own = same.iter().position(|other| *other == number);
        Ok(Self {
            row,
            url: object.data_url.clone(),
            index: object.index_url.clone(),
            line: message.line as usize,
            beside: (same.len(), own.unwrap_or_default()),
        })
    }
}

/// Reads the header of a message: its first bytes, and more where a header is behind them.
pub(super) async fn read(session: &Session, place: &Place) -> Result<Found, Problem> {
    let failed = |error| problem::of(&error);
    let offset = place.row.offset;
    let length = place.row.length.unwrap_or(HEAD).min(HEAD);
    let span = ByteSpan::new(offset, length);
    let head = session.store.get_range(&place.url, span).await;
    let head = head.map_err(failed)?;
    let mut reader = MessageReader::new(offset, u64::MAX);
    let mut parsed = reader
        .read(offset, &head)
        .map_err(|error| problem::of(&error))?;
    let mut more = BytesMut::from(&head[..]);
    let fields = loop {
        let wanted = match parsed {
            Parsed::Fields(fields) => break fields,
            Parsed::NeedMore(wanted) => wanted,
        };
        let end = reader.message().and_then(ByteSpan::end);
        let room = end.map_or(HEAD, |end| end.saturating_sub(wanted.offset));
        let span = ByteSpan::new(wanted.offset, wanted.length.max(HEAD.min(room)));
        let bytes = session.store.get_range(&place.url, span).await;
        let bytes = bytes.map_err(failed)?;
        // What follows the head without a gap is part of it.
        if u64::try_from(more.len()) == Ok(span.offset.saturating_sub(offset)) {
            more.extend_from_slice(&bytes);
        }
        parsed = reader
            .read(span.offset, &bytes)
            .map_err(|error| problem::of(&error))?;
    };
    let count = fields.len();
    let header = choose(session, place, fields).await?;
    let tables = session.tables().await?;
    Ok(Found {
        names: tables.names(&Keys::from(&header)),
        header,
        head: more.freeze(),
        fields: count,
    })
}

/// All bytes of a message whose header was read.
pub(super) async fn whole(
    session: &Session,
    place: &Place,
    found: &Found,
) -> Result<Bytes, Problem> {
    prefix(session, place, found, found.header.message.length).await
}

/// The first bytes of a message whose header was read.
pub(super) async fn prefix(
    session: &Session,
    place: &Place,
    found: &Found,
    length: u64,
) -> Result<Bytes, Problem> {
    let have = u64::try_from(found.head.len()).unwrap_or(u64::MAX);
    let message = found.header.message;
    let length = length.min(message.length);
    if have >= length {
        return Ok(found.head.clone());
    }
    let span = ByteSpan::new(message.offset.saturating_add(have), length - have);
    let rest = session.store.get_range(&place.url, span).await;
    let rest = rest.map_err(|error| problem::of(&error))?;
    let mut octets = BytesMut::from(&found.head[..]);
    octets.extend_from_slice(&rest);
    Ok(octets.freeze())
}

/// The field of a message that is meant: its number is in the index, or it is the place among the fields of the inventory.
async fn choose(
    session: &Session,
    place: &Place,
    mut fields: Vec<Header>,
) -> Result<Header, Problem> {
    let several = fields.len();
    let at = match (several, place.beside) {
        (1, _) => 0,
        (_, (beside, own)) if beside == several => own,
        _ => {
            let line = index_line(session, place).await;
            let field = line.and_then(|(_, field)| field);
            // What refers to a message and to no field of it means the first.
            field.map_or(0, |field| usize::from(field).saturating_sub(1))
        }
    };
    if at >= several {
        return Err(Problem {
            kind: ProblemKind::Mismatch,
            url: Some(place.url.clone()),
            text: format!(
                "field {} of the message at byte {}: it has {several}",
                at + 1,
                place.row.offset
            ),
        });
    }
    Ok(fields.swap_remove(at))
}

/// The line of the index, and the number of the field that it speaks of.
async fn index_line(session: &Session, place: &Place) -> Option<(String, Option<u16>)> {
    if place.index.is_empty() {
        return None;
    }
    let bytes = session.store.get(&place.index).await.ok()?.bytes;
    let line = bytes
        .split(|octet| *octet == b'\n')
        .nth(place.line.checked_sub(1)?)?;
    let dialect = Dialect::detect(&bytes).ok()?;
    let record = index::records(dialect, line).next()?.ok()?;
    // An index that was exchanged meanwhile says other things.
    (record.offset == place.row.offset).then(|| {
        let field = record.message.and_then(|number| number.field);
        (record.text.to_owned(), field)
    })
}
