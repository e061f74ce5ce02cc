//! Stage 2: index records on a template: which message is which variable, and where it lies.

pub mod chunk_index;

use std::collections::HashMap;

use crate::identity::Key;
use crate::listing::{Kind, Listed, Location};
use crate::template::Template;
use crate::time::{Step, StepRange};

/// One message with its place in the template and in its object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mapped {
    /// Index into [`Template::rows`].
    pub row: usize,
    /// The step that it is filed under.
    pub step: Step,
    /// The time that it speaks of, where that is known.
    pub window: Option<StepRange>,
    /// Where it lies.
    pub location: Location,
    /// Line of the index.
    pub line: usize,
    /// Whose message it is: index into the members asked for.
    pub member: u16,
}

/// Index records with their place in a template.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MappedIndex {
    /// Messages that the template knows.
    pub messages: Vec<Mapped>,
    /// Messages that it does not know: they are reported, never dropped in silence.
    pub unmatched: Vec<Listed>,
}

/// Places every message of a listing.
///
/// A message takes the row of its kind whose steps hold its step and whose window is its own. Messages are taken by value: those
/// of an ensemble are a million, and what becomes of them has room where they were.
pub fn map(kinds: &[Kind], messages: Vec<Listed>, template: &Template) -> MappedIndex {
    let mut rows: HashMap<(&str, &Key<'_>), Vec<usize>> = HashMap::new();
    for (at, row) in template.rows.iter().enumerate() {
        rows.entry((&row.stream, &row.key)).or_default().push(at);
    }
    let of_kind: Vec<&[usize]> = kinds
        .iter()
        .map(|kind| rows.get(&(kind.stream.as_str(), &kind.key)))
        .map(|rows| rows.map_or(&[][..], Vec::as_slice))
        .collect();
    let mut unmatched = Vec::new();
    let placed = messages.into_iter().filter_map(|listed| {
        let candidates = of_kind.get(listed.kind).copied().unwrap_or_default();
        let message = place(&listed, candidates, template);
        if message.is_none() {
            unmatched.push(listed);
        }
        message
    });
    MappedIndex {
        messages: placed.collect(),
        unmatched,
    }
}

fn place(listed: &Listed, candidates: &[usize], template: &Template) -> Option<Mapped> {
    candidates.iter().find_map(|at| {
        let row = template.rows.get(*at)?;
        let (first, last) = row.steps;
        let ruled = row.window.map(|window| window.range(listed.step));
        let fits = match (listed.window, ruled) {
            (Some(listed), Some(ruled)) => listed == ruled,
            _ => true,
        };
        let held = (first..=last).contains(&listed.step) && fits;
        held.then_some(Mapped {
            row: *at,
            step: listed.step,
            window: listed.window.or(ruled),
            location: listed.location,
            line: listed.line,
            member: listed.member,
        })
    })
}
