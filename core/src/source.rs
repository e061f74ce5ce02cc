//! What exists in the archives: models, members, steps, the layout of their paths, and how these changed over time.
//!
//! A model is data: one TOML file of `core/catalog/`, or one that the user passes. Nothing here names one.
//!
//! ```
//! use gik_core::source::Catalog;
//! let catalog = Catalog::builtin()?;
//! # let id = catalog.ids().next().expect("the catalogue has a source");
//! let source = catalog.source(id)?;
//! let era = source.era_of("2025-09-18T00".parse()?)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod catalog;
mod error;
pub mod inventory;
mod members;
mod pattern;
mod plan;
mod ranges;
mod steps;
pub mod vocabulary;

#[cfg(test)]
mod urls_test;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use catalog::{Catalog, CatalogError, Rule};
pub use error::{Boundary, SourceError};
pub use members::{MemberId, Members, Numbers, Roster};
pub use pattern::Pattern;
pub use plan::ObjectRef;
pub use steps::Steps;

use crate::index::Dialect;
use crate::time::Run;

/// One product line of a centre: its members and steps, where its files are, and how that changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Short name that users type.
    pub id: String,
    /// What it is, in one line.
    pub title: String,
    /// Who makes it.
    pub centre: String,
    /// Licence of the data.
    pub licence: String,
    /// The words that the licence asks for; `{year}` stands for the year of the run.
    pub attribution: String,
    /// Which index files its archives have.
    pub dialect: Dialect,
    /// The first part of the names of published per-hour templates, where it is not the id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published_as: Option<String>,
    /// Where the files are; the first is asked first unless the caller knows better.
    #[serde(rename = "mirror")]
    pub mirrors: Vec<Mirror>,
    /// Its eras, oldest first.
    #[serde(rename = "era")]
    pub eras: Vec<Era>,
    /// How published references misspell its paths.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub misspelt: Vec<Misspelt>,
    /// Lists of variables by the names that users know them by.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub variables: BTreeMap<String, Vec<String>>,
    /// Messages that an index lists under one key, told apart by their order.
    #[serde(rename = "occurrence", default, skip_serializing_if = "Vec::is_empty")]
    pub occurrences: Vec<Occurrence>,
}

/// A part of a path that published references have wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Misspelt {
    /// What stands there.
    pub found: String,
    /// What must stand there.
    pub right: String,
}

/// One place where the files of a source are. Below the roots of all mirrors the layout is the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mirror {
    /// Short name: `aws`, `gcs`, `azure`, `origin`.
    pub id: String,
    /// URL that object paths are appended to, without a slash at the end.
    pub root: String,
    /// Region of a bucket that needs one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// First run that it holds.
    #[serde(
        default,
        with = "crate::time::run_text::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub from: Option<Run>,
    /// How many days back it holds; `None` where it keeps everything from `from`, or where nobody says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keeps_days: Option<u32>,
    /// How many minutes later than the fastest mirror a file comes, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lag_minutes: Option<u32>,
    /// Whether a page of another site may read it, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cors: Option<bool>,
    /// What else is known: delay, holes, limits, each with who says so.
    pub evidence: String,
}

/// A time during which the layout did not change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Era {
    /// Short name.
    pub id: String,
    /// First run of the era.
    #[serde(with = "crate::time::run_text")]
    pub from: Run,
    /// First run that is no longer in the era; `None` while it lasts.
    #[serde(
        default,
        with = "crate::time::run_text::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub until: Option<Run>,
    /// How we know.
    pub evidence: String,
    /// The grid of its fields.
    pub grid: Grid,
    /// The levels that it has, by level type as the index spells it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub levels: BTreeMap<String, Vec<f64>>,
    /// How the path of an index follows from the path of its data.
    pub index: IndexRule,
    /// The series of files that make up the era.
    #[serde(rename = "stream")]
    pub streams: Vec<Stream>,
}

/// A series of files: one for each run and step, or for each run, step and member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stream {
    /// Short name, as the archive spells it.
    pub id: String,
    /// Path of the data below the root of a mirror.
    pub path: Pattern,
    /// The members that it holds.
    pub members: Members,
    /// What its index lines say besides parameter, level, step and member: `class`, `stream`, `type`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub mars: BTreeMap<String, String>,
    /// The list of the messages that are expected in its files, where there is one: a name for [`Catalog::inventory`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inventory: Option<String>,
    /// Steps, by the hour of the run.
    pub steps: Vec<RunSteps>,
}

/// The steps of some runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunSteps {
    /// Hours of the day at which the model starts.
    pub runs: Vec<u8>,
    /// Steps of these runs, in hours.
    pub steps: Steps,
}

/// How the path of an index follows from the path of its data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum IndexRule {
    /// The index has this at its end in addition.
    Append(String),
    /// The data ends on `from`, the index on `to` instead.
    Replace {
        /// End of the data's path.
        from: String,
        /// End of the index's path.
        to: String,
    },
}

/// The points of the fields, in degrees and metres, in the order in which messages store them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Grid {
    /// Lambert conformal (template 3.30).
    Lambert {
        /// Points along x.
        nx: u32,
        /// Points along y.
        ny: u32,
        /// Latitude of the first point.
        first_lat: f64,
        /// Longitude of the first point.
        first_lon: f64,
        /// Orientation: the meridian parallel to the y axis.
        orientation: f64,
        /// Latitudes at which the cone cuts the sphere.
        latin: [f64; 2],
        /// Distance of points in metres, along x and y.
        metres: [f64; 2],
    },
    /// Reduced Gaussian (template 3.40 with a list of points).
    ReducedGaussian {
        /// Parallels between pole and equator.
        n: u32,
    },
    /// Regular Gaussian (template 3.40).
    RegularGaussian {
        /// Points along a parallel.
        ni: u32,
        /// Points along a meridian.
        nj: u32,
        /// Longitude of the first point.
        first_lon: f64,
        /// Longitude of the last point.
        last_lon: f64,
    },
    /// Regular latitudes and longitudes (template 3.0).
    RegularLatLon {
        /// Points along a parallel.
        ni: u32,
        /// Points along a meridian.
        nj: u32,
        /// Latitude of the first point.
        first_lat: f64,
        /// Longitude of the first point.
        first_lon: f64,
        /// Latitude of the last point.
        last_lat: f64,
        /// Longitude of the last point.
        last_lon: f64,
        /// Degrees between points, without a sign.
        increment: f64,
    },
}

/// Messages of one file that an index lists under one key, told apart by the order in which they stand.
///
/// The bucket and the run's total of a precipitation, for one, share a window while the first bucket lasts. The rule
/// holds at its steps only, and only where the index lists the key as often as there are names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Occurrence {
    /// Parameters as the index spells them.
    pub parameters: Vec<String>,
    /// Level as the index spells it.
    pub level: String,
    /// Statistic as the index spells it.
    pub statistic: String,
    /// Steps at which it happens.
    pub steps: Steps,
    /// What the first, the second, ... message is.
    pub names: Vec<String>,
    /// How we know.
    pub evidence: String,
}

impl Source {
    /// The era of a run.
    ///
    /// # Errors
    /// [`SourceError::NoEra`] with the nearest eras.
    pub fn era_of(&self, run: Run) -> Result<&Era, SourceError> {
        let found = self.eras.iter().find(|era| era.contains(run));
        found.ok_or_else(|| {
            let boundary = |era: &Era, run| Boundary {
                era: era.id.clone(),
                run,
            };
            SourceError::NoEra {
                source_id: self.id.clone(),
                run,
                before: self.eras.iter().rev().find_map(|era| {
                    let until = era.until.filter(|until| *until <= run)?;
                    Some(boundary(era, until))
                }),
                after: self
                    .eras
                    .iter()
                    .find(|era| era.from > run)
                    .map(|era| boundary(era, era.from)),
            }
        })
    }

    /// The mirror of that id.
    pub fn mirror(&self, id: &str) -> Option<&Mirror> {
        self.mirrors.iter().find(|mirror| mirror.id == id)
    }

    /// The mirrors that may hold a run: those that do not begin after it. Whether a mirror dropped it since, only a clock knows.
    pub fn mirrors_of(&self, run: Run) -> impl Iterator<Item = &Mirror> {
        let begins = move |mirror: &&Mirror| mirror.from.is_none_or(|from| from <= run);
        self.mirrors.iter().filter(begins)
    }

    /// The words of attribution for a run.
    pub fn attribution_of(&self, run: Run) -> String {
        let year = run.date.year().to_string();
        self.attribution.replace("{year}", &year)
    }
}

impl Mirror {
    /// A place of the user's own, with the layout of the archive below it: a URL or a folder.
    pub fn at(base: &str) -> Self {
        Self {
            id: "from".to_owned(),
            root: base.trim_end_matches('/').to_owned(),
            region: None,
            from: None,
            keeps_days: None,
            lag_minutes: None,
            cors: None,
            evidence: "given by the user".to_owned(),
        }
    }

    /// The URL of an object.
    pub fn url(&self, path: &str) -> String {
        format!("{}/{path}", self.root)
    }
}

impl IndexRule {
    /// The path of the index, or `None` where the data's path does not end as the rule expects.
    pub fn path(&self, data: &str) -> Option<String> {
        match self {
            Self::Append(end) => Some(format!("{data}{end}")),
            Self::Replace { from, to } => Some(format!("{}{to}", data.strip_suffix(from)?)),
        }
    }
}
