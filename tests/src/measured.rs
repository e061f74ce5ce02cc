//! What a process took: time, the processor, memory.

use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Ticks of the processor per second, on Linux.
const TICKS: f64 = 100.0;
/// How often the memory of a process is looked at; its own high water mark needs one look, late.
const LOOK: Duration = Duration::from_millis(3);

/// What a process took.
#[derive(Clone, Copy, Debug, Default)]
pub struct Measured {
    /// From its start to its end.
    pub seconds: f64,
    /// Of the processor, its own and the system's for it.
    pub cpu_seconds: f64,
    /// The most memory that it had.
    pub peak_bytes: u64,
    /// Its exit code.
    pub code: i32,
}

/// Runs a command to its end, its output thrown away.
///
/// # Panics
/// Where it does not start.
pub fn measured(command: &mut Command) -> Measured {
    let (start, before) = (Instant::now(), children());
    let mut child = command.stdout(Stdio::null()).spawn().expect("it starts");
    let status = format!("/proc/{}/status", child.id());
    let mut peak_bytes = 0;
    let ended = loop {
        let looked = fs::read_to_string(&status).ok();
        let peak = looked.and_then(|it| high_water(&it)).unwrap_or(0);
        peak_bytes = peak.max(peak_bytes);
        match child.try_wait().expect("a child") {
            Some(ended) => break ended,
            None => std::thread::sleep(LOOK),
        }
    };
    Measured {
        seconds: start.elapsed().as_secs_f64(),
        cpu_seconds: children() - before,
        peak_bytes,
        code: ended.code().unwrap_or(-1),
    }
}

/// Seconds of the processor that ended children took.
fn children() -> f64 {
    let text = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = text.rsplit(')').next().unwrap_or_default();
    let fields = fields.split_whitespace().skip(13).take(2);
    let ticks = fields.filter_map(|it| it.parse::<f64>().ok());
    ticks.sum::<f64>() / TICKS
}

fn high_water(status: &str) -> Option<u64> {
    let mut lines = status.lines();
    let line = lines.find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kilobytes * 1024)
}
