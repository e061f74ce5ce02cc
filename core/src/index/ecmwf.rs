//! Lines of ECMWF's `.index` files: one JSON object of MARS keywords, with `_offset` and `_length`.

use std::borrow::Cow;

use super::error::{IndexError, Line};
use super::json::{Members, Scalar, Unusual, is_plain};
use super::{Record, whole};
use crate::identity::{Key, Level, Mars, Member, Parameter, When, Word};
use crate::time::{Date, Step, StepRange};

/// Other spellings of our keys, understood in lines without `_offset`; `lead_hours` is in hours, as a `step` without a unit is.
const ALIASES: [(&str, &str); 6] = [
    ("ensemble_member", "number"),
    ("lead_hours", "step"),
    ("length", "_length"),
    ("level", "levelist"),
    ("offset", "_offset"),
    ("variable", "param"),
];

/// Parses one line, which is not blank and has no line end.
pub(super) fn parse_line(number: usize, text: &str) -> Result<Record<'_>, IndexError> {
    let mut fields = Fields::new(number, text);
    if is_plain(text) {
        match fields.scan() {
            Ok(result) => {
                result?;
                return fields.record();
            }
            Err(Unusual) => fields = Fields::new(number, text),
        }
    }
    for (key, value) in whole::members(number, text)? {
        fields.set(key, value)?;
    }
    fields.record()
}

/// Keys that have a field of their own, as numbers that a `match` can branch on.
macro_rules! keys {
    ($($name:ident = $text:literal,)*) => {
        $(const $name: u64 = match Word::new($text) {
            Some(word) => word.bits(),
            None => 0,
        };)*
    };
}

keys! {
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

/// What a line says, as far as it was read.
struct Fields<'a> {
    number: usize,
    text: &'a str,
    /// One bit per key with a field of its own.
    seen: u32,
    mars: Mars<'a>,
    levtype: Word,
    levelist: Option<Cow<'a, str>>,
    param: Option<Cow<'a, str>>,
    path: Option<Cow<'a, str>>,
    date: Option<Date>,
    clock: Option<u32>,
    when: When<'a>,
    member: Option<u32>,
    offset: Option<u64>,
    /// `Some(None)` is a message to the end of the file.
    length: Option<Option<u64>>,
    extra: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

impl<'a> Fields<'a> {
    fn new(number: usize, text: &'a str) -> Self {
        Self {
            number,
            text,
            seen: 0,
            mars: Mars::default(),
            levtype: Word::EMPTY,
            levelist: None,
            param: None,
            path: None,
            date: None,
            clock: None,
            when: When::Unstated,
            member: None,
            offset: None,
            length: None,
            extra: Vec::new(),
        }
    }

    /// Reads a plain line.
    fn scan(&mut self) -> Result<Result<(), IndexError>, Unusual> {
        let mut members = Members::new(self.text)?;
        while let Some((key, value)) = members.next()? {
            if let Err(error) = self.set(key, value) {
                return Ok(Err(error));
            }
        }
        Ok(Ok(()))
    }

    fn set(&mut self, key: Scalar<'a>, value: Scalar<'a>) -> Result<(), IndexError> {
        let word = key.word.map_or(0, Word::bits);
        let bit = match word {
            CLASS => {
                self.mars.class = self.word("class", value)?;
                0
            }
            DATE => {
                self.date =
                    Some(parse_date(&value.text).ok_or_else(|| self.wrong("date", "YYYYMMDD"))?);
                1
            }
            DOMAIN => {
                self.mars.domain = self.word("domain", value)?;
                2
            }
            EXPVER => {
                self.mars.expver = self.word("expver", value)?;
                3
            }
            KIND => {
                self.mars.kind = self.word("type", value)?;
                4
            }
            LENGTH => {
                self.length = Some(match &*value.text {
                    "-1" => None,
                    digits => Some(parse_number(digits).ok_or_else(|| {
                        self.wrong("_length", "a number of bytes, or -1 for all that follow")
                    })?),
                });
                5
            }
            LEVELIST => {
                self.levelist = Some(value.text).filter(|text| !text.is_empty());
                6
            }
            LEVTYPE => {
                self.levtype = self.word("levtype", value)?;
                7
            }
            MODEL => {
                self.mars.model = Some(value.text);
                8
            }
            NUMBER => {
                let number = parse_number(&value.text).and_then(|number| number.try_into().ok());
                self.member =
                    Some(number.ok_or_else(|| self.wrong("number", "the number of a member"))?);
                9
            }
            OFFSET => {
                self.offset = Some(
                    parse_number(&value.text)
                        .ok_or_else(|| self.wrong("_offset", "a number of bytes of 64 bits"))?,
                );
                10
            }
            PARAM => {
                self.param = Some(value.text).filter(|text| !text.is_empty());
                11
            }
            PATH => {
                self.path = Some(value.text);
                12
            }
            QUANTILE => {
                self.mars.quantile = Some(value.text);
                13
            }
            STEP => {
                self.when = parse_step(value.text);
                14
            }
            STREAM => {
                self.mars.stream = self.word("stream", value)?;
                15
            }
            TIME => {
                self.clock = Some(
                    parse_time(&value.text)
                        .ok_or_else(|| self.wrong("time", "HH, HHMM or HHMMSS"))?,
                );
                16
            }
            _ => {
                if self.extra.iter().any(|(other, _)| *other == key.text) {
                    return Err(self.repeated(&key.text));
                }
                self.extra.push((key.text, value.text));
                return Ok(());
            }
        };
        let bit = 1 << bit;
        if self.seen & bit != 0 {
            return Err(self.repeated(&key.text));
        }
        self.seen |= bit;
        Ok(())
    }

    fn record(mut self) -> Result<Record<'a>, IndexError> {
        if self.offset.is_none() && !self.extra.is_empty() {
            self.take_aliases()?;
        }
        let offset = self.offset.ok_or_else(|| self.missing("`_offset`"))?;
        let length = self.length.ok_or_else(|| self.missing("`_length`"))?;
        let param = self.param.take().ok_or_else(|| self.missing("`param`"))?;
        let member = match self.member {
            Some(0) => Some(Member::Control),
            Some(_) if self.mars.kind == Word::from_bits(CF) => {
                return Err(self.wrong("number", "absent or 0, as the type `cf` wants it"));
            }
            Some(number) => Some(Member::Perturbed(number)),
            None => match self.mars.kind.bits() {
                CF => Some(Member::Control),
                EM => Some(Member::Mean),
                ES => Some(Member::Spread),
                _ => None,
            },
        };
        Ok(Record {
            line: self.number,
            text: self.text,
            message: None,
            offset,
            length,
            date: self.date,
            clock: self.clock,
            path: self.path,
            key: Key {
                parameter: Parameter::Name(param),
                level: Level::Mars {
                    levtype: self.levtype,
                    levelist: self.levelist,
                },
                when: self.when,
                statistic: None,
                member,
                mars: Some(self.mars),
                extra: extra_text(self.extra),
                occurrence: 0,
            },
        })
    }

    fn take_aliases(&mut self) -> Result<(), IndexError> {
        for (key, value) in std::mem::take(&mut self.extra) {
            let ours = ALIASES.iter().find(|(alias, _)| *alias == key);
            let key = ours.map_or(key, |&(_, ours)| Cow::Borrowed(ours));
            self.set(Scalar::new(key), Scalar::new(value))?;
        }
        Ok(())
    }

    fn word(&self, field: &'static str, value: Scalar<'a>) -> Result<Word, IndexError> {
        value
            .word
            .or_else(|| Word::new(&value.text))
            .ok_or_else(|| self.wrong(field, "at most eight letters of ASCII"))
    }

    #[cold]
    fn wrong(&self, field: &'static str, expected: &'static str) -> IndexError {
        IndexError::Field {
            line: Line::new(self.number, self.text),
            field,
            expected,
        }
    }

    #[cold]
    fn missing(&self, field: &'static str) -> IndexError {
        IndexError::Missing {
            line: Line::new(self.number, self.text),
            field,
        }
    }

    #[cold]
    fn repeated(&self, key: &str) -> IndexError {
        IndexError::Repeated {
            line: Line::new(self.number, self.text),
            key: key.to_owned(),
        }
    }
}

keys! {
    CF = "cf",
    EM = "em",
    ES = "es",
}

/// Digits and nothing else; `u64::from_str` would take a sign.
fn parse_number(text: &str) -> Option<u64> {
    if text.is_empty() {
        return None;
    }
    text.bytes().try_fold(0_u64, |number, octet| {
        let digit = octet.checked_sub(b'0').filter(|digit| *digit < 10)?;
        number.checked_mul(10)?.checked_add(u64::from(digit))
    })
}

fn parse_date(text: &str) -> Option<Date> {
    if text.len() != 8 {
        return text.parse().ok();
    }
    let number = u32::try_from(parse_number(text)?).ok()?;
    Date::new(
        i32::try_from(number / 10_000).ok()?,
        u8::try_from(number / 100 % 100).ok()?,
        u8::try_from(number % 100).ok()?,
    )
}

/// Seconds from midnight, of `00`, `0000`, `1200`, `0`, `600` (six o'clock) or `063000`.
fn parse_time(text: &str) -> Option<u32> {
    let number = u32::try_from(parse_number(text)?).ok()?;
    let (hour, minute, second) = match text.len() {
        1 | 2 => (number, 0, 0),
        3 | 4 => (number / 100, number % 100, 0),
        6 => (number / 10_000, number / 100 % 100, number % 100),
        _ => return None,
    };
    (hour < 24 && minute < 60 && second < 60).then_some(hour * 3_600 + minute * 60 + second)
}

/// `6`, `0-6`, `30m`, `1h30m`; what is none of these stays text.
fn parse_step(text: Cow<'_, str>) -> When<'_> {
    if text.is_empty() {
        return When::Unstated;
    }
    let when = match text.split_once('-') {
        None => parse_duration(&text).map(When::Instant),
        Some((start, end)) => parse_duration(start)
            .zip(parse_duration(end))
            .map(|(start, end)| When::Window {
                range: StepRange { start, end },
                how: Cow::Borrowed(""),
            }),
    };
    when.unwrap_or(When::Text(text))
}

/// Hours without a unit, or any of hours, minutes and seconds with theirs.
fn parse_duration(text: &str) -> Option<Step> {
    if let Some(hours) = parse_number(text) {
        return i64::try_from(hours)
            .ok()?
            .checked_mul(3_600)
            .map(Step::seconds);
    }
    let mut seconds = 0_i64;
    for part in text.split_inclusive(|letter: char| !letter.is_ascii_digit()) {
        let unit = match part.as_bytes().last() {
            Some(b'h') => 3_600,
            Some(b'm') => 60,
            Some(b's') => 1,
            _ => return None,
        };
        let count = parse_number(part.get(..part.len().checked_sub(1)?)?)?;
        let count = i64::try_from(count).ok()?.checked_mul(unit)?;
        seconds = seconds.checked_add(count)?;
    }
    (!text.is_empty()).then_some(Step::seconds(seconds))
}

/// Keys without a field of their own, as one text that is the same whatever their order; those with an underscore in front are
/// notes of whoever wrote the index and no part of the identity.
fn extra_text<'a>(mut extra: Vec<(Cow<'a, str>, Cow<'a, str>)>) -> Cow<'a, str> {
    extra.retain(|(key, _)| !key.starts_with('_'));
    if extra.is_empty() {
        return Cow::Borrowed("");
    }
    extra.sort();
    let object: serde_json::Map<String, serde_json::Value> = extra
        .into_iter()
        .map(|(key, value)| (key.into_owned(), value.into_owned().into()))
        .collect();
    Cow::Owned(serde_json::Value::Object(object).to_string())
}
