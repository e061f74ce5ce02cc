//! Keys that gik wrote, as the store that they were written from.

use std::collections::{BTreeMap, HashMap};

use super::ConvertError;
use crate::keys::{KeysError, RawReference, StoreKeys};
use crate::listing::Location;
use crate::output::OutputError;
use crate::provenance::Provenance;
use crate::refs::{Array, Chunks, RefStore};
use crate::zarr::{ArrayMeta, Attributes};

/// Chunks of one array that are followed; a hostile shape asks for more.
const MOST_CHUNKS: u64 = 100_000_000;

/// The store of keys.
pub(super) fn of_keys(keys: &StoreKeys, provenance: Provenance) -> Result<RefStore, ConvertError> {
    let mut store = RefStore {
        objects: Vec::new(),
        groups: BTreeMap::new(),
        arrays: BTreeMap::new(),
        provenance,
    };
    let mut objects = HashMap::new();
    let mut chunks: HashMap<&str, Vec<(&str, &RawReference)>> = HashMap::new();
    for (key, reference) in &keys.keys {
        if let Some((path, name)) = key.rsplit_once('/')
            && !name.starts_with('.')
        {
            chunks.entry(path).or_default().push((name, reference));
        }
    }
    for key in keys.keys.keys() {
        let (path, name) = key.rsplit_once('/').unwrap_or(("", key));
        match name {
            ".zgroup" => {
                store
                    .groups
                    .insert(path.to_owned(), attributes(keys, path)?);
            }
            ".zarray" => {
                let meta = keys.document(key)?;
                let meta: ArrayMeta = serde_json::from_value(meta).map_err(|source| {
                    let what = key.clone();
                    KeysError::Json { what, source }
                })?;
                let mut array = Array {
                    meta,
                    attributes: attributes(keys, path)?.into(),
                    chunks: Chunks::Messages(Vec::new()),
                };
                let chunks = chunks.remove(path).unwrap_or_default();
                array.chunks = filled(path, &array, &chunks, (&mut store, &mut objects))?;
                store.arrays.insert(path.to_owned(), array);
            }
            _ => {}
        }
    }
    Ok(store)
}

fn attributes(keys: &StoreKeys, path: &str) -> Result<Attributes, ConvertError> {
    let key = match path {
        "" => ".zattrs".to_owned(),
        path => format!("{path}/.zattrs"),
    };
    if !keys.keys.contains_key(&key) {
        return Ok(Attributes::new());
    }
    Ok(match keys.document(&key)? {
        serde_json::Value::Object(attributes) => attributes,
        _ => Attributes::new(),
    })
}

fn filled<'a>(
    path: &str,
    array: &Array,
    chunks: &[(&str, &'a RawReference)],
    (store, objects): (&mut RefStore, &mut HashMap<&'a str, u32>),
) -> Result<Chunks, ConvertError> {
    let grid = array.chunk_grid();
    if let [(_, RawReference::Inline(octets))] = chunks
        && grid.iter().all(|length| *length == 1)
    {
        return Ok(Chunks::Inline(octets.clone().into()));
    }
    let count = grid
        .iter()
        .try_fold(1_u64, |count, length| count.checked_mul(*length))
        .filter(|count| *count <= MOST_CHUNKS)
        .and_then(|count| usize::try_from(count).ok());
    let count = count.ok_or_else(|| OutputError::Grid {
        array: path.to_owned(),
    })?;
    let mut cells = vec![None; count];
    for (name, reference) in chunks {
        let RawReference::Range { url, span } = reference else {
            return Err(KeysError::Reference {
                key: format!("{path}/{name}"),
                found: "what is neither a byte range nor the only chunk".to_owned(),
            }
            .into());
        };
        let object = *objects.entry(url).or_insert_with(|| {
            store.objects.push(url.clone());
            u32::try_from(store.objects.len() - 1).unwrap_or(u32::MAX)
        });
        let cell = position(name, &grid).and_then(|at| cells.get_mut(at));
        let cell = cell.ok_or_else(|| OutputError::OutsideGrid {
            array: path.to_owned(),
            chunk: (*name).to_owned(),
            grid: grid.clone(),
        })?;
        *cell = Some(Location {
            object,
            span: *span,
        });
    }
    Ok(Chunks::Messages(cells))
}

/// The place of a chunk in C order by its key, where the grid has it.
fn position(name: &str, grid: &[u64]) -> Option<usize> {
    let indices: Vec<u64> = match grid {
        [] => Vec::new(),
        _ => name
            .split('.')
            .map(str::parse)
            .collect::<Result<_, _>>()
            .ok()?,
    };
    if indices.len() != grid.len() {
        return None;
    }
    let mut position = 0_u64;
    for (index, length) in indices.iter().zip(grid) {
        if index >= length {
            return None;
        }
        position = position.checked_mul(*length)?.checked_add(*index)?;
    }
    usize::try_from(position).ok()
}
