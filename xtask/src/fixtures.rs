//! `cargo xtask fixtures`: writes the committed synthetic archive again, the published kinds of stores made of it,
//! and the messages that other tests decode.

use anyhow::{Result, bail};

use crate::python::{self, Stack};
use crate::{command, folder};

pub(crate) fn run(arguments: &[&str]) -> Result<()> {
    if !matches!(arguments, [] | ["--check"]) {
        bail!("usage: cargo xtask fixtures [--check]");
    }
    for script in ["make_sample.py", "make_stores.py", "make_vectors.py"] {
        command::run(
            command::program(python::interpreter(Stack::Zarr2)?)
                .arg(folder::workspace().join("tests/fixtures").join(script))
                .args(arguments),
        )?;
    }
    Ok(())
}
