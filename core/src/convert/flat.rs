//! Flat keys `step_003/2t/sfc/ens01/0.0.0`: an index in other words, from which the store is built anew.
//!
//! The template's arrays beside them (shape `[1, 181, 360]`, a level that counts members) say nothing true and are left out.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use serde_json::{Map, Value};

use super::origin::Origin;
use super::{Context, ConvertError, Converted, Kept, Notes};
use crate::identity::Member;
use crate::keys::{RawReference, StoreKeys};
use crate::pipeline::Outcome;
use crate::pipeline::plan::Request;
use crate::pipeline::refs::{self, Built, RefsJob, Structure};
use crate::pipeline::stream::Collapsed;
use crate::provenance::Provenance;
use crate::refs::build::Codec;
use crate::source::{Catalog, ObjectRef};
use crate::span::ByteSpan;
use crate::store::{Memory, Object, ObjectMeta, Store, StoreError};
use crate::time::Step;

const SUFFIX: &str = "URLs without `.grib2` got it";
const FOLDER: &str = "URLs without a folder of the archive's layout got it";
const TEMPLATE: &str = "arrays of the template with a wrong shape and level were left out";
const OTHER: &str = "keys that are no Zarr keys were left out";

/// Headers that are read at once.
const CONCURRENCY: usize = 32;

/// Whether the references of a store have flat keys.
pub(super) fn is_flat(keys: &StoreKeys) -> bool {
    keys.keys.keys().any(|key| FlatKey::parse(key).is_some())
}

/// A key in its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct FlatKey<'a> {
    step_hours: i32,
    param: &'a str,
    levtype: &'a str,
    level: Option<&'a str>,
    member: Option<&'a str>,
}

impl<'a> FlatKey<'a> {
    fn parse(key: &'a str) -> Option<Self> {
        let (step, rest) = key.strip_prefix("step_")?.split_once('/')?;
        let mut parts: Vec<&str> = rest.strip_suffix("/0.0.0")?.split('/').collect();
        if parts.len() < 2 {
            return None;
        }
        let names = parts.split_off(2);
        let number = |text: &&&str| text.bytes().all(|digit| digit.is_ascii_digit());
        let (level, member) = match names.as_slice() {
            [] => (None, None),
            [only] if number(&only) => (Some(*only), None),
            [only] => (None, Some(*only)),
            [level, member] => (Some(*level), Some(*member)),
            _ => return None,
        };
        Some(Self {
            step_hours: step.parse().ok()?,
            param: parts.first()?,
            // Its other name in older files.
            levtype: match *parts.last()? {
                "surface" => "sfc",
                levtype => levtype,
            },
            level,
            member,
        })
    }

    /// Why nothing tells which message it is.
    fn collapsed(self) -> Option<String> {
        let layered = matches!(self.levtype, "pl" | "sol" | "ml" | "pv" | "pt");
        (layered && self.level.is_none()).then(|| {
            format!(
                "keys of level type {} name no level: all levels were written under one key, and which one was left cannot be told",
                self.levtype
            )
        })
    }
}

/// The references of a store whose keys name no level, with the repaired URLs of their objects: only their messages tell what they are.
pub fn collapsed(keys: &StoreKeys, catalog: &Catalog) -> Vec<Collapsed> {
    let mut origin: Option<Origin<'_>> = None;
    let mut found = Vec::new();
    for (key, reference) in &keys.keys {
        let (Some(flat), RawReference::Range { url, span }) = (FlatKey::parse(key), reference)
        else {
            continue;
        };
        if flat.levtype != "pl" || flat.collapsed().is_none() {
            continue;
        }
        origin = origin.or_else(|| Origin::of(catalog, url, flat.member));
        let object = origin.as_ref().and_then(|origin| {
            let (object, _) = origin.object(url)?;
            Some(origin.url(object))
        });
        found.extend(object.map(|url| Collapsed {
            parameter: flat.param.to_owned(),
            step: Step::hours(flat.step_hours),
            url,
            span: *span,
        }));
    }
    found
}

/// Builds the store anew: an index of these references, and what `gik refs` does with it.
pub(super) async fn rebuild<S: Store>(
    keys: &StoreKeys,
    context: &Context<'_, S>,
) -> Result<Converted, ConvertError> {
    let mut notes = Notes::default();
    let origin = origin(keys, context)?;
    let mut indexes: BTreeMap<&str, Index<'_>> = BTreeMap::new();
    let mut steps = BTreeSet::new();
    for (key, reference) in &keys.keys {
        let Some(flat) = FlatKey::parse(key) else {
            if key.ends_with("/.zarray") {
                notes.repaired(TEMPLATE, key);
            } else if !key
                .rsplit('/')
                .next()
                .is_some_and(|name| name.starts_with(".z"))
            {
                notes.repaired(OTHER, key);
            }
            continue;
        };
        let RawReference::Range { url, span } = reference else {
            notes.refused("a reference that is no byte range".to_owned(), key);
            continue;
        };
        if flat
            .member
            .is_some_and(|member| member != origin.member.name)
        {
            return Err(ConvertError::Several {
                what: "members",
                first: origin.member.name.clone(),
                second: flat.member.unwrap_or_default().to_owned(),
            });
        }
        if let Some(because) = flat.collapsed() {
            notes.refused(because, key);
            continue;
        }
        let Some((object, faults)) = origin.object(url) else {
            notes.refused(format!("{url}: not an object of run {}", origin.run), key);
            continue;
        };
        if object.step != Step::hours(flat.step_hours) {
            notes.refused(
                format!(
                    "{url}: an object of step {} under a key of step {}",
                    object.step, flat.step_hours
                ),
                key,
            );
            continue;
        }
        if faults.suffix {
            notes.repaired(SUFFIX, url);
        }
        if faults.folder {
            notes.repaired(FOLDER, url);
        }
        steps.insert(object.step);
        let index = indexes.entry(&object.index_path);
        index
            .or_insert_with(|| Index::of(object, &origin))
            .push(flat, *span);
    }
    if steps.is_empty() {
        return Err(notes.nothing());
    }
    let outcome = build(&origin, &indexes, &steps, context).await?;
    let Some(mut store) = outcome.value.stores.into_iter().next() else {
        return Err(notes.nothing());
    };
    // The texts were made here: no such object is anywhere.
    store.provenance = Provenance {
        indexes: Vec::new(),
        ..store.provenance
    };
    if store.references() == 0 {
        return Err(notes.nothing());
    }
    Ok(Converted {
        store: Kept::Refs(Box::new(store)),
        repairs: notes.repairs,
        refused: notes.refused,
        gaps: outcome.gaps,
    })
}

fn origin<'a, S>(keys: &StoreKeys, context: &Context<'a, S>) -> Result<Origin<'a>, ConvertError> {
    let mut first = None;
    for (key, reference) in &keys.keys {
        if let (Some(flat), RawReference::Range { url, .. }) = (FlatKey::parse(key), reference) {
            if let Some(origin) = Origin::of(context.catalog, url, flat.member) {
                return Ok(origin);
            }
            first.get_or_insert(url);
            // One URL in ten thousand may be damaged; all of them are another archive.
            if first != Some(url) {
                break;
            }
        }
    }
    Err(ConvertError::UnknownArchive {
        url: first.cloned().unwrap_or_default(),
    })
}

/// The text of an `.index` object.
struct Index<'a> {
    shared: Map<String, Value>,
    lines: Vec<(FlatKey<'a>, ByteSpan)>,
}

impl<'a> Index<'a> {
    fn of(object: &ObjectRef, origin: &Origin<'_>) -> Self {
        let mut shared = Map::new();
        let stream = origin
            .era
            .streams
            .iter()
            .find(|stream| stream.id == object.stream);
        for (key, value) in stream.into_iter().flat_map(|stream| &stream.mars) {
            shared.insert(key.clone(), Value::from(value.clone()));
        }
        match origin.member.member {
            Some(Member::Perturbed(number)) => {
                shared.insert("number".to_owned(), Value::from(number.to_string()));
            }
            // A file of the control alone says `fc`.
            Some(Member::Control) if !object.exclusive => {
                shared.insert("type".to_owned(), Value::from("cf"));
            }
            _ => {}
        }
        shared.insert("step".to_owned(), Value::from(object.step.to_string()));
        Self {
            shared,
            lines: Vec::new(),
        }
    }

    fn push(&mut self, key: FlatKey<'a>, span: ByteSpan) {
        self.lines.push((key, span));
    }

    fn text(&self) -> String {
        let mut lines = self.lines.clone();
        lines.sort_by_key(|(_, span)| *span);
        let mut text = String::new();
        for (key, span) in &lines {
            let mut line = self.shared.clone();
            line.insert("param".to_owned(), Value::from(key.param));
            line.insert("levtype".to_owned(), Value::from(key.levtype));
            if let Some(level) = key.level {
                line.insert("levelist".to_owned(), Value::from(level));
            }
            line.insert("_offset".to_owned(), Value::from(span.offset));
            line.insert("_length".to_owned(), Value::from(span.length));
            text.push_str(&Value::Object(line).to_string());
            text.push('\n');
        }
        text
    }
}

async fn build<S: Store>(
    origin: &Origin<'_>,
    indexes: &BTreeMap<&str, Index<'_>>,
    steps: &BTreeSet<Step>,
    context: &Context<'_, S>,
) -> Result<Outcome<Built>, ConvertError> {
    let base = context
        .archive
        .map_or(origin.root.as_str(), |(_, root)| root);
    let base = base.trim_end_matches('/');
    let mut texts = Memory::new();
    for (path, index) in indexes {
        texts.insert(format!("{base}/{path}"), index.text());
    }
    let steps: Vec<String> = steps.iter().map(Step::to_string).collect();
    let job = RefsJob {
        request: Request {
            source: origin.source.id.clone(),
            run: origin.run,
            members: origin.member.name.clone(),
            steps: Some(steps.join(",")),
            base: Some(base.to_owned()),
            concurrency: CONCURRENCY,
        },
        variables: Vec::new(),
        codec: Codec::Grib,
        uri_base: Some(origin.root.clone()),
        structure: Structure::Scan,
    };
    let store = Overlay {
        texts,
        archive: context.archive.map(|(store, _)| store),
    };
    let mut quiet = |_| {};
    let outcome = refs::run(
        &store,
        context.catalog,
        context.tables,
        &job,
        None,
        &mut quiet,
    )
    .await;
    Ok(outcome.map_err(Box::new)?)
}

/// Texts of indexes over an archive, or over none: what is not there is not found.
struct Overlay<'a, S> {
    texts: Memory,
    archive: Option<&'a S>,
}

impl<S: Store> Store for Overlay<'_, S> {
    async fn head(&self, url: &str) -> Result<ObjectMeta, StoreError> {
        match self.archive {
            Some(archive) => archive.head(url).await,
            None => self.texts.head(url).await,
        }
    }

    async fn get(&self, url: &str) -> Result<Object, StoreError> {
        self.texts.get(url).await
    }

    async fn get_range(&self, url: &str, span: ByteSpan) -> Result<Bytes, StoreError> {
        match self.archive {
            Some(archive) => archive.get_range(url, span).await,
            None => self.texts.get_range(url, span).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_every_generation_are_read() {
        let key = |level, member| FlatKey {
            step_hours: 3,
            param: "u",
            levtype: "pl",
            level,
            member,
        };
        for (text, expected) in [
            (
                "step_003/u/pl/850/ens01/0.0.0",
                Some(key(Some("850"), Some("ens01"))),
            ),
            (
                "step_003/u/pl/control/0.0.0",
                Some(key(None, Some("control"))),
            ),
            ("step_003/u/pl/0.0.0", Some(key(None, None))),
            ("step_003/u/0.0.0", None),
            ("step_x/u/pl/0.0.0", None),
            ("u/pl/850/.zarray", None),
            ("t2m/instant/surface/t2m/0.0.0", None),
        ] {
            assert_eq!(FlatKey::parse(text), expected, "{text}");
        }
        assert!(
            key(None, None)
                .collapsed()
                .unwrap()
                .contains("name no level")
        );
        assert_eq!(key(Some("850"), None).collapsed(), None);
        let surface = FlatKey::parse("step_000/2t/surface/ens01/0.0.0").unwrap();
        assert_eq!((surface.levtype, surface.collapsed()), ("sfc", None));
    }
}
