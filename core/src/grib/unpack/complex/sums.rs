//! First and second differences, and what undoes them.

use super::{Complex, Fault};

/// Packed integers below this, and first values and minima within plus and minus this, may be undone in 32 bits.
const NEAR: i64 = 1 << 28;

/// What undoes the differences: the last value, the last difference, and what every packed difference lacks.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sums {
    pub(super) order: u8,
    /// First values that are still to be put in front.
    first: [i64; 2],
    minimum: i64,
    seen: u8,
    last: i64,
    step: i64,
}

impl Sums {
    /// Reads the first values and the overall minimum; returns the bit after them.
    pub(super) fn read(complex: &Complex<'_>) -> Result<(Self, usize), Fault> {
        let Some(differencing) = complex.differencing else {
            return Ok((Self::default(), 0));
        };
        let octets = usize::from(differencing.octets);
        if octets > 8 {
            return Err(Fault::header(49, "a first value has more than 8 octets"));
        }
        let end = octets * (usize::from(differencing.order) + 1);
        let Some(extra) = complex.data.get(..end) else {
            return Err(Fault::Short { octets: end });
        };
        let mut numbers = extra.chunks(octets.max(1));
        let mut next = || numbers.next().unwrap_or_default();
        let mut first = [0; 2];
        for value in first.iter_mut().take(usize::from(differencing.order)) {
            *value = unsigned(next());
        }
        let sums = Self {
            order: differencing.order,
            first,
            minimum: signed(next()),
            ..Self::default()
        };
        Ok((sums, end * 8))
    }

    /// The value that one packed difference stands for.
    pub(super) fn next(&mut self, packed: i64) -> i64 {
        if self.order == 0 {
            return packed;
        }
        let [first, second] = self.first;
        if self.seen < self.order {
            let value = if self.seen == 0 { first } else { second };
            self.step = if self.seen == 0 {
                0
            } else {
                value.wrapping_sub(self.last)
            };
            self.last = value;
            self.seen += 1;
            return value;
        }
        let difference = packed.wrapping_add(self.minimum);
        self.step = match self.order {
            1 => difference,
            _ => self.step.wrapping_add(difference),
        };
        self.last = self.last.wrapping_add(self.step);
        self.last
    }

    /// What [`Self::undo`] wants to be added to every packed difference. `None` when it must not be used.
    pub(super) fn base(&self) -> Option<u32> {
        let close = |value: i64| (-NEAR..NEAR).contains(&value);
        let near = close(self.minimum) && self.first.into_iter().all(close);
        near.then(|| low(self.minimum))
    }

    /// [`Self::next`] for many differences at a time, in place, in 32 bits. `false` when this may be wrong.
    ///
    /// What is packed must be below 2^28, and [`Self::base`] was added to it. As long as every value is within
    /// -2^29..2^29, steps are within 2^30, and the next step and value cannot leave 32 bits.
    pub(super) fn undo(&mut self, packed: &mut [u32]) -> bool {
        if self.order == 0 {
            return true;
        }
        let values = packed;
        let mut rest = &mut *values;
        while self.seen < self.order {
            let Some((value, after)) = rest.split_first_mut() else {
                return true;
            };
            *value = low(self.next(0));
            rest = after;
        }
        let (mut last, mut step) = (low(self.last), low(self.step));
        let (quads, rest) = rest.as_chunks_mut::<4>();
        if self.order == 1 {
            let mut add = |value: &mut u32| {
                last = last.wrapping_add(*value);
                *value = last;
            };
            quads
                .iter_mut()
                .for_each(|quad| quad.iter_mut().for_each(&mut add));
            rest.iter_mut().for_each(add);
        } else {
            let mut add = |value: &mut u32| {
                step = step.wrapping_add(*value);
                last = last.wrapping_add(step);
                *value = last;
            };
            quads
                .iter_mut()
                .for_each(|quad| quad.iter_mut().for_each(&mut add));
            rest.iter_mut().for_each(add);
        }
        self.last = i64::from(last.cast_signed());
        self.step = i64::from(step.cast_signed());
        let outside = values
            .iter()
            .fold(0, |bits, value| bits | value.wrapping_add(1 << 29));
        outside >> 30 == 0
    }
}

/// The value modulo 2^32.
#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "the callers know that the value is near, or check what comes of it"
)]
fn low(value: i64) -> u32 {
    value as u32
}

fn unsigned(octets: &[u8]) -> i64 {
    octets
        .iter()
        .fold(0, |number, &octet| number << 8 | i64::from(octet))
}

/// Sign and magnitude.
fn signed(octets: &[u8]) -> i64 {
    let Some((&first, rest)) = octets.split_first() else {
        return 0;
    };
    let magnitude = rest.iter().fold(i64::from(first & 0x7f), |number, &octet| {
        number << 8 | i64::from(octet)
    });
    if first & 0x80 == 0 {
        magnitude
    } else {
        -magnitude
    }
}
