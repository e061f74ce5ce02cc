//! `gik decode` and `gik inspect --values`, against what ecCodes decodes.
#![expect(clippy::print_stdout, reason = "the counts are the proof")]

use std::path::{Path, PathBuf};

use gik_tests::gik::{self, Run};
use gik_tests::oracle::{self, Stack};
use gik_tests::{fixture, scratch::Scratch, server::Server};
use serde_json::{Value, json};

/// Real files: reduced and projected grids, packings, messages of several fields.
const REAL: [&str; 6] = [
    "NOAA-MDL__grib2io/eta.grb",
    "D0ubleD0uble__fieldglass/png_eta_lambert.grib2",
    "ecmwf__eccodes/reduced_gg_pl_32_grib2.tmpl",
    "ecmwf__eccodes/reduced_gg_sfc_jpeg_grib2.tmpl",
    "mpiannucci__gribberish/multi_1.at_10m.t12z.f147.grib2",
    "mpiannucci__gribberish/multi_1.nww3.t12z.grib2",
];

fn sample(name: &str) -> PathBuf {
    fixture::workspace()
        .join("tests/fixtures/sample")
        .join(name)
}

const GEFS: &str = "noaa-gefs-pds/gefs.20250918/00/atmos/pgrb2sp25/gep01.t00z.pgrb2s.0p25.f003";
const ENFO: &str = "ecmwf-forecasts/20250601/00z/ifs/0p25/enfo/20250601000000-3h-enfo-ef.grib2";

#[test]
fn every_format_holds_what_eccodes_decodes() {
    let scratch = Scratch::new();
    let grids = scratch.path().join("grids");
    oracle::run(Stack::Zarr2, "encode_grids.py", &[grids.to_str().unwrap()]);
    // Grids of a million points take Python a second each.
    let mut files: Vec<PathBuf> = fixture::files(&grids);
    files.retain(|file| std::fs::metadata(file).unwrap().len() < 60_000);
    files.extend([sample(GEFS), sample(ENFO)]);
    if let Some(folder) = fixture::shared("data/grib") {
        files.extend(REAL.map(|name| folder.join(name)));
    }
    let mut cases = Vec::new();
    for file in &files {
        let listed = listed(file);
        let (several, single): (Vec<_>, Vec<_>) = listed
            .iter()
            .partition(|row| row["message"].as_str().unwrap().contains('.'));
        for message in single.iter().take(2).chain(several.iter().take(2)) {
            let stem = format!("case-{}", cases.len());
            write(file, message, &scratch.path().join(&stem));
            let number = message["message"].as_str().unwrap();
            let field = number.split_once('.').map_or("1", |(_, field)| field);
            cases.push(json!({
                "file": file,
                "offset": message["offset"],
                "field": field.parse::<u64>().unwrap(),
                "stem": stem,
            }));
        }
    }
    scratch.write("cases.json", serde_json::to_vec(&cases).unwrap());
    let folder = scratch.path().to_str().unwrap();
    let compared = oracle::run(Stack::Zarr2, "same_decoded.py", &[folder]);
    println!("{} files: {compared}", files.len());
    let compared: Value = serde_json::from_str(&compared).unwrap();
    assert_eq!(compared["fields"], cases.len());
    assert!(compared["placed"].as_u64() > Some(55) && compared["missing"].as_u64() > Some(0));
}

fn listed(file: &Path) -> Vec<Value> {
    let arguments = ["inspect", "--json", "--values", file.to_str().unwrap()];
    let listed = gik::run(file.parent().unwrap(), &arguments);
    listed.json()["messages"].as_array().unwrap().clone()
}

/// Writes a field in every format as `STEM.*`; the statistics must be those that `inspect --values` printed.
fn write(file: &Path, message: &Value, stem: &Path) {
    let number = message["message"].as_str().unwrap();
    let folder = stem.parent().unwrap();
    let place = format!("{}:{number}", file.display());
    let to = |extension: &str| format!("{}.{extension}", stem.display());
    for (format, extension) in [("npy", "f4.npy"), ("json", "json"), ("csv", "csv")] {
        let out = to(extension);
        let arguments = ["decode", &place, "--format", format, "--out", &out];
        let done = gik::run(folder, &arguments);
        let unplaced = format == "csv" && done.stderr.contains("the coordinates of grid");
        assert!(done.code == 0 || unplaced, "{place}: {}", done.stderr);
        assert!(done.stdout.is_empty() && (unplaced || done.stderr.is_empty()));
    }
    let out = to("f8.npy");
    let arguments = ["decode", &place, "--format", "npy", "--f64", "--out", &out];
    assert_eq!(gik::run(folder, &arguments).code, 0);
    let statistics = gik::run(folder, &["decode", &place, "--json"]);
    std::fs::write(to("stats.json"), &statistics.stdout).unwrap();
    let statistics = statistics.json();
    for column in ["count", "missing", "min", "mean", "max"] {
        assert_eq!(statistics[column], message[column], "{place}: {column}");
    }
}

#[test]
fn a_field_is_named_by_its_number_or_its_bytes() {
    let scratch = Scratch::new();
    let octets = std::fs::read(sample(GEFS)).unwrap();
    let file = scratch.write("a:b.grib2", &octets);
    let messages = listed(&file);
    let third = &messages[2];
    let (offset, length) = (&third["offset"], &third["length"]);
    let decode = |place: &str| gik::run(scratch.path(), &["decode", place, "--json"]);
    let by_number = decode("a:b.grib2:3").json();
    assert_eq!(by_number["mean"], third["mean"]);
    assert_eq!(
        decode(&format!("a:b.grib2#{offset},{length}")).json(),
        by_number
    );
    assert_eq!(
        decode(&format!("a:b.grib2#{offset},{length}:1.1")).json(),
        by_number
    );
    let server = Server::start(scratch.path());
    let url = format!("{}/a:b.grib2", server.url());
    assert_eq!(decode(&format!("{url}:3")).json(), by_number);
    let before = server.stats().bytes;
    assert_eq!(
        decode(&format!("{url}#{offset},{length}")).json(),
        by_number
    );
    let fetched = server.stats().bytes - before;
    assert_eq!(Some(fetched), length.as_u64(), "the message and no more");

    let start = usize::try_from(offset.as_u64().unwrap()).unwrap();
    let end = start + usize::try_from(length.as_u64().unwrap()).unwrap();
    scratch.write("one:3", &octets[start..end]);
    assert_eq!(decode("one:3").json(), by_number, "a file of that name");
}

#[test]
fn what_cannot_be_decoded_is_an_error_with_its_place() {
    let scratch = Scratch::new();
    let octets = std::fs::read(sample(GEFS)).unwrap();
    let length = octets.len();
    scratch.write("a.grib2", &octets);
    let first = &listed(&sample(GEFS))[0];
    let end = usize::try_from(first["length"].as_u64().unwrap()).unwrap();
    // Octets 10 and 11 of section 5: the data representation.
    let mut other = octets[..end].to_vec();
    let section = (0..end - 10)
        .find(|at| {
            other[*at + 4] == 5
                && other[*at..*at + 3] == [0, 0, 0]
                && other[*at + 9..*at + 11] == [0, 3]
        })
        .unwrap();
    other[section + 10] = 50;
    scratch.write("other.grib2", &other);
    scratch.write(
        "x.idx",
        "1:0:d=2025080100:TMP:2 m above ground:15 hour fcst:ENS=+1\n",
    );
    let spanned = format!("a.grib2#0,{}", end - 1);
    let shifted = format!("a.grib2#1,{}", end - 1);
    let far = format!("a.grib2#0,{}", length + 1);
    let cases: [(&[&str], i32, &str); 11] = [
        (
            &["decode", "a.grib2"],
            2,
            "more than one field, and none is named",
        ),
        (&["decode", "a.grib2:999"], 2, "no message 999, it has"),
        (&["decode", "a.grib2:1.2"], 2, "no message 1.2, it has 1"),
        (
            &["decode", &spanned],
            1,
            "are not one message, which ends after",
        ),
        (&["decode", &shifted], 1, "no GRIB message at byte 1"),
        (&["decode", &far], 1, "a.grib2"),
        (
            &["decode", "a.grib2:1", "--json", "--format", "csv"],
            2,
            "does not go with --format csv",
        ),
        (
            &["decode", "a.grib2:1", "--out", ".."],
            2,
            "not the name of a file",
        ),
        (
            &["decode", "other.grib2"],
            1,
            "message 1 at byte 0\n  cause: section 5, octet 10: data representation template 5.50 is not supported",
        ),
        (&["decode", "x.idx"], 2, "no message 1, it has 0"),
        (
            &["inspect", "x.idx", "--values"],
            2,
            "an index has no values",
        ),
    ];
    for (arguments, code, words) in cases {
        let done = gik::run(scratch.path(), arguments);
        assert_eq!(done.code, code, "{arguments:?}: {}", done.stderr);
        assert!(done.stdout.is_empty(), "{arguments:?}: {}", done.stdout);
        assert!(
            done.stderr.contains(words),
            "{arguments:?}: {}",
            done.stderr
        );
    }

    // Of several messages the others are counted still.
    let whole = [other, octets[end..].to_vec()].concat();
    scratch.write("other.grib2", whole);
    let Run {
        code,
        stdout,
        stderr,
    } = gik::run(
        scratch.path(),
        &["inspect", "other.grib2", "--values", "--json"],
    );
    assert_eq!(code, 3, "{stderr}");
    let found: Value = serde_json::from_str(&stdout).unwrap();
    assert!(found["messages"][0]["count"].is_null() && found["messages"][1]["count"].is_number());
    assert_eq!(found["refused"].as_array().unwrap().len(), 1);
    assert!(
        stderr.contains("message 1: section 5, octet 10: "),
        "{stderr}"
    );
}

#[test]
fn values_stand_in_the_table_where_they_were_asked_for() {
    let path = sample(GEFS);
    let path = path.to_str().unwrap();
    let table = |more: &[&str]| {
        let run = gik::run(Path::new("/"), &[&["inspect", path], more].concat());
        assert_eq!(run.code, 0, "{}", run.stderr);
        run.stdout
    };
    let headings = |table: &str| table.lines().next().unwrap().to_owned();
    assert!(headings(&table(&["--values"])).ends_with("max"));
    assert!(!headings(&table(&[])).contains("missing"));
}
