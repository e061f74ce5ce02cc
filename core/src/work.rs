//! Work for many machines: a plan is a hashed list of shards, a shard is a pure function of its plan, and what shards left is united.
//!
//! Nothing here reads a clock, an index or a machine: the same options give the same plan, byte by byte. Estimates come from the
//! catalogue alone. How results are made and where they are put is the caller's business; what a set of results means is decided
//! by [`Union`](union::Union).

pub mod balance;
pub mod bundle;
pub mod estimate;
pub mod union;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use crate::pipeline::hash::sha256;
use crate::product::Product;
use crate::time::{Run, Step};

/// The version of this description of work.
const FORMAT: u32 = 1;
/// The key of the hash over all others.
const HASH: &str = "sha256";

/// What is to be done, in shards.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkPlan {
    /// Version of this description.
    plan: u32,
    /// Version of gik that made it: results of another one may have other bytes.
    pub gik: String,
    /// What is made.
    pub job: WorkJob,
    /// Who makes which part of it.
    pub shards: Vec<Shard>,
}

/// What is made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkJob {
    /// The command whose work it is.
    pub kind: Kind,
    /// Catalogue id of the source.
    pub source: String,
    /// The command's options but for date and run, by their long names, as they were typed.
    pub options: BTreeMap<String, Vec<String>>,
    /// The command as it was typed, for results that say so; date and run are those of the first run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<String>,
    /// Where shards leave results and verdicts until they are merged.
    pub work: String,
    /// The product, where one was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<Product>,
    /// SHA-256 of files that a machine must have, by their role: `catalog`, `template`, and of the product.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub hashes: BTreeMap<String, String>,
}

/// The command whose work it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// `gik refs`: a unit is a run.
    Refs,
    /// `gik stream`: a unit is a step of a run, of some variables and all members.
    Stream,
}

/// What one machine does at a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shard {
    /// Bytes that it reads, as the catalogue lets expect.
    pub bytes: u64,
    /// Requests that it makes, as the catalogue lets expect.
    pub requests: u64,
    /// Its parts of the job.
    pub units: Vec<Unit>,
}

/// The smallest part of a job.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unit {
    /// The run.
    #[serde(with = "crate::time::run_text")]
    pub run: Run,
    /// The step; `None` for all.
    #[serde(
        default,
        rename = "step_seconds",
        skip_serializing_if = "Option::is_none"
    )]
    pub step: Option<Step>,
    /// Variables by their place in the job; empty for all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variables: Vec<usize>,
    /// Where the archive is.
    pub base: String,
}

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WorkError {
    /// The text was changed, or is damaged.
    #[error("the plan was changed: its hash is {found}, and it says {expected}")]
    Changed {
        /// What it says.
        expected: String,
        /// What it is.
        found: String,
    },
    /// Not a plan.
    #[error("not a plan of gik")]
    Json(#[from] serde_json::Error),
    /// A JSON document without a hash.
    #[error("not a plan of gik: it has no `{HASH}`")]
    NoHash,
    /// A plan that an older gik cannot read.
    #[error("a plan of version {found}: this gik reads version {FORMAT}")]
    Version {
        /// What it says.
        found: u64,
    },
}

/// A plan with its hash, and the text that it has in a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Hashed {
    /// The plan.
    pub plan: WorkPlan,
    /// SHA-256 of its canonical JSON: keys in order, no spaces.
    pub sha256: String,
}

impl WorkPlan {
    /// A plan of this version.
    pub fn new(gik: &str, job: WorkJob, shards: Vec<Shard>) -> Self {
        Self {
            plan: FORMAT,
            gik: gik.to_owned(),
            job,
            shards,
        }
    }

    /// The plan with its hash.
    ///
    /// # Errors
    /// None for what [`WorkPlan::new`] makes.
    pub fn hashed(self) -> Result<Hashed, WorkError> {
        let sha256 = hash_of(&serde_json::to_value(&self)?);
        Ok(Hashed { plan: self, sha256 })
    }
}

impl Hashed {
    /// Reads a plan, and holds it against its hash.
    ///
    /// # Errors
    /// [`WorkError`]: not JSON, no plan, another version, or one that was changed by hand.
    pub fn parse(text: &str) -> Result<Self, WorkError> {
        let mut value: Value = serde_json::from_str(text)?;
        let fields = value.as_object_mut().ok_or(WorkError::NoHash)?;
        let said = fields.remove(HASH).ok_or(WorkError::NoHash)?;
        if let Some(found) = fields.get("plan").and_then(Value::as_u64)
            && found != u64::from(FORMAT)
        {
            return Err(WorkError::Version { found });
        }
        let found = hash_of(&value);
        if said.as_str() != Some(&found) {
            let expected = said.as_str().unwrap_or_default().to_owned();
            return Err(WorkError::Changed { expected, found });
        }
        Ok(Self {
            plan: serde_json::from_value(value)?,
            sha256: found,
        })
    }

    /// The text of its file.
    ///
    /// # Errors
    /// None for a plan that was made here.
    pub fn to_text(&self) -> Result<String, WorkError> {
        let mut value = serde_json::to_value(&self.plan)?;
        if let Some(fields) = value.as_object_mut() {
            fields.insert(HASH.to_owned(), Value::String(self.sha256.clone()));
        }
        let mut text = serde_json::to_string_pretty(&value)?;
        text.push('\n');
        Ok(text)
    }

    /// The folder of its results below [`WorkJob::work`]: the start of its hash.
    pub fn folder(&self) -> &str {
        self.sha256.get(..16).unwrap_or(&self.sha256)
    }
}

/// `serde_json` keeps keys of objects in order, so that the text of a value is canonical.
fn hash_of(value: &Value) -> String {
    sha256(value.to_string().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> Hashed {
        let unit = Unit {
            run: "2025-06-01T00".parse().unwrap(),
            step: Some(Step::hours(36)),
            variables: vec![0, 2],
            base: "s3://b".to_owned(),
        };
        let job = WorkJob {
            kind: Kind::Stream,
            source: "x".to_owned(),
            options: BTreeMap::from([("members".to_owned(), vec!["all".to_owned()])]),
            words: Vec::new(),
            work: "out/_gik".to_owned(),
            product: None,
            hashes: BTreeMap::new(),
        };
        let shard = Shard {
            bytes: 3,
            requests: 1,
            units: vec![unit],
        };
        WorkPlan::new("0.1.0", job, vec![shard]).hashed().unwrap()
    }

    #[test]
    fn a_plan_comes_back_from_its_text_and_keeps_its_hash() {
        let plan = plan();
        let text = plan.to_text().unwrap();
        let again = Hashed::parse(&text).unwrap();
        assert_eq!(again, plan);
        assert_eq!(again.to_text().unwrap(), text);
        assert_eq!(plan.folder().len(), 16);
        let compact = serde_json::from_str::<Value>(&text).unwrap().to_string();
        assert_eq!(Hashed::parse(&compact).unwrap(), plan, "spaces are no news");
    }

    #[test]
    fn a_plan_that_was_changed_is_refused() {
        let text = plan().to_text().unwrap();
        let changed = text.replace("\"all\"", "\"0-9\"");
        assert!(matches!(
            Hashed::parse(&changed),
            Err(WorkError::Changed { .. })
        ));
        let newer = text.replace("\"plan\": 1", "\"plan\": 2");
        assert!(matches!(
            Hashed::parse(&newer),
            Err(WorkError::Version { found: 2 })
        ));
        assert!(matches!(Hashed::parse("{}"), Err(WorkError::NoHash)));
        assert!(matches!(Hashed::parse("plan"), Err(WorkError::Json(_))));
    }
}
