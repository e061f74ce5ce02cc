//! `gik man`: the manual page of gik and all its commands, in roff.

use clap::CommandFactory;
use clap_mangen::Man;

use crate::cli::Cli;
use crate::exit::{CommandError, ExitStatus};
use crate::printer::Printer;

pub(crate) fn run(printer: &Printer) -> Result<ExitStatus, CommandError> {
    let mut page = Vec::new();
    let mut command = Cli::command();
    command.build();
    Man::new(command.clone()).render(&mut page)?;
    for subcommand in command.get_subcommands() {
        if subcommand.get_name() == "help" {
            continue;
        }
        let man = Man::new(subcommand.clone());
        man.render_name_section(&mut page)?;
        man.render_synopsis_section(&mut page)?;
        man.render_description_section(&mut page)?;
        man.render_options_section(&mut page)?;
    }
    printer.bytes(&page)?;
    Ok(ExitStatus::Success)
}
