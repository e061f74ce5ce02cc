//! The only code of the crate that touches raw octets of GRIB: a bounded big-endian cursor.
//!
//! Input is untrusted. Nothing here panics, and nothing allocates.

/// The input ended before a value of that many octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{wanted} octets wanted at octet {at}, {left} left")]
pub struct Short {
    /// Octet at which the value starts, counted from 1 at the start of the reader's input, as the WMO manual counts.
    pub at: usize,
    /// Octets that the value has.
    pub wanted: usize,
    /// Octets that were left.
    pub left: usize,
}

/// A cursor over octets, big endian as all of GRIB.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    octets: &'a [u8],
    taken: usize,
}

impl<'a> Reader<'a> {
    /// A cursor at the first octet.
    pub fn new(octets: &'a [u8]) -> Self {
        Self { octets, taken: 0 }
    }

    /// The next `count` octets.
    pub fn take(&mut self, count: usize) -> Result<&'a [u8], Short> {
        let (head, tail) = self
            .octets
            .split_at_checked(count)
            .ok_or(self.short(count))?;
        self.advance(tail, count);
        Ok(head)
    }

    /// Skips `count` octets.
    pub fn skip(&mut self, count: usize) -> Result<(), Short> {
        self.take(count).map(|_| ())
    }

    /// An unsigned integer of one octet.
    pub fn u8(&mut self) -> Result<u8, Short> {
        self.array().map(u8::from_be_bytes)
    }

    /// An unsigned integer of two octets.
    pub fn u16(&mut self) -> Result<u16, Short> {
        self.array().map(u16::from_be_bytes)
    }

    /// An unsigned integer of four octets.
    pub fn u32(&mut self) -> Result<u32, Short> {
        self.array().map(u32::from_be_bytes)
    }

    /// An unsigned integer of eight octets.
    pub fn u64(&mut self) -> Result<u64, Short> {
        self.array().map(u64::from_be_bytes)
    }

    /// A signed integer of one octet: the first bit is the sign, the rest the magnitude (regulation 92.1.5).
    pub fn i8(&mut self) -> Result<i8, Short> {
        let octet = self.u8()?;
        let magnitude = i8::try_from(octet & 0x7f).unwrap_or(i8::MAX);
        Ok(if octet & 0x80 == 0 {
            magnitude
        } else {
            -magnitude
        })
    }

    /// A signed integer of two octets, sign and magnitude.
    pub fn i16(&mut self) -> Result<i16, Short> {
        let word = self.u16()?;
        let magnitude = i16::try_from(word & 0x7fff).unwrap_or(i16::MAX);
        Ok(if word & 0x8000 == 0 {
            magnitude
        } else {
            -magnitude
        })
    }

    /// A signed integer of four octets, sign and magnitude.
    pub fn i32(&mut self) -> Result<i32, Short> {
        let word = self.u32()?;
        let magnitude = i32::try_from(word & 0x7fff_ffff).unwrap_or(i32::MAX);
        Ok(if word & 0x8000_0000 == 0 {
            magnitude
        } else {
            -magnitude
        })
    }

    /// An IEEE 754 number of four octets.
    pub fn f32(&mut self) -> Result<f32, Short> {
        self.u32().map(f32::from_bits)
    }

    /// An IEEE 754 number of eight octets.
    pub fn f64(&mut self) -> Result<f64, Short> {
        self.u64().map(f64::from_bits)
    }

    /// An unsigned integer of one to eight octets; more than eight are no integer, and an error.
    pub fn unsigned(&mut self, count: usize) -> Result<u64, Short> {
        if count > 8 {
            return Err(self.short(count));
        }
        let octets = self.take(count)?;
        Ok(octets
            .iter()
            .fold(0, |sum, octet| (sum << 8) | u64::from(*octet)))
    }

    /// A signed integer of one to eight octets, sign and magnitude; more than eight are an error.
    pub fn signed(&mut self, count: usize) -> Result<i64, Short> {
        let word = self.unsigned(count)?;
        let sign = match count {
            0 => 0,
            _ => 1_u64 << (count.saturating_mul(8).saturating_sub(1)),
        };
        let magnitude = i64::try_from(word & !sign).unwrap_or(i64::MAX);
        Ok(if word & sign == 0 {
            magnitude
        } else {
            -magnitude
        })
    }

    /// The octets not yet taken.
    pub fn rest(&self) -> &'a [u8] {
        self.octets
    }

    /// How many octets are not yet taken.
    pub fn left(&self) -> usize {
        self.octets.len()
    }

    /// How many octets were taken.
    pub fn taken(&self) -> usize {
        self.taken
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Short> {
        let (head, tail) = self.octets.split_first_chunk::<N>().ok_or(self.short(N))?;
        let head = *head;
        self.advance(tail, N);
        Ok(head)
    }

    fn advance(&mut self, tail: &'a [u8], count: usize) {
        self.octets = tail;
        self.taken = self.taken.saturating_add(count);
    }

    fn short(&self, wanted: usize) -> Short {
        Short {
            at: self.taken.saturating_add(1),
            wanted,
            left: self.octets.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signed_numbers_are_sign_and_magnitude() {
        let mut reader = Reader::new(&[0x82, 0x80, 0x05, 0x80, 0, 0, 1, 0x80]);
        assert_eq!(reader.i8(), Ok(-2));
        assert_eq!(reader.i16(), Ok(-5));
        assert_eq!(reader.i32(), Ok(-1));
        assert_eq!(reader.i8(), Ok(0), "minus zero is zero");
    }

    #[test]
    fn integers_of_odd_widths() {
        let octets = [0x80, 0, 7, 0x80, 0, 7, 1];
        let mut reader = Reader::new(&octets);
        assert_eq!(reader.unsigned(3), Ok(0x80_0007));
        assert_eq!(reader.signed(3), Ok(-7));
        assert!(reader.unsigned(9).is_err());
        assert_eq!(reader.unsigned(1), Ok(1));
        assert_eq!(Reader::new(&[0xff; 8]).unsigned(8), Ok(u64::MAX));
    }

    #[test]
    fn a_short_input_is_an_error_with_its_place_and_takes_nothing() {
        let mut reader = Reader::new(&[1, 2, 3]);
        assert_eq!(reader.u8(), Ok(1));
        assert_eq!(
            reader.u32(),
            Err(Short {
                at: 2,
                wanted: 4,
                left: 2
            })
        );
        assert_eq!(reader.u16(), Ok(0x0203));
        assert_eq!(reader.left(), 0);
        assert_eq!(reader.taken(), 3);
    }
}
