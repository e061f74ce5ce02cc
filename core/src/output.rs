//! Writers: a [`RefStore`] to the bytes of files. Where they are put is the caller's business.

mod contents;
mod kerchunk_json;
mod kerchunk_parquet;
mod kv_parquet;
pub mod mapping_parquet;
mod pandas;
pub mod per_hour;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::refs::RefStore;
use contents::Contents;

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
    /// kerchunk's folder of parquet files, as fsspec's `LazyReferenceMapper` reads it.
    KerchunkParquet,
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
        /// The chunk, in C order.
        chunk: usize,
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
    /// An offset or a length that parquet's signed integers cannot hold.
    #[error("array {array}: {number} is more than a column of the format can hold")]
    TooFar {
        /// The array.
        array: String,
        /// The offset or length.
        number: u64,
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
    let contents = Contents::of(store)?;
    match output {
        Output::KerchunkJson => kerchunk_json::write(&contents, stem),
        Output::KerchunkParquet => kerchunk_parquet::write(&contents, stem),
        Output::KvParquet => kv_parquet::write(&contents, stem),
    }
}
