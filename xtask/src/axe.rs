//! axe-core, which looks for what shuts people out of a page: fetched from npm into `.cache`, never committed.

use std::path::PathBuf;

use anyhow::Result;

use crate::{apt, command, folder};

/// Pinned, so that the same page gets the same answer; the tests look for it under this name, too.
const VERSION: &str = "4.14.1";

/// Fetches the script where it is not there yet; its path.
pub(crate) fn ready() -> Result<PathBuf> {
    let home = folder::cache().join(format!("axe-core-{VERSION}"));
    let script = home.join("package/axe.min.js");
    if script.exists() {
        return Ok(script);
    }
    if command::output(command::program("npm").arg("--version")).is_err() {
        apt::install(&["npm"], "axe-core comes from npm, which is missing")?;
    }
    std::fs::create_dir_all(&home)?;
    command::run(
        command::program("npm")
            .args(["pack", "--silent", &format!("axe-core@{VERSION}")])
            .arg("--pack-destination")
            .arg(&home),
    )?;
    command::run(
        command::program("tar")
            .arg("-xzf")
            .arg(home.join(format!("axe-core-{VERSION}.tgz")))
            .arg("-C")
            .arg(&home),
    )?;
    Ok(script)
}
