//! The key/value parquet of the published GIK files: column `key` (text) and column `value` (bytes).
//!
//! A document is its text, an inline chunk is `base64:...`, a byte range is the JSON list `["url", offset, length]`
//! spaced as Python's `json.dumps` spaces it: readers in the field compare these texts.

use std::sync::Arc;

use bytes::Bytes;
use parquet::basic::{Compression, LogicalType, Repetition, Type as PhysicalType};
use parquet::data_type::{ByteArray, ByteArrayType};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;

use super::metadata::{Entry, for_each_entry};
use super::{Artifact, OutputError};
use crate::refs::RefStore;

/// Name of the footer entry that holds the provenance, as JSON.
const FOOTER: &str = "gik";

/// One file, `{stem}.parquet`, of one row group, snappy.
pub(super) fn write(store: &RefStore, stem: &str) -> Result<Vec<Artifact>, OutputError> {
    let path = format!("{stem}.parquet");
    let mut keys = Vec::new();
    let mut values = Vec::new();
    for_each_entry(store, |key, entry| {
        keys.push(ByteArray::from(key.as_bytes().to_vec()));
        values.push(ByteArray::from(match entry {
            Entry::Document(text) | Entry::Inline(text) => text.into_bytes(),
            Entry::Range(url, span) => {
                let quoted = serde_json::to_string(url).map_err(|source| OutputError::Json {
                    path: key.to_owned(),
                    source,
                })?;
                format!("[{quoted}, {}, {}]", span.offset, span.length).into_bytes()
            }
        }));
        Ok(())
    })?;
    let provenance =
        serde_json::to_string(&store.provenance).map_err(|source| OutputError::Json {
            path: path.clone(),
            source,
        })?;
    let bytes = encode(&keys, &values, provenance).map_err(|source| OutputError::Parquet {
        path: path.clone(),
        source: Box::new(source),
    })?;
    Ok(vec![Artifact {
        path,
        bytes: Bytes::from(bytes),
    }])
}

fn encode(
    keys: &[ByteArray],
    values: &[ByteArray],
    provenance: String,
) -> Result<Vec<u8>, ParquetError> {
    let column = |name: &str, logical| {
        Type::primitive_type_builder(name, PhysicalType::BYTE_ARRAY)
            .with_repetition(Repetition::REQUIRED)
            .with_logical_type(logical)
            .build()
            .map(Arc::new)
    };
    let fields = vec![
        column("key", Some(LogicalType::String))?,
        column("value", None)?,
    ];
    let schema = Arc::new(
        Type::group_type_builder("schema")
            .with_fields(fields)
            .build()?,
    );
    // The library's own version would change the bytes of the same result from one release to the next.
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_created_by("gik".to_owned())
        .set_key_value_metadata(Some(vec![KeyValue::new(FOOTER.to_owned(), provenance)]))
        .set_dictionary_enabled(false)
        .build();
    let mut bytes = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut bytes, schema, Arc::new(properties))?;
    let mut group = writer.next_row_group()?;
    for cells in [keys, values] {
        let Some(mut column) = group.next_column()? else {
            return Err(ParquetError::General(
                "the schema has fewer columns than the table".to_owned(),
            ));
        };
        column
            .typed::<ByteArrayType>()
            .write_batch(cells, None, None)?;
        column.close()?;
    }
    group.close()?;
    writer.close()?;
    Ok(bytes)
}
