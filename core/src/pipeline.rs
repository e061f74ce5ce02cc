//! Jobs: what to do, what happened meanwhile, what came of it. The one layer that is `async`.
//!
//! Job, event and outcome are plain data, so that a terminal and a Web Worker run the same pipeline.

mod ends;
pub(crate) mod hash;
mod headers;
mod listing;
pub mod plan;
pub mod refs;
pub mod scan;
mod stale;
pub mod stream;
pub mod template;
mod verdict;
pub mod verify;

use serde::{Deserialize, Serialize};

use crate::time::Step;

/// Something that was expected and is not in the result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// What is missing: a variable with its level, or an object.
    pub what: String,
    /// At which step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<Step>,
    /// Of which member; `None` where it is missing for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<String>,
    /// Why.
    pub why: Why,
}

/// Why something is missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "reason")]
#[non_exhaustive]
pub enum Why {
    /// The object is not in the archive.
    NotFound {
        /// The object.
        url: String,
    },
    /// The index object names no such message.
    NotInIndex {
        /// The index object.
        url: String,
    },
    /// The source does not carry the variable in this era.
    NotInEra {
        /// The era.
        era: String,
    },
    /// No index of the run names such a message, and the catalogue's inventory expects it.
    NotInRun,
    /// The template does not know such a message.
    NotInTemplate {
        /// The index object.
        url: String,
        /// Line of the index.
        line: usize,
    },
    /// The message cannot be referred to.
    Refused {
        /// The object.
        url: String,
        /// Line of the index.
        line: usize,
        /// What stands against it.
        because: String,
    },
    /// The message could not be read or decoded.
    Failed {
        /// The object.
        url: String,
        /// What went wrong.
        because: String,
    },
    /// The windows of the run do not add up to the one that was asked for.
    NoWindow {
        /// What was asked for.
        window: String,
    },
    /// Fewer members than there must be: nothing is said of them.
    TooFew {
        /// Members that there are.
        found: usize,
        /// Members that there must be.
        wanted: usize,
    },
    /// References that cannot be used for this.
    Unusable {
        /// Why.
        because: String,
    },
    /// The GRIB object was written after its index, and is not what the index says.
    Stale {
        /// The GRIB object.
        url: String,
        /// What differs.
        because: String,
    },
}

/// What a pipeline says while it runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "event")]
#[non_exhaustive]
pub enum Event {
    /// The job is planned.
    Planned {
        /// Index objects to read.
        indexes: u32,
    },
    /// An index object was read.
    Index {
        /// The object.
        url: String,
        /// Its size in bytes.
        bytes: u64,
    },
    /// Headers are being read to learn names and grid.
    Headers {
        /// Ranges to read.
        ranges: u32,
    },
    /// Values are being read.
    Messages {
        /// Messages to decode.
        messages: u32,
        /// Ranges to read.
        ranges: u32,
    },
}

/// A result, and what is missing from it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome<T> {
    /// What was made.
    pub value: T,
    /// What was expected and is not in it; empty means complete.
    pub gaps: Vec<Gap>,
}
