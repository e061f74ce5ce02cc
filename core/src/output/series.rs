//! The store of one run as one place of a series of runs: Zarr 3, with a first axis `time`.
//!
//! A writer that appends runs has to know three kinds of arrays apart: those that are the same in every run, those of which each
//! run has its own part, and those whose chunks are messages. What stands in the repository already is the writer's business.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::OutputError;
use crate::listing::Location;
use crate::refs::{Array, Chunks, RefStore};
use crate::zarr::Attributes;

/// Name of the axis of runs.
pub const TIME: &str = "time";
/// Name of the axis of lead times.
pub const STEP: &str = "step";
/// Name of the axis of members.
pub const NUMBER: &str = "number";
/// The codec that decodes a message in zarr 3.
pub const SERIALIZER: &str = "gribberish";
/// Runs in one chunk of the axis of runs.
pub const TIME_CHUNK: u64 = 64;

/// Zarr 2's attribute that names the dimensions.
const DIMENSIONS: &str = "_ARRAY_DIMENSIONS";

/// A run, ready to be put beside others.
#[derive(Clone, Debug, PartialEq)]
pub struct Slice<'a> {
    /// The run, in seconds since 1970.
    pub time: i64,
    /// Lead times in hours, ascending.
    pub steps: Vec<f64>,
    /// Members, ascending; none of a deterministic model.
    pub numbers: Vec<i64>,
    /// Attributes of each group by its path below that of the series, which is the empty path.
    pub groups: BTreeMap<String, Attributes>,
    /// Arrays by path below that of the series, such as `t2m/instant/heightAboveGround/t2m`.
    pub arrays: BTreeMap<String, SliceArray<'a>>,
}

/// An array of a [`Slice`].
#[derive(Clone, Debug, PartialEq)]
pub struct SliceArray<'a> {
    /// Names of the dimensions.
    pub dimensions: Vec<String>,
    /// Length along each dimension; that of `time` is 1.
    pub shape: Vec<u64>,
    /// Length of a chunk along each dimension.
    pub chunks: Vec<u64>,
    /// The attributes, without those of the run.
    pub attributes: Attributes,
    /// Zarr 3's data type.
    pub data_type: &'static str,
    /// What it holds.
    pub content: Content<'a>,
}

/// What an array of a [`Slice`] holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Content<'a> {
    /// Values that are the same in every run: little-endian, in C order, one chunk.
    Fixed(&'a Bytes),
    /// One message that is the same for every run: coordinates of a grid without axes.
    FixedMessage(Location),
    /// A message or none for each cell of the chunk grid without `time`, in C order.
    Messages(&'a [Option<Location>]),
    /// The runs themselves.
    Time,
    /// Run plus lead time: `(time, step)`.
    ValidTime,
    /// Values of this run for each lead time: `(time, step, ...)`, little-endian doubles.
    Windows(&'a Bytes),
}

impl<'a> Slice<'a> {
    /// The run of a store: that of a deterministic model, or of all members with an axis `number`.
    ///
    /// # Errors
    /// [`OutputError::Series`] where the store is not that of one run, or has parts that no series has a place for.
    pub fn of(store: &'a RefStore) -> Result<Self, OutputError> {
        let mut slice = Slice {
            time: store.provenance.run.seconds_since_epoch(),
            steps: Vec::new(),
            numbers: Vec::new(),
            groups: BTreeMap::new(),
            arrays: BTreeMap::new(),
        };
        let (mut steps, mut numbers) = (None, None);
        for (path, array) in &store.arrays {
            let converted = converted(path, array)?;
            let axis = match (name_of(path), &array.chunks) {
                (STEP, Chunks::Inline(octets)) => Some((&mut steps, octets)),
                (NUMBER, Chunks::Inline(octets)) => Some((&mut numbers, octets)),
                _ => None,
            };
            if let Some((known, octets)) = axis {
                if known.is_some_and(|known: &Bytes| known != octets) {
                    return Err(series(path, "its groups have different axes"));
                }
                *known = Some(octets);
            }
            slice.arrays.insert(path.clone(), converted);
        }
        slice.steps = steps.map(|octets| doubles(octets)).unwrap_or_default();
        slice.numbers = numbers.map(|octets| integers(octets)).unwrap_or_default();
        for (path, attributes) in &store.groups {
            let mut attributes = attributes.clone();
            if path.is_empty() {
                // What is said of the run is said with its commit.
                attributes.retain(|name, _| !name.starts_with("gik_"));
                let provenance = &store.provenance;
                attributes.insert("gik_source".to_owned(), json!(provenance.source));
                attributes.insert("gik_era".to_owned(), json!(provenance.era));
            }
            slice.groups.insert(path.clone(), attributes);
        }
        slice.add_axes()?;
        Ok(slice)
    }

    /// The axes once more in the group of the series itself: they hold for all groups below it.
    fn add_axes(&mut self) -> Result<(), OutputError> {
        for axis in [TIME, STEP, NUMBER] {
            let end = format!("/{axis}");
            let found = self.arrays.iter().find(|(path, _)| path.ends_with(&end));
            match found.map(|(_, array)| array.clone()) {
                Some(array) => {
                    self.arrays.insert(axis.to_owned(), array);
                }
                None if axis == NUMBER => {}
                None => return Err(series(axis, "the store has no such coordinate")),
            }
        }
        Ok(())
    }

    /// How many messages it refers to.
    pub fn references(&self) -> usize {
        let count = |array: &SliceArray<'_>| match &array.content {
            Content::Messages(cells) => cells.iter().flatten().count(),
            Content::FixedMessage(_) => 1,
            _ => 0,
        };
        self.arrays.values().map(count).sum()
    }
}

impl SliceArray<'_> {
    /// The `zarr.json` of the array with another shape, as text.
    pub fn document(&self, name: &str, shape: &[u64]) -> String {
        let codec = match self.content {
            Content::Messages(_) | Content::FixedMessage(_) => {
                json!({ "name": SERIALIZER, "configuration": { "var": name } })
            }
            _ => json!({ "name": "bytes", "configuration": { "endian": "little" } }),
        };
        let fill = match self.data_type {
            "int64" => json!(0),
            _ => json!("NaN"),
        };
        json!({
            "zarr_format": 3,
            "node_type": "array",
            "shape": shape,
            "data_type": self.data_type,
            "chunk_grid": { "name": "regular", "configuration": { "chunk_shape": self.chunks_of(shape) } },
            "chunk_key_encoding": { "name": "default", "configuration": { "separator": "/" } },
            "fill_value": fill,
            "codecs": [codec],
            "dimension_names": self.dimensions,
            "attributes": self.attributes,
            "storage_transformers": [],
        })
        .to_string()
    }

    /// Chunks along each dimension, of the array with another shape.
    pub fn grid(&self, shape: &[u64]) -> Vec<u64> {
        let pairs = shape.iter().zip(self.chunks_of(shape));
        pairs
            .map(|(length, chunk)| length.div_ceil(chunk.max(1)))
            .collect()
    }

    /// Length of a chunk along each dimension, of the array with another shape.
    fn chunks_of(&self, shape: &[u64]) -> Vec<u64> {
        if matches!(
            self.content,
            Content::Messages(_) | Content::FixedMessage(_)
        ) {
            return self.chunks.clone();
        }
        let each = self.dimensions.iter().zip(shape).zip(&self.chunks);
        each.map(|((name, length), chunk)| match name.as_str() {
            TIME => *chunk,
            _ => *length,
        })
        .collect()
    }

    /// What must be the same for two runs to stand beside each other in one array, as JSON: all but lengths that may differ
    /// and words that mean nothing to a decoder.
    pub fn structure(document: &Value) -> Value {
        let mut kept = Map::new();
        for name in ["data_type", "chunk_grid", "codecs", "dimension_names"] {
            kept.insert(
                name.to_owned(),
                document.get(name).cloned().unwrap_or_default(),
            );
        }
        let shape = document.get("shape").and_then(Value::as_array);
        let dimensions = document.get("dimension_names").and_then(Value::as_array);
        let lengths = shape.into_iter().flatten();
        let fixed = lengths
            .zip(dimensions.into_iter().flatten())
            .filter(|(_, name)| ![TIME, STEP, NUMBER].contains(&name.as_str().unwrap_or_default()))
            .map(|(length, _)| length.clone());
        kept.insert("shape".to_owned(), fixed.collect());
        let attributes = document.get("attributes").and_then(Value::as_object);
        let meant = attributes.into_iter().flatten().filter(|(name, _)| {
            name.starts_with("GRIB_") || ["units", "cell_methods"].contains(&name.as_str())
        });
        let meant = meant.map(|(name, value)| (name.clone(), value.clone()));
        kept.insert("attributes".to_owned(), Value::Object(meant.collect()));
        // Values of the store itself are one chunk along steps and members, however many.
        if document.pointer("/codecs/0/name") != Some(&json!(SERIALIZER)) {
            kept.remove("chunk_grid");
        }
        Value::Object(kept)
    }
}

/// The `zarr.json` of a group, as text.
#[must_use]
pub fn group_document(attributes: &Attributes) -> String {
    json!({ "zarr_format": 3, "node_type": "group", "attributes": attributes }).to_string()
}

/// The values of a chunk of doubles.
#[must_use]
pub fn doubles(octets: &[u8]) -> Vec<f64> {
    let (chunks, _) = octets.as_chunks::<8>();
    chunks.iter().map(|it| f64::from_le_bytes(*it)).collect()
}

/// The values of a chunk of whole numbers.
#[must_use]
pub fn integers(octets: &[u8]) -> Vec<i64> {
    let (chunks, _) = octets.as_chunks::<8>();
    chunks.iter().map(|it| i64::from_le_bytes(*it)).collect()
}

fn converted<'a>(path: &str, array: &'a Array) -> Result<SliceArray<'a>, OutputError> {
    let data_type = match array.meta.dtype.as_str() {
        "<f8" => "float64",
        "<i8" => "int64",
        _ => return Err(series(path, "its data type is another")),
    };
    let mut attributes = Attributes::clone(&array.attributes);
    let Some(Value::Array(dimensions)) = attributes.remove(DIMENSIONS) else {
        return Err(series(path, "its dimensions have no names"));
    };
    let mut dimensions: Vec<String> = dimensions
        .iter()
        .filter_map(|name| name.as_str().map(str::to_owned))
        .collect();
    if dimensions.len() != array.meta.shape.len() {
        return Err(series(path, "its dimensions have no names"));
    }
    let names: Vec<&str> = dimensions.iter().map(String::as_str).collect();
    let content = match (name_of(path), &array.chunks, names.as_slice()) {
        (TIME, Chunks::Inline(_), []) => Content::Time,
        ("valid_time", Chunks::Inline(_), [STEP]) => Content::ValidTime,
        (name, Chunks::Inline(octets), [STEP, ..]) if name != STEP => Content::Windows(octets),
        (_, Chunks::Inline(octets), _) => Content::Fixed(octets),
        (_, Chunks::Messages(cells), names) if names.contains(&STEP) => Content::Messages(cells),
        (_, Chunks::Messages(cells), _) => match cells.as_slice() {
            [Some(location)] => Content::FixedMessage(*location),
            _ => return Err(series(path, "its chunks are on no axis of steps")),
        },
    };
    let (mut shape, mut chunks) = (array.meta.shape.clone(), array.meta.chunks.clone());
    if !matches!(content, Content::Fixed(_) | Content::FixedMessage(_)) {
        dimensions.insert(0, TIME.to_owned());
        shape.insert(0, 1);
        let runs = match content {
            Content::Time => TIME_CHUNK,
            _ => 1,
        };
        chunks.insert(0, runs);
    }
    Ok(SliceArray {
        dimensions,
        shape,
        chunks,
        attributes,
        data_type,
        content,
    })
}

fn series(path: &str, because: &'static str) -> OutputError {
    OutputError::Series {
        path: path.to_owned(),
        because,
    }
}

fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provenance::Provenance;
    use crate::span::ByteSpan;
    use crate::zarr::ArrayMeta;

    fn array(dtype: &str, shape: &[u64], dimensions: &[&str], chunks: Chunks) -> Array {
        let attributes = json!({ DIMENSIONS: dimensions, "units": "K", "long_name": "words" });
        Array {
            meta: ArrayMeta::new(shape.to_vec(), shape.to_vec(), dtype, Value::Null),
            attributes: attributes.as_object().cloned().unwrap_or_default().into(),
            chunks,
        }
    }

    fn store() -> RefStore {
        let location = Location {
            object: 0,
            span: ByteSpan::new(8, 9),
        };
        let octets = |values: &[f64]| -> Chunks {
            Chunks::Inline(values.iter().flat_map(|it| it.to_le_bytes()).collect())
        };
        let mut data = array(
            "<f8",
            &[2, 3],
            &["step", "x"],
            Chunks::Messages(vec![None, Some(location)]),
        );
        data.meta.chunks = vec![1, 3];
        RefStore {
            objects: vec!["s3://b/o".to_owned()],
            groups: BTreeMap::from([(String::new(), Attributes::new())]),
            arrays: BTreeMap::from([
                ("t/t".to_owned(), data),
                ("t/time".to_owned(), array("<i8", &[], &[], octets(&[0.0]))),
                (
                    "t/step".to_owned(),
                    array("<f8", &[2], &["step"], octets(&[0.0, 3.0])),
                ),
                (
                    "t/valid_time".to_owned(),
                    array("<i8", &[2], &["step"], octets(&[0.0, 0.0])),
                ),
            ]),
            provenance: Provenance {
                gik: String::new(),
                source: "s".to_owned(),
                era: "e".to_owned(),
                run: "2025-09-01T12".parse().unwrap(),
                member: String::new(),
                steps: Vec::new(),
                variables: Vec::new(),
                codec: "grib".to_owned(),
                template: String::new(),
                indexes: Vec::new(),
            },
        }
    }

    fn document(array: &SliceArray<'_>, shape: &[u64]) -> Value {
        serde_json::from_str(&array.document("t", shape)).unwrap()
    }

    #[test]
    fn a_run_becomes_one_place_along_time() {
        let store = store();
        let slice = Slice::of(&store).unwrap();
        assert_eq!((slice.time, slice.references()), (1_756_728_000, 1));
        assert_eq!((slice.steps, slice.numbers), (vec![0.0, 3.0], vec![]));
        let data = document(&slice.arrays["t/t"], &[5, 2, 3]);
        assert_eq!(data["dimension_names"], json!(["time", "step", "x"]));
        assert_eq!(data["shape"], json!([5, 2, 3]));
        let chunk = data.pointer("/chunk_grid/configuration/chunk_shape");
        assert_eq!(chunk, Some(&json!([1, 1, 3])));
        assert_eq!(
            data["codecs"],
            json!([{ "name": "gribberish", "configuration": { "var": "t" } }])
        );
        let time = document(&slice.arrays["time"], &[5]);
        let chunk = time.pointer("/chunk_grid/configuration/chunk_shape/0");
        assert_eq!(chunk, Some(&json!(TIME_CHUNK)));
        let valid = document(&slice.arrays["t/valid_time"], &[5, 4]);
        let chunk = valid.pointer("/chunk_grid/configuration/chunk_shape");
        assert_eq!(chunk, Some(&json!([1, 4])));
    }

    #[test]
    fn runs_of_other_grids_or_units_have_another_structure_and_those_of_other_words_do_not() {
        let store = store();
        let slice = Slice::of(&store).unwrap();
        let array = &slice.arrays["t/t"];
        let structure =
            |array: &SliceArray<'_>, shape: &[u64]| SliceArray::structure(&document(array, shape));
        let known = structure(array, &[5, 2, 3]);
        assert_eq!(
            structure(array, &[1, 9, 3]),
            known,
            "steps and runs may differ"
        );
        assert_ne!(structure(array, &[1, 2, 4]), known, "another grid");
        let mut other = array.clone();
        other
            .attributes
            .insert("long_name".to_owned(), json!("other"));
        assert_eq!(structure(&other, &[5, 2, 3]), known);
        other.attributes.insert("units".to_owned(), json!("degC"));
        assert_ne!(structure(&other, &[5, 2, 3]), known);
    }

    #[test]
    fn groups_of_one_store_share_their_axes() {
        let mut store = store();
        let mut other = store.arrays["t/step"].clone();
        other.chunks = Chunks::Inline(Bytes::from_static(&[0; 16]));
        store.arrays.insert("u/step".to_owned(), other);
        let error = Slice::of(&store).unwrap_err();
        assert!(matches!(error, OutputError::Series { path, .. } if path == "u/step"));
    }
}
