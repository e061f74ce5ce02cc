//! `gik decode`: the values of one field, as numpy, CSV, JSON or in five numbers.

mod format;
pub(super) mod source;

use std::io::IsTerminal;
use std::path::Path;

use gik_core::grib::field::{Message, decode};
use gik_core::grib::unpack::Scratch;
use gik_core::span::ByteSpan;

use crate::cli::{self, ValuesFormat};
use crate::commands::statistics::{COLUMNS, Statistics};
use crate::exit::{CommandError, ExitStatus};
use crate::printer::{Align, Printer, Table};
use crate::put;
use crate::settings::Settings;
use format::Float;
use source::Found;

/// Why there is no field to decode, or no way to write it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DecodeError {
    /// Numbers that are neither values nor missing.
    #[error("value {index} is {value}: only npy can hold it")]
    Infinite {
        /// Which value, from 0.
        index: usize,
        /// What it is.
        value: f64,
    },
    /// The message that was asked for is not there.
    #[error("{url}: no message {number}, it has {count}")]
    NoSuchMessage {
        /// The file.
        url: String,
        /// What was asked for.
        number: String,
        /// How many there are.
        count: u64,
    },
    /// Bytes that are not exactly one message.
    #[error(
        "{url}: {} bytes from byte {} are not one message, which ends after {length}",
        span.length, span.offset
    )]
    NotOneMessage {
        /// The file.
        url: String,
        /// What was asked for.
        span: ByteSpan,
        /// The length of the message that starts there.
        length: u64,
    },
    /// `--json` beside a format that is none.
    #[error("--json prints stats or the values as JSON: it does not go with --format {format}")]
    NotJson {
        /// The format.
        format: &'static str,
    },
    /// A path that names no file.
    #[error("{path}: not the name of a file")]
    Out {
        /// What was typed.
        path: String,
    },
    /// More than one field, and none of them named.
    #[error("{url}: more than one field, and none is named")]
    Several {
        /// The file.
        url: String,
    },
    /// Octets for a terminal.
    #[error("npy is no text for a terminal")]
    Terminal,
}

pub(crate) async fn run(
    typed: &cli::Decode,
    settings: &Settings,
    printer: &Printer,
) -> Result<ExitStatus, CommandError> {
    refuse(typed, printer)?;
    let found = source::read(&typed.place, settings).await?;
    let written = match (typed.format, typed.f64) {
        (ValuesFormat::Stats, _) => {
            let values = found.field::<f64>()?.values;
            let statistics = Statistics::of(&values).map_err(|error| found.place(error))?;
            match (&typed.out, printer.wants_json()) {
                (None, true) => printer.json(&statistics)?,
                (None, false) => printer.table(&table(&statistics))?,
                (Some(out), true) => put(out, &serde_json::to_vec_pretty(&statistics)?)?,
                (Some(out), false) => {
                    let mut text = Vec::new();
                    table(&statistics).write(&mut text, false)?;
                    put(out, &text)?;
                }
            }
            return Ok(ExitStatus::Success);
        }
        (format, true) => formatted::<f64>(&found, format)?,
        (format, false) => formatted::<f32>(&found, format)?,
    };
    match &typed.out {
        Some(out) => put(out, &written)?,
        None => printer.bytes(&written)?,
    }
    Ok(ExitStatus::Success)
}

/// What makes no sense, before anything is read.
fn refuse(typed: &cli::Decode, printer: &Printer) -> Result<(), CommandError> {
    let error = match typed.format {
        ValuesFormat::Csv if printer.wants_json() => DecodeError::NotJson { format: "csv" },
        ValuesFormat::Npy if printer.wants_json() => DecodeError::NotJson { format: "npy" },
        ValuesFormat::Npy if typed.out.is_none() && std::io::stdout().is_terminal() => {
            DecodeError::Terminal
        }
        _ => return Ok(()),
    };
    Err(CommandError::usage(error))
}

fn formatted<R: Float>(found: &Found, format: ValuesFormat) -> Result<Vec<u8>, CommandError> {
    let field = found.field::<R>()?;
    let bytes = match format {
        ValuesFormat::Csv => format::csv(&field),
        ValuesFormat::Json => format::json(found, &field),
        ValuesFormat::Npy | ValuesFormat::Stats => Ok(format::npy(&field)),
    };
    Ok(bytes.map_err(|error| found.place(error))?)
}

fn table(statistics: &Statistics) -> Table {
    let mut table = Table::new(&COLUMNS.map(|column| (column, Align::Right)));
    table.row(statistics.cells());
    table
}

pub(super) fn put(out: &Path, bytes: &[u8]) -> Result<(), CommandError> {
    let name = out.file_name().and_then(|name| name.to_str());
    let Some(name) = name else {
        let path = out.display().to_string();
        return Err(CommandError::usage(DecodeError::Out { path }));
    };
    // The parent of a bare name is empty, which is no folder.
    let folder = out.parent().filter(|folder| *folder != Path::new(""));
    let folder = folder.unwrap_or(Path::new("."));
    put::put(folder, name, bytes)?;
    Ok(())
}

impl Found {
    fn field<R: Float>(&self) -> anyhow::Result<gik_core::grib::field::Field<R>> {
        let message = Message {
            header: &self.header,
            octets: &self.octets,
        };
        decode(&message, &mut Scratch::default()).map_err(|error| self.place(error))
    }

    /// An error with the message that it is about.
    fn place(&self, error: impl Into<anyhow::Error>) -> anyhow::Error {
        let offset = self.header.message.offset;
        let number = match &self.number {
            Some(number) => format!("message {number} "),
            None => String::new(),
        };
        error
            .into()
            .context(format!("{}: {number}at byte {offset}", self.url))
    }
}
