//! From the packed bits of a message to values: dispatch on the data representation, the bitmap applied once.
//!
//! Input is untrusted: nothing here panics, and memory stays proportional to the number of points that the grid
//! section justifies, which [`Scratch::limit`] bounds.

mod bitmap;
mod bits;
mod ccsds;
mod complex;
mod ieee;
mod run_length;
mod scale;
mod simple;

use std::ops::Range;

use super::grid::GridError;
use super::malformed::Malformed;
use super::representation::{Packing, Representation};
use complex::Complex;
use scale::Scale;

pub use bitmap::Bitmap;
pub use scale::Real;

/// Points that are decoded at most unless [`Scratch::limit`] is set: 512 MiB of `f32`.
const LIMIT: usize = 1 << 27;

/// Octets before a section's own: its length and number.
const HEAD: usize = 5;

/// The packed values of one field, as sections 5, 6 and 7 give them.
#[derive(Clone, Copy, Debug)]
pub struct Packed<'a> {
    /// Section 5.
    pub representation: &'a Representation,
    /// Number of points of the grid (section 3, octets 7-10).
    pub points: usize,
    /// Section 6; `None` when every point has a value.
    pub bitmap: Option<Bitmap<'a>>,
    /// Section 7 from its sixth octet on, or as much of it as is at hand.
    pub data: &'a [u8],
}

/// Buffers that are kept from one field to the next.
#[derive(Debug)]
pub struct Scratch {
    /// The most points that a field may have.
    pub limit: usize,
    groups: complex::Groups,
    integers: Vec<u32>,
}

impl Default for Scratch {
    fn default() -> Self {
        Self {
            limit: LIMIT,
            groups: complex::Groups::default(),
            integers: Vec::new(),
        }
    }
}

/// Why a field cannot be unpacked. Octets are counted from 1 within their section.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum UnpackError {
    /// The bitmap has fewer bits than the grid has points.
    #[error("section 6: the bitmap tells of {given} points, the grid has {points}")]
    BitmapShort {
        /// Points of the grid.
        points: usize,
        /// Bits of the bitmap.
        given: usize,
    },
    /// The numbers of values and points do not fit together.
    #[error(
        "section 5, octet 6: there are {found} packed values for {expected} points with a value"
    )]
    Count {
        /// Points with a value: those that the bitmap tells, or all of the grid.
        expected: usize,
        /// Packed values in octets 6-9 of section 5.
        found: usize,
    },
    /// Section 7 contradicts itself or section 5.
    #[error("section 7, octet {octet}: {what}")]
    Data {
        /// Octet of section 7 near which it happened.
        octet: usize,
        /// What is wrong.
        what: &'static str,
    },
    /// The grid does not fit together.
    #[error(transparent)]
    Grid(#[from] GridError),
    /// Section 5 asks for something that its template does not allow or this crate does not support.
    #[error("section 5, octet {octet}: {what}")]
    Header {
        /// Octet of section 5.
        octet: usize,
        /// What is wrong.
        what: &'static str,
    },
    /// A section is malformed.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// There is no memory for the values.
    #[error("no memory for {points} points")]
    Memory {
        /// Points of the field.
        points: usize,
    },
    /// Section 7 is not at hand as far as it is needed, or the message is cut short.
    #[error("section 7 is needed up to octet {octets} at least, {given} are at hand")]
    NeedMore {
        /// Octets of section 7 that are needed; a guess where the packing does not tell, and more than `given` always.
        octets: usize,
        /// Octets at hand.
        given: usize,
    },
    /// The bitmap is that of a field before, and there is none.
    #[error("section 6, octet 6: there is no previous bitmap to use again")]
    NoPreviousBitmap,
    /// The bitmap is not in the message but defined by its centre.
    #[error("section 6, octet 6: the bitmap is predefined (indicator {indicator})")]
    PredefinedBitmap {
        /// Code table 6.0.
        indicator: u8,
    },
    /// The field has more points than the caller allows.
    #[error("section 3, octet 7: {points} points are over the limit of {limit}")]
    TooManyPoints {
        /// Points of the grid.
        points: usize,
        /// [`Scratch::limit`].
        limit: usize,
    },
    /// The data representation is not supported.
    #[error("section 5, octet 10: data representation template 5.{template} is not supported")]
    Unsupported {
        /// Template number.
        template: u16,
    },
}

/// Unpacks all points of a field into `values`, in the message's order; missing ones are NaN.
///
/// `values` is resized, not reallocated where its capacity is enough; give it and `scratch` again for the next field.
///
/// # Errors
/// See [`UnpackError`]; `values` is empty then.
pub fn unpack<R: Real>(
    packed: &Packed<'_>,
    values: &mut Vec<R>,
    scratch: &mut Scratch,
) -> Result<(), UnpackError> {
    unpack_range(packed, 0..packed.points, values, scratch)
}

/// [`unpack`] for a range of points only: stops after the last one, and needs section 7 no further than that.
///
/// # Errors
/// As [`unpack`]; a range past the last point is cut.
pub fn unpack_range<R: Real>(
    packed: &Packed<'_>,
    points: Range<usize>,
    values: &mut Vec<R>,
    scratch: &mut Scratch,
) -> Result<(), UnpackError> {
    let result = fill(packed, points, values, scratch);
    if result.is_err() {
        values.clear();
    }
    result.map_err(|fault| fault.locate(packed))
}

fn fill<R: Real>(
    packed: &Packed<'_>,
    points: Range<usize>,
    values: &mut Vec<R>,
    scratch: &mut Scratch,
) -> Result<(), Fault> {
    if packed.points > scratch.limit {
        return Err(UnpackError::TooManyPoints {
            points: packed.points,
            limit: scratch.limit,
        }
        .into());
    }
    let range = packed.range(points.start.min(packed.points)..points.end.min(packed.points))?;
    sized_with(values, range.points.len(), R::MISSING)?;
    let present = values.get_mut(..range.values.len()).unwrap_or_default();
    if !present.is_empty() {
        packed.values(range.values.start, present, scratch)?;
    }
    if let Some(bitmap) = &packed.bitmap {
        bitmap.spread(range.points.start, range.values.len(), values);
    }
    Ok(())
}

/// A range of points, and the packed values that they have.
struct Ranges {
    points: Range<usize>,
    values: Range<usize>,
}

impl Packed<'_> {
    fn range(&self, points: Range<usize>) -> Result<Ranges, UnpackError> {
        let count = self.count();
        let expected = match &self.bitmap {
            None => self.points,
            Some(bitmap) if bitmap.points() < self.points => {
                return Err(UnpackError::BitmapShort {
                    points: self.points,
                    given: bitmap.points(),
                });
            }
            Some(bitmap) => bitmap.count(self.points),
        };
        if count != expected {
            return Err(UnpackError::Count {
                expected,
                found: count,
            });
        }
        let values = match &self.bitmap {
            None => points.clone(),
            Some(bitmap) => bitmap.count(points.start)..bitmap.count(points.end),
        };
        Ok(Ranges { points, values })
    }

    /// Number of packed values.
    fn count(&self) -> usize {
        usize::try_from(self.representation.values).unwrap_or(usize::MAX)
    }

    /// Unpacks the values from number `first` on.
    fn values<R: Real>(
        &self,
        first: usize,
        out: &mut [R],
        scratch: &mut Scratch,
    ) -> Result<(), Fault> {
        let scaling = self.representation.scaling();
        let complex = |grouping, differencing| Complex {
            data: self.data,
            grouping,
            differencing,
            count: self.count(),
            first,
        };
        match &self.representation.packing {
            Packing::Complex(grouping) => {
                complex::unpack(&complex(grouping, None), out, &mut scratch.groups)
            }
            Packing::Differenced(differencing) => {
                let complex = complex(&differencing.grouping, Some(differencing));
                complex::unpack(&complex, out, &mut scratch.groups)
            }
            Packing::Ieee(precision) => ieee::unpack(self.data, *precision, first, out),
            Packing::RunLength(packing) => self.whole(first, out, |out| {
                run_length::unpack(self.data, packing, out)
            }),
            Packing::Ccsds(_) | Packing::Simple(_)
                if scaling.is_some_and(|scaling| scaling.bits == 0) =>
            {
                // Not divided by 10^decimal: ecCodes and g2c, which write most such fields, do not either.
                let reference = scaling.map_or(0.0, |scaling| scaling.reference);
                out.fill(R::nearest(f64::from(reference)));
                Ok(())
            }
            Packing::Simple(scaling) => {
                let width = usize::from(scaling.bits);
                simple::unpack(self.data, first, width, &Scale::new(scaling), out)
            }
            Packing::Ccsds(packing) => {
                ccsds::unpack(self.data, packing, first, out, &mut scratch.integers)
            }
            _ => Err(UnpackError::Unsupported {
                template: self.representation.template,
            }
            .into()),
        }
    }

    /// For packings that are unpacked as a whole or not at all.
    fn whole<R: Real>(
        &self,
        first: usize,
        out: &mut [R],
        unpack: impl FnOnce(&mut [R]) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        if first == 0 && out.len() == self.count() {
            return unpack(out);
        }
        let mut values = Vec::new();
        sized_with(&mut values, self.count(), R::MISSING)?;
        unpack(&mut values)?;
        for (out, value) in out.iter_mut().zip(values.into_iter().skip(first)) {
            *out = value;
        }
        Ok(())
    }
}

/// What went wrong in one packing, before it is given its place in the message.
#[derive(Clone, Debug, PartialEq)]
enum Fault {
    Data {
        bit: usize,
        what: &'static str,
    },
    Error(UnpackError),
    Memory,
    /// So many octets of data are needed at least.
    Short {
        octets: usize,
    },
}

impl From<UnpackError> for Fault {
    fn from(error: UnpackError) -> Self {
        Self::Error(error)
    }
}

impl Fault {
    /// Something wrong near a bit of the data.
    fn data(bit: usize, what: &'static str) -> Self {
        Self::Data { bit, what }
    }

    /// Something wrong in an octet of section 5.
    fn header(octet: usize, what: &'static str) -> Self {
        Self::Error(UnpackError::Header { octet, what })
    }

    fn locate(self, packed: &Packed<'_>) -> UnpackError {
        let given = packed.data.len().saturating_add(HEAD);
        match self {
            Self::Data { bit, what } => UnpackError::Data {
                octet: bit / 8 + HEAD + 1,
                what,
            },
            Self::Error(error) => error,
            Self::Memory => UnpackError::Memory {
                points: packed.points,
            },
            Self::Short { octets } => UnpackError::NeedMore {
                octets: octets.saturating_add(HEAD).max(given.saturating_add(1)),
                given,
            },
        }
    }
}

/// Gives `vector` a length; new elements are `fill`, those that it has stay.
fn sized_with<T: Copy>(vector: &mut Vec<T>, length: usize, fill: T) -> Result<(), Fault> {
    let more = length.saturating_sub(vector.len());
    vector.try_reserve_exact(more).map_err(|_| Fault::Memory)?;
    vector.resize(length, fill);
    Ok(())
}

/// [`sized_with`] zeros.
fn sized(vector: &mut Vec<u32>, length: usize) -> Result<(), Fault> {
    sized_with(vector, length, 0)
}
