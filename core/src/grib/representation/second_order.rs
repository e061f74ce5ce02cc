//! Templates 5.50001 and 5.50002: ECMWF's second-order packing, carried over from GRIB edition 1.
//!
//! The layout is that of ecCodes' definitions of these local templates; the WMO manual does not have them.

use super::Scaling;
use crate::grib::reader::{Reader, Short};

/// Integers in groups; they are differences of order 0 to 3.
#[derive(Clone, Debug, PartialEq)]
pub struct SecondOrder {
    /// The scale of values. Octet 21 is no type here but `reference_bits`.
    pub scaling: Scaling,
    /// Bits of each group's first-order value, which is added to its integers (octet 21).
    pub reference_bits: u8,
    /// Number of groups (octets 22-25).
    pub groups: u32,
    /// Number of integers in all groups (octets 26-29).
    pub packed: u32,
    /// Bits of each group's width (octet 30).
    pub width_bits: u8,
    /// Bits of each group's length (octet 31).
    pub length_bits: u8,
    /// Whether every second row of the grid is packed backwards (5.50002: bit 1 of octet 32).
    pub boustrophedonic: bool,
    /// Order of the differences (octet 32, in 5.50002 octet 33).
    pub order: u8,
    /// The first values, as many as the order tells, and what every difference lacks.
    pub first: Vec<u64>,
    /// Added to every packed difference.
    pub bias: i64,
}

impl SecondOrder {
    /// Reads the template; `flags` tells whether it is 5.50002, which has an octet of flags.
    pub(super) fn read(reader: &mut Reader<'_>, flags: bool) -> Result<Self, Short> {
        let (reference, binary, decimal, bits) = Scaling::read_numbers(reader)?;
        let mut read = Self {
            scaling: Scaling {
                reference,
                binary,
                decimal,
                bits,
                original: 0,
            },
            reference_bits: 0,
            groups: 0,
            packed: 0,
            width_bits: 0,
            length_bits: 0,
            boustrophedonic: false,
            order: 0,
            first: Vec::new(),
            bias: 0,
        };
        if bits == 0 && !flags {
            return Ok(read);
        }
        read.reference_bits = reader.u8()?;
        read.groups = reader.u32()?;
        read.packed = reader.u32()?;
        read.width_bits = reader.u8()?;
        read.length_bits = reader.u8()?;
        read.boustrophedonic = flags && reader.u8()? & 0x80 != 0;
        read.order = reader.u8()?;
        if read.order > 0 {
            let width = usize::from(reader.u8()?);
            let count = usize::from(read.order) + 1;
            let mut bits = Bits::new(reader.take((width * count).div_ceil(8))?);
            let mut numbers = (0..count).map(|_| bits.take(width)).collect::<Vec<_>>();
            let sign = 1_u64.checked_shl(u32::try_from(width).unwrap_or(64).wrapping_sub(1));
            let (sign, last) = (sign.unwrap_or(0), numbers.pop().unwrap_or(0));
            let magnitude = i64::try_from(last & !sign).unwrap_or(i64::MAX);
            read.bias = if last & sign == 0 {
                magnitude
            } else {
                -magnitude
            };
            read.first = numbers;
        }
        Ok(read)
    }
}

/// A few numbers of any width.
struct Bits<'a> {
    octets: &'a [u8],
    at: usize,
}

impl<'a> Bits<'a> {
    fn new(octets: &'a [u8]) -> Self {
        Self { octets, at: 0 }
    }

    /// The next number; of one that is wider than 64 bits the last 64.
    fn take(&mut self, width: usize) -> u64 {
        let bits = (self.at..self.at + width).map(|bit| {
            let octet = self.octets.get(bit / 8).copied().unwrap_or_default();
            u64::from(octet >> (7 - bit % 8) & 1)
        });
        let number = bits.fold(0, |number, bit| number << 1 | bit);
        self.at += width;
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_values_and_bias_stand_bit_by_bit() {
        let octets = [
            0x43, 0x5e, 0x12, 0, 0x80, 10, 0, 0, 12, // 12 bits
            10, 0, 0, 0, 3, 0, 0, 0, 40, 4, 6, // three groups, 40 integers
            0x80, 2, 12, 0x12, 0x3a, 0xbc, 0x80, 0x50, // order 2: 0x123, 0xabc, -5
        ];
        let read = SecondOrder::read(&mut Reader::new(&octets), true).unwrap();
        assert!(read.boustrophedonic);
        assert_eq!((read.groups, read.packed, read.order), (3, 40, 2));
        assert_eq!(read.first, [0x123, 0xabc]);
        assert_eq!(read.bias, -5);
        for length in 0..octets.len() {
            assert!(SecondOrder::read(&mut Reader::new(&octets[..length]), true).is_err());
        }
    }
}
