//! The built `gik`, as a user meets it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

use crate::fixture::workspace;

/// The binary: `GIK_BINARY`, or built once from this workspace.
///
/// # Panics
/// Where it does not build.
pub fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| std::env::var_os("GIK_BINARY").map_or_else(build, PathBuf::from))
}

fn build() -> PathBuf {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo)
        .args("build --package gik-cli --features icechunk --message-format json".split(' '))
        .current_dir(workspace())
        .stderr(Stdio::inherit())
        .output()
        .expect("cargo starts");
    assert!(built.status.success(), "gik does not build");
    String::from_utf8_lossy(&built.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| message["target"]["name"] == "gik")
        .find_map(|message| message["executable"].as_str().map(PathBuf::from))
        .expect("cargo names the executable")
}

/// `gik` in a folder, without what the tester's own environment and configuration say.
pub fn command(folder: &Path) -> Command {
    let mut command = Command::new(binary());
    command
        .env_clear()
        .env("HOME", folder)
        .current_dir(folder)
        .stdin(Stdio::null());
    command
}

/// What a run of `gik` came to.
#[derive(Debug)]
pub struct Run {
    /// Exit code.
    pub code: i32,
    /// What it printed as data.
    pub stdout: String,
    /// What else it said.
    pub stderr: String,
}

impl Run {
    /// Runs a command to its end.
    ///
    /// # Panics
    /// Where it does not start, is killed by a signal, or prints what is not UTF-8.
    pub fn of(command: &mut Command) -> Self {
        let Output {
            status,
            stdout,
            stderr,
        } = command.output().expect("gik starts");
        Self {
            code: status.code().expect("gik ends by itself"),
            stdout: String::from_utf8(stdout).expect("data is UTF-8"),
            stderr: String::from_utf8(stderr).expect("messages are UTF-8"),
        }
    }

    /// The data as JSON, of a run that went well.
    ///
    /// # Panics
    /// Where it did not go well, or the data is no JSON.
    pub fn json(&self) -> Value {
        assert_eq!(self.code, 0, "{}", self.stderr);
        serde_json::from_str(&self.stdout).expect("JSON")
    }
}

/// Runs `gik` with arguments in a folder.
pub fn run(folder: &Path, arguments: &[&str]) -> Run {
    Run::of(command(folder).args(arguments))
}
