//! Template 7.4: IEEE 754 numbers as they are.

use super::Fault;
use super::scale::Real;
use crate::grib::representation::Precision;

/// Unpacks values `first..first + out.len()`.
pub(super) fn unpack<R: Real>(
    data: &[u8],
    precision: Precision,
    first: usize,
    out: &mut [R],
) -> Result<(), Fault> {
    let width = match precision {
        Precision::Single => 4,
        Precision::Double => 8,
        Precision::Quadruple => {
            return Err(Fault::header(12, "numbers of 128 bits are not supported"));
        }
    };
    let end = first.saturating_add(out.len()).saturating_mul(width);
    let octets = data
        .get(first.saturating_mul(width)..end)
        .ok_or(Fault::Short { octets: end })?;
    if width == 4 {
        for (out, octets) in out.iter_mut().zip(octets.as_chunks::<4>().0) {
            *out = R::nearest(f64::from(f32::from_be_bytes(*octets)));
        }
    } else {
        for (out, octets) in out.iter_mut().zip(octets.as_chunks::<8>().0) {
            *out = R::nearest(f64::from_be_bytes(*octets));
        }
    }
    Ok(())
}
