//! kerchunk's reference JSON, version 1: absolute URLs, no templates, base64, strict JSON.
//!
//! Source: fsspec/kerchunk, docs/source/spec.rst. Neither `templates` nor `gen` is written: GDAL reads neither.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::contents::{Cell, Contents, Entry};
use super::{Artifact, OutputError};

/// One file, `{stem}.json`. The provenance is a member `gik` beside `refs`, which readers pass over.
pub(super) fn write(contents: &Contents<'_>, stem: &str) -> Result<Vec<Artifact>, OutputError> {
    let path = format!("{stem}.json");
    let mut refs = Map::new();
    contents.for_each_entry(|key, entry| {
        let value = match entry {
            Entry::Document(text) => Value::String(text.into_owned()),
            Entry::Chunk(Cell::Inline(octets)) => {
                Value::String(format!("base64:{}", STANDARD.encode(octets)))
            }
            Entry::Chunk(Cell::Whole(object)) => json!([object.url]),
            Entry::Chunk(Cell::Range(object, span)) => {
                json!([object.url, span.offset, span.length])
            }
        };
        refs.insert(key.to_owned(), value);
        Ok(())
    })?;
    let failed = |source| OutputError::Json {
        path: path.clone(),
        source,
    };
    let provenance: Value = serde_json::from_str(&contents.provenance).map_err(failed)?;
    let document = json!({ "version": 1, "refs": refs, "gik": provenance });
    let bytes = serde_json::to_vec(&document).map_err(failed)?;
    Ok(vec![Artifact {
        path,
        bytes: Bytes::from(bytes),
    }])
}
