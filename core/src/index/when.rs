//! wgrib2's phrases for forecast times, back to steps and windows.

use std::borrow::Cow;

use crate::identity::{Statistic, When};
use crate::time::{Step, StepRange};

/// Parses the time field of a wgrib2 line: when, and what was done over the window.
///
/// A phrase is understood wholly or kept wholly as text.
pub(super) fn parse_when(text: &str) -> (When<'_>, Option<Statistic>) {
    match text {
        "" => (When::Unstated, None),
        "anl" => (When::Analysis, None),
        _ => understood(text).unwrap_or((When::Text(Cow::Borrowed(text)), None)),
    }
}

fn understood(text: &str) -> Option<(When<'_>, Option<Statistic>)> {
    let (start, rest) = integer(text)?;
    let Some(rest) = rest.strip_prefix('-') else {
        let (unit, rest) = unit(rest)?;
        return (rest == " fcst").then_some((When::Instant(step(start, unit)?), None));
    };
    let (end, rest) = integer(rest)?;
    let (unit, rest) = unit(rest)?;
    let (statistic, how) = if rest == " fcst" {
        // TMAX and TMIN of NCEP, whose operator is the parameter.
        (None, "")
    } else {
        let (statistic, how) = operator(rest.strip_prefix(' ')?)?;
        let how = match how {
            " fcst" => "",
            " anl" => "anl",
            // Sampled or nested: `@(fcst,dt=6 hour),missing=0`, `(12 hour fcst)`.
            how if how.starts_with(['@', '(']) => how,
            _ => return None,
        };
        (Some(statistic), how)
    };
    let range = StepRange {
        start: step(start, unit)?,
        end: step(end, unit)?,
    };
    let how = Cow::Borrowed(how);
    Some((When::Window { range, how }, statistic))
}

fn step(count: i64, unit: i64) -> Option<Step> {
    count.checked_mul(unit).map(Step::seconds)
}

/// An integer in front, which may be negative, and what follows it.
fn integer(text: &str) -> Option<(i64, &str)> {
    let sign = usize::from(text.starts_with('-'));
    let digits = text
        .bytes()
        .skip(sign)
        .take_while(u8::is_ascii_digit)
        .count();
    let (number, rest) = text.split_at_checked(sign.checked_add(digits)?)?;
    Some((number.parse().ok()?, rest))
}

/// A unit of a fixed length in seconds, behind a blank, and what follows it. Months and longer have no fixed length.
fn unit(text: &str) -> Option<(i64, &str)> {
    let text = text.strip_prefix(' ')?;
    [("hour", 3_600), ("day", 86_400), ("min", 60), ("sec", 1)]
        .into_iter()
        .find_map(|(name, seconds)| Some((seconds, text.strip_prefix(name)?)))
}

/// The operator of code table 4.10 in front, and what follows it.
fn operator(text: &str) -> Option<(Statistic, &str)> {
    [
        ("ave", 0),
        ("acc", 1),
        ("max", 2),
        ("min", 3),
        ("last-first", 4),
        ("RMS", 5),
        ("StdDev", 6),
        ("covar", 7),
        ("first-last", 8),
        ("ratio", 9),
        ("standardized anomaly", 10),
        ("summation", 11),
        ("return period", 12),
        ("severity", 100),
        ("mode", 101),
    ]
    .into_iter()
    .find_map(|(name, code)| Some((Statistic(code), text.strip_prefix(name)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(start: i64, end: i64, how: &str) -> When<'_> {
        When::Window {
            range: StepRange {
                start: Step::seconds(start),
                end: Step::seconds(end),
            },
            how: Cow::Borrowed(how),
        }
    }

    #[test]
    fn phrases_of_real_files_become_steps() {
        let hours = |hours| When::Instant(Step::hours(hours));
        let acc = Some(Statistic::ACCUMULATION);
        for (text, when, statistic) in [
            ("anl", When::Analysis, None),
            ("15 hour fcst", hours(15), None),
            ("495 min fcst", When::Instant(Step::seconds(29_700)), None),
            ("10 day fcst", hours(240), None),
            ("12-15 hour acc fcst", window(43_200, 54_000, ""), acc),
            ("0-1 day acc fcst", window(0, 86_400, ""), acc),
            ("0-0 day acc fcst", window(0, 0, ""), acc),
            ("4-4 hour acc fcst", window(14_400, 14_400, ""), acc),
            (
                "490-495 min ave fcst",
                window(29_400, 29_700, ""),
                Some(Statistic::AVERAGE),
            ),
            (
                "-1-68 hour ave fcst",
                window(-3_600, 244_800, ""),
                Some(Statistic::AVERAGE),
            ),
            ("6-12 hour fcst", window(21_600, 43_200, ""), None),
            (
                "0-6 hour ave anl",
                window(0, 21_600, "anl"),
                Some(Statistic::AVERAGE),
            ),
            (
                "0-24 hour acc@(fcst,dt=6 hour),missing=0",
                window(0, 86_400, "@(fcst,dt=6 hour),missing=0"),
                acc,
            ),
        ] {
            assert_eq!(parse_when(text), (when, statistic), "{text}");
        }
        assert_eq!(parse_when(""), (When::Unstated, None));
    }

    #[test]
    fn phrases_without_a_fixed_length_stay_text() {
        for text in [
            "1 month fcst",
            "0-1 month ave fcst",
            "0-1 year ave fcst",
            "240@3 hour ave(anl),missing=0",
            "2 hour-(2 hour+4 day) acc fcst",
            "ensemble ave-3 valid 12 hour",
            "6 hour fc",
            "6 hours fcst",
            "0-6 hour ??? fcst",
            "0-6 hour acc",
            "0-6 hour average fcst",
            "9223372036854775807 day fcst",
            "anl ",
            "-",
        ] {
            assert_eq!(
                parse_when(text),
                (When::Text(Cow::Borrowed(text)), None),
                "{text}"
            );
        }
    }
}
