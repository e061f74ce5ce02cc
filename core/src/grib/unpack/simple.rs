//! Template 7.0: one integer of a fixed width for each value.

use super::bits::Fields;
use super::scale::{Real, Scale};
use super::{Fault, bits};

/// Integers that are scaled at a time; they stay in the first-level cache.
const CHUNK: usize = 1024;

/// Unpacks `out.len()` values of `width` bits, the first of them value number `first` of the data.
///
/// # Errors
/// The data end before the last value.
pub(super) fn unpack<R: Real>(
    data: &[u8],
    first: usize,
    width: usize,
    scale: &Scale,
    out: &mut [R],
) -> Result<(), Fault> {
    if width > 32 {
        return Err(Fault::header(
            20,
            "values of more than 32 bits are not supported",
        ));
    }
    let octets = octets(first.saturating_add(out.len()), width);
    if data.len() < octets {
        return Err(Fault::Short { octets });
    }
    match width {
        8 => {
            let octets = data.get(first..).unwrap_or_default();
            for (out, octet) in out.iter_mut().zip(octets) {
                *out = R::nearest(scale.value(f64::from(*octet)));
            }
        }
        16 => {
            let octets = data.get(first.saturating_mul(2)..).unwrap_or_default();
            for (out, octets) in out.iter_mut().zip(octets.as_chunks::<2>().0) {
                *out = R::nearest(scale.value(f64::from(u16::from_be_bytes(*octets))));
            }
        }
        _ => {
            let mut integers = [0; CHUNK];
            let mut at = first.saturating_mul(width);
            for out in out.chunks_mut(CHUNK) {
                let integers = integers.get_mut(..out.len()).unwrap_or_default();
                at = bits::read(data, Fields::new(at, width), integers)
                    .ok_or(Fault::Short { octets })?;
                scale.unsigned(width, integers, out);
            }
        }
    }
    Ok(())
}

/// Octets that hold `count` values of `width` bits.
pub(super) fn octets(count: usize, width: usize) -> usize {
    count.saturating_mul(width).div_ceil(8)
}
