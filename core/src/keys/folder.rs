//! kerchunk's folder of parquet files, as fsspec's `LazyReferenceMapper` lays it out.
//!
//! Source: fsspec, `implementations/reference.py`. Columns are found by name; `path` and `raw` may be missing, and so may whole
//! files. Zarr's documents are members of `.zmetadata`.

use bytes::Bytes;
use serde_json::Value;

use super::{KeysError, RawReference, StoreKeys, parse_loose};
use crate::span::ByteSpan;
use crate::table::{Table, TableError};

/// Chunks of one array that are followed; a hostile shape asks for more.
const CHUNKS: u64 = 100_000_000;

/// Reads a folder: `metadata` is its `.zmetadata`, `file` gives the content of a file by its path below the folder, or `None`
/// where there is none.
///
/// # Errors
/// [`KeysError`] where a file is not what it should be. A file that is missing is missing chunks, as it is to fsspec.
pub fn read_folder<E: From<KeysError>>(
    metadata: &[u8],
    mut file: impl FnMut(&str) -> Result<Option<Bytes>, E>,
) -> Result<StoreKeys, E> {
    let (documents, record_size) = parse(metadata)?;
    let mut store = StoreKeys::default();
    for (key, document) in &documents {
        let text = document.to_string().into_bytes();
        store.add(key.clone(), RawReference::Inline(text))?;
    }
    for (key, document) in &documents {
        let Some(array) = key.strip_suffix("/.zarray") else {
            continue;
        };
        let grid = grid(key, document)?;
        let chunks = grid
            .iter()
            .try_fold(1_u64, |all, length| all.checked_mul(*length));
        let chunks = chunks.filter(|chunks| *chunks <= CHUNKS);
        let chunks = chunks.ok_or_else(|| shape("fewer chunks", format!("the grid of {array}")))?;
        for record in 0..chunks.div_ceil(record_size) {
            let path = format!("{array}/refs.{record}.parq");
            let Some(bytes) = file(&path)? else {
                continue;
            };
            let rows = rows(&path, bytes)?;
            for (row, reference) in rows.into_iter().enumerate() {
                let position = u64::try_from(row)
                    .ok()
                    .and_then(|row| (record * record_size).checked_add(row));
                // Rows beyond the grid are padding.
                let position = position.filter(|position| *position < chunks);
                if let (Some(position), Some(reference)) = (position, reference) {
                    store.add(format!("{array}/{}", chunk_key(position, &grid)), reference)?;
                }
            }
        }
    }
    Ok(store)
}

type Documents = serde_json::Map<String, Value>;

fn parse(metadata: &[u8]) -> Result<(Documents, u64), KeysError> {
    let text =
        std::str::from_utf8(metadata).map_err(|_| shape("UTF-8", ".zmetadata".to_owned()))?;
    let mut document = parse_loose(text).map_err(|source| KeysError::Json {
        what: ".zmetadata".to_owned(),
        source,
    })?;
    let record_size = document.get("record_size").and_then(Value::as_u64);
    let record_size = record_size.filter(|size| *size > 0);
    let record_size = record_size.ok_or_else(|| shape("a record_size", ".zmetadata".to_owned()))?;
    match document.get_mut("metadata").map(Value::take) {
        Some(Value::Object(documents)) => Ok((documents, record_size)),
        _ => Err(shape("an object `metadata`", ".zmetadata".to_owned())),
    }
}

/// Number of chunks along each dimension; one for a scalar.
fn grid(key: &str, document: &Value) -> Result<Vec<u64>, KeysError> {
    let lengths = |name: &str| -> Option<Vec<u64>> {
        document
            .get(name)?
            .as_array()?
            .iter()
            .map(Value::as_u64)
            .collect()
    };
    match lengths("shape").zip(lengths("chunks")) {
        Some((shape, chunks)) if shape.len() == chunks.len() && !chunks.contains(&0) => Ok(shape
            .iter()
            .zip(&chunks)
            .map(|(length, chunk)| length.div_ceil(*chunk))
            .collect()),
        _ => Err(shape("shape and chunks of an array", key.to_owned())),
    }
}

/// The key of a chunk by its place in C order: `3.0.0`, `0` for a scalar.
fn chunk_key(mut position: u64, grid: &[u64]) -> String {
    let mut indices: Vec<String> = Vec::with_capacity(grid.len());
    for length in grid.iter().rev() {
        indices.push((position % length.max(&1)).to_string());
        position /= length.max(&1);
    }
    indices.reverse();
    if indices.is_empty() {
        "0".to_owned()
    } else {
        indices.join(".")
    }
}

fn rows(path: &str, bytes: Bytes) -> Result<Vec<Option<RawReference>>, KeysError> {
    let table = Table::open(bytes)?;
    let column = |name: &str| -> Result<Vec<Option<Vec<u8>>>, TableError> {
        if table.has(name) {
            table.octets(name)
        } else {
            Ok(vec![None; table.rows()])
        }
    };
    let (urls, raw) = (column("path")?, column("raw")?);
    let numbers = |name: &str| -> Result<Vec<Option<i64>>, TableError> {
        if table.has(name) {
            table.integers(name)
        } else {
            Ok(vec![Some(0); table.rows()])
        }
    };
    let spans = numbers("offset")?.into_iter().zip(numbers("size")?);
    let cells = urls.into_iter().zip(raw).zip(spans);
    cells
        .map(|((url, raw), span)| row(path, url, raw, span))
        .collect()
}

fn row(
    path: &str,
    url: Option<Vec<u8>>,
    raw: Option<Vec<u8>>,
    span: (Option<i64>, Option<i64>),
) -> Result<Option<RawReference>, KeysError> {
    let Some(url) = url else {
        return Ok(raw.map(RawReference::Inline));
    };
    let bad = |found: String| KeysError::Reference {
        key: path.to_owned(),
        found,
    };
    if raw.is_some() {
        return Err(bad("a row with both `path` and `raw`".to_owned()));
    }
    let url = String::from_utf8(url).map_err(|_| bad("a path that is not UTF-8".to_owned()))?;
    let unsigned = |number: Option<i64>| number.and_then(|number| u64::try_from(number).ok());
    match (unsigned(span.0), unsigned(span.1)) {
        // fsspec's sign for the whole object.
        (Some(0), Some(0)) => Ok(Some(RawReference::Object { url })),
        (Some(offset), Some(length)) => Ok(Some(RawReference::Range {
            url,
            span: ByteSpan::new(offset, length),
        })),
        _ => Err(bad(format!("offset {:?} and size {:?}", span.0, span.1))),
    }
}

fn shape(expected: &'static str, found: String) -> KeysError {
    KeysError::Shape { expected, found }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_chunks_run_in_c_order() {
        let keys: Vec<String> = (0..6).map(|at| chunk_key(at, &[2, 3, 1])).collect();
        assert_eq!(keys, ["0.0.0", "0.1.0", "0.2.0", "1.0.0", "1.1.0", "1.2.0"]);
        assert_eq!(chunk_key(0, &[]), "0");
    }

    #[test]
    fn documents_and_missing_files() {
        let metadata = br#"{"metadata": {".zgroup": {"zarr_format": 2}, "a/.zarray": {"shape": [4], "chunks": [2]}}, "record_size": 1}"#;
        let mut asked = Vec::new();
        let store = read_folder::<KeysError>(metadata, |path| {
            asked.push(path.to_owned());
            Ok(None)
        });
        assert_eq!(store.unwrap().keys.len(), 2);
        assert_eq!(asked, ["a/refs.0.parq", "a/refs.1.parq"]);
    }

    #[test]
    fn what_is_no_folder_is_refused() {
        let none = |_: &str| Ok(None);
        for bad in [
            "{}",
            r#"{"metadata": {}, "record_size": 0}"#,
            r#"{"metadata": {"a/.zarray": {"shape": [4], "chunks": [0]}}, "record_size": 9}"#,
            r#"{"metadata": {"a/.zarray": {"shape": [4e18], "chunks": [1]}}, "record_size": 9}"#,
            r#"{"metadata": {"a/.zarray": {"shape": [9000000000000], "chunks": [1]}}, "record_size": 9}"#,
        ] {
            assert!(
                read_folder::<KeysError>(bad.as_bytes(), none).is_err(),
                "{bad}"
            );
        }
        let both = row("a", Some(b"u".to_vec()), Some(vec![]), (Some(0), Some(0)));
        assert!(both.is_err());
        assert!(row("a", Some(b"u".to_vec()), None, (Some(-1), Some(5))).is_err());
    }
}
