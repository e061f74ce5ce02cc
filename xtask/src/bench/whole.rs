//! Whole runs of references: one, many in one command, one member, and one behind a slow link.

use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::{command, folder};

/// Makes the archives of indexes (160 MB, once), and prints what so many runs in one command took, beside single ones.
pub(super) fn run(python: &Path, folder: &Path, runs: usize) -> Result<()> {
    let systems: [(&str, &[&str]); 2] = [
        ("ecmwf", &["--index-only"]),
        ("gefs", &["--members", "1", "--grid", "5"]),
    ];
    let roots = systems.map(|(system, options)| (system, options, folder.join(system)));
    for (system, options, root) in &roots {
        let marker = root.join("made");
        if marker.exists() {
            continue;
        }
        let script = folder::workspace().join("tests/fixtures/make_archive.py");
        let mut make = command::program(python);
        make.arg(script).args([system, "--root"]).arg(root);
        command::run(make.args(["--date", "20250601"]).args(*options))?;
        fs::write(&marker, "")?;
    }
    command::run(&mut command::cargo(
        "build --locked --release --package gik-cli",
    ))?;
    let mut measure =
        command::cargo("run --locked --release --package gik-tests --example whole --");
    measure.env("GIK_BINARY", folder::target().join("release/gik"));
    measure.args(roots.iter().map(|(_, _, root)| root));
    command::run(measure.arg(runs.to_string()))
}
