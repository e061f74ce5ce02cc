//! The keywords of a MARS line, typed as they come.

use std::borrow::Cow;

use super::super::error::{IndexError, Line};
use super::super::json::{MOST_KEYS, Value, parse_number};
use crate::identity::{Member, When, Word};
use crate::time::{Date, Step, StepRange};

/// Keys that have a field of their own, and types of messages, as numbers that a `match` can branch on.
macro_rules! words {
    ($($name:ident = $text:literal,)*) => {
        $(const $name: u64 = match Word::new($text) {
            Some(word) => word.bits(),
            None => 0,
        };)*
    };
}

words! {
    CLASS = "class",
    DATE = "date",
    DOMAIN = "domain",
    EXPVER = "expver",
    KIND = "type",
    LENGTH = "_length",
    LEVELIST = "levelist",
    LEVTYPE = "levtype",
    MODEL = "model",
    NUMBER = "number",
    OFFSET = "_offset",
    PARAM = "param",
    PATH = "_path",
    QUANTILE = "quantile",
    STEP = "step",
    STREAM = "stream",
    TIME = "time",
}

words! {
    CF = "cf",
    EM = "em",
    ES = "es",
}

/// What a line says, as far as it was read. `T` is the type of its texts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields<T> {
    /// One bit per key with a field of its own that the line has.
    seen: u32,
    pub(super) offset: Option<u64>,
    /// `Some(None)` is a message to the end of the file.
    pub(super) length: Option<Option<u64>>,
    pub(super) date: Option<Date>,
    pub(super) clock: Option<u32>,
    pub(super) path: Option<T>,
    pub(super) param: Option<T>,
    pub(super) levtype: Word,
    pub(super) levelist: Option<T>,
    pub(super) step: Option<T>,
    number: Option<u32>,
    pub(super) class: Word,
    pub(super) stream: Word,
    pub(super) kind: Word,
    pub(super) expver: Word,
    pub(super) domain: Word,
    pub(super) model: Option<T>,
    pub(super) quantile: Option<T>,
}

impl<T> Default for Fields<T> {
    fn default() -> Self {
        Self {
            seen: 0,
            offset: None,
            length: None,
            date: None,
            clock: None,
            path: None,
            param: None,
            levtype: Word::EMPTY,
            levelist: None,
            step: None,
            number: None,
            class: Word::EMPTY,
            stream: Word::EMPTY,
            kind: Word::EMPTY,
            expver: Word::EMPTY,
            domain: Word::EMPTY,
            model: None,
            quantile: None,
        }
    }
}

impl<T> Fields<T> {
    /// Takes a key and its value; a value whose key has no field here is given back.
    ///
    /// An empty text is as good as no text where a field is a text.
    #[expect(
        clippy::inline_always,
        reason = "called once per key: a call passes key and value through memory, at twice the time"
    )]
    #[inline(always)]
    pub(super) fn set<V: Value<Text = T>>(
        &mut self,
        key: &impl Value,
        value: V,
    ) -> Result<Option<V>, Fault> {
        match key.word().map_or(0, Word::bits) {
            CLASS => {
                self.once(1 << 0, key)?;
                self.class = word("class", &value)?;
            }
            DATE => {
                self.once(1 << 1, key)?;
                self.date = Some(known(parse_date(&value), "date", "YYYYMMDD")?);
            }
            DOMAIN => {
                self.once(1 << 2, key)?;
                self.domain = word("domain", &value)?;
            }
            EXPVER => {
                self.once(1 << 3, key)?;
                self.expver = word("expver", &value)?;
            }
            KIND => {
                self.once(1 << 4, key)?;
                self.kind = word("type", &value)?;
            }
            LENGTH => {
                self.once(1 << 5, key)?;
                let length = match value.number() {
                    None if value.text() == "-1" => Some(None),
                    length => length.map(Some),
                };
                let expected = "a number of bytes, or -1 for all that follow";
                self.length = Some(known(length, "_length", expected)?);
            }
            LEVELIST => {
                self.once(1 << 6, key)?;
                self.levelist = text(value);
            }
            LEVTYPE => {
                self.once(1 << 7, key)?;
                self.levtype = word("levtype", &value)?;
            }
            MODEL => {
                self.once(1 << 8, key)?;
                self.model = text(value);
            }
            NUMBER => {
                self.once(1 << 9, key)?;
                let number = value.number().and_then(|number| u32::try_from(number).ok());
                self.number = Some(known(number, "number", "the number of a member")?);
            }
            OFFSET => {
                self.once(1 << 10, key)?;
                let expected = "a number of bytes of 64 bits";
                self.offset = Some(known(value.number(), "_offset", expected)?);
            }
            PARAM => {
                self.once(1 << 11, key)?;
                self.param = text(value);
            }
            PATH => {
                self.once(1 << 12, key)?;
                self.path = text(value);
            }
            QUANTILE => {
                self.once(1 << 13, key)?;
                self.quantile = text(value);
            }
            STEP => {
                self.once(1 << 14, key)?;
                self.step = text(value);
            }
            STREAM => {
                self.once(1 << 15, key)?;
                self.stream = word("stream", &value)?;
            }
            TIME => {
                self.once(1 << 16, key)?;
                let clock = parse_time(&value);
                self.clock = Some(known(clock, "time", "HH, HHMM or HHMMSS")?);
            }
            _ => return Ok(Some(value)),
        }
        Ok(None)
    }

    /// The member, from `number` and `type`.
    pub(super) fn member(&self) -> Result<Option<Member>, Fault> {
        Ok(match (self.number, self.kind.bits()) {
            (None | Some(0), CF) | (Some(0), _) => Some(Member::Control),
            (Some(_), CF) => {
                return Err(Fault::Wrong {
                    field: "number",
                    expected: "absent or 0, as the type `cf` wants it",
                });
            }
            (Some(number), _) => Some(Member::Perturbed(number)),
            (None, EM) => Some(Member::Mean),
            (None, ES) => Some(Member::Spread),
            (None, _) => None,
        })
    }

    /// Notes that the line has a key, which it may have once.
    #[inline]
    fn once(&mut self, bit: u32, key: &impl Value) -> Result<(), Fault> {
        if self.seen & bit != 0 {
            return Err(Fault::repeated(key.text()));
        }
        self.seen |= bit;
        Ok(())
    }
}

/// What is wrong with a line, without the line.
#[derive(Debug)]
pub(super) enum Fault {
    Missing {
        field: &'static str,
    },
    Repeated {
        key: Box<str>,
    },
    TooManyKeys,
    Wrong {
        field: &'static str,
        expected: &'static str,
    },
}

impl Fault {
    #[cold]
    pub(super) fn repeated(key: &str) -> Self {
        Self::Repeated { key: key.into() }
    }

    #[cold]
    pub(super) fn at(self, line: usize, text: &str) -> IndexError {
        let line = Line::new(line, text);
        match self {
            Self::Missing { field } => IndexError::Missing { line, field },
            Self::Repeated { key } => IndexError::Repeated {
                line,
                key: key.into(),
            },
            Self::TooManyKeys => IndexError::TooManyKeys {
                line,
                limit: MOST_KEYS,
            },
            Self::Wrong { field, expected } => IndexError::Field {
                line,
                field,
                expected,
            },
        }
    }
}

#[inline]
fn known<T>(value: Option<T>, field: &'static str, expected: &'static str) -> Result<T, Fault> {
    value.ok_or(Fault::Wrong { field, expected })
}

#[inline]
fn word(field: &'static str, value: &impl Value) -> Result<Word, Fault> {
    known(value.word(), field, "at most eight letters of ASCII")
}

/// An empty text is as good as none.
#[inline]
fn text<V: Value>(value: V) -> Option<V::Text> {
    (!value.text().is_empty()).then(|| value.into_text())
}

fn parse_date(value: &impl Value) -> Option<Date> {
    if value.text().len() != 8 {
        return value.text().parse().ok();
    }
    let number = u32::try_from(value.number()?).ok()?;
    Date::new(
        i32::try_from(number / 10_000).ok()?,
        u8::try_from(number / 100 % 100).ok()?,
        u8::try_from(number % 100).ok()?,
    )
}

/// Seconds from midnight, of `00`, `0000`, `1200`, `0`, `600` (six o'clock) or `063000`.
fn parse_time(value: &impl Value) -> Option<u32> {
    let number = u32::try_from(value.number()?).ok()?;
    let (hour, minute, second) = match value.text().len() {
        1 | 2 => (number, 0, 0),
        3 | 4 => (number / 100, number % 100, 0),
        6 => (number / 10_000, number / 100 % 100, number % 100),
        _ => return None,
    };
    (hour < 24 && minute < 60 && second < 60).then_some(hour * 3_600 + minute * 60 + second)
}

/// `6`, `0-6`, `30m`, `1h30m`; what is none of these stays text.
pub(super) fn parse_step<'a, T: AsRef<str> + Into<Cow<'a, str>>>(text: T) -> When<'a> {
    let when = match text.as_ref().split_once('-') {
        None => parse_duration(text.as_ref()).map(When::Instant),
        Some((start, end)) => parse_duration(start)
            .zip(parse_duration(end))
            .map(|(start, end)| When::Window {
                range: StepRange { start, end },
                how: Cow::Borrowed(""),
            }),
    };
    when.unwrap_or_else(|| When::Text(text.into()))
}

/// Hours without a unit, or any of hours, minutes and seconds with theirs.
fn parse_duration(text: &str) -> Option<Step> {
    let length = |count: u64, unit| {
        let seconds = i64::try_from(count).ok()?.checked_mul(unit)?;
        Some(Step::seconds(seconds))
    };
    if let Some(hours) = parse_number(text.as_bytes()) {
        return length(hours, 3_600);
    }
    if text.is_empty() {
        return None;
    }
    let mut seconds = 0_i64;
    for part in text.split_inclusive(|letter: char| !letter.is_ascii_digit()) {
        let (unit, digits) = part.as_bytes().split_last()?;
        let unit = match unit {
            b'h' => 3_600,
            b'm' => 60,
            b's' => 1,
            _ => return None,
        };
        let part = length(parse_number(digits)?, unit)?;
        seconds = seconds.checked_add(part.as_seconds())?;
    }
    Some(Step::seconds(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_have_units_and_windows() {
        let minutes = |count: i64| Step::seconds(count * 60);
        for (text, start, end) in [
            ("0", None, Step::ZERO),
            ("135", None, Step::hours(135)),
            ("30m", None, minutes(30)),
            ("1h30m", None, minutes(90)),
            ("90s", None, Step::seconds(90)),
            ("0-6", Some(Step::ZERO), Step::hours(6)),
            ("6-6", Some(Step::hours(6)), Step::hours(6)),
            ("0-30m", Some(Step::ZERO), minutes(30)),
        ] {
            let when = match start {
                None => When::Instant(end),
                Some(start) => When::Window {
                    range: StepRange { start, end },
                    how: "".into(),
                },
            };
            assert_eq!(parse_step(text), when, "{text}");
        }
        for text in [
            "-6",
            "6-",
            "1d",
            "h",
            "6 ",
            "0-6-12",
            "9223372036854775807",
            "+6",
        ] {
            assert_eq!(parse_step(text), When::Text(text.into()), "{text}");
        }
    }

    #[test]
    fn times_are_read_as_mars_writes_them() {
        for (text, clock) in [
            ("00", Some(0)),
            ("0", Some(0)),
            ("0000", Some(0)),
            ("12", Some(43_200)),
            ("1200", Some(43_200)),
            ("600", Some(21_600)),
            ("063015", Some(23_415)),
            ("24", None),
            ("0060", None),
            ("12:00", None),
            ("", None),
        ] {
            assert_eq!(parse_time(&text), clock, "{text}");
        }
    }

    #[test]
    fn dates_have_eight_digits() {
        for text in ["20250918", "2025-09-18"] {
            assert_eq!(parse_date(&text), Date::new(2025, 9, 18), "{text}");
        }
        for text in ["2025918", "20251318", "020250918", "", "-1", "2025 918"] {
            assert_eq!(parse_date(&text), None, "{text}");
        }
    }
}
