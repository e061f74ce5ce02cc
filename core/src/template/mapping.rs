//! kerchunk's mappings: for each line of one hour's index, what the message is. The templates of the published method.
//!
//! A mapping is what `build_idx_grib_mapping` of kerchunk returns: the lines of an index (`offset_idx`, `length_idx`, `attrs`) beside
//! what a scan of the GRIB file says (`varname`, `level`, `offset_grib`). [`read`] takes what kerchunk, its predecessor and ICPAC's
//! preprocessing wrote, through pyarrow or fastparquet, with `attrs` as index or as column.
//!
//! Where it differs from the file: `attrs` have no line end, and [`Message::level`] is worked out from `attrs`, because
//! kerchunk 0.2.7 overwrites the level of ensemble messages with the member's number.

mod level;

use bytes::Bytes;

use crate::keys::{KeysError, RawReference};
use crate::span::ByteSpan;
use crate::table::{Table, TableError};
use crate::template::Level;
use crate::time::{Moment, Step};

/// A mapping: the template of one forecast hour.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mapping {
    /// One row for each line of the index, in the order of the file.
    pub rows: Vec<MappingRow>,
}

/// A line of the index, and its message.
#[derive(Clone, Debug, PartialEq)]
pub struct MappingRow {
    /// The line behind its third colon, without a line end: what lines are matched by.
    pub attrs: String,
    /// Number of the message in the file, from 1; the published templates have lost it.
    pub number: Option<i64>,
    /// The line's date, `d=2024111200`.
    pub date: Option<String>,
    /// The index object.
    pub idx_uri: Option<String>,
    /// The GRIB object that the index speaks of.
    pub grib_uri: Option<String>,
    /// Where the index says that the message lies.
    pub span: ByteSpan,
    /// What the scan found; `None` where kerchunk could not name the message.
    pub message: Option<Message>,
}

/// What a scan of the GRIB file says of one message.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// cfgrib's name of the variable. It depends on the version of ecCodes: `dswrf` of 2023 is `sdswrf` today.
    pub var_name: String,
    /// `typeOfLevel`; empty where the message has none.
    pub type_of_level: String,
    /// `stepType`; empty where the message has none.
    pub step_type: String,
    /// `name`.
    pub name: String,
    /// The level, from `attrs` where these tell; `None` where nothing tells that can be trusted.
    pub level: Option<Level>,
    /// The column `level` as it stands in the file.
    pub written_level: Option<f64>,
    /// End of the window, or the step.
    pub step: Option<Step>,
    /// The run that the template was made from.
    pub time: Option<Moment>,
    /// The run plus the step.
    pub valid_time: Option<Moment>,
    /// Where the scan found the message, or its octets where kerchunk held them in the store.
    pub reference: Option<RawReference>,
}

/// Why a file is no mapping.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MappingError {
    /// A row that must hold something does not.
    #[error("row {row} has no {column}")]
    Empty {
        /// The row, from 0.
        row: usize,
        /// The column.
        column: &'static str,
    },
    /// Octets held in the file cannot be read.
    #[error(transparent)]
    Inline(#[from] KeysError),
    /// An offset or a length below zero.
    #[error("row {row}: {column} is {found}")]
    Negative {
        /// The row, from 0.
        row: usize,
        /// The column.
        column: &'static str,
        /// What was found.
        found: i64,
    },
    /// The file cannot be read, or has no such columns.
    #[error(transparent)]
    Table(#[from] TableError),
}

impl Mapping {
    /// Rows whose column `level` says something else than their `attrs`.
    pub fn wrong_levels(&self) -> impl Iterator<Item = &MappingRow> {
        self.rows.iter().filter(|row| {
            row.message.as_ref().is_some_and(|message| {
                let true_level = message.level.map(|level| level.value);
                message.written_level.is_some() && message.written_level != true_level
            })
        })
    }
}

/// Reads a mapping from a parquet file.
pub fn read(bytes: Bytes) -> Result<Mapping, MappingError> {
    let columns = Columns::read(&Table::open(bytes)?)?;
    let rows = (0..columns.attrs.len()).map(|row| columns.row(row));
    rows.collect::<Result<_, _>>().map(|rows| Mapping { rows })
}

type Texts = Vec<Option<String>>;

struct Columns {
    /// Whether `level` was written by gik, which does not have kerchunk's fault.
    trusted: bool,
    attrs: Texts,
    number: Vec<Option<i64>>,
    date: Texts,
    idx_uri: Texts,
    grib_uri: Texts,
    offset_idx: Vec<Option<i64>>,
    length_idx: Vec<Option<i64>>,
    var_name: Texts,
    type_of_level: Texts,
    step_type: Texts,
    name: Texts,
    level: Vec<Option<f64>>,
    step: Vec<Option<i64>>,
    time: Vec<Option<i64>>,
    valid_time: Vec<Option<i64>>,
    uri: Texts,
    offset_grib: Vec<Option<i64>>,
    length_grib: Vec<Option<i64>>,
    inline_value: Texts,
}

impl Columns {
    fn read(table: &Table) -> Result<Self, TableError> {
        // A coordinate that kerchunk could not decode in any message has no column.
        let optional = |name: &str| table.has(name);
        let texts = |name| {
            if optional(name) {
                table.texts(name)
            } else {
                Ok(Vec::new())
            }
        };
        let integers = |name| {
            if optional(name) {
                table.integers(name)
            } else {
                Ok(Vec::new())
            }
        };
        let seconds = |name| {
            if optional(name) {
                table.seconds(name)
            } else {
                Ok(Vec::new())
            }
        };
        Ok(Self {
            trusted: table
                .writer()
                .is_some_and(|writer| writer.starts_with("gik")),
            attrs: table.texts("attrs")?,
            number: integers("idx")?,
            date: texts("date")?,
            idx_uri: texts("idx_uri")?,
            grib_uri: texts("grib_uri")?,
            offset_idx: table.integers("offset_idx")?,
            length_idx: table.integers("length_idx")?,
            var_name: table.texts("varname")?,
            type_of_level: texts("typeOfLevel")?,
            step_type: texts("stepType")?,
            name: texts("name")?,
            level: if optional("level") {
                table.doubles("level")?
            } else {
                Vec::new()
            },
            step: seconds("step")?,
            time: seconds("time")?,
            valid_time: seconds("valid_time")?,
            uri: table.texts("uri")?,
            offset_grib: table.integers("offset_grib")?,
            length_grib: table.integers("length_grib")?,
            inline_value: texts("inline_value")?,
        })
    }

    fn row(&self, row: usize) -> Result<MappingRow, MappingError> {
        let attrs = text(&self.attrs, row).ok_or(MappingError::Empty {
            row,
            column: "attrs",
        })?;
        let attrs = attrs.trim_end_matches(['\r', '\n']);
        Ok(MappingRow {
            number: cell(&self.number, row),
            date: text(&self.date, row).map(str::to_owned),
            idx_uri: text(&self.idx_uri, row).map(str::to_owned),
            grib_uri: text(&self.grib_uri, row).map(str::to_owned),
            span: ByteSpan::new(
                octets(&self.offset_idx, row, "offset_idx")?,
                octets(&self.length_idx, row, "length_idx")?,
            ),
            message: self.message(row, attrs)?,
            attrs: attrs.to_owned(),
        })
    }

    fn message(&self, row: usize, attrs: &str) -> Result<Option<Message>, MappingError> {
        let Some(var_name) = text(&self.var_name, row) else {
            return Ok(None);
        };
        let word = |column| text(column, row).unwrap_or_default().to_owned();
        let written_level = cell(&self.level, row);
        Ok(Some(Message {
            var_name: var_name.to_owned(),
            type_of_level: word(&self.type_of_level),
            step_type: word(&self.step_type),
            name: word(&self.name),
            level: level::level(attrs, written_level, self.trusted),
            written_level,
            step: cell(&self.step, row).map(Step::seconds),
            time: cell(&self.time, row).map(Moment::seconds),
            valid_time: cell(&self.valid_time, row).map(Moment::seconds),
            reference: self.reference(row)?,
        }))
    }

    fn reference(&self, row: usize) -> Result<Option<RawReference>, MappingError> {
        if let Some(inline) = text(&self.inline_value, row) {
            return Ok(Some(RawReference::of_text("inline_value", inline)?));
        }
        let Some(url) = text(&self.uri, row) else {
            return Ok(None);
        };
        Ok(Some(RawReference::Range {
            url: url.to_owned(),
            span: ByteSpan::new(
                octets(&self.offset_grib, row, "offset_grib")?,
                octets(&self.length_grib, row, "length_grib")?,
            ),
        }))
    }
}

fn text(column: &[Option<String>], row: usize) -> Option<&str> {
    column.get(row)?.as_deref()
}

fn cell<T: Copy>(column: &[Option<T>], row: usize) -> Option<T> {
    column.get(row).copied().flatten()
}

fn octets(cells: &[Option<i64>], row: usize, column: &'static str) -> Result<u64, MappingError> {
    let found = cell(cells, row).ok_or(MappingError::Empty { row, column })?;
    u64::try_from(found).map_err(|_| MappingError::Negative { row, column, found })
}
