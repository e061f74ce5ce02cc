//! `cargo xtask bench`: figures of gik beside those of the Python tools, measured in the same run on the same machine.

mod icechunk;
mod stream;
mod wasm;
mod whole;
mod year;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result, bail};

use crate::python::{self, Stack};
use crate::{command, folder};

/// A chore's name, and the bench of core that belongs to it.
const BENCHES: [(&str, &str); 3] = [
    ("index", "index"),
    ("header", "header"),
    ("decode", "decode"),
];

/// A repository, not a bench of criterion's; only where it is named, for it builds Icechunk.
const ICECHUNK: &str = "icechunk";
/// Values of an ensemble, not a bench of criterion's.
const STREAM: &str = "stream";
/// The bench in a browser.
const WASM: &str = "wasm";
/// Whole runs of references.
const WHOLE: &str = "whole";
/// Runs of a year, from an archive of one.
const YEAR: &str = "year";

/// A figure that is promised: what was measured, how small it must be, and what it is compared with.
struct Figure {
    /// Criterion's id, or the name that `bench_peers.py` prints.
    id: &'static str,
    reach: Reach,
    peer: &'static str,
}

#[derive(Clone, Copy)]
enum Reach {
    Seconds(f64),
    /// So much of the peer's time.
    OfPeer(f64),
}

const FIGURES: [Figure; 9] = [
    Figure {
        id: "ecmwf 8007 lines/parse",
        reach: Reach::Seconds(2.5e-3),
        peer: "json.loads, 8007 lines",
    },
    Figure {
        id: "noaa 38 lines/parse",
        reach: Reach::Seconds(20e-6),
        peer: "kerchunk parse_grib_idx, 38 lines",
    },
    Figure {
        id: "gik inspect, 480 messages",
        reach: Reach::Seconds(0.05),
        peer: "kerchunk scan_grib, 480 messages",
    },
    Figure {
        id: "decode/ccsds16",
        reach: Reach::OfPeer(0.62),
        peer: "ecCodes, ccsds16",
    },
    Figure {
        id: "decode/ccsds16, rows 260-416",
        reach: Reach::OfPeer(0.62),
        peer: "decode/ccsds16",
    },
    Figure {
        id: "decode/differenced2",
        reach: Reach::OfPeer(0.3),
        peer: "ecCodes, differenced2",
    },
    Figure {
        id: "decode/jpeg",
        reach: Reach::OfPeer(1.7),
        peer: "ecCodes, jpeg",
    },
    Figure {
        id: "decode/simple12",
        reach: Reach::OfPeer(0.45),
        peer: "ecCodes, simple12",
    },
    Figure {
        id: "decode/simple16",
        reach: Reach::OfPeer(0.45),
        peer: "ecCodes, simple16",
    },
];

/// `cargo xtask bench [index|header|decode|icechunk|stream|wasm|whole|year] [--quick]`; the last five only where they are named: they need a
/// browser, or minutes. `year` does all 1,460 runs, `year --quick` 24.
pub(crate) fn run(arguments: &[&str]) -> Result<()> {
    let quick = arguments.contains(&"--quick");
    let named: Vec<&str> = arguments
        .iter()
        .copied()
        .filter(|word| *word != "--quick")
        .collect();
    let is_known = |name: &str| {
        [ICECHUNK, STREAM, WASM, WHOLE, YEAR].contains(&name)
            || BENCHES.iter().any(|(known, _)| *known == name)
    };
    if let Some(unknown) = named.iter().find(|name| !is_known(name)) {
        bail!(
            "no bench is called `{unknown}`: there are {}, {ICECHUNK}, {STREAM}, {WASM}, {WHOLE}, {YEAR}",
            BENCHES.map(|bench| bench.0).join(", ")
        );
    }
    let python = python::interpreter(Stack::Zarr2)?;
    // Where the inputs are that both sides read.
    let inputs = folder::target().join("bench");
    fs::create_dir_all(&inputs)?;
    if named.contains(&ICECHUNK) {
        icechunk::run(&python, &inputs.join("icechunk"))?;
        if named.len() == 1 {
            return Ok(());
        }
    }
    if named.contains(&STREAM) {
        stream::run(&python, &inputs.join("stream"))?;
        if named.len() == 1 {
            return Ok(());
        }
    }
    if named.contains(&WHOLE) {
        whole::run(&python, &inputs.join("whole"), if quick { 6 } else { 30 })?;
        if named.len() == 1 {
            return Ok(());
        }
    }
    if named.contains(&YEAR) {
        year::run(
            &python,
            &inputs.join("year"),
            if quick { 24 } else { 1_460 },
        )?;
        if named.len() == 1 {
            return Ok(());
        }
    }
    if named.contains(&WASM) {
        write_messages(&python, &inputs)?;
        wasm::run(&inputs.join("messages"))?;
        if named.len() == 1 {
            return Ok(());
        }
    }
    for (name, bench) in BENCHES {
        if !named.is_empty() && !named.contains(&name) {
            continue;
        }
        let mut peers = script(&python, name, &inputs);
        peers.args(quick.then_some("--quick"));
        match name {
            "decode" => write_messages(&python, &inputs)?,
            "header" => {
                command::run(&mut command::cargo(
                    "build --locked --release --package gik-cli",
                ))?;
                peers.arg("--gik").arg(folder::target().join("release/gik"));
            }
            _ => {}
        }
        let mut measured = criterion(bench, quick, &inputs)?;
        measured.extend(measured_by(&mut peers)?);
        println!("\n{}", table(&measured));
    }
    println!(
        "The Python tools, `gik inspect` and `decode` are measured in CPU time; the other benches in wall time of one"
    );
    println!(
        "thread, so let the machine be idle. Of several runs criterion gives the median, bench_peers.py the fastest."
    );
    Ok(())
}

fn script(python: &Path, name: &str, inputs: &Path) -> std::process::Command {
    let mut script = command::program(python);
    script
        .arg(folder::workspace().join("tests/python/bench_peers.py"))
        .args([name, "--inputs"])
        .arg(inputs);
    script
}

fn write_messages(python: &Path, folder: &Path) -> Result<()> {
    let script = folder::workspace().join("tests/python/bench_decode.py");
    command::run(
        command::program(python)
            .arg(script)
            .arg("write")
            .arg(folder.join("messages")),
    )
}

/// Runs a bench of core; (id, seconds) of everything it measured.
fn criterion(bench: &str, quick: bool, inputs: &Path) -> Result<Vec<(String, f64)>> {
    let start = SystemTime::now();
    let mut cargo = command::cargo(&format!(
        "bench --locked --package gik-core --bench {bench} --"
    ));
    cargo
        .args(["--noplot"])
        .args(quick.then_some("--quick"))
        .env("GIK_BENCH_MESSAGES", inputs.join("messages"));
    command::run(&mut cargo)?;
    let mut measured = Vec::new();
    for folder in results(&folder::target().join("criterion"))? {
        let estimates = folder.join("estimates.json");
        if fs::metadata(&estimates)?.modified()? < start {
            continue;
        }
        let about = fs::read_to_string(folder.join("benchmark.json"))?;
        let estimates = fs::read_to_string(estimates)?;
        let read = id(&about).zip(median_nanoseconds(&estimates));
        let (id, nanoseconds) =
            read.with_context(|| format!("{} is not what criterion 0.8 writes", folder.display()))?;
        measured.push((id.to_owned(), nanoseconds * 1e-9));
    }
    measured.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(measured)
}

/// The folders `new/` below criterion's, which hold the last measurement of each bench.
fn results(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            if path.ends_with("new") {
                found.push(path);
            } else {
                found.extend(results(&path)?);
            }
        }
    }
    Ok(found)
}

/// `"full_id":"…"` of criterion's benchmark.json.
fn id(about: &str) -> Option<&str> {
    let (_, rest) = about.split_once(r#""full_id":""#)?;
    Some(rest.split_once('"')?.0)
}

/// `"median":{…,"point_estimate":…` of criterion's estimates.json.
fn median_nanoseconds(estimates: &str) -> Option<f64> {
    let (_, median) = estimates.split_once(r#""median":"#)?;
    let (_, number) = median.split_once(r#""point_estimate":"#)?;
    number.split_once([',', '}'])?.0.parse().ok()
}

/// What `bench_peers.py` measured: (name, seconds).
fn measured_by(script: &mut std::process::Command) -> Result<Vec<(String, f64)>> {
    println!("measuring the Python tools");
    let printed = command::output(script)?;
    let (remarks, lines): (Vec<&str>, Vec<&str>) =
        printed.lines().partition(|line| line.starts_with('#'));
    for remark in remarks {
        println!("{remark}");
    }
    lines
        .into_iter()
        .map(|line| {
            let (name, seconds) = line.split_once('\t').context("a name and seconds")?;
            Ok((name.to_owned(), seconds.parse()?))
        })
        .collect()
}

/// Every measurement; beside those that are promised what was promised, and how many times the peer's time is ours.
fn table(measured: &[(String, f64)]) -> String {
    let seconds = |id: &str| {
        measured
            .iter()
            .find(|found| found.0 == id)
            .map(|found| found.1)
    };
    let mut rows =
        vec![["measured", "time", "reach", "", "peer", "its time", "ratio"].map(str::to_owned)];
    for (id, time) in measured {
        let mut row = [id.as_str(), &shown(*time), "", "", "", "", ""].map(str::to_owned);
        if let Some(figure) = FIGURES.iter().find(|figure| figure.id == id) {
            let peer = seconds(figure.peer);
            let reach = match figure.reach {
                Reach::Seconds(seconds) => Some(seconds),
                Reach::OfPeer(part) => peer.map(|peer| part * peer),
            };
            if let Some(reach) = reach {
                row[2] = shown(reach);
                row[3] = if *time <= reach {
                    "reached"
                } else {
                    "NOT REACHED"
                }
                .to_owned();
            }
            if let Some(peer) = peer {
                row[4] = figure.peer.to_owned();
                row[5] = shown(peer);
                row[6] = format!("{:.1} x", peer / time);
            }
        }
        rows.push(row);
    }
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let widths: [usize; 7] = std::array::from_fn(|column| width(column).unwrap_or(0));
    let mut text = String::new();
    for row in rows {
        let cells = row
            .iter()
            .zip(widths)
            .map(|(cell, width)| format!("{cell:width$}"));
        text += cells.collect::<Vec<_>>().join("  ").trim_end();
        text += "\n";
    }
    text
}

/// Three digits and a unit.
fn shown(seconds: f64) -> String {
    let (number, unit) = match seconds {
        s if s < 1e-6 => (s * 1e9, "ns"),
        s if s < 1e-3 => (s * 1e6, "µs"),
        s if s < 1.0 => (s * 1e3, "ms"),
        s => (s, "s"),
    };
    let decimals = if number < 10.0 {
        2
    } else {
        usize::from(number < 100.0)
    };
    format!("{number:.decimals$} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn criterions_files_are_read() {
        let about = r#"{"group_id":"a b","function_id":"c","value_str":null,"full_id":"a b/c","directory_name":"a b/c"}"#;
        assert_eq!(id(about), Some("a b/c"));
        let estimates = r#"{"mean":{"point_estimate":3.5},"median":{"confidence_interval":{"lower_bound":1.0},"point_estimate":1234.5,"standard_error":2.0}}"#;
        assert_eq!(median_nanoseconds(estimates), Some(1234.5));
        assert_eq!(median_nanoseconds("{}"), None);
    }

    #[test]
    fn times_have_three_digits() {
        assert_eq!(
            [3.4e-9, 12.34e-6, 0.1234, 13.0].map(shown),
            ["3.40 ns", "12.3 µs", "123 ms", "13.0 s"]
        );
    }

    #[test]
    fn a_reach_may_be_a_part_of_the_peers_time() {
        let measured = [
            ("decode/simple12".to_owned(), 0.4e-3),
            ("ecCodes, simple12".to_owned(), 1e-3),
        ];
        let table = table(&measured);
        let row = table.lines().nth(1).unwrap();
        assert!(
            row.contains("450 µs  reached") && row.ends_with("2.5 x"),
            "{table}"
        );
    }

    #[test]
    fn the_table_says_what_was_not_reached() {
        let measured = [
            ("ecmwf 8007 lines/parse".to_owned(), 5e-3),
            ("json.loads, 8007 lines".to_owned(), 25e-3),
        ];
        let table = table(&measured);
        let row = table.lines().nth(1).unwrap();
        assert!(
            row.contains("2.50 ms  NOT REACHED") && row.ends_with("25.0 ms   5.0 x"),
            "{table}"
        );
    }
}
