//! Finding the messages of an object: each byte of it belongs to a message, a gap between messages, or something refused.

use std::collections::VecDeque;

use memchr::memmem;

use super::GribError;
use super::header::{Header, MessageReader, Parsed};
use super::section::{END, END_MARK, edition_1_length};
use crate::span::ByteSpan;

/// A stretch of an object. The pieces of an object follow each other without a gap and without an overlap.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    /// Bytes that are no GRIB: bulletin headers, line ends, padding.
    Gap {
        /// Where they lie.
        span: ByteSpan,
    },
    /// A message: framed as it must be, from `GRIB` to `7777`.
    Message {
        /// Where it lies.
        span: ByteSpan,
        /// The headers of its fields, one at least.
        fields: Vec<Header>,
    },
    /// What starts as a message and cannot be read.
    Refused {
        /// Where it lies: up to its end mark or, where it has none, to the next message or the end of the object.
        span: ByteSpan,
        /// Why it cannot be read.
        error: GribError,
    },
}

impl Piece {
    /// Where it lies.
    pub fn span(&self) -> ByteSpan {
        match self {
            Self::Gap { span } | Self::Message { span, .. } | Self::Refused { span, .. } => *span,
        }
    }
}

/// The pieces of an object that is in memory, or mapped into it; only the pages of headers are touched.
///
/// ```
/// use gik_core::grib::scan::{Piece, messages};
/// use gik_core::span::ByteSpan;
///
/// let pieces: Vec<Piece> = messages(b"no GRIB here").collect();
/// assert_eq!(pieces, [Piece::Gap { span: ByteSpan::new(0, 12) }]);
/// ```
pub fn messages(object: &[u8]) -> Messages<'_> {
    Messages {
        object,
        scanner: Scanner::new(u64::try_from(object.len()).unwrap_or(u64::MAX)),
    }
}

/// The iterator of [`messages`].
#[derive(Clone, Debug)]
pub struct Messages<'a> {
    object: &'a [u8],
    scanner: Scanner,
}

impl Iterator for Messages<'_> {
    type Item = Piece;

    fn next(&mut self) -> Option<Piece> {
        loop {
            if let Some(piece) = self.scanner.next_piece() {
                return Some(piece);
            }
            let wanted = self.scanner.wanted()?;
            let bytes = within(self.object, 0, wanted);
            self.scanner.feed(wanted.offset, bytes);
        }
    }
}

/// Finds the messages of an object that is not in memory: it says which bytes it wants next, and never wants data.
///
/// ```
/// use gik_core::grib::scan::Scanner;
/// # let object = b"not a message";
/// let mut scanner = Scanner::new(13);
/// while let Some(wanted) = scanner.wanted() {
///     let start = usize::try_from(wanted.offset)?; // here: fetch the bytes
///     scanner.feed(wanted.offset, &object[start..start + usize::try_from(wanted.length)?]);
///     while let Some(piece) = scanner.next_piece() {
///         assert_eq!(piece.span().length, 13);
///     }
/// }
/// # Ok::<(), std::num::TryFromIntError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Scanner {
    size: u64,
    /// Where the search goes on, or where the message that is read now starts.
    at: u64,
    /// A piece before `at` whose end is not yet known.
    open: Option<Open>,
    state: State,
    ready: VecDeque<Piece>,
}

#[derive(Clone, Debug)]
struct Open {
    start: u64,
    /// `None` for a gap.
    error: Option<GribError>,
}

#[derive(Clone, Debug)]
enum State {
    Search {
        /// How many bytes to ask for: more in a long gap.
        window: u64,
    },
    Read(Box<MessageReader>),
    /// What was read, if the message ends as it says.
    End {
        length: u64,
        outcome: Result<Vec<Header>, GribError>,
    },
    Done,
}

/// Bytes asked for where a header may start: almost all fit.
const WINDOW: u64 = 4 << 10;
/// Bytes asked for in a long gap.
const GAP_WINDOW: u64 = 64 << 10;

impl Scanner {
    /// A scanner of an object of that many bytes.
    pub fn new(size: u64) -> Self {
        Self {
            size,
            at: 0,
            open: None,
            state: match size {
                0 => State::Done,
                _ => State::Search { window: WINDOW },
            },
            ready: VecDeque::new(),
        }
    }

    /// The bytes to feed next; `None` at the end of the object. Not empty, and inside of the object.
    pub fn wanted(&self) -> Option<ByteSpan> {
        let (from, least) = match &self.state {
            State::Search { window } => (self.at, *window),
            State::Read(reader) => (reader.wanted().offset, reader.wanted().length.max(WINDOW)),
            // The next message's header comes with the end mark of this one.
            State::End { length, .. } => {
                let end = self.at.saturating_add(*length);
                (end.saturating_sub(END), END + WINDOW)
            }
            State::Done => return None,
        };
        let left = self.size.saturating_sub(from);
        Some(ByteSpan::new(from, least.min(left)))
    }

    /// Takes the bytes that were wanted, from `offset` of the object on.
    ///
    /// Fewer bytes than wanted mean that the object ends with them.
    pub fn feed(&mut self, offset: u64, bytes: &[u8]) {
        let end = offset.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        if let Some(wanted) = self.wanted()
            && wanted.end().is_some_and(|wanted| end < wanted)
        {
            self.shorten(end.max(self.at));
        }
        while let Some(wanted) = self.wanted() {
            let rest = ByteSpan::new(wanted.offset, u64::MAX);
            if !self.step(wanted.offset, within(bytes, offset, rest)) {
                break;
            }
        }
    }

    /// The next piece that is complete, in the order of the object.
    pub fn next_piece(&mut self) -> Option<Piece> {
        self.ready.pop_front()
    }

    /// Goes one step with the bytes from `offset` on; `false` where they are too few.
    fn step(&mut self, offset: u64, bytes: &[u8]) -> bool {
        match std::mem::replace(&mut self.state, State::Done) {
            State::Search { window } => self.search(bytes, window),
            State::Read(mut reader) => match reader.read(offset, bytes) {
                Ok(Parsed::NeedMore(_)) => {
                    self.state = State::Read(reader);
                    false
                }
                Ok(Parsed::Fields(fields)) => {
                    let length = reader.message().map_or(0, |message| message.length);
                    let outcome = Ok(fields);
                    self.state = State::End { length, outcome };
                    true
                }
                Err(error) => {
                    self.fail(&reader, error);
                    true
                }
            },
            State::End { length, outcome } => {
                let Some((mark, _)) = bytes.split_at_checked(END_MARK.len()) else {
                    self.state = State::End { length, outcome };
                    return false;
                };
                self.finish(length, outcome, mark == END_MARK);
                true
            }
            State::Done => false,
        }
    }

    fn search(&mut self, bytes: &[u8], window: u64) -> bool {
        if let Some(found) = memmem::find(bytes, b"GRIB") {
            let start = self.at.saturating_add(u64::try_from(found).unwrap_or(0));
            self.skip(start);
            let reader = MessageReader::new(start, self.size.saturating_sub(start));
            self.state = State::Read(Box::new(reader));
            return true;
        }
        let end = u64::try_from(bytes.len()).map_or(u64::MAX, |have| self.at.saturating_add(have));
        if end >= self.size {
            self.skip(self.size);
            self.go_on();
            return true;
        }
        // The last three bytes may be the start of a mark.
        let kept = end.saturating_sub(3);
        let longer = kept > self.at;
        self.state = State::Search { window };
        if longer {
            self.skip(kept);
            self.state = State::Search { window: GAP_WINDOW };
        }
        longer
    }

    /// What starts at `at` failed to read as a message.
    fn fail(&mut self, reader: &MessageReader, error: GribError) {
        let length = match &error {
            GribError::NotGrib { .. } => {
                self.skip(self.at.saturating_add(4));
                return self.go_on();
            }
            GribError::Edition { edition: 1, .. } => edition_1_length(reader.first_octets()),
            _ => reader.message().map(|message| message.length),
        };
        let left = self.size.saturating_sub(self.at);
        match length {
            Some(length) if length > END && length <= left => {
                let outcome = Err(error);
                self.state = State::End { length, outcome };
            }
            _ => self.refuse(error),
        }
    }

    /// The message at `at` is read; whether its end mark is there decides.
    fn finish(&mut self, length: u64, outcome: Result<Vec<Header>, GribError>, marked: bool) {
        let span = ByteSpan::new(self.at, length);
        let error = match outcome {
            Ok(fields) if marked => {
                self.close(self.at);
                self.ready.push_back(Piece::Message { span, fields });
                self.at = span.end().unwrap_or(self.size);
                return self.go_on();
            }
            Err(error) if marked => {
                self.close(self.at);
                self.ready.push_back(Piece::Refused { span, error });
                self.at = span.end().unwrap_or(self.size);
                return self.go_on();
            }
            Ok(_) => GribError::EndMark {
                offset: self.at,
                length,
            },
            Err(error) => error,
        };
        self.refuse(error);
    }

    /// Searches from `at` on.
    fn go_on(&mut self) {
        if self.at < self.size {
            self.state = State::Search { window: WINDOW };
        } else {
            self.close(self.size);
            self.state = State::Done;
        }
    }

    /// Refuses what starts at `at` and looks for the next message right behind its mark: it may have been cut.
    fn refuse(&mut self, error: GribError) {
        self.close(self.at);
        self.open = Some(Open {
            start: self.at,
            error: Some(error),
        });
        self.at = self.at.saturating_add(4);
        self.go_on();
    }

    /// Goes to `to`; the bytes before belong to what is open, or to a gap.
    fn skip(&mut self, to: u64) {
        if self.open.is_none() && to > self.at {
            self.open = Some(Open {
                start: self.at,
                error: None,
            });
        }
        self.at = to;
    }

    /// Ends what is open at `end`.
    fn close(&mut self, end: u64) {
        if let Some(Open { start, error }) = self.open.take() {
            let span = ByteSpan::new(start, end.saturating_sub(start));
            self.ready.push_back(match error {
                Some(error) => Piece::Refused { span, error },
                None => Piece::Gap { span },
            });
        }
    }

    /// The object ends before it should: what is read now is judged anew.
    fn shorten(&mut self, size: u64) {
        self.size = size;
        match &self.state {
            State::Read(_) | State::End { .. } => {
                let reader = MessageReader::new(self.at, size.saturating_sub(self.at));
                self.state = State::Read(Box::new(reader));
            }
            State::Search { .. } | State::Done => {}
        }
    }
}

/// The bytes of `span`, as far as `object`, which starts at `offset`, has them.
fn within(object: &[u8], offset: u64, span: ByteSpan) -> &[u8] {
    let start = span.offset.checked_sub(offset).map(usize::try_from);
    let bytes = match start {
        Some(Ok(start)) => object.get(start..).unwrap_or_default(),
        _ => &[],
    };
    match usize::try_from(span.length) {
        Ok(length) => bytes.get(..length).unwrap_or(bytes),
        Err(_) => bytes,
    }
}

#[cfg(test)]
mod tests;
