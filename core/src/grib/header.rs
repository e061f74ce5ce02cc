//! The header of one field: sections 0 to 6, and where its data lie.

use bytes::Bytes;

use super::identification::Identification;
use super::product::Product;
use crate::span::ByteSpan;

/// What one field of a message says about itself, without its data.
///
/// A message has one field, or several that share their first sections.
#[derive(Clone, Debug, PartialEq)]
pub struct Header {
    /// The message in its object.
    pub message: ByteSpan,
    /// Which field of the message, from 1.
    pub field: u16,
    /// Section 0: discipline, code table 0.0.
    pub discipline: u8,
    /// Section 1.
    pub identification: Identification,
    /// Section 2, where there is one.
    pub local: Option<Local>,
    /// Section 3.
    pub grid: GridSection,
    /// Section 4.
    pub product: Product,
    /// Section 5.
    pub representation: RepresentationSection,
    /// Section 6.
    pub bitmap: Bitmap,
    /// Section 7 in the object, its length and number (five octets) included.
    pub data: ByteSpan,
}

/// Section 2, whose content the centre defines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Local {
    /// The section as it is in the message, its length and number included.
    pub octets: Bytes,
}

/// Section 3, not yet typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GridSection {
    /// Number of the grid definition template, code table 3.1.
    pub template: u16,
    /// Number of data points.
    pub points: u32,
    /// The section as it is in the message, its length and number included.
    pub octets: Bytes,
}

/// Section 5, not yet typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepresentationSection {
    /// Number of the data representation template, code table 5.0.
    pub template: u16,
    /// Number of values in section 7: the points of the grid that the bitmap does not leave out.
    pub values: u32,
    /// The section as it is in the message, its length and number included.
    pub octets: Bytes,
}

/// Section 6: which points of the grid have a value, code table 6.0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Bitmap {
    /// All of them (255).
    Absent,
    /// Those whose bit is set in this bitmap (0; or 254, the bitmap of an earlier field of the message).
    Present {
        /// The bits in the object, without the six octets before them.
        bits: ByteSpan,
        /// Whether the bitmap is an earlier field's.
        reused: bool,
    },
    /// Those of a bitmap that the centre defined once (1 to 253).
    Predefined(u8),
}
