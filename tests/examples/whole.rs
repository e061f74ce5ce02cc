//! Whole runs: what `gik refs` takes for one, for many in one command, for one member, and behind a slow link; as a table.
//!
//! `cargo run --release -p gik-tests --example whole -- ECMWF GEFS RUNS`, with `GIK_BINARY` naming a release build of gik; ECMWF is
//! the root of `make_archive.py ecmwf --index-only --date 20250601`, GEFS that of `make_archive.py gefs --members 1`.
#![expect(clippy::print_stdout, reason = "the figures are its data")]

use std::path::Path;
use std::time::Duration;

use gik_tests::gik;
use gik_tests::measured::{Measured, measured};
use gik_tests::scratch::Scratch;
use gik_tests::server::{Behaviour, Server};

/// A link of 100 MB/s with 50 ms to its other end.
const BYTES_PER_SECOND: u64 = 100_000_000;
const LATENCY: Duration = Duration::from_millis(50);
/// Short runs are done so often, and the one with the least time of the processor counts.
const TIMES: usize = 5;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [ecmwf, gefs, runs] = words.as_slice() else {
        panic!("ECMWF GEFS RUNS");
    };
    let runs: u32 = runs.parse().expect("a number");
    println!("| what | measured | promised |\n|---|---|---|");
    let all = "refs ifs-ens --date 20250601 --run 00 --members all --format kv-parquet --out out";
    let took = best(&format!("{all} --from {ecmwf}/ecmwf-forecasts"));
    row("85 indexes on disk, 51 stores", took, "1.0 CPU s, 400 MB");
    let member = "refs gefs --date 20250601 --run 00 --members gep01 --template scan --out out";
    let took = best(&format!("{member} --from {gefs}/noaa-gefs-pds"));
    row("one GEFS member, 81 indexes", took, "0.02 CPU s");

    let server = Server::with(
        Path::new(ecmwf),
        Behaviour {
            repeats: Some("2025060100".to_owned()),
            ..Behaviour::default()
        },
    );
    let from = format!("{}/ecmwf-forecasts", server.url());
    let dated = |last: u32| {
        format!(
            "refs ifs-ens --date 20250601..202506{last:02} --run 00 --members all --format kv-parquet --out {{date}} --from {from}"
        )
    };
    let single = took_by(&dated(1));
    row("one run from a local server", single, "");
    let many = took_by(&dated(runs));
    let what = format!("{runs} runs in one command");
    row(&what, many, "linear, flat within 10 %");
    println!(
        "| each of them beside the single one | {:.2} of its CPU time, {:.2} of its memory | 1, 1.1 |",
        many.cpu_seconds / f64::from(runs) / single.cpu_seconds,
        many.peak_bytes as f64 / single.peak_bytes as f64
    );
    drop(server);

    let server = Server::with(
        Path::new(ecmwf),
        Behaviour {
            latency: LATENCY,
            bytes_per_second: Some(BYTES_PER_SECOND),
            ..Behaviour::default()
        },
    );
    let took = took_by(&format!("{all} --from {}/ecmwf-forecasts", server.url()));
    row("one run behind 50 ms and 100 MB/s", took, "");
    let bytes = server.stats().bytes;
    let share = bytes as f64 / BYTES_PER_SECOND as f64 / took.seconds;
    println!(
        "| its share of the link, {:.0} MB | {:.0} % | 80 % |",
        bytes as f64 / 1e6,
        100.0 * share
    );
}

/// The run with the least time of the processor.
fn best(words: &str) -> Measured {
    let runs = (0..TIMES).map(|_| took_by(words));
    let least = runs.min_by(|a, b| a.cpu_seconds.total_cmp(&b.cpu_seconds));
    least.expect("a run")
}

fn took_by(words: &str) -> Measured {
    let scratch = Scratch::new();
    let mut command = gik::command(scratch.path());
    command.args(words.split_whitespace()).arg("--quiet");
    let took = measured(&mut command);
    assert_eq!(took.code, 0, "{words}");
    took
}

fn row(what: &str, took: Measured, promised: &str) {
    println!(
        "| {what} | {:.3} CPU s, {:.2} s, {:.0} MB | {promised} |",
        took.cpu_seconds,
        took.seconds,
        took.peak_bytes as f64 / 1e6
    );
}
