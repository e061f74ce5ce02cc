//! Index files: what a GRIB file holds, and where.
//!
//! [`Dialect::detect`] tells from the first bytes whether a file is an index, [`parse`] gives its [`Record`]s, [`close`] gives the
//! lengths that only the size of the file can give, and [`tell_apart`] proves that no two records have one key.
//!
//! Input is untrusted: any bytes give records or an error with the line, without a panic, in memory proportional to the input.
//!
//! ```
//! use gik_core::index::{Dialect, close, parse, tell_apart};
//!
//! let text = b"1:0:d=2025080100:VIS:surface:15 hour fcst:ENS=+1\n2:328368:d=2025080100:GUST:surface:15 hour fcst:ENS=+1\n";
//! let mut records = parse(Dialect::detect(text)?, text)?;
//! close(&mut records, Some(882_548))?;
//! tell_apart(&mut records, &[])?;
//! assert_eq!(records[1].length, Some(554_180));
//! assert_eq!(records[1].attrs(), "GUST:surface:15 hour fcst:ENS=+1");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod detect;
mod ecmwf;
mod error;
mod example;
mod json;
mod level;
mod lines;
mod noaa;
mod spans;
mod unique;
mod when;
mod whole;

pub use detect::{Found, NotAnIndex};
pub use error::{IndexError, Line};
pub use example::example_key;
pub use lines::{Parser, Records, Summary, records};
pub use spans::close;
pub use unique::{Repeat, tell_apart};

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::identity::Key;
use crate::span::ByteSpan;
use crate::time::{Date, Run};

/// Who wrote an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dialect {
    /// One JSON object of MARS keywords per line (`.index`).
    Ecmwf,
    /// The short inventory of wgrib2, fields between colons (`.idx`).
    Noaa,
}

/// The number that wgrib2 gives a message: `36`, or `36.1` and `36.2` for two fields of one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct MessageNumber {
    /// The message, from 1.
    pub message: u64,
    /// The field within the message, from 1, where the message has more than one.
    pub field: Option<u16>,
}

/// One line of an index: one message, or one field of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// Number of the line, from 1; blank lines count.
    pub line: usize,
    /// The whole line, without its end.
    pub text: &'a str,
    /// wgrib2's number of the message.
    pub message: Option<MessageNumber>,
    /// First byte of the message. The fields of one message have the same.
    pub offset: u64,
    /// Bytes of the message; `None` where the index does not tell, see [`close`].
    pub length: Option<u64>,
    /// Day of the reference time.
    pub date: Option<Date>,
    /// Seconds from midnight (UTC) to the reference time.
    pub clock: Option<u32>,
    /// The file, in an index that speaks of many (`_path`).
    pub path: Option<Cow<'a, str>>,
    /// What the message is.
    pub key: Key<'a>,
}

impl<'a> Record<'a> {
    /// kerchunk's `attrs`: all behind the third colon of a wgrib2 line, the text key of a MARS line.
    pub fn attrs(&self) -> Cow<'a, str> {
        self.key
            .mars_text()
            .map_or_else(|| Cow::Borrowed(noaa::attrs(self.text)), Cow::Owned)
    }

    /// Where the message is, once its length is known.
    pub fn span(&self) -> Option<ByteSpan> {
        self.length.map(|length| ByteSpan::new(self.offset, length))
    }

    /// The run, where the index says it and it starts on the hour.
    pub fn run(&self) -> Option<Run> {
        let clock = self.clock?;
        let hour = u8::try_from(clock / 3_600).ok()?;
        (clock % 3_600 == 0)
            .then(|| Run::new(self.date?, hour))
            .flatten()
    }
}

/// What kerchunk's `attrs` of a wgrib2 line say, where that is what the text is: `TMP:2 m above ground:3 hour fcst:ENS=+1`.
pub fn parse_attrs(attrs: &str) -> Option<Key<'_>> {
    noaa::parse_attrs(attrs).ok()
}

/// Parses a whole index. The first bad line is the error.
///
/// The lengths of wgrib2 lines are filled in as far as the index tells them; see [`close`].
pub fn parse(dialect: Dialect, bytes: &[u8]) -> Result<Vec<Record<'_>>, IndexError> {
    // Room for all at once: a vector that grows copies what it has, and takes new memory for it.
    let lines = memchr::memchr_iter(b'\n', bytes).count();
    let mut parsed = Vec::with_capacity(lines.saturating_add(1));
    for record in records(dialect, bytes) {
        parsed.push(record?);
    }
    if dialect == Dialect::Noaa {
        spans::fill(&mut parsed);
    }
    Ok(parsed)
}
