//! kerchunk's folder of parquet files: `.zmetadata`, and `{array}/refs.{record}.parq` with one row for each chunk.
//!
//! Source: fsspec, `implementations/reference.py`, `LazyReferenceMapper`. The reader counts chunks in C order, divides by the
//! `record_size` of `.zmetadata` and takes the columns `path`, `offset`, `size` and `raw` by name. A row of `raw` is an inline
//! chunk, a row without `path` is a missing one. The last file of an array ends with the grid: no reader asks beyond it.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use parquet::basic::{Compression, LogicalType, Repetition, Type as PhysicalType};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{
    EnabledStatistics, WriterProperties, WriterPropertiesPtr, WriterVersion,
};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::{ColumnPath, Type, TypePtr};
use serde_json::Value;

use super::contents::{ArrayContents, Cell, Contents, Object};
use super::{Artifact, OutputError};

/// Chunks of one file; fsspec's own default.
const RECORD_SIZE: usize = 10_000;
/// Without it fastparquet makes doubles of integers that carry no statistics, and no byte range begins at a double.
const PANDAS: &str = concat!(
    r#"{"column_indexes": [], "columns": ["#,
    r#"{"field_name": "path", "metadata": null, "name": "path", "numpy_type": "object", "pandas_type": "unicode"}, "#,
    r#"{"field_name": "offset", "metadata": null, "name": "offset", "numpy_type": "int64", "pandas_type": "int64"}, "#,
    r#"{"field_name": "size", "metadata": null, "name": "size", "numpy_type": "int64", "pandas_type": "int64"}, "#,
    r#"{"field_name": "raw", "metadata": null, "name": "raw", "numpy_type": "object", "pandas_type": "bytes"}"#,
    r#"], "index_columns": []}"#,
);

/// The folder `{stem}.kerchunk/`. The provenance is a member `gik` of `.zmetadata`, which readers pass over.
pub(super) fn write(contents: &Contents<'_>, stem: &str) -> Result<Vec<Artifact>, OutputError> {
    let folder = format!("{stem}.kerchunk");
    let mut artifacts = vec![metadata(contents, &folder)?];
    let mut writer = Writer::new().map_err(|source| failed(&folder, source))?;
    // Coordinates repeat from group to group, and equal octets make equal files.
    let mut inline: HashMap<&[u8], Bytes> = HashMap::new();
    for array in &contents.arrays {
        let rows = array.len();
        for (record, first) in (0..rows).step_by(RECORD_SIZE).enumerate() {
            let path = format!("{folder}/{}/refs.{record}.parq", array.documents.path);
            let known = array.inline().and_then(|octets| inline.get(octets));
            let bytes = match known {
                Some(known) => known.clone(),
                None => {
                    writer.table(array, first..rows.min(first + RECORD_SIZE))?;
                    let bytes = writer.file().map_err(|source| failed(&path, source))?;
                    if let Some(octets) = array.inline() {
                        inline.insert(octets, bytes.clone());
                    }
                    bytes
                }
            };
            artifacts.push(Artifact { path, bytes });
        }
    }
    Ok(artifacts)
}

fn metadata(contents: &Contents<'_>, folder: &str) -> Result<Artifact, OutputError> {
    let path = format!("{folder}/.zmetadata");
    let failed = |source| OutputError::Json {
        path: path.clone(),
        source,
    };
    let provenance: Value = serde_json::from_str(&contents.provenance).map_err(failed)?;
    // Sorted, as all documents are; and members within members.
    let provenance = serde_json::to_string(&provenance).map_err(failed)?;
    let before = format!("\"gik\":{provenance},");
    let bytes = contents.zmetadata(&before, &format!(",\"record_size\":{RECORD_SIZE}"))?;
    Ok(Artifact {
        path,
        bytes: Bytes::from(bytes),
    })
}

fn failed(path: &str, source: ParquetError) -> OutputError {
    OutputError::Parquet {
        path: path.to_owned(),
        source: Box::new(source),
    }
}

/// The columns of one file, and what all files share.
struct Writer {
    schema: TypePtr,
    properties: WriterPropertiesPtr,
    /// URLs by the object's number: the column names an object again and again.
    urls: Vec<Option<ByteArray>>,
    paths: Vec<ByteArray>,
    has_path: Vec<i16>,
    offsets: Vec<i64>,
    sizes: Vec<i64>,
    raw: Vec<ByteArray>,
    has_raw: Vec<i16>,
}

impl Writer {
    fn new() -> Result<Self, ParquetError> {
        let column = |name: &str, physical, repetition, logical| {
            Type::primitive_type_builder(name, physical)
                .with_repetition(repetition)
                .with_logical_type(logical)
                .build()
                .map(Arc::new)
        };
        let (octets, integer) = (PhysicalType::BYTE_ARRAY, PhysicalType::INT64);
        let fields = vec![
            column(
                "path",
                octets,
                Repetition::OPTIONAL,
                Some(LogicalType::String),
            )?,
            column("offset", integer, Repetition::REQUIRED, None)?,
            column("size", integer, Repetition::REQUIRED, None)?,
            column("raw", octets, Repetition::OPTIONAL, None)?,
        ];
        let schema = Type::group_type_builder("schema")
            .with_fields(fields)
            .build()?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by("gik".to_owned())
            .set_key_value_metadata(Some(vec![KeyValue::new(
                "pandas".to_owned(),
                PANDAS.to_owned(),
            )]))
            .set_writer_version(WriterVersion::PARQUET_1_0)
            .set_statistics_enabled(EnabledStatistics::None)
            .set_dictionary_enabled(false)
            .set_column_dictionary_enabled(ColumnPath::from("path"), true)
            .build();
        Ok(Self {
            schema: Arc::new(schema),
            properties: Arc::new(properties),
            urls: Vec::new(),
            paths: Vec::new(),
            has_path: Vec::new(),
            offsets: Vec::new(),
            sizes: Vec::new(),
            raw: Vec::new(),
            has_raw: Vec::new(),
        })
    }

    /// Takes the chunks of an array that lie in `positions`.
    fn table(
        &mut self,
        array: &ArrayContents<'_>,
        positions: std::ops::Range<usize>,
    ) -> Result<(), OutputError> {
        self.paths.clear();
        self.has_path.clear();
        self.offsets.clear();
        self.sizes.clear();
        self.raw.clear();
        self.has_raw.clear();
        let too_far = |number: u64| {
            i64::try_from(number).map_err(|_| OutputError::TooFar {
                array: array.documents.path.to_owned(),
                number,
            })
        };
        for position in positions {
            let (mut offset, mut size, mut has_path, mut has_raw) = (0, 0, 0, 0);
            match array.cell(position)? {
                None => {}
                Some(Cell::Inline(octets)) => {
                    self.raw.push(ByteArray::from(octets.to_vec()));
                    has_raw = 1;
                }
                // Offset and size of a whole object are 0, as fsspec reads it.
                Some(Cell::Whole(object)) => {
                    let path = self.url(object);
                    self.paths.push(path);
                    has_path = 1;
                }
                Some(Cell::Range(object, span)) => {
                    (offset, size) = (too_far(span.offset)?, too_far(span.length)?);
                    let path = self.url(object);
                    self.paths.push(path);
                    has_path = 1;
                }
            }
            self.has_path.push(has_path);
            self.has_raw.push(has_raw);
            self.offsets.push(offset);
            self.sizes.push(size);
        }
        Ok(())
    }

    fn url(&mut self, object: Object<'_>) -> ByteArray {
        if self.urls.len() <= object.number {
            self.urls.resize(object.number + 1, None);
        }
        let new = || ByteArray::from(object.url.as_bytes().to_vec());
        match self.urls.get_mut(object.number) {
            Some(slot) => slot.get_or_insert_with(new).clone(),
            None => new(),
        }
    }

    fn file(&self) -> Result<Bytes, ParquetError> {
        let mut bytes = Vec::new();
        let (schema, properties) = (Arc::clone(&self.schema), Arc::clone(&self.properties));
        let mut writer = SerializedFileWriter::new(&mut bytes, schema, properties)?;
        let mut group = writer.next_row_group()?;
        column::<ByteArrayType>(&mut group, &self.paths, Some(&self.has_path))?;
        column::<Int64Type>(&mut group, &self.offsets, None)?;
        column::<Int64Type>(&mut group, &self.sizes, None)?;
        column::<ByteArrayType>(&mut group, &self.raw, Some(&self.has_raw))?;
        group.close()?;
        writer.close()?;
        Ok(Bytes::from(bytes))
    }
}

fn column<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, &mut Vec<u8>>,
    values: &[T::T],
    there: Option<&[i16]>,
) -> Result<(), ParquetError> {
    let Some(mut column) = group.next_column()? else {
        return Err(ParquetError::General(
            "the schema has fewer columns than the table".to_owned(),
        ));
    };
    column.typed::<T>().write_batch(values, there, None)?;
    column.close()
}

#[cfg(test)]
mod tests {
    use crate::keys::{KeysError, RawReference, StoreKeys, read_folder};
    use crate::output::{Artifact, Output, write_keys};
    use crate::span::ByteSpan;

    /// A scalar, and an array of 10,001 chunks of which only the first and the last are there, one of them a whole object.
    fn store() -> StoreKeys {
        let text = |text: &str| RawReference::Inline(text.as_bytes().to_vec());
        let array = r#"{"chunks":[1],"shape":[10001]}"#;
        let entries = [
            (".zattrs", text("{}")),
            (".zgroup", text(r#"{"zarr_format":2}"#)),
            ("a/.zarray", text(array)),
            ("a/.zattrs", text("{}")),
            (
                "a/0",
                RawReference::Range {
                    url: "s3://b/it's".to_owned(),
                    span: ByteSpan::new(1 << 40, 7),
                },
            ),
            (
                "a/10000",
                RawReference::Object {
                    url: "s3://b/x".to_owned(),
                },
            ),
            ("s/.zarray", text(r#"{"chunks":[],"shape":[]}"#)),
            ("s/.zattrs", text("{}")),
            ("s/0", RawReference::Inline(vec![0, 255, 0])),
        ];
        StoreKeys {
            keys: entries.map(|(key, it)| (key.to_owned(), it)).into(),
        }
    }

    fn written(store: &StoreKeys) -> Vec<Artifact> {
        write_keys(Output::KerchunkParquet, store, "{}", "x").unwrap()
    }

    #[test]
    fn chunks_lie_in_the_record_and_row_where_fsspec_looks() {
        let artifacts = written(&store());
        let paths: Vec<&str> = artifacts.iter().map(|it| it.path.as_str()).collect();
        let records = ["a/refs.0.parq", "a/refs.1.parq", "s/refs.0.parq"];
        let expected = [".zmetadata"].iter().chain(&records);
        let expected: Vec<String> = expected.map(|it| format!("x.kerchunk/{it}")).collect();
        assert_eq!(paths, expected);
        assert_eq!(read(&artifacts).unwrap(), store());
    }

    #[test]
    fn the_same_store_gives_the_same_bytes() {
        assert_eq!(written(&store()), written(&store()));
    }

    #[test]
    fn a_chunk_outside_of_the_grid_is_refused() {
        let mut store = store();
        let chunk = store.keys.remove("a/0").unwrap();
        store.keys.insert("a/10001".to_owned(), chunk);
        let error = write_keys(Output::KerchunkParquet, &store, "{}", "x").unwrap_err();
        assert_eq!(
            error.to_string(),
            "array a: there is no chunk 10001 in a grid of [10001]"
        );
    }

    fn read(artifacts: &[Artifact]) -> Result<StoreKeys, KeysError> {
        let file = |path: &str| {
            let path = format!("x.kerchunk/{path}");
            artifacts
                .iter()
                .find(|it| it.path == path)
                .map(|it| it.bytes.clone())
        };
        let metadata = file(".zmetadata").unwrap();
        read_folder(&metadata, |path| Ok(file(path)))
    }
}
