//! From the packed bits of a message to values: dispatch on the data representation, the bitmap applied once.
//!
//! Input is untrusted: nothing here panics, and memory stays proportional to the number of points that the grid
//! section justifies, which [`Scratch::with_limit`] bounds. [`supported`](super::supported) lists the packings.

mod bitmap;
mod bits;
mod ccsds;
mod complex;
mod ieee;
#[cfg(feature = "jpeg2000")]
mod jpeg2000;
#[cfg(feature = "png")]
mod png;
mod run_length;
mod scale;
mod second_order;
mod simple;

use std::ops::Range;

use super::grid::GridError;
use super::malformed::Malformed;
use super::representation::{Packing, Representation};
use super::table::Tables;
use complex::Complex;
use scale::{Scale, power};

pub use bitmap::Bitmap;
pub use scale::Real;

/// Points that a field may have unless [`Scratch::with_limit`] says otherwise: 512 MiB of `f32`.
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
    /// Octets of all of it.
    pub length: usize,
}

/// Buffers that are kept from one field to the next.
#[derive(Debug)]
pub struct Scratch {
    limit: usize,
    groups: complex::Groups,
    integers: Vec<u32>,
    #[cfg(feature = "png")]
    octets: Vec<u8>,
}

impl Scratch {
    /// Buffers for fields of at most `limit` points.
    pub fn with_limit(limit: usize) -> Self {
        Self {
            limit,
            groups: complex::Groups::default(),
            integers: Vec::new(),
            #[cfg(feature = "png")]
            octets: Vec::new(),
        }
    }

    /// Octets of memory that are kept: in proportion to the points of the largest field so far, and at most 1 MiB more.
    pub fn octets(&self) -> usize {
        let integers = self
            .groups
            .capacity()
            .saturating_add(self.integers.capacity());
        let octets = integers.saturating_mul(size_of::<u32>());
        #[cfg(feature = "png")]
        let octets = octets.saturating_add(self.octets.capacity());
        octets
    }
}

impl Default for Scratch {
    fn default() -> Self {
        Self::with_limit(LIMIT)
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
    /// This crate was built without the packing.
    #[error("section 5, octet 10: template 5.{template} needs the feature `{feature}`")]
    Feature {
        /// Template number.
        template: u16,
        /// The crate's feature.
        feature: &'static str,
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
    /// The JPEG 2000 code stream cannot be decoded.
    #[cfg(feature = "jpeg2000")]
    #[error("section 7, octet 6: the JPEG 2000 code stream cannot be decoded")]
    Jpeg2000(#[from] hayro_jpeg2000::DecodeError),
    /// A section is malformed.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// There is no memory for the values.
    #[error("no memory for {points} points")]
    Memory {
        /// Points of the field.
        points: usize,
    },
    /// Section 7 ends before the last value.
    #[error("section 7 ends after octet {given}, {octets} are needed at least")]
    Short {
        /// Octets of section 7 that are needed; a guess where the packing does not tell, and more than `given` always.
        octets: usize,
        /// Octets that there are.
        given: usize,
    },
    /// The PNG image cannot be decoded.
    #[cfg(feature = "png")]
    #[error("section 7, octet 6: the PNG image cannot be decoded: {what}")]
    Png {
        /// What the decoder says.
        what: String,
    },
    /// The field has more points than the caller allows.
    #[error("section 3, octet 7: {points} points are over the limit of {limit}")]
    TooManyPoints {
        /// Points of the grid.
        points: usize,
        /// The limit of the [`Scratch`].
        limit: usize,
    },
    /// The data representation is not supported.
    #[error(
        "section 5, octet 10: data representation template 5.{template} is not supported{}",
        name_of(*template)
    )]
    Unsupported {
        /// Template number.
        template: u16,
    },
}

/// ` (Spectral data - simple packing)`, where code table 5.0 has a name.
fn name_of(template: u16) -> String {
    let code = Tables::MASTER.code("5.0", u64::from(template));
    code.map_or_else(String::new, |code| format!(" ({})", code.meaning))
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
    if let Packing::Other | Packing::Logarithmic(_) = packed.representation.packing {
        return Err(packed.unsupported());
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
        let wanted = out.len();
        let complex = |grouping, differencing| Complex {
            data: self.data,
            no_data: self.length == 0,
            grouping,
            differencing,
            scale: Scale::new(&grouping.scaling),
            count: self.count(),
            first,
            end: first.saturating_add(wanted),
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
            Packing::SecondOrder(packing) => self.whole(first, out, |out| {
                second_order::unpack(self.data, packing, out, &mut scratch.integers)
            }),
            Packing::RunLength(packing) => self.whole(first, out, |out| {
                run_length::unpack(self.data, packing, out)
            }),
            _ if is_constant(self.representation) => {
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
            #[cfg(feature = "jpeg2000")]
            Packing::Jpeg2000(scaling) => self.whole(first, out, |out| {
                jpeg2000::unpack(self.data, &Scale::new(scaling), out)
            }),
            #[cfg(feature = "png")]
            Packing::Png(scaling) => self.whole(first, out, |out| {
                let Scratch {
                    octets, integers, ..
                } = scratch;
                png::unpack(self.data, &Scale::new(scaling), out, octets, integers)
            }),
            #[cfg(not(feature = "jpeg2000"))]
            Packing::Jpeg2000(_) => Err(self.without("jpeg2000")),
            #[cfg(not(feature = "png"))]
            Packing::Png(_) => Err(self.without("png")),
            Packing::Logarithmic(_) | Packing::Other => Err(self.unsupported()),
        }
    }

    fn unsupported(&self) -> Fault {
        Fault::Error(UnpackError::Unsupported {
            template: self.representation.template,
        })
    }

    #[cfg(not(all(feature = "jpeg2000", feature = "png")))]
    fn without(&self, feature: &'static str) -> Fault {
        Fault::Error(UnpackError::Feature {
            template: self.representation.template,
            feature,
        })
    }

    /// For packings that are unpacked as a whole or not at all.
    fn whole<R: Real>(
        &self,
        first: usize,
        out: &mut [R],
        unpack: impl FnOnce(&mut [R]) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        if self.data.len() < self.length {
            return Err(Fault::Short {
                octets: self.length,
            });
        }
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

/// The least and the greatest value that a packing of one integer a value can hold, both rounded as values are.
///
/// `None` for other packings.
pub(super) fn value_range(representation: &Representation) -> Option<(f64, f64)> {
    let scaling = match &representation.packing {
        Packing::Simple(scaling) | Packing::Jpeg2000(scaling) | Packing::Png(scaling) => scaling,
        Packing::Ccsds(packing) => &packing.scaling,
        _ => return None,
    };
    if is_constant(representation) {
        let reference = f64::from(scaling.reference);
        return Some((reference, reference));
    }
    let greatest = power(2.0, i16::from(scaling.bits)) - 1.0;
    let scale = Scale::new(scaling);
    Some((scale.value(0.0), scale.value(greatest)))
}

/// Whether all values are the reference: they have no bits.
///
/// The reference is not divided by 10^decimal then, for ecCodes and g2c, which write most such fields, do not
/// either; templates 5.2 and 5.3 are no such case, for they are scaled by both.
fn is_constant(representation: &Representation) -> bool {
    let scaling = match &representation.packing {
        Packing::Simple(scaling) | Packing::Jpeg2000(scaling) | Packing::Png(scaling) => scaling,
        Packing::Ccsds(packing) => &packing.scaling,
        _ => return false,
    };
    scaling.bits == 0
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

#[cfg(feature = "png")]
impl UnpackError {
    #[expect(clippy::needless_pass_by_value, reason = "made for `map_err`")]
    fn png(error: ::png::DecodingError) -> Self {
        Self::Png {
            what: error.to_string(),
        }
    }
}

impl Fault {
    /// Something wrong near a bit of the data.
    fn data(bit: usize, what: &'static str) -> Self {
        Self::Data { bit, what }
    }

    /// Something wrong in an octet of section 5.
    const fn header(octet: usize, what: &'static str) -> Self {
        Self::Error(UnpackError::Header { octet, what })
    }

    /// What was too short is likely to need as much for the values from `done` to `end` as it gave for those before.
    fn more(self, given: usize, done: usize, end: usize) -> Self {
        let Self::Short { .. } = self else {
            return self;
        };
        let left = end.saturating_sub(done);
        let share = given.saturating_mul(left) / done.max(1);
        // Without a value yet, the share above is far too much.
        let share = share.min(given.max(left.saturating_mul(2)));
        Self::Short {
            octets: given
                .saturating_add(share / 8)
                .saturating_add(share)
                .saturating_add(64),
        }
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
            Self::Short { octets } => UnpackError::Short {
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
