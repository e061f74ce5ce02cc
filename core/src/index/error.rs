//! Why an index file was not read.

use std::fmt;

/// How much of a line an error shows, in characters.
const SHOWN: usize = 200;

/// A line of an index file: where it is, and how it starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Number of the line, from 1; blank lines count.
    pub number: usize,
    /// The text, shortened to 200 characters.
    pub text: Box<str>,
}

impl Line {
    /// The line, shortened.
    pub fn new(number: usize, text: &str) -> Self {
        let text = match text.char_indices().nth(SHOWN) {
            Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()).into(),
            None => text.into(),
        };
        Self { number, text }
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: `{}`", self.number, self.text)
    }
}

/// Why an index file was not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IndexError {
    /// Bytes that are no UTF-8.
    #[error("{line}: not UTF-8 from byte {column} of the line")]
    NotUtf8 {
        /// The line, with replacement characters.
        line: Line,
        /// First bad byte of the line, from 1.
        column: usize,
    },
    /// A field that every line must have is not there.
    #[error("{line}: no {field}")]
    Missing {
        /// The line.
        line: Line,
        /// Name of the field.
        field: &'static str,
    },
    /// A field that says something else than it may.
    #[error("{line}: {field} is not {expected}")]
    Field {
        /// The line.
        line: Line,
        /// Name of the field.
        field: &'static str,
        /// What it should be.
        expected: &'static str,
    },
    /// A key that the line has twice.
    #[error("{line}: `{key}` is there twice")]
    Repeated {
        /// The line.
        line: Line,
        /// The key.
        key: String,
    },
    /// More keys than any line of MARS has; a limit on what a hostile line may cost.
    #[error("{line}: more than {limit} keys")]
    TooManyKeys {
        /// The line.
        line: Line,
        /// How many there may be.
        limit: usize,
    },
    /// A line that is no JSON object.
    #[error("{line}: not a JSON object: {problem} at column {column}")]
    Json {
        /// The line.
        line: Line,
        /// Where, in bytes from 1; 0 where the end is missing.
        column: usize,
        /// What the JSON parser says.
        problem: String,
    },
    /// A value that is neither a text nor a number.
    #[error("{line}: `{key}` is {found}, not a text or a number")]
    Value {
        /// The line.
        line: Line,
        /// The key.
        key: String,
        /// What it is.
        found: &'static str,
    },
    /// An inventory of GRIB edition 1, as `wgrib` prints it.
    #[error("{line}: an inventory of GRIB edition 1; only edition 2 is read")]
    Edition1 {
        /// The line.
        line: Line,
    },
    /// Two lines say the same of two messages.
    #[error("{second} says the same as {first}")]
    Duplicate {
        /// The earlier line.
        first: Line,
        /// The later line.
        second: Line,
    },
    /// Two messages overlap in the file, and are not fields of one message.
    #[error("{second} overlaps {first}")]
    Overlap {
        /// The message that starts first.
        first: Line,
        /// The message that starts before the first one has ended.
        second: Line,
    },
    /// A message does not fit the file.
    #[error("{line}: the message does not end within the file of {size} bytes")]
    BeyondEnd {
        /// The line.
        line: Line,
        /// Size of the file.
        size: u64,
    },
    /// The index speaks of more than one file, so that one size cannot close it.
    #[error("{line}: another file than that of {first}")]
    OtherFile {
        /// The first line.
        first: Line,
        /// A line with another path.
        line: Line,
    },
}

impl IndexError {
    /// The line that is at fault.
    pub fn line(&self) -> &Line {
        match self {
            Self::NotUtf8 { line, .. }
            | Self::Missing { line, .. }
            | Self::Field { line, .. }
            | Self::Repeated { line, .. }
            | Self::TooManyKeys { line, .. }
            | Self::Json { line, .. }
            | Self::Value { line, .. }
            | Self::Edition1 { line }
            | Self::BeyondEnd { line, .. }
            | Self::OtherFile { line, .. } => line,
            Self::Duplicate { second, .. } | Self::Overlap { second, .. } => second,
        }
    }
}
