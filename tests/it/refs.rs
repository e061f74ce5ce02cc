//! The main job: references of the sample archive and of real files, opened by xarray in both stacks.
#![expect(clippy::print_stderr, reason = "the counts are the proof")]

use std::fs;
use std::path::{Path, PathBuf};

use gik_tests::fixture::{shared, workspace};
use gik_tests::gik::{self, Run};
use gik_tests::oracle::{self, Stack};
use gik_tests::scratch::Scratch;
use serde_json::Value;

const GEFS: &str = "tests/fixtures/sample/noaa-gefs-pds";
const ECMWF: &str = "tests/fixtures/sample/ecmwf-forecasts";

fn sample(path: &str) -> String {
    workspace().join(path).display().to_string()
}

/// `gik refs`; the samples' grids are coarse, so their names and grid are read from themselves unless a test says otherwise.
fn refs(scratch: &Scratch, arguments: &[&str]) -> Run {
    let template: &[&str] = match arguments.contains(&"--template") {
        true => &[],
        false => &["--template", "scan"],
    };
    gik::run(
        scratch.path(),
        &[&["refs"], arguments, template, &["--out", "out"]].concat(),
    )
}

/// Opens a store with xarray in both stacks and compares every field with the formula that it was made from.
fn opened(store: &Path, system: &str, date: &str, member: &str, grid: &str) -> Vec<Value> {
    let store = store.display().to_string();
    [Stack::Zarr2, Stack::Zarr3]
        .map(|stack| {
            let options = [
                "--field", system, "--date", date, "--member", member, "--grid", grid, "--json",
            ];
            let told = oracle::run(
                stack,
                "open_refs.py",
                &[&[store.as_str()][..], &options].concat(),
            );
            let report: Value = serde_json::from_str(&told).expect("JSON");
            assert_eq!(
                report["problems"],
                serde_json::json!([]),
                "{stack:?} {store}"
            );
            report
        })
        .to_vec()
}

fn array<'a>(report: &'a Value, path: &str) -> &'a Value {
    let arrays = report["arrays"].as_array().expect("arrays");
    let found = arrays.iter().find(|array| array["path"] == path);
    found.unwrap_or_else(|| panic!("no array {path}"))
}

#[test]
fn a_gefs_member_opens_with_the_values_it_was_made_from() {
    let scratch = Scratch::new();
    let archive = sample(GEFS);
    let told = refs(
        &scratch,
        &[
            "gefs",
            "--date",
            "20250918",
            "--members",
            "gep01",
            "--steps",
            "0-12",
            "--format",
            "kv-parquet,kerchunk-json,kerchunk-parquet",
            "--from",
            &archive,
        ],
    );
    assert_eq!(told.code, 0, "{}", told.stderr);
    for name in ["gep01.parquet", "gep01.json", "gep01.kerchunk"] {
        for report in opened(
            &scratch.path().join("out").join(name),
            "gefs",
            "20250918",
            "1",
            "10",
        ) {
            assert_eq!(report["checked"], 178, "every message of five steps");
            let rain = array(&report, "/tp/accum/surface/tp");
            assert_eq!(
                rain["dims"],
                serde_json::json!(["step", "latitude", "longitude"])
            );
            let coordinates = &rain["coordinates"];
            assert_eq!(coordinates["number"], 1);
            assert_eq!(coordinates["longitude"][0], 0.0);
            assert_eq!(coordinates["latitude"][0], 90.0);
        }
    }
}

#[test]
fn an_ifs_member_has_its_levels_and_its_own_values() {
    let scratch = Scratch::new();
    let archive = sample(ECMWF);
    for (name, number) in [("control", "0"), ("ens01", "1"), ("ens02", "2")] {
        let told = refs(
            &scratch,
            &[
                "ifs-ens",
                "--date",
                "20250601",
                "--members",
                number,
                "--steps",
                "0-6",
                "--from",
                &archive,
            ],
        );
        assert_eq!(told.code, 0, "{}", told.stderr);
        let store = scratch.path().join("out").join(format!("{name}.json"));
        for report in opened(&store, "ecmwf", "20250601", number, "18") {
            let wind = array(&report, "/u/instant/isobaricInhPa/u");
            let dims = ["step", "isobaricInhPa", "latitude", "longitude"];
            assert_eq!(wind["dims"], serde_json::json!(dims));
            let levels = [
                50, 100, 150, 200, 250, 300, 400, 500, 600, 700, 850, 925, 1000,
            ];
            let levels: Vec<f64> = levels.map(f64::from).to_vec();
            assert_eq!(
                wind["coordinates"]["isobaricInhPa"],
                serde_json::json!(levels)
            );
            assert_eq!(wind["coordinates"]["longitude"][0], -180.0);
            assert_eq!(
                array(&report, "/sot/instant/soilLayer/sot")["shape"][1],
                4,
                "soil layers stay apart"
            );
        }
    }
}

#[test]
fn the_control_of_50r1_comes_from_oper_and_members_from_enfo() {
    let scratch = Scratch::new();
    let archive = sample(ECMWF);
    for (name, number) in [("control", "0"), ("ens01", "1")] {
        let told = refs(
            &scratch,
            &[
                "ifs-ens",
                "--date",
                "20260706",
                "--members",
                name,
                "--steps",
                "0-3",
                "--from",
                &archive,
            ],
        );
        assert_eq!(told.code, 0, "{}", told.stderr);
        let store = scratch.path().join("out").join(format!("{name}.parquet"));
        opened(&store, "ecmwf", "20260706", number, "18");
        let json = fs::read_to_string(store.with_extension("json")).expect("a store");
        let stream = if name == "control" {
            "-oper-fc.grib2"
        } else {
            "-enfo-ef.grib2"
        };
        assert!(json.contains(stream), "{name}");
    }
}

#[test]
fn asking_for_less_changes_no_array() {
    let scratch = Scratch::new();
    let archive = sample(ECMWF);
    let told = refs(
        &scratch,
        &[
            "ifs-ens",
            "--date",
            "20250601",
            "--members",
            "ens01",
            "--steps",
            "3",
            "--vars",
            "t2m,u@700",
            "--from",
            &archive,
            "--format",
            "kerchunk-json",
            "--json",
        ],
    );
    let report = told.json();
    assert_eq!(report["report"]["references"], 2);
    for report in opened(
        &scratch.path().join("out/ens01.json"),
        "ecmwf",
        "20250601",
        "1",
        "18",
    ) {
        assert_eq!(
            array(&report, "/u/instant/isobaricInhPa/u")["shape"][1],
            13,
            "the level axis stays whole"
        );
    }
    let told = refs(
        &scratch,
        &[
            "ifs-ens",
            "--date",
            "20250601",
            "--members",
            "1",
            "--steps",
            "3",
            "--vars",
            "t3m",
            "--from",
            &archive,
        ],
    );
    assert_eq!(told.code, 2, "what was asked for is not there");
    assert!(told.stderr.contains("no variable `t3m`"), "{}", told.stderr);
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let scratch = Scratch::new();
    let archive = sample(GEFS);
    let mut results = Vec::new();
    for out in ["one", "two"] {
        let told = gik::run(
            scratch.path(),
            &[
                "refs",
                "gefs",
                "--date",
                "20250918",
                "--members",
                "gec00",
                "--steps",
                "0-12",
                "--template",
                "scan",
                "--from",
                &archive,
                "--out",
                out,
            ],
        );
        assert_eq!(told.code, 0, "{}", told.stderr);
        let folder = scratch.path().join(out);
        results.push(
            ["gec00.parquet", "gec00.json"]
                .map(|name| fs::read(folder.join(name)).expect("a file")),
        );
    }
    assert_eq!(results[0], results[1]);
}

#[test]
fn a_grid_that_is_not_the_templates_is_an_error_that_names_both() {
    let scratch = Scratch::new();
    let archive = sample(GEFS);
    let told = refs(
        &scratch,
        &[
            "gefs",
            "--date",
            "20250918",
            "--members",
            "gep01",
            "--steps",
            "0-12",
            "--template",
            "builtin",
            "--from",
            &archive,
        ],
    );
    assert_eq!(told.code, 1);
    for part in ["1440 x 721 points", "36 x 19 points", "--template scan"] {
        assert!(told.stderr.contains(part), "{part}: {}", told.stderr);
    }
    assert!(!scratch.path().join("out").exists(), "nothing is written");
}

/// The sample's GEFS files of one step under another root, changed by the caller.
fn copied(scratch: &Scratch, step: &str) -> (PathBuf, PathBuf) {
    let inside = format!("gefs.20250918/00/atmos/pgrb2sp25/gep01.t00z.pgrb2s.0p25.f{step}");
    let read = |end: &str| {
        fs::read(workspace().join(GEFS).join(format!("{inside}{end}"))).expect("a sample")
    };
    let data = scratch.write(&format!("archive/{inside}"), read(""));
    let index = scratch.write(&format!("archive/{inside}.idx"), read(".idx"));
    (data, index)
}

fn of_copy(scratch: &Scratch) -> Run {
    refs(
        scratch,
        &[
            "gefs",
            "--date",
            "20250918",
            "--members",
            "gep01",
            "--steps",
            "3",
            "--from",
            "archive",
        ],
    )
}

#[test]
fn an_index_that_is_not_of_this_file_is_refused() {
    let changes: [(&str, &str, &str, &str); 4] = [
        (
            "another run",
            "d=2025091800",
            "d=2025091700",
            "run 2025-09-17T00 in the index of run 2025-09-18T00",
        ),
        (
            "another member",
            "ENS=+1",
            "ENS=+2",
            "another member's message",
        ),
        (
            "another step",
            "3 hour fcst",
            "6 hour fcst",
            "step 6 in the index of step 3",
        ),
        (
            "another variable's level",
            ":TMP:2 m above",
            ":TMP:3 m above",
            "the index says",
        ),
    ];
    for (what, from, to, says) in changes {
        let scratch = Scratch::new();
        let (_, index) = copied(&scratch, "003");
        let text = fs::read_to_string(&index).expect("text").replace(from, to);
        fs::write(&index, text).expect("written");
        let told = of_copy(&scratch);
        assert_eq!(told.code, 1, "{what}: {}", told.stderr);
        assert!(told.stderr.contains(says), "{what}: {}", told.stderr);
    }
}

#[test]
fn an_index_beyond_the_end_of_its_file_is_refused() {
    let scratch = Scratch::new();
    let (data, _) = copied(&scratch, "003");
    let bytes = fs::read(&data).expect("a file");
    fs::write(&data, &bytes[..bytes.len() / 2]).expect("written");
    let told = of_copy(&scratch);
    assert_eq!(told.code, 1);
    assert!(told.stderr.contains("line "), "{}", told.stderr);
}

#[test]
fn missing_steps_are_gaps_and_exit_3() {
    let scratch = Scratch::new();
    copied(&scratch, "003");
    let told = refs(
        &scratch,
        &[
            "gefs",
            "--date",
            "20250918",
            "--members",
            "gep01",
            "--steps",
            "3,6",
            "--from",
            "archive",
            "--json",
        ],
    );
    assert_eq!(told.code, 3, "{}", told.stderr);
    let report: Value = serde_json::from_str(&told.stdout).expect("JSON");
    assert_eq!(report["gaps"][0]["why"]["reason"], "not-found");
    assert_eq!(report["gaps"].as_array().map(Vec::len), Some(1));
}

#[test]
fn real_indexes_become_references() {
    let Some(index) = shared("data/index") else {
        return;
    };
    let cases = [
        (
            "dynamical-org__reformatters/gep01.t00z.pgrb2s.0p25.f015.idx",
            "gefs.20250801/00/atmos/pgrb2sp25/gep01.t00z.pgrb2s.0p25.f015.idx",
            vec![
                "gefs",
                "--date",
                "20250801",
                "--members",
                "gep01",
                "--steps",
                "15",
            ],
            // The last message's length is its file's business, and that file is not there.
            (37, 3),
        ),
        (
            "FahrenheitResearch__rusty-weather/ifs.20260812.t00z.f024.oper.index",
            "20260812/00z/ifs/0p25/oper/20260812000000-24h-oper-fc.index",
            vec!["ifs-oper", "--date", "20260812", "--steps", "24"],
            (184, 0),
        ),
    ];
    for (file, place, arguments, (references, code)) in cases {
        let scratch = Scratch::new();
        scratch.write(
            &format!("archive/{place}"),
            fs::read(index.join(file)).expect("an index"),
        );
        let told = refs(
            &scratch,
            &[arguments, vec!["--from", "archive", "--json"]].concat(),
        );
        assert_eq!(told.code, code, "{file}: {}", told.stderr);
        let report: Value = serde_json::from_str(&told.stdout).expect("JSON");
        assert_eq!(report["report"]["references"], references, "{file}");
        eprintln!("{file}: {references} references");
    }
}

#[test]
fn a_real_ensemble_index_with_its_messages_opens_with_eccodes_values() {
    let (Some(index), Some(grib)) = (
        shared("data/index/vorpalvorpal__meteoTidy/small.index"),
        shared("data/grib/vorpalvorpal__meteoTidy/small.grib2"),
    ) else {
        return;
    };
    let scratch = Scratch::new();
    let place = "archive/20260702/00z/ifs/0p25/enfo/20260702000000-24h-enfo-ef";
    scratch.write(
        &format!("{place}.index"),
        fs::read(index).expect("an index"),
    );
    let data = scratch.write(&format!("{place}.grib2"), fs::read(grib).expect("messages"));
    for number in ["1", "2", "3"] {
        let told = refs(
            &scratch,
            &[
                "ifs-ens",
                "--date",
                "20260702",
                "--members",
                number,
                "--steps",
                "24",
                "--vars",
                "2t",
                "--from",
                "archive",
                "--template",
                "builtin",
                "--json",
            ],
        );
        // All but one variable is missing from this cut-out, and that is said of those asked for only.
        let report = told.json();
        assert_eq!(report["report"]["references"], 1);
        assert_eq!(
            report["report"]["proven"], 1,
            "the built-in template was held against the message"
        );
        let store = scratch.path().join(format!("out/ens0{number}.json"));
        for stack in [Stack::Zarr2, Stack::Zarr3] {
            let told = oracle::run(
                stack,
                "same_values.py",
                &[
                    &store.display().to_string(),
                    "t2m/instant/heightAboveGround/t2m",
                    &data.display().to_string(),
                    number,
                ],
            );
            assert_eq!(told.trim(), "1038240 values equal", "{stack:?}");
        }
    }
}

#[test]
fn the_usage_examples_of_the_request_run() {
    let scratch = Scratch::new();
    let words = "gefs --date 20250918 --members gep01 --steps 0-12 --from";
    let archive = sample(GEFS);
    let mut arguments: Vec<&str> = words.split_whitespace().collect();
    arguments.push(&archive);
    assert_eq!(refs(&scratch, &arguments).code, 0);
    let files = ["parquet", "json"].map(|end| {
        let path = scratch.path().join(format!("out/gep01.{end}"));
        path.display().to_string()
    });
    let told = oracle::run(Stack::Zarr2, "seed_examples.py", &[&files[0], &files[1]]);
    let told: Value = serde_json::from_str(&told).expect("JSON");
    assert_eq!(told["latitude"], serde_json::json!([10.0, 0.0, -10.0]));
    assert_eq!(told["longitude"], serde_json::json!([30.0, 40.0, 50.0]));
    assert_eq!(told["finite"], true);
    assert_eq!(
        told["same"], true,
        "engine kerchunk reads what fsspec reads"
    );
    assert_eq!(told["valid_time"], "2025-09-18T12:00:00");
    let kelvin = told["mean_t2m"].as_f64().expect("a number");
    assert!((200.0..330.0).contains(&kelvin), "{kelvin}");
}
