//! The last message of an index that is not whole: its length is proven, or it is not used.
//!
//! wgrib2 writes no lengths, and the last message ends where its file does. Where lines behind it are missing (an index that was cut
//! while it was written), that would be a length over messages that it knows nothing of.

use std::collections::HashSet;

use super::headers::{SECTION_0, announced};
use super::listing::{Indexed, name};
use super::plan::Plan;
use super::{Gap, Why};
use crate::error::Error;
use crate::merge::{Mapped, MappedIndex};
use crate::span::ByteSpan;
use crate::store::Store;
use crate::template::Template;
use crate::time::Step;

/// Takes out messages whose length is not theirs: each is a gap.
pub(super) async fn check(
    store: &impl Store,
    plan: &Plan<'_>,
    template: &Template,
    (mapped, indexed): (&mut MappedIndex, &mut Indexed),
) -> Result<(), Error> {
    let wanted: Vec<Mapped> = doubtful(plan, template, mapped, indexed);
    for message in wanted {
        let Some(object) = indexed.object_at(message.location) else {
            continue;
        };
        let span = message.location.span;
        let start = ByteSpan::new(span.offset, SECTION_0.min(span.length));
        let octets = store.get_range(&object.data_url, start).await?;
        let length = announced(&octets);
        if length == Some(span.length) {
            continue;
        }
        let found = match length {
            Some(length) => format!("it has {length} bytes"),
            None => "no message starts there".to_owned(),
        };
        let row = template.rows.get(message.row);
        let gap = Gap {
            what: row.map(|row| row.label.clone()).unwrap_or_default(),
            step: Some(message.step),
            member: name(&plan.members, message.member),
            why: Why::Refused {
                url: object.index_url.clone(),
                line: message.line,
                because: format!(
                    "the index is not whole: its last message would have {} bytes, and {found}",
                    span.length
                ),
            },
        };
        indexed.gaps.push(gap);
        mapped.messages.retain(|other| *other != message);
    }
    Ok(())
}

/// Messages at the end of an index that lacks a message which the template expects.
fn doubtful(
    plan: &Plan<'_>,
    template: &Template,
    mapped: &MappedIndex,
    indexed: &Indexed,
) -> Vec<Mapped> {
    let last = mapped.messages.iter().filter(|message| {
        let place = (message.location.object, message.line);
        indexed.open_ended.contains(&place)
    });
    let last: Vec<Mapped> = last.copied().collect();
    if last.is_empty() {
        return last;
    }
    let found: HashSet<(usize, Step, u16)> = mapped
        .messages
        .iter()
        .map(|message| (message.row, message.step, message.member))
        .collect();
    let lacks = |message: &Mapped| {
        let object = usize::try_from(message.location.object).ok();
        let Some(object) = object.and_then(|at| plan.objects.get(at)) else {
            return true;
        };
        template.rows.iter().enumerate().any(|(at, row)| {
            let (first, last) = row.steps;
            row.stream == object.stream
                && !row.disputed
                && (first..=last).contains(&object.step)
                && !found.contains(&(at, object.step, message.member))
        })
    };
    last.into_iter().filter(lacks).collect()
}
