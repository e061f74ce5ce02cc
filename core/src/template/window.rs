//! Which part of a run a message speaks of, as a rule over steps.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::time::{Step, StepRange};

/// How the window of a variable moves with the step that it is filed under.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Window {
    /// Buckets that restart each `length`: 0-3, 0-6, 6-9, 6-12 for 6 hours.
    Bucket {
        /// Longest window.
        length: Step,
    },
    /// No window.
    Instant,
    /// From the start of the run: 0-3, 0-6, 0-9.
    SinceStart,
    /// The last `length`: 0-3, 3-6, 6-9 for 3 hours.
    Trailing {
        /// Length of the window.
        length: Step,
    },
}

/// `buckets of 6 hours`, `since the start`.
impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bucket { length } => write!(f, "buckets of {length} hours"),
            Self::Instant => f.write_str("an instant"),
            Self::SinceStart => f.write_str("since the start"),
            Self::Trailing { length } => write!(f, "the last {length} hours"),
        }
    }
}

impl Window {
    /// The window that ends at `step`.
    pub fn range(self, step: Step) -> StepRange {
        let end = step.as_seconds();
        let start = match self {
            Self::Instant => end,
            Self::SinceStart => 0,
            Self::Trailing { length } => (end - length.as_seconds()).max(0),
            Self::Bucket { length } => {
                let length = length.as_seconds().max(1);
                (end - 1).max(0).div_euclid(length) * length
            }
        };
        StepRange {
            start: Step::seconds(start),
            end: step,
        }
    }

    /// Every rule that explains all the windows seen, the simplest first; empty where none does.
    ///
    /// More than one means that the windows do not tell: 0-3 alone may be a bucket, a total or the last 3 hours.
    pub fn explaining(seen: &[StepRange]) -> Vec<Self> {
        let longest = seen
            .iter()
            .map(|range| range.end.as_seconds() - range.start.as_seconds())
            .max();
        let Some(length) = longest.map(Step::seconds) else {
            return Vec::new();
        };
        let candidates = [
            Self::Instant,
            Self::SinceStart,
            Self::Trailing { length },
            Self::Bucket { length },
        ];
        let explains = |rule: &Self| {
            let is_rule = *rule == Self::Instant || length > Step::ZERO;
            is_rule && seen.iter().all(|range| rule.range(range.end) == *range)
        };
        candidates.into_iter().filter(explains).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(start: i32, end: i32) -> StepRange {
        StepRange {
            start: Step::hours(start),
            end: Step::hours(end),
        }
    }

    #[test]
    fn gefs_buckets_restart_every_six_hours() {
        let bucket = Window::Bucket {
            length: Step::hours(6),
        };
        let windows: Vec<_> = [3, 6, 9, 12]
            .map(|hour| bucket.range(Step::hours(hour)))
            .into();
        assert_eq!(
            windows,
            [range(0, 3), range(0, 6), range(6, 9), range(6, 12)]
        );
        assert_eq!(Window::explaining(&windows), [bucket]);
    }

    #[test]
    fn one_window_from_the_start_does_not_tell_its_rule() {
        assert_eq!(
            Window::explaining(&[range(0, 3)]),
            [
                Window::SinceStart,
                Window::Trailing {
                    length: Step::hours(3)
                },
                Window::Bucket {
                    length: Step::hours(3)
                }
            ]
        );
        assert_eq!(
            Window::explaining(&[range(0, 3), range(0, 9)]).first(),
            Some(&Window::SinceStart),
            "buckets of 9 hours begin so too, but the simplest rule stands first"
        );
        assert_eq!(
            Window::explaining(&[range(0, 3), range(3, 6)]),
            [
                Window::Trailing {
                    length: Step::hours(3)
                },
                Window::Bucket {
                    length: Step::hours(3)
                }
            ]
        );
    }

    #[test]
    fn instants_are_no_windows_and_nothing_explains_nonsense() {
        assert_eq!(
            Window::explaining(&[range(6, 6), range(9, 9)]),
            [Window::Instant]
        );
        assert_eq!(Window::explaining(&[range(1, 3), range(2, 9)]), []);
        assert_eq!(Window::explaining(&[]), []);
    }
}
