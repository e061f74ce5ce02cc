//! What was typed for `gik plot`.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;
use gik_core::plot::zone::Zone;

use super::Place;

#[derive(Args, Debug)]
pub(crate) struct Plot {
    /// References (kv-parquet or kerchunk JSON), a file of `gik stream`, or a field of a GRIB2 file as FILE:N or URL#OFFSET,LENGTH
    #[arg(value_name = "INPUT")]
    pub(crate) place: Place,
    /// The PNG to write
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// Of references and statistics: variables by cfVarName or shortName, on one level after @: t2m,tp,u@700; a panel each
    #[arg(long, value_delimiter = ',', conflicts_with = "product")]
    pub(crate) var: Vec<VarName>,
    /// A figure of several panels; cgan for a file of statistics where nothing else was typed
    #[arg(long)]
    pub(crate) product: Option<String>,
    /// Hours from the run
    #[arg(long, value_name = "HOURS")]
    pub(crate) step: Option<i32>,
    /// Of references of several members: which one
    #[arg(long, value_name = "N")]
    pub(crate) member: Option<i64>,
    /// A region by name, such as africa, or its edges: W,S,E,N in degrees; all of the grid by default
    #[arg(long, allow_hyphen_values = true)]
    pub(crate) region: Option<String>,
    /// The clock that valid times are told by: UTC, EAT, CAT, WAT or +03:00
    #[arg(long, default_value = "UTC", allow_hyphen_values = true)]
    pub(crate) timezone: Zone,
    /// The colour map of all panels by matplotlib's name, such as viridis or RdBu_r; each variable's own by default
    #[arg(long, value_name = "NAME", alias = "colors")]
    pub(crate) colours: Option<String>,
    /// The values at the ends of the colours, in the units of the map
    #[arg(long, value_name = "LOW,HIGH", allow_hyphen_values = true)]
    pub(crate) limits: Option<Range>,
    /// Heading; what is shown by default
    #[arg(long, value_name = "TEXT")]
    pub(crate) title: Option<String>,
    /// Pixels from side to side
    #[arg(long, default_value_t = 1_600, value_parser = clap::value_parser!(u32).range(320..=8_000))]
    pub(crate) width: u32,
}

/// A variable, on one level perhaps.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct VarName {
    /// ecCodes' `cfVarName` or `shortName`.
    pub(crate) name: String,
    /// The level.
    pub(crate) level: Option<f64>,
}

/// A lower and a higher value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Range {
    pub(crate) low: f64,
    pub(crate) high: f64,
}

/// What was typed is neither.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("expected {0}")]
pub(crate) struct Unreadable(&'static str);

impl FromStr for VarName {
    type Err = Unreadable;

    fn from_str(text: &str) -> Result<Self, Unreadable> {
        let (name, level) = match text.split_once('@') {
            Some((name, level)) => (name, Some(level)),
            None => (text, None),
        };
        let unreadable = Unreadable("a variable, as t2m, or one on a level, as u@700");
        let level = level.map(|level| level.parse().map_err(|_| unreadable));
        if name.is_empty() {
            return Err(unreadable);
        }
        Ok(Self {
            name: name.to_owned(),
            level: level.transpose()?,
        })
    }
}

impl FromStr for Range {
    type Err = Unreadable;

    fn from_str(text: &str) -> Result<Self, Unreadable> {
        let ends = text.split_once(',');
        let ends = ends.and_then(|(low, high)| Some((low.parse().ok()?, high.parse().ok()?)));
        match ends {
            Some((low, high)) if low < high => Ok(Self { low, high }),
            _ => Err(Unreadable("two numbers, the lower first, as 0,50")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_have_levels_and_ranges_an_order() {
        let var: VarName = "u@700".parse().unwrap();
        assert_eq!((var.name.as_str(), var.level), ("u", Some(700.0)));
        assert_eq!("t2m".parse::<VarName>().unwrap().level, None);
        assert!("u@x".parse::<VarName>().is_err() && "@700".parse::<VarName>().is_err());
        let range: Range = "-5,5.5".parse().unwrap();
        assert_eq!((range.low, range.high), (-5.0, 5.5));
        assert!("5,5".parse::<Range>().is_err() && "nan,1".parse::<Range>().is_err());
    }
}
