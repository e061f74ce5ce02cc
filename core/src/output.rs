//! Writers: a [`RefStore`] to the bytes of files. Where they are put is the caller's business.

mod kerchunk_json;
mod kv_parquet;
pub mod mapped_index;
pub mod mapping_parquet;
mod metadata;
mod pandas;
pub mod per_hour;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::refs::RefStore;

/// A file to write: its path below the output folder, and its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    /// Path with `/` between parts.
    pub path: String,
    /// The whole content.
    pub bytes: Bytes,
}

/// A format of references.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Output {
    /// kerchunk's JSON, version 1, with consolidated metadata.
    KerchunkJson,
    /// A parquet file of two columns, `key` and `value`, as the published GIK files.
    KvParquet,
}

/// Why a store could not be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OutputError {
    /// A chunk names an object that the store does not list.
    #[error(
        "array {array}: chunk {chunk} lies in object {object}, and the store has {objects} objects"
    )]
    UnknownObject {
        /// The array.
        array: String,
        /// The chunk's key.
        chunk: String,
        /// The object's number.
        object: u32,
        /// Objects of the store.
        objects: usize,
    },
    /// A metadata document is not JSON.
    #[error("the metadata of {path} cannot be written as JSON")]
    Json {
        /// The group or array.
        path: String,
        /// What serde says.
        source: serde_json::Error,
    },
    /// A row that the format has no columns for.
    #[error("{path}: `{attrs}` cannot be said in the columns of a mapping")]
    Unplaced {
        /// The file.
        path: String,
        /// The row.
        attrs: String,
    },
    /// The parquet library refuses.
    #[error("{path} cannot be written as parquet")]
    Parquet {
        /// The file.
        path: String,
        /// What the library says.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// Writes a store in one format, under the name `stem` with the format's ending.
pub fn write(output: Output, store: &RefStore, stem: &str) -> Result<Vec<Artifact>, OutputError> {
    match output {
        Output::KerchunkJson => kerchunk_json::write(store, stem),
        Output::KvParquet => kv_parquet::write(store, stem),
    }
}
