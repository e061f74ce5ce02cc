//! What was made, in numbers: enough to check a result without opening it.

use serde::{Deserialize, Serialize};

use super::{Coverage, Extra, Work};
use crate::merge::Mapped;
use crate::pipeline::listing::Indexed;
use crate::refs::{Chunks, RefStore};
use crate::store::Requests;
use crate::template::{Evidence, Template};
use crate::time::Run;

/// What was made, in numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Catalogue id of the source.
    pub source: String,
    /// The era of the catalogue.
    pub era: String,
    /// The run.
    pub run: Run,
    /// What told names and grid.
    pub template: TemplateUsed,
    /// The members.
    pub members: Vec<MemberReport>,
    /// Steps of each store.
    pub steps: usize,
    /// Index objects that were read.
    pub indexes: usize,
    /// GRIB objects that references point into.
    pub objects: usize,
    /// Those of them whose address has the date of the run in it.
    pub objects_of_date: usize,
    /// Lines of the indexes.
    pub lines: usize,
    /// Messages of the members asked for.
    pub messages: usize,
    /// Of these, the messages of the variables asked for.
    pub selected: usize,
    /// References in all stores.
    pub references: usize,
    /// Headers of the run that were read and agree with the template.
    pub proven: usize,
    /// Kinds of messages that are known from the index and tables only: no header was there to read.
    pub derived: usize,
    /// Objects that are newer than their index, and were looked into for that reason.
    pub suspects: usize,
    /// What was asked of the archive.
    pub requests: Requests,
    /// Messages expected and found, kind by kind.
    pub coverage: Vec<Coverage>,
    /// What the indexes list that nobody asked for and no template knows.
    pub extra: Vec<Extra>,
}

/// The template that a run was built with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateUsed {
    /// Source, era and the start of a hash.
    pub id: String,
    /// The run that it was built from; `None` for one of the catalogue.
    pub run: Option<Run>,
    /// Rows that were seen in a message.
    pub header: usize,
    /// Rows that were derived from index text and tables.
    pub derived: usize,
}

/// One member of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberReport {
    /// Its name.
    pub name: String,
    /// Its messages in the indexes.
    pub messages: usize,
    /// References in its store.
    pub references: usize,
    /// Arrays of data in its store.
    pub arrays: usize,
}

/// How many messages the indexes list, of each member asked for.
#[derive(Clone, Debug)]
pub(super) struct Listed {
    of_member: Vec<usize>,
}

impl Listed {
    pub(super) fn of(indexed: &Indexed, members: usize) -> Self {
        let mut of_member = vec![0; members];
        for listed in &indexed.listing.messages {
            if let Some(count) = of_member.get_mut(usize::from(listed.member)) {
                *count += 1;
            }
        }
        Self { of_member }
    }
}

/// What was counted on the way.
#[derive(Clone, Debug)]
pub(super) struct Counts {
    pub(super) listed: Listed,
    pub(super) proven: usize,
    pub(super) suspects: usize,
    pub(super) requests: Requests,
}

/// The report, but for what the verdict says.
pub(super) fn report(
    work: &Work<'_>,
    template: &Template,
    indexed: &Indexed,
    (messages, stores): (&[Mapped], &[RefStore]),
    counts: Counts,
) -> Report {
    let rows = |evidence| {
        let rows = template.rows.iter();
        rows.filter(|row| row.evidence == evidence).count()
    };
    let (header, derived) = (rows(Evidence::Header), rows(Evidence::Derived));
    let plan = &work.plan;
    let of_member = counts.listed.of_member;
    let listed = of_member.iter().sum();
    let members = plan.members.iter().zip(stores).zip(of_member);
    let members = members.map(|((member, store), messages)| MemberReport {
        name: member.name.clone(),
        messages,
        references: store.references(),
        arrays: arrays(store),
    });
    let members: Vec<MemberReport> = members.collect();
    let mut used = vec![false; indexed.objects.len()];
    for message in messages {
        let at = usize::try_from(message.location.object).ok();
        if let Some(used) = at.and_then(|at| used.get_mut(at)) {
            *used = true;
        }
    }
    let date = plan.request.run.date.to_string();
    let used = || {
        let objects = indexed.objects.iter().zip(&used);
        objects.filter(|(_, used)| **used).map(|(object, _)| object)
    };
    Report {
        source: plan.source.id.clone(),
        era: plan.era.id.clone(),
        run: plan.request.run,
        template: TemplateUsed {
            id: template.id(),
            run: template.run,
            header,
            derived,
        },
        references: members.iter().map(|member| member.references).sum(),
        members,
        steps: plan.steps.len(),
        indexes: indexed.indexes.len(),
        objects: used().count(),
        objects_of_date: used()
            .filter(|object| object.data_path.contains(&date))
            .count(),
        lines: indexed.lines,
        messages: listed,
        selected: messages.len(),
        proven: counts.proven,
        derived,
        suspects: counts.suspects,
        requests: counts.requests,
        coverage: Vec::new(),
        extra: Vec::new(),
    }
}

fn arrays(store: &RefStore) -> usize {
    let of_messages = |chunks: &Chunks| matches!(chunks, Chunks::Messages(_));
    let arrays = store.arrays.values();
    arrays.filter(|array| of_messages(&array.chunks)).count()
}
