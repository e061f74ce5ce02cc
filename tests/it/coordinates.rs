//! Where the points of real grids are, against where ecCodes places them.
#![expect(clippy::print_stderr, reason = "the counts are the proof")]

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};

use gik_core::grib::grid::template::SpaceView;
use gik_core::grib::grid::{Coordinates, Definition, Grid};
use gik_core::grib::messages;
use gik_core::grib::scan::Piece;
use gik_tests::{fixture, oracle};
use serde_json::Value;

/// How far a projected point may lie from that of ecCodes, in degrees: a tenth of a millimetre.
const NEAR: f64 = 1e-9;
/// The same for rotated grids, whose points ecCodes rounds in single precision.
const NEAR_ROTATED: f64 = 1.7e-5;

/// Grids that only one of the two places, or none.
const VERDICTS: [(&str, &str); 20] = [
    (
        "D0ubleD0uble__fieldglass/bifourier_ellipse_ieee32.grib2",
        "template 3.63 are not known; ecCodes says",
    ),
    (
        "D0ubleD0uble__fieldglass/bifourier_rectangle_keepaxes.grib2",
        "template 3.63 are not known; ecCodes says",
    ),
    (
        "D0ubleD0uble__fieldglass/spectral_simple_t63.grib2",
        "template 3.50 are not known; ecCodes says",
    ),
    // Latitudes that contradict the scanning mode.
    (
        "NOAA-EMC__NCEPLIBS-g2c/testgrib2.grb2",
        "rows cannot go from latitude 45 to 55",
    ),
    (
        "NOAA-EMC__wgrib2/ref_new_grid_gdt_32769.grib2",
        "template 3.32769 are not known; ecCodes says",
    ),
    (
        "NOAA-MDL__grib2io/rap.tsoil.gdt32769.grib2",
        "template 3.32769 are not known; ecCodes says",
    ),
    (
        "NOAA-MDL__grib2io/spectral.grb",
        "template 3.50 are not known; ecCodes says",
    ),
    (
        "ecmwf__cfgrib/regular_gg_wrong_increment.grib",
        "64 rows of 192 are not 18432 points; ecCodes says",
    ),
    (
        "ecmwf__earthkit-data/healpix_H8.grib2",
        "ecCodes places, we say: the coordinates of grid definition template 3.150",
    ),
    (
        "ecmwf__earthkit-data/test_icon.grib",
        "template 3.101 are not known; ecCodes says",
    ),
    (
        "ecmwf__eccodes/rotated_gg_sfc_grib2.tmpl",
        "ecCodes places, we say: the coordinates of grid definition template 3.41",
    ),
    (
        "ecmwf__fdb/20021130T12.grib",
        "ecCodes places, we say: the coordinates of grid definition template 3.150",
    ),
    (
        "ecmwf__fdb/data.grib",
        "template 3.150 are not known; ecCodes says",
    ),
    (
        "ecmwf__gribjump/gj-63.grib",
        "template 3.33 are not known; ecCodes says",
    ),
    (
        "ecmwf__gribjump/synth11_ccsds_no_bitmap.blob-def7c51.grib2",
        "19 rows of 36 are not 334 points; ecCodes says",
    ),
    (
        "google__weather-tools/test_grib2.bin",
        "we place, ecCodes says",
    ),
    (
        "jedarden__gribtract/drt40_j2k_3x2.grib2",
        "we place, ecCodes says",
    ),
    // N is not that of the first latitude; ecCodes crashes over it.
    (
        "jedarden__gribtract/gfs_gaussian_gdt40_drt0.grib2",
        "the first latitude is not Gaussian",
    ),
    (
        "jedarden__gribtract/rotated_latlon_gdt1_drt0.grib2",
        "section 3 is too short",
    ),
    (
        "noritada__grib-rs/icon_global_icosahedral",
        "template 3.101 are not known; ecCodes says",
    ),
];

#[test]
fn points_of_real_grids_are_where_eccodes_places_them() {
    let Some(folder) = fixture::shared("data/grib") else {
        return;
    };
    let verdicts = against(&folder);
    assert_eq!(verdicts.len(), VERDICTS.len());
    for (verdict, (file, expected)) in verdicts.iter().zip(VERDICTS) {
        assert!(
            verdict.starts_with(file) && verdict.contains(expected),
            "{verdict} ({file}: {expected})"
        );
    }
}

#[test]
fn points_of_every_kind_of_grid_are_where_eccodes_places_them() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("coordinates-encoded");
    oracle::run(
        oracle::Stack::Zarr2,
        "encode_grids.py",
        &[folder.to_str().unwrap()],
    );
    assert_eq!(against(&folder), Vec::<String>::new());
}

/// Compares every grid that ecCodes finds in the files of a folder; returns what only one of the two places.
fn against(folder: &Path) -> Vec<String> {
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR")).join("coordinates");
    std::fs::create_dir_all(&scratch).unwrap();
    let mut child = Command::new(oracle::python(oracle::Stack::Zarr2))
        .arg(fixture::workspace().join("tests/python/dump_coordinates.py"))
        .args([&scratch, folder])
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
        match (ours(&line), line.get("error")) {
            (Ok(ours), None) => match compare(&ours, &theirs, near(&line)) {
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
    eprintln!("{grids} grids, {points} latitudes, none farther than {farthest:e} degrees");
    eprintln!("{}", verdicts.join("\n"));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    verdicts
}

fn near(line: &Value) -> f64 {
    match line["gridType"].as_str() {
        // Of an axis every bit is the same.
        Some("regular_ll") => 0.0,
        Some("rotated_ll") => NEAR_ROTATED,
        _ => NEAR,
    }
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
    let mut grid = Grid::parse(&header.grid.octets).map_err(|error| error.to_string())?;
    eastward_and_northward(&mut grid);
    let coordinates = grid.coordinates().map_err(|error| error.to_string())?;
    Ok(match grid.definition {
        Definition::SpaceView(space) => from_north_west(coordinates, &space),
        _ => coordinates,
    })
}

/// ecCodes places the points of projected grids as if they were listed to the east and north whatever the scanning mode.
fn eastward_and_northward(grid: &mut Grid) {
    let scan = match &mut grid.definition {
        Definition::Mercator(grid) => &mut grid.scan,
        Definition::PolarStereographic(grid) => &mut grid.scan,
        Definition::Lambert(grid) => &mut grid.scan,
        _ => return,
    };
    scan.flags = scan.flags & !0x80 | 0x40;
}

/// ecCodes places the points of satellite images from north-west on whatever the scanning mode, and those past the earth
/// at 0 degrees north and east.
fn from_north_west(coordinates: Coordinates, space: &SpaceView) -> Coordinates {
    let Coordinates::Points {
        latitudes,
        longitudes,
    } = coordinates
    else {
        panic!("a satellite image has no axes");
    };
    let turned = |numbers: Vec<f64>| {
        let columns = usize::try_from(space.nx).unwrap();
        let mut rows: Vec<Vec<f64>> = numbers.chunks(columns).map(<[f64]>::to_vec).collect();
        if space.scan.j_positive() {
            rows.reverse();
        }
        if space.scan.i_negative() {
            rows.iter_mut().for_each(|row| row.reverse());
        }
        let numbers = rows.into_iter().flatten();
        numbers
            .map(|number| if number.is_nan() { 0.0 } else { number })
            .collect()
    };
    Coordinates::Points {
        latitudes: turned(latitudes),
        longitudes: turned(longitudes),
    }
}

/// The greatest distance of a coordinate of ours from that of ecCodes.
fn compare(ours: &Coordinates, theirs: &(Vec<f64>, Vec<f64>), near: f64) -> Result<f64, String> {
    let (latitudes, longitudes) = match ours {
        Coordinates::Points {
            latitudes,
            longitudes,
        } => (latitudes.clone(), longitudes.clone()),
        Coordinates::Axes {
            latitudes,
            longitudes,
        } => {
            // ecCodes sorts: latitudes as the rows go, longitudes from west to east, each once.
            let mut longitudes = longitudes.clone();
            longitudes.sort_by(f64::total_cmp);
            longitudes.dedup();
            (latitudes.clone(), longitudes)
        }
    };
    let latitude = distance("latitude", &latitudes, &theirs.0, near)?;
    Ok(distance("longitude", &longitudes, &theirs.1, near)?.max(latitude))
}

fn distance(what: &str, ours: &[f64], theirs: &[f64], near: f64) -> Result<f64, String> {
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
        if apart > near || apart.is_nan() {
            return Err(format!("{what} {index} is {ours}, not {theirs}"));
        }
        farthest = farthest.max(apart);
    }
    Ok(farthest)
}
