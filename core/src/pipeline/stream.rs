//! Values: the messages of members of a run are read as far as they are needed, decoded, cut, and put together.
//!
//! Messages are listed step by step, variable by variable and member by member, and fed to their statistics in that order,
//! whatever arrives first: no bit of the result depends on the network. Memory is that of the result, of what is in flight, and of
//! the members of one variable and step where quantiles are asked for.

mod assemble;
mod decode;
mod fetch;
mod inputs;
mod layout;
pub mod part;
mod plan;

use std::sync::Arc;

use futures_util::stream::{self, StreamExt};
use serde::{Deserialize, Serialize};

pub use decode::{Buffers, DecodeJob, Decoder, Inline, decode};
pub use inputs::{Collapsed, Inputs, MemberStore, Sought, from_refs, from_source};
pub use layout::{Layout, Stamp};

use super::{Event, Gap, Outcome, Why};
use crate::dataset::Dataset;
use crate::ensemble::region::{Bounds, Cut};
use crate::ensemble::stats::Statistic;
use crate::error::Error;
use crate::grib::naming::Tables;
use crate::product::Wanted;
use crate::store::{Counted, Requests, Store};
use assemble::Assembly;
use fetch::Fetcher;
use plan::Plan;

/// What is made of the messages.
#[derive(Clone, Debug, PartialEq)]
pub struct StreamJob {
    /// The variables, in the order of the result.
    pub variables: Vec<Wanted>,
    /// The box; the whole grid where there is none.
    pub region: Option<Bounds>,
    /// What is said of the members; empty for the members themselves.
    pub statistics: Vec<Statistic>,
    /// Whether totals and buckets become amounts between one step and the next.
    pub deaccumulate: bool,
    /// Members that a variable must have at a step; all by default.
    pub min_members: Option<usize>,
    /// Whether the level of references that name none is looked up in their messages.
    pub verify_level: bool,
    /// How the archive is read.
    pub reading: Reading,
}

/// How the archive is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// Ranges that are read at once.
    pub concurrency: usize,
    /// Bytes between two ranges that are read too, to ask once for both.
    pub gap: u64,
    /// Bytes of the largest range that is put together.
    pub largest: u64,
}

impl Default for Reading {
    fn default() -> Self {
        Self {
            concurrency: 32,
            gap: 64 << 10,
            largest: 8 << 20,
        }
    }
}

/// What was made.
#[derive(Clone, Debug, PartialEq)]
pub struct Streamed {
    /// The values.
    pub dataset: Dataset,
    /// What it took, in numbers.
    pub report: StreamReport,
}

/// What it took.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StreamReport {
    /// The run, as `2026-07-06T00:00:00`.
    pub run: String,
    /// Names of the variables.
    pub variables: Vec<String>,
    /// Steps of the result, in hours as ecCodes writes them.
    pub steps: Vec<String>,
    /// Members asked for.
    pub members: usize,
    /// Points of a field of the result.
    pub points: usize,
    /// Messages that were decoded.
    pub messages: usize,
    /// Full length of these messages.
    pub bytes_messages: u64,
    /// Bytes of messages that were read.
    pub bytes_fetched: u64,
    /// What was asked of the archive for values.
    pub requests: Requests,
    /// What was asked of it before, for indexes and headers.
    pub requests_before: Requests,
}

/// Reads, decodes and puts together.
///
/// A message that is missing or cannot be decoded is a gap, and its member does not count for that variable and step; where fewer members
/// count than must, the values are missing and a gap says so.
///
/// # Errors
/// Whatever would make the result wrong: a message that is not the one that was asked for, variables on different grids, units
/// that nobody can convert.
pub async fn run(
    store: &impl Store,
    tables: &Tables,
    inputs: Inputs,
    (job, stamp): (&StreamJob, &Stamp),
    decoder: &impl Decoder,
    events: &mut dyn FnMut(Event),
) -> Result<Outcome<Streamed>, Error> {
    let read = read(store, tables, (&inputs, job), None, decoder, events).await?;
    let dataset = layout::dataset(&read.plan, &inputs, job, (read.results, stamp));
    Ok(Outcome {
        value: Streamed {
            dataset,
            report: read.report,
        },
        gaps: read.gaps,
    })
}

/// What was read and put together, not yet laid out.
struct Read {
    plan: Plan,
    /// All outputs of the job, those that were left out too.
    all: Vec<plan::Output>,
    /// One for each output of the plan.
    results: Vec<assemble::Completed>,
    /// Gaps that all parts of a job know.
    shared: usize,
    gaps: Vec<Gap>,
    report: StreamReport,
}

/// Reads all outputs of a job, or those of a portion of it.
async fn read(
    store: &impl Store,
    tables: &Tables,
    (inputs, job): (&Inputs, &StreamJob),
    portion: Option<&part::Portion>,
    decoder: &impl Decoder,
    events: &mut dyn FnMut(Event),
) -> Result<Read, Error> {
    let store = &Counted::new(store);
    let fetcher = Fetcher {
        store,
        tables,
        run: inputs.run,
        decoder,
    };
    let mut gaps = inputs.gaps.clone();
    let mut plan = Plan::new(&fetcher, inputs, job, &mut gaps).await?;
    let shared = gaps.len();
    let all = plan.outputs.clone();
    if let Some(portion) = portion {
        plan.keep(|output, variable| portion.has(job, output, variable));
    }
    let before = store.requests();
    let ranges = plan.ranges(job.reading);
    events(Event::Messages {
        messages: u32::try_from(plan.jobs.len()).unwrap_or(u32::MAX),
        ranges: u32::try_from(ranges.len()).unwrap_or(u32::MAX),
    });
    let mut assembly = Assembly::new(&plan, inputs, job);
    {
        let (fetcher, plan) = (&fetcher, &plan);
        let reads = ranges
            .iter()
            .map(|range| async move { fetcher.range(plan, range).await });
        let mut reads = stream::iter(reads).buffered(job.reading.concurrency.max(1));
        while let Some(fields) = reads.next().await {
            for (at, field) in fields? {
                assembly.arrived(at, field, &mut gaps);
            }
        }
    }
    let read = store.requests();
    let report = StreamReport {
        run: inputs.run.to_string(),
        variables: plan.variables.iter().map(|it| it.name.clone()).collect(),
        steps: inputs.steps.iter().map(ToString::to_string).collect(),
        members: inputs.members.len(),
        points: plan.cut.points(),
        messages: assembly.messages,
        bytes_messages: assembly.bytes_messages,
        bytes_fetched: read.bytes.saturating_sub(before.bytes),
        requests: Requests {
            heads: read.heads.saturating_sub(before.heads),
            gets: read.gets.saturating_sub(before.gets),
            ranges: read.ranges.saturating_sub(before.ranges),
            bytes: read.bytes.saturating_sub(before.bytes),
        },
        requests_before: Requests {
            heads: before.heads + inputs.requests.heads,
            gets: before.gets + inputs.requests.gets,
            ranges: before.ranges + inputs.requests.ranges,
            bytes: before.bytes + inputs.requests.bytes,
        },
    };
    let results = assembly.results;
    Ok(Read {
        plan,
        all,
        results,
        shared,
        gaps,
        report,
    })
}

/// A field that was read, cut out and in the order of its grid's rows; or why there is none.
type Cutout = Result<Field, Why>;

/// A field that was read, with the length of its message.
#[derive(Debug)]
struct Field {
    values: Vec<f32>,
    length: u64,
}

/// The cut that all variables share.
type SharedCut = Arc<Cut>;

/// A gap of one variable.
fn gap(what: &str, step: crate::time::Step, member: Option<&str>, why: Why) -> Gap {
    Gap {
        what: what.to_owned(),
        step: Some(step),
        member: member.map(str::to_owned),
        why,
    }
}
