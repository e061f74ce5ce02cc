//! Work in shards: what they leave, in whatever order and however often, is what one machine makes.
#![expect(clippy::print_stderr, reason = "the counts are the proof")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use gik_tests::archive::{self, days, results};
use gik_tests::fixture::{files, workspace};
use gik_tests::gik::{self, Run};
use gik_tests::scratch::Scratch;
use gik_tests::server::{Behaviour, Fault, Server};
use serde_json::{Value, json};

const REGION: &str = "--region=-20,-40,60,40";

fn sample() -> PathBuf {
    workspace().join("tests/fixtures/sample")
}

fn run(folder: &Path, words: &str) -> Run {
    gik::run(folder, &words.split_whitespace().collect::<Vec<_>>())
}

/// Plans into `plan.json`, and returns how many shards there are.
fn plan(folder: &Path, words: &str) -> usize {
    let told = run(folder, &format!("plan {words}"));
    assert_eq!(told.code, 0, "{}", told.stderr);
    fs::write(folder.join("plan.json"), &told.stdout).unwrap();
    let plan: Value = serde_json::from_str(&told.stdout).unwrap();
    plan["shards"].as_array().unwrap().len()
}

const REFS: &str = "refs ifs-ens --date 20250601..20250606 --members 0-2 --steps 0-6 --format kv-parquet --from archive";

#[test]
fn shares_of_another_number_are_the_whole_plan() {
    let scratch = Scratch::new();
    let folder = scratch.path();
    days(folder, 6);
    assert_eq!(plan(folder, &format!("{REFS} --out out/{{date}}/")), 6);
    for (share, shards) in [("3/4", 1), ("1/4", 2), ("0/2", 3), ("9/10", 0)] {
        let told = run(folder, &format!("run plan.json --json --shard {share}"));
        assert_eq!(told.code, 0, "{}", told.stderr);
        let told: Value = serde_json::from_str(&told.stdout).unwrap();
        match shards {
            1 => assert_eq!(told["shard"], 3),
            several => assert_eq!(told["shards"].as_array().unwrap().len(), several),
        }
    }
    assert_eq!(run(folder, "run plan.json --shard 4/4").code, 2);
    assert_eq!(run(folder, "merge plan.json --read-back").code, 0);
    assert_eq!(run(folder, &format!("{REFS} --out one/{{date}}/")).code, 0);
    assert_eq!(results(&folder.join("out")), results(&folder.join("one")));
}

#[test]
fn shards_of_references_are_what_one_machine_makes() {
    let scratch = Scratch::new();
    let folder = scratch.path();
    days(folder, 6);
    let words = format!("{REFS} --out out/{{date}}_{{run}}/ --shards 4");
    assert_eq!(plan(folder, &words), 4);
    // The last one first, one twice at once, one again.
    for shard in [3, 1] {
        assert_eq!(
            run(folder, &format!("run plan.json --shard {shard}/4")).code,
            0
        );
    }
    let early = run(folder, "merge plan.json");
    assert_eq!(early.code, 1);
    assert!(
        early.stderr.contains("2 of 4 shards are missing: 0,2"),
        "{}",
        early.stderr
    );
    assert_eq!(run(folder, "merge plan.json --partial").code, 3);
    assert_eq!(run(folder, "status plan.json").code, 1);
    let at_once: Vec<_> = (0..3)
        .map(|_| {
            let words = ["run", "plan.json", "--shard", "0"];
            let child = gik::command(folder)
                .args(words)
                .stderr(Stdio::piped())
                .stdout(Stdio::null())
                .spawn();
            child.unwrap()
        })
        .collect();
    for child in at_once {
        let output = child.wait_with_output().unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    let array = gik::command(folder)
        .args(["run", "plan.json"])
        .env("AWS_BATCH_JOB_ARRAY_INDEX", "2")
        .output()
        .unwrap();
    assert!(array.status.success());
    assert_eq!(run(folder, "run plan.json --shard 2 --force").code, 0);
    assert_eq!(run(folder, "run plan.json --shard 2").code, 0);
    assert_eq!(run(folder, "status plan.json").code, 0);
    let merged = run(folder, "merge plan.json --read-back --json").json();
    assert_eq!(merged["outputs"].as_array().unwrap().len(), 6 * 3);
    let again = run(folder, "merge plan.json --json").json();
    assert_eq!(again, merged);
    assert_eq!(
        run(folder, &format!("{REFS} --out one/{{date}}_{{run}}/")).code,
        0
    );
    let one = results(&folder.join("one"));
    assert_eq!(results(&folder.join("out")), one);
    assert_eq!(one.len(), 6 * 3);
    // What a shard wrote is gone, or is another.
    let file = folder.join("out/20250603_00/ens01.parquet");
    fs::write(&file, b"PAR1").unwrap();
    assert_eq!(run(folder, "merge plan.json").code, 1);
    fs::remove_file(&file).unwrap();
    let told = run(folder, "merge plan.json");
    assert!(
        told.stderr.contains("20250603_00/ens01.parquet"),
        "{}",
        told.stderr
    );
    eprintln!("{} files of 4 shards are those of one machine", one.len());
}

#[test]
fn shards_of_values_are_what_one_machine_makes() {
    let options = "--date 20260706 --hours 36,39 --grid 6 --members 0-2 --vars cgan";
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("stream");
    let from = archive::made(&target, "ecmwf", options);
    for more in [
        "--stats mean,std,min,p10,prob:tp>0.005 --layout cf",
        "--layout seed",
        "--stats none --layout cf",
    ] {
        let scratch = Scratch::new();
        let folder = scratch.path();
        let words = format!(
            "stream ifs-ens --date 20260706 --run 00 --members 0-2 --template scan --product cgan --steps 36,39 \
             {REGION} {more} --format netcdf,zarr --from {} --out cgan/",
            from.display()
        );
        let shards = plan(folder, &format!("{words} --groups 3 --shards 5"));
        for shard in (0..shards).rev() {
            let told = run(folder, &format!("run plan.json --shard {shard}"));
            assert_eq!(told.code, 0, "{}", told.stderr);
        }
        assert_eq!(run(folder, "merge plan.json").code, 0);
        fs::create_dir(folder.join("one")).unwrap();
        assert_eq!(run(&folder.join("one"), &words).code, 0);
        let one = results(&folder.join("one/cgan"));
        assert!(one.len() > 10);
        assert_eq!(results(&folder.join("cgan")), one, "{more}");
        eprintln!(
            "{more}: {} files of {shards} shards are those of one machine",
            one.len()
        );
    }
}

#[test]
fn windows_and_gaps_of_shards_are_those_of_one_machine() {
    let options = "--date 20250918 --hours 0-48:3 --grid 10 --members 1-3";
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("stream");
    let bucket = archive::made(&target, "gefs", options);
    let gone = files(&bucket.join("gefs.20250918"))
        .iter()
        .map(|path| path.strip_prefix(&bucket).unwrap().display().to_string())
        .find(|name| name.contains("gep02") && name.ends_with(".f030.idx"));
    let server = Server::with(
        bucket.parent().unwrap(),
        Behaviour {
            faults: vec![Fault::Missing {
                path: gone.expect("an index"),
            }],
            ..Behaviour::default()
        },
    );
    let scratch = Scratch::new();
    let folder = scratch.path();
    let words = format!(
        "stream gefs --date 20250918 --members 1-3 --template scan --product rain24h --steps 24-48:6 {REGION} \
         --min-members 2 --format netcdf --from {}/noaa-gefs-pds --out rain/",
        server.url()
    );
    let shards = plan(folder, &words);
    assert_eq!(shards, 5);
    let mut gaps = 0;
    for shard in 0..shards {
        let told = run(
            folder,
            &format!("run plan.json --gaps-ok --json --shard {shard}"),
        )
        .json();
        gaps += told["counts"]["gaps"].as_u64().unwrap();
    }
    let merged = run(folder, "merge plan.json --json");
    assert_eq!(merged.code, 3, "{}", merged.stderr);
    fs::create_dir(folder.join("one")).unwrap();
    let one = run(&folder.join("one"), &format!("{words} --json"));
    assert_eq!(one.code, 3, "{}", one.stderr);
    let told = |run: &Run| serde_json::from_str::<Value>(&run.stdout).unwrap()["gaps"].clone();
    assert_eq!(told(&merged), told(&one), "and each gap is told once");
    // `--json` stands in the file's own history, and is no part of the plan's words.
    fs::remove_dir_all(folder.join("one/rain")).unwrap();
    let one = run(&folder.join("one"), &words);
    assert_eq!(one.code, 3, "{}", one.stderr);
    let one = results(&folder.join("one/rain"));
    assert_eq!(one.len(), 1);
    assert_eq!(results(&folder.join("rain")), one);
    eprintln!("{gaps} gaps of {shards} shards");
}

#[test]
fn a_server_of_one_run_has_a_year() {
    let scratch = Scratch::new();
    let folder = scratch.path();
    let inside = "ecmwf-forecasts/20250601/00z/ifs/0p25/enfo/20250601000000";
    for step in [0, 3, 6] {
        let name = format!("{inside}-{step}h-enfo-ef.index");
        scratch.write(
            &format!("root/{name}"),
            fs::read(sample().join(&name)).unwrap(),
        );
    }
    let server = Server::with(
        &folder.join("root"),
        Behaviour {
            repeats: Some("2025060100".to_owned()),
            ..Behaviour::default()
        },
    );
    let words = format!(
        "refs ifs-ens --date 20260228..20260301 --run 00,12 --members 0-2 --steps 0-6 --format kerchunk-json \
         --from {}/ecmwf-forecasts --out out/{{date}}_{{run}}/ --shards 2",
        server.url()
    );
    assert_eq!(plan(folder, &words), 2);
    for shard in 0..2 {
        let told = run(folder, &format!("run plan.json --shard {shard}"));
        assert_eq!(told.code, 0, "{}", told.stderr);
    }
    assert_eq!(server.stats().count("GET", ".index"), 4 * 3);
    assert_eq!(run(folder, "merge plan.json").code, 0);
    let text = fs::read_to_string(folder.join("out/20260301_12/ens02.json")).unwrap();
    assert!(text.contains("20260301/12z/ifs/0p25/enfo/20260301120000-3h-enfo-ef.grib2"));
    assert!(!text.contains("20250601"));
}

#[test]
fn a_bucket_takes_plan_results_and_verdicts() {
    let scratch = Scratch::new();
    let folder = scratch.path();
    days(folder, 6);
    fs::create_dir_all(folder.join("buckets/results")).unwrap();
    let server = Server::start(&folder.join("buckets"));
    let cloud = |words: &str| {
        let mut command = gik::command(folder);
        command
            .args(words.split_whitespace())
            .env("AWS_ENDPOINT_URL", server.url())
            .env("AWS_ALLOW_HTTP", "true")
            .env("AWS_REGION", "eu-west-1")
            .env("AWS_ACCESS_KEY_ID", "key")
            .env("AWS_SECRET_ACCESS_KEY", "secret")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    };
    let planned = cloud(&format!(
        "plan {REFS} --out s3://results/{{date}}_{{run}}/ --shards 3"
    ))
    .output()
    .unwrap();
    assert!(
        planned.status.success(),
        "{}",
        String::from_utf8_lossy(&planned.stderr)
    );
    fs::write(folder.join("buckets/results/plan.json"), planned.stdout).unwrap();
    let mut at_once = Vec::new();
    for shard in [0, 1, 2, 0, 1, 2] {
        at_once.push(
            cloud(&format!("run s3://results/plan.json --shard {shard}/3"))
                .spawn()
                .unwrap(),
        );
    }
    for child in at_once {
        let output = child.wait_with_output().unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    let merged = cloud("merge s3://results/plan.json --read-back")
        .output()
        .unwrap();
    assert!(
        merged.status.success(),
        "{}",
        String::from_utf8_lossy(&merged.stderr)
    );
    assert_eq!(
        run(folder, &format!("{REFS} --out one/{{date}}_{{run}}/")).code,
        0
    );
    let mut there = results(&folder.join("buckets/results"));
    assert!(there.remove("plan.json").is_some());
    assert_eq!(there, results(&folder.join("one")));
}

#[test]
fn parts_of_another_archive_are_no_parts() {
    let options = "--date 20260706 --hours 36,39 --grid 6 --members 0-2 --vars cgan";
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("stream");
    let bucket = archive::made(&target, "ecmwf", options);
    let scratch = Scratch::new();
    let folder = scratch.path();
    let server = Server::start(bucket.parent().unwrap());
    let words = format!(
        "stream ifs-ens --date 20260706 --members 0-2 --template scan --vars t2m,tp --steps 36,39 --format zarr \
         --from {}/ecmwf-forecasts --out {{}}.zarr",
        server.url()
    )
    .replace("{}", "rain");
    assert_eq!(plan(folder, &words), 2);
    assert_eq!(run(folder, "run plan.json --shard 0").code, 0);
    // An index that is gone is a gap that the other shard did not see.
    server.behave(Behaviour {
        faults: vec![Fault::Missing {
            path: "39h-enfo-ef.index".to_owned(),
        }],
        ..Behaviour::default()
    });
    let told = run(folder, "run plan.json --shard 1");
    assert_eq!(told.code, 3, "{}", told.stderr);
    assert_eq!(run(folder, "run plan.json --shard 1 --gaps-ok").code, 0);
    assert_eq!(run(folder, "status plan.json").code, 3);
    let merged = run(folder, "merge plan.json");
    assert_eq!(merged.code, 1);
    assert!(
        merged.stderr.contains("different indexes"),
        "{}",
        merged.stderr
    );
    server.behave(Behaviour::default());
    assert_eq!(run(folder, "run plan.json --shard 1 --force").code, 0);
    assert_eq!(run(folder, "merge plan.json").code, 0);
}

#[test]
fn a_shard_that_fails_leaves_word_and_the_others_are_done() {
    let scratch = Scratch::new();
    let folder = scratch.path();
    days(folder, 6);
    fs::write(
        folder.join("archive/20250604/00z/ifs/0p25/enfo/20250604000000-3h-enfo-ef.index"),
        "poison",
    )
    .unwrap();
    let shards = plan(folder, &format!("{REFS} --out out/{{date}}_{{run}}/"));
    for shard in 0..shards {
        let code = run(folder, &format!("run plan.json --shard {shard}/6")).code;
        assert_eq!(code, i32::from(shard == 3), "{shard}");
    }
    let told = run(folder, "status plan.json --json");
    assert_eq!(told.code, 1);
    let told: Value = serde_json::from_str(&told.stdout).unwrap();
    assert_eq!(told["ok"], json!([0, 1, 2, 4, 5]));
    assert_eq!(told["failed"][0]["shard"], 3);
    assert!(
        told["failed"][0]["error"]
            .as_str()
            .unwrap()
            .contains("3h-enfo-ef.index")
    );
}

#[test]
fn a_plan_is_the_same_however_it_is_typed_and_reads_no_index() {
    let scratch = Scratch::new();
    let folder = scratch.path();
    let first = run(
        folder,
        "plan refs ifs-ens --date 20240601..20260530 --run 00,12 --members all --shards 200 --out s3://b/{date}_{run}/",
    );
    assert_eq!(first.code, 0, "{}", first.stderr);
    let second = run(
        folder,
        "plan refs ifs-ens --shards=200 --members all --out s3://b/{date}_{run}/ --run 12,00 --date 20240601..20260530",
    );
    assert_eq!(first.stdout, second.stdout);
    let plan: Value = serde_json::from_str(&first.stdout).unwrap();
    let shards = plan["shards"].as_array().unwrap();
    let units = |shard: &Value| shard["units"].as_array().unwrap().len();
    assert_eq!(shards.len(), 200);
    assert_eq!(shards.iter().map(units).sum::<usize>(), 2 * 729);
    assert_eq!(plan["job"]["work"], "s3://b/_gik");
    for (words, said) in [
        ("--date today --out o/", "--date"),
        ("--date 20250601 --out o/ --shards 2", "1 units"),
        ("--date 20250601..20250602 --out o/", "{date}"),
        ("--date 20250601 --out o/ --force", "--force"),
        ("--date 20250601 --out o/ --members gep01", "gep01"),
        ("--date 20250601", "--out"),
    ] {
        let told = run(
            folder,
            &format!("plan refs ifs-ens --members 0 {words}").replacen(
                "--members 0 --date 20250601 --out o/ --members",
                "--date 20250601 --out o/ --members",
                1,
            ),
        );
        assert_eq!(told.code, 2, "{words}: {}", told.stderr);
        assert!(told.stderr.contains(said), "{words}: {}", told.stderr);
    }
    fs::write(
        folder.join("plan.json"),
        first.stdout.replace("\"all\"", "\"0\""),
    )
    .unwrap();
    let told = run(folder, "status plan.json");
    assert_eq!(told.code, 2);
    assert!(told.stderr.contains("was changed"), "{}", told.stderr);
}
