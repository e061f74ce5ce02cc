//! One file per command; here each meets what was typed for it.

mod completions;
mod config;
mod man;
mod refs;

use anyhow::Context;
use gik_core::source::Catalog;

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
        Command::Man => man::run(printer),
        Command::Refs(typed) => refs::run(&typed, settings, printer).await,
    }
}

/// The sources that are built in, and the user's.
fn catalog(settings: &Settings) -> Result<Catalog, CommandError> {
    let catalog = Catalog::builtin()?;
    let Some(path) = &settings.catalog else {
        return Ok(catalog);
    };
    let file = path.display().to_string();
    let text = std::fs::read_to_string(path).with_context(|| file.clone());
    let text = text.map_err(CommandError::usage)?;
    catalog.with_file(&file, &text).map_err(CommandError::usage)
}
