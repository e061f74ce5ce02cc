//! What a run should hold and does not: the template's rows and steps against the messages found.

use std::collections::HashSet;

use super::listing::Indexed;
use super::{Gap, Why};
use crate::listing::Listed;
use crate::merge::MappedIndex;
use crate::source::ObjectRef;
use crate::template::Template;
use crate::time::Step;

/// The messages that are expected and not there, and those that are there and not known.
///
/// A whole index that is missing is one gap, which [`super::listing`] reported; its messages are not listed again.
pub(super) fn missing(
    plan: &[ObjectRef],
    template: &Template,
    chosen: &[bool],
    mapped: &MappedIndex,
    indexed: &Indexed,
) -> Vec<Gap> {
    let found: HashSet<(usize, Step)> = mapped
        .messages
        .iter()
        .map(|message| (message.row, message.step))
        .collect();
    let refused: HashSet<(&str, Option<Step>)> = indexed
        .gaps
        .iter()
        .map(|gap| (gap.what.as_str(), gap.step))
        .collect();
    let read: HashSet<&str> = indexed
        .indexes
        .iter()
        .map(|index| index.path.as_str())
        .collect();
    let mut gaps = Vec::new();
    for (object, read_as) in plan.iter().zip(&indexed.objects) {
        if !read.contains(object.index_path.as_str()) {
            continue;
        }
        for (at, row) in template.rows.iter().enumerate() {
            let wanted = chosen.get(at).copied().unwrap_or(false) && !row.disputed;
            let (first, last) = row.steps;
            let here = row.stream == object.stream && (first..=last).contains(&object.step);
            let told = refused.contains(&(row.label.as_str(), Some(object.step)));
            if wanted && here && !told && !found.contains(&(at, object.step)) {
                gaps.push(Gap {
                    what: row.label.clone(),
                    step: Some(object.step),
                    why: Why::NotInIndex {
                        url: read_as.index_url.clone(),
                    },
                });
            }
        }
    }
    gaps.extend(
        mapped
            .unmatched
            .iter()
            .map(|listed| unmatched(indexed, listed)),
    );
    gaps
}

/// A message that the template does not know.
fn unmatched(indexed: &Indexed, listed: &Listed) -> Gap {
    let kind = indexed.listing.kinds.get(listed.kind);
    let object = indexed.object_at(listed.location);
    Gap {
        what: kind.map(|kind| kind.label.clone()).unwrap_or_default(),
        step: Some(listed.step),
        why: Why::NotInTemplate {
            url: object
                .map(|object| object.index_url.clone())
                .unwrap_or_default(),
            line: listed.line,
        },
    }
}
