//! kerchunk's reference JSON, version 1: absolute URLs, no templates, base64, strict JSON.
//!
//! Source: fsspec/kerchunk, docs/source/spec.rst. Neither `templates` nor `gen` is written: GDAL reads neither.

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::metadata::{Entry, for_each_entry};
use super::{Artifact, OutputError};
use crate::refs::RefStore;

/// One file, `{stem}.json`. The provenance is a member `gik` beside `refs`, which readers pass over.
pub(super) fn write(store: &RefStore, stem: &str) -> Result<Vec<Artifact>, OutputError> {
    let path = format!("{stem}.json");
    let mut refs = Map::new();
    for_each_entry(store, |key, entry| {
        let value = match entry {
            Entry::Document(text) | Entry::Inline(text) => Value::String(text),
            Entry::Range(url, span) => json!([url, span.offset, span.length]),
        };
        refs.insert(key.to_owned(), value);
        Ok(())
    })?;
    let document = json!({ "version": 1, "refs": refs, "gik": store.provenance });
    let bytes = serde_json::to_vec(&document).map_err(|source| OutputError::Json {
        path: path.clone(),
        source,
    })?;
    Ok(vec![Artifact {
        path,
        bytes: Bytes::from(bytes),
    }])
}
