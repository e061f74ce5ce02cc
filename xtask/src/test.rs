//! `cargo xtask test`: everything that CI runs, each step announced, timed and independent of the others.

use std::path::PathBuf;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, bail};

use crate::python::{self, Stack};
use crate::{apt, axe, command, demo, fixtures, wasm, web};

/// What core must never pull in: it has no runtime and no network.
const FORBIDDEN: [&str; 5] = ["hyper", "mio", "object_store", "reqwest", "tokio"];

pub(crate) fn run() -> Result<()> {
    // Downloads while the compiler is busy.
    let environments: JoinHandle<Result<Vec<(Stack, PathBuf)>>> = thread::spawn(|| {
        let made = Stack::ALL.map(|stack| Ok((stack, python::interpreter(stack)?)));
        made.into_iter().collect()
    });
    let mut steps = Steps::default();
    steps.step("format", || {
        command::run(&mut command::cargo("fmt --all --check"))
    });
    steps.step("no runtime in core", core_stays_pure);
    steps.step("clippy", clippy);
    steps.step("core's documentation", || {
        command::run(
            command::cargo("doc --locked --no-deps --package gik-core")
                .env("RUSTDOCFLAGS", "-D warnings"),
        )
    });
    let mut pythons = Ok(Vec::new());
    steps.step("Python environments", || {
        pythons = environments
            .join()
            .map_err(|_| anyhow!("the installer panicked"))?;
        match &pythons {
            Ok(_) => Ok(()),
            Err(error) => bail!("{error:#}"),
        }
    });
    let pythons = pythons.unwrap_or_default();
    steps.step("the page", || web::sizes(&web::build(false, true)?));
    steps.step("a browser to drive", || {
        chromedriver().and(axe::ready()).map(drop)
    });
    steps.step("tests", || {
        let all = "test --locked --workspace --features gik-cli/icechunk --no-fail-fast";
        // The binary that the tests drive is built with them: by itself it would have other features, and every dependency again.
        command::run(&mut command::cargo(&format!("{all} --no-run")))?;
        let mut tests = command::cargo(all);
        tests.env("GIK_BINARY", demo::binary()).envs(
            pythons
                .iter()
                .map(|(stack, python)| (stack.variable(), python)),
        );
        command::run(&mut tests)
    });
    steps.step("demo", demo::show);
    steps.step("fixtures are what the script writes", || {
        fixtures::run(&["--check"])
    });
    steps.step("core for wasm32", || wasm::build("check"));
    steps.step("decoding in Chromium", wasm::test);
    steps.finish()
}

/// Chromium and its driver, installed where they are missing.
fn chromedriver() -> Result<()> {
    if command::output(command::program("chromedriver").arg("--version")).is_ok() {
        return Ok(());
    }
    apt::install(
        &["chromium", "chromium-driver"],
        "the page is tested in Chromium, whose driver is missing",
    )
}

fn core_stays_pure() -> Result<()> {
    let tree = command::output(&mut command::cargo(
        "tree --locked --package gik-core --edges normal --prefix none --format {p}",
    ))?;
    match forbidden(&tree).as_slice() {
        [] => Ok(()),
        found => bail!("gik-core depends on {}", found.join(", ")),
    }
}

/// The forbidden packages in what `cargo tree --prefix none` printed.
fn forbidden(tree: &str) -> Vec<&str> {
    tree.lines()
        .filter(|line| {
            line.split_once(' ')
                .is_some_and(|(name, _)| FORBIDDEN.contains(&name))
        })
        .collect()
}

/// Each member by itself, so that none leans on features that another one turns on.
fn clippy() -> Result<()> {
    let tree = command::output(&mut command::cargo(
        "tree --locked --workspace --depth 0 --prefix none --format {p}",
    ))?;
    let mut failed = Vec::new();
    for member in members(&tree) {
        // What a feature adds is looked at too, and the package without it.
        let features: &[&str] = match member {
            "gik-cli" => &["", " --features icechunk"],
            _ => &[""],
        };
        for feature in features {
            let package = format!("clippy --locked --all-targets --package {member}{feature}");
            if command::run(&mut command::cargo(&format!("{package} -- -D warnings"))).is_err() {
                failed.push(package);
            }
        }
    }
    match failed.as_slice() {
        [] => Ok(()),
        failed => bail!("clippy finds fault with {}", failed.join(", ")),
    }
}

fn members(tree: &str) -> Vec<&str> {
    tree.lines()
        .filter_map(|line| line.split_once(' '))
        .map(|(name, _)| name)
        .collect()
}

/// What was done so far.
#[derive(Default)]
struct Steps {
    done: Vec<(&'static str, Duration, Result<()>)>,
}

impl Steps {
    fn step(&mut self, name: &'static str, action: impl FnOnce() -> Result<()>) {
        println!("\n== {name}");
        let start = Instant::now();
        let outcome = action();
        if let Err(error) = &outcome {
            println!("error: {error:#}");
        }
        self.done.push((name, start.elapsed(), outcome));
    }

    /// The summary; an error where a step failed.
    fn finish(self) -> Result<()> {
        println!();
        for (name, time, outcome) in &self.done {
            let verdict = if outcome.is_ok() { "ok    " } else { "FAILED" };
            println!("{verdict} {:6.1} s  {name}", time.as_secs_f64());
        }
        let total: Duration = self.done.iter().map(|(_, time, _)| *time).sum();
        let failed = self
            .done
            .iter()
            .filter(|(_, _, outcome)| outcome.is_err())
            .count();
        let count = self.done.len();
        if failed > 0 {
            bail!("{failed} of {count} steps failed");
        }
        println!("all {count} steps passed in {:.0} s", total.as_secs_f64());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forbidden_packages_are_found_by_their_whole_name() {
        let clean = "gik-core v0.1.0 (core)\nbytes v1.12.1\ntokio-like v1.0.0\n";
        assert!(forbidden(clean).is_empty());
        let bad = format!("{clean}tokio v1.50.0\nmio v1.0.0 (*)\n");
        assert_eq!(forbidden(&bad), ["tokio v1.50.0", "mio v1.0.0 (*)"]);
    }

    #[test]
    fn members_are_read_from_the_tree() {
        assert_eq!(
            members("gik-cli v0.1.0 (/x/native-cli)\n\ngik-core v0.1.0 (/x/core)\n"),
            ["gik-cli", "gik-core"]
        );
    }

    #[test]
    fn a_failing_step_hides_none_and_fails_the_whole() {
        let mut steps = Steps::default();
        let mut reached = false;
        steps.step("bad", || bail!("no"));
        steps.step("good", || {
            reached = true;
            Ok(())
        });
        assert!(reached);
        assert_eq!(
            steps.finish().unwrap_err().to_string(),
            "1 of 2 steps failed"
        );
    }
}
