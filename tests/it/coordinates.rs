//! Where the points of real grids are, against where ecCodes places them.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};

use gik_core::grib::grid::{Coordinates, Grid};
use gik_core::grib::messages;
use gik_core::grib::scan::Piece;
use gik_tests::{fixture, oracle};
use serde_json::Value;

/// How far a projected point may lie from that of ecCodes, in degrees: a tenth of a millimetre.
const NEAR: f64 = 1e-9;

#[test]
fn points_are_where_eccodes_places_them() {
    let Some(folder) = fixture::shared("data/grib") else {
        return;
    };
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR")).join("coordinates");
    std::fs::create_dir_all(&scratch).unwrap();
    let mut child = Command::new(oracle::python(oracle::Stack::Zarr2))
        .arg(fixture::workspace().join("tests/python/dump_coordinates.py"))
        .args([&scratch, &folder])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("python starts");
    let mut printed = BufReader::with_capacity(1 << 20, child.stdout.take().unwrap());
    let (mut grids, mut points, mut farthest) = (0, 0, 0.0_f64);
    let (mut wrong, mut verdicts) = (Vec::new(), Vec::new());
    loop {
        let mut line = String::new();
        if printed.read_line(&mut line).unwrap() == 0 {
            break;
        }
        let line: Value = serde_json::from_str(&line).unwrap();
        let mut numbers = |key: &str| {
            let count = usize::try_from(line[key].as_u64().unwrap()).unwrap();
            let mut octets = vec![0; count * 8];
            printed.read_exact(&mut octets).unwrap();
            let numbers = octets.as_chunks::<8>().0.iter();
            numbers
                .map(|octets| f64::from_le_bytes(*octets))
                .collect::<Vec<_>>()
        };
        let theirs = (numbers("latitudes"), numbers("longitudes"));
        let place = format!(
            "{} at {}, field {} ({}, scan {})",
            line["file"].as_str().unwrap(),
            line["offset"],
            line["field"],
            line["gridType"].as_str().unwrap(),
            line["scanningMode"],
        );
        let ours = ours(&line);
        match (ours, line.get("error")) {
            (Ok(ours), None) => match compare(&ours, &theirs) {
                Ok(distance) => {
                    grids += 1;
                    points += theirs.0.len();
                    farthest = farthest.max(distance);
                }
                Err(error) => wrong.push(format!("{place}: {error}")),
            },
            (Err(error), None) => {
                verdicts.push(format!("{place}: ecCodes places, we say: {error}"))
            }
            (Ok(_), Some(error)) => {
                verdicts.push(format!("{place}: we place, ecCodes says: {error}"))
            }
            (Err(ours), Some(error)) => {
                verdicts.push(format!("{place}: {ours}; ecCodes says: {error}"))
            }
        }
    }
    assert!(child.wait().unwrap().success());
    println!("{grids} grids, {points} latitudes, none farther than {farthest:e} degrees");
    println!("{}", verdicts.join("\n"));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn ours(line: &Value) -> Result<Coordinates, String> {
    let octets = std::fs::read(line["path"].as_str().unwrap()).unwrap();
    let header = messages(&octets).find_map(|piece| {
        let Piece::Message { span, fields } = piece else {
            return None;
        };
        let field = usize::try_from(line["field"].as_u64().unwrap()).unwrap();
        let here = Some(span.offset) == line["offset"].as_u64();
        fields.into_iter().nth(field - 1).filter(|_| here)
    });
    let header = header.ok_or("no such message")?;
    let grid = Grid::parse(&header.grid.octets).map_err(|error| error.to_string())?;
    grid.coordinates().map_err(|error| error.to_string())
}

/// The greatest distance of a coordinate of ours from that of ecCodes.
fn compare(ours: &Coordinates, theirs: &(Vec<f64>, Vec<f64>)) -> Result<f64, String> {
    let (latitudes, longitudes) = match ours {
        Coordinates::Points {
            latitudes,
            longitudes,
        } => (latitudes.clone(), longitudes.clone()),
        Coordinates::Axes {
            latitudes,
            longitudes,
        } => {
            // ecCodes sorts: latitudes as the rows go, longitudes from west to east.
            let mut longitudes = longitudes.clone();
            longitudes.sort_by(f64::total_cmp);
            (latitudes.clone(), longitudes)
        }
    };
    let latitude = distance("latitude", &latitudes, &theirs.0)?;
    Ok(distance("longitude", &longitudes, &theirs.1)?.max(latitude))
}

fn distance(what: &str, ours: &[f64], theirs: &[f64]) -> Result<f64, String> {
    if ours.len() != theirs.len() {
        return Err(format!("{} {what}s, not {}", ours.len(), theirs.len()));
    }
    let mut farthest = 0.0_f64;
    for (index, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
        let apart = (ours - theirs).abs();
        // 0 and 360 are one meridian, and rounding decides which of them is given.
        let apart = if what == "longitude" {
            apart.min((apart - 360.0).abs())
        } else {
            apart
        };
        if apart > NEAR || apart.is_nan() {
            return Err(format!("{what} {index} is {ours}, not {theirs}"));
        }
        farthest = farthest.max(apart);
    }
    Ok(farthest)
}
