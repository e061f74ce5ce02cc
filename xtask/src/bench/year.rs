//! A simulated year: references of 1,460 runs by `gik plan` and `gik run`, from a server that has one run and says it has all.

use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::{command, folder};

/// Makes the archive of indexes (154 MB, once), and prints what so many runs took, each as a shard of its own.
pub(super) fn run(python: &Path, folder: &Path, runs: usize) -> Result<()> {
    let marker = folder.join("made");
    if !marker.exists() {
        let script = folder::workspace().join("tests/fixtures/make_archive.py");
        let mut make = command::program(python);
        make.arg(script).args(["ecmwf", "--root"]).arg(folder);
        command::run(make.args(["--date", "20250601", "--index-only"]))?;
        fs::write(&marker, "")?;
    }
    command::run(&mut command::cargo(
        "build --locked --release --package gik-cli",
    ))?;
    let mut measure =
        command::cargo("run --locked --release --package gik-tests --example year --");
    measure.env("GIK_BINARY", folder::target().join("release/gik"));
    command::run(measure.arg(folder).arg(runs.to_string()))
}
