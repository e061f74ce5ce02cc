//! Steps as ecCodes computes them: the unit that start and end share, and how a range is written.

use std::fmt;

use super::key::{Key, Keys};
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
fn end(keys: &Keys, start: Amount) -> Option<Amount> {
    const SAME_FORECAST: u8 = 2;
    const SAME_FORECAST_TIME: u8 = 1;
    let (unit, length) = match keys.time_ranges() {
        [only] if only.increment == SAME_FORECAST_TIME && !is_era_20cm(keys) => return Some(start),
        [only] => (only.unit, only.length),
        [first, second] => {
            let range = [first, second]
                .into_iter()
                .find(|range| range.increment == SAME_FORECAST)?;
            (range.unit, range.length)
        }
        _ => return None,
    };
    let length = Amount::new(i64::from(length), Unit::from_code(i64::from(unit))?);
    let seconds = start.seconds()?.checked_add(length.seconds()?)?;
    Some(Amount::new(seconds, Unit::from_code(Unit::SECOND)?))
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
