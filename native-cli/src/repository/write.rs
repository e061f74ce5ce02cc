//! One run into a group: documents, coordinates and references, and the commit.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use ::icechunk::Store;
use ::icechunk::format::manifest::{Checksum, ChunkPayload, VirtualChunkLocation, VirtualChunkRef};
use ::icechunk::format::snapshot::{ArrayShape, DimensionName, NodeData};
use ::icechunk::format::{ChunkIndices, Path};
use ::icechunk::session::Session;
use ::icechunk::store::SetVirtualRefsResult;
use bytes::Bytes;
use gik_core::listing::Location;
use gik_core::output::OutputError;
use gik_core::output::series::{
    Content, NUMBER, SERIALIZER, STEP, Slice, SliceArray, TIME, TIME_CHUNK, doubles, group_document,
};
use gik_core::zarr::Attributes;
use serde_json::{Value, json};
use tokio::sync::RwLock;

use super::RepositoryError;
use super::group::{Group, name_of, node_path};
use super::place::Place;

/// Arrays whose manifests are written at once.
const MANIFESTS: usize = 16;
const SECONDS_OF_AN_HOUR: f64 = 3_600.0;

/// A run on its way into a group.
pub(super) struct Writer<'a> {
    pub(super) repository: &'a ::icechunk::Repository,
    pub(super) place: &'a Place,
    pub(super) group: &'a Group,
    pub(super) slice: &'a Slice<'a>,
    /// What a reference to each object of the store begins with.
    pub(super) objects: Vec<(VirtualChunkLocation, Option<Checksum>)>,
}

/// How the run of a repository differs from one that is to be written.
#[derive(Default)]
pub(super) struct Compared {
    pub(super) difference: Option<String>,
    /// References that the new run does not have, by array.
    pub(super) stale: Vec<(String, Vec<ChunkIndices>)>,
}

/// A session with a run in it that is not committed yet.
pub(super) struct Written<'a> {
    session: Session,
    place: &'a Place,
}

type References = Vec<(ChunkIndices, VirtualChunkRef)>;

impl<'a> Writer<'a> {
    /// Holds the references of a run that is there against the new ones.
    pub(super) async fn compare(&self, time: usize) -> Result<Compared, RepositoryError> {
        let mut compared = Compared::default();
        for (path, node) in &self.group.nodes {
            let NodeData::Array {
                manifests,
                dimension_names: Some(names),
                ..
            } = &node.node_data
            else {
                continue;
            };
            let document = self.group.document(self.place, path, node)?;
            let on_time = names.first() == Some(&DimensionName::Name(TIME.to_owned()));
            if !on_time || document.pointer("/codecs/0/name") != Some(&json!(SERIALIZER)) {
                continue;
            }
            let at = u32::try_from(time).unwrap_or(u32::MAX);
            let new = match self.slice.arrays.get(path) {
                Some(array) => self.references(path, array, at)?,
                None => Vec::new(),
            };
            let mut new: HashMap<ChunkIndices, VirtualChunkRef> = new.into_iter().collect();
            let mut stale = Vec::new();
            for manifest in manifests {
                let extents = manifest.extents.iter().next();
                if extents.is_some_and(|range| !range.contains(&at)) {
                    continue;
                }
                let assets = self.repository.asset_manager();
                let found = assets.fetch_manifest_unknown_size(path, &manifest.object_id);
                let found = found.await.map_err(|error| self.unreadable(error.into()))?;
                let cells = found.iter(node.id.clone());
                for cell in cells.map_err(|error| self.unreadable(error.into()))? {
                    let (indices, there) = cell.map_err(|error| self.unreadable(error.into()))?;
                    if indices.0.first() != Some(&at) {
                        continue;
                    }
                    let here = new.remove(&indices).map(ChunkPayload::Virtual);
                    if here.as_ref() != Some(&there) {
                        compared.difference.get_or_insert_with(|| {
                            let [there, here] = [Some(&there), here.as_ref()].map(told);
                            format!(
                                "chunk {:?} of {path} is {there} there and {here} here",
                                indices.0
                            )
                        });
                    }
                    if here.is_none() {
                        stale.push(indices);
                    }
                }
            }
            if let Some((indices, here)) = new.into_iter().next() {
                let here = ChunkPayload::Virtual(here);
                compared.difference.get_or_insert_with(|| {
                    let here = told(Some(&here));
                    format!(
                        "chunk {:?} of {path} is not there, and {here} here",
                        indices.0
                    )
                });
            }
            if !stale.is_empty() {
                compared.stale.push((path.clone(), stale));
            }
        }
        let missing = self.slice.arrays.iter().find(|(path, array)| {
            matches!(array.content, Content::Messages(_)) && !self.group.nodes.contains_key(*path)
        });
        if let Some((path, _)) = missing {
            let what = || format!("there is no {path} yet");
            compared.difference.get_or_insert_with(what);
        }
        Ok(compared)
    }

    /// Puts the run at a place along `time`, which is one behind the last or that of a run which it replaces.
    pub(super) async fn write(
        &mut self,
        session: Session,
        time: usize,
        stale: Vec<(String, Vec<ChunkIndices>)>,
    ) -> Result<Written<'a>, RepositoryError> {
        let mut times = self.group.times.clone();
        if time == times.len() {
            times.push(self.slice.time);
        }
        let session = Arc::new(RwLock::new(session));
        let store = Store::from_session(Arc::clone(&session)).await;
        {
            let mut session = session.write().await;
            self.groups(&mut session).await?;
            self.grow(&mut session, times.len()).await?;
            for (path, indices) in stale {
                let full = self.path(&path)?;
                let deleted = session.delete_chunks(&full, indices).await;
                deleted.map_err(|error| self.unwritable(error.into()))?;
            }
            for (path, array) in &self.slice.arrays {
                if !self.group.nodes.contains_key(path) {
                    self.array(&mut session, path, array, times.len()).await?;
                }
                self.values(&mut session, path, array, (time, &times))
                    .await?;
            }
            self.coordinates_of_others(&mut session, (time, &times))
                .await?;
        }
        for (path, array) in &self.slice.arrays {
            let references = match array.content {
                Content::Messages(_) => {
                    let time = u32::try_from(time).unwrap_or(u32::MAX);
                    self.references(path, array, time)?
                }
                Content::FixedMessage(location) if !self.group.nodes.contains_key(path) => {
                    let origin = ChunkIndices(vec![0; array.shape.len()]);
                    vec![(origin, self.reference(path, 0, location)?)]
                }
                _ => continue,
            };
            let full = self.path(path)?;
            let set = store.set_virtual_refs(&full, false, references);
            match set.await {
                Ok(SetVirtualRefsResult::Done) => {}
                Ok(_) => return Err(self.unwritable("an address was refused".into())),
                Err(error) => return Err(self.unwritable(error.into())),
            }
        }
        drop(store);
        let session = Arc::into_inner(session).map(RwLock::into_inner);
        Ok(Written {
            session: session.ok_or_else(|| self.unwritable("the session is in use".into()))?,
            place: self.place,
        })
    }

    /// Groups that are not there yet, from the root down.
    async fn groups(&self, session: &mut Session) -> Result<(), RepositoryError> {
        let none = Attributes::new();
        let mut parents: Vec<String> = vec![String::new()];
        let parts: Vec<&str> = self.group.path.split('/').collect();
        parents.extend((1..parts.len()).filter_map(|depth| Some(parts.get(..depth)?.join("/"))));
        for parent in parents {
            let path = node_path(self.place, &parent, "")?;
            self.group_node(session, path, &none).await?;
        }
        for (relative, attributes) in &self.slice.groups {
            self.group_node(session, self.path(relative)?, attributes)
                .await?;
        }
        Ok(())
    }

    async fn group_node(
        &self,
        session: &mut Session,
        path: Path,
        attributes: &Attributes,
    ) -> Result<(), RepositoryError> {
        if session.get_node(&path).await.is_ok() {
            return Ok(());
        }
        let added = session.add_group(path, group_document(attributes).into());
        added.await.map_err(|error| self.unwritable(error.into()))
    }

    /// Makes every array of the group as long as there are runs.
    async fn grow(&self, session: &mut Session, runs: usize) -> Result<(), RepositoryError> {
        for (path, node) in &self.group.nodes {
            let NodeData::Array {
                shape,
                dimension_names,
                ..
            } = &node.node_data
            else {
                continue;
            };
            let names = dimension_names.as_deref().unwrap_or_default();
            if names.first() != Some(&DimensionName::Name(TIME.to_owned())) {
                continue;
            }
            let mut document = self.group.document(self.place, path, node)?;
            let length = u64::try_from(runs).unwrap_or(u64::MAX);
            let lengths = shape.iter().enumerate().map(|(axis, one)| match axis {
                0 => length,
                _ => one.array_length(),
            });
            let lengths: Vec<u64> = lengths.collect();
            let chunk = document.pointer("/chunk_grid/configuration/chunk_shape/0");
            let chunk = chunk.and_then(Value::as_u64).unwrap_or(1).max(1);
            let counts = shape.iter().enumerate().map(|(axis, one)| match axis {
                0 => u32::try_from(length.div_ceil(chunk)).unwrap_or(u32::MAX),
                _ => one.num_chunks(),
            });
            let shape = ArrayShape::new(lengths.iter().copied().zip(counts));
            let shape = shape.ok_or_else(|| self.unwritable("a length is too great".into()))?;
            if let Some(said) = document.get_mut("shape") {
                *said = json!(lengths);
            }
            let names = dimension_names.clone();
            let (path, text) = (self.path(path)?, document.to_string());
            let updated = session.update_array(&path, shape, names, text.into()).await;
            updated.map_err(|error| self.unwritable(error.into()))?;
        }
        Ok(())
    }

    /// An array that is not there yet; runs before this one have nothing in it.
    async fn array(
        &self,
        session: &mut Session,
        path: &str,
        array: &SliceArray<'_>,
        runs: usize,
    ) -> Result<(), RepositoryError> {
        let lengths = self.shape(array, runs);
        let counts = array.grid(&lengths).into_iter();
        let counts = counts.map(|count| u32::try_from(count).unwrap_or(u32::MAX));
        let shape = ArrayShape::new(lengths.iter().copied().zip(counts));
        let shape = shape.ok_or_else(|| self.unwritable("a length is too great".into()))?;
        let names = array.dimensions.iter();
        let names = names
            .map(|name| DimensionName::Name(name.clone()))
            .collect();
        let document = array.document(name_of(path), &lengths);
        let added = session.add_array(self.path(path)?, shape, Some(names), document.into());
        added.await.map_err(|error| self.unwritable(error.into()))
    }

    /// The shape of an array in this group, once there are so many runs.
    fn shape(&self, array: &SliceArray<'_>, runs: usize) -> Vec<u64> {
        let length = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        let each = array.dimensions.iter().zip(&array.shape);
        each.map(|(name, own)| match name.as_str() {
            TIME => length(runs),
            STEP => length(self.group.steps.len()),
            NUMBER => length(self.group.numbers.len()),
            _ => *own,
        })
        .collect()
    }

    /// The chunks of coordinates that this run adds, or all of them where the array is new.
    async fn values(
        &self,
        session: &mut Session,
        path: &str,
        array: &SliceArray<'_>,
        (time, times): (usize, &[i64]),
    ) -> Result<(), RepositoryError> {
        let is_new = !self.group.nodes.contains_key(path);
        let one = || vec![(vec![time], times.get(time).copied())];
        let all = || {
            let each = times.iter().enumerate();
            each.map(|(at, run)| (vec![at], Some(*run)))
                .collect::<Vec<_>>()
        };
        let chunks: Vec<(Vec<usize>, Bytes)> = match &array.content {
            Content::Fixed(octets) if is_new => {
                let octets = match name_of(path) {
                    STEP => little_endian(&self.group.steps),
                    NUMBER => {
                        let numbers = self.group.numbers.iter();
                        numbers.flat_map(|it| it.to_le_bytes()).collect()
                    }
                    _ => Bytes::clone(octets),
                };
                vec![(vec![0; array.shape.len()], octets)]
            }
            Content::Time => self.time_chunks(times, (!is_new).then_some(time)),
            Content::ValidTime => {
                let runs = if is_new { all() } else { one() };
                runs.into_iter()
                    .filter_map(|(at, run)| Some(([at, vec![0]].concat(), self.valid_times(run?))))
                    .collect()
            }
            Content::Windows(octets) => {
                let mut at = vec![time];
                at.resize(array.shape.len(), 0);
                vec![(at, self.windows(path, octets)?)]
            }
            Content::Fixed(_) | Content::FixedMessage(_) | Content::Messages(_) => Vec::new(),
        };
        self.put(session, path, chunks).await
    }

    /// Coordinates of groups that this run has nothing in: they have its time all the same.
    async fn coordinates_of_others(
        &self,
        session: &mut Session,
        (time, times): (usize, &[i64]),
    ) -> Result<(), RepositoryError> {
        let others = self.group.nodes.keys();
        for path in others.filter(|path| !self.slice.arrays.contains_key(*path)) {
            let chunks = match (name_of(path), times.get(time)) {
                (TIME, _) => self.time_chunks(times, Some(time)),
                ("valid_time", Some(run)) => vec![(vec![time, 0], self.valid_times(*run))],
                _ => continue,
            };
            self.put(session, path, chunks).await?;
        }
        Ok(())
    }

    async fn put(
        &self,
        session: &mut Session,
        path: &str,
        chunks: Vec<(Vec<usize>, Bytes)>,
    ) -> Result<(), RepositoryError> {
        for (at, octets) in chunks {
            let at = at
                .into_iter()
                .map(|it| u32::try_from(it).unwrap_or(u32::MAX));
            let payload = Some(ChunkPayload::Inline(octets));
            let indices = ChunkIndices(at.collect());
            let set = session.set_chunk_ref(self.path(path)?, indices, payload);
            set.await.map_err(|error| self.unwritable(error.into()))?;
        }
        Ok(())
    }

    /// Chunks of the axis of runs: that of one run, or all.
    fn time_chunks(&self, times: &[i64], only: Option<usize>) -> Vec<(Vec<usize>, Bytes)> {
        let length = usize::try_from(TIME_CHUNK).unwrap_or(1);
        let chunks = times.chunks(length).enumerate();
        let wanted = chunks.filter(|(at, _)| only.is_none_or(|run| run / length == *at));
        let octets = wanted.map(|(at, runs)| {
            let mut octets: Vec<u8> = runs.iter().flat_map(|it| it.to_le_bytes()).collect();
            // A chunk is whole, however short the array.
            octets.resize(length * 8, 0);
            (vec![at], octets.into())
        });
        octets.collect()
    }

    fn valid_times(&self, run: i64) -> Bytes {
        let seconds = self.group.steps.iter().map(|hours| {
            #[expect(
                clippy::as_conversions,
                reason = "steps are whole seconds far below 2^53"
            )]
            let seconds = (hours * SECONDS_OF_AN_HOUR).round() as i64;
            run + seconds
        });
        seconds.flat_map(i64::to_le_bytes).collect()
    }

    /// Values of this run's steps at their places on the group's axis; the other places have none.
    fn windows(&self, path: &str, octets: &Bytes) -> Result<Bytes, RepositoryError> {
        let values = doubles(octets);
        let each = values.len() / self.slice.steps.len().max(1);
        let mut placed = vec![f64::NAN; self.group.steps.len() * each];
        for (values, step) in values.chunks(each.max(1)).zip(&self.group.places.steps) {
            let start = usize::try_from(*step)
                .unwrap_or(usize::MAX)
                .saturating_mul(each);
            let target = placed.get_mut(start..start.saturating_add(each));
            let target = target.filter(|target| target.len() == values.len());
            let wrong = || OutputError::Shape {
                array: path.to_owned(),
                values: octets.len() / 8,
            };
            target.ok_or_else(wrong)?.copy_from_slice(values);
        }
        Ok(little_endian(&placed))
    }

    /// The references of an array's messages, at their places on the axes of the group.
    fn references(
        &self,
        path: &str,
        array: &SliceArray<'_>,
        time: u32,
    ) -> Result<References, RepositoryError> {
        let Content::Messages(cells) = array.content else {
            return Ok(Vec::new());
        };
        let grid = array.grid(&array.shape);
        // Without `time`, which is one.
        let axes: Vec<(Option<&[u32]>, usize)> = array
            .dimensions
            .iter()
            .zip(&grid)
            .skip(1)
            .map(|(name, count)| {
                let places = match name.as_str() {
                    STEP => Some(self.group.places.steps.as_slice()),
                    NUMBER => Some(self.group.places.numbers.as_slice()),
                    _ => None,
                };
                (places, usize::try_from(*count).unwrap_or(1).max(1))
            })
            .collect();
        let mut references = Vec::with_capacity(cells.len());
        for (position, cell) in cells.iter().enumerate() {
            let Some(location) = cell else { continue };
            let mut indices = vec![time; axes.len() + 1];
            let mut rest = position;
            for (index, (places, count)) in indices.iter_mut().skip(1).zip(&axes).rev() {
                let at = rest % count;
                rest /= count;
                let place = match places {
                    Some(places) => places.get(at).copied(),
                    None => u32::try_from(at).ok(),
                };
                *index = place.unwrap_or(u32::MAX);
            }
            let reference = self.reference(path, position, *location)?;
            references.push((ChunkIndices(indices), reference));
        }
        Ok(references)
    }

    fn reference(
        &self,
        path: &str,
        chunk: usize,
        location: Location,
    ) -> Result<VirtualChunkRef, RepositoryError> {
        let object = usize::try_from(location.object).ok();
        let object = object.and_then(|at| self.objects.get(at));
        let (url, checksum) = object.ok_or_else(|| OutputError::UnknownObject {
            array: path.to_owned(),
            chunk,
            object: location.object,
            objects: self.objects.len(),
        })?;
        Ok(VirtualChunkRef {
            location: url.clone(),
            offset: location.span.offset,
            length: location.span.length,
            checksum: checksum.clone(),
        })
    }

    fn path(&self, relative: &str) -> Result<Path, RepositoryError> {
        node_path(self.place, &self.group.path, relative)
    }

    fn unreadable(&self, source: Box<dyn std::error::Error + Send + Sync>) -> RepositoryError {
        self.place.failed("cannot be read", source)
    }

    fn unwritable(&self, source: Box<dyn std::error::Error + Send + Sync>) -> RepositoryError {
        self.place.failed("cannot be written", source)
    }
}

impl Written<'_> {
    /// Commits the run, and returns the snapshot's id.
    pub(super) async fn commit(
        mut self,
        message: String,
        properties: BTreeMap<String, Value>,
    ) -> Result<String, RepositoryError> {
        let commit = self.session.commit(message);
        let commit = commit
            .properties(properties)
            .max_concurrent_nodes(MANIFESTS);
        let snapshot = commit.execute().await;
        let failed = |error| self.place.failed("the run cannot be committed", error);
        Ok(snapshot.map_err(|error| failed(error.into()))?.to_string())
    }
}

fn little_endian(values: &[f64]) -> Bytes {
    values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect()
}

/// A reference in words.
fn told(payload: Option<&ChunkPayload>) -> String {
    match payload {
        Some(ChunkPayload::Virtual(one)) => {
            let pin = match &one.checksum {
                Some(Checksum::ETag(etag)) => format!(" with ETag {}", etag.0),
                Some(Checksum::LastModified(time)) => format!(" of {} s since 1970", time.0),
                None => String::new(),
            };
            format!("{} {}+{}{pin}", one.location.url(), one.offset, one.length)
        }
        Some(_) => "held in the repository".to_owned(),
        None => "missing".to_owned(),
    }
}
