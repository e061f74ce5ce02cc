//! The cells of one column.

use parquet::basic::{Compression, Type as PhysicalType};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::DataType;
use parquet::file::reader::FileReader;

use super::{TableError, damaged};

/// Rows that are read at once.
const BATCH: usize = 8_192;

/// A column as it is stored; `None` for nulls.
pub(super) enum Cells {
    Doubles(Vec<Option<f64>>),
    Integers(Vec<Option<i64>>),
    Octets(Vec<Option<Vec<u8>>>),
}

impl Cells {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Doubles(cells) => cells.len(),
            Self::Integers(cells) => cells.len(),
            Self::Octets(cells) => cells.len(),
        }
    }

    /// A column of nulls only, of whatever type is wanted; pandas stores such columns as it likes.
    pub(super) fn empty<T>(
        self,
        column: &str,
        expected: &'static str,
    ) -> Result<Vec<Option<T>>, TableError> {
        let (found, nulls, rows) = match &self {
            Self::Doubles(cells) => {
                let missing = |cell: &Option<f64>| cell.is_none_or(f64::is_nan);
                ("real numbers", cells.iter().all(missing), cells.len())
            }
            Self::Integers(cells) => (
                "whole numbers",
                cells.iter().all(Option::is_none),
                cells.len(),
            ),
            Self::Octets(cells) => ("text", cells.iter().all(Option::is_none), cells.len()),
        };
        if nulls {
            return Ok(std::iter::repeat_with(|| None).take(rows).collect());
        }
        Err(TableError::Type {
            column: column.to_owned(),
            found: found.to_owned(),
            expected,
        })
    }
}

/// The number as an integer, where it is one.
pub(super) fn whole(value: f64) -> Option<i64> {
    // Up to 2^53 doubles tell every integer from its neighbours.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if value.fract() != 0.0 || value.abs() > EXACT {
        return None;
    }
    #[expect(clippy::as_conversions, reason = "whole, and within 2^53")]
    let integer = value as i64;
    Some(integer)
}

/// Reads a column through all row groups.
pub(super) fn cells(
    reader: &impl FileReader,
    at: usize,
    column: &str,
) -> Result<Cells, TableError> {
    let descriptor = reader.metadata().file_metadata().schema_descr().column(at);
    let wrong_type = || TableError::Type {
        column: column.to_owned(),
        found: descriptor.physical_type().to_string(),
        expected: "a flat column of numbers or text",
    };
    if descriptor.max_rep_level() > 0 || descriptor.max_def_level() > 1 {
        return Err(wrong_type());
    }
    let mut cells = match descriptor.physical_type() {
        PhysicalType::BYTE_ARRAY => Cells::Octets(Vec::new()),
        PhysicalType::DOUBLE | PhysicalType::FLOAT => Cells::Doubles(Vec::new()),
        PhysicalType::INT32 | PhysicalType::INT64 => Cells::Integers(Vec::new()),
        _ => return Err(wrong_type()),
    };
    for group in 0..reader.num_row_groups() {
        let group = reader.get_row_group(group).map_err(damaged)?;
        let codec = group.metadata().column(at).compression();
        let plain = matches!(codec, Compression::SNAPPY | Compression::UNCOMPRESSED);
        let zstd = cfg!(feature = "zstd") && matches!(codec, Compression::ZSTD(_));
        if !plain && !zstd {
            return Err(TableError::Codec {
                column: column.to_owned(),
                codec: codec.to_string(),
            });
        }
        let pages = group.get_column_reader(at).map_err(damaged)?;
        match (&mut cells, pages) {
            (Cells::Octets(cells), ColumnReader::ByteArrayColumnReader(pages)) => {
                append(pages, cells, |value| Some(value.data().to_vec()))?;
            }
            (Cells::Doubles(cells), ColumnReader::DoubleColumnReader(pages)) => {
                append(pages, cells, Some)?;
            }
            (Cells::Doubles(cells), ColumnReader::FloatColumnReader(pages)) => {
                append(pages, cells, |value| Some(f64::from(value)))?;
            }
            (Cells::Integers(cells), ColumnReader::Int64ColumnReader(pages)) => {
                append(pages, cells, Some)?;
            }
            (Cells::Integers(cells), ColumnReader::Int32ColumnReader(pages)) => {
                append(pages, cells, |value| Some(i64::from(value)))?;
            }
            _ => return Err(wrong_type()),
        }
    }
    Ok(cells)
}

fn append<T: DataType, V>(
    mut pages: ColumnReaderImpl<T>,
    cells: &mut Vec<Option<V>>,
    mut cell: impl FnMut(T::T) -> Option<V>,
) -> Result<(), TableError> {
    let mut values = Vec::new();
    let mut levels = Vec::new();
    loop {
        values.clear();
        levels.clear();
        let (records, _, _) = pages
            .read_records(BATCH, Some(&mut levels), None, &mut values)
            .map_err(damaged)?;
        if records == 0 {
            return Ok(());
        }
        let mut values = values.drain(..);
        if levels.is_empty() {
            cells.extend(values.map(&mut cell));
            continue;
        }
        for level in &levels {
            cells.push(if *level > 0 {
                values.next().and_then(&mut cell)
            } else {
                None
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_numbers_are_integers() {
        assert_eq!(whole(995_942.0), Some(995_942));
        assert_eq!(whole(-1.0), Some(-1));
        assert_eq!(whole(0.5), None);
        assert_eq!(whole(f64::NAN), None);
        assert_eq!(whole(1e18), None);
    }

    #[test]
    fn nothing_but_nulls_is_of_every_type() {
        let nulls = Cells::Integers(vec![None, None]);
        assert_eq!(nulls.empty::<String>("x", "text").unwrap(), [None, None]);
        let numbers = Cells::Integers(vec![Some(1)]);
        assert_eq!(
            numbers
                .empty::<String>("x", "text")
                .unwrap_err()
                .to_string(),
            "column x holds whole numbers, expected text"
        );
    }
}
