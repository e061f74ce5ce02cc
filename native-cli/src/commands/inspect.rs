//! `gik inspect FILE`: the messages of an index or GRIB2 file, told by its first bytes and not by its name.

mod grib;
mod index;
mod row;
mod show;

use gik_core::index::{Dialect, Found, NotAnIndex};
use gik_core::span::ByteSpan;
use serde::Serialize;

use crate::catalog;
use crate::cli;
use crate::cloud;
use crate::exit::{CommandError, ExitStatus};
use crate::file::{self, File};
use crate::printer::Printer;
use crate::settings::Settings;
pub(super) use grib::row;
pub(super) use row::Row;

/// Bytes that tell what a file is: bulletins and padding before the first message are shorter.
const PREFIX: u64 = 4 << 10;

/// Why a file, or a message of it, cannot be shown.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InspectError {
    /// Values were asked of an index.
    #[error("{url}: an index has no values")]
    NoValues {
        /// The file.
        url: String,
    },
    /// Something else than an index or GRIB.
    #[error("{url}: neither an index nor GRIB2: {found}")]
    Kind {
        /// The file.
        url: String,
        /// What it is.
        found: Found,
    },
    /// Not one message could be read.
    #[error("{url}: no message that can be read")]
    NoMessage {
        /// The file.
        url: String,
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
}

/// What was found in a file.
#[derive(Debug, Serialize)]
struct Inspected {
    url: String,
    kind: &'static str,
    size: u64,
    messages: Vec<Row>,
    refused: Vec<Refused>,
}

/// A part of a file that should be a message and cannot be read.
#[derive(Debug, Serialize)]
struct Refused {
    /// Line of an index.
    line: Option<usize>,
    /// Where it lies in the GRIB file.
    offset: Option<u64>,
    length: Option<u64>,
    /// Why it cannot be read.
    reason: String,
    #[serde(skip)]
    error: anyhow::Error,
}

impl Refused {
    fn new(error: impl Into<anyhow::Error>, line: Option<usize>, span: Option<ByteSpan>) -> Self {
        let error = error.into();
        Self {
            line,
            offset: span.map(|span| span.offset),
            length: span.map(|span| span.length),
            reason: format!("{error:#}"),
            error,
        }
    }
}

pub(crate) async fn run(
    typed: &cli::Inspect,
    settings: &Settings,
    printer: &Printer,
) -> Result<ExitStatus, CommandError> {
    let url = cloud::absolute(&typed.file).map_err(CommandError::usage)?;
    let store = file::store(&url, settings)?;
    let file = File::open(&store, url).await?;
    let context = (settings, printer);
    let dialect = match typed.dialect {
        Some(dialect) => dialect,
        None => dialect(&file).await?,
    };
    printer.detail(format_args!(
        "{}: {} bytes, {}",
        file.url,
        file.size,
        kind(dialect)
    ));
    match (dialect, typed.message) {
        (cli::Dialect::Grib2, Some(number)) => grib::show(&file, number, printer).await,
        (cli::Dialect::Grib2, None) => finish(grib::read(&file, typed.values).await?, printer),
        (_, _) if typed.values => Err(CommandError::usage(InspectError::NoValues {
            url: file.url,
        })),
        (cli::Dialect::Ecmwf, number) => show_index(&file, Dialect::Ecmwf, number, context).await,
        (cli::Dialect::Noaa, number) => show_index(&file, Dialect::Noaa, number, context).await,
    }
}

/// What a file is by its first bytes.
async fn dialect(file: &File<'_>) -> Result<cli::Dialect, CommandError> {
    let prefix = file.bytes(ByteSpan::new(0, file.size.min(PREFIX))).await?;
    let has_grib = || prefix.windows(4).any(|word| word == b"GRIB");
    match Dialect::detect(&prefix) {
        Ok(Dialect::Ecmwf) => Ok(cli::Dialect::Ecmwf),
        Ok(Dialect::Noaa) => Ok(cli::Dialect::Noaa),
        Err(NotAnIndex { found: Found::Grib }) => Ok(cli::Dialect::Grib2),
        // The heading of a bulletin, or padding.
        Err(NotAnIndex {
            found: Found::Binary | Found::Text(_),
        }) if has_grib() => Ok(cli::Dialect::Grib2),
        Err(NotAnIndex { found }) => Err(InspectError::Kind {
            url: file.url.clone(),
            found,
        }
        .into()),
    }
}

async fn show_index(
    file: &File<'_>,
    dialect: Dialect,
    number: Option<cli::Number>,
    (settings, printer): (&Settings, &Printer),
) -> Result<ExitStatus, CommandError> {
    let catalog = catalog::read(settings)?;
    let inspected = index::read(file, dialect, &catalog, printer).await?;
    match number {
        Some(number) => show::message(&inspected, number, printer),
        None => finish(inspected, printer),
    }
}

/// Prints what was found, and what could not be read.
fn finish(inspected: Inspected, printer: &Printer) -> Result<ExitStatus, CommandError> {
    if inspected.messages.is_empty() {
        return Err(nothing(inspected));
    }
    show::file(&inspected, printer)?;
    for refused in &inspected.refused {
        printer.warning(&refused.reason);
    }
    match inspected.refused.len() {
        0 => Ok(ExitStatus::Success),
        count => {
            printer.note(format_args!("{count} could not be read"));
            Ok(ExitStatus::Gaps)
        }
    }
}

/// Why there is no message: the first that was refused tells.
fn nothing(inspected: Inspected) -> CommandError {
    let Inspected { url, refused, .. } = inspected;
    match refused.into_iter().next() {
        Some(refused) => refused
            .error
            .context(InspectError::NoMessage { url })
            .into(),
        None => InspectError::NoMessage { url }.into(),
    }
}

fn kind(dialect: cli::Dialect) -> &'static str {
    match dialect {
        cli::Dialect::Ecmwf => "ecmwf",
        cli::Dialect::Grib2 => "grib2",
        cli::Dialect::Noaa => "noaa",
    }
}
