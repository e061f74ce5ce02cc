//! `cargo xtask web`: the page, into `www/dist/`, and served from there.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use gik_tests::site::Site;
use wasm_bindgen_cli_support::Bindgen;

use crate::{folder, wasm};

/// What a static host serves besides the modules.
const FILES: [&str; 8] = [
    "_headers",
    "boot.js",
    "favicon.svg",
    "index.html",
    "style.css",
    "sw.js",
    "worker-boot.js",
    "404.html",
];
/// Folders of core with what the worker fetches once it needs it: tables of names (see core's feature `tables`), lines of maps.
const BESIDE: [(&str, &[&str]); 2] = [
    ("maps", &["lines-110m.bin", "lines-50m.bin"]),
    (
        "tables",
        &[
            "codes.csv",
            "concepts.tsv",
            "names.tsv",
            "ncep.tsv",
            "products.tsv",
        ],
    ),
];
/// The archive that comes with the page: that of `cargo xtask demo`.
const SAMPLE: &str = "tests/fixtures/sample";

/// A module, and how large it may be when a server has compressed it.
struct Module {
    name: &'static str,
    brotli: usize,
}

const MODULES: [Module; 2] = [
    Module {
        name: "page",
        brotli: 300_000,
    },
    Module {
        name: "worker",
        brotli: 900_000,
    },
];

/// `cargo xtask web [--dev] [--serve] [--tests]`.
pub(crate) fn run(arguments: &[&str]) -> Result<()> {
    let known = ["--dev", "--serve", "--tests"];
    if let Some(unknown) = arguments.iter().find(|word| !known.contains(word)) {
        bail!("usage: cargo xtask web [--dev] [--serve] [--tests], not `{unknown}`");
    }
    let dev = arguments.contains(&"--dev");
    let dist = build(dev, arguments.contains(&"--tests"))?;
    if !dev {
        sizes(&dist)?;
    }
    if arguments.contains(&"--serve") {
        let site = Site::start(&dist);
        println!("the page is at {}/ until this is stopped", site.url());
        site.wait();
    }
    Ok(())
}

/// Where the page is built.
pub(crate) fn dist() -> PathBuf {
    folder::workspace().join("www/dist")
}

/// Builds the page; `dev` is quick to build and large, `tests` are for those who run the tests then.
pub(crate) fn build(dev: bool, tests: bool) -> Result<PathBuf> {
    let profile = if dev { "web-dev" } else { "web" };
    let modules = wasm::modules(profile, tests)?;
    let dist = dist();
    if dist.exists() {
        fs::remove_dir_all(&dist)?;
    }
    fs::create_dir_all(&dist)?;
    for module in &MODULES {
        bind(&modules.join(format!("{}.wasm", module.name)), &dist, dev)?;
    }
    if tests {
        write_test_page(&modules.join("examples/conformance.wasm"))?;
    }
    for file in FILES {
        let from = folder::workspace().join("www").join(file);
        fs::copy(&from, dist.join(file)).with_context(|| from.display().to_string())?;
    }
    for (name, files) in BESIDE {
        fs::create_dir_all(dist.join(name))?;
        for file in files {
            let from = folder::workspace().join("core").join(name).join(file);
            let to = dist.join(name).join(file);
            fs::copy(&from, to).with_context(|| from.display().to_string())?;
        }
    }
    copy(&folder::workspace().join(SAMPLE), &dist.join("demo"))?;
    Ok(dist)
}

fn bind(module: &Path, to: &Path, named: bool) -> Result<()> {
    Bindgen::new()
        .input_path(module)
        .web(true)?
        .typescript(false)
        .remove_name_section(!named)
        .remove_producers_section(true)
        .generate(to)
        .with_context(|| format!("no bindings for {}", module.display()))
}

/// A page that runs the suite of stores, for `tests/browser/store.rs`.
fn write_test_page(module: &Path) -> Result<()> {
    let folder = folder::cache().join("page-tests");
    fs::create_dir_all(&folder)?;
    bind(module, &folder, true)?;
    let page = r#"<!doctype html><meta charset="utf-8"><title>working</title>
<script type="module">import init from "./conformance.js"; await init({ module_or_path: "conformance_bg.wasm" });</script>"#;
    Ok(fs::write(folder.join("index.html"), page)?)
}

/// Says how large the modules are, and fails where one is too large.
pub(crate) fn sizes(dist: &Path) -> Result<()> {
    let mut too_large = Vec::new();
    for module in &MODULES {
        let path = dist.join(format!("{}_bg.wasm", module.name));
        let bytes = fs::read(&path).with_context(|| path.display().to_string())?;
        let mut compressed = Vec::new();
        let parameters = brotli::enc::BrotliEncoderParams {
            quality: 11,
            lgwin: 22,
            ..Default::default()
        };
        brotli::BrotliCompress(&mut &bytes[..], &mut compressed, &parameters)?;
        println!(
            "{:>8}: {:>9} bytes, {:>7} with brotli, of {} allowed",
            module.name,
            bytes.len(),
            compressed.len(),
            module.brotli
        );
        if compressed.len() > module.brotli {
            too_large.push(module.name);
        }
    }
    match too_large.as_slice() {
        [] => Ok(()),
        names => bail!("too large: {}", names.join(", ")),
    }
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| from.display().to_string())? {
        let path = entry?.path();
        let Some(name) = path.file_name() else {
            continue;
        };
        if path.is_dir() {
            copy(&path, &to.join(name))?;
        } else {
            fs::copy(&path, to.join(name))?;
        }
    }
    Ok(())
}
