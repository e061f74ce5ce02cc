//! Builds a template from the messages that indexes list and the headers that were read of some of them.

use std::collections::{BTreeMap, BTreeSet};

use super::window::Window;
use super::{Evidence, Level, Row, Template, TemplateGrid, Variable};
use crate::index::Dialect;
use crate::listing::{Kind, Listed, Listing};
use crate::time::{Run, Step, StepRange};

/// What is known of one message: from its header, or derived from its index line.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// Index into [`Listing::kinds`].
    pub kind: usize,
    /// The step that it is filed under.
    pub step: Step,
    /// The variable.
    pub variable: Variable,
    /// The level.
    pub level: Option<Level>,
    /// The window that it speaks of; `None` where nothing says.
    pub window: Option<StepRange>,
    /// The grid.
    pub grid: TemplateGrid,
    /// Number of the data representation template; `None` where no message was seen.
    pub packing: Option<u16>,
    /// Whether it may be missing.
    pub disputed: bool,
    /// How it is known.
    pub evidence: Evidence,
}

/// Why what was seen makes no template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TemplateError {
    /// Two messages that the index writes alike are different things.
    #[error(
        "{label}: {what} at step {first_step} is {first}, at step {second_step} it is {second}"
    )]
    Disagree {
        /// How the index writes them.
        label: String,
        /// What differs.
        what: &'static str,
        /// Step of the one.
        first_step: Step,
        /// What the one is.
        first: String,
        /// Step of the other.
        second_step: Step,
        /// What the other is.
        second: String,
    },
}

/// The messages of which headers must be read: of each kind the first and the last in each run of evenly spaced steps.
///
/// Between two steps of one spacing nothing of a kind changes but its step; where the spacing changes (144 to 150 hours),
/// and behind step 0, windows and names do.
pub fn representatives(listing: &Listing) -> Vec<usize> {
    let segments = segments(listing);
    let mut ends: BTreeMap<(usize, usize), (usize, usize)> = BTreeMap::new();
    for (at, listed) in listing.messages.iter().enumerate() {
        let Some(segment) = segment_of(&segments, listed.step) else {
            continue;
        };
        let (first, last) = ends.entry((listed.kind, segment)).or_insert((at, at));
        let step = |at: usize| listing.messages.get(at).map(|listed| listed.step);
        if step(*first).is_some_and(|first| listed.step < first) {
            *first = at;
        }
        if step(*last).is_some_and(|last| listed.step > last) {
            *last = at;
        }
    }
    let chosen: BTreeSet<usize> = ends
        .into_values()
        .flat_map(|(first, last)| [first, last])
        .collect();
    chosen.into_iter().collect()
}

/// What a template is of.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    /// Catalogue id of the source.
    pub source: &'a str,
    /// Id of the catalogue's era.
    pub era: &'a str,
    /// Which words the index is in.
    pub dialect: Dialect,
    /// The run that was read.
    pub run: Option<Run>,
}

/// Builds the template of a listing.
pub fn build(
    about: About<'_>,
    listing: &Listing,
    seen: &[Seen],
) -> Result<Template, TemplateError> {
    let segments = segments(listing);
    let mut template = Template {
        source: about.source.to_owned(),
        era: about.era.to_owned(),
        dialect: about.dialect,
        run: about.run,
        grids: Vec::new(),
        rows: Vec::new(),
    };
    let mut messages: BTreeMap<(usize, usize), Vec<&Listed>> = BTreeMap::new();
    for listed in &listing.messages {
        if let Some(segment) = segment_of(&segments, listed.step) {
            messages
                .entry((listed.kind, segment))
                .or_default()
                .push(listed);
        }
    }
    for ((kind_at, segment), messages) in messages {
        let Some(kind) = listing.kinds.get(kind_at) else {
            continue;
        };
        let here: Vec<&Seen> = seen
            .iter()
            .filter(|seen| {
                seen.kind == kind_at && segment_of(&segments, seen.step) == Some(segment)
            })
            .collect();
        // A kind of which nothing is known has no row: its messages stay unmatched, and are reported.
        let Some(first) = agreed(&kind.label, &here)? else {
            continue;
        };
        let grid = template.grid(&first.grid);
        let repeated = listing
            .kinds
            .iter()
            .any(|other| other.key.occurrence > 0 && same_but_occurrence(other, kind));
        for (steps, window) in rules(&messages, &here, repeated, kind) {
            template.rows.push(Row {
                key: kind.key.clone(),
                stream: kind.stream.clone(),
                label: kind.label.clone(),
                example: kind.example.clone(),
                steps,
                variable: first.variable.clone(),
                level: first.level,
                window,
                grid,
                packing: first.packing,
                disputed: here.iter().any(|seen| seen.disputed),
                evidence: first.evidence,
            });
        }
    }
    Ok(template)
}

fn same_but_occurrence(a: &Kind, b: &Kind) -> bool {
    let mut key = a.key.clone();
    key.occurrence = b.key.occurrence;
    key == b.key
}

/// Runs of steps with one spacing; step 0 stands alone, as it has no windows.
fn segments(listing: &Listing) -> Vec<(Step, Step)> {
    let steps: BTreeSet<Step> = listing.messages.iter().map(|listed| listed.step).collect();
    let mut segments: Vec<(Step, Step)> = Vec::new();
    let mut spacing = None;
    for step in steps {
        let open = segments
            .last_mut()
            .filter(|(first, _)| *first != Step::ZERO);
        match open {
            Some((_, last)) => {
                let gap = step.as_seconds() - last.as_seconds();
                if spacing.is_none_or(|spacing| spacing == gap) {
                    *last = step;
                    spacing = Some(gap);
                } else {
                    segments.push((step, step));
                    spacing = None;
                }
            }
            None => {
                segments.push((step, step));
                spacing = None;
            }
        }
    }
    segments
}

fn segment_of(segments: &[(Step, Step)], step: Step) -> Option<usize> {
    segments
        .iter()
        .position(|(first, last)| (*first..=*last).contains(&step))
}

/// The first of what was seen, once all agree on it.
fn agreed<'a>(label: &str, seen: &[&'a Seen]) -> Result<Option<&'a Seen>, TemplateError> {
    let Some(first) = seen.first().copied() else {
        return Ok(None);
    };
    for other in seen {
        let disagree = |what, first_is: String, second_is: String| TemplateError::Disagree {
            label: label.to_owned(),
            what,
            first_step: first.step,
            first: first_is,
            second_step: other.step,
            second: second_is,
        };
        if first.variable != other.variable {
            let words = |seen: &Seen| {
                let variable = &seen.variable;
                format!(
                    "{}/{}/{}",
                    variable.var_name, variable.step_type, variable.type_of_level
                )
            };
            return Err(disagree("the variable", words(first), words(other)));
        }
        if first.level != other.level {
            let words = |seen: &Seen| {
                seen.level
                    .map_or("none".to_owned(), |level| level.value.to_string())
            };
            return Err(disagree("the level", words(first), words(other)));
        }
        if first.grid != other.grid {
            let words = |seen: &Seen| {
                format!(
                    "{} points of template 3.{}",
                    seen.grid.grid().points,
                    seen.grid.grid().template
                )
            };
            return Err(disagree("the grid", words(first), words(other)));
        }
    }
    Ok(Some(first))
}

/// The window rules of one kind in one segment, with the steps that they hold for.
fn rules(
    messages: &[&Listed],
    seen: &[&Seen],
    repeated: bool,
    kind: &Kind,
) -> Vec<((Step, Step), Option<Window>)> {
    let listed: Vec<StepRange> = messages.iter().filter_map(|listed| listed.window).collect();
    if listed.is_empty() {
        let steps = span(messages.iter().map(|listed| listed.step));
        let windows: Vec<StepRange> = seen
            .iter()
            .filter_map(|seen| seen.window.filter(|window| window.end == seen.step))
            .collect();
        let window = if windows.len() == seen.len() {
            common_rule(&windows, messages)
        } else {
            None
        };
        return vec![(steps, window)];
    }
    let mut per_step: BTreeMap<Step, Vec<StepRange>> = BTreeMap::new();
    for window in &listed {
        per_step.entry(window.end).or_default().push(*window);
    }
    let twice = per_step.values().any(|windows| windows.len() > 1);
    if !twice {
        let explained = Window::explaining(&listed);
        // A message that the index lists once more is the total; so this one is the bucket, whatever its windows allow.
        let bucket = repeated && kind.key.occurrence == 0;
        let rule = if bucket {
            explained.last()
        } else {
            explained.first()
        };
        return vec![(span(listed.iter().map(|window| window.end)), rule.copied())];
    }
    let (totals, buckets): (Vec<StepRange>, Vec<StepRange>) = listed.iter().partition(|window| {
        let others = per_step.get(&window.end).map_or(0, Vec::len);
        window.start == Step::ZERO && others > 1
    });
    let mut rules = Vec::new();
    for windows in [buckets, totals] {
        if !windows.is_empty() {
            let steps = span(windows.iter().map(|window| window.end));
            rules.push((steps, Window::explaining(&windows).first().copied()));
        }
    }
    rules
}

/// The rule that what was seen of a few steps gives for all of them, where it gives one.
fn common_rule(seen: &[StepRange], messages: &[&Listed]) -> Option<Window> {
    let explaining = Window::explaining(seen);
    let first = explaining.first()?;
    let agree = messages.iter().all(|listed| {
        explaining
            .iter()
            .all(|rule| rule.range(listed.step) == first.range(listed.step))
    });
    agree.then_some(*first)
}

fn span(steps: impl Iterator<Item = Step> + Clone) -> (Step, Step) {
    (
        steps.clone().min().unwrap_or_default(),
        steps.max().unwrap_or_default(),
    )
}
