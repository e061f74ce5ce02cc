//! The `gik` binary: what was typed → what it means → one command → an exit code.

mod appended;
mod catalog;
mod cli;
mod cloud;
mod commands;
mod destination;
mod exit;
mod file;
mod hint;
mod lock;
#[cfg(feature = "netcdf")]
mod netcdf;
mod printer;
mod progress;
mod published;
mod put;
#[cfg(feature = "icechunk")]
mod repository;
mod settings;
mod workers;
mod workplace;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::Cli;
use crate::exit::{CommandError, ExitStatus};
use crate::printer::Printer;
use crate::settings::Settings;

/// Runs of a month leave no holes: with the system's allocator the memory of a process grew from run to run.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Threads for files and decoders. A thread keeps some of what passed through it: hundreds of them, tokio's default, kept 500 MB.
const BLOCKING: usize = 6;

fn main() -> ExitCode {
    let typed = match Cli::try_parse() {
        Ok(typed) => typed,
        Err(refusal) => return exit::refused(&refusal),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .max_blocking_threads(BLOCKING.max(workers::Workers::cores()))
        .build();
    let done = match runtime {
        Ok(runtime) => runtime.block_on(run(typed)),
        Err(error) => Err((CommandError::from(error), Printer::default())),
    };
    match done {
        Ok(status) => status.into(),
        Err((error, printer)) => {
            printer.error(&error);
            ExitStatus::of(&error).into()
        }
    }
}

/// Runs what was typed; an error comes with the printer whose style it is to be told in.
async fn run(typed: Cli) -> Result<ExitStatus, (CommandError, Printer)> {
    let settings = match Settings::resolve(&typed.global) {
        Ok(settings) => settings,
        Err(error) => return Err((CommandError::usage(error), Printer::default())),
    };
    let printer = Printer::new(&settings, typed.global.json, typed.global.log);
    let done = commands::run(typed.command, &settings, &printer).await;
    done.and_then(|status| Ok(printer.flush().map(|()| status)?))
        .map_err(|error| (error, printer))
}
