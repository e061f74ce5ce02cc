//! A simulated year: references of many runs from an archive of one, each shard in a process of its own; what it took, as JSON.
//!
//! `cargo run --release -p gik-tests --example year -- ARCHIVE RUNS [SHARDS]`, with `GIK_BINARY` naming a release build of gik;
//! ARCHIVE is the root of `make_archive.py ecmwf --index-only --date 20250601`.
#![expect(clippy::print_stdout, reason = "the figures are its data")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use gik_tests::gik;
use gik_tests::measured::{Measured, measured};
use gik_tests::scratch::Scratch;
use gik_tests::server::{Behaviour, Server};
use serde_json::{Value, json};

fn main() {
    let mut words = std::env::args().skip(1);
    let archive = PathBuf::from(words.next().expect("an archive"));
    let runs: usize = words.next().and_then(|it| it.parse().ok()).expect("runs");
    let shards = words.next().and_then(|it| it.parse().ok()).unwrap_or(runs);
    let report = year(&archive, runs, shards);
    println!("{report:#}");
}

fn year(archive: &Path, runs: usize, shards: usize) -> Value {
    let scratch = Scratch::new();
    let folder = scratch.path();
    let server = Server::with(
        archive,
        Behaviour {
            repeats: Some("2025060100".to_owned()),
            ..Behaviour::default()
        },
    );
    // Four runs a day, as the archive has them: those of 06 and 18 are shorter.
    let days = runs.div_ceil(4);
    let last = last_day(days).expect("a date");
    let from = format!("{}/ecmwf-forecasts", server.url());
    let shards = shards.min(days * 4).to_string();
    let range = format!("20250601..{last}");
    let planned = [
        "plan",
        "refs",
        "ifs-ens",
        "--date",
        &range,
        "--run",
        "00,06,12,18",
        "--members",
        "all",
        "--format",
        "kv-parquet",
        "--shards",
        &shards,
        "--from",
        &from,
        "--out",
        "out/{date}_{run}/",
    ];
    let start = Instant::now();
    let plan = gik::run(folder, &planned);
    let plan_seconds = start.elapsed().as_secs_f64();
    assert_eq!(plan.code, 0, "{}", plan.stderr);
    fs::write(folder.join("plan.json"), &plan.stdout).expect("a plan");
    let count: usize = shards.parse().expect("a number");
    let took = (0..count).map(|shard| {
        let mut command = gik::command(folder);
        command.args(["run", "plan.json", "--gaps-ok", "--quiet", "--shard"]);
        let took = measured(command.arg(shard.to_string()));
        assert_eq!(took.code, 0, "shard {shard}");
        took
    });
    let took: Vec<Measured> = took.collect();
    let seconds: Vec<f64> = took.iter().map(|shard| shard.seconds).collect();
    let memory = took.iter().map(|shard| shard.peak_bytes);
    let cpu: f64 = took.iter().map(|shard| shard.cpu_seconds).sum();
    let verdicts = counts(folder);
    let stats = server.stats();
    let start = Instant::now();
    let merged = gik::run(folder, &["merge", "plan.json", "--quiet"]);
    assert!(merged.code == 0 || merged.code == 3, "{}", merged.stderr);
    let merge_seconds = start.elapsed().as_secs_f64();
    let total: f64 = seconds.iter().sum();
    let half = seconds.len() / 2;
    let mean = |some: &[f64]| {
        some.iter().sum::<f64>() / f64::from(u32::try_from(some.len().max(1)).unwrap_or(1))
    };
    json!({
        "runs": days * 4,
        "shards": count,
        "plan_seconds": plan_seconds,
        "seconds": total,
        "cpu_seconds_of_gik": cpu,
        "seconds_a_shard_first_half": mean(&seconds[..half]),
        "seconds_a_shard_second_half": mean(&seconds[half..]),
        "peak_memory_bytes_least": memory.clone().min(),
        "peak_memory_bytes_most": memory.max(),
        "references": verdicts.0,
        "references_a_second": verdicts.0 as f64 / total,
        "bytes_written": verdicts.1,
        "files": verdicts.2,
        "gets": stats.count("GET", ".index"),
        "heads": stats.count("HEAD", ".grib2"),
        "bytes_read": stats.bytes,
        "merge_seconds": merge_seconds,
    })
}

/// The last of so many days from 2025-06-01 on.
fn last_day(days: usize) -> Option<String> {
    let text = Command::new("date")
        .args([
            "-u",
            "-d",
            &format!("2025-06-01 +{} days", days.saturating_sub(1)),
            "+%Y%m%d",
        ])
        .output()
        .ok()?;
    let text = String::from_utf8(text.stdout).ok()?;
    Some(text.trim().to_owned()).filter(|text| text.len() == 8)
}

/// References, bytes and files, as verdicts say.
fn counts(folder: &Path) -> (u64, u64, u64) {
    let (mut references, mut bytes, mut files) = (0, 0, 0);
    for path in gik_tests::fixture::files(&folder.join("out/_gik")) {
        if path.to_string_lossy().ends_with(".verdict.json") {
            let text = fs::read(&path).expect("a verdict");
            let verdict: Value = serde_json::from_slice(&text).expect("JSON");
            let of = |name: &str| verdict["counts"][name].as_u64().unwrap_or(0);
            references += of("references");
            bytes += of("bytes");
            files += of("files");
        }
    }
    (references, bytes, files)
}
