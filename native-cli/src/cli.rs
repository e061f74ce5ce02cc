//! What was typed: clap types only.

mod place;
mod plot;
mod stream;
mod work;

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Parser, Subcommand, ValueEnum};
use gik_core::output::Output;
use gik_core::time::Date;

use crate::exit::CommandError;
use crate::printer::{Color, Log};

mod refs;
mod serve;

pub(crate) use place::Place;
pub(crate) use plot::Plot;
pub(crate) use refs::{Dates, Layout, Refs};
pub(crate) use serve::Serve;
pub(crate) use stream::{LayoutName, Stream, StreamFormat};
pub(crate) use work::{Merge, Plan, Planned, RunShard, Sharding, Status};

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
    /// What is said beside the data: text, or a JSON object a line
    #[arg(long, global = true, value_name = "FORMAT", default_value = "text")]
    pub(crate) log: Log,
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
    /// Write references in another format, and repair published ones
    Convert(Convert),
    /// Decode a GRIB2 field: to numpy, CSV, JSON or statistics
    Decode(Decode),
    /// List the messages of an index or GRIB2 file
    Inspect(Inspect),
    /// Print the manual page, in roff
    Man,
    /// Put together what the shards of a plan left
    Merge(Merge),
    /// Share out the work of many runs to many machines
    #[command(subcommand)]
    Plan(Plan),
    /// Draw maps of fields as PNG, with coasts, borders and lakes
    Plot(Plot),
    /// Build the Zarr references of members of a run
    Refs(Refs),
    /// Do a shard of a plan, or a share of its shards
    Run(RunShard),
    /// Build the Zarr references of GRIB2 files that have no index, from their headers
    Scan(Scan),
    /// Serve the viewer's page, with a relay for buckets that refuse pages of other sites
    Serve(Serve),
    /// Show what can be read: sources with their eras, members, steps and mirrors
    Sources(Sources),
    /// Show which shards of a plan are done
    Status(Status),
    /// Read values: cut a region, put members together, and write NetCDF or Zarr
    Stream(Stream),
    /// Build or compare templates: what the messages of a source are, whatever the date
    #[command(subcommand)]
    Template(Template),
    /// Prove that references are what they say, by the headers of their messages
    Verify(Verify),
}

/// What to do with templates.
#[derive(Debug, Subcommand)]
pub(crate) enum Template {
    /// Learn a template from the headers of a run
    Build(TemplateBuild),
    /// List the templates that `fetch` keeps for `gik refs --template cache`
    Cache,
    /// Show what differs between two templates, and why it matters
    Diff(TemplateDiff),
    /// Keep a template for `gik refs --template cache`, by its source and era
    Fetch(TemplateFetch),
}

#[derive(Args, Debug)]
pub(crate) struct TemplateFetch {
    /// A file of `gik template build`: a path, or an address that starts with s3://, gs://, https:// or http://
    pub(crate) template: String,
}

#[derive(Args, Debug)]
pub(crate) struct TemplateBuild {
    #[command(flatten)]
    pub(crate) run: RunOf,
    /// Then hold the template against this many other members
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) prove: usize,
    /// `template` for one file, whatever the member; `per-hour` for the published files, one for each member and hour
    #[arg(long, default_value = "template")]
    pub(crate) layout: TemplateLayout,
    /// Folder to write to
    #[arg(long, value_name = "FOLDER", default_value = "templates")]
    pub(crate) out: PathBuf,
}

/// How a template is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TemplateLayout {
    /// {source}.parquet
    Template,
    /// gefs/{member}/gefs-time-{date}-{member}-rt{hhh}.parquet
    PerHour,
}

#[derive(Args, Debug)]
pub(crate) struct TemplateDiff {
    /// A file, or `builtin` for the catalogue's own
    pub(crate) first: String,
    /// A file, or `builtin` for the catalogue's own
    pub(crate) second: String,
}

#[derive(Args, Debug)]
pub(crate) struct Verify {
    /// A store of references: kv-parquet or kerchunk JSON
    pub(crate) store: String,
    /// How many references to look at, spread over the store; all by default
    #[arg(long, value_name = "N")]
    pub(crate) sample: Option<usize>,
    /// Also read whole messages, decode them, and hold points, missing values and range against their headers
    #[arg(long)]
    pub(crate) values: bool,
}

/// Which messages of which run.
#[derive(Args, Debug)]
pub(crate) struct RunOf {
    /// The source: gefs, ifs-ens, ...; see `gik sources`
    pub(crate) source: String,
    /// Day of the run, YYYYMMDD
    #[arg(long)]
    pub(crate) date: Date,
    /// Hour of the run
    #[arg(long, default_value = "00")]
    pub(crate) run: String,
    /// Members: names (control, gep01, ens01), numbers (0 is the control), ranges of either (gep01-gep05), all
    #[arg(long)]
    pub(crate) members: Option<String>,
    /// Steps in hours: 0-144:3,150; all by default
    #[arg(long)]
    pub(crate) steps: Option<String>,
    /// Where the archive is: a folder, s3://, gs:// or https://, with the archive's layout below it; the first mirror by default
    #[arg(long, value_name = "BASE")]
    pub(crate) from: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct Completions {
    /// The shell
    pub(crate) shell: clap_complete::Shell,
}

#[derive(Args, Debug)]
#[command(after_help = DECODE_HELP)]
pub(crate) struct Decode {
    /// FILE, FILE:N or URL#OFFSET,LENGTH: the only field, message N (3, or 3.2 for its second field), or the message at those bytes
    pub(crate) place: Place,
    /// What to write
    #[arg(long, value_name = "FORMAT", default_value = "stats")]
    pub(crate) format: ValuesFormat,
    /// Values of 64 bits instead of 32 (stats are always counted in 64)
    #[arg(long)]
    pub(crate) f64: bool,
    /// The file to write, whole or not at all; stdout by default
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

const DECODE_HELP: &str = "\
Rows stand in the order in which the message lists them: the first row is the first one listed, so that most files go \
from north to south. Rows that run backwards are turned, columns made rows. Grids of rows of one length have the shape \
(rows, columns); reduced grids, and those of templates that gik cannot place, are one row of all points.

Examples:
  gik decode gep01.t00z.pgrb2s.0p25.f003:8
  gik decode gep01.t00z.pgrb2s.0p25.f003:8 --format npy --out t2m.npy
  gik decode s3://ecmwf-forecasts/20250601/00z/ifs/0p25/enfo/20250601000000-3h-enfo-ef.grib2#0,609046 --format csv";

/// What to write of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ValuesFormat {
    /// Lines of latitude,longitude,value; a missing value is empty
    Csv,
    /// One object with names, shape and values; a missing value is null
    Json,
    /// An array of numpy; a missing value is NaN
    Npy,
    /// How many points and missing values, least, mean and greatest value
    Stats,
}

#[derive(Args, Debug)]
pub(crate) struct Convert {
    /// References: parquet of any published kind, kerchunk's JSON (also .gz), or kerchunk's folder
    #[arg(required = true, value_name = "IN")]
    pub(crate) inputs: Vec<String>,
    /// Formats to write
    #[arg(long, value_delimiter = ',', required = true)]
    pub(crate) to: Vec<Format>,
    /// Folder to write to; of --to icechunk the repository, a folder, s3:// or gs://
    #[arg(long, value_name = "FOLDER")]
    pub(crate) out: PathBuf,
    #[command(flatten)]
    pub(crate) icechunk: Icechunk,
    /// Replace a run that the repository has otherwise
    #[arg(long)]
    pub(crate) force: bool,
    /// Where the archive is: headers of its messages then prove names and grid of flat keys; the catalogue tells them by default
    #[arg(long, value_name = "BASE")]
    pub(crate) from: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct Inspect {
    /// A path, or an address that starts with s3://, gs://, https://, http:// or file://
    pub(crate) file: String,
    /// Show all of one message: of GRIB2 its sections, of an index its line (3, or 3.2 for the second field of message 3)
    #[arg(long, short, value_name = "N")]
    pub(crate) message: Option<Number>,
    /// Take the file as this, instead of looking at its first bytes
    #[arg(long, value_name = "KIND")]
    pub(crate) dialect: Option<Dialect>,
    /// Decode all messages of a GRIB2 file: how many points and missing values each has, its least, mean and greatest value
    #[arg(long, conflicts_with = "message")]
    pub(crate) values: bool,
}

/// What a file with messages can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Dialect {
    /// JSON lines with MARS keywords (.index)
    Ecmwf,
    /// GRIB, edition 2
    Grib2,
    /// Lines of wgrib2 (.idx)
    Noaa,
}

/// Which message: `3`, or `3.2` for its second field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Number {
    /// The message, from 1.
    pub(crate) message: u64,
    /// The field, from 1; all where none was typed.
    pub(crate) field: Option<u64>,
}

/// What was typed is no number of a message.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("expected a message from 1, as 3, or a field of it, as 3.2")]
pub(crate) struct NotANumber;

impl FromStr for Number {
    type Err = NotANumber;

    fn from_str(text: &str) -> Result<Self, NotANumber> {
        let from_1 = |text: &str| text.parse().ok().filter(|number| *number > 0);
        let (message, field) = match text.split_once('.') {
            Some((message, field)) => (message, Some(from_1(field).ok_or(NotANumber)?)),
            None => (text, None),
        };
        Ok(Self {
            message: from_1(message).ok_or(NotANumber)?,
            field,
        })
    }
}

#[derive(Args, Debug)]
pub(crate) struct Sources {
    /// Show this source only, with the evidence for each of its eras
    pub(crate) source: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct Scan {
    /// GRIB2 files of one run: paths, or addresses that start with s3://, gs://, https://, http:// or file://
    #[arg(required = true)]
    pub(crate) files: Vec<String>,
    /// Variables by cfVarName or shortName, on one level after @: t2m,tp,u@700; all by default
    #[arg(long, value_delimiter = ',')]
    pub(crate) vars: Vec<String>,
    /// The codec that will decode the messages
    #[arg(long, default_value = "grib")]
    pub(crate) codec: CodecName,
    /// Formats to write
    #[arg(
        long,
        value_delimiter = ',',
        default_value = "kv-parquet,kerchunk-json"
    )]
    pub(crate) format: Vec<Format>,
    /// Name of the stores; the number of a member is added to it
    #[arg(long, default_value = "scan")]
    pub(crate) name: String,
    /// Folder to write to
    #[arg(long, value_name = "FOLDER")]
    pub(crate) out: PathBuf,
}

/// A codec, as it is typed.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum CodecName {
    /// kerchunk's `grib`: ecCodes
    Grib,
    /// `gribberish`
    Gribberish,
}

/// What tells names and grid, as it is typed.
#[derive(Clone, Debug)]
pub(crate) enum TemplateName {
    /// The catalogue's inventory, held against messages of the run
    Builtin,
    /// The file that `gik template fetch` keeps
    Cache,
    /// A file of `gik template build`, or its address
    File(String),
    /// Headers of the run itself
    Scan,
}

impl FromStr for TemplateName {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "builtin" => Self::Builtin,
            "cache" => Self::Cache,
            "scan" => Self::Scan,
            file => Self::File(file.to_owned()),
        })
    }
}

/// A format of references, as it is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// An Icechunk repository that runs are appended to, for Zarr 3
    Icechunk,
    /// kerchunk's JSON, version 1
    KerchunkJson,
    /// kerchunk's folder of parquet files, read piece by piece
    KerchunkParquet,
    /// Parquet of two columns, key and value
    KvParquet,
}

impl Format {
    /// The format of files; none of a repository.
    pub(crate) fn output(self) -> Option<Output> {
        match self {
            Self::Icechunk => None,
            Self::KerchunkJson => Some(Output::KerchunkJson),
            Self::KerchunkParquet => Some(Output::KerchunkParquet),
            Self::KvParquet => Some(Output::KvParquet),
        }
    }
}

/// What `--format icechunk` and `--to icechunk` have in common.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Icechunk {
    /// Version of Icechunk's format for a repository that is made: 1 by default, the only one that Python's icechunk 1.x opens
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=2))]
    pub(crate) spec_version: Option<u8>,
}

impl Icechunk {
    /// Whether the formats ask for a repository; it stands alone, and needs a build that has it.
    pub(crate) fn asked(formats: &[Format]) -> Result<bool, CommandError> {
        if !formats.contains(&Format::Icechunk) {
            return Ok(false);
        }
        if formats.len() > 1 {
            return Err(CommandError::usage(anyhow::anyhow!(
                "icechunk stands alone: --out is one repository, other formats are files"
            )));
        }
        if cfg!(not(feature = "icechunk")) {
            return Err(CommandError::usage(anyhow::anyhow!(
                "this gik was built without Icechunk: build it with --features icechunk"
            )));
        }
        Ok(true)
    }
}
