//! Lists the files of `catalog/` for `source/catalog.rs` and `product.rs`: a new model or product is a new file there, and no Rust file changes.

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
        entries(&catalog, "catalog", "toml")?,
        entries(&catalog.join("inventory"), "catalog/inventory", "tsv")?,
    );
    let folder = PathBuf::from(variable);
    fs::write(folder.join("catalog.rs"), list)?;
    let products = format!(
        "/// The products of the catalogue: file name and text.\npub(super) const PRODUCTS: &[(&str, &str)] = &[\n{}];\n",
        entries(&catalog.join("products"), "catalog/products", "toml")?,
    );
    fs::write(folder.join("products.rs"), products)
}

/// One line of Rust for each file of a folder with that extension, sorted by name.
///
/// The paths are put together when the core is compiled, not here: a target folder that several checkouts share would
/// otherwise embed the files of the one that ran this script last.
fn entries(folder: &Path, below_manifest: &str, extension: &str) -> io::Result<String> {
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<_>>()?;
    paths.retain(|path| path.extension().is_some_and(|found| found == extension));
    paths.sort();
    let line = |path: &PathBuf| {
        println!("cargo::rerun-if-changed={}", path.display());
        let name = path.file_name()?.to_str()?;
        let below = format!("/{below_manifest}/{name}");
        Some(format!(
            "    ({name:?}, include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), {below:?}))),\n"
        ))
    };
    let lines: Option<String> = paths.iter().map(line).collect();
    lines.ok_or_else(|| io::Error::other("a file of the catalogue has a name that is not UTF-8"))
}
