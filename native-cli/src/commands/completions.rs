//! `gik completions SHELL`: what a shell needs to complete gik's commands.

use clap::CommandFactory;

use crate::cli::{Cli, Completions};
use crate::exit::{CommandError, ExitStatus};
use crate::printer::Printer;

pub(crate) fn run(typed: &Completions, printer: &Printer) -> Result<ExitStatus, CommandError> {
    let mut script = Vec::new();
    clap_complete::generate(typed.shell, &mut Cli::command(), "gik", &mut script);
    printer.bytes(&script)?;
    Ok(ExitStatus::Success)
}
