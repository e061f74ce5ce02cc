//! `cargo xtask fixtures`: writes the committed synthetic archive again.

use anyhow::{Result, bail};

use crate::python::{self, Stack};
use crate::{command, folder};

pub(crate) fn run(arguments: &[&str]) -> Result<()> {
    if !matches!(arguments, [] | ["--check"]) {
        bail!("usage: cargo xtask fixtures [--check]");
    }
    let script = folder::workspace().join("tests/fixtures/make_sample.py");
    command::run(
        command::program(python::interpreter(Stack::Zarr2)?)
            .arg(script)
            .args(arguments),
    )
}
