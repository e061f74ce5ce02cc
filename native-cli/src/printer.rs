//! The only room that prints: data to stdout, everything else to stderr.

mod table;

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};

use serde::Serialize;

pub(crate) use table::{Align, Table};

use crate::exit::CommandError;
use crate::hint;
use crate::settings::Settings;

/// When to color.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Color {
    /// Where a terminal reads.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Color {
    fn on(self, stream: &impl IsTerminal) -> bool {
        match self {
            Self::Auto => stream.is_terminal(),
            Self::Always => true,
            Self::Never => false,
        }
    }
}

/// How much stderr says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub(crate) enum Verbosity {
    /// Errors.
    Quiet,
    /// Errors, warnings and notes.
    #[default]
    Normal,
    /// Also what is being done.
    Verbose,
}

/// What stderr gets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Log {
    /// A JSON object a line
    Json,
    /// Lines for people
    #[default]
    Text,
}

/// Data that could not be printed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PrintError {
    /// Nobody reads any more.
    #[error("stdout is closed")]
    Closed,
    /// A value that JSON has no word for.
    #[error("cannot write JSON")]
    Json(#[source] serde_json::Error),
    /// The disk is full, for one.
    #[error("cannot write to stdout")]
    Write(#[source] io::Error),
}

impl PrintError {
    /// Whether an error is no more than a reader that went away.
    pub(crate) fn is_closed(error: &anyhow::Error) -> bool {
        matches!(error.downcast_ref(), Some(Self::Closed))
    }
}

impl From<io::Error> for PrintError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::Closed,
            _ => Self::Write(error),
        }
    }
}

impl From<serde_json::Error> for PrintError {
    fn from(error: serde_json::Error) -> Self {
        match error.io_error_kind() {
            Some(kind) => io::Error::from(kind).into(),
            None => Self::Json(error),
        }
    }
}

/// What prints.
#[derive(Debug, Default)]
pub(crate) struct Printer {
    json: bool,
    log: Log,
    verbosity: Verbosity,
    color_stdout: bool,
    color_stderr: bool,
}

impl Printer {
    /// A printer as the settings want it; `json` where data is to be JSON, `log` for what stderr gets.
    pub(crate) fn new(settings: &Settings, json: bool, log: Log) -> Self {
        let color = settings.color;
        Self {
            json,
            log,
            verbosity: settings.verbosity,
            color_stdout: color.on(&io::stdout()),
            color_stderr: color.on(&io::stderr()),
        }
    }

    /// Whether data is to be JSON.
    pub(crate) fn wants_json(&self) -> bool {
        self.json
    }

    /// Whether notes are wanted.
    pub(crate) fn notes(&self) -> bool {
        self.verbosity >= Verbosity::Normal
    }

    /// Data as one JSON value, indented.
    pub(crate) fn json(&self, value: &impl Serialize) -> Result<(), PrintError> {
        let mut out = io::BufWriter::new(io::stdout().lock());
        serde_json::to_writer_pretty(&mut out, value)?;
        writeln!(out)?;
        Ok(out.flush()?)
    }

    /// Data as a table.
    pub(crate) fn table(&self, table: &Table) -> Result<(), PrintError> {
        let mut out = io::BufWriter::new(io::stdout().lock());
        table.write(&mut out, self.color_stdout)?;
        Ok(out.flush()?)
    }

    /// Data as it is.
    pub(crate) fn bytes(&self, bytes: &[u8]) -> Result<(), PrintError> {
        Ok(io::stdout().lock().write_all(bytes)?)
    }

    /// Data as a line of text.
    pub(crate) fn line(&self, line: impl Display) -> Result<(), PrintError> {
        Ok(writeln!(io::stdout().lock(), "{line}")?)
    }

    /// Makes sure that all data has left.
    pub(crate) fn flush(&self) -> Result<(), PrintError> {
        Ok(io::stdout().lock().flush()?)
    }

    /// Something that is wrong, and does not stop what is being done.
    pub(crate) fn warning(&self, text: impl Display) {
        if self.verbosity >= Verbosity::Normal {
            let text = one_line(&text.to_string());
            self.tell("warning", Some(YELLOW), &text);
        }
    }

    /// Something worth knowing.
    pub(crate) fn note(&self, text: impl Display) {
        if self.verbosity >= Verbosity::Normal {
            self.tell("note", None, &text.to_string());
        }
    }

    /// Something that is being done.
    pub(crate) fn detail(&self, text: impl Display) {
        if self.verbosity >= Verbosity::Verbose {
            self.tell("detail", None, &text.to_string());
        }
    }

    /// An error with its causes, each said once, and what to do about it where that is known.
    pub(crate) fn error(&self, error: &CommandError) {
        let error = error.inner();
        if PrintError::is_closed(error) {
            return;
        }
        let mut said = one_line(&error.to_string());
        self.tell("error", Some(RED), &said);
        for cause in error.chain().skip(1) {
            let cause = one_line(&cause.to_string());
            // Some libraries repeat their source in their own text.
            if !said.contains(&cause) {
                self.tell("  cause", Some(BOLD), &cause);
                said.push_str(&cause);
            }
        }
        if let Some(hint) = hint::of(error) {
            self.tell("hint", Some(CYAN), &hint);
        }
    }

    /// A line for people, its word in front in color; or a line for machines.
    fn tell(&self, level: &'static str, style: Option<&'static str>, text: &str) {
        match (self.log, style) {
            (Log::Json, _) => {
                let line = serde_json::json!({ "level": level.trim(), "text": text });
                self.say(format_args!("{line}"));
            }
            (Log::Text, None) => self.say(format_args!("{text}")),
            (Log::Text, Some(style)) => {
                let word = level.trim_start();
                let indent = " ".repeat(level.len() - word.len());
                self.say(format_args!("{indent}{}: {text}", self.paint(style, word)));
            }
        }
    }

    fn say(&self, line: std::fmt::Arguments<'_>) {
        // Where stderr is gone there is nobody left to tell.
        let _ = writeln!(io::stderr().lock(), "{line}");
    }

    fn paint(&self, style: &'static str, word: &'static str) -> String {
        if self.color_stderr {
            format!("{style}{word}{PLAIN}")
        } else {
            word.to_owned()
        }
    }
}

const BOLD: &str = "\x1b[1m";
const CYAN: &str = "\x1b[1;36m";
const PLAIN: &str = "\x1b[0m";
const RED: &str = "\x1b[1;31m";
const YELLOW: &str = "\x1b[1;33m";

/// Longest text of one cause: servers answer with whole pages.
const LONGEST: usize = 400;

/// A text on one line, without control characters, cut where it is very long.
fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut line: String = words
        .join(" ")
        .chars()
        .filter(|letter| !letter.is_control())
        .collect();
    if let Some((cut, _)) = line.char_indices().nth(LONGEST) {
        line.truncate(cut);
        line.push('…');
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_says_fits_a_line() {
        assert_eq!(
            one_line("<Error>\r\n  <Code>x</Code>\x1b[31m\n"),
            "<Error> <Code>x</Code>[31m"
        );
        assert_eq!(one_line(&"é".repeat(1000)).chars().count(), LONGEST + 1);
    }

    #[test]
    fn a_closed_pipe_is_told_from_a_full_disk() {
        let closed = PrintError::from(io::Error::from(io::ErrorKind::BrokenPipe));
        assert!(PrintError::is_closed(&closed.into()));
        let full = PrintError::from(io::Error::from(io::ErrorKind::StorageFull));
        assert!(!PrintError::is_closed(&full.into()));
    }
}
