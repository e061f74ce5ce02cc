//! Moments of the calendar, in whole seconds.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{DAY, Date, Run, Step};

/// A moment in UTC, in whole seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Moment {
    seconds: i64,
}

impl Moment {
    /// That many seconds after 1970-01-01T00:00:00Z.
    pub const fn seconds(seconds: i64) -> Self {
        Self { seconds }
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    pub const fn as_seconds(self) -> i64 {
        self.seconds
    }

    /// A step later.
    #[must_use]
    pub const fn after(self, step: Step) -> Self {
        Self::seconds(self.seconds.saturating_add(step.seconds))
    }

    /// A step earlier.
    #[must_use]
    pub const fn before(self, step: Step) -> Self {
        Self::seconds(self.seconds.saturating_sub(step.seconds))
    }

    /// How long it is since `earlier`.
    pub const fn since(self, earlier: Self) -> Step {
        Step::seconds(self.seconds.saturating_sub(earlier.seconds))
    }
}

impl From<Run> for Moment {
    fn from(run: Run) -> Self {
        Self::seconds(run.seconds_since_epoch())
    }
}

/// `2025-09-18T06:00:00`; outside the years 1 to 9999 the seconds since 1970.
impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(date) = Date::from_days_since_epoch(self.seconds.div_euclid(DAY)) else {
            return write!(f, "{}s", self.seconds);
        };
        let clock = self.seconds.rem_euclid(DAY);
        let (hour, minute, second) = (clock / 3_600, clock / 60 % 60, clock % 60);
        write!(f, "{date:#}T{hour:02}:{minute:02}:{second:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_a_run_and_a_step() {
        let run: Run = "2025-09-18T06".parse().unwrap();
        let valid = Moment::from(run).after(Step::hours(27));
        assert_eq!(valid.to_string(), "2025-09-19T09:00:00");
        assert_eq!(valid.since(run.into()), Step::hours(27));
        assert_eq!(valid.before(Step::hours(27)), run.into());
        assert_eq!(Moment::seconds(-1).to_string(), "1969-12-31T23:59:59");
        assert_eq!(
            Moment::seconds(i64::MAX).to_string(),
            "9223372036854775807s"
        );
    }
}
