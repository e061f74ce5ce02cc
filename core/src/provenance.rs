//! Where a result comes from: written into every output, so that it can be checked and made again.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::time::Run;

/// Inputs and options of a result. It holds no clock and no path of a machine: the same inputs give the same bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// Version of gik.
    pub gik: String,
    /// Catalogue id of the source.
    pub source: String,
    /// Where the era of the catalogue begins, or its name.
    pub era: String,
    /// The run.
    pub run: Run,
    /// Name of the member (`gep01`, `ens01`, `control`); empty for a deterministic model.
    pub member: String,
    /// Steps asked for, as ecCodes writes them.
    pub steps: Vec<String>,
    /// Variables asked for; empty for all.
    pub variables: Vec<String>,
    /// Codec that decodes the messages.
    pub codec: String,
    /// What gave names and grid.
    pub template: String,
    /// The index objects read, in step order.
    pub indexes: Vec<IndexObject>,
}

/// One index object that was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexObject {
    /// Its path below the base that was read, with `/` between parts.
    pub path: String,
    /// Its size in bytes.
    pub size: u64,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
}

impl Provenance {
    /// One hash for all indexes, in hexadecimal: of their paths and hashes, in order.
    #[must_use]
    pub fn indexes_sha256(&self) -> String {
        let mut all = Sha256::new();
        for index in &self.indexes {
            all.update(format!("{} {}\n", index.path, index.sha256));
        }
        let mut text = String::with_capacity(64);
        for byte in all.finalize() {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        text
    }
}
