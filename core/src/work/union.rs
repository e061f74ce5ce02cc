//! What shards left, put together: a union of disjoint results, which may be taken in any order, in any parts, and again.
//!
//! Results are the same for everybody who made them, so a union has these laws, and a test for each: it is associative,
//! commutative and idempotent; it refuses results of another plan, and two results of one shard.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What a shard left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verdict {
    /// Hash of the plan.
    pub plan: String,
    /// The shard, from 0.
    pub shard: usize,
    /// Shards of the plan.
    pub of: usize,
    /// How it ended.
    pub state: State,
    /// The object that it made.
    pub result: ResultObject,
    /// What it made, in numbers: references, messages, gaps, ...
    pub counts: BTreeMap<String, u64>,
}

/// How a shard ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Parts of what was asked for are missing, and its result says which.
    Gaps,
    /// It is complete.
    Ok,
}

/// An object that a shard made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResultObject {
    /// Its name in the folder of the plan.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// Its hash.
    pub sha256: String,
}

/// Why results cannot be put together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnionError {
    /// Two results of one shard.
    #[error("shard {shard} has two results: {first} and {second}")]
    Conflict {
        /// The shard.
        shard: usize,
        /// Hash of the one, the smaller.
        first: String,
        /// Hash of the other.
        second: String,
    },
    /// A result of another plan.
    #[error("shard {shard} is of the plan {found}, not of {expected}")]
    Foreign {
        /// Its number.
        shard: usize,
        /// The plan that was expected.
        expected: String,
        /// Its own.
        found: String,
    },
    /// A shard that the plan does not have.
    #[error("there is no shard {shard} of {found}: the plan has {expected}")]
    Range {
        /// Its number.
        shard: usize,
        /// Shards of the plan.
        expected: usize,
        /// Shards of the plan, as it says.
        found: usize,
    },
}

/// Results of some shards of one plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Union {
    plan: String,
    of: usize,
    verdicts: BTreeMap<usize, Verdict>,
}

impl Union {
    /// No result yet.
    pub fn empty(plan: &str, of: usize) -> Self {
        Self {
            plan: plan.to_owned(),
            of,
            verdicts: BTreeMap::new(),
        }
    }

    /// With another result. One that is known already changes nothing.
    ///
    /// # Errors
    /// [`UnionError`].
    pub fn with(mut self, verdict: Verdict) -> Result<Self, UnionError> {
        if verdict.plan != self.plan {
            return Err(UnionError::Foreign {
                shard: verdict.shard,
                expected: self.plan,
                found: verdict.plan,
            });
        }
        if verdict.of != self.of || verdict.shard >= self.of {
            return Err(UnionError::Range {
                shard: verdict.shard,
                expected: self.of,
                found: verdict.of,
            });
        }
        match self.verdicts.get(&verdict.shard) {
            Some(known) if *known != verdict => {
                let mut hashes = [known.result.sha256.clone(), verdict.result.sha256];
                hashes.sort_unstable();
                let [first, second] = hashes;
                Err(UnionError::Conflict {
                    shard: verdict.shard,
                    first,
                    second,
                })
            }
            Some(_) => Ok(self),
            None => {
                self.verdicts.insert(verdict.shard, verdict);
                Ok(self)
            }
        }
    }

    /// All results of both.
    ///
    /// # Errors
    /// [`UnionError`].
    pub fn union(self, other: Self) -> Result<Self, UnionError> {
        if other.plan != self.plan || other.of != self.of {
            return Err(UnionError::Foreign {
                shard: other.verdicts.keys().next().copied().unwrap_or(0),
                expected: self.plan,
                found: other.plan,
            });
        }
        other.verdicts.into_values().try_fold(self, Self::with)
    }

    /// The results, by shard.
    pub fn verdicts(&self) -> impl Iterator<Item = &Verdict> {
        self.verdicts.values()
    }

    /// The result of a shard.
    pub fn verdict(&self, shard: usize) -> Option<&Verdict> {
        self.verdicts.get(&shard)
    }

    /// Shards without a result.
    pub fn missing(&self) -> Vec<usize> {
        let known = |shard: &usize| !self.verdicts.contains_key(shard);
        (0..self.of).filter(known).collect()
    }

    /// Shards that ended so.
    pub fn in_state(&self, state: State) -> Vec<usize> {
        let own = self.verdicts.values().filter(|it| it.state == state);
        own.map(|it| it.shard).collect()
    }
}

/// Numbers as people write them, and as batch engines take them: `3,17-20`.
pub fn ranges(numbers: &[usize]) -> String {
    let mut spans: Vec<(usize, usize)> = Vec::new();
    for number in numbers {
        match spans.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(*number) => *last = *number,
            _ => spans.push((*number, *number)),
        }
    }
    let texts = spans.iter().map(|(first, last)| match first == last {
        true => first.to_string(),
        false => format!("{first}-{last}"),
    });
    texts.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SHARDS: usize = 6;

    fn verdict(plan: &str, shard: usize, content: u8) -> Verdict {
        Verdict {
            plan: plan.to_owned(),
            shard,
            of: SHARDS,
            state: if content == 0 { State::Gaps } else { State::Ok },
            result: ResultObject {
                name: format!("{shard:05}.tar"),
                bytes: u64::from(content),
                sha256: format!("{content:02x}"),
            },
            counts: BTreeMap::new(),
        }
    }

    fn empty() -> Union {
        Union::empty("p", SHARDS)
    }

    /// Honest shards: what one leaves depends on its number alone.
    fn of(shards: &[usize]) -> Union {
        let each = shards.iter().map(|shard| verdict("p", *shard, 1));
        each.fold(empty(), |union, verdict| union.with(verdict).unwrap())
    }

    /// Shards of machines that may lie: two may leave other results under one number.
    fn any_union() -> impl Strategy<Value = Union> {
        prop::collection::btree_map(0..SHARDS, 0_u8..2, 0..SHARDS).prop_map(|entries| {
            let each = entries.into_iter();
            each.map(|(shard, content)| verdict("p", shard, content))
                .fold(empty(), |union, verdict| union.with(verdict).unwrap())
        })
    }

    fn shards() -> impl Strategy<Value = Vec<usize>> {
        prop::collection::vec(0..SHARDS, 0..12)
    }

    proptest! {
        #[test]
        fn the_order_does_not_matter(a in any_union(), b in any_union()) {
            prop_assert_eq!(a.clone().union(b.clone()).ok(), b.union(a).ok());
        }

        #[test]
        fn the_grouping_does_not_matter(a in any_union(), b in any_union(), c in any_union()) {
            let left = a.clone().union(b.clone()).and_then(|both| both.union(c.clone()));
            let right = b.union(c).and_then(|both| a.union(both));
            prop_assert_eq!(left.ok(), right.ok());
        }

        #[test]
        fn again_changes_nothing_and_nothing_changes_nothing(a in any_union()) {
            prop_assert_eq!(a.clone().union(a.clone()).unwrap(), a.clone());
            prop_assert_eq!(a.clone().union(empty()).unwrap(), a.clone());
            prop_assert_eq!(empty().union(a.clone()).unwrap(), a);
        }

        #[test]
        fn honest_parts_are_the_whole(order in shards(), at in 0_usize..12) {
            let (first, rest) = order.split_at(at.min(order.len()));
            let mut sorted = order.clone();
            sorted.sort_unstable();
            let whole = of(&sorted);
            prop_assert_eq!(of(first).union(of(rest)).unwrap(), whole.clone());
            sorted.dedup();
            prop_assert_eq!(whole.missing().len(), SHARDS - sorted.len());
            prop_assert_eq!(whole.in_state(State::Ok), sorted);
        }

        #[test]
        fn another_plan_is_refused(a in any_union(), shard in 0..SHARDS) {
            let foreign = a.clone().with(verdict("q", shard, 1));
            let refused = matches!(foreign, Err(UnionError::Foreign { .. }));
            prop_assert!(refused);
            let refused = matches!(a.clone().union(Union::empty("q", SHARDS)), Err(UnionError::Foreign { .. }));
            prop_assert!(refused);
            let refused = matches!(a.with(verdict("p", SHARDS + shard, 1)), Err(UnionError::Range { .. }));
            prop_assert!(refused);
        }
    }

    #[test]
    fn two_results_of_one_shard_are_named_whoever_comes_first() {
        let (one, other) = (verdict("p", 2, 0), verdict("p", 2, 1));
        let error = |first: &Verdict, second: &Verdict| {
            let union = empty().with(first.clone()).unwrap();
            union.with(second.clone()).unwrap_err()
        };
        assert_eq!(error(&one, &other), error(&other, &one));
        assert_eq!(
            error(&one, &other).to_string(),
            "shard 2 has two results: 00 and 01"
        );
    }

    #[test]
    fn numbers_are_written_short() {
        assert_eq!(ranges(&[0, 1, 2, 5, 7, 8]), "0-2,5,7-8");
        assert_eq!(ranges(&[]), "");
    }
}
