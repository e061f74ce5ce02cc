//! What a store says of the messages that it refers to: variable, level, step, member and run of each.
//!
//! Stores of one message for each chunk are read, whoever wrote them: the chunk's place on its axes and the coordinates beside it say
//! which message it must be.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{KeysError, RawReference, StoreKeys};
use crate::span::ByteSpan;
use crate::time::{Moment, Step, StepRange};

/// The arrays of a store that are made of messages, and the messages.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Contents {
    /// The arrays, by path.
    pub arrays: Vec<MessageArray>,
    /// The messages, by key.
    pub messages: Vec<Referred>,
}

/// An array whose chunks are messages.
#[derive(Clone, Debug, PartialEq)]
pub struct MessageArray {
    /// Its path.
    pub path: String,
    /// ecCodes' `cfVarName`.
    pub var_name: Option<String>,
    /// ecCodes' `shortName`.
    pub short_name: Option<String>,
    /// ecCodes' `stepType`.
    pub step_type: Option<String>,
    /// ecCodes' `typeOfLevel`.
    pub type_of_level: Option<String>,
    /// Points of a chunk along its last two dimensions.
    pub shape: [u64; 2],
}

/// A message that a store refers to. What the store does not say is `None`.
#[derive(Clone, Debug, PartialEq)]
pub struct Referred {
    /// Its chunk's key.
    pub key: String,
    /// Index into [`Contents::arrays`].
    pub array: usize,
    /// The GRIB object.
    pub url: String,
    /// Its bytes.
    pub span: ByteSpan,
    /// The level, in the unit of its type.
    pub level: Option<f64>,
    /// The step that it is filed under.
    pub step: Option<Step>,
    /// The part of the run that it speaks of.
    pub window: Option<StepRange>,
    /// The member.
    pub number: Option<i64>,
    /// Start of the run.
    pub run: Option<Moment>,
}

impl StoreKeys {
    /// The arrays that are made of messages.
    ///
    /// # Errors
    /// Metadata that is no JSON, chunks outside of their array, coordinates that cannot be read.
    pub fn contents(&self) -> Result<Contents, KeysError> {
        let mut contents = Contents::default();
        for key in self.keys.keys() {
            let Some(path) = key.strip_suffix("/.zarray") else {
                continue;
            };
            let chunks: Vec<(&str, &str, ByteSpan)> = self.ranges(path).collect();
            let name = path.rsplit('/').next().unwrap_or(path);
            // On grids without axes these are read from a message too: they are no fields.
            if chunks.is_empty() || name == "latitude" || name == "longitude" {
                continue;
            }
            let array = Placed::read(self, path)?;
            let at = contents.arrays.len();
            for (chunk, url, span) in chunks {
                let mut referred = array.referred(chunk)?;
                (referred.array, referred.url, referred.span) = (at, url.to_owned(), span);
                contents.messages.push(referred);
            }
            contents.arrays.push(array.about);
        }
        Ok(contents)
    }

    /// The chunks of an array that are ranges of objects.
    fn ranges<'a>(
        &'a self,
        path: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a str, ByteSpan)> + 'a {
        let inside = self.keys.range(format!("{path}/")..);
        let inside = inside.map_while(move |(key, reference)| {
            let chunk = key.strip_prefix(path)?.strip_prefix('/')?;
            Some((chunk, reference))
        });
        inside.filter_map(|(chunk, reference)| match reference {
            RawReference::Range { url, span } if !chunk.contains('/') => {
                Some((chunk, url.as_str(), *span))
            }
            _ => None,
        })
    }

    /// The values of an array that the store holds as one chunk; `None` where it holds none.
    fn values(&self, path: &str) -> Result<Option<Vec<f64>>, KeysError> {
        let key = format!("{path}/.zarray");
        if !self.keys.contains_key(&key) {
            return Ok(None);
        }
        let meta = self.document(&key)?;
        let unreadable = || KeysError::Shape {
            expected: "a coordinate of plain numbers in one chunk",
            found: format!("{path}: {meta}"),
        };
        let shape = lengths(&meta, "shape").ok_or_else(unreadable)?;
        let chunk = match shape.len() {
            0 | 1 => "0".to_owned(),
            several => vec!["0"; several].join("."),
        };
        let held = ["", chunk.as_str()].into_iter().find_map(|chunk| {
            match self.keys.get(&format!("{path}/{chunk}"))? {
                RawReference::Inline(octets) => Some(octets),
                _ => None,
            }
        });
        let Some(octets) = held else {
            return Ok(None);
        };
        let plain = |name: &str| meta.get(name).is_none_or(Value::is_null);
        let count = shape.iter().product::<u64>();
        let values = meta
            .get("dtype")
            .and_then(Value::as_str)
            .filter(|_| plain("compressor") && plain("filters"))
            .and_then(|dtype| numbers(dtype, octets))
            .filter(|values| u64::try_from(values.len()) == Ok(count));
        values.map(Some).ok_or_else(unreadable)
    }
}

/// An array with the coordinates of its chunks.
struct Placed {
    about: MessageArray,
    path: String,
    dimensions: Vec<String>,
    /// Length of the chunk grid along each dimension.
    grid: Vec<u64>,
    coordinates: BTreeMap<String, Vec<f64>>,
    /// Seconds of a unit of the steps.
    step_unit: f64,
}

impl Placed {
    fn read(store: &StoreKeys, path: &str) -> Result<Self, KeysError> {
        let meta = store.document(&format!("{path}/.zarray"))?;
        let attributes = store.document(&format!("{path}/.zattrs"))?;
        let odd = |expected| KeysError::Shape {
            expected,
            found: format!("{path}: {meta}"),
        };
        let shape = lengths(&meta, "shape").ok_or_else(|| odd("a shape"))?;
        let chunks = lengths(&meta, "chunks").ok_or_else(|| odd("chunks"))?;
        let dimensions: Vec<String> = attributes
            .get("_ARRAY_DIMENSIONS")
            .and_then(Value::as_array)
            .map(|names| names.iter().filter_map(Value::as_str))
            .map(|names| names.map(str::to_owned).collect())
            .unwrap_or_default();
        if dimensions.len() != shape.len() || chunks.len() != shape.len() {
            return Err(odd("a name for each dimension in _ARRAY_DIMENSIONS"));
        }
        let plane = match chunks.as_slice() {
            [.., y, x] => [*y, *x],
            _ => return Err(odd("fields of two dimensions")),
        };
        let text = |name: &str| {
            let text = attributes.get(name).and_then(Value::as_str);
            text.map(str::to_owned)
        };
        let about = MessageArray {
            path: path.to_owned(),
            var_name: text("GRIB_cfVarName"),
            short_name: text("GRIB_shortName"),
            step_type: text("GRIB_stepType"),
            type_of_level: text("GRIB_typeOfLevel"),
            shape: plane,
        };
        let group = path.rsplit_once('/').map_or("", |(group, _)| group);
        let bounds = match path.ends_with("_total") {
            true => "step_bounds_total",
            false => "step_bounds",
        };
        let mut names: Vec<&str> = vec!["step", "number", "time", bounds];
        names.extend(about.type_of_level.as_deref());
        let mut coordinates = BTreeMap::new();
        for name in names {
            let inside = match group {
                "" => name.to_owned(),
                group => format!("{group}/{name}"),
            };
            if let Some(values) = store.values(&inside)? {
                coordinates.insert(name.to_owned(), values);
            }
        }
        let unit = store
            .document(&format!("{group}/step/.zattrs"))
            .ok()
            .and_then(|attributes| Some(attributes.get("units")?.as_str()?.to_owned()));
        let grid = shape
            .iter()
            .zip(&chunks)
            .map(|(length, chunk)| length.div_ceil((*chunk).max(1)));
        Ok(Self {
            path: path.to_owned(),
            grid: grid.collect(),
            dimensions,
            coordinates,
            step_unit: match unit.as_deref() {
                Some("minutes") => 60.0,
                Some("seconds") => 1.0,
                _ => 3_600.0,
            },
            about,
        })
    }

    /// What the place of a chunk says of its message.
    fn referred(&self, chunk: &str) -> Result<Referred, KeysError> {
        let key = format!("{}/{chunk}", self.path);
        let outside = || KeysError::Reference {
            key: key.clone(),
            found: "a chunk outside of its array".to_owned(),
        };
        let cell = chunk.split('.').map(|part| part.parse::<u64>().ok());
        let cell: Vec<u64> = cell.collect::<Option<_>>().ok_or_else(outside)?;
        let inside = cell.iter().zip(&self.grid).all(|(at, length)| at < length);
        if cell.len() != self.grid.len() || !inside {
            return Err(outside());
        }
        // Where along a dimension the chunk is; the only place of a coordinate without that dimension.
        let at = |name: &str| {
            let axis = self.dimensions.iter().position(|known| known == name);
            let at = axis.and_then(|axis| cell.get(axis)).copied().unwrap_or(0);
            usize::try_from(at).unwrap_or(usize::MAX)
        };
        let value = |name: &str| {
            let values = self.coordinates.get(name)?;
            values
                .get(at(name))
                .copied()
                .filter(|value| !value.is_nan())
        };
        let level = self.about.type_of_level.as_deref().and_then(value);
        let seconds = |value: f64| Step::seconds(whole(value * self.step_unit));
        let bounds = ["step_bounds", "step_bounds_total"]
            .into_iter()
            .find_map(|name| self.coordinates.get(name));
        let pair = bounds.and_then(|bounds| {
            let at = at("step").checked_mul(2)?;
            Some((*bounds.get(at)?, *bounds.get(at + 1)?))
        });
        let known = pair.filter(|(start, end)| !start.is_nan() && !end.is_nan());
        Ok(Referred {
            key,
            array: 0,
            url: String::new(),
            span: ByteSpan::new(0, 0),
            level,
            step: value("step").map(seconds),
            window: known.map(|(start, end)| StepRange {
                start: seconds(start),
                end: seconds(end),
            }),
            number: value("number").map(whole),
            run: value("time").map(|time| Moment::seconds(whole(time))),
        })
    }
}

#[expect(
    clippy::as_conversions,
    reason = "a conversion that saturates; numbers of coordinates are small"
)]
fn whole(value: f64) -> i64 {
    value.round() as i64
}

fn lengths(meta: &Value, name: &str) -> Option<Vec<u64>> {
    let list = meta.get(name)?.as_array()?;
    list.iter().map(Value::as_u64).collect()
}

/// Little-endian numbers of a numpy dtype.
fn numbers(dtype: &str, octets: &[u8]) -> Option<Vec<f64>> {
    fn each<const N: usize>(octets: &[u8], of: fn([u8; N]) -> f64) -> Option<Vec<f64>> {
        let (whole, rest) = octets.as_chunks::<N>();
        rest.is_empty()
            .then(|| whole.iter().map(|octets| of(*octets)).collect())
    }
    #[expect(clippy::as_conversions, reason = "times and steps are below 2^53")]
    match dtype {
        "<f8" => each(octets, f64::from_le_bytes),
        "<f4" => each(octets, |octets| f32::from_le_bytes(octets).into()),
        "<i8" => each(octets, |octets| i64::from_le_bytes(octets) as f64),
        "<i4" => each(octets, |octets| i32::from_le_bytes(octets).into()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store() -> StoreKeys {
        let mut store = StoreKeys::default();
        let mut text = |key: &str, text: &str| {
            let octets = text.as_bytes().to_vec();
            store
                .keys
                .insert(key.to_owned(), RawReference::Inline(octets));
        };
        text(
            "u/instant/pl/u/.zarray",
            r#"{"shape":[2,2,3,4],"chunks":[1,1,3,4],"dtype":"<f8"}"#,
        );
        text(
            "u/instant/pl/u/.zattrs",
            r#"{"_ARRAY_DIMENSIONS":["step","pl","latitude","longitude"],"GRIB_typeOfLevel":"pl","GRIB_cfVarName":"u"}"#,
        );
        for (name, shape, dtype) in [
            ("step", "[2]", "<i8"),
            ("pl", "[2]", "<f8"),
            ("number", "[]", "<i8"),
            ("time", "[]", "<i8"),
        ] {
            text(
                &format!("u/instant/pl/{name}/.zarray"),
                &format!(
                    r#"{{"shape":{shape},"chunks":{shape},"dtype":"{dtype}","compressor":null,"filters":null}}"#
                ),
            );
            text(
                &format!("u/instant/pl/{name}/.zattrs"),
                r#"{"units":"hours"}"#,
            );
        }
        let mut octets = |key: &str, octets: Vec<u8>| {
            store.keys.insert(
                format!("u/instant/pl/{key}/0"),
                RawReference::Inline(octets),
            );
        };
        octets("step", [3_i64, 6].map(i64::to_le_bytes).concat());
        octets("pl", [500_f64, 850.0].map(f64::to_le_bytes).concat());
        octets("number", 7_i64.to_le_bytes().to_vec());
        octets("time", 86_400_i64.to_le_bytes().to_vec());
        store.keys.insert(
            "u/instant/pl/u/1.0.0.0".to_owned(),
            RawReference::Range {
                url: "s3://b/x".to_owned(),
                span: ByteSpan::new(5, 9),
            },
        );
        store
    }

    #[test]
    fn a_chunk_is_known_by_its_place() {
        let contents = store().contents().unwrap();
        assert_eq!(contents.arrays.len(), 1);
        let message = &contents.messages[0];
        assert_eq!(message.level, Some(500.0));
        assert_eq!(message.step, Some(Step::hours(6)));
        assert_eq!(message.number, Some(7));
        assert_eq!(message.run, Some(Moment::seconds(86_400)));
        assert_eq!((message.window, message.span.length), (None, 9));
    }

    #[test]
    fn a_chunk_outside_of_its_array_is_an_error() {
        let mut store = store();
        let range = store.keys["u/instant/pl/u/1.0.0.0"].clone();
        store
            .keys
            .insert("u/instant/pl/u/2.0.0.0".to_owned(), range);
        assert!(store.contents().is_err());
    }

    #[test]
    fn a_coordinate_that_cannot_be_read_is_an_error_and_no_guess() {
        let mut store = store();
        let short = RawReference::Inline(vec![0; 15]);
        store.keys.insert("u/instant/pl/step/0".to_owned(), short);
        assert!(store.contents().is_err());
    }
}
