//! What a run should hold against what it holds: coverage, gaps, and what nobody asked for.

use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};

use super::listing::{Indexed, name};
use super::plan::Plan;
use super::{Gap, Why};
use crate::identity::{Key, Parameter};
use crate::listing::{Kind, Listed};
use crate::merge::MappedIndex;
use crate::source::MemberId;
use crate::template::Template;
use crate::template::select::Selector;
use crate::time::Step;

/// What a run should hold against what it holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Verdict {
    pub(super) coverage: Vec<Coverage>,
    pub(super) extra: Vec<Extra>,
    pub(super) gaps: Vec<Gap>,
}

/// One kind of message: how many a run should hold, over all steps and members asked for, and how many it holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Coverage {
    /// How the index writes it.
    pub label: String,
    /// The array, `{varname}/{stepType}/{typeOfLevel}`.
    pub array: String,
    /// Its level, where the type of level has a value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<f64>,
    /// Messages expected.
    pub expected: usize,
    /// Messages found.
    pub found: usize,
    /// The same, step by step; not in the report, which would be many times as long.
    #[serde(skip)]
    pub steps: Vec<StepCoverage>,
}

/// Messages of one kind at one step, over all members asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepCoverage {
    /// The step.
    pub step: Step,
    /// Messages expected.
    pub expected: usize,
    /// Messages found.
    pub found: usize,
}

/// A kind of message that nobody asked for, and that the template does not know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extra {
    /// How the index writes it.
    pub label: String,
    /// How many there are.
    pub messages: usize,
    /// The index object that lists the first.
    pub url: String,
    /// Its line.
    pub line: usize,
}

/// What was asked for, and what was found.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) plan: &'a Plan<'a>,
    pub(super) template: &'a Template,
    /// The catalogue's own template, where it has one.
    pub(super) inventory: Option<&'a Template>,
    /// Rows that were asked for.
    pub(super) chosen: &'a [bool],
    pub(super) variables: &'a [Selector],
}

/// Holds what was found against what was asked for.
///
/// A whole index that is missing is one gap, which was reported when it was not found; its messages are not listed again, but count.
pub(super) fn verdict(asked: Asked<'_>, mapped: &MappedIndex, indexed: &Indexed) -> Verdict {
    let mut verdict = Verdict::default();
    let found = Found::of(asked.plan, mapped);
    let mut told: HashSet<(String, Step, Option<String>)> = HashSet::new();
    for gap in &indexed.gaps {
        if let Some(step) = gap.step {
            told.insert((gap.what.clone(), step, gap.member.clone()));
        }
    }
    let read: HashSet<usize> = indexed.indexes.iter().map(|(at, _)| *at).collect();
    let members: Vec<Vec<(u16, &MemberId)>> = asked
        .plan
        .objects
        .iter()
        .map(|object| places(&asked.plan.members, &object.members))
        .collect();
    for (at, row) in asked.template.rows.iter().enumerate() {
        if !asked.chosen.get(at).copied().unwrap_or(false) {
            continue;
        }
        let mut coverage = Coverage {
            label: row.label.clone(),
            array: row.path(),
            level: row.level.map(|level| level.value),
            expected: 0,
            found: 0,
            steps: Vec::new(),
        };
        let (first, last) = row.steps;
        let objects = asked.plan.objects.iter().zip(&members).enumerate();
        for (number, (object, members)) in objects {
            if row.stream != object.stream || !(first..=last).contains(&object.step) {
                continue;
            }
            let (expected, there_before) = (coverage.expected, coverage.found);
            for (member, id) in members {
                let there = found.contains(at, number, *member);
                coverage.found += usize::from(there);
                if there || row.disputed {
                    coverage.expected += usize::from(there);
                    continue;
                }
                coverage.expected += 1;
                let key = (row.label.clone(), object.step, Some(id.name.clone()));
                if !read.contains(&number) || told.contains(&key) {
                    continue;
                }
                verdict.gaps.push(Gap {
                    what: row.label.clone(),
                    step: Some(object.step),
                    member: Some(id.name.clone()),
                    why: Why::NotInIndex {
                        url: indexed
                            .objects
                            .get(number)
                            .map(|object| object.index_url.clone())
                            .unwrap_or_default(),
                    },
                });
            }
            coverage.add(StepCoverage {
                step: object.step,
                expected: coverage.expected - expected,
                found: coverage.found - there_before,
            });
        }
        let known = verdict
            .coverage
            .iter_mut()
            .find(|known| known.label == coverage.label && known.array == coverage.array);
        match known {
            // A kind has a row for each run of evenly spaced steps.
            Some(known) => {
                known.expected += coverage.expected;
                known.found += coverage.found;
                for step in coverage.steps {
                    known.add(step);
                }
            }
            None => verdict.coverage.push(coverage),
        }
    }
    verdict.gaps.extend(not_in_run(asked));
    unmatched(asked, mapped, indexed, &mut verdict);
    verdict
}

impl Coverage {
    /// Adds what another object says of a step.
    fn add(&mut self, more: StepCoverage) {
        match self.steps.iter_mut().find(|known| known.step == more.step) {
            Some(known) => {
                known.expected += more.expected;
                known.found += more.found;
            }
            None => self.steps.push(more),
        }
    }
}

/// The members of an object with their places among those asked for.
fn places<'a>(asked: &[MemberId], here: &'a [MemberId]) -> Vec<(u16, &'a MemberId)> {
    let place = |id: &'a MemberId| {
        let at = asked.iter().position(|member| member == id)?;
        Some((u16::try_from(at).ok()?, id))
    };
    here.iter().filter_map(place).collect()
}

/// Which rows were found in which objects, of which members: a bit for each.
struct Found {
    objects: usize,
    members: usize,
    there: Vec<bool>,
}

impl Found {
    fn of(plan: &Plan<'_>, mapped: &MappedIndex) -> Self {
        let rows = mapped.messages.iter().map(|message| message.row + 1).max();
        let (objects, members) = (plan.objects.len(), plan.members.len());
        let mut found = Self {
            objects,
            members,
            there: vec![false; rows.unwrap_or(0) * objects * members],
        };
        for message in &mapped.messages {
            let object = usize::try_from(message.location.object).ok();
            let at = object.and_then(|object| found.at(message.row, object, message.member));
            if let Some(there) = at.and_then(|at| found.there.get_mut(at)) {
                *there = true;
            }
        }
        found
    }

    fn at(&self, row: usize, object: usize, member: u16) -> Option<usize> {
        let member = usize::from(member);
        let inside = object < self.objects && member < self.members;
        inside.then(|| (row * self.objects + object) * self.members + member)
    }

    fn contains(&self, row: usize, object: usize, member: u16) -> bool {
        let at = self.at(row, object, member);
        at.and_then(|at| self.there.get(at)).copied() == Some(true)
    }
}

/// Kinds that the inventory expects and the template, which was built from a run, does not have.
fn not_in_run(asked: Asked<'_>) -> Vec<Gap> {
    let Some(inventory) = asked.inventory else {
        return Vec::new();
    };
    let keys: HashSet<(&str, &Key<'_>)> = asked
        .template
        .rows
        .iter()
        .map(|row| (row.stream.as_str(), &row.key))
        .collect();
    let mut missing: BTreeMap<&str, ()> = BTreeMap::new();
    for row in &inventory.rows {
        let (first, last) = row.steps;
        let here = asked
            .plan
            .objects
            .iter()
            .any(|object| object.stream == row.stream && (first..=last).contains(&object.step));
        let wanted =
            asked.variables.is_empty() || asked.variables.iter().any(|one| one.matches(row));
        if here && wanted && !row.disputed && !keys.contains(&(row.stream.as_str(), &row.key)) {
            missing.insert(row.label.as_str(), ());
        }
    }
    missing
        .into_keys()
        .map(|label| Gap {
            what: label.to_owned(),
            step: None,
            member: None,
            why: Why::NotInRun,
        })
        .collect()
}

/// Messages that the template does not know: gaps where they were asked for, else listed as extra.
fn unmatched(asked: Asked<'_>, mapped: &MappedIndex, indexed: &Indexed, verdict: &mut Verdict) {
    let mut extra: BTreeMap<usize, Extra> = BTreeMap::new();
    for listed in &mapped.unmatched {
        let Some(kind) = indexed.listing.kinds.get(listed.kind) else {
            continue;
        };
        let object = indexed.object_at(listed.location);
        let url = object.map(|object| object.index_url.clone());
        let url = url.unwrap_or_default();
        if asked.variables.is_empty() || asked.variables.iter().any(|one| names(one, kind)) {
            verdict.gaps.push(gap(asked.plan, listed, kind, url));
            continue;
        }
        let one = extra.entry(listed.kind).or_insert_with(|| Extra {
            label: kind.label.clone(),
            messages: 0,
            url,
            line: listed.line,
        });
        one.messages += 1;
    }
    verdict.extra.extend(extra.into_values());
}

fn names(selector: &Selector, kind: &Kind) -> bool {
    matches!(&kind.key.parameter, Parameter::Name(name) if selector.name() == name)
}

fn gap(plan: &Plan<'_>, listed: &Listed, kind: &Kind, url: String) -> Gap {
    Gap {
        what: kind.label.clone(),
        step: Some(listed.step),
        member: name(&plan.members, listed.member),
        why: Why::NotInTemplate {
            url,
            line: listed.line,
        },
    }
}
