//! Parquet files as columns of plain values: the form in which templates and chunk indexes are published.
//!
//! Columns are found by name, wherever they stand. Files of pyarrow and of fastparquet are read alike: a column may be
//! optional or required, whole numbers may be stored as doubles, and times have the unit that the file states.
//!
//! Input is untrusted: what is not understood is an error that names the column. The parquet library asserts what a damaged page
//! may break; such a panic of its own becomes an error here, where panics unwind (they do not in the browser).

mod read;
mod unit;

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use bytes::Bytes;
use parquet::file::metadata::FileMetaData;
use parquet::file::reader::FileReader;
use parquet::file::serialized_reader::SerializedFileReader;

use read::Cells;
use unit::Unit;

/// An open parquet file; columns are read when they are asked for.
pub struct Table {
    reader: SerializedFileReader<Bytes>,
    columns: HashMap<String, usize>,
    /// Units of columns that only pandas' metadata tells: durations are plain integers to parquet.
    durations: HashMap<String, Unit>,
    rows: usize,
}

/// Why a table cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TableError {
    /// Compressed by a method that is not built in.
    #[error("column {column}: compressed with {codec}, which cannot be read here; snappy can")]
    Codec {
        /// The column.
        column: String,
        /// Parquet's name of the method.
        codec: String,
    },
    /// The file has no column of that name.
    #[error("there is no column {column}; there are: {known}")]
    Missing {
        /// What was looked for.
        column: String,
        /// The columns of the file.
        known: String,
    },
    /// A value does not fit what the column stands for.
    #[error("column {column}, row {row}: {found} is not {expected}")]
    Value {
        /// The column.
        column: String,
        /// The row, from 0.
        row: usize,
        /// What was found.
        found: String,
        /// What was expected.
        expected: &'static str,
    },
    /// A column of another type.
    #[error("column {column} holds {found}, expected {expected}")]
    Type {
        /// The column.
        column: String,
        /// What it holds.
        found: String,
        /// What was expected.
        expected: &'static str,
    },
    /// The library gave up on a page.
    #[error("the parquet file is damaged")]
    Damaged,
    /// A column that is shorter or longer than the file says.
    #[error("column {column} has {found} rows, the file {expected}")]
    Rows {
        /// The column.
        column: String,
        /// Cells that were found.
        found: usize,
        /// Rows of the file.
        expected: usize,
    },
    /// Neither parquet nor pandas say what the numbers of a column count.
    #[error("column {column}: nothing says in which unit it counts")]
    Unit {
        /// The column.
        column: String,
    },
    /// Not a parquet file, or a damaged one.
    #[error("not a readable parquet file")]
    Parquet {
        /// What the library says.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl Table {
    /// Opens a file that is wholly in memory.
    pub fn open(bytes: Bytes) -> Result<Self, TableError> {
        guarded(|| Self::opened(bytes))
    }

    fn opened(bytes: Bytes) -> Result<Self, TableError> {
        let reader = SerializedFileReader::new(bytes).map_err(damaged)?;
        let metadata = reader.metadata().file_metadata();
        let columns = metadata.schema_descr().columns().iter().enumerate();
        let columns = columns
            .map(|(at, column)| (column.path().string(), at))
            .collect();
        let durations = entry(metadata, "pandas")
            .map(unit::durations)
            .unwrap_or_default();
        let mut rows = 0_usize;
        for group in reader.metadata().row_groups() {
            let more = usize::try_from(group.num_rows()).map_err(damaged)?;
            rows = rows.saturating_add(more);
        }
        Ok(Self {
            columns,
            durations,
            rows,
            reader,
        })
    }

    /// What says that it wrote the file: `parquet-cpp-arrow version 14.0.2`.
    pub fn writer(&self) -> Option<&str> {
        self.reader.metadata().file_metadata().created_by()
    }

    /// An entry of the file's footer.
    pub fn footer(&self, key: &str) -> Option<&str> {
        entry(self.reader.metadata().file_metadata(), key)
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Whether there is a column of that name.
    pub fn has(&self, column: &str) -> bool {
        self.columns.contains_key(column)
    }

    /// Names of the columns, sorted.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.columns.keys().map(String::as_str).collect();
        names.sort_unstable();
        names
    }

    /// A column of text.
    pub fn texts(&self, column: &str) -> Result<Vec<Option<String>>, TableError> {
        let text = |(row, octets): (usize, Option<Vec<u8>>)| {
            let octets = octets.map(String::from_utf8).transpose();
            octets.map_err(|error| TableError::Value {
                column: column.to_owned(),
                row,
                found: String::from_utf8_lossy(error.as_bytes()).into_owned(),
                expected: "UTF-8",
            })
        };
        self.octets(column)?
            .into_iter()
            .enumerate()
            .map(text)
            .collect()
    }

    /// A column of octets; one that holds nothing but nulls may be of any type.
    pub fn octets(&self, column: &str) -> Result<Vec<Option<Vec<u8>>>, TableError> {
        match self.cells(column)? {
            Cells::Octets(cells) => Ok(cells),
            cells => cells.empty(column, "text"),
        }
    }

    /// A column of whole numbers, stored as such or as doubles: pandas makes doubles of integers where one is missing.
    pub fn integers(&self, column: &str) -> Result<Vec<Option<i64>>, TableError> {
        match self.cells(column)? {
            Cells::Integers(cells) => Ok(cells),
            Cells::Doubles(cells) => {
                let whole = |(row, cell): (usize, Option<f64>)| {
                    let cell = cell.filter(|value| !value.is_nan());
                    let integer = |value| {
                        read::whole(value).ok_or_else(|| TableError::Value {
                            column: column.to_owned(),
                            row,
                            found: value.to_string(),
                            expected: "a whole number",
                        })
                    };
                    cell.map(integer).transpose()
                };
                cells.into_iter().enumerate().map(whole).collect()
            }
            cells => cells.empty(column, "whole numbers"),
        }
    }

    /// A column of real numbers; NaN is none.
    pub fn doubles(&self, column: &str) -> Result<Vec<Option<f64>>, TableError> {
        match self.cells(column)? {
            Cells::Doubles(cells) => Ok(cells
                .into_iter()
                .map(|cell| cell.filter(|value| !value.is_nan()))
                .collect()),
            cells => cells.empty(column, "real numbers"),
        }
    }

    /// A column of times or durations, in seconds. What is no whole number of seconds is an error.
    pub fn seconds(&self, column: &str) -> Result<Vec<Option<i64>>, TableError> {
        let cells = match self.cells(column)? {
            Cells::Integers(cells) => cells,
            cells => return cells.empty(column, "times"),
        };
        let unit = self.unit(column)?;
        let second = |(row, cell): (usize, Option<i64>)| {
            // numpy's "not a time".
            let cell = cell.filter(|ticks| *ticks != i64::MIN);
            let seconds = |ticks| {
                unit.seconds(ticks).ok_or_else(|| TableError::Value {
                    column: column.to_owned(),
                    row,
                    found: format!("{ticks} {unit}"),
                    expected: "a whole number of seconds",
                })
            };
            cell.map(seconds).transpose()
        };
        cells.into_iter().enumerate().map(second).collect()
    }

    fn at(&self, column: &str) -> Result<usize, TableError> {
        let missing = || TableError::Missing {
            column: column.to_owned(),
            known: self.names().join(", "),
        };
        self.columns.get(column).copied().ok_or_else(missing)
    }

    fn unit(&self, column: &str) -> Result<Unit, TableError> {
        let at = self.at(column)?;
        let schema = self.reader.metadata().file_metadata().schema_descr();
        Unit::of(&schema.column(at))
            .or_else(|| self.durations.get(column).copied())
            .ok_or_else(|| TableError::Unit {
                column: column.to_owned(),
            })
    }

    fn cells(&self, column: &str) -> Result<Cells, TableError> {
        let at = self.at(column)?;
        let cells = guarded(|| read::cells(&self.reader, at, column))?;
        if cells.len() != self.rows {
            return Err(TableError::Rows {
                column: column.to_owned(),
                found: cells.len(),
                expected: self.rows,
            });
        }
        Ok(cells)
    }
}

impl std::fmt::Debug for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Table")
            .field("columns", &self.names())
            .field("rows", &self.rows)
            .finish_non_exhaustive()
    }
}

/// The result of the library's work, or an error where it panicked.
fn guarded<T>(work: impl FnOnce() -> Result<T, TableError>) -> Result<T, TableError> {
    // What the work has half done is dropped with it: it only reads.
    catch_unwind(AssertUnwindSafe(work)).unwrap_or(Err(TableError::Damaged))
}

fn entry<'a>(metadata: &'a FileMetaData, key: &str) -> Option<&'a str> {
    let entries = metadata.key_value_metadata()?;
    entries
        .iter()
        .find(|entry| entry.key == key)?
        .value
        .as_deref()
}

fn damaged(source: impl std::error::Error + Send + Sync + 'static) -> TableError {
    TableError::Parquet {
        source: Box::new(source),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_parquet_is_an_error() {
        for bytes in [&b""[..], b"PAR1", b"PAR1PAR1", b"1:0:d=2025010100:TMP:"] {
            let error = Table::open(Bytes::from_static(bytes)).unwrap_err();
            assert_eq!(error.to_string(), "not a readable parquet file");
        }
    }
}
