//! Steps as ecCodes computes them: the unit that start and end share, and how a range is written.

use std::fmt;
use std::ops::RangeInclusive;

use super::key::{Key, Keys, TimeRange};
use super::table::StepsKind;
use crate::time::Step;

/// Class `em` of code table `mars/class`, whose experiment 1605 is an exception of ecCodes (GRIB-488).
const ERA_20CM: i64 = 21;

/// The time of a field as ecCodes' `stepRange` has it. Months and years have 30 and 365 days there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Steps {
    /// Start of the window; equal to `end` for an instant.
    pub start: Step,
    /// End of the window: the step that the field is filed under.
    pub end: Step,
    unit: Unit,
}

impl Steps {
    /// The steps of a message; `None` where its template has none, or where ecCodes cannot compute them.
    pub(super) fn of(keys: &Keys, kind: StepsKind) -> Option<Self> {
        let unit = Unit::from_code(keys.number(Key::IndicatorOfUnitOfTimeRange)?)?;
        let start = Amount::new(keys.number(Key::ForecastTime)?, unit);
        let end = match kind {
            StepsKind::None => return None,
            StepsKind::Instant => start,
            StepsKind::Window => end(keys, start)?,
        };
        let unit = shared_unit(keys, start)?;
        Some(Self {
            start: Step::seconds(start.seconds()?),
            end: Step::seconds(end.seconds()?),
            unit,
        })
    }

    fn write(self, f: &mut fmt::Formatter<'_>, step: Step) -> fmt::Result {
        let seconds = step.as_seconds();
        // Lengths of units are below 2^32 and steps far below 2^53 seconds: both are exact.
        #[expect(clippy::as_conversions, reason = "`From` does not convert i64 to f64")]
        let amount = match self.unit.seconds {
            _ if seconds == 0 => 0.0,
            length => seconds as f64 / length as f64,
        };
        f.write_str(&general(amount))?;
        if self.unit.code == Unit::HOUR {
            return Ok(());
        }
        if self
            .unit
            .name
            .starts_with(|first: char| first.is_ascii_digit())
        {
            f.write_str("x")?;
        }
        f.write_str(self.unit.name)
    }
}

/// As ecCodes' `stepRange`: `6`, `0-6`, `0m-495m`, `90s`; hours have no suffix.
impl fmt::Display for Steps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.start != self.end {
            self.write(f, self.start)?;
            f.write_str("-")?;
        }
        self.write(f, self.end)
    }
}

/// The end of the window: the start and the length of the range that counts.
///
/// Until the migration of master tables version 34, that is the range whose successive times are of one forecast; since then
/// the longest one (ECC-1734).
fn end(keys: &Keys, start: Amount) -> Option<Amount> {
    const SAME_FORECAST_TIME: u8 = 1;
    const SAME_START_OF_FORECAST: u8 = 2;
    /// Code table 4.11 without its reserved and missing numbers.
    const INCREMENTS: RangeInclusive<u8> = 1..=5;
    let before = keys.number(Key::Mtg2Switch) == Some(0);
    let seconds = |range: &TimeRange| {
        let unit = Unit::from_code(i64::from(range.unit))?;
        Amount::new(i64::from(range.length), unit).seconds()
    };
    let length = match keys.time_ranges() {
        [only] if before && only.increment == SAME_FORECAST_TIME && !is_era_20cm(keys) => 0,
        [only] => seconds(only)?,
        ranges @ [_, _] if before => {
            let mut ranges = ranges.iter();
            seconds(ranges.find(|range| range.increment == SAME_START_OF_FORECAST)?)?
        }
        ranges @ [_, _] => {
            let ranges = ranges
                .iter()
                .filter(|range| INCREMENTS.contains(&range.increment));
            let lengths: Option<Vec<i64>> = ranges.map(seconds).collect();
            lengths?.into_iter().max()?
        }
        _ => return None,
    };
    let end = start.seconds()?.checked_add(length)?;
    Some(Amount::new(end, Unit::from_code(Unit::SECOND)?))
}

fn is_era_20cm(keys: &Keys) -> bool {
    keys.number(Key::MarsClass) == Some(ERA_20CM)
        && keys.number(Key::ExperimentVersionNumber)
            == Some(i64::from(u32::from_be_bytes(*b"1605")))
}

/// ecCodes' `stepUnits`: the unit that the start and the end of the (last) range have in common.
fn shared_unit(keys: &Keys, start: Amount) -> Option<Unit> {
    let start_only = start.reduced()?;
    let (Some(unit), Some(length)) = (
        keys.number(Key::IndicatorOfUnitForTimeRange),
        keys.number(Key::LengthOfTimeRange),
    ) else {
        return Some(start_only.unit);
    };
    let length = Amount::new(length, Unit::from_code(unit)?);
    let (one, other) = common(start.reduced()?, length.reduced()?)?;
    let end = Amount::new(one.value.checked_add(other.value)?, one.held);
    Some(common(start_only, end.reduced()?)?.0.unit)
}

/// A number of units, and the unit that it is shown in.
///
/// The two differ for zero: ecCodes keeps the unit that zero was given in, but shows no unit longer than an hour.
#[derive(Clone, Copy, Debug)]
struct Amount {
    value: i64,
    held: Unit,
    unit: Unit,
}

impl Amount {
    fn new(value: i64, unit: Unit) -> Self {
        Self {
            value,
            held: unit,
            unit,
        }
    }

    fn seconds(self) -> Option<i64> {
        if self.value == 0 {
            return Some(0);
        }
        (self.held.code != Unit::MISSING).then_some(())?;
        self.value.checked_mul(self.held.seconds)
    }

    /// In the longest of hours, minutes and seconds that holds it as a whole number.
    fn reduced(self) -> Option<Self> {
        let hour = Unit::from_code(Unit::HOUR)?;
        if self.value == 0 {
            let unit = if self.unit.seconds > hour.seconds {
                hour
            } else {
                self.unit
            };
            return Some(Self { unit, ..self });
        }
        let seconds = self.seconds()?;
        let held = [Unit::HOUR, Unit::MINUTE, Unit::SECOND];
        let mut units = held.into_iter().filter_map(Unit::from_code);
        let unit = units.find(|unit| seconds.checked_rem(unit.seconds) == Some(0))?;
        Some(Self::new(seconds.checked_div(unit.seconds)?, unit))
    }

    fn in_unit(self, unit: Unit) -> Option<Self> {
        if self.value == 0 {
            return Some(Self::new(0, unit));
        }
        Some(Self::new(self.seconds()?.checked_div(unit.seconds)?, unit))
    }
}

/// Both in one unit: the shorter of the two, or that of the one that is not zero.
fn common(a: Amount, b: Amount) -> Option<(Amount, Amount)> {
    let unit = match (a.value, b.value) {
        (0, 0) if a.held.seconds > b.held.seconds => a.held,
        (0, 0) | (0, _) => b.held,
        (_, 0) => a.held,
        _ => [Unit::SECOND, Unit::MINUTE, Unit::HOUR]
            .into_iter()
            .filter_map(Unit::from_code)
            .find(|unit| unit.seconds == a.unit.seconds || unit.seconds == b.unit.seconds)?,
    };
    Some((a.in_unit(unit)?, b.in_unit(unit)?))
}

/// A unit of time of code table 4.4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Unit {
    code: i64,
    seconds: i64,
    name: &'static str,
}

impl Unit {
    const MINUTE: i64 = 0;
    const HOUR: i64 = 1;
    const SECOND: i64 = 13;
    const MISSING: i64 = 255;

    /// The units that ecCodes computes with.
    const ALL: [(i64, i64, &'static str); 15] = [
        (Self::MINUTE, 60, "m"),
        (Self::HOUR, 3_600, "h"),
        (2, 86_400, "D"),
        (3, 2_592_000, "M"),
        (4, 31_536_000, "Y"),
        (5, 315_360_000, "10Y"),
        (6, 946_080_000, "30Y"),
        (7, 3_153_600_000, "C"),
        (10, 10_800, "3h"),
        (11, 21_600, "6h"),
        (12, 43_200, "12h"),
        (Self::SECOND, 1, "s"),
        (14, 900, "15m"),
        (15, 1_800, "30m"),
        (Self::MISSING, 0, "MISSING"),
    ];

    fn from_code(wanted: i64) -> Option<Self> {
        let (code, seconds, name) = Self::ALL.into_iter().find(|&(code, ..)| code == wanted)?;
        Some(Self {
            code,
            seconds,
            name,
        })
    }
}

/// A number as C's `%g` writes it: six digits, without zeros at the end.
fn general(number: f64) -> String {
    let scientific = format!("{number:.5e}");
    let Some((digits, exponent)) = scientific.split_once('e') else {
        return scientific;
    };
    let trim = |text: &str| {
        if text.contains('.') {
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        } else {
            text.to_owned()
        }
    };
    match exponent.parse::<i32>() {
        Ok(exponent @ -4..=5) => {
            let decimals = usize::try_from(5 - exponent).unwrap_or_default();
            trim(&format!("{number:.decimals$}"))
        }
        Ok(exponent) => {
            let sign = if exponent < 0 { '-' } else { '+' };
            format!("{}e{sign}{:02}", trim(digits), exponent.abs())
        }
        Err(_) => scientific,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: u8 = 1;

    fn range(increment: u8, unit: u8, length: u32) -> TimeRange {
        TimeRange {
            statistic: 1,
            increment,
            unit,
            length,
        }
    }

    fn written(before: bool, forecast: (i64, u8), ranges: &[TimeRange]) -> Option<String> {
        let mut keys = Keys::default();
        keys.set(Key::Mtg2Switch, u8::from(!before));
        keys.set(Key::ForecastTime, forecast.0);
        keys.set(Key::IndicatorOfUnitOfTimeRange, forecast.1);
        let kind = if ranges.is_empty() {
            StepsKind::Instant
        } else {
            keys.set_time_ranges(ranges.to_vec());
            StepsKind::Window
        };
        Steps::of(&keys, kind).map(|steps| steps.to_string())
    }

    #[test]
    fn an_instant_is_in_the_longest_unit_up_to_hours() {
        let instant = |value, unit| written(false, (value, unit), &[]).unwrap();
        assert_eq!(instant(6, HOUR), "6");
        assert_eq!(instant(2, 2), "48", "days");
        assert_eq!(instant(120, 0), "2", "whole hours in minutes");
        assert_eq!(instant(90, 0), "90m");
        assert_eq!(instant(0, 0), "0m");
        assert_eq!(instant(-3, HOUR), "-3");
        assert_eq!(instant(86_400, 4), "7.56864e+08", "years, as C prints them");
    }

    #[test]
    fn a_window_is_in_a_unit_that_both_ends_share() {
        let window = |forecast, unit, length| written(false, forecast, &[range(2, unit, length)]);
        assert_eq!(window((0, HOUR), HOUR, 6).unwrap(), "0-6");
        assert_eq!(window((0, HOUR), 0, 495).unwrap(), "0m-495m");
        assert_eq!(window((6, HOUR), 0, 100).unwrap(), "360m-460m");
        assert_eq!(window((0, HOUR), 2, 0).unwrap(), "0D");
        assert_eq!(window((6, HOUR), HOUR, 0).unwrap(), "6");
        assert_eq!(window((6, HOUR), 8, 1), None, "a reserved unit");
    }

    #[test]
    fn which_range_counts_depends_on_the_tables() {
        let ranges = [range(1, HOUR, 100), range(2, HOUR, 24)];
        assert_eq!(written(true, (6, HOUR), &ranges).unwrap(), "6-30");
        assert_eq!(written(false, (6, HOUR), &ranges).unwrap(), "6-106");
        assert_eq!(written(true, (6, HOUR), &[ranges[0]]).unwrap(), "6");
        assert_eq!(written(false, (6, HOUR), &[ranges[0]]).unwrap(), "6-106");
        let reserved = [range(255, HOUR, 100), range(3, HOUR, 24)];
        assert_eq!(written(false, (6, HOUR), &reserved).unwrap(), "6-30");
        assert_eq!(written(true, (6, HOUR), &reserved), None);
    }
}
