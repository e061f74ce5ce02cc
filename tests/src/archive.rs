//! Archives of the generator, made once and kept below the target folder.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use crate::fixture::workspace;
use crate::oracle::{Stack, python};

/// The bucket of a synthetic archive, made where it is not there yet; `options` are those of `make_archive.py` but `--root`.
///
/// # Panics
/// Where the generator fails.
pub fn made(folder: &Path, system: &str, options: &str) -> PathBuf {
    // Two tests may want the same archive at once.
    static MAKING: Mutex<()> = Mutex::new(());
    let _making = MAKING
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    let bucket = match system {
        "gefs" => "noaa-gefs-pds",
        _ => "ecmwf-forecasts",
    };
    let root = folder.join("archive").join(system);
    let marker = root.join(format!(
        "made{}",
        options.replace(|letter: char| !letter.is_alphanumeric(), "_")
    ));
    if !marker.exists() {
        let output = Command::new(python(Stack::Zarr2))
            .arg(workspace().join("tests/fixtures/make_archive.py"))
            .arg(system)
            .arg("--root")
            .arg(&root)
            .args(options.split_whitespace())
            .output()
            .expect("python starts");
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{system} {options}: {told}");
        std::fs::write(&marker, "").expect("a marker");
    }
    root.join(bucket)
}
