//! Data of templates 5.50001 and 5.50002: integers in groups, differences of order 0 to 3.
//!
//! Rows that are packed backwards stay so here: [`field`](crate::grib::field) turns them.

use super::bits::Fields;
use super::complex::float;
use super::scale::{Real, Scale};
use super::{Fault, bits, sized};
use crate::grib::representation::SecondOrder;

/// Unpacks all values.
pub(super) fn unpack<R: Real>(
    data: &[u8],
    packing: &SecondOrder,
    out: &mut [R],
    integers: &mut Vec<u32>,
) -> Result<(), Fault> {
    let scale = Scale::new(&packing.scaling);
    let mut undo = Undo::new(packing)?;
    let groups = usize::try_from(packing.groups).unwrap_or(usize::MAX);
    if groups > out.len() {
        return Err(Fault::header(22, "there are more groups than values"));
    }
    let mut at = 0_usize;
    let mut list = |width: u8| -> Result<Vec<u32>, Fault> {
        let mut list = Vec::new();
        sized(&mut list, groups)?;
        let width = usize::from(width);
        let end = at.saturating_add(width.saturating_mul(groups));
        let octets = end.div_ceil(8);
        at = bits::read(data, Fields::new(at, width), &mut list)
            .ok_or(Fault::Short { octets })?
            .next_multiple_of(8);
        Ok(list)
    };
    let widths = list(packing.width_bits)?;
    let lengths = list(packing.length_bits)?;
    let references = list(packing.reference_bits)?;

    let mut rest = out.iter_mut();
    let firsts = undo.firsts();
    for value in firsts {
        let out = rest.next().ok_or(MORE)?;
        *out = R::nearest(scale.value(float(value)));
    }
    for ((width, length), reference) in widths.into_iter().zip(lengths).zip(references) {
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        if length > rest.len() {
            return Err(MORE);
        }
        let width = usize::try_from(width).unwrap_or(usize::MAX);
        if width > 32 {
            return Err(Fault::header(30, "a group is more than 32 bits wide"));
        }
        sized(integers, length)?;
        let octets = at.saturating_add(width.saturating_mul(length)).div_ceil(8);
        at = bits::read(data, Fields::new(at, width), integers).ok_or(Fault::Short { octets })?;
        for (integer, out) in integers.iter().zip(&mut rest) {
            let packed = i64::from(reference) + i64::from(*integer);
            *out = R::nearest(scale.value(float(undo.next(packed))));
        }
    }
    if rest.len() > 0 {
        return Err(Fault::header(
            22,
            "the groups hold fewer values than there are",
        ));
    }
    Ok(())
}

const MORE: Fault = Fault::header(22, "the groups hold more values than there are");

/// The last value and the differences of each lower order, which a packed difference is added to.
struct Undo {
    order: usize,
    bias: i64,
    first: [i64; 3],
    /// The last value, its difference, and the difference of that.
    last: [i64; 3],
}

impl Undo {
    fn new(packing: &SecondOrder) -> Result<Self, Fault> {
        let order = usize::from(packing.order);
        if order > 3 {
            return Err(Fault::header(32, "differences have an order of 0 to 3"));
        }
        let mut first = [0; 3];
        for (to, from) in first.iter_mut().zip(&packing.first) {
            *to = from.cast_signed();
        }
        let [a, b, c] = first;
        let last = match order {
            0 => [0; 3],
            1 => [a, 0, 0],
            2 => [b, b.wrapping_sub(a), 0],
            _ => {
                let step = c.wrapping_sub(b);
                [c, step, step.wrapping_sub(b.wrapping_sub(a))]
            }
        };
        Ok(Self {
            order,
            bias: packing.bias,
            first,
            last,
        })
    }

    /// The values that are not packed.
    fn firsts(&self) -> impl Iterator<Item = i64> + use<> {
        self.first.into_iter().take(self.order)
    }

    /// The value that a packed difference stands for.
    fn next(&mut self, packed: i64) -> i64 {
        if self.order == 0 {
            return packed;
        }
        let [value, step, second] = &mut self.last;
        let difference = packed.wrapping_add(self.bias);
        match self.order {
            1 => *step = difference,
            2 => *step = step.wrapping_add(difference),
            _ => {
                *second = second.wrapping_add(difference);
                *step = step.wrapping_add(*second);
            }
        }
        *value = value.wrapping_add(*step);
        *value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_of_every_order_are_undone() {
        let mut packing = SecondOrder {
            scaling: crate::grib::representation::Scaling {
                reference: 0.0,
                binary: 0,
                decimal: 0,
                bits: 8,
                original: 0,
            },
            reference_bits: 8,
            groups: 1,
            packed: 2,
            width_bits: 8,
            length_bits: 8,
            boustrophedonic: false,
            order: 3,
            first: vec![1, 8, 27],
            bias: 2,
        };
        // Cubes: their third difference is 6, of which the reference has 4 and the bias 2.
        let data = [0, 2, 4];
        let mut out = [0.0_f64; 5];
        unpack(&data, &packing, &mut out, &mut Vec::new()).unwrap();
        assert_eq!(out, [1.0, 8.0, 27.0, 64.0, 125.0]);
        packing.order = 1;
        packing.first = vec![10];
        let mut out = [0.0_f64; 3];
        unpack(&data, &packing, &mut out, &mut Vec::new()).unwrap();
        assert_eq!(out, [10.0, 16.0, 22.0]);
        assert_eq!(
            unpack(&data, &packing, &mut [0.0_f64; 4], &mut Vec::new()),
            Err(Fault::header(
                22,
                "the groups hold fewer values than there are"
            ))
        );
        assert_eq!(
            unpack(&data, &packing, &mut [0.0_f64; 2], &mut Vec::new()),
            Err(MORE)
        );
        assert_eq!(
            unpack(&data[..2], &packing, &mut [0.0_f64; 3], &mut Vec::new()),
            Err(Fault::Short { octets: 3 })
        );
    }
}
