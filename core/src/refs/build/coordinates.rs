//! Coordinates of a group: time, step, level, member, latitude and longitude, all inline.
//!
//! Attributes are those of cfgrib, which kerchunk copies; `time` is the run and `valid_time` is run plus step.

use bytes::Bytes;
use serde_json::{Value, json};

use super::{Filled, Horizontal, Parts, attributes, filter, length};
use crate::listing::Location;
use crate::refs::{Array, Chunks, RefStore};
use crate::time::{Step, StepRange};
use crate::tree::Group;
use crate::zarr::{ArrayMeta, Attributes};

/// Writes the coordinate arrays of a group and returns their names, level first as kerchunk lists them.
pub(super) fn write(
    parts: Parts<'_>,
    group: &Group,
    grid: &Horizontal,
    anchor: Option<Location>,
    filled: &Filled,
    store: &mut RefStore,
) -> Vec<String> {
    let path = group.path();
    let mut names = Vec::new();
    let mut put = |name: &str, array: Array| {
        store.arrays.insert(format!("{path}/{name}"), array);
        names.push(name.to_owned());
    };
    for (name, array) in level(group) {
        put(&name, array);
    }
    for (name, array) in horizontal(parts, grid, anchor) {
        put(name, array);
    }
    if let Some(number) = parts.number {
        put("number", number_array(number));
    }
    put("step", step_array(parts, group));
    for (name, windows) in windows(group, filled) {
        put(name, window_array(windows));
    }
    put("time", time_array(parts));
    put("valid_time", valid_time_array(parts));
    names
}

/// The level's coordinate: a scalar, or a dimension where there are several; and the bounds of layers.
fn level(group: &Group) -> Vec<(String, Array)> {
    let name = &group.variable.type_of_level;
    let Some(first) = group.levels.first() else {
        return Vec::new();
    };
    let dimension = group.has_level_dimension();
    let values: Vec<f64> = group.levels.iter().map(|level| level.value).collect();
    let mut about = level_attributes(name);
    let bounds: Vec<f64> = group
        .levels
        .iter()
        .flat_map(|level| level.bounds.map(|(top, bottom)| [top, bottom]))
        .flatten()
        .collect();
    // Bounds are all or nothing: an array with holes would have to be filled with something.
    let layered = bounds.len() == 2 * group.levels.len();
    let bounds_name = format!("{name}_bounds");
    if layered {
        about.insert("bounds".to_owned(), json!(bounds_name));
    }
    let (shape, dimensions): (Vec<u64>, Vec<&str>) = if dimension {
        (vec![length(values.len())], vec![name])
    } else {
        (vec![], vec![])
    };
    let mut arrays = vec![(
        name.clone(),
        floats(
            if dimension {
                &values
            } else {
                std::slice::from_ref(&first.value)
            },
            &shape,
            &dimensions,
            about,
        ),
    )];
    if layered {
        let (mut shape, mut dimensions) = (shape, dimensions);
        shape.push(2);
        dimensions.push("bnds");
        arrays.push((
            bounds_name,
            floats(&bounds, &shape, &dimensions, Attributes::new()),
        ));
    }
    arrays
}

/// cfgrib's attributes of the vertical coordinates that it knows (`COORD_ATTRS`).
fn level_attributes(type_of_level: &str) -> Attributes {
    match type_of_level {
        "isobaricInhPa" => attributes([
            ("long_name", json!("pressure")),
            ("positive", json!("down")),
            ("standard_name", json!("air_pressure")),
            ("stored_direction", json!("decreasing")),
            ("units", json!("hPa")),
        ]),
        "isobaricInPa" | "isobaricLayer" => attributes([
            ("long_name", json!("pressure")),
            ("positive", json!("down")),
            ("standard_name", json!("air_pressure")),
            ("units", json!("Pa")),
        ]),
        "heightAboveGround" => attributes([
            ("long_name", json!("height above the surface")),
            ("positive", json!("up")),
            ("standard_name", json!("height")),
            ("units", json!("m")),
        ]),
        "depthBelowLand" | "depthBelowLandLayer" => attributes([
            ("long_name", json!("soil depth")),
            ("positive", json!("down")),
            ("standard_name", json!("depth")),
            ("units", json!("m")),
        ]),
        "hybrid" => attributes([
            ("long_name", json!("hybrid level")),
            ("positive", json!("down")),
            (
                "standard_name",
                json!("atmosphere_hybrid_sigma_pressure_coordinate"),
            ),
            ("units", json!("1")),
        ]),
        _ => Attributes::new(),
    }
}

fn horizontal(
    parts: Parts<'_>,
    grid: &Horizontal,
    anchor: Option<Location>,
) -> Vec<(&'static str, Array)> {
    let about = |name: &str, units: &str| {
        attributes([
            ("long_name", json!(name)),
            ("standard_name", json!(name)),
            ("units", json!(units)),
        ])
    };
    let (latitude, longitude) = (
        about("latitude", "degrees_north"),
        about("longitude", "degrees_east"),
    );
    if let Some((latitudes, longitudes)) = &grid.octets {
        let [rows, columns] = grid.shape;
        let axis = |name, octets: &Bytes, length, about| {
            let nan = json!("NaN");
            (
                name,
                inline(octets.clone(), "<f8", nan, &[length], &[name], about),
            )
        };
        return vec![
            axis("latitude", latitudes, rows, latitude),
            axis("longitude", longitudes, columns, longitude),
        ];
    }
    // On other grids the coordinates are decoded from a message, as kerchunk does.
    let decoded = |name: &str, mut about: Attributes| {
        about.insert("_ARRAY_DIMENSIONS".to_owned(), json!(["y", "x"]));
        let mut meta = ArrayMeta::new(
            grid.shape.to_vec(),
            grid.shape.to_vec(),
            "<f8",
            json!("NaN"),
        );
        meta.filters = Some(vec![filter(parts.codec, name)]);
        Array {
            meta,
            attributes: about.into(),
            chunks: Chunks::Messages(vec![anchor]),
        }
    };
    vec![
        ("latitude", decoded("latitude", latitude)),
        ("longitude", decoded("longitude", longitude)),
    ]
}

fn number_array(number: u32) -> Array {
    let about = attributes([
        ("long_name", json!("ensemble member numerical id")),
        ("standard_name", json!("realization")),
        ("units", json!("1")),
    ]);
    integers(&[i64::from(number)], &[], &[], about)
}

fn step_array(parts: Parts<'_>, group: &Group) -> Array {
    let hours: Vec<f64> = parts.steps.iter().map(|step| hours(*step)).collect();
    let mut about = step_attributes();
    about.insert(
        "long_name".to_owned(),
        json!("time since forecast_reference_time"),
    );
    about.insert("standard_name".to_owned(), json!("forecast_period"));
    if group.windowed {
        about.insert("bounds".to_owned(), json!("step_bounds"));
    }
    floats(&hours, &[length(hours.len())], &["step"], about)
}

/// How xarray knows a duration: hours as a number, and the dtype that recent versions ask for.
fn step_attributes() -> Attributes {
    attributes([
        ("dtype", json!("timedelta64[ns]")),
        ("units", json!("hours")),
    ])
}

fn windows<'a>(group: &Group, filled: &'a Filled) -> Vec<(&'static str, &'a [Option<StepRange>])> {
    if !group.windowed {
        return Vec::new();
    }
    let plain = filled
        .plain
        .as_ref()
        .map(|cells| ("step_bounds", cells.windows.as_slice()));
    let total = filled
        .total
        .as_ref()
        .map(|cells| ("step_bounds_total", cells.windows.as_slice()));
    plain.into_iter().chain(total).collect()
}

/// First and last hour of each step's window; missing where there is no message.
fn window_array(windows: &[Option<StepRange>]) -> Array {
    let ends = |range: &Option<StepRange>| match range {
        Some(range) => [hours(range.start), hours(range.end)],
        None => [f64::NAN, f64::NAN],
    };
    let values: Vec<f64> = windows.iter().flat_map(ends).collect();
    floats(
        &values,
        &[length(windows.len()), 2],
        &["step", "bnds"],
        step_attributes(),
    )
}

fn time_array(parts: Parts<'_>) -> Array {
    let about = time_attributes("initial time of forecast", "forecast_reference_time");
    integers(&[parts.run.seconds_since_epoch()], &[], &[], about)
}

fn valid_time_array(parts: Parts<'_>) -> Array {
    let start = parts.run.seconds_since_epoch();
    let times: Vec<i64> = parts
        .steps
        .iter()
        .map(|step| start + step.as_seconds())
        .collect();
    integers(
        &times,
        &[length(times.len())],
        &["step"],
        time_attributes("time", "time"),
    )
}

fn time_attributes(long_name: &str, standard_name: &str) -> Attributes {
    attributes([
        ("calendar", json!("proleptic_gregorian")),
        ("long_name", json!(long_name)),
        ("standard_name", json!(standard_name)),
        ("units", json!("seconds since 1970-01-01T00:00:00")),
    ])
}

fn hours(step: Step) -> f64 {
    // Seconds of a forecast are far below 2^53, where every integer is a double.
    #[expect(clippy::as_conversions, reason = "exact for any step of a forecast")]
    let seconds = step.as_seconds() as f64;
    seconds / 3_600.0
}

/// Little-endian, as `<f8` is.
pub(super) fn octets(values: &[f64]) -> Bytes {
    let octets = values.iter().flat_map(|value| value.to_le_bytes());
    octets.collect()
}

fn floats(values: &[f64], shape: &[u64], dimensions: &[&str], about: Attributes) -> Array {
    inline(
        octets(values),
        "<f8",
        json!("NaN"),
        shape,
        dimensions,
        about,
    )
}

fn integers(values: &[i64], shape: &[u64], dimensions: &[&str], about: Attributes) -> Array {
    let bytes = values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect();
    inline(bytes, "<i8", Value::Null, shape, dimensions, about)
}

fn inline(
    bytes: Bytes,
    dtype: &str,
    fill_value: Value,
    shape: &[u64],
    dimensions: &[&str],
    mut about: Attributes,
) -> Array {
    about.insert("_ARRAY_DIMENSIONS".to_owned(), json!(dimensions));
    Array {
        meta: ArrayMeta::new(shape.to_vec(), shape.to_vec(), dtype, fill_value),
        attributes: about.into(),
        chunks: Chunks::Inline(bytes),
    }
}
