//! Python environments with pinned packages: the reference implementations that tests and benches compare with.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::{apt, command, folder};

/// Which pinned environment.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Stack {
    /// zarr 2.18, kerchunk 0.2.7, ecCodes 2.50.
    Zarr2,
    /// zarr 3.1, kerchunk 0.2.10, icechunk.
    Zarr3,
}

impl Stack {
    pub(crate) const ALL: [Self; 2] = [Self::Zarr2, Self::Zarr3];

    /// Names an interpreter that is used instead of the one in `.cache/`.
    pub(crate) fn variable(self) -> &'static str {
        match self {
            Self::Zarr2 => "GIK_PYTHON_ZARR2",
            Self::Zarr3 => "GIK_PYTHON_ZARR3",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Zarr2 => "zarr2",
            Self::Zarr3 => "zarr3",
        }
    }
}

/// The interpreter of an environment, which is made first where it is missing or its pins have changed.
pub(crate) fn interpreter(stack: Stack) -> Result<PathBuf> {
    if let Some(given) = std::env::var_os(stack.variable()) {
        let given = PathBuf::from(given);
        if !given.exists() {
            bail!(
                "{} names {}, which is not there",
                stack.variable(),
                given.display()
            );
        }
        return Ok(given);
    }
    let pins = folder::workspace().join(format!("tests/python/requirements-{}.txt", stack.name()));
    let venv = folder::cache().join(format!("venv-{}", stack.name()));
    make(&pins, &venv).with_context(|| format!("no Python environment {}", venv.display()))
}

fn make(pins: &Path, venv: &Path) -> Result<PathBuf> {
    let python = venv.join("bin/python");
    let wanted = fs::read_to_string(pins).with_context(|| pins.display().to_string())?;
    // The stamp is written last, so that an install that was cut is made again.
    let stamp = venv.join("installed.txt");
    if python.exists() && fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    if venv.exists() {
        fs::remove_dir_all(venv)?;
    }
    let base = base()?;
    println!(
        "installing {} Python packages into {} (once, from PyPI)",
        wanted.lines().count(),
        venv.display()
    );
    command::run(command::program(base).args(["-m", "venv"]).arg(venv))?;
    command::run(
        command::program(&python)
            .args(["-m", "pip", "install", "--quiet", "--no-input"])
            .args(["--disable-pip-version-check", "-r"])
            .arg(pins),
    )?;
    fs::write(&stamp, wanted)?;
    Ok(python)
}

/// A Python that the pins have wheels for (3.11 to 3.13: numcodecs 0.15.2 has none for 3.14) and that can make environments.
pub(crate) fn base() -> Result<String> {
    if let Some(found) = candidate() {
        return Ok(found);
    }
    apt::install(
        &["python3-venv"],
        "no Python 3.11, 3.12 or 3.13 with the modules venv and ensurepip",
    )?;
    candidate().context(
        "no Python 3.11, 3.12 or 3.13 was found, the versions for which the pinned packages have wheels: \
         install one, or name interpreters that have tests/python/requirements-*.txt in GIK_PYTHON_ZARR2 and GIK_PYTHON_ZARR3",
    )
}

fn candidate() -> Option<String> {
    const USABLE: &str =
        "import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))";
    let names = [
        "python3.11",
        "python3.12",
        "python3.13",
        "python3",
        "/usr/bin/python3",
    ];
    let usable = names.into_iter().find(|name| {
        command::program(name)
            .args(["-c", USABLE])
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    });
    usable.map(str::to_owned)
}
