//! Reads the indexes of a run, each once, and lists the messages of the members asked for.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use futures_util::future;
use futures_util::stream::{self, StreamExt};

use super::{Event, Gap, Why};
use crate::error::Error;
use crate::identity::Member;
use crate::index::{self, Dialect, Record, Repeat};
use crate::listing::{Filed, Listing, Location, label};
use crate::provenance::IndexObject;
use crate::source::{MemberId, ObjectRef, Occurrence};
use crate::span::ByteSpan;
use crate::store::{ObjectMeta, Store, StoreError};
use crate::time::{Run, Step};

/// The indexes that were read, and what they list.
#[derive(Clone, Debug, Default)]
pub(super) struct Indexed {
    /// The messages.
    pub(super) listing: Listing,
    /// Every GRIB object of the plan, read or not; locations count in this list.
    pub(super) objects: Vec<Object>,
    /// Hashes of the index objects that were read, each with its number in [`Indexed::objects`].
    pub(super) indexes: Vec<(usize, IndexObject)>,
    /// Messages whose length only the end of their object tells: number of the object and line of its index.
    pub(super) open_ended: BTreeSet<(u32, usize)>,
    /// Lines of all indexes, those of other members included.
    pub(super) lines: usize,
    /// What is missing.
    pub(super) gaps: Vec<Gap>,
}

/// A GRIB object and its index.
#[derive(Clone, Debug)]
pub(super) struct Object {
    pub(super) data_path: String,
    pub(super) data_url: String,
    pub(super) index_url: String,
    /// The step that it is filed under.
    pub(super) step: Step,
    /// Whether the GRIB object is there: where it is not, nothing in the index can be checked against it.
    pub(super) present: bool,
    /// What the store said of the GRIB object; nothing where it is not there.
    pub(super) meta: ObjectMeta,
    /// Whether the GRIB object was written after its index, which then may speak of an object that is gone.
    pub(super) suspect: bool,
}

impl Indexed {
    /// The object of a message.
    pub(super) fn object_of(&self, message: usize) -> Option<&Object> {
        self.object_at(self.listing.messages.get(message)?.location)
    }

    /// The object of a location.
    pub(super) fn object_at(&self, location: Location) -> Option<&Object> {
        self.objects.get(usize::try_from(location.object).ok()?)
    }
}

/// What the indexes must speak of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted<'a> {
    pub(super) base: &'a str,
    pub(super) run: Run,
    /// Whose messages are listed.
    pub(super) members: &'a [MemberId],
    /// Messages that an index may list alike.
    pub(super) occurrences: &'a [Occurrence],
    /// How many objects are read at once.
    pub(super) concurrency: usize,
}

/// Reads the index of every object, in order.
pub(super) async fn read(
    store: &impl Store,
    wanted: Wanted<'_>,
    plan: &[ObjectRef],
    events: &mut dyn FnMut(Event),
) -> Result<Indexed, Error> {
    let mut indexed = Indexed::default();
    let fetches = plan.iter().map(|object| async move {
        let (index_url, data_url) = (
            join(wanted.base, &object.index_path),
            join(wanted.base, &object.data_path),
        );
        let (index, meta) = future::join(store.get(&index_url), store.head(&data_url)).await;
        (object, index_url, data_url, index, meta)
    });
    let mut fetches = stream::iter(fetches).buffered(wanted.concurrency.max(1));
    while let Some((object, index_url, data_url, index, meta)) = fetches.next().await {
        // What the first index lists, the others list too: room for all of it at once.
        if indexed.objects.len() == 1 {
            let first = indexed.listing.messages.len();
            indexed.listing.messages.reserve_exact(first * plan.len());
        }
        let meta = match meta {
            Ok(meta) => Some(meta),
            Err(StoreError::NotFound { .. }) => None,
            Err(error) => return Err(error.into()),
        };
        let changed = |meta: &ObjectMeta| meta.last_modified;
        let index_changed = index.as_ref().ok().and_then(|index| changed(&index.meta));
        let suspect = index_changed
            .zip(meta.as_ref().and_then(changed))
            .is_some_and(|(index, data)| index < data);
        indexed.objects.push(Object {
            data_path: object.data_path.clone(),
            data_url,
            index_url: index_url.clone(),
            step: object.step,
            present: meta.is_some(),
            meta: meta.clone().unwrap_or_default(),
            suspect,
        });
        match index {
            Ok(whole) => {
                let bytes = whole.bytes;
                let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
                events(Event::Index {
                    url: index_url,
                    bytes: size,
                });
                list(&mut indexed, wanted, object, &bytes, meta.as_ref())?;
            }
            Err(StoreError::NotFound { url }) => indexed.gaps.push(Gap {
                what: object.index_path.clone(),
                step: Some(object.step),
                member: only(object),
                why: Why::NotFound { url },
            }),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(indexed)
}

/// An object below a base.
pub(super) fn join(base: &str, path: &str) -> String {
    format!("{}/{path}", base.trim_end_matches('/'))
}

fn list(
    indexed: &mut Indexed,
    wanted: Wanted<'_>,
    object: &ObjectRef,
    bytes: &Bytes,
    meta: Option<&ObjectMeta>,
) -> Result<(), Error> {
    let at = indexed.objects.len().saturating_sub(1);
    let number = u32::try_from(at).unwrap_or(u32::MAX);
    let url = indexed
        .objects
        .get(at)
        .map(|object| object.index_url.clone())
        .unwrap_or_default();
    let dialect = Dialect::detect(bytes).map_err(|source| Error::NotAnIndex {
        url: url.clone(),
        source,
    })?;
    let bad = |source| Error::Index {
        url: url.clone(),
        source,
    };
    let mut records = index::parse(dialect, bytes).map_err(bad)?;
    let last = records.iter().max_by_key(|record| record.offset);
    let open = last
        .filter(|last| last.length.is_none())
        .map(|last| last.line);
    index::close(&mut records, meta.and_then(|meta| meta.size)).map_err(bad)?;
    indexed.open_ended.extend(open.map(|line| (number, line)));
    index::tell_apart(&mut records, &repeats(wanted.occurrences, object.step)).map_err(bad)?;
    indexed.lines += records.len();
    let places = places(wanted.members, object);
    for record in &records {
        let member = record.key.member;
        let place = if object.exclusive {
            let only = places.iter().next();
            if member.is_some() && only.is_none_or(|(only, _)| *only != member) {
                return Err(Error::WrongObject {
                    url,
                    line: record.line,
                    what: "another member's message",
                    found: record.text.to_owned(),
                    expected: object.index_path.clone(),
                });
            }
            only.map(|(_, place)| *place)
        } else {
            places.get(&member).copied()
        };
        let Some(member) = place else {
            continue;
        };
        let step = check(record, wanted, object, &url)?;
        match refuse(record) {
            None => {
                let span = ByteSpan::new(record.offset, record.length.unwrap_or_default());
                let filed = Filed {
                    stream: &object.stream,
                    step,
                    member,
                    location: Location {
                        object: number,
                        span,
                    },
                };
                indexed.listing.push(record, filed);
            }
            Some(because) => indexed.gaps.push(Gap {
                what: label(record),
                step: Some(step),
                member: name(wanted.members, member),
                why: Why::Refused {
                    url: url.clone(),
                    line: record.line,
                    because,
                },
            }),
        }
    }
    let sha256 = super::hash::sha256(bytes);
    let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    let index = IndexObject {
        path: object.index_path.clone(),
        size,
        sha256,
    };
    indexed.indexes.push((at, index));
    Ok(())
}

/// The member whose file this is, where it is one's alone.
fn only(object: &ObjectRef) -> Option<String> {
    match object.members.as_slice() {
        [only] => Some(only.name.clone()),
        _ => None,
    }
}

/// The name of a member, by its place among those asked for.
pub(super) fn name(members: &[MemberId], place: u16) -> Option<String> {
    let member = members.get(usize::from(place))?;
    Some(member.name.clone())
}

/// The members of an object with their places among those asked for.
fn places(members: &[MemberId], object: &ObjectRef) -> BTreeMap<Option<Member>, u16> {
    let here = (0..)
        .zip(members)
        .filter(|(_, id)| object.members.contains(id));
    here.map(|(place, id)| (id.member, place)).collect()
}

/// Run and step of the line are those of the object's name.
fn check(
    record: &Record<'_>,
    wanted: Wanted<'_>,
    object: &ObjectRef,
    url: &str,
) -> Result<Step, Error> {
    let wrong = |what, found: String, expected: String| Error::WrongObject {
        url: url.to_owned(),
        line: record.line,
        what,
        found,
        expected,
    };
    if let Some(run) = record.run().filter(|run| *run != wanted.run) {
        return Err(wrong("run", run.to_string(), format!("run {}", wanted.run)));
    }
    match record.key.when.step() {
        Some(step) if step != object.step => Err(wrong(
            "step",
            step.to_string(),
            format!("step {}", object.step),
        )),
        _ => Ok(object.step),
    }
}

/// Why a message cannot be referred to, where it cannot.
fn refuse(record: &Record<'_>) -> Option<String> {
    let field = record
        .message
        .and_then(|message| message.field)
        .unwrap_or(1);
    if field > 1 {
        return Some(format!(
            "field {field} of a message that holds several: the codecs decode the first one only"
        ));
    }
    if record.length.is_none() {
        return Some(
            "the index does not tell its length, and the GRIB object is not there to tell"
                .to_owned(),
        );
    }
    None
}

/// The messages that an index of this step may list alike.
fn repeats(occurrences: &[Occurrence], step: Step) -> Vec<Repeat> {
    let rules = occurrences.iter().filter(|rule| rule.steps.contains(step));
    let each = rules.flat_map(|rule| {
        let times = u8::try_from(rule.names.len()).unwrap_or(u8::MAX);
        let parameters = rule.parameters.iter().cloned();
        parameters.map(move |parameter| Repeat { parameter, times })
    });
    each.collect()
}
