//! Templates: built from one run, used for others, compared, proven, published; and what they must refuse.
#![expect(clippy::print_stderr, reason = "the counts are the proof")]

use std::path::{Path, PathBuf};

use gik_tests::archive;
use gik_tests::fixture::workspace;
use gik_tests::gik::{self, Run};
use gik_tests::oracle::{self, Stack};
use gik_tests::scratch::Scratch;
use serde_json::{Value, json};

const GEFS_DATES: [&str; 3] = ["20241112", "20250918", "20251101"];
/// Both ends of each run of evenly spaced steps of the ensemble.
const ECMWF_STEPS: &str = "0,3,6,141,144,150,156";

fn sample(bucket: &str) -> String {
    let path = workspace().join("tests/fixtures/sample").join(bucket);
    path.display().to_string()
}

fn target() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
}

fn gefs(date: &str) -> PathBuf {
    let options = format!("--date {date} --hours 0-240:3 --grid 10 --members 1");
    archive::made(target(), "gefs", &options)
}

fn ecmwf(date: &str) -> PathBuf {
    let options = format!("--date {date} --hours {ECMWF_STEPS} --grid 18 --members 0-2");
    archive::made(target(), "ecmwf", &options)
}

/// Runs `gik` with words and the archive that they are of.
fn run(scratch: &Scratch, words: &str, archive: &Path) -> Run {
    let archive = archive.display().to_string();
    let mut arguments: Vec<&str> = words.split_whitespace().collect();
    arguments.extend(["--from", &archive]);
    gik::run(scratch.path(), &arguments)
}

/// Opens a store in both stacks; every sampled field must equal the formula, every coordinate must be right.
fn opened(store: &Path, words: &str) -> usize {
    let store = store.display().to_string();
    let mut checked = 0;
    for stack in [Stack::Zarr2, Stack::Zarr3] {
        let mut arguments = vec![store.as_str(), "--json"];
        arguments.extend(words.split_whitespace());
        let told = oracle::run(stack, "open_refs.py", &arguments);
        let report: Value = serde_json::from_str(&told).expect("JSON");
        assert_eq!(report["problems"], json!([]), "{stack:?} {store}");
        checked += usize::try_from(report["checked"].as_u64().expect("a count")).expect("few");
    }
    checked
}

#[test]
fn one_template_serves_the_whole_run_of_every_date() {
    let scratch = Scratch::new();
    let first = gefs(GEFS_DATES[0]);
    let words = "template build gefs --date 20241112 --members gep01 --out templates --json";
    let built = run(&scratch, words, &first).json();
    assert_eq!(built["report"]["header"], built["report"]["rows"]);
    for date in GEFS_DATES {
        let words = format!(
            "refs gefs --date {date} --members 1 --template templates/gefs.parquet --mapped-index {date}.parquet \
             --out {date} --json"
        );
        let told = run(&scratch, &words, &gefs(date)).json();
        let report = &told["report"];
        assert_eq!(
            report["references"], 3_066,
            "26 messages of f000 and 38 of each other"
        );
        assert_eq!(report["template"]["run"], built["report"]["run"]);
        assert_eq!(report["objects"], 81);
        assert_eq!(report["objects_of_date"], 81, "no date of the template");
        let headers = report["requests"]["ranges"].as_u64().unwrap();
        assert!(headers <= 30, "{headers} ranges were read");
        let store = scratch.path().join(date).join("gep01.parquet");
        let checked = opened(
            &store,
            &format!("--field gefs --date {date} --member 1 --grid 10 --samples 2"),
        );
        eprintln!("{date}: {checked} fields");
        let verified = gik::run(
            scratch.path(),
            &["verify", &store.display().to_string(), "--values", "--json"],
        );
        let verified = verified.json();
        assert_eq!(verified["checked"], 3_066);
        assert_eq!(verified["values"], 3_066 * 36 * 19);
        assert_eq!(verified["faults"], json!([]));
        let file = scratch.path().join(format!("{date}.parquet"));
        mapped_index(&file, 3_066, date);
    }
}

/// The mapped index has the columns that readers of kerchunk's expect, with the types of pandas.
fn mapped_index(file: &Path, rows: usize, date: &str) {
    let told = oracle::run(
        Stack::Zarr2,
        "dump_frames.py",
        &[&file.display().to_string()],
    );
    let frame: Value = serde_json::from_str(told.lines().next().unwrap()).unwrap();
    let types = [
        ("varname", "object"),
        ("stepType", "object"),
        ("typeOfLevel", "object"),
        ("name", "object"),
        ("level", "float64"),
        ("step", "timedelta64[ns]"),
        ("time", "datetime64[ns]"),
        ("valid_time", "datetime64[ns]"),
        ("number", "int64"),
        ("uri", "object"),
        ("offset", "int64"),
        ("length", "int64"),
    ];
    assert_eq!(frame["types"], json!(types));
    let found = frame["rows"].as_array().unwrap();
    assert_eq!(found.len(), rows);
    for row in found {
        let number = |name: &str| row[name].as_f64().unwrap();
        assert_eq!(number("valid_time"), number("time") + number("step"));
        assert_eq!(number("number"), 1.0);
        let uri = row["uri"].as_str().unwrap();
        let hour = number("step") / 3_600.0;
        assert!(uri.contains(date), "{uri}");
        assert!(uri.ends_with(&format!(".f{hour:03}")), "{uri} at {hour}");
        if row["varname"] == "t2m" {
            assert_eq!(row["level"], 2.0, "not the member's number");
        }
    }
}

#[test]
fn a_template_of_one_day_serves_another_of_the_ensemble() {
    let scratch = Scratch::new();
    let words =
        format!("template build ifs-ens --date 20250529 --steps {ECMWF_STEPS} --out t --json");
    let built = run(&scratch, &words, &ecmwf("20250529")).json();
    assert_eq!(built["report"]["members"], json!(["ens01"]));
    let words = format!(
        "refs ifs-ens --date 20250601 --members 0-2 --steps {ECMWF_STEPS} --template t/ifs-ens.parquet --out out --json"
    );
    let told = run(&scratch, &words, &ecmwf("20250601")).json();
    assert_eq!(told["report"]["references"], 3 * 1_099);
    assert_eq!(told["report"]["indexes"], 7, "each index is read once");
    assert_eq!(told["report"]["requests"]["gets"], 7);
    for (number, name) in ["control", "ens01", "ens02"].iter().enumerate() {
        let store = scratch.path().join("out").join(format!("{name}.json"));
        let words =
            format!("--field ecmwf --date 20250601 --member {number} --grid 18 --samples 3");
        eprintln!("{name}: {} fields", opened(&store, &words));
    }
}

#[test]
fn a_template_knows_both_streams_of_50r1() {
    let scratch = Scratch::new();
    let archive = ecmwf("20260706");
    let words =
        format!("template build ifs-ens --date 20260706 --steps {ECMWF_STEPS} --out t --json");
    let built = run(&scratch, &words, &archive).json();
    assert_eq!(built["report"]["members"], json!(["control", "ens01"]));
    let words = format!(
        "refs ifs-ens --date 20260706 --members 0-2 --steps {ECMWF_STEPS} --template t/ifs-ens.parquet --out out --json"
    );
    let told = run(&scratch, &words, &archive).json();
    assert_eq!(told["report"]["indexes"], 14, "enfo and oper");
    for (number, name) in [(0, "control"), (2, "ens02")] {
        let store = scratch.path().join("out").join(format!("{name}.parquet"));
        let words =
            format!("--field ecmwf --date 20260706 --member {number} --grid 18 --samples 3");
        eprintln!("{name}: {} fields", opened(&store, &words));
        let text = std::fs::read_to_string(store.with_extension("json")).unwrap();
        assert_eq!(text.contains("-oper-fc.grib2"), number == 0);
        assert_eq!(text.contains("-enfo-ef.grib2"), number != 0);
    }
    let words = format!(
        "refs ifs-ens --date 20260706 --members 0 --steps {ECMWF_STEPS} --template t/ifs-ens.parquet --out alone"
    );
    assert_eq!(run(&scratch, &words, &archive).code, 0);
    let read = |folder: &str| std::fs::read(scratch.path().join(folder).join("control.json"));
    assert_eq!(
        read("alone").unwrap(),
        read("out").unwrap(),
        "a member is the same whoever else is asked for"
    );
}

#[test]
fn a_template_of_another_source_or_era_is_refused_by_both_names() {
    let scratch = Scratch::new();
    let words = format!("template build ifs-ens --date 20250529 --steps {ECMWF_STEPS} --out t");
    assert_eq!(run(&scratch, &words, &ecmwf("20250529")).code, 0);
    let template = "--template t/ifs-ens.parquet --out out";
    let gefs_sample = sample("noaa-gefs-pds");
    let words = format!("refs gefs --date 20250918 --members 1 --steps 3 {template}");
    let told = run(&scratch, &words, Path::new(&gefs_sample));
    assert_eq!(told.code, 1);
    for part in ["ifs-ens/ifs-13l/", "gefs/", "gik template build"] {
        assert!(told.stderr.contains(part), "{part}: {}", told.stderr);
    }
    let words = format!("refs ifs-ens --date 20260706 --members 1 --steps 3 {template}");
    let told = run(&scratch, &words, &ecmwf("20260706"));
    assert_eq!(told.code, 1);
    for part in ["ifs-ens/ifs-13l/", "ifs-ens/50r1"] {
        assert!(told.stderr.contains(part), "{part}: {}", told.stderr);
    }
    assert!(!scratch.path().join("out").exists(), "nothing is written");
    scratch.write("t/not.parquet", b"PAR1 nothing PAR1");
    let words = "refs gefs --date 20250918 --members 1 --template t/not.parquet --out out";
    let told = run(&scratch, words, Path::new(&gefs_sample));
    assert_eq!(told.code, 1);
    assert!(told.stderr.contains("not a template"), "{}", told.stderr);
}

#[test]
fn what_differs_is_said_with_why_it_matters() {
    let scratch = Scratch::new();
    let archive = sample("noaa-gefs-pds");
    let words = "template build gefs --date 20250918 --members gep01 --steps 0-12 --out t";
    assert_eq!(run(&scratch, words, Path::new(&archive)).code, 0);
    let diff = |words: &str| {
        let mut arguments = vec!["template", "diff"];
        arguments.extend(words.split_whitespace());
        gik::run(scratch.path(), &arguments)
    };
    let told = diff("t/gefs.parquet t/gefs.parquet");
    assert_eq!((told.code, told.stdout.as_str()), (0, ""));
    let told = diff("builtin t/gefs.parquet --json");
    assert_eq!(told.code, 3);
    let told: Value = serde_json::from_str(&told.stdout).unwrap();
    let found = told["differences"].as_array().unwrap();
    let of = |what: &str| {
        let found = found.iter().filter(|one| one["difference"]["what"] == what);
        found.collect::<Vec<_>>()
    };
    let grid = of("grid");
    assert_eq!(grid.len(), 1);
    let sides = &grid[0]["difference"];
    assert!(sides["first"].as_str().unwrap().starts_with("1440 x 721"));
    assert!(sides["second"].as_str().unwrap().starts_with("36 x 19"));
    assert!(grid[0]["matters"].as_str().unwrap().contains("shapes"));
    for what in [
        "variable",
        "level",
        "window",
        "only-in-first",
        "only-in-second",
    ] {
        let found = of(what);
        assert!(
            found.is_empty(),
            "the inventory is what headers say: {found:?}"
        );
    }
    let told = diff("builtin builtin");
    assert_eq!(told.code, 2);
}

#[test]
fn other_members_prove_a_template() {
    let scratch = Scratch::new();
    let archive = sample("noaa-gefs-pds");
    let words = "template build gefs --date 20250918 --members gep01 --steps 0-12 --prove 30 --out t --json";
    let told = run(&scratch, words, Path::new(&archive));
    assert_eq!(told.code, 3, "the sample has one of them only");
    let told: Value = serde_json::from_str(&told.stdout).unwrap();
    let report = &told["report"];
    assert_eq!(report["proven_members"].as_array().unwrap().len(), 30);
    assert_eq!(
        report["proven"], report["rows"],
        "a header of gec00 for each row"
    );
    for gap in told["gaps"].as_array().unwrap() {
        assert_eq!(gap["why"]["reason"], "not-found", "{gap}");
        assert_ne!(gap["member"], "gec00");
    }
}

#[test]
fn the_published_layout_is_written_for_each_member_and_hour() {
    let scratch = Scratch::new();
    let archive = sample("ecmwf-forecasts");
    let words = "template build ifs-ens --date 20250601 --members 0-1 --steps 0-6 --layout per-hour --out t";
    let told = run(&scratch, words, Path::new(&archive));
    assert_eq!(told.code, 0, "{}", told.stderr);
    for (member, hour) in [("control", "000"), ("ens01", "003"), ("ens01", "006")] {
        let name = format!("t/ecmwf/{member}/ecmwf-time-20250601-{member}-rt{hour}.parquet");
        assert!(scratch.path().join(&name).exists(), "{name}");
        assert!(told.stdout.contains(&name), "{name}");
    }
    assert_eq!(told.stdout.lines().count(), 6);
}
