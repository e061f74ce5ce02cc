//! Lines of an index, whole or in pieces.

use memchr::{memchr, memrchr};

use super::error::{IndexError, Line};
use super::{Dialect, Record, ecmwf, noaa};

/// The records of a whole index, one line at a time; a line that is bad gives its error, and the next one is read all the same.
///
/// The lengths of wgrib2 lines are not known from one line: they are `None` here, and filled in by [`super::parse`] or
/// [`super::close`].
pub fn records(dialect: Dialect, bytes: &[u8]) -> Records<'_> {
    Records {
        dialect,
        rest: bytes,
        line: 0,
    }
}

/// The iterator of [`records`].
#[derive(Clone, Debug)]
pub struct Records<'a> {
    dialect: Dialect,
    rest: &'a [u8],
    line: usize,
}

impl<'a> Iterator for Records<'a> {
    type Item = Result<Record<'a>, IndexError>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.rest.is_empty() {
            let (line, rest) = match memchr(b'\n', self.rest) {
                Some(end) => (self.rest.get(..end)?, self.rest.get(end.checked_add(1)?..)?),
                None => (self.rest, <&[u8]>::default()),
            };
            self.rest = rest;
            self.line = self.line.saturating_add(1);
            if let Some(record) = parse_line(self.dialect, self.line, line) {
                return Some(record);
            }
        }
        None
    }
}

/// One line without its `\n`; `None` where it is blank.
fn parse_line(
    dialect: Dialect,
    number: usize,
    line: &[u8],
) -> Option<Result<Record<'_>, IndexError>> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let text = match std::str::from_utf8(line) {
        Ok(text) => text,
        Err(error) => {
            return Some(Err(IndexError::NotUtf8 {
                line: Line::new(number, &String::from_utf8_lossy(line)),
                column: error.valid_up_to().saturating_add(1),
            }));
        }
    };
    if text.bytes().all(|octet| octet.is_ascii_whitespace()) {
        return None;
    }
    Some(match dialect {
        Dialect::Ecmwf => ecmwf::parse_line(number, text),
        Dialect::Noaa => noaa::parse_line(number, text),
    })
}

/// Reads an index that comes in pieces, which may end anywhere: within a line, a character or a line end.
///
/// The records are those of [`records`], whatever the pieces. Only a line that a piece has cut is copied.
///
/// ```
/// use gik_core::index::{Dialect, Parser};
///
/// let mut offsets = Vec::new();
/// let mut parser = Parser::new(Dialect::Noaa);
/// parser.feed(b"1:0:d=2025080100:VIS:surf", |record| offsets.push(record.offset))?;
/// parser.feed(b"ace:anl:\r", |record| offsets.push(record.offset))?;
/// let summary = parser.finish(|record| offsets.push(record.offset))?;
/// assert_eq!((offsets, summary.records), (vec![0], 1));
/// # Ok::<(), gik_core::index::IndexError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Parser {
    dialect: Dialect,
    /// The start of a line whose end has not come yet.
    carried: Vec<u8>,
    /// Lines read.
    lines: usize,
    records: usize,
}

/// What a [`Parser`] has read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Lines, blank ones too.
    pub lines: usize,
    /// Records.
    pub records: usize,
    /// Whether the last line has its line end. wgrib2 and ECMWF always write it: an index without may have been cut.
    pub complete: bool,
}

impl Parser {
    /// A parser at the start of a file.
    pub fn new(dialect: Dialect) -> Self {
        Self {
            dialect,
            carried: Vec::new(),
            lines: 0,
            records: 0,
        }
    }

    /// Reads the next piece. The first bad line is the error; the records before it have been given.
    pub fn feed(
        &mut self,
        piece: &[u8],
        mut sink: impl FnMut(Record<'_>),
    ) -> Result<(), IndexError> {
        let Some(last) = memrchr(b'\n', piece) else {
            self.carried.extend_from_slice(piece);
            return Ok(());
        };
        let (mut whole, rest) = piece.split_at(last.saturating_add(1).min(piece.len()));
        if !self.carried.is_empty()
            && let Some(end) = memchr(b'\n', whole)
        {
            let (head, tail) = whole.split_at(end.saturating_add(1).min(whole.len()));
            whole = tail;
            self.carried.extend_from_slice(head);
            let line = std::mem::take(&mut self.carried);
            self.read(&line, &mut sink)?;
        }
        self.read(whole, &mut sink)?;
        self.carried.extend_from_slice(rest);
        Ok(())
    }

    /// Reads a last line that has no end.
    pub fn finish(mut self, mut sink: impl FnMut(Record<'_>)) -> Result<Summary, IndexError> {
        let rest = std::mem::take(&mut self.carried);
        self.read(&rest, &mut sink)?;
        Ok(Summary {
            lines: self.lines,
            records: self.records,
            complete: rest.is_empty(),
        })
    }

    fn read(&mut self, lines: &[u8], sink: &mut impl FnMut(Record<'_>)) -> Result<(), IndexError> {
        let mut records = Records {
            dialect: self.dialect,
            rest: lines,
            line: self.lines,
        };
        for record in records.by_ref() {
            self.records = self.records.saturating_add(1);
            sink(record?);
        }
        self.lines = records.line;
        Ok(())
    }
}
