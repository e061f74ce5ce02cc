//! The key/value parquet of the published GIK files: column `key` (text) and column `value` (bytes).
//!
//! A document is its text, an inline chunk is `base64:...`, a byte range is the JSON list `["url", offset, length]`
//! spaced as Python's `json.dumps` spaces it: readers in the field compare these texts.

use std::collections::HashMap;
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

use super::contents::{self, Cell, Contents, Entry};
use super::{Artifact, OutputError};

/// Name of the footer entry that holds the provenance, as JSON.
const FOOTER: &str = "gik";
/// Octets of distinct values up to which the value column has a dictionary.
const DICTIONARY: usize = 16 << 20;

/// One file, `{stem}.parquet`, of one row group, snappy.
pub(super) fn write(contents: &Contents<'_>, stem: &str) -> Result<Vec<Artifact>, OutputError> {
    let path = format!("{stem}.parquet");
    let mut cells = Cells::default();
    let mut urls = Quoted::default();
    contents.for_each_entry(|key, entry| {
        cells.keys.push_str(key);
        let values = &mut cells.values;
        match entry {
            Entry::Document(text) => values.extend_from_slice(text.as_bytes()),
            Entry::Chunk(Cell::Inline(octets)) => {
                values.extend_from_slice(b"base64:");
                values.extend_from_slice(STANDARD.encode(octets).as_bytes());
            }
            Entry::Chunk(Cell::Range(url, span)) => {
                values.push(b'[');
                values.extend_from_slice(urls.quoted(url)?.as_bytes());
                for number in [span.offset, span.length] {
                    values.extend_from_slice(b", ");
                    decimal(number, values);
                }
                values.push(b']');
            }
        }
        cells.ends.push((cells.keys.len(), cells.values.len()));
        Ok(())
    })?;
    let bytes =
        encode(cells, contents.provenance.clone()).map_err(|source| OutputError::Parquet {
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
struct Cells {
    keys: String,
    values: Vec<u8>,
    /// Where key and value of each row end.
    ends: Vec<(usize, usize)>,
}

impl Cells {
    /// Both columns, sharing the buffers.
    fn columns(self) -> [Vec<ByteArray>; 2] {
        let (keys, values) = (Bytes::from(self.keys), Bytes::from(self.values));
        let mut columns = [
            Vec::with_capacity(self.ends.len()),
            Vec::with_capacity(self.ends.len()),
        ];
        let mut start = (0, 0);
        for end in self.ends {
            let [key, value] = &mut columns;
            key.push(ByteArray::from(keys.slice(start.0..end.0)));
            value.push(ByteArray::from(values.slice(start.1..end.1)));
            start = end;
        }
        columns
    }
}

/// URLs as JSON texts; one object follows itself along an axis, or returns after a few others.
#[derive(Default)]
struct Quoted(HashMap<String, String>);

impl Quoted {
    fn quoted(&mut self, url: &str) -> Result<&str, OutputError> {
        if !self.0.contains_key(url) {
            let quoted = contents::text(url, &url)?;
            self.0.insert(url.to_owned(), quoted);
        }
        Ok(self.0.get(url).map_or("", String::as_str))
    }
}

fn decimal(mut number: u64, out: &mut Vec<u8>) {
    let start = out.len();
    loop {
        let digit = u8::try_from(number % 10).unwrap_or(0);
        out.push(b'0' + digit);
        number /= 10;
        if number == 0 {
            break;
        }
    }
    if let Some(digits) = out.get_mut(start..) {
        digits.reverse();
    }
}

fn encode(cells: Cells, provenance: String) -> Result<Vec<u8>, ParquetError> {
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
    for cells in cells.columns() {
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
