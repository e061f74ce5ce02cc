//! Time series over many runs: a chunk index on new axes, in the shape of a deflated store.
//!
//! The library's counterpart of kerchunk's `reinflate_grib_store`, key for key, and right where that is not:
//!
//! - The chunk of a scalar level is `{typeOfLevel}/0`. kerchunk writes `{typeOfLevel}/`, which no reader finds, so that the level
//!   reads as 0.
//! - A `fill_value` of NaN is the text `"NaN"`, as Zarr has it; kerchunk writes a bare `NaN`, which is no JSON.
//! - An array of the old time axes that has lost its chunks (`number`) is left out, and out of the group's `coordinates`. kerchunk
//!   leaves its metadata, and it reads as whatever the memory held.
//! - A group whose level has no array in the store gets one; kerchunk stops at it.
//! - A coordinate is stored as it is, without compressor; kerchunk keeps the compressor of the store (more than 100 values) and puts
//!   plain octets behind it.
//! - Two messages for one place are an error that names both, and so is an axis without a value.

mod axes;
mod coordinate;
mod group;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use crate::keys::{KeysError, RawReference, StoreKeys};
use crate::merge::chunk_index::Chunk;
use crate::time::{Moment, Step};

use axes::Axes;

/// Which messages of many runs make a series, and the axes of its arrays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Aggregation {
    /// The latest forecast that there was at one moment: analyses up to `as_of`, its forecast from then on. Axis: valid time.
    BestAvailable {
        /// The axis.
        valid_times: Vec<Moment>,
        /// The run whose forecast continues the analyses.
        as_of: Moment,
    },
    /// Forecasts of constant lead time. Axes: horizon, valid time.
    Horizon {
        /// The steps of each horizon, repeated along the valid times: `[0 h]`, `[1 h]`, or `[0 min, 15 min, 30 min, 45 min]`.
        horizons: Vec<Vec<Step>>,
        /// The other axis.
        valid_times: Vec<Moment>,
    },
    /// Whole forecasts. Axes: run, step.
    RunTime {
        /// The runs.
        times: Vec<Moment>,
        /// The steps.
        steps: Vec<Step>,
    },
    /// All forecasts of one moment. Axes: valid time, step.
    ValidTime {
        /// The moments.
        valid_times: Vec<Moment>,
        /// The steps.
        steps: Vec<Step>,
    },
}

/// Why chunks make no series.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AggregateError {
    /// Two messages for one place.
    #[error(
        "{array}: two messages of run {time}, step {step}, level {level}: {first} and {second}"
    )]
    Collision {
        /// The array.
        array: String,
        /// The run.
        time: Moment,
        /// The step.
        step: Step,
        /// The level, or `none`.
        level: String,
        /// The one.
        first: String,
        /// The other.
        second: String,
    },
    /// An axis without a value.
    #[error("the axis {axis} is empty")]
    EmptyAxis {
        /// The axis.
        axis: &'static str,
    },
    /// A document of the deflated store is missing or cannot be read.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// Messages with and without a level in one group.
    #[error("{group}: some messages have a level, others have none")]
    Levels {
        /// The group.
        group: String,
    },
    /// An array of the deflated store that has no latitude and longitude.
    #[error("{array}: {found} are no dimensions of a field: two at least are expected")]
    Shape {
        /// The array.
        array: String,
        /// What its metadata says.
        found: String,
    },
}

/// Builds the series: the groups that the chunk index speaks of, with new axes and references.
///
/// `store` is a store whose chunks were taken out but for latitude and longitude (`zarr_tree_store.json.gz`, the deflated-store
/// parquet). A place without a message has no key, and reads as missing values.
pub fn aggregate(
    aggregation: &Aggregation,
    chunks: &[Chunk],
    store: &StoreKeys,
) -> Result<StoreKeys, AggregateError> {
    let axes = Axes::of(aggregation)?;
    let mut groups: BTreeMap<String, Vec<&Chunk>> = BTreeMap::new();
    for chunk in chunks {
        groups.entry(path(chunk)).or_default().push(chunk);
    }
    let mut series = kept(store, &groups);
    for (path, chunks) in &groups {
        group::inflate(&mut series, path, chunks, &axes)?;
    }
    Ok(series)
}

/// `{varname}/{stepType}/{typeOfLevel}`; what a message does not have shortens the path.
fn path(chunk: &Chunk) -> String {
    let parts = [&chunk.var_name, &chunk.step_type, &chunk.type_of_level];
    let parts: Vec<&str> = parts
        .into_iter()
        .map(String::as_str)
        .filter(|part| !part.is_empty())
        .collect();
    parts.join("/")
}

/// The keys of these groups and of the groups above them.
fn kept(store: &StoreKeys, groups: &BTreeMap<String, Vec<&Chunk>>) -> StoreKeys {
    let mut folders = BTreeSet::from([""]);
    for path in groups.keys() {
        let ends = path.match_indices('/').map(|(at, _)| at);
        folders.extend(ends.filter_map(|at| path.get(..at)));
    }
    let keys = store.keys.iter().filter(|(key, _)| {
        let folder = key.rsplit_once('/').map_or("", |(folder, _)| folder);
        let inside = |path: &str| {
            folder
                .strip_prefix(path)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        folders.contains(folder) || groups.keys().any(|path| inside(path))
    });
    StoreKeys {
        keys: keys
            .map(|(key, reference)| (key.clone(), reference.clone()))
            .collect(),
    }
}

/// How a reference is named in an error.
fn place(reference: &RawReference) -> String {
    match reference {
        RawReference::Inline(octets) => format!("{} octets in the index", octets.len()),
        RawReference::Object { url } => url.clone(),
        RawReference::Range { url, span } => json!([url, span.offset, span.length]).to_string(),
    }
}
