//! Lines of an index, whole or in pieces.

use std::borrow::Cow;

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
                line: Line::new(self.line, &shown(self.rest.get(..end)?)),
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

/// As much of a bad line as an error may show.
fn shown(line: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(line.get(..1_024).unwrap_or(line))
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOAA: &str = "1:0:d=2025080100:VIS:surface:15 hour fcst:ENS=+1";
    const MARS: &str = r#"{"param": "tp", "step": "6", "_offset": 0, "_length": 9}"#;

    /// Everything that is read, as text, up to the first error.
    fn whole(dialect: Dialect, bytes: &[u8]) -> Vec<String> {
        let mut read = Vec::new();
        for record in records(dialect, bytes) {
            let bad = record.is_err();
            read.push(format!("{record:?}"));
            if bad {
                break;
            }
        }
        read
    }

    fn in_pieces<'a>(dialect: Dialect, pieces: impl Iterator<Item = &'a [u8]>) -> Vec<String> {
        let mut read = Vec::new();
        let mut parser = Parser::new(dialect);
        for piece in pieces {
            let result = parser.feed(piece, |record| {
                read.push(format!("{:?}", Ok::<_, IndexError>(record)));
            });
            if let Err(error) = result {
                read.push(format!("{:?}", Err::<Record<'_>, _>(error)));
                return read;
            }
        }
        let result = parser.finish(|record| {
            read.push(format!("{:?}", Ok::<_, IndexError>(record)));
        });
        if let Err(error) = result {
            read.push(format!("{:?}", Err::<Record<'_>, _>(error)));
        }
        read
    }

    fn numbers(dialect: Dialect, bytes: &[u8]) -> Vec<Result<usize, usize>> {
        records(dialect, bytes)
            .map(|record| match record {
                Ok(record) => Ok(record.line),
                Err(error) => Err(error.line().number),
            })
            .collect()
    }

    #[test]
    fn blank_lines_count_and_are_no_records() {
        let text = format!("\n{NOAA}\r\n \t\r\n{NOAA}\n\n");
        assert_eq!(numbers(Dialect::Noaa, text.as_bytes()), [Ok(2), Ok(4)]);
        let record = records(Dialect::Noaa, text.as_bytes()).next().unwrap();
        assert_eq!(record.unwrap().text, NOAA);
    }

    #[test]
    fn lines_behind_a_bad_one_are_read() {
        let text = format!("{MARS}\n{{}}\n{MARS}");
        assert_eq!(
            numbers(Dialect::Ecmwf, text.as_bytes()),
            [Ok(1), Err(2), Ok(3)]
        );
    }

    #[test]
    fn bytes_that_are_no_utf_8_are_an_error_of_their_line() {
        let mut bytes = format!("{NOAA}\n{NOAA}\n{NOAA}\n").into_bytes();
        bytes[NOAA.len() + 20] = 0xff;
        assert_eq!(numbers(Dialect::Noaa, &bytes), [Ok(1), Err(2), Ok(3)]);
        let error = records(Dialect::Noaa, &bytes).nth(1).unwrap().unwrap_err();
        assert!(matches!(error, IndexError::NotUtf8 { column: 20, .. }));
        // A character that the end of the line has cut.
        assert_eq!(
            numbers(
                Dialect::Noaa,
                &[NOAA.as_bytes(), b"\xc3\n", NOAA.as_bytes()].concat()
            ),
            [Err(1), Ok(2)]
        );
    }

    #[test]
    fn characters_across_the_checked_blocks_are_whole() {
        let line = r#"{"param": "tpé", "_offset": 0, "_length": 9}"#;
        for shift in 0..64 {
            let mut text = format!("{}{}\n", " ".repeat(shift), MARS);
            while text.len() < 3 * CHECKED {
                text.push_str(line);
                text.push('\n');
            }
            assert!(
                numbers(Dialect::Ecmwf, text.as_bytes())
                    .iter()
                    .all(Result::is_ok)
            );
        }
    }

    #[test]
    fn a_last_line_without_its_end_is_told() {
        let summary = |text: &str| {
            let mut parser = Parser::new(Dialect::Noaa);
            parser.feed(text.as_bytes(), |_| {}).unwrap();
            parser.finish(|_| {}).unwrap()
        };
        assert_eq!(
            summary(&format!("{NOAA}\n\n{NOAA}\n")),
            Summary {
                lines: 3,
                records: 2,
                complete: true
            }
        );
        assert_eq!(
            summary(&format!("{NOAA}\n{NOAA}")),
            Summary {
                lines: 2,
                records: 2,
                complete: false
            }
        );
    }

    fn lines() -> impl Strategy<Value = Vec<u8>> {
        let line = prop_oneof![
            6 => Just(NOAA.as_bytes().to_vec()),
            6 => Just(MARS.as_bytes().to_vec()),
            2 => Just(r#"{"param": "tpé", "_offset": 0, "_length": 9}"#.as_bytes().to_vec()),
            1 => Just(b"{\"param\": \"\xff".to_vec()),
            1 => Just(Vec::new()),
            1 => proptest::collection::vec(any::<u8>(), 0..20),
        ];
        let end = prop_oneof![Just("\n"), Just("\r\n"), Just("\n\n"), Just("\r")];
        proptest::collection::vec((line, end), 0..8).prop_map(|lines| {
            lines
                .into_iter()
                .flat_map(|(line, end)| [line, end.as_bytes().to_vec()].concat())
                .collect()
        })
    }

    proptest! {
        #[test]
        fn pieces_make_no_difference(
            bytes in lines(),
            sizes in proptest::collection::vec(1_usize..40, 1..20),
            noaa: bool,
        ) {
            let dialect = if noaa { Dialect::Noaa } else { Dialect::Ecmwf };
            let mut rest = bytes.as_slice();
            let pieces = sizes.iter().cycle().map_while(|&size| {
                let (piece, tail) = rest.split_at(size.min(rest.len()));
                rest = tail;
                (!piece.is_empty()).then_some(piece)
            });
            prop_assert_eq!(in_pieces(dialect, pieces), whole(dialect, &bytes));
        }
    }
}
