//! What fell between two times, from the windows that an archive has: totals from the start, buckets, or whatever adds up.

use std::collections::{BTreeMap, VecDeque};

use crate::time::{Step, StepRange};

/// A field that is added or taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term {
    /// The step that the field is filed under.
    pub step: Step,
    /// Whether it is taken away.
    pub minus: bool,
}

impl Term {
    /// The field as it is.
    pub fn of(step: Step) -> Self {
        Self { step, minus: false }
    }
}

/// How the amount of a window is put together; `None` where the windows there are do not add up to it.
///
/// Windows are ways between times: along one its field is added, back along one it is taken away. The shortest way from the start of
/// `wanted` to its end is taken, so that 24 hours of totals are one difference, and of buckets of 6 hours four sums.
///
/// ```
/// use gik_core::ensemble::windows::recipe;
/// use gik_core::time::{Step, StepRange};
/// let range = |start, end| StepRange { start: Step::hours(start), end: Step::hours(end) };
/// let filed = |start, end| (Step::hours(end), range(start, end));
/// let totals = [filed(0, 24), filed(0, 48)];
/// let way = recipe(&totals, range(24, 48)).unwrap();
/// assert_eq!(way.iter().map(|term| term.minus).collect::<Vec<_>>(), [true, false]);
/// ```
pub fn recipe(windows: &[(Step, StepRange)], wanted: StepRange) -> Option<Vec<Term>> {
    let mut ways: BTreeMap<Step, Vec<(Step, Term)>> = BTreeMap::new();
    for (step, window) in windows {
        if window.start == window.end {
            continue;
        }
        let term = Term::of(*step);
        ways.entry(window.start)
            .or_default()
            .push((window.end, term));
        let back = Term {
            minus: true,
            ..term
        };
        ways.entry(window.end)
            .or_default()
            .push((window.start, back));
    }
    let mut came: BTreeMap<Step, Option<(Step, Term)>> = BTreeMap::from([(wanted.start, None)]);
    let mut next = VecDeque::from([wanted.start]);
    while let Some(time) = next.pop_front() {
        if time == wanted.end {
            return Some(way(&came, time));
        }
        for (to, term) in ways.get(&time).into_iter().flatten() {
            if !came.contains_key(to) {
                came.insert(*to, Some((time, *term)));
                next.push_back(*to);
            }
        }
    }
    None
}

/// The terms on the way to a time, in the order of the way.
fn way(came: &BTreeMap<Step, Option<(Step, Term)>>, end: Step) -> Vec<Term> {
    let mut terms = Vec::new();
    let mut time = end;
    while let Some(Some((from, term))) = came.get(&time) {
        terms.push(*term);
        time = *from;
    }
    terms.reverse();
    terms
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

    fn signed(windows: &[(i32, i32)], wanted: (i32, i32)) -> Option<Vec<i64>> {
        let windows = windows
            .iter()
            .map(|(start, end)| (Step::hours(*end), range(*start, *end)));
        let windows: Vec<_> = windows.collect();
        let terms = recipe(&windows, range(wanted.0, wanted.1))?;
        let hours = terms.iter().map(|term| {
            let hours = term.step.whole_hours().unwrap();
            if term.minus { -hours } else { hours }
        });
        Some(hours.collect())
    }

    /// Buckets that restart every 6 hours: 0-3, 0-6, 6-9, 6-12, ...
    fn buckets() -> Vec<(i32, i32)> {
        (1..=16)
            .map(|at| ((at - 1) / 2 * 6, at * 3))
            .collect::<Vec<_>>()
    }

    #[test]
    fn a_day_of_buckets_is_four_of_them_and_never_the_halves_too() {
        assert_eq!(signed(&buckets(), (0, 24)).unwrap(), [6, 12, 18, 24]);
        assert_eq!(signed(&buckets(), (24, 48)).unwrap(), [30, 36, 42, 48]);
        assert_eq!(signed(&buckets(), (3, 9)).unwrap(), [-3, 6, 9]);
        assert_eq!(signed(&buckets(), (3, 6)).unwrap(), [-3, 6]);
    }

    #[test]
    fn a_day_of_totals_is_a_difference() {
        let totals = [(0, 24), (0, 48), (0, 36)];
        assert_eq!(signed(&totals, (0, 24)).unwrap(), [24]);
        assert_eq!(signed(&totals, (24, 48)).unwrap(), [-24, 48]);
    }

    #[test]
    fn what_does_not_add_up_is_none() {
        assert_eq!(signed(&[(0, 6), (12, 18)], (0, 18)), None);
        assert_eq!(signed(&[(0, 6)], (0, 5)), None);
        assert_eq!(signed(&[], (0, 5)), None);
        assert_eq!(signed(&[(6, 6)], (6, 12)), None);
    }
}
