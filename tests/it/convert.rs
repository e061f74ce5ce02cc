//! `gik convert`: our own formats byte for byte, and published ones repaired and compared with values.
#![expect(clippy::print_stderr, reason = "the counts are the proof")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use gik_tests::fixture::{files, shared, workspace};
use gik_tests::gik::{self, Run};
use gik_tests::oracle::{self, Stack};
use gik_tests::scratch::Scratch;
use serde_json::{Value, json};

const ALL: &str = "kv-parquet,kerchunk-json,kerchunk-parquet";
const ENFO: &str = "tests/fixtures/sample/ecmwf-forecasts/20250601/00z/ifs/0p25/enfo";

fn path(inside: &str) -> String {
    workspace().join(inside).display().to_string()
}

fn convert(scratch: &Scratch, input: &str, arguments: &[&str]) -> Run {
    let fixed = ["convert", input, "--out", "out", "--json"];
    gik::run(scratch.path(), &[&fixed[..], arguments].concat())
}

/// What a run with `--json` says of its one store.
fn told(run: &Run) -> Value {
    let report: Value = serde_json::from_str(&run.stdout).expect("JSON");
    report["converted"][0].clone()
}

fn repairs(run: &Run) -> Vec<(String, u64)> {
    let told = told(run);
    let repairs = told["repairs"].as_array().expect("repairs");
    let pair = |repair: &Value| {
        let what = repair["what"].as_str().expect("text").to_owned();
        (what, repair["count"].as_u64().expect("a count"))
    };
    repairs.iter().map(pair).collect()
}

/// Every file below a folder, by its path there.
fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let read = |path: PathBuf| {
        let bytes = fs::read(&path).expect("a file");
        (path.strip_prefix(folder).expect("inside").to_owned(), bytes)
    };
    files(folder).into_iter().map(read).collect()
}

fn refs_of(store: &Path) -> BTreeMap<String, Value> {
    let store: Value = serde_json::from_slice(&fs::read(store).expect("a store")).expect("JSON");
    serde_json::from_value(store["refs"].clone()).expect("references")
}

/// References of the sample's ECMWF run as `gik refs` writes them.
fn ecmwf(scratch: &Scratch, member: &str) -> BTreeMap<String, Value> {
    let archive = path("tests/fixtures/sample/ecmwf-forecasts");
    let arguments = [
        "refs",
        "ifs-ens",
        "--date",
        "20250601",
        "--members",
        member,
        "--steps",
        "0-6",
        "--template",
        "scan",
        "--from",
        &archive,
        "--uri-base",
        "s3://ecmwf-forecasts",
        "--format",
        "kerchunk-json",
        "--out",
        "refs",
    ];
    let run = gik::run(scratch.path(), &arguments);
    assert_eq!(run.code, 0, "{}", run.stderr);
    refs_of(&scratch.path().join(format!("refs/{member}.json")))
}

fn publish(scratch: &Scratch, member: &str, options: &[&str]) -> String {
    let out = scratch
        .path()
        .join(format!("stage3_{member}_final.parquet"));
    let out = out.display().to_string();
    let index = |step: &str| path(&format!("{ENFO}/20250601000000-{step}h-enfo-ef.index"));
    let indexes = ["0", "3", "6"].map(index);
    let indexes: Vec<&str> = indexes.iter().map(String::as_str).collect();
    let fixed = ["flat", &out, "--member", member];
    oracle::run(
        Stack::Zarr2,
        "publish.py",
        &[&fixed[..], &indexes, options].concat(),
    );
    out
}

#[test]
fn what_gik_wrote_comes_out_of_any_round_trip_byte_for_byte() {
    let scratch = Scratch::new();
    let archive = path("tests/fixtures/sample/noaa-gefs-pds");
    let arguments = [
        "refs",
        "gefs",
        "--date",
        "20250918",
        "--members",
        "gep01",
        "--steps",
        "0-12",
        "--template",
        "scan",
        "--from",
        &archive,
        "--format",
        ALL,
        "--out",
        "refs",
    ];
    let run = gik::run(scratch.path(), &arguments);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let original = contents(&scratch.path().join("refs"));
    for input in [
        "refs/gep01.parquet",
        "refs/gep01.json",
        "refs/gep01.kerchunk",
    ] {
        let run = convert(&scratch, input, &["--to", ALL]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        assert_eq!(told(&run)["references"], 178);
        assert_eq!(repairs(&run), []);
        assert!(
            contents(&scratch.path().join("out")) == original,
            "from {input}"
        );
        fs::remove_dir_all(scratch.path().join("out")).expect("removed");
    }
    eprintln!("{} files from each of three formats", original.len());
}

#[test]
fn flat_keys_with_levels_become_the_store_that_refs_writes() {
    for (member, options) in [
        ("ens01", &["--levels"][..]),
        ("control", &["--levels", "--no-ifs"]),
    ] {
        let scratch = Scratch::new();
        let published = publish(&scratch, member, options);
        let archive = path("tests/fixtures/sample/ecmwf-forecasts");
        let run = convert(
            &scratch,
            &published,
            &["--to", "kerchunk-json", "--from", &archive],
        );
        // Soil layers share a key in every published generation.
        assert_eq!(run.code, 3, "{}", run.stderr);
        let refused = told(&run)["refused"].clone();
        assert_eq!(refused.as_array().map(Vec::len), Some(1));
        let because = refused[0]["because"].as_str().expect("a reason");
        assert!(
            because.starts_with("keys of level type sol name no level"),
            "{because}"
        );

        let found = refs_of(
            &scratch
                .path()
                .join(format!("out/stage3_{member}_final.json")),
        );
        let expected = ecmwf(&scratch, member);
        let mut compared = 0;
        for (key, expected) in &expected {
            let soil = key.contains("/soilLayer");
            let group = key.split('/').next().unwrap_or_default();
            if [".zmetadata", ".zattrs"].contains(&key.as_str())
                || soil
                || ["sot", "vsw"].contains(&group)
            {
                continue;
            }
            assert_eq!(found.get(key), Some(expected), "{key}");
            compared += usize::from(expected.is_array());
        }
        assert!(compared > 400, "{compared}");
        let lacked = repairs(&run);
        let count = |start: &str| {
            lacked
                .iter()
                .find(|(what, _)| what.starts_with(start))
                .map(|it| it.1)
        };
        let references = told(&run)["references"].as_u64();
        assert_eq!(count("URLs without `.grib2`"), references);
        assert_eq!(
            count("URLs without a folder"),
            references.filter(|_| options.len() > 1)
        );
        assert_eq!(count("arrays of the template"), Some(1));
        eprintln!("{member}: {compared} references as `gik refs` writes them");
    }
}

#[test]
fn pressure_levels_under_one_key_are_refused_and_the_rest_is_kept() {
    let scratch = Scratch::new();
    let published = publish(&scratch, "ens02", &[]);
    let archive = path("tests/fixtures/sample/ecmwf-forecasts");
    let run = convert(
        &scratch,
        &published,
        &["--to", "kerchunk-json", "--from", &archive],
    );
    assert_eq!(run.code, 3, "{}", run.stderr);
    let refused = told(&run)["refused"].clone();
    let reasons: Vec<&str> = refused
        .as_array()
        .expect("refused")
        .iter()
        .filter_map(|it| it["because"].as_str())
        .collect();
    assert!(
        reasons
            .iter()
            .any(|it| it.starts_with("keys of level type pl name no level")),
        "{reasons:?}"
    );
    let found = refs_of(&scratch.path().join("out/stage3_ens02_final.json"));
    assert!(
        !found.keys().any(|key| key.contains("isobaric")),
        "no pressure level is guessed"
    );
    assert!(found.contains_key("t2m/instant/heightAboveGround/t2m/1.0.0"));
}

#[test]
fn without_an_archive_names_and_grid_are_the_catalogues() {
    let scratch = Scratch::new();
    let published = publish(&scratch, "ens01", &["--levels"]);
    let run = convert(&scratch, &published, &["--to", "kerchunk-json"]);
    assert_eq!(run.code, 3, "{}", run.stderr);
    let found = refs_of(&scratch.path().join("out/stage3_ens01_final.json"));
    let array = found["u/instant/isobaricInhPa/u/.zarray"]
        .as_str()
        .expect("a document");
    let array: Value = serde_json::from_str(array).expect("JSON");
    assert_eq!(
        array["shape"],
        json!([3, 13, 721, 1440]),
        "and not the template's 181 x 360"
    );
}

/// fastparquet packs with zstd unless it is told otherwise.
#[test]
fn kerchunks_own_folders_are_read_as_it_wrote_them() {
    let Some(folder) = shared("oracle/golden/lrm") else {
        return;
    };
    let scratch = Scratch::new();
    let folder = folder.display().to_string();
    let run = convert(&scratch, &folder, &["--to", "kerchunk-json"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let text = fs::read_to_string(scratch.path().join("out/lrm.json")).unwrap();
    let store: Value = serde_json::from_str(&text).unwrap();
    let refs = store["refs"].as_object().unwrap();
    let ranges = refs
        .values()
        .filter(|it| it.as_array().is_some_and(|it| it.len() == 3));
    assert_eq!(ranges.count(), 25);
}

/// Stores of kerchunk 0.2.7 with the faults of its machinery.
#[test]
fn a_store_of_kerchunk_opens_with_the_values_and_levels_it_was_made_from() {
    for name in ["gep01.par", "gep01.json"] {
        let scratch = Scratch::new();
        let input = path(&format!("tests/fixtures/stores/{name}"));
        let run = convert(&scratch, &input, &["--to", "kerchunk-json"]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        let whats: Vec<String> = repairs(&run).into_iter().map(|(what, _)| what).collect();
        for start in [
            "scalars under the key",
            "levels that were",
            "`number` is the member",
        ] {
            assert!(
                whats.iter().any(|what| what.starts_with(start)),
                "{start}: {whats:?}"
            );
        }
        let store = fs::read_to_string(scratch.path().join("out/gep01.json")).expect("a store");
        let here = format!("file://{}", path("tests/fixtures/sample/noaa-gefs-pds"));
        let local = scratch.write("local.json", store.replace("s3://noaa-gefs-pds", &here));
        let local = local.display().to_string();
        let options = [
            "--field", "gefs", "--date", "20250918", "--member", "1", "--grid", "10", "--json",
        ];
        for stack in [Stack::Zarr2, Stack::Zarr3] {
            let told = oracle::run(
                stack,
                "open_refs.py",
                &[&[local.as_str()], &options[..]].concat(),
            );
            let report: Value = serde_json::from_str(&told).expect("JSON");
            assert_eq!(report["problems"], json!([]), "{stack:?} {name}");
            assert_eq!(report["checked"], 8);
            let arrays = report["arrays"].as_array().expect("arrays");
            let t2m = arrays
                .iter()
                .find(|array| array["path"] == "/t2m/instant/heightAboveGround/t2m");
            let height = &t2m.expect("t2m")["coordinates"]["heightAboveGround"];
            assert_eq!(height, 2.0, "kerchunk wrote the member's number");
        }
    }
}

#[test]
fn the_time_of_published_gefs_files_becomes_the_run() {
    let Some(input) = shared("oracle/golden/gep01_icpac.parquet") else {
        return;
    };
    let scratch = Scratch::new();
    let run = convert(
        &scratch,
        &input.display().to_string(),
        &["--to", "kerchunk-json"],
    );
    assert_eq!(run.code, 0, "{}", run.stderr);
    let refs = refs_of(&scratch.path().join("out/gep01_icpac.json"));
    let group = "t2m/instant/heightAboveGround";
    // 2024-11-12T00 as little-endian seconds.
    let seconds = 1_731_369_600_i64.to_le_bytes();
    assert_eq!(refs[&format!("{group}/time/0")], encoded(&seconds));
    assert_eq!(
        refs[&format!("{group}/heightAboveGround/0")],
        encoded(&2.0_f64.to_le_bytes())
    );
    assert_eq!(
        refs[&format!("{group}/number/0")],
        encoded(&1_i64.to_le_bytes())
    );
    assert_eq!(told(&run)["references"], 20);
}

/// `base64:` and eight octets.
fn encoded(octets: &[u8; 8]) -> Value {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let number = octets
        .iter()
        .fold(0_u128, |all, octet| all << 8 | u128::from(*octet))
        << 8;
    let letter = |at: u32| {
        char::from(LETTERS[usize::try_from(number >> (66 - 6 * at) & 63).expect("six bits")])
    };
    let text: String = (0..11).map(letter).collect();
    json!(format!("base64:{text}="))
}

#[test]
fn a_month_of_stores_in_one_file_becomes_a_file_each() {
    let scratch = Scratch::new();
    let out = scratch.path().join("09_00z.parquet").display().to_string();
    let store = path("tests/fixtures/stores/gep01.json");
    let stores =
        ["20250917:gep01", "20250918:gep01", "20250918:gep02"].map(|it| format!("{it}:{store}"));
    let stores: Vec<&str> = stores.iter().map(String::as_str).collect();
    oracle::run(
        Stack::Zarr2,
        "publish.py",
        &[&["month", &out][..], &stores].concat(),
    );
    let run = convert(&scratch, &out, &["--to", "kv-parquet"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let names: Vec<PathBuf> = contents(&scratch.path().join("out")).into_keys().collect();
    let expected = [
        "20250917-gep01.parquet",
        "20250918-gep01.parquet",
        "20250918-gep02.parquet",
    ];
    assert_eq!(names, expected.map(PathBuf::from));
}

#[test]
fn what_cannot_be_converted_is_an_error_and_writes_nothing() {
    let scratch = Scratch::new();
    let deflated = path("tests/fixtures/stores/gep01_failed.par");
    let run = convert(&scratch, &deflated, &["--to", "kv-parquet"]);
    assert_eq!(run.code, 1);
    assert!(
        run.stderr.contains("it has no references"),
        "{}",
        run.stderr
    );
    let run = convert(&scratch, &path("README.md"), &["--to", "kv-parquet"]);
    assert_eq!(run.code, 1);
    assert!(
        run.stderr.contains("README.md: not a readable store"),
        "{}",
        run.stderr
    );
    assert!(!scratch.path().join("out").exists());
    let store = path("tests/fixtures/stores/gep01.json");
    scratch.write("out/gep01.json", fs::read(store).expect("a store"));
    let run = convert(&scratch, "out/gep01.json", &["--to", "kerchunk-json"]);
    assert_eq!(run.code, 2, "{}", run.stderr);
}
