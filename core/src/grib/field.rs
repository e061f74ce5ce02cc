//! The values of one field: its header and the bytes of its message to rows of numbers.
//!
//! Rows and columns stand in the order in which the message lists them: the first row is the first one listed, and
//! every row runs as the first one does ([`order`] says what is done to grids that are listed otherwise).

mod check;
pub mod order;
mod prefix;
mod summary;

use std::ops::Range;

use super::grid::{Grid, GridError, Shape};
use super::header::{Bitmap, Header};
use super::malformed::Malformed;
use super::representation::{Packing, Representation};
use super::unpack::{self, Packed, Real, Scratch, UnpackError, unpack, unpack_range};
use crate::span::ByteSpan;
use order::Order;

pub use check::{CheckError, Checked, check};
pub use prefix::{Prefix, prefix_needed};
pub use summary::Summary;

/// A field whose bytes are at hand, all or the first of them.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// What the field says about itself.
    pub header: &'a Header,
    /// The bytes of its message from `GRIB` on, as far as they are at hand.
    pub octets: &'a [u8],
}

/// A field with its values.
#[derive(Clone, Debug, PartialEq)]
pub struct Field<R = f32> {
    /// One value for each point; NaN where it is missing.
    pub values: Vec<R>,
    /// How they are arranged.
    pub shape: Shape,
    /// Where they stand.
    pub grid: Grid,
}

/// Why a field cannot be decoded.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum FieldError {
    /// The grid does not fit together.
    #[error(transparent)]
    Grid(#[from] GridError),
    /// A section is malformed.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// These bytes of the object are needed too; where the packing does not tell, their end is a guess.
    #[error("bytes {} to {} of the object are needed", .0.offset, .0.end().unwrap_or(u64::MAX))]
    NeedMore(ByteSpan),
    /// The bitmap is not in the message but defined by its centre.
    #[error("section 6, octet 6: the bitmap is predefined (indicator {indicator})")]
    PredefinedBitmap {
        /// Code table 6.0.
        indicator: u8,
    },
    /// The values cannot be unpacked.
    #[error(transparent)]
    Unpack(#[from] UnpackError),
}

/// Decodes all values of a field into `values`.
///
/// `values` is resized, not reallocated where its capacity is enough; give it and `scratch` again for the next field.
///
/// ```
/// use gik_core::grib::field::{Message, decode_into};
/// use gik_core::grib::unpack::Scratch;
/// use gik_core::grib::{messages, scan::Piece};
/// # let object: &[u8] = &[];
/// let (mut values, mut scratch) = (Vec::<f32>::new(), Scratch::default());
/// for piece in messages(object) {
///     let Piece::Message { span, fields } = piece else { continue };
///     let octets = &object[usize::try_from(span.offset)?..];
///     for header in &fields {
///         decode_into(&Message { header, octets }, &mut values, &mut scratch)?;
///         println!("{} values, the first is {}", values.len(), values[0]);
///     }
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// See [`FieldError`]; `values` is empty then.
pub fn decode_into<R: Real>(
    message: &Message<'_>,
    values: &mut Vec<R>,
    scratch: &mut Scratch,
) -> Result<(), FieldError> {
    let opened = message.open().inspect_err(|_| values.clear())?;
    opened.all(values, scratch)
}

/// Decodes the rows `rows` of a field into `values`; they are cut at the last row.
///
/// Stops after the last row, and needs no bytes after it. Grids whose points run along columns are decoded as a whole.
///
/// # Errors
/// See [`FieldError`]; `values` is empty then.
pub fn decode_rows<R: Real>(
    message: &Message<'_>,
    rows: Range<usize>,
    values: &mut Vec<R>,
    scratch: &mut Scratch,
) -> Result<(), FieldError> {
    let opened = message.open().inspect_err(|_| values.clear())?;
    let Some(points) = opened.order.points(&rows) else {
        opened.all(values, scratch)?;
        let kept = opened.order.arranged(&rows);
        values.truncate(kept.end);
        values.drain(..kept.start.min(kept.end));
        return Ok(());
    };
    let packed = opened.packed();
    unpack_range(&packed, points, values, scratch).map_err(|error| opened.locate(error))?;
    opened.order.arrange_rows(rows.start, values);
    Ok(())
}

/// Decodes a field with its grid.
///
/// # Errors
/// See [`FieldError`].
pub fn decode<R: Real>(
    message: &Message<'_>,
    scratch: &mut Scratch,
) -> Result<Field<R>, FieldError> {
    let opened = message.open()?;
    let mut values = Vec::new();
    opened.all(&mut values, scratch)?;
    Ok(Field {
        values,
        shape: opened.order.into_shape(),
        grid: opened.grid,
    })
}

/// A message whose sections are typed.
struct Opened<'a> {
    message: Message<'a>,
    grid: Grid,
    order: Order,
    representation: Representation,
    bitmap: Option<unpack::Bitmap<'a>>,
    data: &'a [u8],
}

impl<'a> Message<'a> {
    fn open(&self) -> Result<Opened<'a>, FieldError> {
        let header = self.header;
        let grid = Grid::parse(&header.grid.octets)?;
        let bitmap = match header.bitmap {
            Bitmap::Absent => None,
            Bitmap::Predefined(indicator) => {
                return Err(FieldError::PredefinedBitmap { indicator });
            }
            Bitmap::Present { bits, .. } => {
                let octets = self.at_hand(bits);
                if u64::try_from(octets.len()) != Ok(bits.length) {
                    return Err(self.need(bits.end()));
                }
                Some(unpack::Bitmap::new(octets))
            }
        };
        let representation = Representation::parse(&header.representation.octets)?;
        let backwards = match &representation.packing {
            Packing::SecondOrder(packing) => packing.boustrophedonic,
            _ => false,
        };
        Ok(Opened {
            message: *self,
            order: Order::of(&grid)?.turned(backwards),
            grid,
            representation,
            bitmap,
            data: self.at_hand(body(header.data)),
        })
    }

    /// The bytes of a span of the object, as far as they are at hand.
    fn at_hand(&self, span: ByteSpan) -> &'a [u8] {
        let start = span.offset.checked_sub(self.header.message.offset);
        let start = start.and_then(|start| usize::try_from(start).ok());
        let length = usize::try_from(span.length).unwrap_or(usize::MAX);
        let octets = start.and_then(|start| self.octets.get(start..));
        let octets = octets.unwrap_or_default();
        octets.get(..length).unwrap_or(octets)
    }

    /// Everything up to `end` of the object is needed.
    fn need(&self, end: Option<u64>) -> FieldError {
        let have = u64::try_from(self.octets.len()).unwrap_or(u64::MAX);
        let from = self.header.message.offset.saturating_add(have);
        FieldError::NeedMore(ByteSpan::new(
            from,
            end.unwrap_or(u64::MAX).saturating_sub(from),
        ))
    }
}

impl Opened<'_> {
    fn all<R: Real>(&self, values: &mut Vec<R>, scratch: &mut Scratch) -> Result<(), FieldError> {
        unpack(&self.packed(), values, scratch).map_err(|error| self.locate(error))?;
        self.order.arrange(values);
        Ok(())
    }

    fn packed(&self) -> Packed<'_> {
        Packed {
            representation: &self.representation,
            points: usize::try_from(self.grid.points).unwrap_or(usize::MAX),
            bitmap: self.bitmap,
            data: self.data,
            length: self.length(),
        }
    }

    /// Octets of the data, whether they are at hand or not.
    fn length(&self) -> usize {
        usize::try_from(body(self.message.header.data).length).unwrap_or(usize::MAX)
    }

    /// What is too short because it is not at hand is a wish for more, what is too short as it is remains an error.
    fn locate(&self, error: UnpackError) -> FieldError {
        let UnpackError::Short { octets, .. } = error else {
            return error.into();
        };
        let data = self.message.header.data;
        if self.data.len() >= self.length() {
            return error.into();
        }
        let needed = u64::try_from(octets).unwrap_or(u64::MAX).min(data.length);
        self.message.need(data.offset.checked_add(needed))
    }
}

/// Section 7 without its length and number.
fn body(section: ByteSpan) -> ByteSpan {
    ByteSpan::new(
        section.offset.saturating_add(5),
        section.length.saturating_sub(5),
    )
}
