//! `cargo xtask fuzz`: runs the targets of `core/fuzz` with libFuzzer for a number of minutes each.

use std::fs;
use std::path::{Path, PathBuf};

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
        sow(target)?;
        // Core forbids unsafe code, so that an address sanitizer would find nothing and cost half the speed.
        let words = [
            "run",
            "--sanitizer",
            "none",
            target,
            "--",
            &seconds,
            "-max_len=16384",
            "-print_final_stats=1",
        ];
        command::run(&mut fuzz(&words)).with_context(|| format!("target {target}"))?;
        println!("{target}: no failure in {minutes} minutes");
    }
    Ok(())
}

/// Puts what the fuzzer starts from into the target's corpus: fixtures that our own scripts wrote.
fn sow(target: &str) -> Result<()> {
    let corpus = folder::workspace().join("core/fuzz/corpus").join(target);
    fs::create_dir_all(&corpus)?;
    let fixtures = folder::workspace().join("tests/fixtures");
    let from = match target {
        "index" => fixtures.join("sample"),
        _ => fixtures.join("vectors"),
    };
    for path in files(&from)? {
        let extension = path.extension().and_then(|extension| extension.to_str());
        let octets = fs::read(&path)?;
        let seed = match (target, extension) {
            // A few lines are as good as thousands.
            ("index", Some("idx" | "index")) => {
                let lines = octets.split_inclusive(|octet| *octet == b'\n').take(4);
                lines.collect::<Vec<_>>().concat()
            }
            ("message", Some("grib2")) => octets,
            ("section", Some("grib2")) => unframed(&octets),
            _ => continue,
        };
        let name = path.file_name().context("a name")?;
        fs::write(corpus.join(name), seed)?;
    }
    Ok(())
}

/// The files below a folder.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        match path.is_dir() {
            true => found.extend(files(&path)?),
            false => found.push(path),
        }
    }
    Ok(found)
}

/// The sections of a message as the target `section` takes them: number, length in two octets, octets.
fn unframed(message: &[u8]) -> Vec<u8> {
    let mut seed = Vec::new();
    let mut rest = message.get(16..).unwrap_or_default();
    while let Some((&[a, b, c, d, number], after)) = rest.split_first_chunk() {
        let length = usize::try_from(u32::from_be_bytes([a, b, c, d])).unwrap_or(usize::MAX);
        let Some((octets, next)) = length
            .checked_sub(5)
            .and_then(|body| after.split_at_checked(body))
        else {
            break;
        };
        let Ok(body) = u16::try_from(octets.len()) else {
            break;
        };
        seed.push(number);
        seed.extend(body.to_be_bytes());
        seed.extend(octets);
        rest = next;
    }
    seed
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

    #[test]
    fn sections_lose_their_frame() {
        let message = b"GRIB\0\0\0\x02\0\0\0\0\0\0\0\x26\0\0\0\x07\x01ab\0\0\0\x06\x07c7777";
        assert_eq!(unframed(message), b"\x01\0\x02ab\x07\0\x01c");
    }
}
