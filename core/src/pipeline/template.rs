//! Stage 0 as a job: the template of a source, built from one of its runs, proven on others of its members, and published hour by
//! hour.

use futures_util::future;
use futures_util::stream::{self, StreamExt};
use serde::{Deserialize, Serialize};

use super::listing::join;
use super::plan::{Plan, Request};
use super::verdict::{Asked, verdict};
use super::{Event, Gap, Outcome, Why, headers};
use crate::error::Error;
use crate::grib::naming::Tables;
use crate::index::{self, Dialect};
use crate::merge;
use crate::output::Artifact;
use crate::output::per_hour::{self, Hour};
use crate::source::Catalog;
use crate::store::{Counted, Requests, Store, StoreError};
use crate::template::{Evidence, Template};
use crate::time::Run;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateJob {
    /// The run, and members whose messages the template is to know: one of each stream is enough.
    pub request: Request,
    /// Members of the same run that the template is then held against, as users type them.
    pub prove: Option<String>,
}

/// A template, and how it was made.
#[derive(Clone, Debug, PartialEq)]
pub struct Learned {
    /// The template.
    pub template: Template,
    /// How it was made, in numbers.
    pub report: TemplateReport,
}

/// How a template was made, in numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateReport {
    /// Source, era and the start of a hash.
    pub id: String,
    /// The run that was read.
    pub run: Run,
    /// Members that were read.
    pub members: Vec<String>,
    /// Kinds of messages.
    pub rows: usize,
    /// Those of them that were seen in a message.
    pub header: usize,
    /// Those of them that are known from index text and tables.
    pub derived: usize,
    /// The grids.
    pub grids: Vec<String>,
    /// Members that it was held against.
    pub proven_members: Vec<String>,
    /// Their messages whose headers were compared.
    pub proven: usize,
    /// What was asked of the archive.
    pub requests: Requests,
}

/// Reads indexes and headers, and builds the template of the request's source.
///
/// # Errors
/// Where messages contradict their index, each other or the template's shape; where nothing is there.
pub async fn build(
    store: &impl Store,
    catalog: &Catalog,
    tables: &Tables,
    job: &TemplateJob,
    events: &mut dyn FnMut(Event),
) -> Result<Outcome<Learned>, Error> {
    let store = &Counted::new(store);
    let plan = Plan::new(catalog, &job.request)?;
    let mut indexed = plan.read(store, events).await?;
    let template = plan.learn(store, tables, &indexed, events).await?;
    let messages = std::mem::take(&mut indexed.listing.messages);
    let mapped = merge::map(&indexed.listing.kinds, messages, &template);
    let inventory = plan.builtin(tables)?;
    let chosen = vec![true; template.rows.len()];
    let asked = Asked {
        plan: &plan,
        template: &template,
        inventory: inventory.as_ref(),
        chosen: &chosen,
        variables: &[],
    };
    let mut gaps = verdict(asked, &mapped, &indexed).gaps;
    gaps.splice(0..0, indexed.gaps);
    let rows = |evidence| {
        let rows = template.rows.iter();
        rows.filter(|row| row.evidence == evidence).count()
    };
    let mut report = TemplateReport {
        id: template.id(),
        run: job.request.run,
        members: names(&plan),
        rows: template.rows.len(),
        header: rows(Evidence::Header),
        derived: rows(Evidence::Derived),
        grids: template.grids.iter().map(ToString::to_string).collect(),
        proven_members: Vec::new(),
        proven: 0,
        requests: Requests::default(),
    };
    if let Some(members) = &job.prove {
        let request = Request {
            members: members.clone(),
            ..job.request.clone()
        };
        let other = Plan::new(catalog, &request)?;
        let (proven, missing) = prove(store, tables, &other, &template, events).await?;
        report.proven_members = names(&other);
        report.proven = proven;
        gaps.extend(missing);
    }
    report.requests = store.requests();
    let value = Learned { template, report };
    Ok(Outcome { value, gaps })
}

fn names(plan: &Plan<'_>) -> Vec<String> {
    let members = plan.members.iter();
    members.map(|member| member.name.clone()).collect()
}

/// Holds a template against other members: how many headers agreed, and what it lacks or they lack.
async fn prove(
    store: &impl Store,
    tables: &Tables,
    plan: &Plan<'_>,
    template: &Template,
    events: &mut dyn FnMut(Event),
) -> Result<(usize, Vec<Gap>), Error> {
    let mut indexed = match plan.read(store, events).await {
        // The template is built: members that cannot prove it take nothing from it.
        Err(Error::Nothing { first, .. }) => {
            let gap = Gap {
                what: names(plan).join(", "),
                step: None,
                member: None,
                why: Why::NotFound { url: first },
            };
            return Ok((0, vec![gap]));
        }
        read => read?,
    };
    let messages = std::mem::take(&mut indexed.listing.messages);
    let mapped = merge::map(&indexed.listing.kinds, messages, template);
    let sample = headers::sample_rows(&mapped.messages, &indexed);
    let pair = (template, &sample[..]);
    let proven = headers::prove(store, tables, plan.expected(), &indexed, pair).await?;
    let chosen = vec![true; template.rows.len()];
    let asked = Asked {
        plan,
        template,
        inventory: None,
        chosen: &chosen,
        variables: &[],
    };
    let mut gaps = verdict(asked, &mapped, &indexed).gaps;
    gaps.splice(0..0, indexed.gaps);
    Ok((proven, gaps))
}

/// The published layout: a mapping for each member and hour of a request, see [`per_hour`].
///
/// # Errors
/// As [`build`]; a template of another source.
pub async fn hours(
    store: &impl Store,
    catalog: &Catalog,
    request: &Request,
    template: &Template,
) -> Result<Outcome<Vec<Artifact>>, Error> {
    let plan = Plan::new(catalog, request)?;
    let family = plan.source.published_as.as_ref();
    let family = family.unwrap_or(&plan.source.id);
    let mut outcome = Outcome {
        value: Vec::new(),
        gaps: Vec::new(),
    };
    let reads = plan.objects.iter().map(|object| {
        let urls = (
            join(plan.base(), &object.index_path),
            join(plan.base(), &object.data_path),
        );
        async move {
            let (index, data) = future::join(store.get(&urls.0), store.head(&urls.1)).await;
            (object, urls, index, data)
        }
    });
    let mut reads = stream::iter(reads).buffered(request.concurrency.max(1));
    while let Some((object, (index_url, data_url), index, data)) = reads.next().await {
        let index = match index {
            Ok(index) => index.bytes,
            Err(StoreError::NotFound { url }) => {
                outcome.gaps.push(Gap {
                    what: object.index_path.clone(),
                    step: Some(object.step),
                    member: None,
                    why: Why::NotFound { url },
                });
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        let size = match data {
            Ok(meta) => meta.size,
            Err(StoreError::NotFound { .. }) => None,
            Err(error) => return Err(error.into()),
        };
        let bad = |source| Error::Index {
            url: index_url.clone(),
            source,
        };
        let dialect = Dialect::detect(&index).map_err(|source| Error::NotAnIndex {
            url: index_url.clone(),
            source,
        })?;
        let mut records = index::parse(dialect, &index).map_err(bad)?;
        index::close(&mut records, size).map_err(bad)?;
        for member in &object.members {
            let hour = Hour {
                run: request.run,
                step: object.step,
                member: member.member,
                stream: &object.stream,
                index_url: &index_url,
                data_url: &data_url,
                records: &records,
            };
            let written = per_hour::write(family, &member.name, hour, template);
            let (artifact, found) = written.map_err(|source| Error::PerHour {
                url: index_url.clone(),
                source,
            })?;
            outcome.value.push(artifact);
            let unknown = found.unknown.into_iter().map(|line| Gap {
                what: object.index_path.clone(),
                step: Some(object.step),
                member: Some(member.name.clone()),
                why: Why::NotInTemplate {
                    url: index_url.clone(),
                    line,
                },
            });
            outcome.gaps.extend(unknown);
        }
    }
    Ok(outcome)
}
