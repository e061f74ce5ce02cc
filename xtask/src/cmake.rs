//! A cmake that builds HDF5: Debian 12's is a little too old, and PyPI has one for every Linux.

use anyhow::{Context, Result};

use crate::{apt, command, folder, python};

/// What HDF5 2.1 asks for.
const NEEDED: (u32, u32) = (3, 26);
/// What is installed where the machine has none.
const PINNED: &str = "cmake==4.4.4";

/// Where a cmake of our own is; `command::cargo` puts it first on the path.
pub(crate) fn bin() -> std::path::PathBuf {
    folder::cache().join("venv-cmake/bin")
}

/// Makes sure that the NetCDF library can be built.
pub(crate) fn ready() -> Result<()> {
    if !runs("make") {
        apt::install(&["make"], "no make, which builds HDF5")?;
    }
    if version().is_some_and(|found| found >= NEEDED) || bin().join("cmake").exists() {
        return Ok(());
    }
    let venv = folder::cache().join("venv-cmake");
    println!(
        "no cmake of {}.{} or newer, which builds HDF5: installing {PINNED} into {} (once, from PyPI)",
        NEEDED.0,
        NEEDED.1,
        venv.display()
    );
    command::run(
        command::program(python::base()?)
            .args(["-m", "venv"])
            .arg(&venv),
    )?;
    command::run(command::program(venv.join("bin/python")).args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-input",
        "--disable-pip-version-check",
        PINNED,
    ]))
    .context("cmake cannot be installed: install 3.26 or newer by hand")
}

fn version() -> Option<(u32, u32)> {
    let told = command::program("cmake").arg("--version").output().ok()?;
    parsed(&String::from_utf8_lossy(&told.stdout))
}

/// `cmake version 3.25.1`
fn parsed(told: &str) -> Option<(u32, u32)> {
    let mut numbers = told.split_whitespace().nth(2)?.split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

fn runs(program: &str) -> bool {
    command::program(program)
        .arg("--version")
        .output()
        .is_ok_and(|output| output.status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert_eq!(parsed("cmake version 3.25.1\n\nCMake suite"), Some((3, 25)));
        assert!(parsed("cmake version 4.4.4") > Some(NEEDED));
        assert!(parsed("cmake version 3.100.0") > Some(NEEDED));
        assert_eq!(parsed("no cmake"), None);
    }
}
