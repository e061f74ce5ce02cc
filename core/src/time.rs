//! Dates, runs and forecast steps: calendar arithmetic without a clock.

mod moment;
pub(crate) mod run_text;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

pub use moment::Moment;

/// Seconds in a day.
const DAY: i64 = 86_400;

/// Why a text is not a date, a run hour or a step.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TimeError {
    /// Not a day of the proleptic Gregorian calendar written `YYYYMMDD` or `YYYY-MM-DD`.
    #[error("`{text}` is not a date: expected YYYYMMDD")]
    Date {
        /// What was found.
        text: String,
    },
    /// Not an hour from 0 to 23.
    #[error("`{text}` is not a run hour: expected 00 to 23")]
    RunHour {
        /// What was found.
        text: String,
    },
}

/// A day of the proleptic Gregorian calendar.
///
/// ```
/// use gik_core::time::Date;
/// let date: Date = "20250918".parse()?;
/// assert_eq!(date.to_string(), "20250918");
/// assert_eq!(date.days_since_epoch(), 20349);
/// # Ok::<(), gik_core::time::TimeError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Date {
    year: i32,
    month: u8,
    day: u8,
}

impl Date {
    /// The day, or `None` where the calendar has no such day. Years from 1 to 9999.
    pub fn new(year: i32, month: u8, day: u8) -> Option<Self> {
        let valid = (1..=9999).contains(&year)
            && (1..=12).contains(&month)
            && (1..=days_in_month(year, month)).contains(&day);
        valid.then_some(Self { year, month, day })
    }

    /// The day that many days after 1970-01-01, or `None` outside the years 1 to 9999.
    ///
    /// Algorithm: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`.
    pub fn from_days_since_epoch(days: i64) -> Option<Self> {
        let shifted = days.checked_add(719_468)?;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
        let month = if shifted_month < 10 {
            shifted_month + 3
        } else {
            shifted_month - 9
        };
        let year = era.checked_mul(400)?.checked_add(year_of_era)? + i64::from(month <= 2);
        Self::new(
            i32::try_from(year).ok()?,
            u8::try_from(month).ok()?,
            u8::try_from(day).ok()?,
        )
    }

    /// Days from 1970-01-01 to this day.
    pub fn days_since_epoch(self) -> i64 {
        let year = i64::from(self.year) - i64::from(self.month <= 2);
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let shifted_month = (i64::from(self.month) + 9) % 12;
        let day_of_year = (153 * shifted_month + 2) / 5 + i64::from(self.day) - 1;
        era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year
            - 719_468
    }

    /// The calendar year.
    pub fn year(self) -> i32 {
        self.year
    }

    /// The month, from 1.
    pub fn month(self) -> u8 {
        self.month
    }

    /// The day of the month, from 1.
    pub fn day(self) -> u8 {
        self.day
    }
}

/// `YYYYMMDD`, as every archive spells it; `{:#}` gives `YYYY-MM-DD`.
impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dash = if f.alternate() { "-" } else { "" };
        write!(
            f,
            "{:04}{dash}{:02}{dash}{:02}",
            self.year, self.month, self.day
        )
    }
}

impl FromStr for Date {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        let error = || TimeError::Date {
            text: text.to_owned(),
        };
        let digits: String = match text.len() {
            8 => text.to_owned(),
            10 => {
                let mut parts = text.split('-');
                let (year, month, day) = (parts.next(), parts.next(), parts.next());
                match (year, month, day, parts.next()) {
                    (Some(year), Some(month), Some(day), None)
                        if year.len() == 4 && month.len() == 2 =>
                    {
                        format!("{year}{month}{day}")
                    }
                    _ => return Err(error()),
                }
            }
            _ => return Err(error()),
        };
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(error());
        }
        let number = |range: std::ops::Range<usize>| {
            digits.get(range).and_then(|part| part.parse::<u16>().ok())
        };
        match (number(0..4), number(4..6), number(6..8)) {
            (Some(year), Some(month), Some(day)) => {
                let small = |value: u16| u8::try_from(value).map_err(|_| error());
                Self::new(i32::from(year), small(month)?, small(day)?).ok_or_else(error)
            }
            _ => Err(error()),
        }
    }
}

impl TryFrom<String> for Date {
    type Error = TimeError;

    fn try_from(text: String) -> Result<Self, TimeError> {
        text.parse()
    }
}

impl From<Date> for String {
    fn from(date: Date) -> Self {
        date.to_string()
    }
}

fn days_in_month(year: i32, month: u8) -> u8 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// One start of a forecast model: its day and its hour, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Run {
    /// The day of the run.
    pub date: Date,
    /// The hour of the run, from 0 to 23.
    pub hour: u8,
}

impl Run {
    /// The run of that hour, or `None` where a day has no such hour.
    pub fn new(date: Date, hour: u8) -> Option<Self> {
        (hour < 24).then_some(Self { date, hour })
    }

    /// Seconds from 1970-01-01T00:00:00Z to the start of the run.
    pub fn seconds_since_epoch(self) -> i64 {
        self.date.days_since_epoch() * DAY + i64::from(self.hour) * 3_600
    }
}

/// `2025-09-18T00`, the spelling of the catalogue's eras.
impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#}T{:02}", self.date, self.hour)
    }
}

impl FromStr for Run {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        let (date, hour) = text.split_once('T').ok_or_else(|| TimeError::Date {
            text: text.to_owned(),
        })?;
        let run_hour = || TimeError::RunHour {
            text: hour.to_owned(),
        };
        Self::new(date.parse()?, hour.parse().map_err(|_| run_hour())?).ok_or_else(run_hour)
    }
}

/// Time from the start of a run, in seconds.
///
/// Sub-hourly models (HRRR) count minutes, so hours are too coarse. Months have no fixed length and are no step.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Step {
    seconds: i64,
}

impl Step {
    /// The start of the run.
    pub const ZERO: Self = Self { seconds: 0 };

    /// A step of that many hours.
    pub const fn hours(hours: i32) -> Self {
        // An i32 of hours always fits an i64 of seconds.
        #[expect(clippy::as_conversions, reason = "widening; `From` is not const")]
        Self {
            seconds: hours as i64 * 3_600,
        }
    }

    /// A step of that many seconds.
    pub const fn seconds(seconds: i64) -> Self {
        Self { seconds }
    }

    /// The step in seconds.
    pub const fn as_seconds(self) -> i64 {
        self.seconds
    }

    /// The step in hours, or `None` where it is no whole number of hours.
    pub const fn whole_hours(self) -> Option<i64> {
        if self.seconds % 3_600 == 0 {
            Some(self.seconds / 3_600)
        } else {
            None
        }
    }
}

/// `6`, `495m` or `90s`: hours without a unit, as ecCodes' `stepRange` writes them.
impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.seconds % 3_600, self.seconds % 60) {
            (0, _) => write!(f, "{}", self.seconds / 3_600),
            (_, 0) => write!(f, "{}m", self.seconds / 60),
            _ => write!(f, "{}s", self.seconds),
        }
    }
}

/// The time a message speaks of: one instant, or a window from `start` to `end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct StepRange {
    /// First step of the window; equal to `end` for an instant.
    pub start: Step,
    /// Last step of the window: the step that the message is filed under.
    pub end: Step,
}

impl StepRange {
    /// One instant.
    pub const fn instant(step: Step) -> Self {
        Self {
            start: step,
            end: step,
        }
    }
}

/// `6` for an instant, `0-6` for a window, as ecCodes' `stepRange`.
impl fmt::Display for StepRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.start == self.end {
            self.end.fmt(f)
        } else {
            write!(f, "{}-{}", self.start, self.end)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn leap_days_follow_the_gregorian_rule() {
        assert!("20240229".parse::<Date>().is_ok());
        assert!("20000229".parse::<Date>().is_ok());
        assert!("19000229".parse::<Date>().is_err());
        assert!("20250229".parse::<Date>().is_err());
    }

    #[test]
    fn dates_that_are_not_refused_with_their_text() {
        for text in [
            "",
            "2025091",
            "2025-9-018",
            "20251301",
            "20250900",
            "+0250918",
            "２０２５０９１８",
        ] {
            assert_eq!(
                text.parse::<Date>(),
                Err(TimeError::Date {
                    text: text.to_owned()
                }),
                "{text}"
            );
        }
    }

    #[test]
    fn a_run_is_written_as_in_the_catalogue() {
        let run: Run = "2026-05-12T06".parse().unwrap();
        assert_eq!(run.to_string(), "2026-05-12T06");
        assert_eq!(run.seconds_since_epoch(), 1_778_565_600);
        assert!("2026-05-12T24".parse::<Run>().is_err());
    }

    #[test]
    fn steps_are_written_as_eccodes_writes_them() {
        assert_eq!(Step::hours(6).to_string(), "6");
        assert_eq!(Step::seconds(495 * 60).to_string(), "495m");
        assert_eq!(
            StepRange {
                start: Step::ZERO,
                end: Step::hours(6)
            }
            .to_string(),
            "0-6"
        );
        assert_eq!(StepRange::instant(Step::hours(3)).to_string(), "3");
    }

    proptest! {
        #[test]
        fn days_and_dates_are_inverse(days in -719_162_i64..2_932_896) {
            let date = Date::from_days_since_epoch(days).unwrap();
            prop_assert_eq!(date.days_since_epoch(), days);
            prop_assert_eq!(date.to_string().parse::<Date>().unwrap(), date);
        }
    }
}
