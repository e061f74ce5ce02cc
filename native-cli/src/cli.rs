//! What was typed: clap types only.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::printer::Color;

/// Reads the index files of weather archives and their GRIB2 messages.
#[derive(Debug, Parser)]
#[command(name = "gik", version, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options that every command takes.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// Print data as JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Print data and errors only
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Also print what is being done
    #[arg(long, short, global = true)]
    pub(crate) verbose: bool,
    /// When to color
    #[arg(long, global = true, value_name = "WHEN")]
    pub(crate) color: Option<Color>,
    /// A TOML file with sources of your own, added to those built in
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) catalog: Option<PathBuf>,
    /// Read this file instead of gik.toml
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

/// What to do. A command is a file in `commands/`, a variant here and an arm in `commands::run`.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Print what a shell needs to complete gik's commands
    Completions(Completions),
    /// Show which settings hold, and where each comes from
    Config,
    /// Print the manual page, in roff
    Man,
}

#[derive(Args, Debug)]
pub(crate) struct Completions {
    /// The shell
    pub(crate) shell: clap_complete::Shell,
}
