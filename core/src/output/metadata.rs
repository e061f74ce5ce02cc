//! The entries of a store in the order in which every format writes them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::OutputError;
use crate::refs::{Array, Chunks, RefStore};
use crate::span::ByteSpan;
use crate::zarr::GroupMeta;

/// What one key of a Zarr store holds.
pub(super) enum Entry<'a> {
    /// A metadata document, as text.
    Document(String),
    /// Bytes of a chunk, as `base64:...`.
    Inline(String),
    /// A byte range of an object.
    Range(&'a str, ByteSpan),
}

/// Visits every key of the store: consolidated metadata, groups, then arrays with their chunks, each sorted by path.
pub(super) fn for_each_entry<'a>(
    store: &'a RefStore,
    mut visit: impl FnMut(&str, Entry<'a>) -> Result<(), OutputError>,
) -> Result<(), OutputError> {
    visit(
        ".zmetadata",
        Entry::Document(text(".zmetadata", &consolidated(store)?)?),
    )?;
    for (path, attributes) in &store.groups {
        visit(
            &key(path, ".zgroup"),
            Entry::Document(text(path, &GroupMeta::default())?),
        )?;
        if !attributes.is_empty() {
            visit(
                &key(path, ".zattrs"),
                Entry::Document(text(path, attributes)?),
            )?;
        }
    }
    for (path, array) in &store.arrays {
        visit(
            &key(path, ".zarray"),
            Entry::Document(text(path, &array.meta)?),
        )?;
        visit(
            &key(path, ".zattrs"),
            Entry::Document(text(path, &array.attributes)?),
        )?;
        for_each_chunk(store, path, array, &mut visit)?;
    }
    Ok(())
}

fn for_each_chunk<'a>(
    store: &'a RefStore,
    path: &str,
    array: &'a Array,
    visit: &mut impl FnMut(&str, Entry<'a>) -> Result<(), OutputError>,
) -> Result<(), OutputError> {
    let mut result = Ok(());
    array.for_each_chunk(|chunk, position| {
        if result.is_err() {
            return;
        }
        let entry = match &array.chunks {
            Chunks::Inline(bytes) => Entry::Inline(format!("base64:{}", STANDARD.encode(bytes))),
            Chunks::Messages(cells) => {
                let Some(location) = cells.get(position).copied().flatten() else {
                    return;
                };
                match store.url(location) {
                    Some(url) => Entry::Range(url, location.span),
                    None => {
                        result = Err(OutputError::UnknownObject {
                            array: path.to_owned(),
                            chunk: chunk.to_owned(),
                            object: location.object,
                            objects: store.objects.len(),
                        });
                        return;
                    }
                }
            }
        };
        result = visit(&key(path, chunk), entry);
    });
    result
}

/// The `.zmetadata` document: without it zarr 3 cannot list a store of references.
fn consolidated(store: &RefStore) -> Result<Value, OutputError> {
    let mut documents = Map::new();
    for (path, attributes) in &store.groups {
        documents.insert(key(path, ".zgroup"), value(path, &GroupMeta::default())?);
        documents.insert(key(path, ".zattrs"), Value::Object(attributes.clone()));
    }
    for (path, array) in &store.arrays {
        documents.insert(key(path, ".zarray"), value(path, &array.meta)?);
        documents.insert(
            key(path, ".zattrs"),
            Value::Object(array.attributes.clone()),
        );
    }
    Ok(json!({ "metadata": documents, "zarr_consolidated_format": 1 }))
}

fn key(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}/{name}")
    }
}

fn text(path: &str, document: &impl Serialize) -> Result<String, OutputError> {
    serde_json::to_string(document).map_err(|source| OutputError::Json {
        path: path.to_owned(),
        source,
    })
}

fn value(path: &str, document: &impl Serialize) -> Result<Value, OutputError> {
    serde_json::to_value(document).map_err(|source| OutputError::Json {
        path: path.to_owned(),
        source,
    })
}
