//! kerchunk's chunk index: one row for each message, by name and time instead of by place in a store.
//!
//! [`read`] takes the `kindex` parquets of kerchunk and its predecessor; [`map_from_index`] makes the same of a mapping and the index
//! of another run.

mod map;
mod read;

use crate::keys::{KeysError, RawReference};
use crate::table::TableError;
use crate::time::{Moment, Step};

pub use map::{Mapped, map_from_index};
pub use read::read;

/// A message in a chunk index.
#[derive(Clone, Debug, PartialEq)]
pub struct Chunk {
    /// Name of the variable.
    pub var_name: String,
    /// `stepType`.
    pub step_type: String,
    /// `typeOfLevel`.
    pub type_of_level: String,
    /// `name`.
    pub name: String,
    /// The level; `None` where the message has none.
    pub level: Option<f64>,
    /// End of the window, or the step.
    pub step: Step,
    /// The run.
    pub time: Moment,
    /// Where the message is.
    pub reference: RawReference,
}

/// Why there is no chunk index.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChunkIndexError {
    /// Two lines of the index, or two rows of the mapping, that cannot be told apart.
    #[error("`{attrs}` stands twice in the {side}")]
    Ambiguous {
        /// What they have in common.
        attrs: String,
        /// `index` or `mapping`.
        side: &'static str,
    },
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
    /// The length of a message is not known; `index::close` needs the size of the GRIB object.
    #[error("line {line}: the index does not tell how long the message is")]
    Length {
        /// The line.
        line: usize,
    },
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
    /// A mapping that has no step for a message: kerchunk could not decode it.
    #[error("`{attrs}`: the mapping does not know the step")]
    Step {
        /// The line.
        attrs: String,
    },
    /// The file cannot be read, or has no such columns.
    #[error(transparent)]
    Table(#[from] TableError),
}

impl Chunk {
    /// The moment that the message speaks of: the run plus the step.
    ///
    /// Never the column of a file: ICPAC's files have the step in it twice.
    pub fn valid_time(&self) -> Moment {
        self.time.after(self.step)
    }
}
