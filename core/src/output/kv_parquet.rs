//! The key/value parquet of the published GIK files: column `key` (text) and column `value` (bytes).
//!
//! A document is its text, an inline chunk is `base64:...`, a byte range is the JSON list `["url", offset, length]`
//! spaced as Python's `json.dumps` spaces it: readers in the field compare these texts.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use parquet::basic::{Compression, LogicalType, Repetition, Type as PhysicalType};
use parquet::data_type::{ByteArray, ByteArrayType};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::{ColumnPath, Type};

use super::contents::{self, Cell, Contents, Entry, Object};
use super::{Artifact, OutputError};

/// Name of the footer entry that holds the provenance, as JSON.
const FOOTER: &str = "gik";
/// Octets of distinct values up to which the value column has a dictionary.
const DICTIONARY: usize = 4 << 20;

/// One file, `{stem}.parquet`, of one row group, snappy.
pub(super) fn write(contents: &Contents<'_>, stem: &str) -> Result<Vec<Artifact>, OutputError> {
    let path = format!("{stem}.parquet");
    let mut rows = Rows::default();
    let mut urls = Quoted::default();
    let mut inline: Vec<(&[u8], ByteArray)> = Vec::new();
    contents.for_each_entry(|key, entry| {
        match entry {
            Entry::Document(text) => rows.value.extend_from_slice(text.as_bytes()),
            Entry::Chunk(Cell::Inline(octets)) => {
                // Coordinates repeat from group to group.
                let known = inline.iter().find(|(known, _)| *known == octets);
                let text = known.map(|(_, text)| text.clone()).unwrap_or_else(|| {
                    let text = format!("base64:{}", STANDARD.encode(octets));
                    let text = ByteArray::from(text.into_bytes());
                    inline.push((octets, text.clone()));
                    text
                });
                rows.push(key, Some(text));
                return Ok(());
            }
            Entry::Chunk(Cell::Whole(object)) => {
                rows.value.push(b'[');
                rows.value
                    .extend_from_slice(urls.quoted(object)?.as_bytes());
                rows.value.push(b']');
            }
            Entry::Chunk(Cell::Range(object, span)) => {
                let value = &mut rows.value;
                value.push(b'[');
                value.extend_from_slice(urls.quoted(object)?.as_bytes());
                for number in [span.offset, span.length] {
                    value.extend_from_slice(b", ");
                    decimal(number, value);
                }
                value.push(b']');
            }
        }
        rows.push(key, None);
        Ok(())
    })?;
    let bytes =
        encode(rows, contents.provenance.clone()).map_err(|source| OutputError::Parquet {
            path: path.clone(),
            source: Box::new(source),
        })?;
    Ok(vec![Artifact {
        path,
        bytes: Bytes::from(bytes),
    }])
}

/// Keys and values of all rows in two buffers: millions of small allocations would cost more than the writing.
#[derive(Default)]
struct Rows {
    key: Vec<u8>,
    value: Vec<u8>,
    ends: Vec<End>,
}

/// Where key and value of a row end in the buffers, or the value itself.
struct End {
    key: usize,
    value: usize,
    shared: Option<ByteArray>,
}

impl Rows {
    /// Ends a row; its value is what was put into the buffer, or one that rows share.
    fn push(&mut self, key: &str, shared: Option<ByteArray>) {
        self.key.extend_from_slice(key.as_bytes());
        self.ends.push(End {
            key: self.key.len(),
            value: self.value.len(),
            shared,
        });
    }

    fn columns(self) -> [Vec<ByteArray>; 2] {
        let (key, value) = (Bytes::from(self.key), Bytes::from(self.value));
        let mut keys = Vec::with_capacity(self.ends.len());
        let mut values = Vec::with_capacity(self.ends.len());
        let mut start = (0, 0);
        for end in self.ends {
            keys.push(ByteArray::from(key.slice(start.0..end.key)));
            let own = || ByteArray::from(value.slice(start.1..end.value));
            values.push(end.shared.unwrap_or_else(own));
            start = (end.key, end.value);
        }
        [keys, values]
    }
}

/// URLs as JSON texts, by the object's number.
#[derive(Default)]
struct Quoted(Vec<Option<String>>);

impl Quoted {
    fn quoted(&mut self, object: Object<'_>) -> Result<&str, OutputError> {
        if self.0.len() <= object.number {
            self.0.resize(object.number + 1, None);
        }
        let Some(slot) = self.0.get_mut(object.number) else {
            return Ok("");
        };
        if slot.is_none() {
            *slot = Some(contents::text(object.url, &object.url)?);
        }
        Ok(slot.as_deref().unwrap_or_default())
    }
}

fn decimal(mut number: u64, out: &mut Vec<u8>) {
    let mut digits = [0; 20];
    let mut first = digits.len();
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + u8::try_from(number % 10).unwrap_or(0);
        first -= 1;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out.extend_from_slice(digits.get(first..).unwrap_or_default());
}

fn encode(rows: Rows, provenance: String) -> Result<Vec<u8>, ParquetError> {
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
        .set_column_dictionary_enabled(ColumnPath::from("key"), false)
        // Coordinates are the same in every group: a dictionary holds them once.
        .set_column_dictionary_enabled(ColumnPath::from("value"), true)
        .set_dictionary_page_size_limit(DICTIONARY)
        .set_statistics_enabled(EnabledStatistics::None)
        .build();
    let mut bytes = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut bytes, schema, Arc::new(properties))?;
    let mut group = writer.next_row_group()?;
    for cells in rows.columns() {
        let Some(mut column) = group.next_column()? else {
            return Err(ParquetError::General(
                "the schema has fewer columns than the table".to_owned(),
            ));
        };
        column
            .typed::<ByteArrayType>()
            .write_batch(&cells, None, None)?;
        column.close()?;
    }
    group.close()?;
    writer.close()?;
    Ok(bytes)
}
