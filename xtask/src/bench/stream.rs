//! Twelve variables of ten members at nine steps, cut and put together: `gik stream` beside a loop of ecCodes.

use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::{command, folder};

/// Makes the archive (1.3 GB, once), and prints what each took.
pub(super) fn run(python: &Path, folder: &Path) -> Result<()> {
    let archive = folder.join("ecmwf-forecasts");
    let marker = folder.join("made");
    if !marker.exists() {
        let script = folder::workspace().join("tests/fixtures/make_archive.py");
        let mut make = command::program(python);
        make.arg(script).args(["ecmwf", "--root"]).arg(folder);
        make.args([
            "--date",
            "20260706",
            "--members",
            "0-9",
            "--hours",
            "36-60:3",
        ]);
        command::run(make.args(["--grid", "0.25", "--vars", "cgan"]))?;
        fs::write(&marker, "")?;
    }
    command::run(&mut command::cargo(
        "build --locked --release --package gik-cli",
    ))?;
    command::run(&mut command::cargo(
        "build --locked --package gik-tests --example slow",
    ))?;
    let script = folder::workspace().join("tests/python/bench_stream.py");
    let mut measure = command::program(python);
    measure.arg(script).arg(&archive);
    measure.arg(folder::target().join("release/gik"));
    command::run(measure.arg(folder::target().join("debug/examples/slow")))
}
