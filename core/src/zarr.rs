//! Zarr version 2 metadata documents: types only, no behaviour.
//!
//! Source: the Zarr storage specification version 2; key order and dtypes as kerchunk writes them.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Attributes of a group or an array (`.zattrs`), sorted by name when written.
pub type Attributes = Map<String, Value>;

/// A group document (`.zgroup`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupMeta {
    /// Always 2.
    pub zarr_format: u8,
}

impl Default for GroupMeta {
    fn default() -> Self {
        Self { zarr_format: 2 }
    }
}

/// An array document (`.zarray`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ArrayMeta {
    /// Length of a chunk along each dimension.
    pub chunks: Vec<u64>,
    /// Always `null`: GRIB messages carry their own packing.
    pub compressor: Option<Value>,
    /// Numpy's dtype string, such as `<f8`.
    pub dtype: String,
    /// What a missing chunk reads as: `"NaN"`, a number, or `null` (undefined).
    pub fill_value: Value,
    /// Codecs between the stored bytes and the array's bytes.
    pub filters: Option<Vec<Filter>>,
    /// Always `C`.
    pub order: String,
    /// Length of the array along each dimension.
    pub shape: Vec<u64>,
    /// Always 2.
    pub zarr_format: u8,
}

impl ArrayMeta {
    /// An array in C order, without a filter, whose missing chunks read as `fill_value`.
    pub fn new(shape: Vec<u64>, chunks: Vec<u64>, dtype: &str, fill_value: Value) -> Self {
        Self {
            chunks,
            compressor: None,
            dtype: dtype.to_owned(),
            fill_value,
            filters: None,
            order: "C".to_owned(),
            shape,
            zarr_format: 2,
        }
    }
}

/// A numcodecs codec that turns a GRIB message into the bytes of an array.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filter {
    /// Numpy's dtype name of the decoded values, such as `float64`.
    pub dtype: String,
    /// Registered name of the codec: `grib` (kerchunk) or `gribberish`.
    pub id: String,
    /// The variable; `latitude` and `longitude` decode to the coordinates of the message's points.
    pub var: String,
}
