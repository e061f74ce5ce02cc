//! The forecast steps of a source, in whole hours.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{SourceError, ranges};
use crate::time::Step;

/// A sorted set of steps, written `0-144:3,150-360:6` (hours).
///
/// ```
/// use gik_core::source::Steps;
/// let made: Steps = "0-144:3,150-360:6".parse()?;
/// assert_eq!(made.len(), 85);
/// // What a user types picks from what is made:
/// assert_eq!(made.select("0-12,150")?.to_string(), "0-12:3,150");
/// assert!(made.select("147").is_err());
/// # Ok::<(), gik_core::source::SourceError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Steps {
    hours: Vec<u32>,
}

impl Steps {
    /// Picks steps as a user types them: `all`, single hours, ranges.
    ///
    /// A range without an increment (`0-24`) takes every step that is made between its ends; with an increment
    /// (`0-24:3`), and for a single hour, each one named must be made.
    ///
    /// # Errors
    /// [`SourceError::Range`] for what is no list, [`SourceError::StepNotMade`] with all steps that are made.
    pub fn select(&self, text: &str) -> Result<Self, SourceError> {
        if text.trim() == "all" {
            return Ok(self.clone());
        }
        let mut hours = Vec::new();
        for range in ranges::parse(text)? {
            let before = hours.len();
            let single = range.first == range.last;
            if range.by.is_none() && !single {
                let inside = |hour: &&u32| (range.first..=range.last).contains(hour);
                hours.extend(self.hours.iter().filter(inside).copied());
            } else {
                for hour in each(range) {
                    if !self.hours.contains(&hour) {
                        return Err(self.not_made(hour));
                    }
                    hours.push(hour);
                }
            }
            if hours.len() == before {
                return Err(self.not_made(range.first));
            }
        }
        Ok(Self::from_hours(hours))
    }

    /// The steps, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Step> + '_ {
        self.hours
            .iter()
            .map(|hour| Step::seconds(i64::from(*hour) * 3_600))
    }

    /// Whether the step is one of them.
    pub fn contains(&self, step: Step) -> bool {
        hours_of(step).is_some_and(|hour| self.hours.binary_search(&hour).is_ok())
    }

    /// How many steps there are.
    pub fn len(&self) -> usize {
        self.hours.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.hours.is_empty()
    }

    /// The steps that both have.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let both = |hour: &&u32| other.hours.binary_search(hour).is_ok();
        Self {
            hours: self.hours.iter().filter(both).copied().collect(),
        }
    }

    fn not_made(&self, hour: u32) -> SourceError {
        SourceError::StepNotMade {
            step: hour.to_string(),
            made: self.to_string(),
        }
    }

    fn from_hours(mut hours: Vec<u32>) -> Self {
        hours.sort_unstable();
        hours.dedup();
        Self { hours }
    }
}

/// The whole hours of a step, or `None` where it is not a whole number of hours from 0.
pub(super) fn hours_of(step: Step) -> Option<u32> {
    u32::try_from(step.whole_hours()?).ok()
}

fn each(range: ranges::Range) -> impl Iterator<Item = u32> {
    let by = usize::try_from(range.by.unwrap_or(1)).unwrap_or(usize::MAX);
    (range.first..=range.last).step_by(by.max(1))
}

/// The shortest list, as [`FromStr`] reads it.
impl fmt::Display for Steps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&ranges::write(&self.hours))
    }
}

/// A range without an increment counts every hour.
impl FromStr for Steps {
    type Err = SourceError;

    fn from_str(text: &str) -> Result<Self, SourceError> {
        let hours = ranges::parse(text)?.into_iter().flat_map(each).collect();
        Ok(Self::from_hours(hours))
    }
}

impl TryFrom<String> for Steps {
    type Error = SourceError;

    fn try_from(text: String) -> Result<Self, SourceError> {
        text.parse()
    }
}

impl From<Steps> for String {
    fn from(steps: Steps) -> Self {
        steps.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(text: &str) -> Steps {
        text.parse().unwrap()
    }

    #[test]
    fn counts_of_the_archives() {
        assert_eq!(steps("0-240:3").len(), 81);
        assert_eq!(steps("0-144:3").len(), 49);
        assert_eq!(steps("0-360:6").len(), 61);
        assert_eq!(steps("0-18").len(), 19);
    }

    #[test]
    fn overlapping_parts_count_once() {
        assert_eq!(steps("6,0-6:3,3").to_string(), "0-6:3");
    }

    #[test]
    fn a_step_that_is_not_made_is_named_with_those_that_are() {
        let made = steps("0-144:3,150-360:6");
        let error = made.select("0-12:2").unwrap_err();
        assert_eq!(
            error.to_string(),
            "step 2 is not made: expected one of 0-144:3,150-360:6"
        );
        assert!(made.select("145-149").is_err());
        assert_eq!(made.select("all").unwrap(), made);
        assert_eq!(made.select("141-156").unwrap().to_string(), "141,144-156:6");
    }

    #[test]
    fn minutes_are_no_step_of_a_file() {
        assert!(steps("0-18").contains(Step::hours(8)));
        assert!(!steps("0-18").contains(Step::seconds(8 * 3_600 + 900)));
    }
}
