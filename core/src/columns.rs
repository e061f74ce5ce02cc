//! Plain tables in parquet: named columns of texts, bytes and numbers, snappy, one row group.
//!
//! The one place that speaks to the parquet library for the tables that gik itself reads and writes.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as PhysicalType};
use parquet::column::reader::ColumnReaderImpl;
use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader, RowGroupReader, SerializedFileReader};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::Type;

/// Rows that are read at once.
const BATCH: usize = 64 * 1024;

/// A column; `None` is null.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Column {
    Bytes(Vec<Option<Vec<u8>>>),
    Float(Vec<Option<f64>>),
    Integer(Vec<Option<i64>>),
    /// Nanoseconds since 1970 in UTC, marked as such; read again as integers.
    Moment(Vec<Option<i64>>),
    /// That many nulls of no type; not read.
    Null(usize),
    Text(Vec<Option<String>>),
}

/// Columns by name, and the footer's entries.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Table {
    pub(crate) columns: Vec<(String, Column)>,
    pub(crate) footer: BTreeMap<String, String>,
}

/// Why bytes are no such table.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ColumnsError {
    /// A column that must be there is not, or holds something else.
    #[error("no column `{name}` of {expected}")]
    Column {
        /// The column.
        name: String,
        /// What it should hold.
        expected: &'static str,
    },
    /// Not parquet, or of a kind that the library does not read.
    #[error("not a readable parquet file")]
    Parquet(#[from] ParquetError),
}

impl Table {
    /// The texts of a column.
    pub(crate) fn texts(&self, name: &str) -> Result<&[Option<String>], ColumnsError> {
        match self.column(name) {
            Some(Column::Text(cells)) => Ok(cells),
            _ => Err(ColumnsError::Column {
                name: name.to_owned(),
                expected: "texts",
            }),
        }
    }

    /// The integers of a column.
    pub(crate) fn integers(&self, name: &str) -> Result<&[Option<i64>], ColumnsError> {
        match self.column(name) {
            Some(Column::Integer(cells)) => Ok(cells),
            _ => Err(ColumnsError::Column {
                name: name.to_owned(),
                expected: "integers",
            }),
        }
    }

    /// The numbers of a column.
    pub(crate) fn floats(&self, name: &str) -> Result<&[Option<f64>], ColumnsError> {
        match self.column(name) {
            Some(Column::Float(cells)) => Ok(cells),
            _ => Err(ColumnsError::Column {
                name: name.to_owned(),
                expected: "numbers",
            }),
        }
    }

    fn column(&self, name: &str) -> Option<&Column> {
        self.columns
            .iter()
            .find(|(found, _)| found == name)
            .map(|(_, column)| column)
    }

    /// The bytes of a parquet file. The same table gives the same bytes.
    pub(crate) fn write(&self) -> Result<Vec<u8>, ParquetError> {
        let fields = self.columns.iter().map(|(name, column)| column.field(name));
        let fields = fields.collect::<Result<Vec<_>, _>>()?;
        let schema = Arc::new(
            Type::group_type_builder("schema")
                .with_fields(fields)
                .build()?,
        );
        let footer = self
            .footer
            .iter()
            .map(|(key, value)| KeyValue::new(key.clone(), value.clone()));
        // The library's own name and version would change the bytes from one release to the next.
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by("gik".to_owned())
            .set_key_value_metadata(Some(footer.collect()))
            .build();
        let mut bytes = Vec::new();
        let mut writer = SerializedFileWriter::new(&mut bytes, schema, Arc::new(properties))?;
        let mut group = writer.next_row_group()?;
        for (_, column) in &self.columns {
            column.write(&mut group)?;
        }
        group.close()?;
        writer.close()?;
        Ok(bytes)
    }

    /// Reads a file of such columns; columns of other types are left out.
    pub(crate) fn read(bytes: &Bytes) -> Result<Self, ColumnsError> {
        let file = SerializedFileReader::new(bytes.clone())?;
        let metadata = file.metadata().file_metadata();
        let mut table = Self::default();
        for entry in metadata.key_value_metadata().into_iter().flatten() {
            table
                .footer
                .insert(entry.key.clone(), entry.value.clone().unwrap_or_default());
        }
        for (at, description) in metadata.schema_descr().columns().iter().enumerate() {
            let text = description.logical_type_ref() == Some(&LogicalType::String);
            let mut column = match description.physical_type() {
                PhysicalType::BYTE_ARRAY if text => Column::Text(Vec::new()),
                PhysicalType::BYTE_ARRAY => Column::Bytes(Vec::new()),
                PhysicalType::DOUBLE => Column::Float(Vec::new()),
                PhysicalType::INT64 => Column::Integer(Vec::new()),
                _ => continue,
            };
            for number in 0..file.num_row_groups() {
                column.read(file.get_row_group(number)?.as_ref(), at)?;
            }
            table.columns.push((description.name().to_owned(), column));
        }
        Ok(table)
    }
}

impl Column {
    fn field(&self, name: &str) -> Result<Arc<Type>, ParquetError> {
        let (physical, logical) = match self {
            Self::Bytes(_) => (PhysicalType::BYTE_ARRAY, None),
            Self::Float(_) => (PhysicalType::DOUBLE, None),
            Self::Integer(_) => (PhysicalType::INT64, None),
            Self::Moment(_) => {
                let logical = LogicalType::timestamp(false, TimeUnit::NANOS);
                (PhysicalType::INT64, Some(logical))
            }
            Self::Null(_) => (PhysicalType::INT32, Some(LogicalType::Unknown)),
            Self::Text(_) => (PhysicalType::BYTE_ARRAY, Some(LogicalType::String)),
        };
        let field = Type::primitive_type_builder(name, physical)
            .with_repetition(Repetition::OPTIONAL)
            .with_logical_type(logical);
        field.build().map(Arc::new)
    }

    fn write(
        &self,
        group: &mut SerializedRowGroupWriter<'_, &mut Vec<u8>>,
    ) -> Result<(), ParquetError> {
        match self {
            Self::Bytes(cells) => {
                write::<ByteArrayType, _>(group, cells, |cell| ByteArray::from(cell.clone()))
            }
            Self::Float(cells) => write::<DoubleType, _>(group, cells, |cell| *cell),
            Self::Integer(cells) | Self::Moment(cells) => {
                write::<Int64Type, _>(group, cells, |cell| *cell)
            }
            Self::Null(rows) => write::<Int32Type, i32>(group, &vec![None; *rows], |cell| *cell),
            Self::Text(cells) => write::<ByteArrayType, _>(group, cells, |cell| {
                ByteArray::from(cell.as_bytes().to_vec())
            }),
        }
    }

    fn read(&mut self, group: &dyn RowGroupReader, at: usize) -> Result<(), ParquetError> {
        use parquet::column::reader::ColumnReader as Reader;
        match (self, group.get_column_reader(at)?) {
            (Self::Bytes(cells), Reader::ByteArrayColumnReader(reader)) => {
                read(reader, |value: ByteArray| Ok(value.data().to_vec()), cells)
            }
            (Self::Float(cells), Reader::DoubleColumnReader(reader)) => read(reader, Ok, cells),
            (Self::Integer(cells), Reader::Int64ColumnReader(reader)) => read(reader, Ok, cells),
            (Self::Text(cells), Reader::ByteArrayColumnReader(reader)) => read(
                reader,
                |value: ByteArray| value.as_utf8().map(str::to_owned),
                cells,
            ),
            _ => Err(ParquetError::General(
                "a column changes its type".to_owned(),
            )),
        }
    }
}

fn write<T: DataType, C>(
    group: &mut SerializedRowGroupWriter<'_, &mut Vec<u8>>,
    cells: &[Option<C>],
    value: impl Fn(&C) -> T::T,
) -> Result<(), ParquetError> {
    let Some(mut column) = group.next_column()? else {
        return Err(ParquetError::General(
            "the schema has fewer columns than the table".to_owned(),
        ));
    };
    let levels: Vec<i16> = cells.iter().map(|cell| i16::from(cell.is_some())).collect();
    let values: Vec<T::T> = cells.iter().flatten().map(value).collect();
    column
        .typed::<T>()
        .write_batch(&values, Some(&levels), None)?;
    column.close()
}

fn read<T: DataType, C>(
    mut reader: ColumnReaderImpl<T>,
    value: impl Fn(T::T) -> Result<C, ParquetError>,
    cells: &mut Vec<Option<C>>,
) -> Result<(), ParquetError> {
    loop {
        let (mut values, mut levels) = (Vec::new(), Vec::new());
        let (records, ..) = reader.read_records(BATCH, Some(&mut levels), None, &mut values)?;
        if records == 0 {
            return Ok(());
        }
        let mut values = values.into_iter();
        // A required column has no levels: every cell has its value.
        if levels.is_empty() {
            levels = vec![1; records];
        }
        for level in levels {
            let cell = if level > 0 { values.next() } else { None };
            cells.push(cell.map(&value).transpose()?);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_read_as_it_was_written() {
        let table = Table {
            columns: vec![
                (
                    "name".to_owned(),
                    Column::Text(vec![Some("t2m".to_owned()), None, Some(String::new())]),
                ),
                (
                    "level".to_owned(),
                    Column::Float(vec![Some(2.0), None, Some(-0.5)]),
                ),
                (
                    "offset".to_owned(),
                    Column::Integer(vec![Some(1 << 40), Some(0), None]),
                ),
                (
                    "raw".to_owned(),
                    Column::Bytes(vec![None, Some(vec![0, 255]), Some(vec![])]),
                ),
            ],
            footer: BTreeMap::from([("gik".to_owned(), "{}".to_owned())]),
        };
        let bytes = Bytes::from(table.write().unwrap());
        assert_eq!(Table::read(&bytes).unwrap(), table);
        assert_eq!(table.write().unwrap(), bytes);
    }

    #[test]
    fn what_is_no_table_is_refused() {
        assert!(Table::read(&Bytes::from_static(b"PAR1 no PAR1")).is_err());
        let empty = Table::default();
        assert!(matches!(
            empty.texts("name"),
            Err(ColumnsError::Column { .. })
        ));
    }
}
