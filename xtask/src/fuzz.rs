//! `cargo xtask fuzz`: runs the targets of `core/fuzz` with libFuzzer for a number of minutes each.

use anyhow::{Context, Result, bail};

use crate::{command, folder};

pub(crate) fn run(arguments: &[&str]) -> Result<()> {
    let (minutes, target) = parse(arguments)?;
    let crate_folder = folder::workspace().join("core/fuzz");
    if !crate_folder.exists() {
        bail!("core/fuzz is not there: nothing to fuzz");
    }
    let bin = cargo_fuzz()?;
    let fuzz = |words: &[&str]| {
        let mut command = command::rustup_cargo("fuzz");
        command
            .args(words)
            .current_dir(folder::workspace().join("core"))
            // Into core/fuzz/target: instrumented, so that nothing else can use it.
            .env_remove("CARGO_TARGET_DIR")
            // Coverage instrumentation is a nightly flag; this lets the toolchain that builds gik accept it.
            .env("RUSTC_BOOTSTRAP", "1")
            .env(
                "PATH",
                format!("{bin}:{}", std::env::var("PATH").unwrap_or_default()),
            );
        command
    };
    let targets = match target {
        Some(target) => target.to_owned(),
        None => command::output(&mut fuzz(&["list"]))?,
    };
    let seconds = format!("-max_total_time={}", (minutes * 60.0).round());
    for target in targets.lines() {
        // Core forbids unsafe code, so that an address sanitizer would find nothing and cost half the speed.
        let words = [
            "run",
            "--sanitizer",
            "none",
            target,
            "--",
            &seconds,
            "-print_final_stats=1",
        ];
        command::run(&mut fuzz(&words)).with_context(|| format!("target {target}"))?;
        println!("{target}: no failure in {minutes} minutes");
    }
    Ok(())
}

fn parse<'a>(arguments: &[&'a str]) -> Result<(f64, Option<&'a str>)> {
    let (minutes, rest) = match arguments {
        ["--minutes", minutes, rest @ ..] => (minutes.parse()?, rest),
        rest => (1.0, rest),
    };
    match rest {
        [] => Ok((minutes, None)),
        [target] if !target.starts_with('-') => Ok((minutes, Some(*target))),
        _ => bail!("usage: cargo xtask fuzz [--minutes N] [TARGET]"),
    }
}

/// The folder that holds cargo-fuzz, which is installed into `.cache/` where it is missing; empty where PATH has it.
fn cargo_fuzz() -> Result<String> {
    let found = command::output(command::program("cargo-fuzz").arg("--version"));
    if found.is_ok() {
        return Ok(String::new());
    }
    let root = folder::cache().join("cargo-fuzz");
    let bin = root.join("bin");
    if !bin.join("cargo-fuzz").exists() {
        println!(
            "cargo-fuzz is missing: installing it into {}",
            root.display()
        );
        command::run(
            command::rustup_cargo("install --quiet --locked cargo-fuzz --root")
                .arg(&root)
                .env_remove("CARGO_TARGET_DIR"),
        )?;
    }
    Ok(bin.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments() {
        assert_eq!(parse(&[]).unwrap(), (1.0, None));
        assert_eq!(
            parse(&["--minutes", "0.5", "index"]).unwrap(),
            (0.5, Some("index"))
        );
        assert!(parse(&["--minutes", "many"]).is_err());
        assert!(parse(&["index", "grib"]).is_err());
    }
}
