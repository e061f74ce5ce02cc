//! Lists the files of `catalog/` for `source/catalog.rs`: a new model is a new file there, and no Rust file changes.

#![expect(
    clippy::disallowed_methods,
    reason = "a build script runs on the host, not in the core"
)]

use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let catalog = Path::new(env!("CARGO_MANIFEST_DIR")).join("catalog");
    let variable = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("cargo sets OUT_DIR"))?;
    let list = format!(
        "/// The sources of the catalogue: file name and text.\npub(super) const SOURCES: &[(&str, &str)] = &[\n{}];\n\
         /// The inventories of the catalogue: file name and text.\npub(super) const INVENTORIES: &[(&str, &str)] = &[\n{}];\n",
        entries(&catalog, "toml")?,
        entries(&catalog.join("inventory"), "tsv")?,
    );
    fs::write(PathBuf::from(variable).join("catalog.rs"), list)
}

/// One line of Rust for each file of a folder with that extension, sorted by name.
fn entries(folder: &Path, extension: &str) -> io::Result<String> {
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<_>>()?;
    paths.retain(|path| path.extension().is_some_and(|found| found == extension));
    paths.sort();
    Ok(paths
        .iter()
        .map(|path| {
            let name = path.file_name().unwrap_or_default();
            println!("cargo::rerun-if-changed={}", path.display());
            format!("    ({name:?}, include_str!({path:?})),\n")
        })
        .collect())
}
