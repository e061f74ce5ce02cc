//! The Python oracles: ecCodes, kerchunk and xarray in pinned environments that `cargo xtask test` makes.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::fixture::workspace;

/// Which pinned environment.
#[derive(Clone, Copy, Debug)]
pub enum Stack {
    /// zarr 2.18, kerchunk 0.2.7, ecCodes 2.50.
    Zarr2,
    /// zarr 3.1, kerchunk 0.2.10, icechunk.
    Zarr3,
}

/// The interpreter of an environment: `GIK_PYTHON_ZARR2` / `GIK_PYTHON_ZARR3`, or the one that xtask makes in `.cache/`.
///
/// # Panics
/// Where there is none: an oracle that is missing fails loudly.
pub fn python(stack: Stack) -> PathBuf {
    let (variable, folder) = match stack {
        Stack::Zarr2 => ("GIK_PYTHON_ZARR2", "venv-zarr2"),
        Stack::Zarr3 => ("GIK_PYTHON_ZARR3", "venv-zarr3"),
    };
    let python = std::env::var_os(variable).map_or_else(
        || workspace().join(".cache").join(folder).join("bin/python"),
        PathBuf::from,
    );
    assert!(
        python.exists(),
        "no Python at {}: run the tests through `cargo xtask test`",
        python.display()
    );
    python
}

/// Runs a script of `tests/python/` and returns what it printed.
///
/// # Panics
/// Where the script fails, with what it said.
pub fn run(stack: Stack, script: &str, arguments: &[&str]) -> String {
    run_in(&workspace(), stack, script, arguments)
}

/// The same, in a folder.
///
/// # Panics
/// Where the script fails, with what it said.
pub fn run_in(folder: &Path, stack: Stack, script: &str, arguments: &[&str]) -> String {
    let scripts = workspace().join("tests/python");
    let script = scripts.join(script);
    let output = Command::new(python(stack))
        .arg(scripts.join("launch.py"))
        .arg(&script)
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("python starts");
    assert!(
        output.status.success(),
        "{} failed ({}):\n{}",
        script.display(),
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("an oracle prints UTF-8")
}
