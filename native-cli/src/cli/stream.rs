//! What is typed for `gik stream`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use gik_core::time::Date;

use super::TemplateName;

#[derive(Args, Debug)]
#[command(after_help = STREAM_HELP)]
pub(crate) struct Stream {
    /// The source: gefs, ifs-ens, ...; see `gik sources`
    #[arg(required_unless_present = "refs", requires = "date")]
    pub(crate) source: Option<String>,
    /// Day of the run, YYYYMMDD
    #[arg(long)]
    pub(crate) date: Option<Date>,
    /// Hour of the run
    #[arg(long, default_value = "00")]
    pub(crate) run: String,
    /// Members: names, numbers, ranges of either; all by default
    #[arg(long)]
    pub(crate) members: Option<String>,
    /// References instead of a source: files, or folders that are searched for {member}.parquet, stage3_*_final.parquet and
    /// {date}{HH}z-{member}.parquet
    #[arg(long, value_name = "FOLDER|FILE", num_args = 1.., conflicts_with_all = ["source", "date", "members"])]
    pub(crate) refs: Vec<String>,
    /// Where the archive is; the first mirror, or what the references say, by default
    #[arg(long, value_name = "BASE")]
    pub(crate) from: Option<String>,
    /// cgan, gefs-tp, rain24h, or a file: what is written; options take the place of what it says
    #[arg(long, value_name = "NAME|FILE.toml", required_unless_present = "vars")]
    pub(crate) product: Option<String>,
    /// What tells names and grid of a source: `builtin`, a file of `gik template build`, or `scan`; see `gik refs`
    #[arg(long, value_name = "WHAT", default_value = "builtin")]
    pub(crate) template: TemplateName,
    /// Variables by cfVarName, shortName or the index's own name, on one level after @: t2m,tp,u@700
    #[arg(long, value_delimiter = ',')]
    pub(crate) vars: Vec<String>,
    /// Steps in hours: 36-60:3
    #[arg(long)]
    pub(crate) steps: Option<String>,
    /// West, south, east, north in degrees; the whole grid by default
    #[arg(long, value_name = "W,S,E,N", allow_hyphen_values = true)]
    pub(crate) region: Option<String>,
    /// What is said of the members: mean, std, min, max, count, p10, prob:tp>0.005; `none` for the members themselves
    #[arg(long, value_delimiter = ',', value_name = "LIST")]
    pub(crate) stats: Vec<String>,
    /// Other units than those of the archive: tp=mm,t2m=degC
    #[arg(long, value_delimiter = ',', value_name = "VAR=UNIT")]
    pub(crate) units: Vec<String>,
    /// Amounts between one step and the next, instead of totals and buckets
    #[arg(long)]
    pub(crate) deaccumulate: bool,
    /// Members that a variable must have at a step, or nothing is said of it; all by default
    #[arg(long, value_name = "N")]
    pub(crate) min_members: Option<usize>,
    /// Anything that is missing is an error, and nothing is written
    #[arg(long)]
    pub(crate) require_all: bool,
    /// Where references name no level, look it up in their messages
    #[arg(long)]
    pub(crate) verify_level: bool,
    /// Ranges closer than this many bytes are read at once
    #[arg(long, value_name = "BYTES", default_value_t = 64 << 10)]
    pub(crate) gap: u64,
    /// Bytes of the largest range that is put together
    #[arg(long, value_name = "BYTES", default_value_t = 8 << 20)]
    pub(crate) largest: u64,
    /// Ranges that are read at once
    #[arg(long, value_name = "N", default_value_t = 16)]
    pub(crate) concurrency: usize,
    /// Fields that are decoded at once; as many as there are cores by default
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<usize>,
    /// Replace other results of the same name
    #[arg(long)]
    pub(crate) force: bool,
    /// Formats to write
    #[arg(long, value_delimiter = ',', default_value = "netcdf")]
    pub(crate) format: Vec<StreamFormat>,
    /// `cf`, or `seed` for the file of ICPAC's own program, attribute for attribute
    #[arg(long, default_value = "cf")]
    pub(crate) layout: LayoutName,
    /// File to write, or folder (with / at its end) for the product's own name
    #[arg(long, value_name = "FILE|FOLDER/")]
    pub(crate) out: PathBuf,
}

const STREAM_HELP: &str = "\
Examples:
  gik stream ifs-ens --date 20260706 --product cgan --out cgan_output/
  gik stream --refs out/ --vars tp,t2m,u@700 --steps 36-60:3 --region 19,-14,55,25 --stats mean,std,p10,prob:tp>0.005 --out ea.nc
  gik stream gefs --date 20250918 --product rain24h --format netcdf,zarr --out rain/";

/// A format of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum StreamFormat {
    /// NetCDF-4
    Netcdf,
    /// A Zarr store of version 3
    Zarr,
}

/// How a file is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LayoutName {
    /// CF conventions, with all that is known
    Cf,
    /// ICPAC's own program
    Seed,
}
