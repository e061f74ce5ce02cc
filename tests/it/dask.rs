//! Shards on Dask: whoever is killed, slow, poisoned or doubled, what is merged is what one machine makes.
#![expect(clippy::print_stderr, reason = "what happened is the proof")]

use std::fs;
use std::path::{Path, PathBuf};

use gik_tests::archive::{self, days, results};
use gik_tests::fixture::workspace;
use gik_tests::gik::{self, Run};
use gik_tests::oracle::{self, Stack};
use gik_tests::scratch::Scratch;
use serde_json::{Value, json};

const RUNS: usize = 16;
const POISONED: usize = 5;

fn run(folder: &Path, words: &str) -> Run {
    gik::run(folder, &words.split_whitespace().collect::<Vec<_>>())
}

fn plan(folder: &Path, file: &str, words: &str) {
    let told = run(folder, &format!("plan {words}"));
    assert_eq!(told.code, 0, "{}", told.stderr);
    fs::write(folder.join(file), told.stdout).unwrap();
}

#[test]
fn what_is_merged_is_one_lazy_dataset() {
    let scratch = Scratch::new();
    let folder = scratch.path();
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("stream");
    let mut bucket = PathBuf::new();
    for date in ["20260706", "20260707"] {
        let options = format!("--date {date} --hours 36,39 --grid 6 --members 0-2 --vars cgan");
        bucket = archive::made(&target, "ecmwf", &options);
    }
    let words = format!(
        "stream ifs-ens --date 20260706..20260707 --run 00 --members 0-2 --template scan --vars t2m,tp --steps 36,39 \
         --format zarr --from {} --shards 3 --out values/",
        bucket.display()
    );
    plan(folder, "plan.json", &words);
    let script = workspace().join("native-cli/dask/gik_dask.py");
    let output = std::process::Command::new(oracle::python(Stack::Zarr3))
        .arg(script)
        .args(["plan.json", "--local", "2", "--json"])
        .current_dir(folder)
        .env("GIK_BINARY", gik::binary())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{told}");
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(report["done"], json!([0, 1, 2]));
    let stores = ["20260706", "20260707"].map(|date| format!("values/ifs-ens_{date}T000000.zarr"));
    let package = workspace().join("native-cli/dask").display().to_string();
    let arguments = ["plan.json", &package, &stores[0], &stores[1]];
    let told = oracle::run_in(folder, Stack::Zarr3, "open_shards.py", &arguments);
    eprintln!("{told}");
    assert!(told.contains("\"runs\": 2"), "{told}");
    // Each run is what one machine makes, its words included.
    for (date, store) in ["20260706", "20260707"].iter().zip(&stores) {
        let one = words
            .replace("20260706..20260707", date)
            .replace("--shards 3 ", "");
        fs::create_dir_all(folder.join(date)).unwrap();
        assert_eq!(run(&folder.join(date), &one).code, 0);
        let made = results(&folder.join(date).join(store));
        assert!(!made.is_empty());
        assert_eq!(results(&folder.join(store)), made);
    }
}

#[test]
fn workers_that_are_killed_lose_nothing() {
    let scratch = Scratch::new();
    let folder = scratch.path();
    days(folder, RUNS);
    let words = format!(
        "refs ifs-ens --date 20250601..202506{RUNS:02} --members 0-2 --steps 0-6 --format kv-parquet --from archive"
    );
    plan(
        folder,
        "plan.json",
        &format!("{words} --out out/{{date}}_{{run}}/"),
    );
    plan(
        folder,
        "calm.json",
        &format!("{words} --out calm/{{date}}_{{run}}/"),
    );
    // The one-machine run, before the poison.
    assert_eq!(
        run(folder, &format!("{words} --out one/{{date}}_{{run}}/")).code,
        0
    );
    let one = results(&folder.join("one"));
    assert_eq!(one.len(), RUNS * 3);
    let index = "archive/20250606/00z/ifs/0p25/enfo/20250606000000-3h-enfo-ef.index";
    let whole = fs::read(folder.join(index)).unwrap();
    let calm = folder.join("calm.json").display().to_string();
    let package = workspace().join("native-cli/dask").display().to_string();
    let gik = gik::binary().display().to_string();
    let plan = folder.join("plan.json").display().to_string();
    let told = oracle::run_in(
        folder,
        Stack::Zarr3,
        "dask_shards.py",
        &[
            &plan,
            "--gik",
            &gik,
            "--package",
            &package,
            "--compare",
            &calm,
            "--kills",
            "20",
            "--slow",
            "3",
            "--twice",
            "7",
            "--poison",
            index,
        ],
    );
    let told: Value = serde_json::from_str(told.lines().last().unwrap_or_default()).expect("JSON");
    eprintln!("{told:#}");
    assert_eq!(told["kills"], 20);
    assert_eq!(
        told["failed"].as_object().unwrap().len(),
        1,
        "the poisoned shard"
    );
    let because = told["failed"][&POISONED.to_string()].as_str().unwrap();
    assert!(because.contains("3h-enfo-ef.index"), "{because}");
    let others: Vec<usize> = (0..RUNS).filter(|shard| *shard != POISONED).collect();
    assert_eq!(told["done"], json!(others));
    let status = run(folder, "status plan.json --json");
    assert_eq!(status.code, 1);
    let status: Value = serde_json::from_str(&status.stdout).unwrap();
    assert_eq!(status["failed"][0]["shard"], POISONED);
    // The poison is gone: the last shard is done, and all of it is what one machine makes.
    fs::write(folder.join(index), whole).unwrap();
    assert_eq!(
        run(folder, &format!("run plan.json --shard {POISONED}")).code,
        0
    );
    assert_eq!(run(folder, "merge plan.json --read-back").code, 0);
    assert_eq!(results(&folder.join("out")), one);
    assert_eq!(results(&folder.join("calm")), one);
    let overhead =
        told["dask_seconds"].as_f64().unwrap() / told["loop_seconds"].as_f64().unwrap() - 1.0;
    eprintln!("Dask adds {:.1} % to the plain loop", 100.0 * overhead);
}
