//! Template 7.200: runs of levels, whose values section 5 lists.

use super::scale::{Real, power};
use super::{Fault, bits};
use crate::grib::representation::RunLength;

/// Unpacks all values.
///
/// A level opens a run; the numbers over the highest level that follow it are the digits of the run's length less
/// one, least significant first. Level 0 stands for missing values.
pub(super) fn unpack<R: Real>(
    data: &[u8],
    packing: &RunLength,
    out: &mut [R],
) -> Result<(), Fault> {
    let highest = u32::from(packing.highest);
    let width = usize::from(packing.bits);
    if !(1..=16).contains(&width) {
        return Err(Fault::header(12, "levels have 1 to 16 bits"));
    }
    let count = data.len() * 8 / width;
    if highest == 0 || count == 0 {
        // No level is used: ecCodes takes all values for missing.
        out.fill(R::MISSING);
        return Ok(());
    }
    if packing.highest > packing.levels {
        return Err(Fault::header(
            13,
            "a level is over the highest that has a value",
        ));
    }
    let digits = u64::from((1_u32 << width) - 1).saturating_sub(u64::from(highest));
    let decimal = power(10.0, i16::from(packing.decimal).saturating_neg());

    let mut rest = out;
    let mut index = 0;
    while !rest.is_empty() {
        if index >= count {
            return Err(Fault::Short {
                octets: data.len().saturating_add(1),
            });
        }
        let level = bits::field(data, index * width, width);
        if level > highest {
            return Err(Fault::data(index * width, "a run has no level"));
        }
        index += 1;
        let (mut length, mut unit) = (1_u64, 1_u64);
        while index < count {
            let digit = bits::field(data, index * width, width);
            if digit <= highest {
                break;
            }
            length = length.saturating_add(unit.saturating_mul(u64::from(digit - highest - 1)));
            unit = unit.saturating_mul(digits);
            index += 1;
        }
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        if length > rest.len() {
            return Err(Fault::data(
                index * width,
                "the runs have more values than there are",
            ));
        }
        let value = match level.checked_sub(1) {
            None => R::MISSING,
            Some(level) => {
                let scaled = usize::try_from(level)
                    .ok()
                    .and_then(|level| packing.values.get(level));
                let scaled = scaled.copied().unwrap_or_default();
                R::nearest(f64::from(scaled) * decimal)
            }
        };
        let (run, after) = rest.split_at_mut(length);
        run.fill(value);
        rest = after;
    }
    Ok(())
}
