//! Stage 0 as a job: the template of a source, built from one of its runs.

use serde::{Deserialize, Serialize};

use super::plan::{Plan, Request};
use super::{Event, Outcome};
use crate::error::Error;
use crate::grib::naming::Tables;
use crate::source::Catalog;
use crate::store::Store;
use crate::template::Template;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateJob {
    /// The run, and one member of each stream whose messages the template is to know.
    pub requests: Vec<Request>,
}

/// Reads indexes and headers, and builds the template of the requests' source.
///
/// # Errors
/// Where messages contradict their index, each other or the template's shape; where nothing is there.
pub async fn build(
    store: &impl Store,
    catalog: &Catalog,
    tables: &Tables,
    job: &TemplateJob,
    events: &mut dyn FnMut(Event),
) -> Result<Outcome<Option<Template>>, Error> {
    let mut outcome: Outcome<Option<Template>> = Outcome {
        value: None,
        gaps: Vec::new(),
    };
    for request in &job.requests {
        let plan = Plan::new(catalog, request)?;
        let indexed = plan.read(store, events).await?;
        let template = plan.learn(store, tables, &indexed, events).await?;
        outcome.gaps.extend(indexed.gaps);
        match &mut outcome.value {
            Some(whole) => whole.add(template),
            none => *none = Some(template),
        }
    }
    Ok(outcome)
}
