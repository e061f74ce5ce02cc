//! The main job: the references of one member of a run.

use serde::{Deserialize, Serialize};

use super::derive::Derivation;
use super::headers::{self, Expected};
use super::listing::{self, Indexed, Wanted};
use super::{Event, Gap, Outcome, Why};
use crate::error::Error;
use crate::grib::naming::Tables;
use crate::index::Repeat;
use crate::listing::Listed;
use crate::merge::{self, Mapped};
use crate::provenance::Provenance;
use crate::refs::build::{self, Codec, Horizontal, Parts};
use crate::refs::{Chunks, RefStore};
use crate::source::inventory::Inventory;
use crate::source::{Catalog, Era, MemberId, ObjectRef, Source};
use crate::store::Store;
use crate::template::build as template;
use crate::template::select::{self, Selector};
use crate::template::{Evidence, Template};
use crate::time::{Run, Step};
use crate::tree::{self, Tree};

/// Version of this crate, which stands in every result.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RefsJob {
    /// Catalogue id of the source.
    pub source: String,
    /// The run.
    pub run: Run,
    /// The member, as users type it.
    pub member: String,
    /// Steps as users type them; `None` for all.
    pub steps: Option<String>,
    /// Variables; empty for all.
    pub variables: Vec<Selector>,
    /// Codec of the data arrays.
    pub codec: Codec,
    /// Root that paths of the archive are below; `None` for the source's first mirror.
    pub base: Option<String>,
    /// Root that is written into references instead of the one that was read.
    pub uri_base: Option<String>,
    /// How many objects are read at once.
    pub concurrency: usize,
}

/// What was made, in numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Catalogue id of the source.
    pub source: String,
    /// The era of the catalogue.
    pub era: String,
    /// The run.
    pub run: Run,
    /// Name of the member.
    pub member: String,
    /// Steps of the store.
    pub steps: usize,
    /// Index objects that were read.
    pub indexes: usize,
    /// Messages that the indexes list of this member.
    pub messages: usize,
    /// Messages of the variables asked for.
    pub selected: usize,
    /// References in the store.
    pub references: usize,
    /// Arrays of data in the store.
    pub arrays: usize,
    /// Kinds of messages whose header was read.
    pub proven: usize,
    /// Kinds of messages that are known from the index and tables only: no header was there to read.
    pub derived: usize,
}

/// Builds the references of one member.
pub async fn run(
    store: &impl Store,
    catalog: &Catalog,
    tables: &Tables,
    job: &RefsJob,
    events: &mut dyn FnMut(Event),
) -> Result<Outcome<(RefStore, Report)>, Error> {
    let plan = Plan::new(catalog, job)?;
    let mut indexed = plan.read(store, events).await?;
    let template = plan.learn(store, tables, &indexed, events).await?;
    let tree = tree::build(&template)?;
    let chosen = select::select(&template, &job.variables)?;
    let mapped = merge::map(&indexed.listing, &template);
    let lost: Vec<Gap> = mapped
        .unmatched
        .iter()
        .map(|listed| unmatched(&indexed, listed))
        .collect();
    indexed.gaps.extend(lost);
    let selected = |message: &&Mapped| chosen.get(message.row).copied().unwrap_or(false);
    let messages: Vec<Mapped> = mapped.messages.iter().filter(selected).copied().collect();
    let refs = plan.build(&template, &tree, &messages, &indexed)?;
    let report = plan.report(&template, &indexed, messages.len(), &refs);
    Ok(Outcome {
        value: (refs, report),
        gaps: indexed.gaps,
    })
}

/// A job with what the catalogue says of it.
struct Plan<'a> {
    job: &'a RefsJob,
    source: &'a Source,
    era: &'a Era,
    inventory: Option<Inventory>,
    member: MemberId,
    steps: Vec<Step>,
    objects: Vec<ObjectRef>,
}

impl<'a> Plan<'a> {
    fn new(catalog: &'a Catalog, job: &'a RefsJob) -> Result<Self, Error> {
        let source = catalog.source(&job.source)?;
        let era = source.era_of(job.run)?;
        let mut members = era.parse_members(&job.member)?;
        let count = members.len();
        let member = members
            .pop()
            .filter(|_| count == 1)
            .ok_or(Error::Members { count })?;
        let members = std::slice::from_ref(&member);
        let made = era.steps(job.run, members)?;
        let steps = match &job.steps {
            None => made,
            Some(text) => made.select(text)?,
        };
        let objects = era.objects(job.run, members, steps.iter())?;
        let steps = steps.iter().collect();
        let inventory = objects
            .first()
            .and_then(|object| object.inventory.as_deref());
        let inventory = inventory.map(|name| catalog.inventory(name)).transpose()?;
        Ok(Self {
            inventory,
            job,
            source,
            era,
            member,
            steps,
            objects,
        })
    }

    /// Reads the indexes. One that is not there is a gap; none at all is an error.
    async fn read(
        &self,
        store: &impl Store,
        events: &mut dyn FnMut(Event),
    ) -> Result<Indexed, Error> {
        events(Event::Planned {
            indexes: u32::try_from(self.objects.len()).unwrap_or(u32::MAX),
        });
        let repeats = self.repeats();
        let wanted = Wanted {
            base: self.base(),
            run: self.job.run,
            member: self.member.member,
            repeats: &repeats,
            concurrency: self.job.concurrency,
        };
        let indexed = listing::read(store, wanted, &self.objects, events).await?;
        if indexed.indexes.is_empty() {
            let first = indexed
                .objects
                .first()
                .map(|object| object.index_url.clone());
            return Err(Error::Nothing {
                count: self.objects.len(),
                first: first.unwrap_or_default(),
            });
        }
        Ok(indexed)
    }

    /// Learns from headers what each kind of message is; where the GRIB object is not there, from inventory and tables.
    async fn learn(
        &self,
        store: &impl Store,
        tables: &Tables,
        indexed: &Indexed,
        events: &mut dyn FnMut(Event),
    ) -> Result<Template, Error> {
        let chosen = template::representatives(&indexed.listing);
        events(Event::Headers {
            ranges: u32::try_from(chosen.len()).unwrap_or(u32::MAX),
        });
        let expected = Expected {
            run: self.job.run,
            number: self.member.number(),
            concurrency: self.job.concurrency,
        };
        let mut seen = headers::read(store, tables, expected, indexed, &chosen).await?;
        let derivation = Derivation {
            tables,
            inventory: self.inventory.as_ref(),
            era: self.era,
            dialect: self.source.dialect,
            run: self.job.run,
        };
        let absent = chosen
            .iter()
            .filter_map(|at| indexed.listing.messages.get(*at))
            .filter(|listed| {
                let at = usize::try_from(listed.location.object).ok();
                !at.and_then(|at| indexed.objects.get(at))
                    .is_some_and(|object| object.present)
            });
        for listed in absent {
            let kind = indexed.listing.kinds.get(listed.kind);
            seen.extend(kind.and_then(|kind| derivation.seen(kind, listed)));
        }
        Ok(template::build(
            &self.source.id,
            &self.era.id,
            &indexed.listing,
            &seen,
        )?)
    }

    fn build(
        &self,
        template: &Template,
        tree: &Tree,
        messages: &[Mapped],
        indexed: &Indexed,
    ) -> Result<RefStore, Error> {
        let grids = template
            .grids
            .iter()
            .map(|grid| {
                Horizontal::of(grid).map_err(|source| Error::Grid {
                    label: self.source.id.clone(),
                    source,
                })
            })
            .collect::<Result<Vec<_>, _>>()?;
        let base = self.job.uri_base.as_deref();
        let objects: Vec<String> = indexed
            .objects
            .iter()
            .map(|object| match base {
                Some(base) => listing::join(base, &object.data_path),
                None => object.data_url.clone(),
            })
            .collect();
        let parts = Parts {
            tree,
            grids: &grids,
            messages,
            objects: &objects,
            run: self.job.run,
            steps: &self.steps,
            number: self.member.number(),
            codec: self.job.codec,
        };
        Ok(build::build(parts, self.provenance(indexed))?)
    }

    fn provenance(&self, indexed: &Indexed) -> Provenance {
        Provenance {
            gik: VERSION.to_owned(),
            source: self.source.id.clone(),
            era: self.era.id.clone(),
            run: self.job.run,
            member: self.member.name.clone(),
            steps: self.steps.iter().map(Step::to_string).collect(),
            variables: self.job.variables.iter().map(Selector::to_string).collect(),
            codec: self.job.codec.id().to_owned(),
            template: "headers of the run".to_owned(),
            indexes: indexed.indexes.clone(),
        }
    }

    fn report(
        &self,
        template: &Template,
        indexed: &Indexed,
        selected: usize,
        refs: &RefStore,
    ) -> Report {
        let count = |evidence| {
            template
                .rows
                .iter()
                .filter(|row| row.evidence == evidence)
                .count()
        };
        Report {
            source: self.source.id.clone(),
            era: self.era.id.clone(),
            run: self.job.run,
            member: self.member.name.clone(),
            steps: self.steps.len(),
            indexes: indexed.indexes.len(),
            messages: indexed.listing.messages.len(),
            selected,
            references: refs.references(),
            arrays: refs
                .arrays
                .values()
                .filter(|array| matches!(array.chunks, Chunks::Messages(_)))
                .count(),
            proven: count(Evidence::Header),
            derived: count(Evidence::Derived),
        }
    }

    fn base(&self) -> &str {
        let mirror = || {
            self.source
                .mirrors
                .first()
                .map(|mirror| mirror.root.as_str())
        };
        self.job.base.as_deref().or_else(mirror).unwrap_or_default()
    }

    /// The messages that an index of this source may list alike.
    fn repeats(&self) -> Vec<Repeat> {
        let rules = self.source.occurrences.iter();
        let each = rules.flat_map(|rule| {
            let times = u8::try_from(rule.names.len()).unwrap_or(u8::MAX);
            rule.parameters.iter().map(move |parameter| Repeat {
                parameter: parameter.clone(),
                times,
            })
        });
        each.collect()
    }
}

/// A message that the template does not know, as a gap.
fn unmatched(indexed: &Indexed, listed: &Listed) -> Gap {
    let kind = indexed.listing.kinds.get(listed.kind);
    let object = usize::try_from(listed.location.object)
        .ok()
        .and_then(|at| indexed.objects.get(at));
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
