//! Builds for `wasm32-unknown-unknown`, with std from rustup's toolchain or made from Debian's sources.

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
    for package in PACKAGES {
        let arguments = format!("{verb} --locked --lib --package {package} --target {TARGET}");
        command::run(
            command::rustup_cargo(&arguments)
                // Another rustc: in the same folder the two would throw out each other's work.
                .arg("--target-dir")
                .arg(folder::target().join("wasm"))
                .env("RUSTUP_TOOLCHAIN", &toolchain),
        )?;
    }
    Ok(())
}

/// A value for `RUSTUP_TOOLCHAIN` whose sysroot has std for wasm32: the default toolchain where `rustup target add` was run,
/// otherwise (or with `WASM_STD=debian`) one that is made in `.cache/` from Debian's rustc and its sources.
fn toolchain() -> Result<String> {
    let mut shell = command::program("sh");
    for pinned in ["CARGO", "RUSTC", "RUSTDOC", "RUSTUP_TOOLCHAIN"] {
        shell.env_remove(pinned);
    }
    shell
        .args(["-c", include_str!("wasm-toolchain.sh")])
        .env("WASM_HOME", folder::cache().join("wasm-debian"));
    let printed = command::output(&mut shell).with_context(|| {
        format!("no std for {TARGET}: run `rustup target add {TARGET}`, then try again")
    })?;
    Ok(printed.trim().to_owned())
}
