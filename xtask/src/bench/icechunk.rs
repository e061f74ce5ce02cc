//! A run of 51 members into an Icechunk repository: references a second, and bytes of each on disk.

use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::{command, folder};

/// Makes the archive's indexes (160 MB, once), and prints the figures.
pub(super) fn run(python: &Path, folder: &Path) -> Result<()> {
    let archive = folder.join("ecmwf-forecasts");
    let marker = folder.join("made");
    if !marker.exists() {
        let script = folder::workspace().join("tests/fixtures/make_archive.py");
        let mut make = command::program(python);
        make.arg(script).args(["ecmwf", "--root"]).arg(folder);
        command::run(make.args(["--date", "20250601", "--index-only"]))?;
        fs::write(&marker, "")?;
    }
    command::run(&mut command::cargo(
        "build --locked --release --package gik-cli --features icechunk",
    ))?;
    let script = folder::workspace().join("tests/python/bench_icechunk.py");
    let mut measure = command::program(python);
    measure
        .arg(script)
        .arg(folder::target().join("release/gik"));
    command::run(measure.arg(&archive).arg(folder.join("repository")))
}
