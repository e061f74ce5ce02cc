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
    let offset = parse_digits(offset).ok_or_else(|| {
        let negative = offset.starts_with('-');
        wrong(
            "offset",
            if negative {
                "positive: whoever wrote it counted in 32 bits"
            } else {
                "a number of bytes of 64 bits"
            },
        )
    })?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::{Level, Statistic, Surface, When};
    use crate::time::Step;

    fn parsed(text: &str) -> Record<'_> {
        parse_line(7, text).unwrap()
    }

    #[test]
    fn a_line_of_an_ensemble_member_is_typed_whole() {
        let record = parsed("1:0:d=2025080118:TMP:2 m above ground:15 hour fcst:ENS=+1");
        assert_eq!(
            record.key,
            Key {
                parameter: Parameter::Name("TMP".into()),
                level: Level::Surfaces {
                    first: Surface::decimal(103, 2, 0).unwrap(),
                    second: None
                },
                when: When::Instant(Step::hours(15)),
                statistic: None,
                member: Some(Member::Perturbed(1)),
                mars: None,
                extra: "".into(),
                occurrence: 0,
            }
        );
        assert_eq!((record.line, record.offset, record.length), (7, 0, None));
        assert_eq!(record.run().unwrap().to_string(), "2025-08-01T18");
        assert_eq!(record.attrs(), "TMP:2 m above ground:15 hour fcst:ENS=+1");
    }

    #[test]
    fn a_colon_at_the_end_is_part_of_attrs_and_not_of_the_key() {
        let with = parsed("96:1:d=2023092800:APCP:surface:0-6 hour acc fcst:");
        let without = parsed("96:1:d=2023092800:APCP:surface:0-6 hour acc fcst");
        assert_eq!(with.key, without.key);
        assert_eq!(with.key.statistic, Some(Statistic::ACCUMULATION));
        assert_eq!(with.attrs(), "APCP:surface:0-6 hour acc fcst:");
    }

    #[test]
    fn fields_of_one_message_have_numbers() {
        let record = parsed("244.2:1234:d=2025080100:VGRD:10 m above ground:anl:");
        assert_eq!(
            record.message,
            Some(MessageNumber {
                message: 244,
                field: Some(2)
            })
        );
    }

    #[test]
    fn members_are_told_apart() {
        for (text, member, extra) in [
            ("ENS=+1", Some(Member::Perturbed(1)), ""),
            ("ENS=-1", Some(Member::Negative(1)), ""),
            ("ENS=low-res ctl", Some(Member::Control), ""),
            ("ENS=hi-res ctl", Some(Member::HighResolutionControl), ""),
            ("ens mean", Some(Member::Mean), ""),
            ("ens spread", Some(Member::Spread), ""),
            ("wt ens mean", Some(Member::Derived(1)), ""),
            ("ens std dev", Some(Member::Derived(2)), ""),
            (
                "ENS=+30:prob >0.254:prob fcst 3/30",
                Some(Member::Perturbed(30)),
                "prob >0.254:prob fcst 3/30",
            ),
            (
                "prob >0.254:prob fcst 3/30",
                None,
                "prob >0.254:prob fcst 3/30",
            ),
            ("20% level", None, "20% level"),
            ("cluster std dev", None, "cluster std dev"),
            ("ENS=? table4.6=77 pert=1", None, "ENS=? table4.6=77 pert=1"),
            ("MM-ENS=4", None, "MM-ENS=4"),
            ("ENS=+1 ens mean", None, "ENS=+1 ens mean"),
            ("ENS=+", None, "ENS=+"),
            ("chemical=Ozone:", None, "chemical=Ozone:"),
            ("", None, ""),
        ] {
            let line = format!("1:0:d=2025080100:APCP:surface:anl:{text}");
            let key = parsed(&line).key;
            assert_eq!((key.member, &*key.extra), (member, extra), "{text}");
        }
    }

    #[test]
    fn parameters_without_a_name_keep_their_numbers() {
        let parameter = |text: &str| {
            let line = format!("3:0:d=2025080100:{text}:entire atmosphere:anl:");
            parsed(&line).key.into_owned().parameter
        };
        let numbers = ParameterNumbers {
            discipline: 0,
            category: 16,
            number: 201,
            center: Some(7),
            master_table: None,
            local_table: Some(1),
        };
        assert_eq!(
            parameter("var discipline=0 center=7 local_table=1 parmcat=16 parm=201"),
            Parameter::Numbers(numbers)
        );
        assert_eq!(
            parameter("var discipline=0 master_table=2 parmcat=16 parm=201"),
            Parameter::Numbers(ParameterNumbers {
                center: None,
                master_table: Some(2),
                local_table: None,
                ..numbers
            })
        );
        for text in [
            "var discipline=0 center=7 local_table=1 parmcat=16 parm=256",
            "var discipline=0 center=7 local_table=1 parmcat=16",
            "var discipline=0 center=7 local_table=1 parmcat=16 parm=1 x=2",
            "HGT Geopotential Height [gpm]",
        ] {
            assert_eq!(
                parameter(text),
                Parameter::Name(text.to_owned().into()),
                "{text}"
            );
        }
    }

    #[test]
    fn commas_are_letters() {
        let record = parsed(
            "1:0:d=2025080100:PMTF:surface:anl:aerosol=Dust, dry:aerosol_size >=2e-07,<2e-06",
        );
        assert_eq!(
            record.key.extra,
            "aerosol=Dust, dry:aerosol_size >=2e-07,<2e-06"
        );
    }

    #[test]
    fn bad_lines_are_errors_that_say_which_field() {
        let line = |text: &str| Line::new(7, text);
        for (text, missing) in [
            ("36", "offset"),
            ("36:1", "date"),
            ("36:1:d=2025080100", "parameter"),
            ("36:1:d=2025080100:TMP", "level"),
            ("36:1:d=2025080100:TMP:2 m abo", "forecast time"),
            ("36:1:d=2025080100::surface:anl", "parameter"),
        ] {
            assert_eq!(
                parse_line(7, text),
                Err(IndexError::Missing {
                    line: line(text),
                    field: missing
                }),
            );
        }
        for (text, wrong) in [
            (":1:d=2025080100:TMP:surface:anl:", "message number"),
            ("x:1:d=2025080100:TMP:surface:anl:", "message number"),
            ("1.:1:d=2025080100:TMP:surface:anl:", "message number"),
            ("1.1.1:1:d=2025080100:TMP:surface:anl:", "message number"),
            ("1::d=2025080100:TMP:surface:anl:", "offset"),
            ("1:+1:d=2025080100:TMP:surface:anl:", "offset"),
            ("1:-1:d=2025080100:TMP:surface:anl:", "offset"),
            (
                "1:18446744073709551616:d=2025080100:TMP:surface:anl:",
                "offset",
            ),
            ("1:1:2025080100:TMP:surface:anl:", "date"),
            ("1:1:d=20250801:TMP:surface:anl:", "date"),
            ("1:1:d=2025080124:TMP:surface:anl:", "date"),
            ("1:1:d=2025023000:TMP:surface:anl:", "date"),
            ("1:1:d=+025080100:TMP:surface:anl:", "date"),
        ] {
            let error = parse_line(7, text).unwrap_err();
            assert!(
                matches!(&error, IndexError::Field { field, line: place, .. } if *field == wrong && *place == line(text)),
                "{text}: {error}"
            );
        }
        let edition_1 =
            "1:0:d=21113000:WIND:kpds5=32:kpds6=1:kpds7=0:TR=0:P1=0:P2=0:TimeU=1:sfc:anl:NAve=0";
        assert_eq!(
            parse_line(7, edition_1),
            Err(IndexError::Edition1 {
                line: line(edition_1)
            })
        );
        let error = parse_line(7, "36:1:d=2025080100:TMP").unwrap_err();
        assert_eq!(
            error.to_string(),
            "line 7: `36:1:d=2025080100:TMP`: no level"
        );
    }
}
