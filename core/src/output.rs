//! Writers: a [`RefStore`] to the bytes of files. Where they are put is the caller's business.

mod contents;
mod kerchunk_json;
mod kerchunk_parquet;
mod kv_parquet;
pub mod mapped_index;
pub mod mapping_parquet;
mod pandas;
pub mod per_hour;
pub mod series;
pub mod zarr3;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::keys::{KeysError, StoreKeys};
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
    /// An array that has more or fewer values than its dimensions.
    #[error("array {array}: {values} values do not fill its dimensions")]
    Shape {
        /// The array.
        array: String,
        /// How many values it has.
        values: usize,
    },
    /// A document of a store that was read is not JSON.
    #[error("the document {key} cannot be used")]
    Document {
        /// Its key.
        key: String,
        /// What is wrong with it.
        source: Box<KeysError>,
    },
    /// An array without shape and chunks that fit together.
    #[error("array {array}: its shape and chunks make no grid")]
    Grid {
        /// The array.
        array: String,
    },
    /// A chunk that the array's shape has no place for.
    #[error("array {array}: there is no chunk {chunk} in a grid of {grid:?}")]
    OutsideGrid {
        /// The array.
        array: String,
        /// The chunk's key.
        chunk: String,
        /// Chunks along each dimension.
        grid: Vec<u64>,
    },
    /// A part of a store that has no place in a series of runs.
    #[error("{path} has no place in a series of runs: {because}")]
    Series {
        /// The array.
        path: String,
        /// Why not.
        because: &'static str,
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
    format(output, &Contents::of(store)?, stem)
}

/// Writes a store that was read, key by key, in the order and the spelling of [`write()`]: of a store that `write` wrote, the same
/// bytes. `provenance` is a JSON object.
///
/// `.zmetadata` is made anew. Keys that are neither documents nor chunks of an array are left out.
///
/// # Errors
/// [`OutputError`] where documents or chunk keys make no Zarr store.
pub fn write_keys(
    output: Output,
    store: &StoreKeys,
    provenance: &str,
    stem: &str,
) -> Result<Vec<Artifact>, OutputError> {
    format(output, &Contents::of_keys(store, provenance)?, stem)
}

fn format(
    output: Output,
    contents: &Contents<'_>,
    stem: &str,
) -> Result<Vec<Artifact>, OutputError> {
    match output {
        Output::KerchunkJson => kerchunk_json::write(contents, stem),
        Output::KerchunkParquet => kerchunk_parquet::write(contents, stem),
        Output::KvParquet => kv_parquet::write(contents, stem),
    }
}
