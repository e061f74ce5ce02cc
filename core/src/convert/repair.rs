//! Stores of kerchunk's machinery, repaired key by key.
//!
//! What `reinflate_grib_store` and the published pipelines leave wrong: scalar levels under a key that no reader asks for, the
//! member's number as level, `time` that is the valid time, arrays that lost their chunks and read as whatever the memory held,
//! `fill_value` of `null`, URLs of objects that are not there.

mod level;
mod time;
mod values;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::origin::Origin;
use super::{Context, ConvertError, Converted, Kept, Notes, stamp};
use crate::keys::{RawReference, StoreKeys};
use crate::source::Catalog;
use level::Levels;

const ABSENT: &str = "arrays without a chunk were left out: they read as whatever the memory held";
const EMPTY_GROUP: &str = "groups without a reference were left out";
const EMPTY_KEY: &str = "scalars under the key `name/` stand under `name/0`";
const FILL: &str = "missing chunks read as NaN: `fill_value` was null";
const FOLDER: &str = "URLs without a folder of the archive's layout got it";
const GROUPS: &str = "groups without `.zgroup` got it";
const OTHER: &str = "keys that are no Zarr keys were left out";
const SUFFIX: &str = "URLs without `.grib2` got it";
const ZATTRS: &str = ".zattrs";

/// Repairs what can be repaired.
pub(super) fn repair<S>(
    keys: StoreKeys,
    context: &Context<'_, S>,
) -> Result<Converted, ConvertError> {
    let mut notes = Notes::default();
    let mut store = Store::of(keys, &mut notes)?;
    let origins = store.urls(context.catalog, &mut notes);
    // A series over many runs has no run of its own, and its axes are its maker's business.
    let origin = match <[Origin<'_>; 1]>::try_from(origins) {
        Ok([origin]) => Some(origin),
        Err(_) => None,
    };
    let levels = match &origin {
        Some(origin) => Levels::of(origin, context)?,
        None => Levels::default(),
    };
    for group in store.groups() {
        if store.has_references(&group) {
            store.steps(&group, origin.as_ref(), &mut notes)?;
            store.times(&group, origin.as_ref(), &mut notes)?;
            store.level(&group, &levels, origin.as_ref(), &mut notes)?;
        }
    }
    if let Some(origin) = &origin {
        store.numbers(origin, &mut notes)?;
    }
    store.without_chunks(&mut notes)?;
    store.fill_values(&mut notes)?;
    if store.keys.references() == 0 {
        return Err(notes.nothing());
    }
    let stamp = stamp(&notes.repairs);
    Ok(Converted {
        store: Kept::Keys(store.keys, stamp),
        repairs: notes.repairs,
        refused: notes.refused,
        gaps: Vec::new(),
    })
}

struct Store {
    keys: StoreKeys,
}

impl Store {
    /// The store without what is no Zarr key, with `.zgroup` at each level.
    fn of(keys: StoreKeys, notes: &mut Notes) -> Result<Self, ConvertError> {
        let arrays: BTreeSet<String> = keys
            .keys
            .keys()
            .filter_map(|key| key.strip_suffix("/.zarray"))
            .map(str::to_owned)
            .collect();
        let mut kept = StoreKeys::default();
        for (key, reference) in keys.keys {
            let (path, name) = key.rsplit_once('/').unwrap_or(("", &key));
            match name {
                ".zmetadata" => continue,
                ".zgroup" | ".zarray" | ZATTRS => kept.add(key, reference)?,
                "" if arrays.contains(path) => {
                    notes.repaired(EMPTY_KEY, &key);
                    kept.add(format!("{path}/0"), reference)?;
                }
                _ if arrays.contains(path) => kept.add(key, reference)?,
                _ => notes.repaired(OTHER, &key),
            }
        }
        let mut store = Self { keys: kept };
        let mut groups = BTreeSet::from([String::new()]);
        for array in &arrays {
            let mut path = array.as_str();
            while let Some((parent, _)) = path.rsplit_once('/') {
                groups.insert(parent.to_owned());
                path = parent;
            }
        }
        for group in groups {
            let key = join(&group, ".zgroup");
            if !store.keys.keys.contains_key(&key) {
                notes.repaired(GROUPS, &key);
                store.set(&key, &json!({ "zarr_format": 2 }));
            }
        }
        Ok(store)
    }

    fn set(&mut self, key: &str, document: &Value) {
        self.put(key, document.to_string().into_bytes());
    }

    fn put(&mut self, key: &str, octets: Vec<u8>) {
        self.keys
            .keys
            .insert(key.to_owned(), RawReference::Inline(octets));
    }

    /// Paths of the arrays in a group, or of all.
    fn arrays(&self, group: Option<&str>) -> Vec<String> {
        let arrays = self
            .keys
            .keys
            .keys()
            .filter_map(|key| key.strip_suffix("/.zarray"));
        let inside = |path: &&str| group.is_none_or(|group| parent(path) == group);
        arrays.filter(inside).map(str::to_owned).collect()
    }

    /// Groups that hold arrays.
    fn groups(&self) -> Vec<String> {
        let groups: BTreeSet<String> = self
            .arrays(None)
            .iter()
            .map(|path| parent(path).to_owned())
            .collect();
        groups.into_iter().collect()
    }

    fn chunks(&self, array: &str) -> impl Iterator<Item = (&String, &RawReference)> {
        let prefix = format!("{array}/");
        let from = self.keys.keys.range(prefix.clone()..);
        from.take_while(move |(key, _)| key.starts_with(&prefix))
            .filter(|(key, _)| {
                !key.rsplit('/')
                    .next()
                    .is_some_and(|name| name.starts_with('.'))
            })
    }

    fn has_references(&self, group: &str) -> bool {
        let refers = |(_, reference): (&String, &RawReference)| {
            !matches!(reference, RawReference::Inline(_))
        };
        self.arrays(Some(group))
            .iter()
            .any(|array| self.chunks(array).any(refers))
    }

    /// Every URL below a known root is an object of a run, or the reference is refused. Gives the runs that were found.
    fn urls<'a>(&mut self, catalog: &'a Catalog, notes: &mut Notes) -> Vec<Origin<'a>> {
        let mut origins: Vec<Origin<'a>> = Vec::new();
        let mut wrong = Vec::new();
        for (key, reference) in &mut self.keys.keys {
            let (RawReference::Object { url } | RawReference::Range { url, .. }) = reference else {
                continue;
            };
            if !origins.iter().any(|origin| origin.object(url).is_some()) {
                match Origin::of(catalog, url, None) {
                    Some(origin) => origins.push(origin),
                    // Another archive, of which nothing is known.
                    None if !Origin::is_rooted(catalog, url) => continue,
                    None => {
                        notes.refused("URLs that name no object of their archive".to_owned(), url);
                        wrong.push(key.clone());
                        continue;
                    }
                }
            }
            let found = origins
                .iter()
                .find_map(|origin| Some((origin, origin.object(url)?)));
            let Some((origin, (object, faults))) = found else {
                continue;
            };
            let repaired = origin.url(object);
            if faults.suffix {
                notes.repaired(SUFFIX, url);
            }
            if faults.folder {
                notes.repaired(FOLDER, url);
            }
            *url = repaired;
        }
        for key in wrong {
            self.keys.keys.remove(&key);
        }
        origins
    }

    fn dimensions(&self, array: &str) -> Result<Vec<String>, ConvertError> {
        let key = format!("{array}/{ZATTRS}");
        if !self.keys.keys.contains_key(&key) {
            return Ok(Vec::new());
        }
        let document = self.keys.document(&key)?;
        let names = document.get("_ARRAY_DIMENSIONS").and_then(Value::as_array);
        Ok(names
            .into_iter()
            .flatten()
            .filter_map(|name| Some(name.as_str()?.to_owned()))
            .collect())
    }

    /// The octets of an array of one inline chunk of that dtype, stored as they are.
    fn inline(&self, array: &str, dtype: &str) -> Option<&[u8]> {
        let meta = self.keys.document(&format!("{array}/.zarray")).ok()?;
        let plain = ["compressor", "filters"]
            .iter()
            .all(|name| meta.get(name).is_none_or(Value::is_null));
        if !plain || meta.get("dtype")?.as_str() != Some(dtype) {
            return None;
        }
        let mut chunks = self.chunks(array);
        match (chunks.next(), chunks.next()) {
            (Some((_, RawReference::Inline(octets))), None) => Some(octets),
            _ => None,
        }
    }

    /// Makes an array a scalar with that value.
    fn scalar(&mut self, array: &str, octets: Vec<u8>) -> Result<(), ConvertError> {
        let (meta, attributes) = (format!("{array}/.zarray"), format!("{array}/{ZATTRS}"));
        let mut document = self.keys.document(&meta)?;
        for name in ["chunks", "shape"] {
            set(&mut document, name, json!([]));
        }
        set(&mut document, "compressor", Value::Null);
        self.set(&meta, &document);
        let mut document = self.keys.document(&attributes)?;
        set(&mut document, "_ARRAY_DIMENSIONS", json!([]));
        self.set(&attributes, &document);
        let chunks: Vec<String> = self.chunks(array).map(|(key, _)| key.clone()).collect();
        for key in chunks {
            self.keys.keys.remove(&key);
        }
        self.put(&format!("{array}/0"), octets);
        Ok(())
    }

    /// Arrays without a chunk, and groups without a reference.
    fn without_chunks(&mut self, notes: &mut Notes) -> Result<(), ConvertError> {
        for group in self.groups() {
            let useless = !self.has_references(&group);
            if useless {
                notes.repaired(EMPTY_GROUP, &group);
            }
            for array in self.arrays(Some(&group)) {
                if useless {
                    self.remove(&array)?;
                } else if self.chunks(&array).next().is_none() {
                    notes.repaired(ABSENT, &array);
                    self.remove(&array)?;
                }
            }
        }
        // Groups without arrays below them, the innermost first.
        let groups: Vec<String> = self
            .keys
            .keys
            .keys()
            .filter_map(|key| key.strip_suffix("/.zgroup"))
            .map(str::to_owned)
            .collect();
        let arrays = self.arrays(None);
        for group in groups {
            let prefix = format!("{group}/");
            if !arrays.iter().any(|array| array.starts_with(&prefix)) {
                self.keys.keys.remove(&join(&group, ".zgroup"));
                self.keys.keys.remove(&join(&group, ZATTRS));
            }
        }
        Ok(())
    }

    /// Removes an array, and its name from the coordinates of its group.
    fn remove(&mut self, array: &str) -> Result<(), ConvertError> {
        let prefix = format!("{array}/");
        self.keys.keys.retain(|key, _| !key.starts_with(&prefix));
        let (group, name) = array.rsplit_once('/').unwrap_or(("", array));
        let key = join(group, ZATTRS);
        if self.keys.keys.contains_key(&key) {
            let mut attributes = self.keys.document(&key)?;
            if let Some(listed) = attributes.get("coordinates").and_then(Value::as_str) {
                let names: Vec<&str> = listed.split(' ').filter(|it| *it != name).collect();
                let names = json!(names.join(" "));
                set(&mut attributes, "coordinates", names);
                self.set(&key, &attributes);
            }
        }
        Ok(())
    }

    /// `null` is undefined: a chunk that is missing must read as missing values.
    fn fill_values(&mut self, notes: &mut Notes) -> Result<(), ConvertError> {
        for array in self.arrays(None) {
            let key = format!("{array}/.zarray");
            let mut meta = self.keys.document(&key)?;
            let float = meta
                .get("dtype")
                .and_then(Value::as_str)
                .is_some_and(|it| it.contains('f'));
            let refers = self
                .chunks(&array)
                .any(|(_, it)| !matches!(it, RawReference::Inline(_)));
            if float && refers && meta.get("fill_value") == Some(&Value::Null) {
                set(&mut meta, "fill_value", json!("NaN"));
                self.set(&key, &meta);
                notes.repaired(FILL, &array);
            }
        }
        Ok(())
    }
}

fn set(document: &mut Value, name: &str, value: Value) {
    if let Value::Object(members) = document {
        members.insert(name.to_owned(), value);
    }
}

fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(parent, _)| parent)
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}/{name}")
    }
}
