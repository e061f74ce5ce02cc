//! Whether a field's values are what its header says of them.
//!
//! Decoding proves little by itself: a message whose sections contradict each other may decode too. Checked here, for
//! every packing:
//!
//! - there are as many values as section 3 says that the grid has points;
//! - as many are missing as the bitmap leaves out (its bits are counted apart from the decoder), or more where the
//!   packing marks missing values itself (5.2 and 5.3 with missing-value management, levels of 5.200);
//! - no value is infinite.
//!
//! And the range that the packing allows, R to (R + (2^bits - 1) x 2^E) / 10^D, for packings of one integer a value:
//! 5.0, 5.40, 5.41, 5.42. A field of no bits must be constant. Values of 5.2, 5.3, 5.50001 and 5.50002 are sums of
//! several integers, those of 5.4 are numbers as they are, and those of 5.200 are listed: they have no such range.

use super::{FieldError, Message, Summary, decode_into};
use crate::grib::header::Bitmap;
use crate::grib::representation::{Missing, Packing, Representation};
use crate::grib::unpack::{Scratch, value_range};

/// A field that is what its header says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Checked {
    /// Its values in numbers.
    pub summary: Summary,
    /// The least and the greatest value that the packing could hold; `None` where it does not bound them.
    pub range: Option<(f64, f64)>,
}

/// How a field contradicts its header.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CheckError {
    /// The values cannot be decoded.
    #[error(transparent)]
    Field(#[from] FieldError),
    /// A value is no number.
    #[error("the values go from {minimum} to {maximum}")]
    Infinite {
        /// Least value.
        minimum: f64,
        /// Greatest value.
        maximum: f64,
    },
    /// Other points are missing than section 6 leaves out.
    #[error("{found} values are missing, section 6 leaves out {expected}")]
    Missing {
        /// Points that section 6 leaves out.
        expected: usize,
        /// Values that are missing.
        found: usize,
    },
    /// There are more or fewer values than points.
    #[error("{found} values for the {expected} points of section 3, octets 7-10")]
    Points {
        /// Points of the grid.
        expected: u32,
        /// Values.
        found: usize,
    },
    /// A value is outside of what section 5 can express.
    #[error(
        "the values go from {} to {}, section 5 allows {} to {}",
        found.0, found.1, allowed.0, allowed.1
    )]
    Range {
        /// Least and greatest value that the packing can hold.
        allowed: (f64, f64),
        /// Least and greatest value.
        found: (f64, f64),
    },
}

/// Decodes a field into `values` and holds them against its header.
///
/// The message must be at hand up to the end of its data. `values` and `scratch` are kept from one field to the next.
///
/// # Errors
/// See [`CheckError`].
pub fn check(
    message: &Message<'_>,
    values: &mut Vec<f64>,
    scratch: &mut Scratch,
) -> Result<Checked, CheckError> {
    decode_into(message, values, scratch)?;
    let representation =
        Representation::parse(&message.header.representation.octets).map_err(FieldError::from)?;
    hold(message, &representation, values)
}

/// Holds values against the header of their message.
fn hold(
    message: &Message<'_>,
    representation: &Representation,
    values: &[f64],
) -> Result<Checked, CheckError> {
    let expected = message.header.grid.points;
    if u32::try_from(values.len()) != Ok(expected) {
        return Err(CheckError::Points {
            expected,
            found: values.len(),
        });
    }
    let summary = Summary::of(values);
    let left_out = left_out(message, values.len());
    let enough = match marks_missing(representation) {
        true => summary.missing >= left_out,
        false => summary.missing == left_out,
    };
    if !enough {
        return Err(CheckError::Missing {
            expected: left_out,
            found: summary.missing,
        });
    }
    let range = value_range(representation);
    if let Some(values) = summary.values {
        let found @ (minimum, maximum) = (values.minimum, values.maximum);
        if minimum.is_infinite() || maximum.is_infinite() {
            return Err(CheckError::Infinite { minimum, maximum });
        }
        if let Some(allowed) = range
            && (minimum < allowed.0 || maximum > allowed.1)
        {
            return Err(CheckError::Range { allowed, found });
        }
    }
    Ok(Checked { summary, range })
}

/// How many of the points have no bit in the bitmap: bit by bit, unlike the decoder.
fn left_out(message: &Message<'_>, points: usize) -> usize {
    let Bitmap::Present { bits, .. } = message.header.bitmap else {
        return 0;
    };
    let octets = message.at_hand(bits);
    let bits = octets
        .iter()
        .flat_map(|octet| (0..8).rev().map(move |bit| octet >> bit & 1));
    bits.take(points).filter(|bit| *bit == 0).count()
}

/// Whether missing values stand among the packed ones.
fn marks_missing(representation: &Representation) -> bool {
    match &representation.packing {
        Packing::Complex(grouping) => grouping.missing != Missing::None,
        Packing::Differenced(packing) => packing.grouping.missing != Missing::None,
        Packing::RunLength(_) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grib::scan::Piece;
    use crate::grib::{messages, sample};

    #[test]
    fn a_field_is_held_against_its_header() {
        let octets = sample::message(&[6]);
        let Some(Piece::Message { fields, .. }) = messages(&octets).next() else {
            panic!("no message");
        };
        let header = &fields[0];
        let message = Message {
            header,
            octets: &octets,
        };
        let (mut values, mut scratch) = (Vec::new(), Scratch::default());
        let checked = check(&message, &mut values, &mut scratch).unwrap();
        assert_eq!(checked.summary, Summary::of(&values));
        // The reference is 274, values have 8 bits: 0x5a of each is used.
        assert_eq!(values, [364.0; 6]);
        let (least, greatest) = checked.range.unwrap();
        assert_eq!((least, greatest), (274.0, 529.0));

        let held = |values: &[f64]| {
            let representation = Representation::parse(&header.representation.octets).unwrap();
            hold(&message, &representation, values)
        };
        assert_eq!(held(&values), Ok(checked));
        let found = values.len() - 1;
        let expected = header.grid.points;
        assert_eq!(
            held(&values[..found]),
            Err(CheckError::Points { expected, found })
        );
        let mut wrong = |value| {
            let kept = std::mem::replace(&mut values[0], value);
            let error = held(&values).unwrap_err();
            values[0] = kept;
            error
        };
        let missing = CheckError::Missing {
            expected: 0,
            found: 1,
        };
        assert_eq!(wrong(f64::NAN), missing);
        assert!(matches!(wrong(f64::INFINITY), CheckError::Infinite { .. }));
        for value in [least.next_down(), greatest.next_up()] {
            let error = wrong(value);
            assert!(matches!(error, CheckError::Range { .. }), "{error}");
        }
    }
}
