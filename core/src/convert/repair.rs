//! Stores of kerchunk's machinery, repaired key by key.
//!
//! What `reinflate_grib_store` and the published pipelines leave wrong: scalar levels under a key that no reader asks for, the
//! member's number as level, `time` that is the valid time, arrays that lost their chunks and read as whatever the memory held,
//! `fill_value` of `null`, URLs of objects that are not there.

mod values;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::origin::Origin;
use super::{Context, ConvertError, Converted, Kept, Notes, stamp};
use crate::keys::{RawReference, StoreKeys};
use crate::source::inventory::Inventory;
use crate::template::{Template, builtin};
use values::{doubles, integers};

const ABSENT: &str = "arrays without a chunk were left out: they read as whatever the memory held";
const EMPTY_GROUP: &str = "groups without a reference were left out";
const EMPTY_KEY: &str = "scalars under the key `name/` stand under `name/0`";
const FILL: &str = "missing chunks read as NaN: `fill_value` was null";
const FOLDER: &str = "URLs without the folder `ifs/` got it";
const GROUPS: &str = "groups without `.zgroup` got it";
const LEVEL: &str = "levels that were the member's number are the catalogue's";
const NUMBER: &str = "`number` is the member that the URLs name";
const OTHER: &str = "keys that are no Zarr keys were left out";
const SUFFIX: &str = "URLs without `.grib2` got it";
const TIME: &str = "`time` that was the valid time is the run";
const ZATTRS: &str = ".zattrs";

/// Repairs what can be repaired.
pub(super) fn repair<S>(
    keys: StoreKeys,
    context: &Context<'_, S>,
) -> Result<Converted, ConvertError> {
    let mut notes = Notes::default();
    let mut store = Store::of(keys, &mut notes)?;
    let origin = origin(&store.keys, context);
    if let Some(origin) = &origin {
        store.urls(origin, &mut notes)?;
    }
    let levels = match &origin {
        Some(origin) => Levels::of(origin, context)?,
        None => Levels::default(),
    };
    for group in store.groups() {
        if store.has_references(&group) {
            store.times(&group, &mut notes)?;
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

/// The run of the first URL that the catalogue knows.
fn origin<'a, S>(keys: &StoreKeys, context: &Context<'a, S>) -> Option<Origin<'a>> {
    let url = keys.keys.values().find_map(|reference| match reference {
        RawReference::Inline(_) => None,
        RawReference::Object { url } | RawReference::Range { url, .. } => Some(url),
    })?;
    Origin::of(context.catalog, url, None)
}

/// Levels of the catalogue by group path: those of every kind of message of that name.
#[derive(Default)]
struct Levels(BTreeMap<String, BTreeSet<i64>>);

impl Levels {
    fn of<S>(origin: &Origin<'_>, context: &Context<'_, S>) -> Result<Self, ConvertError> {
        let mut inventories: Vec<(String, Inventory)> = Vec::new();
        for stream in &origin.era.streams {
            if let Some(name) = &stream.inventory {
                let inventory = context.catalog.inventory(name);
                let inventory = inventory.map_err(|error| Box::new(error.into()))?;
                inventories.push((stream.id.clone(), inventory));
            }
        }
        let of = (origin.source, origin.era);
        let template = builtin::builtin(of, origin.run, &inventories, context.tables);
        let template = template.map_err(|error| Box::new(error.into()))?;
        Ok(template
            .map(|template| Self::of_template(&template))
            .unwrap_or_default())
    }

    fn of_template(template: &Template) -> Self {
        let mut levels: BTreeMap<String, BTreeSet<i64>> = BTreeMap::new();
        for row in &template.rows {
            let variable = &row.variable;
            let path = format!(
                "{}/{}/{}",
                variable.var_name, variable.step_type, variable.type_of_level
            );
            let known = levels.entry(path).or_default();
            known.extend(row.level.map(|level| values::thousandths(level.value)));
        }
        Self(levels)
    }
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

    /// Every URL is an object of the run, or the reference is refused.
    fn urls(&mut self, origin: &Origin<'_>, notes: &mut Notes) -> Result<(), ConvertError> {
        let mut wrong = Vec::new();
        for (key, reference) in &mut self.keys.keys {
            let (RawReference::Object { url } | RawReference::Range { url, .. }) = reference else {
                continue;
            };
            let Some((object, faults)) = origin.object(url) else {
                notes.refused(format!("not an object of run {}", origin.run), url);
                wrong.push(key.clone());
                continue;
            };
            if faults.suffix {
                notes.repaired(SUFFIX, url);
            }
            if faults.folder {
                notes.repaired(FOLDER, url);
            }
            *url = origin.url(object);
        }
        for key in wrong {
            self.keys.keys.remove(&key);
        }
        Ok(())
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

    /// `time` that equals `valid_time` while steps are not 0 is the valid time; the run is that less the step.
    fn times(&mut self, group: &str, notes: &mut Notes) -> Result<(), ConvertError> {
        let path = |name: &str| format!("{group}/{name}");
        let of = |name: &str, dtype| self.inline(&path(name), dtype);
        let (Some(times), Some(valid), Some(steps)) = (
            of("time", "<i8"),
            of("valid_time", "<i8"),
            of("step", "<f8"),
        ) else {
            return Ok(());
        };
        let (times, valid, steps) = (integers(times), integers(valid), doubles(steps));
        if times != valid || times.len() != steps.len() || steps.iter().all(|step| *step == 0.0) {
            return Ok(());
        }
        let runs: BTreeSet<i64> = valid
            .iter()
            .zip(&steps)
            .filter_map(|(valid, step)| Some(valid - values::seconds(*step)?))
            .collect();
        let [run] = runs.iter().copied().collect::<Vec<i64>>()[..] else {
            notes.refused(
                "its valid times and steps belong to several runs".to_owned(),
                &path("time"),
            );
            return Ok(());
        };
        self.scalar(&path("time"), run.to_le_bytes().to_vec())?;
        notes.repaired(TIME, &path("time"));
        Ok(())
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

    /// A scalar level is the catalogue's; where that has several, nothing tells which one it is.
    fn level(
        &mut self,
        group: &str,
        levels: &Levels,
        origin: Option<&Origin<'_>>,
        notes: &mut Notes,
    ) -> Result<(), ConvertError> {
        let name = group.rsplit('/').next().unwrap_or(group);
        let array = format!("{group}/{name}");
        let meta = format!("{array}/.zarray");
        if !self.keys.keys.contains_key(&meta)
            || self.keys.document(&meta)?.get("shape") != Some(&json!([]))
        {
            return Ok(());
        }
        let written = self
            .inline(&array, "<f8")
            .map(doubles)
            .and_then(|values| values.first().copied());
        let known: Vec<i64> = levels.0.get(group).into_iter().flatten().copied().collect();
        let number = origin
            .and_then(|origin| origin.member.number())
            .map(f64::from);
        match (known.as_slice(), written) {
            ([], Some(written)) if written != 0.0 && number == Some(written) => {
                notes.refused(
                    "its level is the member's number, and the catalogue does not have the variable".to_owned(),
                    group,
                );
                self.remove(&array)?;
            }
            ([], _) => {}
            ([level], written) if written.map(values::thousandths) != Some(*level) => {
                let value = values::of_thousandths(*level);
                self.scalar(&array, value.to_le_bytes().to_vec())?;
                notes.repaired(LEVEL, &array);
            }
            ([_], _) => {}
            (several, _) => {
                notes.refused(
                    format!(
                        "one level of {} was kept, and nothing tells which",
                        several.len()
                    ),
                    group,
                );
                for array in self.arrays(Some(group)) {
                    self.remove(&array)?;
                }
            }
        }
        Ok(())
    }

    /// `number` without chunks is the member that the URLs name.
    fn numbers(&mut self, origin: &Origin<'_>, notes: &mut Notes) -> Result<(), ConvertError> {
        let Some(number) = origin.member.number() else {
            return Ok(());
        };
        for group in self.groups() {
            let array = format!("{group}/number");
            let lost = self.keys.keys.contains_key(&format!("{array}/.zarray"))
                && self.chunks(&array).next().is_none();
            if lost && self.has_references(&group) {
                self.scalar(&array, i64::from(number).to_le_bytes().to_vec())?;
                notes.repaired(NUMBER, &array);
            }
        }
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
