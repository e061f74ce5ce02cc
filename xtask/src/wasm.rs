//! Builds for `wasm32-unknown-unknown`, with std from rustup's toolchain or made from Debian's sources.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::{browser, command, folder};

const TARGET: &str = "wasm32-unknown-unknown";

/// What must always build for the browser.
const PACKAGES: [&str; 1] = ["gik-core"];

/// `cargo xtask wasm [--check|--test]`.
pub(crate) fn run(arguments: &[&str]) -> Result<()> {
    match arguments {
        [] => build("build"),
        ["--check"] => build("check"),
        ["--test"] => test(),
        _ => bail!("usage: cargo xtask wasm [--check|--test]"),
    }
}

/// Builds (or checks) core with all that it can do; [`modules`] builds the page.
pub(crate) fn build(verb: &str) -> Result<()> {
    let toolchain = toolchain()?;
    for package in PACKAGES {
        let arguments = format!("{verb} --locked --lib --package {package}");
        command::run(&mut cargo(&toolchain, &arguments).0)?;
    }
    Ok(())
}

/// Builds the modules of the page in a profile, and with them what only its tests need; the folder that they are in.
pub(crate) fn modules(profile: &str, tests: bool) -> Result<PathBuf> {
    let more = if tests { " --example conformance" } else { "" };
    let arguments = format!("build --locked --package gik-web --bins{more} --profile {profile}");
    let (mut build, target) = cargo(&toolchain()?, &arguments);
    command::run(&mut build)?;
    Ok(target.join(TARGET).join(profile))
}

/// Decodes the committed vectors in Chromium.
pub(crate) fn test() -> Result<()> {
    // In the profile of the page, whose dependencies are built then.
    let arguments = "build --locked --package gik-web --example vectors --profile web";
    let (mut build, target) = cargo(&toolchain()?, arguments);
    command::run(&mut build)?;
    let module = target.join(TARGET).join("web/examples/vectors.wasm");
    let script = r#"return (await module("vectors.wasm"))();"#;
    let limit = Duration::from_secs(120);
    match browser::run(script, &[("vectors.wasm", module)], limit)?.as_str() {
        "0" => {
            println!("every vector has the values of ecCodes");
            Ok(())
        }
        code => bail!("vector {code} of web/examples/vectors.rs is wrong in the browser"),
    }
}

/// Builds `web/examples/timed.rs` around a message, optimised; the path of the module.
pub(crate) fn timed(message: &Path) -> Result<PathBuf> {
    let arguments = "build --locked --release --package gik-web --example timed --features timed";
    let (mut build, target) = cargo(&toolchain()?, arguments);
    command::run(build.env("GIK_MESSAGE", message))?;
    Ok(target.join(TARGET).join("release/examples/timed.wasm"))
}

/// A command of cargo for wasm, and its target folder.
fn cargo(toolchain: &str, arguments: &str) -> (Command, PathBuf) {
    // Apart from the builds of the host, and beside a std of our own: another std makes the rest of the folder worthless.
    let target = if Path::new(toolchain).is_absolute() {
        home().join("target")
    } else {
        folder::target().join("wasm")
    };
    let mut command = command::rustup_cargo(arguments);
    command
        .args(["--target", TARGET, "--target-dir"])
        .arg(&target)
        .env("RUSTUP_TOOLCHAIN", toolchain);
    (command, target)
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
