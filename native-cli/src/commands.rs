//! One file per command; here each meets what was typed for it.

mod completions;
mod config;
mod convert;
pub(crate) mod decode;
pub(crate) mod inspect;
mod man;
mod merge;
mod plan;
pub(crate) mod plot;
mod refs;
mod run;
mod scan;
mod serve;
mod shard;
mod sources;
mod statistics;
mod status;
mod stream;
mod template;
mod verify;

pub(crate) use run::tell;

use crate::cli::Command;
use crate::exit::{CommandError, ExitStatus};
use crate::printer::Printer;
use crate::settings::Settings;

/// Runs a command to its end.
pub(crate) async fn run(
    command: Command,
    settings: &Settings,
    printer: &Printer,
) -> Result<ExitStatus, CommandError> {
    match command {
        Command::Completions(typed) => completions::run(&typed, printer),
        Command::Config => config::run(settings, printer),
        Command::Decode(typed) => decode::run(&typed, settings, printer).await,
        Command::Convert(typed) => convert::run(&typed, settings, printer).await,
        Command::Inspect(typed) => inspect::run(&typed, settings, printer).await,
        Command::Man => man::run(printer),
        Command::Merge(typed) => merge::run(&typed, settings, printer).await,
        Command::Plan(typed) => plan::run(&typed, settings, printer).await,
        Command::Plot(typed) => plot::run(&typed, settings, printer).await,
        Command::Refs(typed) => refs::run(&typed, settings, printer).await,
        Command::Run(typed) => shard::run(&typed, settings, printer).await,
        Command::Scan(typed) => scan::run(&typed, settings, printer).await,
        Command::Serve(typed) => serve::run(&typed, settings, printer).await,
        Command::Sources(typed) => sources::run(&typed, settings, printer),
        Command::Status(typed) => status::run(&typed, settings, printer).await,
        Command::Stream(typed) => stream::run(&typed, settings, printer).await,
        Command::Template(typed) => template::run(&typed, settings, printer).await,
        Command::Verify(typed) => verify::run(&typed, settings, printer).await,
    }
}
