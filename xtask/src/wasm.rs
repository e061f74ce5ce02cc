//! Builds for `wasm32-unknown-unknown`, with std from rustup's toolchain or made from Debian's sources.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::{command, folder};

const TARGET: &str = "wasm32-unknown-unknown";

/// What must always build for the browser.
const PACKAGES: [&str; 2] = ["gik-core", "gik-web"];

/// `cargo xtask wasm [--check]`.
pub(crate) fn run(arguments: &[&str]) -> Result<()> {
    match arguments {
        [] => build("build"),
        ["--check"] => build("check"),
        _ => bail!("usage: cargo xtask wasm [--check]"),
    }
}

/// Builds (or checks) core and page; nothing is linked against a browser yet.
pub(crate) fn build(verb: &str) -> Result<()> {
    let toolchain = toolchain()?;
    // Apart from the builds of the host, and beside a std of our own: another std makes the rest of the folder worthless.
    let target = if Path::new(&toolchain).is_absolute() {
        home().join("target")
    } else {
        folder::target().join("wasm")
    };
    for package in PACKAGES {
        let arguments = format!("{verb} --locked --lib --package {package} --target {TARGET}");
        command::run(
            command::rustup_cargo(&arguments)
                .arg("--target-dir")
                .arg(&target)
                .env("RUSTUP_TOOLCHAIN", &toolchain),
        )?;
    }
    Ok(())
}

/// A value for `RUSTUP_TOOLCHAIN` whose sysroot has std for wasm32: the default toolchain where `rustup target add` was run,
/// otherwise (or with `WASM_STD=debian`) the path of one that is made from Debian's rustc and its sources.
fn toolchain() -> Result<String> {
    let mut shell = command::program("sh");
    for pinned in command::PINNED {
        shell.env_remove(pinned);
    }
    shell
        .args(["-c", include_str!("wasm-toolchain.sh")])
        .env("WASM_HOME", home());
    let printed = command::output(&mut shell).with_context(|| {
        format!("no std for {TARGET}: run `rustup target add {TARGET}`, then try again")
    })?;
    Ok(printed.trim().to_owned())
}

/// Where a toolchain of our own is made: `WASM_HOME`, or a folder of the cache.
fn home() -> PathBuf {
    std::env::var_os("WASM_HOME").map_or_else(|| folder::cache().join("wasm-debian"), PathBuf::from)
}
