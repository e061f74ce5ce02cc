//! One bar for what is being read, where somebody looks; else lines.

use std::io::IsTerminal;

use gik_core::pipeline::Event;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::printer::Printer;

/// What the bar shows: index objects, bytes and their rate, the time that is left.
const TEMPLATE: &str = "{pos}/{len} indexes {wide_bar} {msg} {per_sec} {eta} left";

/// Tells the events of one job; the bar is gone when it is dropped.
pub(crate) struct Progress<'a> {
    printer: &'a Printer,
    bar: Option<ProgressBar>,
    bytes: u64,
}

impl<'a> Progress<'a> {
    /// A bar where stderr is a terminal and notes are wanted.
    pub(crate) fn new(printer: &'a Printer) -> Self {
        let shown = printer.notes() && std::io::stderr().is_terminal();
        let bar = shown.then(|| {
            let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
            match ProgressStyle::with_template(TEMPLATE) {
                Ok(style) => bar.with_style(style),
                Err(_) => bar,
            }
        });
        Self {
            printer,
            bar,
            bytes: 0,
        }
    }

    pub(crate) fn tell(&mut self, event: &Event) {
        let Some(bar) = &self.bar else {
            return crate::commands::tell(self.printer, event);
        };
        match event {
            Event::Planned { indexes } => bar.set_length(u64::from(*indexes)),
            Event::Headers { ranges } => bar.set_message(format!("{ranges} headers")),
            Event::Index { bytes, .. } => {
                self.bytes += bytes;
                bar.inc(1);
                bar.set_message(format!("{:.1} MB", megabytes(self.bytes)));
            }
            _ => {}
        }
    }
}

impl Drop for Progress<'_> {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

#[expect(clippy::as_conversions, reason = "a number to look at")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

/// The most memory that this process held so far, in bytes, where the system tells.
pub(crate) fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1_024)
}
