//! The main job: the references of members of a run.

mod report;

use std::sync::Arc;

use futures_util::stream::{self, StreamExt};
use serde::{Deserialize, Serialize};

pub use super::verdict::{Coverage, Extra, StepCoverage};
pub use report::{MemberReport, Report, TemplateUsed};

use super::ends;
use super::headers;
use super::listing::{self, Indexed};
use super::plan::{Plan, Request};
use super::stale;
use super::verdict::{Asked, verdict};
use super::{Event, Outcome};
use crate::error::Error;
use crate::grib::naming::Tables;
use crate::listing::Listing;
use crate::merge::{self, Mapped};
use crate::provenance::Provenance;
use crate::refs::RefStore;
use crate::refs::build::{self, BuildError, Codec, Horizontal, Parts};
use crate::source::{Catalog, MemberId};
use crate::store::{Counted, ObjectMeta, Store};
use crate::template::select::Selector;
use crate::template::{Evidence, Template};
use crate::time::{Run, Step};
use crate::tree::{self, Tree};

/// Version of this crate, which stands in every result.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RefsJob {
    /// The run, the members and the steps.
    pub request: Request,
    /// Variables; empty for all.
    pub variables: Vec<Selector>,
    /// Codec of the data arrays.
    pub codec: Codec,
    /// Root that is written into references instead of the one that was read.
    pub uri_base: Option<String>,
    /// What tells names and grid where no template is given.
    pub structure: Structure,
}

/// What tells names and grid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Structure {
    /// The built-in template, where the catalogue has an inventory for the run; else headers of the run.
    #[default]
    Builtin,
    /// Headers of the run itself; the inventory, where its GRIB objects are not there.
    Scan,
}

/// The stores of a run, and what they were made from.
#[derive(Clone, Debug, PartialEq)]
pub struct Built {
    /// One store for each member, in the order of [`Report::members`].
    pub stores: Vec<RefStore>,
    /// The mapped index: the messages that the stores refer to.
    pub messages: Vec<Mapped>,
    /// The template that rows of the mapped index are in.
    pub template: Template,
    /// URLs of the GRIB objects that its locations count in.
    pub objects: Vec<String>,
    /// What the store said of each of them where it was read; nothing where it is not there.
    pub metas: Vec<ObjectMeta>,
    /// Numbers of the members that it counts in.
    pub numbers: Vec<Option<u32>>,
    /// What was made, in numbers.
    pub report: Report,
}

/// A run whose indexes were read: what [`run`] builds references from.
pub struct Opened<'a> {
    work: Work<'a>,
    indexed: Indexed,
    suspects: usize,
}

/// Builds the references of members of a run. Every index is read once, whatever the members.
///
/// Where a template is given, or one is built in, a message of each of its groups is read and compared before anything is
/// built: another grid, name or level is an error.
///
/// # Errors
/// Whatever would make the result wrong. What is only missing is a gap of the outcome.
pub async fn run(
    store: &impl Store,
    catalog: &Catalog,
    tables: &Tables,
    job: &RefsJob,
    template: Option<&Template>,
    events: &mut dyn FnMut(Event),
) -> Result<Outcome<Built>, Error> {
    let store = &Counted::new(store);
    let opened = open(store, catalog, job, events).await?;
    opened.build(store, tables, template, events).await
}

/// Reads the indexes of a run, for those who want to see what they list before references are built.
///
/// # Errors
/// What the catalogue does not have; an index that cannot be read, or that is none of the run.
pub async fn open<'a, S: Store>(
    store: &Counted<'_, S>,
    catalog: &'a Catalog,
    job: &'a RefsJob,
    events: &mut dyn FnMut(Event),
) -> Result<Opened<'a>, Error> {
    let plan = Plan::new(catalog, &job.request)?;
    let mut indexed = plan.read(store, events).await?;
    let suspects = stale::check(store, &mut indexed, job.request.concurrency).await?;
    Ok(Opened {
        work: Work { plan, job },
        indexed,
        suspects,
    })
}

impl Opened<'_> {
    /// The messages of the members asked for.
    pub fn listing(&self) -> &Listing {
        &self.indexed.listing
    }

    /// The members that messages count in.
    pub fn members(&self) -> &[MemberId] {
        &self.work.plan.members
    }

    /// The steps asked for.
    pub fn steps(&self) -> &[Step] {
        &self.work.plan.steps
    }

    /// The objects that locations count in: the address of the index, and that of the GRIB object.
    pub fn objects(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        let objects = self.indexed.objects.iter();
        objects.map(|object| (object.index_url.as_str(), object.data_url.as_str()))
    }

    /// Builds the references, see [`run`].
    ///
    /// # Errors
    /// Whatever would make the result wrong.
    pub async fn build<S: Store>(
        self,
        store: &Counted<'_, S>,
        tables: &Tables,
        template: Option<&Template>,
        events: &mut dyn FnMut(Event),
    ) -> Result<Outcome<Built>, Error> {
        let Self {
            work,
            mut indexed,
            suspects,
        } = self;
        let inventory = work.plan.builtin(tables)?;
        let given = (template, inventory.as_ref());
        let (template, trusted) = work
            .template(store, tables, given, &indexed, events)
            .await?;
        let tree = tree::build(&template)?;
        let (chosen, not_in_era) = work
            .plan
            .select((&template, inventory.as_ref()), &work.job.variables)?;
        let listed = report::Listed::of(&indexed, work.plan.members.len());
        // A run of an ensemble is a million messages: what is not needed any more goes first.
        let messages = std::mem::take(&mut indexed.listing.messages);
        let mut mapped = merge::map(&indexed.listing.kinds, messages, &template);
        ends::check(store, &work.plan, &template, (&mut mapped, &mut indexed)).await?;
        let proven = if trusted {
            // A template that was just read from the run is its own proof.
            let rows = template.rows.iter();
            rows.filter(|row| row.evidence == Evidence::Header).count()
        } else {
            let sample = headers::sample(&mapped.messages, &template, &indexed);
            let (plan, pair) = (&work.plan, (&template, &sample[..]));
            headers::prove(store, tables, plan.expected(), &indexed, pair).await?
        };
        let asked = Asked {
            plan: &work.plan,
            template: &template,
            inventory: inventory.as_ref(),
            chosen: &chosen,
            variables: &work.job.variables,
        };
        let found = verdict(asked, &mapped, &indexed);
        let mut messages = mapped.messages;
        messages.retain(|message| chosen.get(message.row).copied().unwrap_or(false));
        // In place: a sort that keeps the order of equals needs as much room again.
        messages.sort_unstable_by_key(|message| {
            (message.member, message.location.object, message.line)
        });
        let built = work
            .build(store, (&template, tree), messages, &indexed)
            .await?;
        let (stores, messages) = built;
        let counts = report::Counts {
            listed,
            proven,
            suspects,
            requests: store.requests(),
        };
        let report = report::report(&work, &template, &indexed, (&messages, &stores), counts);
        let mut gaps = std::mem::take(&mut indexed.gaps);
        gaps.extend(not_in_era);
        gaps.extend(found.gaps);
        let metas = indexed.objects.iter().map(|object| object.meta.clone());
        Ok(Outcome {
            value: Built {
                stores,
                messages,
                template,
                objects: work.objects(&indexed),
                metas: metas.collect(),
                numbers: work.plan.members.iter().map(MemberId::number).collect(),
                report: Report {
                    coverage: found.coverage,
                    extra: found.extra,
                    ..report
                },
            },
            gaps,
        })
    }
}

/// What the stores of all members are built from.
#[derive(Clone)]
struct Shared {
    tree: Tree,
    grids: Vec<Horizontal>,
    messages: Vec<Mapped>,
    objects: Vec<String>,
    run: Run,
    steps: Vec<Step>,
    codec: Codec,
}

impl Shared {
    /// The store of the member at a place among those asked for.
    fn store(
        &self,
        place: u16,
        number: Option<u32>,
        provenance: Provenance,
    ) -> Result<RefStore, BuildError> {
        let messages = &self.messages;
        let start = messages.partition_point(|message| message.member < place);
        let end = messages.partition_point(|message| message.member <= place);
        let parts = Parts {
            tree: &self.tree,
            grids: &self.grids,
            messages: messages.get(start..end).unwrap_or_default(),
            objects: &self.objects,
            run: self.run,
            steps: &self.steps,
            number,
            codec: self.codec,
        };
        build::build(parts, provenance)
    }
}

/// A job and its plan.
struct Work<'a> {
    plan: Plan<'a>,
    job: &'a RefsJob,
}

impl Work<'_> {
    /// The template to use, and whether it was read from the run itself, so that nothing is left to prove.
    async fn template(
        &self,
        store: &impl Store,
        tables: &Tables,
        (given, builtin): (Option<&Template>, Option<&Template>),
        indexed: &Indexed,
        events: &mut dyn FnMut(Event),
    ) -> Result<(Template, bool), Error> {
        let (source, era) = (&self.plan.source.id, &self.plan.era.id);
        if let Some(given) = given {
            if (&given.source, &given.era) != (source, era) {
                return Err(Error::OtherTemplate {
                    template: given.id(),
                    run: format!("{source}/{era} {}", self.plan.request.run),
                });
            }
            return Ok((given.clone(), false));
        }
        if self.job.structure == Structure::Builtin
            && let Some(builtin) = builtin
        {
            return Ok((builtin.clone(), false));
        }
        Ok((self.plan.learn(store, tables, indexed, events).await?, true))
    }

    /// A store for each member, from messages that stand member by member; they are given back.
    async fn build(
        &self,
        store: &impl Store,
        (template, tree): (&Template, Tree),
        messages: Vec<Mapped>,
        indexed: &Indexed,
    ) -> Result<(Vec<RefStore>, Vec<Mapped>), Error> {
        let grids = template.grids.iter().map(|grid| {
            Horizontal::of(grid.grid()).map_err(|source| Error::Grid {
                label: self.plan.source.id.clone(),
                source,
            })
        });
        let shared = Arc::new(Shared {
            tree,
            grids: grids.collect::<Result<_, _>>()?,
            messages,
            objects: self.objects(indexed),
            run: self.plan.request.run,
            steps: self.plan.steps.clone(),
            codec: self.job.codec,
        });
        let id = template.id();
        let members = (0_u16..).zip(&self.plan.members).map(|(place, member)| {
            let (shared, number) = (Arc::clone(&shared), member.number());
            let provenance = self.provenance(&id, member, indexed);
            store.aside(move || shared.store(place, number, provenance))
        });
        let mut members = stream::iter(members).buffered(self.job.request.concurrency.max(1));
        let mut stores: Vec<RefStore> = Vec::with_capacity(self.plan.members.len());
        while let Some(built) = members.next().await {
            let mut built = built?;
            if let Some(first) = stores.first() {
                built.share(first);
            }
            stores.push(built);
        }
        drop(members);
        Ok((stores, Arc::unwrap_or_clone(shared).messages))
    }

    /// The URLs of the GRIB objects, as references name them.
    fn objects(&self, indexed: &Indexed) -> Vec<String> {
        let base = self.job.uri_base.as_deref();
        let url = |object: &listing::Object| match base {
            Some(base) => listing::join(base, &object.data_path),
            None => object.data_url.clone(),
        };
        indexed.objects.iter().map(url).collect()
    }

    fn provenance(&self, template: &str, member: &MemberId, indexed: &Indexed) -> Provenance {
        let of_member = |at: usize| {
            let object = self.plan.objects.get(at);
            object.is_some_and(|object| object.members.contains(member))
        };
        Provenance {
            gik: VERSION.to_owned(),
            source: self.plan.source.id.clone(),
            era: self.plan.era.id.clone(),
            run: self.plan.request.run,
            member: member.name.clone(),
            steps: self.plan.steps.iter().map(Step::to_string).collect(),
            variables: self.job.variables.iter().map(Selector::to_string).collect(),
            codec: self.job.codec.id().to_owned(),
            template: template.to_owned(),
            indexes: indexed
                .indexes
                .iter()
                .filter(|(at, _)| of_member(*at))
                .map(|(_, index)| index.clone())
                .collect(),
        }
    }
}
