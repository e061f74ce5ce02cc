//! Values: against ecCodes, numpy and the formula, whatever is missing and in whatever order it comes.
#![expect(clippy::print_stderr, reason = "the counts are the proof")]

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use gik_tests::archive;
use gik_tests::fixture::{files, shared, workspace};
use gik_tests::gik::{self, Run};
use gik_tests::oracle::{self, Stack};
use gik_tests::scratch::Scratch;
use gik_tests::server::{Behaviour, Fault, Server};
use serde_json::{Value, json};

const REGION: &str = "--region=-20,-40,60,40";
const CGAN: &str = "tp,t2m,sp,ssr,ssrd,sf,ro,tcw,tcwv,tcc,u@700,v@700";

/// Apart from the archives of other themes, which are on other grids.
fn target() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("stream")
}

fn ecmwf(date: &str, hours: &str) -> PathBuf {
    let options = format!("--date {date} --hours {hours} --grid 6 --members 0-2 --vars cgan");
    archive::made(&target(), "ecmwf", &options)
}

fn gefs() -> PathBuf {
    let options = "--date 20250918 --hours 0-48:3 --grid 10 --members 1-3";
    archive::made(&target(), "gefs", options)
}

/// Runs `gik stream` with words.
fn stream(scratch: &Scratch, words: &str, more: &[&str]) -> Run {
    let mut arguments = vec!["stream"];
    arguments.extend(words.split_whitespace());
    arguments.extend(more);
    gik::run(scratch.path(), &arguments)
}

/// Holds a file against ecCodes and the formula; how many values were compared.
fn held(stack: Stack, file: &Path, archive: &Path, words: &str) -> u64 {
    let (file, archive) = (file.display().to_string(), archive.display().to_string());
    let mut arguments = vec![file.as_str(), "--archive", &archive];
    arguments.extend(words.split_whitespace());
    let told = oracle::run(stack, "check_stream.py", &arguments);
    let report: Value = serde_json::from_str(&told).expect("JSON");
    let checked = report["checked"].as_u64().expect("a count");
    assert!(checked > 0, "{told}");
    checked
}

/// The chunks and documents of a Zarr store, without what names the command.
fn store(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let inside = files(folder).into_iter().map(|path| {
        let name = path.strip_prefix(folder).unwrap().display().to_string();
        (name, fs::read(&path).unwrap())
    });
    inside.filter(|(name, _)| name != "zarr.json").collect()
}

#[test]
fn every_value_is_that_of_eccodes_and_numpy() {
    let (scratch, archive) = (Scratch::new(), ecmwf("20260706", "36,39"));
    let from = archive.display().to_string();
    let words = format!(
        "ifs-ens --date 20260706 --members 0-2 --template scan --product cgan --steps 36,39 {REGION} \
         --stats mean,std,min,max,count,p10,p90,prob:tp>0.005 --format netcdf,zarr --out ea.nc --json --from"
    );
    let told = stream(&scratch, &words, &[&from]).json();
    let report = &told["report"];
    assert_eq!(report["messages"], 12 * 2 * 3);
    assert_eq!(told["gaps"], json!([]));
    let about = "--system ecmwf --date 20260706 --members 0-2 --grid 6 --hours 36,39";
    let netcdf = held(Stack::Zarr2, &scratch.path().join("ea.nc"), &archive, about);
    let zarr = held(
        Stack::Zarr3,
        &scratch.path().join("ea.zarr"),
        &archive,
        about,
    );
    assert_eq!(netcdf, zarr);
    let words = "ifs-ens --date 20260706 --members 0-2 --template scan --vars tp,u@700 --steps 36,39 --stats none --out each.nc --from";
    assert_eq!(stream(&scratch, words, &[&from]).code, 0);
    let each = held(
        Stack::Zarr2,
        &scratch.path().join("each.nc"),
        &archive,
        about,
    );
    eprintln!("{netcdf} values of statistics, {each} of members");
}

#[test]
fn no_bit_depends_on_the_way_in_or_on_the_order_of_arrival() {
    let (scratch, archive) = (Scratch::new(), ecmwf("20260706", "36,39"));
    let from = archive.display().to_string();
    let words = format!(
        "refs ifs-ens --date 20260706 --members 0-2 --template scan --vars {CGAN} --steps 36,39 --out refs --from {from}"
    );
    let refs = gik::run(
        scratch.path(),
        &words.split_whitespace().collect::<Vec<_>>(),
    );
    assert_eq!(refs.code, 0, "{}", refs.stderr);
    let source = format!("ifs-ens --date 20260706 --members 0-2 --template scan --from {from}");
    let ways = [
        format!("{source} --concurrency 1 --gap 0 --threads 1"),
        format!("{source} --concurrency 64 --gap 9000000 --threads 4"),
        "--refs refs/".to_owned(),
    ];
    let mut stores = Vec::new();
    for (at, way) in ways.iter().enumerate() {
        let words =
            format!("{way} --vars {CGAN} --steps 36,39 {REGION} --format zarr --out {at}.zarr");
        let done = stream(&scratch, &words, &[]);
        assert_eq!(done.code, 0, "{}", done.stderr);
        stores.push(store(&scratch.path().join(format!("{at}.zarr"))));
    }
    assert!(stores[0].len() > 12 * 2 * 2);
    assert_eq!(stores[0], stores[1]);
    assert_eq!(stores[0], stores[2]);
}

#[test]
fn rain_of_a_day_is_right_for_totals_and_for_buckets() {
    let scratch = Scratch::new();
    for (source, system, date, members, archive, grid) in [
        (
            "ifs-ens",
            "ecmwf",
            "20260706",
            "0-2",
            ecmwf("20260706", "0,24,48"),
            6,
        ),
        ("gefs", "gefs", "20250918", "1-3", gefs(), 10),
    ] {
        let from = archive.display().to_string();
        let words = format!(
            "{source} --date {date} --members {members} --template scan --product rain24h --steps 24,48 {REGION} \
             --out {system}.nc --json --from"
        );
        let told = stream(&scratch, &words, &[&from]).json();
        // Totals: one field, and two. Buckets of six hours: four each.
        let messages = if system == "ecmwf" { 3 + 6 } else { 12 + 12 };
        assert_eq!(told["report"]["messages"], messages);
        let about = format!(
            "--system {system} --date {date} --members {members} --grid {grid} --hours 24,48 --rain 24"
        );
        let file = scratch.path().join(format!("{system}.nc"));
        eprintln!(
            "{system}: {} values",
            held(Stack::Zarr2, &file, &archive, &about)
        );
    }
}

#[test]
fn amounts_between_steps_are_differences_of_totals() {
    let (scratch, archive) = (Scratch::new(), ecmwf("20260706", "33,36,39"));
    let from = archive.display().to_string();
    let words = format!(
        "ifs-ens --date 20260706 --members 0-2 --template scan --vars tp,ssr --steps 36,39 --deaccumulate {REGION} \
         --out amounts.nc --json --from"
    );
    let told = stream(&scratch, &words, &[&from]).json();
    // The first amount is as long as the second one; each is the difference of two totals.
    assert_eq!(told["report"]["messages"], 2 * 3 * (2 + 2));
    let about = "--system ecmwf --date 20260706 --members 0-2 --grid 6 --hours 36,39 --amounts 3";
    let file = scratch.path().join("amounts.nc");
    let checked = held(Stack::Zarr2, &file, &archive, about);
    eprintln!("{checked} values of amounts");
}

#[test]
fn a_file_that_is_there_is_kept_or_refused_and_replaced_only_on_demand() {
    let (scratch, archive) = (Scratch::new(), ecmwf("20260706", "36,39"));
    let from = archive.display().to_string();
    let words = format!(
        "ifs-ens --date 20260706 --template scan --vars t2m --steps 36 {REGION} --format netcdf,zarr --out a.nc --json --from"
    );
    let write = |more: &[&str]| stream(&scratch, &words, &[&[from.as_str()], more].concat());
    let kept = |told: Run| -> Vec<Value> {
        let outputs = told.json()["outputs"].as_array().unwrap().clone();
        outputs
            .iter()
            .map(|output| output["kept"].clone())
            .collect()
    };
    assert_eq!(kept(write(&["--members", "0-2"])), [false, false]);
    let file = scratch.path().join("a.nc");
    let first = fs::read(&file).unwrap();
    assert_eq!(kept(write(&["--members", "0-2"])), [true, true]);
    let refused = write(&["--members", "0-1"]);
    assert_eq!(refused.code, 1, "{}", refused.stderr);
    for said in ["a.nc is there already", "--force"] {
        assert!(refused.stderr.contains(said), "{}", refused.stderr);
    }
    assert_eq!(fs::read(&file).unwrap(), first);
    assert_eq!(
        kept(write(&["--members", "0-1", "--force"])),
        [false, false]
    );
    assert_ne!(fs::read(&file).unwrap(), first);
}

#[test]
fn what_an_era_does_not_carry_is_a_gap_or_an_error() {
    let (scratch, archive) = (Scratch::new(), ecmwf("20250601", "36,39"));
    let from = archive.display().to_string();
    let words = format!(
        "ifs-ens --date 20250601 --members 0-2 --template scan --product cgan --steps 36,39 {REGION} --json --out"
    );
    let done = stream(&scratch, &words, &["a.nc", "--from", &from]);
    assert_eq!(done.code, 3, "{}", done.stderr);
    let told: Value = serde_json::from_str(&done.stdout).unwrap();
    let gaps = told["gaps"].as_array().unwrap();
    let what: Vec<&Value> = gaps.iter().map(|gap| &gap["what"]).collect();
    assert_eq!(what, [&json!("sf"), &json!("tcc")], "{gaps:?}");
    assert_eq!(gaps[0]["why"]["reason"], "not-in-era");
    assert_eq!(told["report"]["variables"].as_array().unwrap().len(), 10);
    let done = stream(
        &scratch,
        &words,
        &["b.nc", "--require-all", "--from", &from],
    );
    assert_eq!(done.code, 1);
    assert!(!scratch.path().join("b.nc").exists());
}

#[test]
fn missing_members_are_told_and_never_averaged_over_in_silence() {
    let (scratch, archive) = (Scratch::new(), gefs());
    let mut removed = 0;
    for path in files(&archive.join("gefs.20250918")) {
        let name = path.strip_prefix(&archive).unwrap().display().to_string();
        let gone = ["gep02", "gep03"]
            .iter()
            .any(|member| name.contains(member));
        if gone && name.contains(".f006") {
            removed += 1;
            continue;
        }
        if name.ends_with(".idx") || name.contains("f003") || name.contains("f006") {
            scratch.write(&format!("archive/{name}"), fs::read(path).unwrap());
        }
    }
    assert_eq!(removed, 4);
    let words = format!(
        "gefs --date 20250918 --members 1-3 --template scan --vars t2m --steps 3,6 {REGION} --from archive --json"
    );
    let about = "--system gefs --date 20250918 --members 1-3 --grid 10";
    let done = stream(&scratch, &words, &["--out", "all.nc"]);
    assert_eq!(done.code, 3, "{}", done.stderr);
    let told: Value = serde_json::from_str(&done.stdout).unwrap();
    let few = told["gaps"].as_array().unwrap().last().unwrap();
    assert_eq!(
        few["why"],
        json!({ "reason": "too-few", "found": 1, "wanted": 3 })
    );
    let all = scratch.path().join("all.nc");
    let words_of = format!("{about} --hours 3,6 --too-few 6");
    held(Stack::Zarr2, &all, &archive, &words_of);
    let done = stream(
        &scratch,
        &words,
        &["--out", "some.nc", "--min-members", "1", "--steps", "6"],
    );
    assert_eq!(done.code, 2, "steps twice");
    let words = words.replace("--steps 3,6", "--steps 6");
    let done = stream(
        &scratch,
        &words,
        &["--out", "some.nc", "--min-members", "1"],
    );
    assert_eq!(done.code, 3, "{}", done.stderr);
    let words_of = format!("{about} --hours 6 --absent 2,3");
    held(
        Stack::Zarr2,
        &scratch.path().join("some.nc"),
        &archive,
        &words_of,
    );
}

/// References as they were published before levels were part of their keys: whichever level came last was left.
fn collapsed(archive: &Path) -> String {
    let mut refs = serde_json::Map::new();
    for (step, level) in [(36, "700"), (39, "500")] {
        let object = format!("20260706/00z/ifs/0p25/enfo/20260706000000-{step}h-enfo-ef");
        let index = fs::read_to_string(archive.join(format!("{object}.index"))).unwrap();
        for line in index.lines() {
            let line: Value = serde_json::from_str(line).unwrap();
            let (param, levtype) = (line["param"].as_str().unwrap(), &line["levtype"]);
            let wanted = param == "u" && line["levelist"] == level || param == "tp";
            if line["number"] == "1" && wanted {
                let key = format!(
                    "step_{step:03}/{param}/{}/ens01/0.0.0",
                    levtype.as_str().unwrap()
                );
                let url = format!("s3://ecmwf-forecasts/{object}");
                refs.insert(key, json!([url, line["_offset"], line["_length"]]));
            }
        }
    }
    assert_eq!(refs.len(), 4);
    json!({ "version": 1, "refs": refs }).to_string()
}

#[test]
fn references_that_name_no_level_are_refused_or_proven() {
    let (scratch, archive) = (Scratch::new(), ecmwf("20260706", "36,39"));
    scratch.write("old/stage3_ens_01_final.json", collapsed(&archive));
    let from = archive.display().to_string();
    let places = ["--refs", "old", "--from", &from];
    let done = stream(&scratch, "--vars u@700 --out a.nc", &places);
    assert_eq!(done.code, 1, "{}", done.stderr);
    assert!(done.stderr.contains("name no level"), "{}", done.stderr);
    assert!(!scratch.path().join("a.nc").exists());
    let words = format!("--vars tp,u@700 {REGION} --json --out b.nc");
    let done = stream(&scratch, &words, &places);
    assert_eq!(done.code, 3, "{}", done.stderr);
    let told: Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!(told["report"]["variables"], json!(["tp"]));
    // Looked up, one of the two messages is at 700 hPa; the other one is not used.
    let words = format!("--vars u@700 {REGION} --verify-level --json --out c.nc");
    let done = stream(&scratch, &words, &places);
    assert_eq!(done.code, 3, "{}", done.stderr);
    let told: Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!(told["report"]["messages"], 1);
    let why = told["gaps"][0]["why"]["because"].as_str().unwrap();
    assert!(why.contains("at 500, not at 700"), "{why}");
    let about = "--system ecmwf --date 20260706 --members 1 --grid 6 --hours 36,39 --too-few 39";
    held(Stack::Zarr2, &scratch.path().join("c.nc"), &archive, about);
}

#[test]
fn the_layout_of_icpac_is_kept_attribute_for_attribute() {
    let (scratch, archive) = (Scratch::new(), ecmwf("20260706", "36,39"));
    let Some(golden) = shared("oracle/golden/ref_layout.nc") else {
        return;
    };
    let from = archive.display().to_string();
    let words = format!(
        "ifs-ens --date 20260706 --members 0-2 --template scan --product cgan --steps 36,39 {REGION} --layout seed --out out/ --from"
    );
    let done = stream(&scratch, &words, &[&from]);
    assert_eq!(done.code, 0, "{}", done.stderr);
    let file = scratch.path().join("out/IFS_20260706_00Z_cgan.nc");
    let paths = [file.display().to_string(), golden.display().to_string()];
    let told = oracle::run(Stack::Zarr2, "check_layout.py", &[&paths[0], &paths[1]]);
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["variables"].as_array().unwrap().len(), 4 + 24);
    let says = &told["attributes"];
    assert_eq!(says["n_ensemble_members"], "3");
    assert_eq!(says["model_date"], "2026-07-06");
    assert_eq!(says["forecast_hours"], "[36, 39]");
}

#[test]
fn the_layout_of_cf_is_the_golden_one() {
    let (scratch, archive) = (Scratch::new(), ecmwf("20260706", "36,39"));
    let from = archive.display().to_string();
    let words = format!(
        "ifs-ens --date 20260706 --members 0-2 --template scan --vars tp,t2m,u@700 --steps 36,39 {REGION} \
         --stats mean,std,p90,count,prob:tp>0.005 --units tp=mm --out cf.nc --from"
    );
    let done = stream(&scratch, &words, &[&from]);
    assert_eq!(done.code, 0, "{}", done.stderr);
    let file = scratch.path().join("cf.nc").display().to_string();
    let found = oracle::run(Stack::Zarr2, "ncdump.py", &[&file]);
    golden("stream_cf.cdl", &found);
}

/// Holds a text against a file of `tests/golden`; UPDATE_GOLDEN=1 writes it anew.
fn golden(name: &str, found: &str) {
    let path = workspace().join("tests/golden").join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, found).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap();
    let differ = kept
        .lines()
        .zip(found.lines())
        .find(|(kept, found)| kept != found);
    assert!(kept == found, "{}: {differ:?}", path.display());
}

#[test]
fn a_killed_run_leaves_nothing_and_a_bad_network_changes_nothing() {
    let (scratch, archive) = (Scratch::new(), ecmwf("20260706", "36,39"));
    let root = archive.parent().unwrap();
    let words = |url: &str, out: &str| {
        format!(
            "stream ifs-ens --date 20260706 --members 0-2 --template scan --vars {CGAN} --steps 36,39 {REGION} \
             --format netcdf,zarr --json --out {out} --from {url}/ecmwf-forecasts"
        )
    };
    let latency = Duration::from_millis(200);
    let slow = Server::with(
        root,
        Behaviour {
            latency,
            ..Behaviour::default()
        },
    );
    let mut command = gik::command(scratch.path());
    command.args(words(&slow.url(), "killed/a.nc --concurrency 1 --gap 0").split_whitespace());
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let told = BufReader::new(child.stderr.take().unwrap());
    let reading = told.lines().map_while(Result::ok);
    let mut reading = reading.filter(|line| line.contains("messages in"));
    assert!(reading.next().is_some());
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!scratch.path().join("killed").exists());
    let bad = Server::with(
        root,
        Behaviour {
            faults: vec![
                Fault::Storm { requests: 5 },
                Fault::Busy { share: 0.1 },
                Fault::Cut { share: 0.1 },
            ],
            seed: 3,
            ..Behaviour::default()
        },
    );
    let (mut stores, mut retries) = (Vec::new(), Vec::new());
    for (url, out) in [(bad.url(), "bad.nc"), (slow.url(), "good.nc")] {
        let done = gik::run(
            scratch.path(),
            &words(&url, out).split_whitespace().collect::<Vec<_>>(),
        );
        assert_eq!(done.code, 0, "{}", done.stderr);
        stores.push(store(&scratch.path().join(out.replace(".nc", ".zarr"))));
        retries.push(done.json()["retries"].as_u64().unwrap());
    }
    assert_eq!(stores[0], stores[1]);
    let stats = bad.stats();
    assert!(stats.status(503) > 5 && stats.cut > 0, "{stats:?}");
    assert!(
        retries[0] >= stats.status(503) && retries[1] == 0,
        "{retries:?}"
    );
}
