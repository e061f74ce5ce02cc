//! What stands in a group of a repository, and whether a run fits into it.

use std::collections::BTreeMap;

use ::icechunk::format::manifest::ChunkPayload;
use ::icechunk::format::snapshot::{NodeData, NodeSnapshot};
use ::icechunk::format::{ChunkIndices, Path};
use ::icechunk::session::Session;
use bytes::Bytes;
use futures_util::stream::{self, StreamExt};
use gik_core::output::series::{
    Content, NUMBER, STEP, Slice, SliceArray, TIME, TIME_CHUNK, doubles, integers,
};
use serde_json::Value;

use super::RepositoryError;
use super::place::Place;

/// Coordinates that are read at once.
const READS: usize = 32;

/// The runs of one source, era and structure.
pub(super) struct Group {
    /// Its path, without a slash in front.
    pub(super) path: String,
    /// Its nodes by path below it; none of one that is to be made.
    pub(super) nodes: BTreeMap<String, NodeSnapshot>,
    /// Its runs, in seconds since 1970, in the order in which they were appended.
    pub(super) times: Vec<i64>,
    pub(super) steps: Vec<f64>,
    pub(super) numbers: Vec<i64>,
    /// Where the steps and members of the run stand.
    pub(super) places: Places,
}

/// Where the steps and members of a run stand on the axes of a group.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Places {
    pub(super) steps: Vec<u32>,
    pub(super) numbers: Vec<u32>,
}

/// Whether a group takes a run.
pub(super) enum Fit {
    Takes(Places),
    /// Why not.
    Differs(String),
}

impl Group {
    /// A group that is to be made for a run.
    pub(super) fn new(path: String, slice: &Slice<'_>) -> Self {
        let all = |count: usize| (0..).take(count).collect();
        Self {
            path,
            nodes: BTreeMap::new(),
            times: Vec::new(),
            steps: slice.steps.clone(),
            numbers: slice.numbers.clone(),
            places: Places {
                steps: all(slice.steps.len()),
                numbers: all(slice.numbers.len()),
            },
        }
    }

    pub(super) fn is_new(&self) -> bool {
        self.nodes.is_empty()
    }

    /// What stands at a path, if anything.
    pub(super) async fn read(
        session: &Session,
        place: &Place,
        path: &str,
    ) -> Result<Option<Self>, RepositoryError> {
        let unreadable = |error| place.failed("cannot be read", error);
        let parent = node_path(place, path, "")?;
        if session.get_node(&parent).await.is_err() {
            return Ok(None);
        }
        let prefix = format!("/{path}/");
        let mut nodes = BTreeMap::new();
        let listed = session.list_nodes(&parent).await;
        for node in listed.map_err(|error| unreadable(error.into()))? {
            let node = node.map_err(|error| unreadable(error.into()))?;
            let full = node.path.to_string();
            if let Some(relative) = full.strip_prefix(&prefix) {
                nodes.insert(relative.to_owned(), node);
            }
        }
        let mut group = Self {
            path: path.to_owned(),
            nodes,
            times: Vec::new(),
            steps: Vec::new(),
            numbers: Vec::new(),
            places: Places::default(),
        };
        let runs = group.length(place, TIME, 0)?;
        for chunk in 0..runs.div_ceil(TIME_CHUNK) {
            let octets = group.octets(session, place, TIME, &[chunk]).await?;
            group.times.extend(integers(&octets));
        }
        group.times.truncate(usize::try_from(runs).unwrap_or(0));
        group.steps = doubles(&group.octets(session, place, STEP, &[0]).await?);
        if group.nodes.contains_key(NUMBER) {
            group.numbers = integers(&group.octets(session, place, NUMBER, &[0]).await?);
        }
        Ok(Some(group))
    }

    /// Whether a run fits, and where.
    pub(super) async fn fit(
        &self,
        session: &Session,
        place: &Place,
        slice: &Slice<'_>,
    ) -> Result<Fit, RepositoryError> {
        let steps = positions(&slice.steps, &self.steps);
        let numbers = positions(&slice.numbers, &self.numbers);
        let places = match (steps, numbers) {
            (Err(step), _) => return Ok(Fit::Differs(format!("it has no step {step} h"))),
            (_, Err(number)) => return Ok(Fit::Differs(format!("it has no member {number}"))),
            (Ok(_), Ok(_)) if slice.numbers.is_empty() != self.numbers.is_empty() => {
                return Ok(Fit::Differs(
                    "one has members, the other has none".to_owned(),
                ));
            }
            (Ok(steps), Ok(numbers)) => Places { steps, numbers },
        };
        let mut coordinates = Vec::new();
        for (path, array) in &slice.arrays {
            let Some(node) = self.nodes.get(path) else {
                continue;
            };
            let there = self.document(place, path, node)?;
            let new: Value = serde_json::from_str(&array.document(name_of(path), &array.shape))
                .unwrap_or_default();
            let pair = [&there, &new].map(SliceArray::structure);
            if let Some(what) = difference(&pair) {
                return Ok(Fit::Differs(format!("{path}: {what}")));
            }
            let is_axis = [STEP, NUMBER].contains(&name_of(path));
            if let Content::Fixed(octets) = &array.content
                && !is_axis
            {
                let origin = vec![0; array.shape.len()];
                coordinates.push(async move {
                    let there = self.octets(session, place, path, &origin).await?;
                    Ok::<_, RepositoryError>((path, there == **octets))
                });
            }
        }
        let mut coordinates = stream::iter(coordinates).buffered(READS);
        while let Some(compared) = coordinates.next().await {
            if let (path, false) = compared? {
                return Ok(Fit::Differs(format!("{path} has other values")));
            }
        }
        Ok(Fit::Takes(places))
    }

    /// The `zarr.json` of a node.
    pub(super) fn document(
        &self,
        place: &Place,
        path: &str,
        node: &NodeSnapshot,
    ) -> Result<Value, RepositoryError> {
        let document = serde_json::from_slice(&node.user_data);
        document.map_err(|error| self.wrong(place, path, error.to_string()))
    }

    /// Length of an array along an axis.
    fn length(&self, place: &Place, path: &str, axis: usize) -> Result<u64, RepositoryError> {
        let shape = self.nodes.get(path).and_then(|node| match &node.node_data {
            NodeData::Array { shape, .. } if axis < shape.len() => shape.get(axis),
            _ => None,
        });
        let shape =
            shape.ok_or_else(|| self.wrong(place, path, "it is no such array".to_owned()))?;
        Ok(shape.array_length())
    }

    /// A chunk that the repository itself holds.
    pub(super) async fn octets(
        &self,
        session: &Session,
        place: &Place,
        path: &str,
        chunk: &[u64],
    ) -> Result<Bytes, RepositoryError> {
        let chunk = chunk
            .iter()
            .map(|it| u32::try_from(*it).unwrap_or(u32::MAX));
        let indices = ChunkIndices(chunk.collect());
        let full = node_path(place, &self.path, path)?;
        let payload = session.get_chunk_ref(&full, &indices).await;
        match payload.map_err(|error| place.failed("cannot be read", error.into()))? {
            Some(ChunkPayload::Inline(octets)) => Ok(octets),
            _ => Err(self.wrong(place, path, "its values are not in the manifest".to_owned())),
        }
    }

    fn wrong(&self, place: &Place, path: &str, found: String) -> RepositoryError {
        RepositoryError::Node {
            place: place.to_string(),
            path: format!("{}/{path}", self.path),
            found,
        }
    }
}

/// A path as Icechunk has it.
pub(super) fn node_path(place: &Place, group: &str, path: &str) -> Result<Path, RepositoryError> {
    let full = match (group, path) {
        ("", path) => format!("/{path}"),
        (group, "") => format!("/{group}"),
        (group, path) => format!("/{group}/{path}"),
    };
    Path::try_from(full.as_str())
        .map_err(|error| place.failed("cannot have such a path", error.into()))
}

/// Where values stand on an axis; the first that does not.
fn positions<T: Copy + PartialEq>(values: &[T], axis: &[T]) -> Result<Vec<u32>, T> {
    let position = |value: &T| {
        let at = axis.iter().position(|known| known == value);
        at.and_then(|at| u32::try_from(at).ok()).ok_or(*value)
    };
    values.iter().map(position).collect()
}

/// What differs between two structures, both of them named.
fn difference([there, new]: &[Value; 2]) -> Option<String> {
    if there == new {
        return None;
    }
    for (name, value) in new.as_object().into_iter().flatten() {
        let known = there.get(name).unwrap_or(&Value::Null);
        if known == value {
            continue;
        }
        if name == "attributes" {
            let names = value.as_object().into_iter().flatten();
            for (name, value) in names {
                let known = known.get(name).unwrap_or(&Value::Null);
                if known != value {
                    return Some(format!("{name} is {known} there and {value} here"));
                }
            }
        }
        return Some(format!("{name} is {known} there and {value} here"));
    }
    Some("they are described by other words".to_owned())
}

pub(super) fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_may_have_fewer_steps_and_not_others() {
        assert_eq!(
            positions(&[3.0, 9.0], &[0.0, 3.0, 6.0, 9.0]),
            Ok(vec![1, 3])
        );
        assert_eq!(positions(&[3.0, 4.0], &[0.0, 3.0]), Err(4.0));
    }
}
