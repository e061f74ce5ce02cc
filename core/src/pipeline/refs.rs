//! The main job: the references of one member of a run.

use serde::{Deserialize, Serialize};

use super::headers;
use super::listing::{self, Indexed};
use super::plan::{Plan, Request};
use super::verdict;
use super::{Event, Outcome};
use crate::error::Error;
use crate::grib::naming::Tables;
use crate::merge::{self, Mapped};
use crate::provenance::Provenance;
use crate::refs::build::{self, Codec, Horizontal, Parts};
use crate::refs::{Chunks, RefStore};
use crate::source::Catalog;
use crate::store::Store;
use crate::template::select::{self, Selector};
use crate::template::{Evidence, Template};
use crate::time::{Run, Step};
use crate::tree::{self, Tree};

/// Version of this crate, which stands in every result.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RefsJob {
    /// The run, the member and the steps.
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
    Builtin,
    /// Headers of the run itself; the inventory, where its GRIB objects are not there.
    #[default]
    Scan,
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
) -> Result<Outcome<(RefStore, Report)>, Error> {
    let work = Work {
        plan: Plan::new(catalog, &job.request)?,
        job,
    };
    let mut indexed = work.plan.read(store, events).await?;
    let (template, trusted) = work
        .template(store, tables, template, &indexed, events)
        .await?;
    let tree = tree::build(&template)?;
    let chosen = select::select(&template, &job.variables)?;
    let mapped = merge::map(&indexed.listing, &template);
    let proven = if trusted {
        0
    } else {
        let sample = headers::sample(&mapped.messages, &template, &indexed);
        headers::prove(
            store,
            tables,
            work.plan.expected(),
            &indexed,
            (&template, &sample),
        )
        .await?
    };
    let missing = verdict::missing(&work.plan.objects, &template, &chosen, &mapped, &indexed);
    indexed.gaps.extend(missing);
    let selected = |message: &&Mapped| chosen.get(message.row).copied().unwrap_or(false);
    let messages: Vec<Mapped> = mapped.messages.iter().filter(selected).copied().collect();
    let refs = work.build(&template, &tree, &messages, &indexed)?;
    let mut report = work.report(&template, &indexed, messages.len(), &refs);
    report.proven += proven;
    Ok(Outcome {
        value: (refs, report),
        gaps: indexed.gaps,
    })
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
        given: Option<&Template>,
        indexed: &Indexed,
        events: &mut dyn FnMut(Event),
    ) -> Result<(Template, bool), Error> {
        let (source, era) = (&self.plan.source.id, &self.plan.era.id);
        let streams: Vec<&str> = self
            .plan
            .objects
            .iter()
            .map(|object| object.stream.as_str())
            .collect();
        if let Some(given) = given {
            if (&given.source, &given.era) != (source, era) {
                return Err(Error::OtherTemplate {
                    template: given.id(),
                    run: format!("{source}/{era} {}", self.plan.request.run),
                });
            }
            return Ok((given.of_streams(&streams), false));
        }
        if self.job.structure == Structure::Builtin
            && let Some(builtin) = self.plan.builtin(tables)?
        {
            return Ok((builtin.of_streams(&streams), false));
        }
        Ok((self.plan.learn(store, tables, indexed, events).await?, true))
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
                Horizontal::of(grid.grid()).map_err(|source| Error::Grid {
                    label: self.plan.source.id.clone(),
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
            run: self.plan.request.run,
            steps: &self.plan.steps,
            number: self.plan.member.number(),
            codec: self.job.codec,
        };
        Ok(build::build(parts, self.provenance(template, indexed))?)
    }

    fn provenance(&self, template: &Template, indexed: &Indexed) -> Provenance {
        Provenance {
            gik: VERSION.to_owned(),
            source: self.plan.source.id.clone(),
            era: self.plan.era.id.clone(),
            run: self.plan.request.run,
            member: self.plan.member.name.clone(),
            steps: self.plan.steps.iter().map(Step::to_string).collect(),
            variables: self.job.variables.iter().map(Selector::to_string).collect(),
            codec: self.job.codec.id().to_owned(),
            template: template.id(),
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
            source: self.plan.source.id.clone(),
            era: self.plan.era.id.clone(),
            run: self.plan.request.run,
            member: self.plan.member.name.clone(),
            steps: self.plan.steps.len(),
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
}
