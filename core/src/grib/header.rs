//! The header of one field: sections 0 to 6, and where its data lie.

mod read;

use bytes::Bytes;

use super::GribError;
use super::identification::Identification;
use super::layout::{Context, Entry, Value, walk};
use super::product::Product;
use super::table::Tables;
use crate::span::ByteSpan;

pub use read::MessageReader;

/// What one field of a message says about itself, without its data.
///
/// A message has one field, or several that share their first sections.
#[derive(Clone, Debug, PartialEq)]
pub struct Header {
    /// The message in its object.
    pub message: ByteSpan,
    /// Which field of the message, from 1.
    pub field: usize,
    /// Section 0: discipline, code table 0.0.
    pub discipline: u8,
    /// Section 1.
    pub identification: Identification,
    /// Section 2, where there is one: its length, its number, and what the centre defines.
    pub local: Option<Bytes>,
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
    /// Section 0 as it is in the message.
    indicator: Bytes,
    /// Section 6 in the object, and its first six octets.
    bitmap_section: (ByteSpan, Bytes),
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
    /// Those of a bitmap that the centre defined once (1 to 253).
    Predefined(u8),
    /// Those whose bit is set in this bitmap (0; or 254, the bitmap of an earlier field of the message).
    Present {
        /// The bits in the object, without the six octets before them.
        bits: ByteSpan,
        /// Whether the bitmap is an earlier field's.
        reused: bool,
    },
}

/// What came of reading a message's header.
#[derive(Clone, Debug, PartialEq)]
pub enum Parsed {
    /// The headers of all its fields, one at least.
    Fields(Vec<Header>),
    /// These bytes of the object are needed first.
    NeedMore(ByteSpan),
}

impl Header {
    /// Reads the headers of the message that starts at `offset` of its object, from the first bytes of it.
    ///
    /// The prefix may end anywhere; what is then missing is named by [`Parsed::NeedMore`]. Data are never needed, but a message
    /// of several fields has headers behind them: a [`MessageReader`] goes on there without the bytes between.
    ///
    /// ```
    /// use gik_core::grib::header::{Header, Parsed};
    /// use gik_core::span::ByteSpan;
    ///
    /// let parsed = Header::parse_prefix(b"GRIB", 7_000)?;
    /// assert_eq!(parsed, Parsed::NeedMore(ByteSpan::new(7_004, 17)));
    /// # Ok::<(), gik_core::grib::GribError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The bytes are no GRIB2 message, or its sections are not framed as the WMO Manual on Codes says.
    pub fn parse_prefix(prefix: &[u8], offset: u64) -> Result<Parsed, GribError> {
        MessageReader::new(offset, u64::MAX).read(offset, prefix)
    }

    /// The values of an integer ecCodes key that has octets in sections 1 to 5, in their order: several where it is in a
    /// repeated group, none where the message does not have it; `None` among them is missing.
    ///
    /// Of a key that more than one section has, the first section counts. For many keys, [`Header::section_keys`] is faster.
    pub fn key(&self, key: &str) -> Vec<Option<i64>> {
        let mut values = Vec::new();
        for section in 1..=5 {
            self.section_keys(section, &mut |known, value| {
                if known == key {
                    values.push(value);
                }
            });
            if !values.is_empty() {
                break;
            }
        }
        values
    }

    /// Hands each integer key of a section from 0 to 6 to `visit`, in octet order, with its value; `None` is missing.
    pub fn section_keys(&self, section: u8, visit: &mut dyn FnMut(&'static str, Option<i64>)) {
        self.walk(section, &mut |entry| match entry.value {
            Value::Missing => visit(entry.key, None),
            value => {
                if let Some(integer) = value.integer() {
                    visit(entry.key, Some(integer));
                }
            }
        });
    }

    /// The vertical coordinate values after the template of section 4: for hybrid levels all `a`, then all `b`.
    pub fn coordinates(&self) -> Vec<f32> {
        let mut values = Vec::new();
        self.walk(4, &mut |entry| {
            if let ("pv", Value::Float(value)) = (entry.key, entry.value) {
                values.push(value);
            }
        });
        values
    }

    /// The octets of a section from 0 to 5, its length and number included; of section 6 its first six.
    pub fn section(&self, number: u8) -> Option<&Bytes> {
        match number {
            0 => Some(&self.indicator),
            1 => Some(&self.identification.octets),
            2 => self.local.as_ref(),
            3 => Some(&self.grid.octets),
            4 => Some(&self.product.octets),
            5 => Some(&self.representation.octets),
            6 => Some(&self.bitmap_section.1),
            _ => None,
        }
    }

    /// Section 6 in the object.
    pub fn bitmap_section(&self) -> ByteSpan {
        self.bitmap_section.0
    }

    /// The code tables that hold for the message.
    pub fn tables(&self) -> Tables {
        let Identification {
            centre,
            local_tables_version,
            ..
        } = self.identification;
        Tables::local(centre, local_tables_version)
    }

    /// What a layout may ask about the message.
    fn context(&self) -> Context {
        let mut context = Context::default();
        context.set(
            "centreForLocal",
            i64::from(self.identification.local_centre()),
        );
        context.set("discipline", i64::from(self.discipline));
        context
    }

    /// Walks a section as far as its layout explains it.
    pub(super) fn walk<'a>(&'a self, number: u8, visit: &mut dyn FnMut(Entry<'a>)) {
        if let Some(octets) = self.section(number) {
            // A section that ends inside of its layout has no more values; section 4 was refused then.
            let _ = walk(number, octets, &mut self.context(), visit);
        }
    }
}
