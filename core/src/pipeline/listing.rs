//! Reads the indexes of a run, each once, and lists the messages of the members asked for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

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
    let told = Arc::new(Told {
        run: wanted.run,
        members: wanted.members.to_vec(),
        occurrences: wanted.occurrences.to_vec(),
    });
    let fetches = (0_u32..).zip(plan).map(|(number, object)| {
        let told = Arc::clone(&told);
        async move {
            let index_url = join(wanted.base, &object.index_path);
            let data_url = join(wanted.base, &object.data_path);
            let (index, meta) = future::join(store.get(&index_url), store.head(&data_url)).await;
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
            let found = match index {
                Ok(index) => {
                    let file = File {
                        number,
                        object: object.clone(),
                        url: index_url.clone(),
                        size: meta.as_ref().and_then(|meta| meta.size),
                    };
                    let work = move || list(&told, &file, &index.bytes);
                    Ok(store.aside(work).await?)
                }
                Err(StoreError::NotFound { url }) => Err(Gap {
                    what: object.index_path.clone(),
                    step: Some(object.step),
                    member: only(object),
                    why: Why::NotFound { url },
                }),
                Err(error) => return Err(error.into()),
            };
            let object = Object {
                data_path: object.data_path.clone(),
                data_url,
                index_url,
                step: object.step,
                present: meta.is_some(),
                meta: meta.unwrap_or_default(),
                suspect,
            };
            Ok::<_, Error>((object, found))
        }
    });
    let mut fetches = stream::iter(fetches).buffered(wanted.concurrency.max(1));
    while let Some(fetched) = fetches.next().await {
        let (object, found) = fetched?;
        let at = indexed.objects.len();
        match found {
            Ok(found) => {
                events(Event::Index {
                    url: object.index_url.clone(),
                    bytes: found.index.size,
                });
                // What the first index lists, the others list too: room for all of it at once.
                if indexed.objects.is_empty() {
                    let first = found.listing.messages.len();
                    let messages = &mut indexed.listing.messages;
                    messages.reserve_exact(first * plan.len());
                }
                indexed.listing.append(found.listing);
                indexed.lines += found.lines;
                indexed.gaps.extend(found.gaps);
                let number = u32::try_from(at).unwrap_or(u32::MAX);
                let open = found.open_ended.map(|line| (number, line));
                indexed.open_ended.extend(open);
                indexed.indexes.push((at, found.index));
            }
            Err(gap) => indexed.gaps.push(gap),
        }
        indexed.objects.push(object);
    }
    Ok(indexed)
}

/// An object below a base.
pub(super) fn join(base: &str, path: &str) -> String {
    format!("{}/{path}", base.trim_end_matches('/'))
}

/// What the indexes must speak of, for those who read one beside the others.
struct Told {
    run: Run,
    members: Vec<MemberId>,
    occurrences: Vec<Occurrence>,
}

/// An index, and what it is of.
struct File {
    /// Its number among the objects.
    number: u32,
    object: ObjectRef,
    url: String,
    /// Size of the GRIB object, where that is known.
    size: Option<u64>,
}

/// What one index lists.
struct Found {
    listing: Listing,
    /// The line whose length only the end of the GRIB object tells.
    open_ended: Option<usize>,
    lines: usize,
    gaps: Vec<Gap>,
    index: IndexObject,
}

fn list(told: &Told, file: &File, bytes: &Bytes) -> Result<Found, Error> {
    let File { object, url, .. } = file;
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
    let open_ended = last
        .filter(|last| last.length.is_none())
        .map(|last| last.line);
    index::close(&mut records, file.size).map_err(bad)?;
    index::tell_apart(&mut records, &repeats(&told.occurrences, object.step)).map_err(bad)?;
    let places = places(&told.members, object);
    let (mut listing, mut gaps) = (Listing::default(), Vec::new());
    // In a file of one member or of all of them nearly every line is wanted.
    if object.exclusive || places.len() == object.members.len() {
        listing.messages.reserve_exact(records.len());
    }
    for record in &records {
        let member = record.key.member;
        let place = if object.exclusive {
            let only = places.iter().next();
            if member.is_some() && only.is_none_or(|(only, _)| *only != member) {
                return Err(Error::WrongObject {
                    url: url.clone(),
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
        let step = check(record, told.run, object, url)?;
        match refuse(record) {
            None => {
                let span = ByteSpan::new(record.offset, record.length.unwrap_or_default());
                let filed = Filed {
                    stream: &object.stream,
                    step,
                    member,
                    location: Location {
                        object: file.number,
                        span,
                    },
                };
                listing.push(record, filed);
            }
            Some(because) => gaps.push(Gap {
                what: label(record),
                step: Some(step),
                member: name(&told.members, member),
                why: Why::Refused {
                    url: url.clone(),
                    line: record.line,
                    because,
                },
            }),
        }
    }
    Ok(Found {
        listing,
        open_ended,
        lines: records.len(),
        gaps,
        index: IndexObject {
            path: object.index_path.clone(),
            size: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
            sha256: super::hash::sha256(bytes),
        },
    })
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
fn check(record: &Record<'_>, run: Run, object: &ObjectRef, url: &str) -> Result<Step, Error> {
    let wrong = |what, found: String, expected: String| Error::WrongObject {
        url: url.to_owned(),
        line: record.line,
        what,
        found,
        expected,
    };
    if let Some(found) = record.run().filter(|found| *found != run) {
        return Err(wrong("run", found.to_string(), format!("run {run}")));
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
