//! What was typed for `gik refs`.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, ValueEnum};
use gik_core::time::Date;

use super::{CodecName, Format, Icechunk, TemplateName};

#[derive(Args, Debug)]
#[command(after_help = REFS_HELP)]
pub(crate) struct Refs {
    /// The source: gefs, ifs-ens, ...; see `gik sources`
    pub(crate) source: String,
    /// Days of the runs: YYYYMMDD, A..B with both ends, today (in UTC), or latest for the newest run that is complete
    #[arg(long)]
    pub(crate) date: Dates,
    /// Hours of the runs: 00 or 00,12; 00 by default, any hour with --date latest
    #[arg(long, value_delimiter = ',', value_name = "HH")]
    pub(crate) run: Vec<String>,
    /// Members: names (control, gep01, ens01), numbers (0 is the control), ranges of either (gep01-gep05), all
    #[arg(long)]
    pub(crate) members: Option<String>,
    /// Steps in hours: 0-144:3,150; all by default
    #[arg(long)]
    pub(crate) steps: Option<String>,
    /// Variables by cfVarName, shortName or the index's own name, on one level after @: t2m,tp,u@700; or a list by its name, see
    /// `gik sources SOURCE`; all by default
    #[arg(long, value_delimiter = ',')]
    pub(crate) vars: Vec<String>,
    /// Where the archive is: a folder, s3://, gs:// or https://, with the archive's layout below it; a mirror by default
    #[arg(long, value_name = "BASE", conflicts_with = "mirror")]
    pub(crate) from: Option<String>,
    /// Mirrors of the catalogue to try, in this order; by default those that may have a run of its age, the quickest first
    #[arg(long, value_delimiter = ',', value_name = "ID")]
    pub(crate) mirror: Vec<String>,
    /// How long to wait for index files that are not there yet: 90m, 3h
    #[arg(long, value_name = "TIME")]
    pub(crate) wait: Option<Wait>,
    /// What tells names and grid: `builtin` for the catalogue's inventory, a file of `gik template build`, `cache` for the one that
    /// `gik template fetch` keeps, all held against the run; or `scan` for headers of the run itself
    #[arg(long, value_name = "WHAT", default_value = "builtin")]
    pub(crate) template: TemplateName,
    /// A store for each member, or one of all members with a dimension `number`
    #[arg(long, default_value = "member")]
    pub(crate) layout: Layout,
    /// Also write the mapped index, a table of all messages with their place, to this file
    #[arg(long, value_name = "FILE")]
    pub(crate) mapped_index: Option<PathBuf>,
    /// Write references below this base instead of the one that was read
    #[arg(long, value_name = "BASE")]
    pub(crate) uri_base: Option<String>,
    /// The codec that will decode the messages
    #[arg(long, default_value = "grib")]
    pub(crate) codec: CodecName,
    /// Formats to write; icechunk stands alone: --out is a repository then, that runs are appended to with members as an axis, and
    /// gribberish is the codec
    #[arg(
        long,
        value_delimiter = ',',
        default_value = "kv-parquet,kerchunk-json"
    )]
    pub(crate) format: Vec<Format>,
    #[command(flatten)]
    pub(crate) icechunk: Icechunk,
    /// Objects that are read at once
    #[arg(long, value_name = "N", default_value_t = 32)]
    pub(crate) concurrency: usize,
    /// Replace other results of the same name
    #[arg(long)]
    pub(crate) force: bool,
    /// Where to write: a folder, s3:// or gs://; {date}, {run} and {member} stand for those of each result; by default
    /// gs://GCS_BUCKET/GCS_PARQUET_PREFIX/{date}_{run}z, where these variables are set
    #[arg(long, value_name = "PLACE")]
    pub(crate) out: Option<String>,
}

const REFS_HELP: &str = "\
A result that is there already is kept where it is the same, byte by byte; another one is an error unless --force is given.

Examples:
  gik refs gefs --date 20250918 --run 00 --members gep01 --out out/
  gik refs ifs-ens --date latest --members all --format kerchunk-parquet --out 's3://bucket/refs/{date}_{run}/'
  gik refs gefs --date 20250901..20250930 --run 00,12 --members all --layout ensemble --out 'refs/{date}{run}/'
  gik refs ifs-ens --date latest --members all --format icechunk --out s3://bucket/repo

Exit codes: 0 complete, 3 written with gaps, 2 wrongly asked for, 1 failed.";

/// Which stores hold which members.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Layout {
    /// One store of all members, `ensemble`
    Ensemble,
    /// One store for each member, by its name
    Member,
}

/// Days, as they are typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dates {
    /// The newest run that is complete.
    Latest,
    /// From one day to another, both included.
    Span(Date, Date),
    /// This day in UTC.
    Today,
}

/// What was typed is no day.
#[derive(Clone, Debug, thiserror::Error)]
#[error("expected YYYYMMDD, YYYYMMDD..YYYYMMDD, today or latest")]
pub(crate) struct NotADate;

impl FromStr for Dates {
    type Err = NotADate;

    fn from_str(text: &str) -> Result<Self, NotADate> {
        let day = |text: &str| text.parse::<Date>().map_err(|_| NotADate);
        Ok(match text {
            "latest" => Self::Latest,
            "today" => Self::Today,
            text => match text.split_once("..") {
                Some((first, last)) => {
                    let (first, last) = (day(first)?, day(last)?);
                    if last < first {
                        return Err(NotADate);
                    }
                    Self::Span(first, last)
                }
                None => Self::Span(day(text)?, day(text)?),
            },
        })
    }
}

/// A time to wait, as it is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wait(pub(crate) std::time::Duration);

/// What was typed is no time.
#[derive(Clone, Debug, thiserror::Error)]
#[error("expected a number with its unit: 30s, 90m or 3h")]
pub(crate) struct NotATime;

impl FromStr for Wait {
    type Err = NotATime;

    fn from_str(text: &str) -> Result<Self, NotATime> {
        let unit = text.chars().next_back().and_then(|unit| match unit {
            's' => Some(1),
            'm' => Some(60),
            'h' => Some(3_600),
            _ => None,
        });
        let number = text.get(..text.len().saturating_sub(1));
        let number: Option<u64> = number.and_then(|number| number.parse().ok());
        let seconds = unit.zip(number);
        let seconds = seconds.and_then(|(unit, number)| number.checked_mul(unit));
        let wait = seconds.map(std::time::Duration::from_secs);
        wait.map(Self).ok_or(NotATime)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_one_or_a_span_or_a_word() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let span = |first, last| Dates::Span(day(first), day(last));
        for (text, dates) in [
            ("20250901", span("20250901", "20250901")),
            ("20250901..20250930", span("20250901", "20250930")),
            ("latest", Dates::Latest),
            ("today", Dates::Today),
        ] {
            assert_eq!(text.parse::<Dates>().unwrap(), dates, "{text}");
        }
        for text in ["", "2025", "20250930..20250901", "20250901..", "tomorrow"] {
            assert!(text.parse::<Dates>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_time_has_a_unit() {
        let seconds = |text: &str| text.parse::<Wait>().map(|wait| wait.0.as_secs()).ok();
        assert_eq!(seconds("30s"), Some(30));
        assert_eq!(seconds("90m"), Some(5_400));
        assert_eq!(seconds("3h"), Some(10_800));
        for text in ["", "3", "h", "-3h", "3d", "99999999999999999h"] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }
}
