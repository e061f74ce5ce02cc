//! Lines of wgrib2's short inventory, the `.idx` files of NOAA: `1:0:d=2025080100:VIS:surface:15 hour fcst:ENS=+1`.

use std::borrow::Cow;

use memchr::memchr;

use super::error::{IndexError, Line};
use super::level::parse_level;
use super::when::parse_when;
use super::{MessageNumber, Record};
use crate::identity::{Key, Member, Parameter, ParameterNumbers};
use crate::time::Date;

/// Parses one line, which is not blank and has no line end.
pub(super) fn parse_line(number: usize, text: &str) -> Result<Record<'_>, IndexError> {
    let missing = |field| {
        move || IndexError::Missing {
            line: Line::new(number, text),
            field,
        }
    };
    let wrong = |field, expected| IndexError::Field {
        line: Line::new(number, text),
        field,
        expected,
    };

    let (message, rest) = split(text).ok_or_else(missing("offset"))?;
    let message = parse_message(message)
        .ok_or_else(|| wrong("message number", "a number such as `36` or `36.1`"))?;
    let (offset, rest) = split(rest).ok_or_else(missing("date"))?;
    let offset =
        parse_digits(offset).ok_or_else(|| wrong("offset", "a number of bytes of 64 bits"))?;
    let (date, attrs) = split(rest).ok_or_else(missing("parameter"))?;
    if split(attrs).is_some_and(|(_, rest)| rest.starts_with("kpds5=")) {
        return Err(IndexError::Edition1 {
            line: Line::new(number, text),
        });
    }
    let (date, clock) =
        parse_date(date).ok_or_else(|| wrong("date", "`d=YYYYMMDDHH` or `D=YYYYMMDDHHmmss`"))?;
    let key = parse_attrs(attrs).map_err(|field| missing(field)())?;
    Ok(Record {
        line: number,
        text,
        message: Some(message),
        offset,
        length: None,
        date: Some(date),
        clock: Some(clock),
        path: None,
        key,
    })
}

/// Parses everything behind the third colon; the error is the name of the field that is missing.
pub(super) fn parse_attrs(attrs: &str) -> Result<Key<'_>, &'static str> {
    let (parameter, rest) = split(attrs).ok_or("level")?;
    if parameter.is_empty() {
        return Err("parameter");
    }
    let (level, rest) = split(rest).ok_or("forecast time")?;
    let (when, rest) = split(rest).unwrap_or((rest, ""));
    let (member, extra) = parse_member(rest);
    let (when, statistic) = parse_when(when);
    Ok(Key {
        parameter: parse_parameter(parameter),
        level: parse_level(level),
        when,
        statistic,
        member,
        mars: None,
        extra: Cow::Borrowed(extra),
        occurrence: 0,
    })
}

/// What kerchunk calls the attributes of a line: everything behind the third colon.
pub(super) fn attrs(text: &str) -> &str {
    let behind_colon = |text| split(text).map(|(_, rest)| rest);
    behind_colon(text)
        .and_then(behind_colon)
        .and_then(behind_colon)
        .unwrap_or_default()
}

/// What is in front of the first colon, and what is behind it.
fn split(text: &str) -> Option<(&str, &str)> {
    let at = memchr(b':', text.as_bytes())?;
    Some((text.get(..at)?, text.get(at.checked_add(1)?..)?))
}

/// Digits and nothing else; `u64::from_str` would take a sign.
fn parse_digits(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

fn parse_message(text: &str) -> Option<MessageNumber> {
    let (message, field) = match text.split_once('.') {
        Some((message, field)) => (message, Some(u16::try_from(parse_digits(field)?).ok()?)),
        None => (text, None),
    };
    Some(MessageNumber {
        message: parse_digits(message)?,
        field,
    })
}

/// The day, and the seconds from midnight.
fn parse_date(text: &str) -> Option<(Date, u32)> {
    let (digits, length) = match text.strip_prefix("d=") {
        Some(digits) => (digits, 10),
        None => (text.strip_prefix("D=")?, 14),
    };
    if digits.len() != length {
        return None;
    }
    let part = |range: std::ops::Range<usize>| {
        digits
            .get(range)
            .and_then(parse_digits)
            .and_then(|number| u32::try_from(number).ok())
    };
    let small = |range| part(range).and_then(|number| u8::try_from(number).ok());
    let date = Date::new(i32::try_from(part(0..4)?).ok()?, small(4..6)?, small(6..8)?)?;
    let (hour, minute, second) = match length {
        10 => (part(8..10)?, 0, 0),
        _ => (part(8..10)?, part(10..12)?, part(12..14)?),
    };
    (hour < 24 && minute < 60 && second < 60).then_some((date, hour * 3_600 + minute * 60 + second))
}

fn parse_parameter(text: &str) -> Parameter<'_> {
    parse_numbers(text).map_or(Parameter::Name(Cow::Borrowed(text)), Parameter::Numbers)
}

/// `var discipline=0 center=7 local_table=1 parmcat=16 parm=201`, or with `master_table=2` for centre and local table.
fn parse_numbers(text: &str) -> Option<ParameterNumbers> {
    let mut words = text.strip_prefix("var ")?.split(' ');
    let mut value = |name: &str| -> Option<&str> {
        let word = words.clone().next()?;
        let value = word.strip_prefix(name)?.strip_prefix('=')?;
        words.next();
        Some(value)
    };
    let byte = |value: Option<&str>| value?.parse::<u8>().ok();
    let discipline = byte(value("discipline"))?;
    let (center, master_table, local_table) = match value("master_table") {
        Some(table) => (None, Some(table.parse().ok()?), None),
        None => (
            Some(value("center")?.parse().ok()?),
            None,
            Some(byte(value("local_table"))?),
        ),
    };
    let (category, number) = (byte(value("parmcat"))?, byte(value("parm"))?);
    words.next().is_none().then_some(ParameterNumbers {
        discipline,
        category,
        number,
        center,
        master_table,
        local_table,
    })
}

/// The member, where the first field says it, and all that is left. A phrase that is no member as we have them is left.
fn parse_member(rest: &str) -> (Option<Member>, &str) {
    if rest.is_empty() {
        return (None, "");
    }
    let (first, behind) = split(rest).unwrap_or((rest, ""));
    match member(first) {
        Some(member) => (Some(member), behind),
        None => (None, rest),
    }
}

fn member(text: &str) -> Option<Member> {
    let number = |text: &str| u32::try_from(parse_digits(text)?).ok();
    if let Some(kind) = text.strip_prefix("ENS=") {
        return match kind {
            "low-res ctl" => Some(Member::Control),
            "hi-res ctl" => Some(Member::HighResolutionControl),
            _ => match kind.split_at_checked(1)? {
                ("+", digits) => number(digits).map(Member::Perturbed),
                ("-", digits) => number(digits).map(Member::Negative),
                _ => None,
            },
        };
    }
    // Code table 4.7; what wgrib2 prints differently for clusters stays text.
    Some(match text {
        "ens mean" => Member::Mean,
        "ens spread" => Member::Spread,
        "wt ens mean" => Member::Derived(1),
        "ens std dev" => Member::Derived(2),
        "normalized ens std dev" => Member::Derived(3),
        "ens large anom index" => Member::Derived(5),
        "unwt ens mean" => Member::Derived(6),
        "25%-75% range" => Member::Derived(7),
        "min all members" => Member::Derived(8),
        "max all members" => Member::Derived(9),
        _ => return None,
    })
}
