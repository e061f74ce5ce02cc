//! Lines of an index, whole or in pieces.

use memchr::{memchr, memrchr};

use super::error::{IndexError, Line};
use super::{Dialect, Record, ecmwf, noaa};

/// Bytes that are checked to be UTF-8 at a time: enough to be quick, few enough to be still at hand when they are parsed.
const CHECKED: usize = 16_384;

/// The records of a whole index, one line at a time; a line that is bad gives its error, and the next one is read all the same.
///
/// The lengths of wgrib2 lines are not known from one line: they are `None` here, and filled in by [`super::parse`] or
/// [`super::close`].
pub fn records(dialect: Dialect, bytes: &[u8]) -> Records<'_> {
    Records::new(dialect, bytes, 0)
}

/// The iterator of [`records`].
#[derive(Clone, Debug)]
pub struct Records<'a> {
    dialect: Dialect,
    rest: &'a [u8],
    /// What `rest` starts with and is known to be UTF-8.
    checked: &'a str,
    /// Lines taken.
    line: usize,
    scanner: ecmwf::Scanner<'a>,
}

impl<'a> Records<'a> {
    fn new(dialect: Dialect, bytes: &'a [u8], line: usize) -> Self {
        Self {
            dialect,
            rest: bytes,
            checked: "",
            line,
            scanner: ecmwf::Scanner::default(),
        }
    }

    /// The next line, without its end.
    fn next_line(&mut self) -> Option<Result<&'a str, IndexError>> {
        if self.rest.is_empty() {
            return None;
        }
        self.line = self.line.saturating_add(1);
        let end = memchr(b'\n', self.rest).unwrap_or(self.rest.len());
        if end > self.checked.len() {
            let wanted = end.max(CHECKED).min(self.rest.len());
            self.checked = valid_start(self.rest.get(..wanted)?);
        }
        let line = match self.checked.get(..end) {
            Some(line) => Ok(line.strip_suffix('\r').unwrap_or(line)),
            None => Err(IndexError::NotUtf8 {
                line: Line::new(self.line, &String::from_utf8_lossy(self.rest.get(..end)?)),
                column: self.checked.len().saturating_add(1),
            }),
        };
        let next = end.saturating_add(1);
        self.rest = self.rest.get(next..).unwrap_or_default();
        self.checked = self.checked.get(next..).unwrap_or_default();
        Some(line)
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Result<Record<'a>, IndexError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let text = match self.next_line()? {
                Ok(text) => text,
                Err(error) => return Some(Err(error)),
            };
            if text.bytes().all(|octet| octet.is_ascii_whitespace()) {
                continue;
            }
            return Some(match self.dialect {
                Dialect::Ecmwf => self.scanner.parse_line(self.line, text),
                Dialect::Noaa => noaa::parse_line(self.line, text),
            });
        }
    }
}

/// The longest start that is UTF-8.
fn valid_start(bytes: &[u8]) -> &str {
    let valid = match std::str::from_utf8(bytes) {
        Ok(text) => return text,
        Err(error) => error.valid_up_to(),
    };
    bytes
        .get(..valid)
        .and_then(|bytes| std::str::from_utf8(bytes).ok())
        .unwrap_or_default()
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
        let mut records = Records::new(self.dialect, lines, self.lines);
        for record in records.by_ref() {
            self.records = self.records.saturating_add(1);
            sink(record?);
        }
        self.lines = records.line;
        Ok(())
    }
}
