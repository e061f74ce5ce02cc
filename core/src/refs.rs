//! Stage 3: a Zarr store whose chunks are byte ranges of GRIB objects.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use bytes::Bytes;

use crate::listing::Location;
use crate::provenance::Provenance;
use crate::zarr::{ArrayMeta, Attributes};

pub mod aggregate;
pub mod build;
pub mod ensemble;

/// A Zarr version 2 hierarchy of references.
#[derive(Clone, Debug, PartialEq)]
pub struct RefStore {
    /// Absolute URLs of the GRIB objects that chunks lie in.
    pub objects: Vec<String>,
    /// Attributes of each group by its path; the root is the empty path.
    pub groups: BTreeMap<String, Attributes>,
    /// Arrays by path, such as `t2m/instant/heightAboveGround/t2m`.
    pub arrays: BTreeMap<String, Array>,
    /// Where the store comes from.
    pub provenance: Provenance,
}

/// An array of a [`RefStore`].
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    /// The `.zarray` document.
    pub meta: ArrayMeta,
    /// The `.zattrs` document; `_ARRAY_DIMENSIONS` is part of it. Members of a run share it.
    pub attributes: Arc<Attributes>,
    /// What the chunks hold.
    pub chunks: Chunks,
}

/// The chunks of an array.
#[derive(Clone, Debug, PartialEq)]
pub enum Chunks {
    /// One chunk, held in the store itself: little-endian values in C order. Groups and members share what is equal.
    Inline(Bytes),
    /// One byte range for each cell of the chunk grid, in C order; `None` where there is no message.
    Messages(Vec<Option<Location>>),
}

impl RefStore {
    /// How many byte ranges the store refers to.
    pub fn references(&self) -> usize {
        let count = |array: &Array| match &array.chunks {
            Chunks::Inline(_) => 0,
            Chunks::Messages(cells) => cells.iter().flatten().count(),
        };
        self.arrays.values().map(count).sum()
    }

    /// Holds documents only once that another store has as well: a run has many members, and little tells them apart.
    pub(crate) fn share(&mut self, other: &Self) {
        for (path, array) in &mut self.arrays {
            if let Some(known) = other.arrays.get(path)
                && known.attributes == array.attributes
            {
                array.attributes = Arc::clone(&known.attributes);
            }
        }
    }

    /// The URL of a location's object.
    pub fn url(&self, location: Location) -> Option<&str> {
        usize::try_from(location.object)
            .ok()
            .and_then(|at| self.objects.get(at))
            .map(String::as_str)
    }
}

impl Array {
    /// Number of chunks along each dimension; empty for a scalar.
    pub fn chunk_grid(&self) -> Vec<u64> {
        self.meta
            .shape
            .iter()
            .zip(&self.meta.chunks)
            .map(|(length, chunk)| length.div_ceil((*chunk).max(1)))
            .collect()
    }
}

/// Calls `visit` with the key of each chunk of a grid (`0`, `3.0.0`) in C order, and its position in that order.
pub(crate) fn for_each_cell(grid: &[u64], mut visit: impl FnMut(&str, usize)) {
    if grid.is_empty() {
        visit("0", 0);
        return;
    }
    if grid.contains(&0) {
        return;
    }
    let mut cell = vec![0_u64; grid.len()];
    // Where the text of each index starts: only what changes is written again.
    let mut starts = vec![0_usize; grid.len()];
    let mut key = String::new();
    let mut changed = 0;
    for position in 0.. {
        for (axis, (index, start)) in cell.iter().zip(&mut starts).enumerate().skip(changed) {
            if axis == changed {
                key.truncate(*start);
            }
            *start = key.len();
            if axis > 0 {
                key.push('.');
            }
            match u8::try_from(*index) {
                Ok(digit @ 0..10) => key.push(char::from(b'0' + digit)),
                // Writing to a String cannot fail.
                _ => drop(write!(key, "{index}")),
            }
        }
        visit(&key, position);
        changed = grid.len();
        for (index, length) in cell.iter_mut().zip(grid).rev() {
            changed -= 1;
            *index += 1;
            if *index < *length {
                break;
            }
            *index = 0;
            if changed == 0 {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn array(shape: Vec<u64>, chunks: Vec<u64>) -> Array {
        Array {
            meta: ArrayMeta::new(shape, chunks, "<f8", Value::Null),
            attributes: Arc::default(),
            chunks: Chunks::Messages(Vec::new()),
        }
    }

    fn keys(array: &Array) -> Vec<String> {
        let mut keys = Vec::new();
        for_each_cell(&array.chunk_grid(), |key, position| {
            assert_eq!(position, keys.len());
            keys.push(key.to_owned());
        });
        keys
    }

    #[test]
    fn chunk_keys_run_in_c_order() {
        let array = array(vec![2, 2, 5, 9], vec![1, 1, 5, 9]);
        assert_eq!(keys(&array), ["0.0.0.0", "0.1.0.0", "1.0.0.0", "1.1.0.0"]);
    }

    #[test]
    fn a_scalar_has_the_chunk_0_and_not_an_empty_key() {
        assert_eq!(keys(&array(vec![], vec![])), ["0"]);
    }

    #[test]
    fn an_axis_without_length_has_no_chunk() {
        assert_eq!(keys(&array(vec![0, 5], vec![1, 5])), Vec::<String>::new());
    }
}
