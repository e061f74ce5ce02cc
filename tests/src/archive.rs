//! Archives of the generator, made once and kept below the target folder.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use crate::fixture::{files, workspace};
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
        fs::write(&marker, "").expect("a marker");
    }
    root.join(bucket)
}

/// An archive of runs below `archive`, made of the sample's: `count` days from 2025-06-01 on.
///
/// # Panics
/// Where the sample cannot be read, or the archive not written.
pub fn days(folder: &Path, count: usize) {
    let from = workspace().join("tests/fixtures/sample/ecmwf-forecasts/20250601/00z");
    for day in 1..=count {
        let date = format!("202506{day:02}");
        for path in files(&from) {
            let inside = path.strip_prefix(&from).expect("a file of it");
            let inside = inside.display().to_string();
            if inside.ends_with(".index") {
                let text = fs::read_to_string(&path).expect("a text");
                let name = format!("archive/{date}/00z/{inside}").replace("20250601", &date);
                let place = folder.join(name);
                fs::create_dir_all(place.parent().expect("a folder")).expect("a folder");
                fs::write(place, text.replace("20250601", &date)).expect("written");
            }
        }
    }
}

/// The files of a folder by their names, without what workers tell each other.
///
/// # Panics
/// Where one cannot be read.
pub fn results(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let all = files(folder).into_iter().map(|path| {
        let name = path.strip_prefix(folder).expect("a file of it");
        (name.display().to_string(), fs::read(&path).expect("a file"))
    });
    all.filter(|(name, _)| !name.starts_with("_gik/")).collect()
}
