//! Builds a store from a tree and the messages found: axes, coordinates, chunk keys.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Array, Chunks, RefStore};
use crate::listing::Location;
use crate::merge::Mapped;
use crate::provenance::Provenance;
use crate::time::{Run, Step, StepRange};
use crate::tree::{Group, Tree};
use crate::zarr::{ArrayMeta, Attributes, Filter};

mod coordinates;
mod horizontal;

pub use horizontal::Horizontal;

/// The codec that decodes a chunk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Codec {
    /// numcodecs `grib`, registered by kerchunk; decodes with ecCodes.
    #[default]
    Grib,
    /// numcodecs `gribberish`.
    Gribberish,
}

impl Codec {
    /// The registered name.
    pub fn id(self) -> &'static str {
        match self {
            Self::Grib => "grib",
            Self::Gribberish => "gribberish",
        }
    }
}

/// Everything that a store is built from.
#[derive(Clone, Copy, Debug)]
pub struct Parts<'a> {
    /// Stage 1.
    pub tree: &'a Tree,
    /// The grids that groups refer to.
    pub grids: &'a [Horizontal],
    /// Stage 2.
    pub messages: &'a [Mapped],
    /// URLs of the objects that messages lie in.
    pub objects: &'a [String],
    /// The run.
    pub run: Run,
    /// The step axis, ascending.
    pub steps: &'a [Step],
    /// The member's number, 0 for the control; `None` for a deterministic model.
    pub number: Option<u32>,
    /// The codec of the data arrays.
    pub codec: Codec,
}

/// Why messages make no store.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// Two messages would be one chunk.
    #[error("{array}: two messages for step {step}, at bytes {first} and {second} of {object}")]
    Collision {
        /// The array.
        array: String,
        /// The step.
        step: Step,
        /// Offset of the one.
        first: u64,
        /// Offset of the other.
        second: u64,
        /// The object of the other.
        object: String,
    },
    /// A message names a place that the tree or the axes do not have.
    #[error("a message at step {step} has no place in the tree (row {row})")]
    NoPlace {
        /// The step.
        step: Step,
        /// The template row.
        row: usize,
    },
}

/// Stage 3. Groups without a message are left out; missing chunks are absent.
pub fn build(parts: Parts<'_>, provenance: Provenance) -> Result<RefStore, BuildError> {
    let mut filled: BTreeMap<usize, Filled> = BTreeMap::new();
    for message in parts.messages {
        place(parts, message, &mut filled)?;
    }
    let mut store = RefStore {
        objects: parts.objects.to_vec(),
        groups: BTreeMap::from([(String::new(), root_attributes(&provenance))]),
        arrays: BTreeMap::new(),
        provenance,
    };
    for (at, filled) in filled {
        let Some(group) = parts.tree.groups.get(at) else {
            continue;
        };
        let Some(grid) = parts.grids.get(group.grid) else {
            continue;
        };
        write_group(parts, group, grid, filled, &mut store);
    }
    Ok(store)
}

/// The messages of one group: the array of its name, and that of its totals.
#[derive(Default)]
struct Filled {
    plain: Option<Cells>,
    total: Option<Cells>,
}

struct Cells {
    locations: Vec<Option<Location>>,
    /// The window of each step, where a message says it.
    windows: Vec<Option<StepRange>>,
}

fn place(
    parts: Parts<'_>,
    message: &Mapped,
    filled: &mut BTreeMap<usize, Filled>,
) -> Result<(), BuildError> {
    let no_place = || BuildError::NoPlace {
        step: message.step,
        row: message.row,
    };
    let place = parts.tree.places.get(message.row).ok_or_else(no_place)?;
    let group = parts.tree.groups.get(place.group).ok_or_else(no_place)?;
    let step = parts
        .steps
        .binary_search(&message.step)
        .map_err(|_| no_place())?;
    let levels = group.levels.len().max(1);
    let filled = filled.entry(place.group).or_default();
    let slot = if place.total {
        &mut filled.total
    } else {
        &mut filled.plain
    };
    let cells = slot.get_or_insert_with(|| Cells {
        locations: vec![None; parts.steps.len() * levels],
        windows: vec![None; parts.steps.len()],
    });
    let cell = cells
        .locations
        .get_mut(step * levels + place.level)
        .ok_or_else(no_place)?;
    if let Some(first) = cell {
        return Err(BuildError::Collision {
            array: group.path(),
            step: message.step,
            first: first.span.offset,
            second: message.location.span.offset,
            object: object_url(parts, message.location),
        });
    }
    *cell = Some(message.location);
    if let Some(window) = cells.windows.get_mut(step) {
        *window = message.window;
    }
    Ok(())
}

fn object_url(parts: Parts<'_>, location: Location) -> String {
    usize::try_from(location.object)
        .ok()
        .and_then(|at| parts.objects.get(at))
        .cloned()
        .unwrap_or_default()
}

fn root_attributes(provenance: &Provenance) -> Attributes {
    let mut attributes = Attributes::new();
    for (name, value) in [
        ("gik_version", &provenance.gik),
        ("gik_source", &provenance.source),
        ("gik_member", &provenance.member),
        ("gik_template", &provenance.template),
    ] {
        attributes.insert(name.to_owned(), json!(value));
    }
    attributes.insert("gik_run".to_owned(), json!(provenance.run.to_string()));
    attributes
}

fn write_group(
    parts: Parts<'_>,
    group: &Group,
    grid: &Horizontal,
    filled: Filled,
    store: &mut RefStore,
) {
    let variable = &group.variable;
    let path = group.path();
    let parent = |depth: usize| path.split('/').take(depth).collect::<Vec<_>>().join("/");
    store
        .groups
        .insert(parent(1), attributes([("name", json!(variable.name))]));
    store.groups.insert(
        parent(2),
        attributes([("stepType", json!(variable.step_type))]),
    );
    let anchor = filled
        .plain
        .iter()
        .chain(&filled.total)
        .flat_map(|cells| cells.locations.iter().flatten())
        .next();
    let coordinates = coordinates::write(parts, group, grid, anchor.copied(), &filled, store);
    let names = json!(coordinates.join(" "));
    let leaf = attributes([
        ("coordinates", names),
        ("typeOfLevel", json!(variable.type_of_level)),
    ]);
    store.groups.insert(path.clone(), leaf);
    let arrays = [
        (variable.var_name.clone(), filled.plain),
        (format!("{}_total", variable.var_name), filled.total),
    ];
    for (name, cells) in arrays {
        if let Some(cells) = cells {
            let array = data_array(parts, group, grid, &name, cells.locations);
            store.arrays.insert(format!("{path}/{name}"), array);
        }
    }
}

fn data_array(
    parts: Parts<'_>,
    group: &Group,
    grid: &Horizontal,
    name: &str,
    locations: Vec<Option<Location>>,
) -> Array {
    let mut dimensions = vec!["step"];
    let mut shape = vec![length(parts.steps.len())];
    if group.has_level_dimension() {
        dimensions.push(&group.variable.type_of_level);
        shape.push(length(group.levels.len()));
    }
    let mut chunks = vec![1; shape.len()];
    dimensions.extend(grid.dimensions());
    shape.extend(grid.shape);
    chunks.extend(grid.shape);
    // A missing message reads as missing values; `null` would read as whatever the memory held.
    let mut meta = ArrayMeta::new(shape, chunks, "<f8", json!("NaN"));
    meta.filters = Some(vec![filter(parts.codec, name)]);
    let mut attributes = variable_attributes(group);
    attributes.extend(grid.attributes.clone());
    attributes.insert("_ARRAY_DIMENSIONS".to_owned(), json!(dimensions));
    if let Some(method) = cell_method(&group.variable.step_type) {
        attributes.insert("cell_methods".to_owned(), json!(format!("step: {method}")));
    }
    Array {
        meta,
        attributes: attributes.into(),
        chunks: Chunks::Messages(locations),
    }
}

fn filter(codec: Codec, var: &str) -> Filter {
    Filter {
        dtype: "float64".to_owned(),
        id: codec.id().to_owned(),
        var: var.to_owned(),
    }
}

fn variable_attributes(group: &Group) -> Attributes {
    let variable = &group.variable;
    let standard_name = variable.standard_name.as_deref().unwrap_or("unknown");
    let mut attributes = attributes([
        ("GRIB_cfName", json!(standard_name)),
        ("GRIB_cfVarName", json!(variable.var_name)),
        ("GRIB_name", json!(variable.name)),
        ("GRIB_shortName", json!(variable.short_name)),
        ("GRIB_stepType", json!(variable.step_type)),
        ("GRIB_typeOfLevel", json!(variable.type_of_level)),
        ("GRIB_units", json!(variable.units)),
        ("long_name", json!(variable.name)),
        ("units", json!(variable.units)),
    ]);
    if let Some(id) = variable.param_id {
        attributes.insert("GRIB_paramId".to_owned(), json!(id));
    }
    if let Some(name) = &variable.standard_name {
        attributes.insert("standard_name".to_owned(), json!(name));
    }
    attributes
}

/// CF's word for a statistic over the window of a step (CF conventions, appendix E).
fn cell_method(step_type: &str) -> Option<&'static str> {
    match step_type {
        "accum" => Some("sum"),
        "avg" => Some("mean"),
        "max" => Some("maximum"),
        "min" => Some("minimum"),
        "sd" => Some("standard_deviation"),
        _ => None,
    }
}

fn attributes<const N: usize>(pairs: [(&str, Value); N]) -> Attributes {
    pairs
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// A length as Zarr counts it.
fn length(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
