//! Decoding in Chromium beside the same program outside of it.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use super::shown;
use crate::{browser, command, folder, wasm};

/// Messages of `bench_decode.py`, and how many times our native time they may take.
const MESSAGES: [&str; 2] = ["ccsds16", "differenced2"];
const REACH: f64 = 2.2;

/// Decodes in one run of `web/examples/timed.rs`.
const TIMES: f64 = 20.0;
/// Runs of each program; the fastest counts.
const RUNS: usize = 40;

/// Times the messages in a folder; wall time, so let the machine be idle.
pub(super) fn run(messages: &Path) -> Result<()> {
    let kept = folder::target().join("bench");
    for name in MESSAGES {
        let message = messages.join(name).with_extension("grib2");
        let module = wasm::timed(&message)?;
        let program = native(&message)?;
        // The next message's build takes their names.
        let own = kept.join(format!("{name}.wasm"));
        std::fs::copy(module, &own)?;
        let script = format!(
            r#"const main = await module("timed.wasm");
  let least = Infinity;
  for (let run = 0; run <= {RUNS}; run++) {{
    const start = performance.now();
    if (main() !== 0) throw new Error("not decoded");
    // The first run compiles.
    if (run > 0) least = Math.min(least, performance.now() - start);
  }}
  return String(least);"#
        );
        let limit = Duration::from_secs(300);
        let least = browser::run(&script, &[("timed.wasm", own)], limit)?;
        let inside = least.parse::<f64>()? / 1e3 / TIMES;
        let outside = time(&program)? / TIMES;
        let ratio = inside / outside;
        let verdict = if ratio <= REACH {
            "reached"
        } else {
            "NOT REACHED"
        };
        println!(
            "decode/{name}: {} in Chromium, {} native: {ratio:.2} x, at most {REACH}: {verdict}",
            shown(inside),
            shown(outside)
        );
    }
    Ok(())
}

fn native(message: &Path) -> Result<PathBuf> {
    let arguments = "build --locked --release --package gik-web --example timed --features timed";
    command::run(command::cargo(arguments).env("GIK_MESSAGE", message))?;
    Ok(folder::target().join("release/examples/timed"))
}

/// Seconds of the fastest run.
fn time(program: &Path) -> Result<f64> {
    let mut least = f64::INFINITY;
    for _ in 0..RUNS {
        let start = Instant::now();
        if !command::program(program).status()?.success() {
            bail!("{} failed", program.display());
        }
        least = least.min(start.elapsed().as_secs_f64());
    }
    Ok(least)
}
