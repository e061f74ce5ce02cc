//! One group of a series: its coordinates and its references.

use std::collections::{BTreeSet, HashMap};

use serde_json::{Map, Value, json};

use super::axes::{Axes, Cell};
use super::{AggregateError, coordinate, place};
use crate::keys::{RawReference, StoreKeys};
use crate::merge::chunk_index::Chunk;
use crate::time::{Moment, Step};

/// Gives a group of the store the axes, and its messages their places.
pub(super) fn inflate(
    series: &mut StoreKeys,
    path: &str,
    chunks: &[&Chunk],
    axes: &Axes,
) -> Result<(), AggregateError> {
    let Some(first) = chunks.first() else {
        return Ok(());
    };
    let levels = levels(path, chunks)?;
    let level_name = first.type_of_level.as_str();
    let array = format!("{path}/{}", first.var_name);
    field(series, &array, level_name, &levels, axes)?;
    references(series, &array, chunks, &levels, axes)?;
    let mut coordinates = vec!["step", "time", "valid_time"];
    coordinate::times(series, path, axes)?;
    if !levels.is_empty() && !level_name.is_empty() {
        coordinates.push(level_name);
        coordinate::level(series, path, level_name, &levels)?;
    }
    drop_empty(series, path, &array, &coordinates);
    name_coordinates(series, path, &array, &coordinates)
}

/// The levels of the group, ascending; empty where its messages have none.
fn levels(path: &str, chunks: &[&Chunk]) -> Result<Vec<f64>, AggregateError> {
    let mut levels: Vec<f64> = chunks.iter().filter_map(|chunk| chunk.level).collect();
    if levels.len() != chunks.len() && !levels.is_empty() {
        return Err(AggregateError::Levels {
            group: path.to_owned(),
        });
    }
    levels.sort_by(f64::total_cmp);
    levels.dedup();
    Ok(levels)
}

/// The metadata of the data array: time axes, perhaps levels, and the two of the grid.
fn field(
    series: &mut StoreKeys,
    array: &str,
    level_name: &str,
    levels: &[f64],
    axes: &Axes,
) -> Result<(), AggregateError> {
    let (meta_key, attributes_key) = (format!("{array}/.zarray"), format!("{array}/.zattrs"));
    let mut meta = series.document(&meta_key)?;
    let mut attributes = series.document(&attributes_key)?;
    let last_two = |document: &Value, member: &str| {
        let list = document.get(member).and_then(Value::as_array);
        list.and_then(|list| {
            list.get(list.len().checked_sub(2)?..)
                .map(<[Value]>::to_vec)
        })
        .ok_or_else(|| AggregateError::Shape {
            array: array.to_owned(),
            found: document.get(member).unwrap_or(&Value::Null).to_string(),
        })
    };
    let grid = last_two(&meta, "shape")?;
    let mut dimensions: Vec<Value> = axes
        .shape
        .iter()
        .map(|(axis, _)| json!(axis.dimension()))
        .collect();
    let mut shape: Vec<Value> = axes.shape.iter().map(|(_, length)| json!(length)).collect();
    if levels.len() > 1 {
        dimensions.push(json!(level_name));
        shape.push(json!(levels.len()));
    }
    let mut lengths = vec![json!(1); shape.len()];
    dimensions.extend(last_two(&attributes, "_ARRAY_DIMENSIONS")?);
    shape.extend(grid.iter().cloned());
    lengths.extend(grid);
    set(&mut meta, "shape", Value::Array(shape));
    set(&mut meta, "chunks", Value::Array(lengths));
    if meta.get("fill_value").is_none_or(Value::is_null) {
        // A message that is missing reads as missing values; `null` would read as whatever the memory held.
        set(&mut meta, "fill_value", json!("NaN"));
    }
    set(
        &mut attributes,
        "_ARRAY_DIMENSIONS",
        Value::Array(dimensions),
    );
    put(series, meta_key, &meta);
    put(series, attributes_key, &attributes);
    Ok(())
}

/// The chunks of the data array.
fn references(
    series: &mut StoreKeys,
    array: &str,
    chunks: &[&Chunk],
    levels: &[f64],
    axes: &Axes,
) -> Result<(), AggregateError> {
    let mut messages: HashMap<(Moment, Step, usize), Vec<&Chunk>> = HashMap::new();
    for chunk in chunks {
        let level = chunk
            .level
            .and_then(|level| levels.iter().position(|other| *other == level));
        let place = (chunk.time, chunk.step, level.unwrap_or_default());
        messages.entry(place).or_default().push(chunk);
    }
    for (position, Cell { time, step }) in axes.cells.iter().enumerate() {
        let cell = indices(axes, position);
        for level in 0..levels.len().max(1) {
            let chunk = match messages.get(&(*time, *step, level)).map(Vec::as_slice) {
                None | Some([]) => continue,
                Some([chunk]) => chunk,
                Some([first, second, ..]) => {
                    let level = levels.get(level);
                    return Err(AggregateError::Collision {
                        array: array.to_owned(),
                        time: *time,
                        step: *step,
                        level: level.map_or("none".to_owned(), f64::to_string),
                        first: place(&first.reference),
                        second: place(&second.reference),
                    });
                }
            };
            let mut key = cell.clone();
            if levels.len() > 1 {
                key.push(level.to_string());
            }
            let key = format!("{array}/{}.0.0", key.join("."));
            series.keys.insert(key, chunk.reference.clone());
        }
    }
    Ok(())
}

/// The place on each axis, from the place in C order.
fn indices(axes: &Axes, position: usize) -> Vec<String> {
    let mut rest = position;
    let mut indices = Vec::with_capacity(axes.shape.len());
    for (_, length) in axes.shape.iter().rev() {
        indices.push((rest % length).to_string());
        rest /= length;
    }
    indices.reverse();
    indices
}

/// Arrays of the group that have lost their chunks, and with them their meaning.
fn drop_empty(series: &mut StoreKeys, path: &str, array: &str, coordinates: &[&str]) {
    let inside = format!("{path}/");
    let mut with_chunks: BTreeSet<String> = BTreeSet::from([array.to_owned()]);
    with_chunks.extend(coordinates.iter().map(|name| format!("{path}/{name}")));
    for key in series.keys.keys() {
        if let Some((array, chunk)) = key.rsplit_once('/')
            && !chunk.starts_with(".z")
        {
            with_chunks.insert(array.to_owned());
        }
    }
    series.keys.retain(|key, _| {
        let Some((array, _)) = key.rsplit_once('/') else {
            return true;
        };
        !array.starts_with(&inside) || with_chunks.contains(array)
    });
}

/// The group's own list of coordinates: those that are there.
fn name_coordinates(
    series: &mut StoreKeys,
    path: &str,
    array: &str,
    coordinates: &[&str],
) -> Result<(), AggregateError> {
    let key = format!("{path}/.zattrs");
    if !series.keys.contains_key(&key) {
        return Ok(());
    }
    let mut attributes = series.document(&key)?;
    let named = attributes.get("coordinates").and_then(Value::as_str);
    let mut names: Vec<String> = named
        .unwrap_or_default()
        .split_whitespace()
        .filter(|name| series.keys.contains_key(&format!("{path}/{name}/.zarray")))
        .filter(|name| !array.ends_with(&format!("/{name}")))
        .map(str::to_owned)
        .collect();
    for name in coordinates {
        if !names.iter().any(|known| known == name) {
            names.push((*name).to_owned());
        }
    }
    set(&mut attributes, "coordinates", json!(names.join(" ")));
    put(series, key, &attributes);
    Ok(())
}

pub(super) fn set(document: &mut Value, member: &str, value: Value) {
    if !document.is_object() {
        *document = Value::Object(Map::new());
    }
    if let Some(members) = document.as_object_mut() {
        members.insert(member.to_owned(), value);
    }
}

pub(super) fn put(series: &mut StoreKeys, key: String, document: &Value) {
    let text = document.to_string().into_bytes();
    series.keys.insert(key, RawReference::Inline(text));
}

#[cfg(test)]
mod tests {
    use crate::keys::{RawReference, parse_json};
    use crate::merge::chunk_index::Chunk;
    use crate::refs::aggregate::{AggregateError, Aggregation, aggregate};
    use crate::span::ByteSpan;
    use crate::time::{Moment, Step};

    const STORE: &[u8] = br#"{".zgroup": "{\"zarr_format\":2}", "tp/.zattrs": "{}", "u/.zgroup": "{}",
        "u/instant/.zattrs": "{}", "u/instant/pl/.zattrs": "{\"coordinates\": \"number pl latitude\"}",
        "u/instant/pl/u/.zarray": "{\"shape\":[2,3],\"chunks\":[2,3],\"fill_value\":NaN}",
        "u/instant/pl/u/.zattrs": "{\"_ARRAY_DIMENSIONS\":[\"latitude\",\"longitude\"]}",
        "u/instant/pl/number/.zarray": "{}", "u/instant/pl/number/.zattrs": "{}",
        "u/instant/pl/latitude/.zarray": "{}", "u/instant/pl/latitude/0": "abcdefgh",
        "u/instant/other/x/.zarray": "{}"}"#;

    fn chunk(hour: i64, step: i32, level: f64, offset: u64) -> Chunk {
        Chunk {
            var_name: "u".to_owned(),
            step_type: "instant".to_owned(),
            type_of_level: "pl".to_owned(),
            name: String::new(),
            level: Some(level),
            step: Step::hours(step),
            time: Moment::seconds(hour * 3_600),
            reference: RawReference::Range {
                url: "s3://b/x".to_owned(),
                span: ByteSpan::new(offset, 5),
            },
        }
    }

    fn series(chunks: &[Chunk]) -> Result<crate::keys::StoreKeys, AggregateError> {
        let aggregation = Aggregation::RunTime {
            times: vec![Moment::seconds(0), Moment::seconds(3_600)],
            steps: vec![Step::hours(0), Step::hours(3)],
        };
        aggregate(&aggregation, chunks, &parse_json(STORE).unwrap())
    }

    #[test]
    fn messages_have_the_places_of_their_run_step_and_level() {
        let chunks = [
            chunk(0, 3, 850.0, 10),
            chunk(1, 0, 500.0, 20),
            chunk(1, 6, 500.0, 30),
        ];
        let series = series(&chunks).unwrap();
        let keys: Vec<&str> = series.keys.keys().map(String::as_str).collect();
        assert_eq!(
            keys,
            [
                ".zgroup",
                "u/.zgroup",
                "u/instant/.zattrs",
                "u/instant/pl/.zattrs",
                "u/instant/pl/latitude/.zarray",
                "u/instant/pl/latitude/0",
                "u/instant/pl/pl/.zarray",
                "u/instant/pl/pl/.zattrs",
                "u/instant/pl/pl/0",
                "u/instant/pl/step/.zarray",
                "u/instant/pl/step/.zattrs",
                "u/instant/pl/step/0",
                "u/instant/pl/time/.zarray",
                "u/instant/pl/time/.zattrs",
                "u/instant/pl/time/0",
                "u/instant/pl/u/.zarray",
                "u/instant/pl/u/.zattrs",
                "u/instant/pl/u/0.1.1.0.0",
                "u/instant/pl/u/1.0.0.0.0",
                "u/instant/pl/valid_time/.zarray",
                "u/instant/pl/valid_time/.zattrs",
                "u/instant/pl/valid_time/0.0",
            ]
        );
        let array = series.document("u/instant/pl/u/.zarray").unwrap();
        assert_eq!(array["shape"].to_string(), "[2,2,2,2,3]");
        assert_eq!(array["fill_value"], "NaN");
        let group = series.document("u/instant/pl/.zattrs").unwrap();
        assert_eq!(group["coordinates"], "pl latitude step time valid_time");
    }

    #[test]
    fn one_level_is_a_scalar_with_a_key_that_readers_find() {
        let series = series(&[chunk(0, 0, 850.0, 10)]).unwrap();
        let level = RawReference::Inline(850_f64.to_le_bytes().to_vec());
        assert_eq!(series.keys["u/instant/pl/pl/0"], level);
        assert!(series.keys.contains_key("u/instant/pl/u/0.0.0.0"));
    }

    #[test]
    fn what_is_ambiguous_is_an_error() {
        let chunks = [chunk(0, 0, 850.0, 10), chunk(0, 0, 850.0, 20)];
        assert_eq!(
            series(&chunks).unwrap_err().to_string(),
            "u/instant/pl/u: two messages of run 1970-01-01T00:00:00, step 0, level 850: [\"s3://b/x\",10,5] and [\"s3://b/x\",20,5]"
        );
        let mut without = chunk(0, 0, 850.0, 10);
        without.level = None;
        assert!(matches!(
            series(&[chunk(0, 0, 500.0, 1), without]),
            Err(AggregateError::Levels { .. })
        ));
    }
}
