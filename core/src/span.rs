//! Byte ranges of remote objects.

use serde::{Deserialize, Serialize};

/// A byte range of an object: `length` bytes from `offset`.
///
/// Objects may be larger than 4 GiB (an ECMWF ensemble step has 6 GB), so both numbers are 64 bits wide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ByteSpan {
    /// First byte of the range, counted from the start of the object.
    pub offset: u64,
    /// Number of bytes.
    pub length: u64,
}

impl ByteSpan {
    /// A range of `length` bytes from `offset`.
    pub const fn new(offset: u64, length: u64) -> Self {
        Self { offset, length }
    }

    /// One past the last byte, or `None` where that does not fit 64 bits.
    pub const fn end(self) -> Option<u64> {
        self.offset.checked_add(self.length)
    }

    /// Whether the two ranges share a byte.
    pub fn overlaps(self, other: Self) -> bool {
        let starts_before_end = |a: Self, b: Self| b.end().is_none_or(|end| a.offset < end);
        self.length > 0
            && other.length > 0
            && starts_before_end(self, other)
            && starts_before_end(other, self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn touching_spans_do_not_overlap() {
        let first = ByteSpan::new(0, 10);
        assert!(!first.overlaps(ByteSpan::new(10, 5)));
        assert!(first.overlaps(ByteSpan::new(9, 5)));
        assert!(!first.overlaps(ByteSpan::new(3, 0)));
    }

    #[test]
    fn the_end_of_a_span_past_64_bits_is_none() {
        assert_eq!(ByteSpan::new(u64::MAX, 1).end(), None);
        assert_eq!(ByteSpan::new(5, 7).end(), Some(12));
    }
}
