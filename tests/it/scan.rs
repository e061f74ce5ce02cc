//! Files without an index: all is read from their headers.

use std::path::PathBuf;

use gik_tests::fixture::workspace;
use gik_tests::gik;
use gik_tests::oracle::{self, Stack};
use gik_tests::scratch::Scratch;
use serde_json::{Value, json};

fn sample(bucket: &str, end: &str) -> Vec<String> {
    let folder = workspace().join("tests/fixtures/sample").join(bucket);
    let files: Vec<PathBuf> = gik_tests::fixture::files(&folder);
    let named = files.iter().map(|file| file.display().to_string());
    named.filter(|file| file.ends_with(end)).collect()
}

fn scan(scratch: &Scratch, files: &[String], words: &str) -> gik::Run {
    let mut arguments = vec!["scan", "--out", "out"];
    arguments.extend(words.split_whitespace());
    arguments.extend(files.iter().map(String::as_str));
    gik::run(scratch.path(), &arguments)
}

#[test]
fn members_of_one_file_become_a_store_each() {
    let scratch = Scratch::new();
    let files = sample("ecmwf-forecasts/20250601", "-3h-enfo-ef.grib2");
    let told = scan(&scratch, &files, "--json").json();
    assert_eq!(told["report"]["members"], json!([0, 1, 2]));
    for number in ["0", "1", "2"] {
        let store = scratch.path().join(format!("out/scan-0{number}.json"));
        let store = store.display().to_string();
        for stack in [Stack::Zarr2, Stack::Zarr3] {
            let options = "--field ecmwf --date 20250601 --grid 18 --json --member";
            let mut arguments = vec![store.as_str()];
            arguments.extend(options.split_whitespace());
            arguments.push(number);
            let told = oracle::run(stack, "open_refs.py", &arguments);
            let report: Value = serde_json::from_str(&told).unwrap();
            assert_eq!(report["problems"], json!([]), "{stack:?} {number}");
            assert!(report["checked"].as_u64().unwrap() > 100);
        }
    }
}

#[test]
fn files_of_one_member_become_one_store() {
    let scratch = Scratch::new();
    let files = sample("noaa-gefs-pds", "gep01.t00z.pgrb2s.0p25.f003");
    let more = sample("noaa-gefs-pds", "gep01.t00z.pgrb2s.0p25.f006");
    let files = [files, more].concat();
    let told = scan(&scratch, &files, "--vars t2m,tp --json").json();
    assert_eq!(told["report"]["references"], 4);
    let store = scratch.path().join("out/scan-01.parquet");
    let verified = gik::run(
        scratch.path(),
        &["verify", &store.display().to_string(), "--json"],
    );
    let verified = verified.json();
    assert_eq!(verified["checked"], 4);
}

#[test]
fn what_makes_no_store_is_an_error_that_says_why() {
    let scratch = Scratch::new();
    let mut files = sample("ecmwf-forecasts/20250601", "-3h-enfo-ef.grib2");
    files.extend(sample("ecmwf-forecasts/20260706", "-3h-enfo-ef.grib2"));
    let told = scan(&scratch, &files, "");
    assert_eq!(told.code, 1);
    for part in ["20250601", "20260706", "one store holds one run"] {
        assert!(told.stderr.contains(part), "{}", told.stderr);
    }
    let nothing = scratch.write("nothing.grib2", b"no message");
    let told = scan(&scratch, &[nothing.display().to_string()], "");
    assert_eq!(told.code, 1);
    assert!(
        told.stderr.contains("no usable GRIB2 message"),
        "{}",
        told.stderr
    );
    assert!(!scratch.path().join("out").exists());
}
