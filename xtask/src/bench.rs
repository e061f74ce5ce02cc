//! `cargo xtask bench`: figures of gik beside those of the Python tools, measured in the same run on the same machine.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result, bail};

use crate::python::{self, Stack};
use crate::{command, folder};

/// A figure that is promised: what was measured, how small it must be, and what it is compared with.
struct Figure {
    /// Criterion's id, or the name that `bench_peers.py` prints.
    id: &'static str,
    reach_seconds: f64,
    peer: &'static str,
}

const BENCHES: [&str; 3] = ["index", "header", "decode"];

const FIGURES: [Figure; 3] = [
    Figure {
        id: "ecmwf 8007 lines/parse",
        reach_seconds: 2.5e-3,
        peer: "json.loads, 8007 lines",
    },
    Figure {
        id: "noaa 38 lines/parse",
        reach_seconds: 20e-6,
        peer: "kerchunk parse_grib_idx, 38 lines",
    },
    Figure {
        id: "gik inspect, 480 messages",
        reach_seconds: 0.05,
        peer: "kerchunk scan_grib, 480 messages",
    },
];

pub(crate) fn run(arguments: &[&str]) -> Result<()> {
    let quick = arguments.contains(&"--quick");
    let named: Vec<&str> = arguments
        .iter()
        .copied()
        .filter(|word| *word != "--quick")
        .collect();
    if let Some(unknown) = named.iter().find(|name| !BENCHES.contains(name)) {
        bail!(
            "no bench is called `{unknown}`: there are {}",
            BENCHES.join(", ")
        );
    }
    let python = python::interpreter(Stack::Zarr2)?;
    for bench in BENCHES
        .iter()
        .filter(|name| named.is_empty() || named.contains(name))
    {
        let mut measured = criterion(bench, quick)?;
        measured.extend(peers(&python, bench, quick)?);
        println!("\n{}", table(&measured));
    }
    println!(
        "Criterion measures wall time of one thread, the Python tools and `gik inspect` are measured in CPU time:"
    );
    println!("run it on an idle machine. The fastest run counts, for criterion the median.");
    Ok(())
}

/// Runs a bench of core, where it has one of that name; (id, seconds) of everything it measured.
fn criterion(bench: &str, quick: bool) -> Result<Vec<(String, f64)>> {
    if !folder::workspace()
        .join(format!("core/benches/{bench}.rs"))
        .exists()
    {
        println!("core has no bench `{bench}`");
        return Ok(Vec::new());
    }
    let start = SystemTime::now();
    let mut cargo = command::cargo(&format!(
        "bench --locked --package gik-core --bench {bench} --"
    ));
    cargo.arg("--noplot").args(quick.then_some("--quick"));
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

/// What `bench_peers.py` measured.
fn peers(python: &Path, bench: &str, quick: bool) -> Result<Vec<(String, f64)>> {
    let mut script = command::program(python);
    script
        .arg(folder::workspace().join("tests/python/bench_peers.py"))
        .arg(bench)
        .args(quick.then_some("--quick"));
    if bench == "header" {
        command::run(&mut command::cargo(
            "build --locked --release --package gik-cli",
        ))?;
        script
            .arg("--gik")
            .arg(folder::target().join("release/gik"));
    }
    println!("measuring the Python tools");
    let printed = command::output(&mut script)?;
    for remark in printed.lines().filter(|line| line.starts_with('#')) {
        println!("{remark}");
    }
    printed
        .lines()
        .filter(|line| !line.starts_with('#'))
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
            .find(|(name, _)| name == id)
            .map(|found| found.1)
    };
    let mut rows =
        vec![["measured", "time", "reach", "", "peer", "its time", "ratio"].map(str::to_owned)];
    for (id, time) in measured {
        let figure = FIGURES.iter().find(|figure| figure.id == id);
        let mut row = [
            id.clone(),
            shown(*time),
            String::new(),
            String::new(),
            String::new(),
            String::new(),
            String::new(),
        ];
        if let Some(figure) = figure {
            row[2] = shown(figure.reach_seconds);
            row[3] = if *time <= figure.reach_seconds {
                "reached"
            } else {
                "NOT REACHED"
            }
            .to_owned();
            if let Some(peer) = seconds(figure.peer) {
                row[4] = figure.peer.to_owned();
                row[5] = shown(peer);
                row[6] = format!("{:.0} x", peer / time);
            }
        }
        rows.push(row);
    }
    let widths: [usize; 7] = std::array::from_fn(|column| {
        rows.iter()
            .map(|row| row[column].chars().count())
            .max()
            .unwrap_or(0)
    });
    let mut text = String::new();
    for row in rows {
        let cells: Vec<String> = row
            .iter()
            .zip(widths)
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        text += cells.join("  ").trim_end();
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
    fn the_table_says_what_was_not_reached() {
        let measured = [
            ("ecmwf 8007 lines/parse".to_owned(), 5e-3),
            ("json.loads, 8007 lines".to_owned(), 25e-3),
        ];
        let table = table(&measured);
        let row = table.lines().nth(1).unwrap();
        assert!(
            row.contains("2.50 ms  NOT REACHED") && row.ends_with("25.0 ms   5 x"),
            "{table}"
        );
    }
}
