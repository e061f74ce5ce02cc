//! From packed integers to values: (reference + integer x 2^binary) / 10^decimal, in the precision that the caller wants.

use crate::grib::representation::Scaling;

/// What values are decoded to: `f32` or `f64`.
///
/// Arithmetic is always that of `f64`; the result is rounded once.
pub trait Real: Copy + Send + Sync + 'static + sealed::Sealed {
    /// Stands for a missing value.
    const MISSING: Self;
    /// The value nearest to `value`.
    fn nearest(value: f64) -> Self;
    /// The value as `f64`.
    fn widen(self) -> f64;
}

impl Real for f32 {
    const MISSING: Self = Self::NAN;

    #[inline(always)]
    #[expect(
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        reason = "this is the rounding that the type is asked for"
    )]
    fn nearest(value: f64) -> Self {
        value as Self
    }

    #[inline(always)]
    fn widen(self) -> f64 {
        f64::from(self)
    }
}

impl Real for f64 {
    const MISSING: Self = Self::NAN;

    #[inline(always)]
    fn nearest(value: f64) -> Self {
        value
    }

    #[inline(always)]
    fn widen(self) -> f64 {
        self
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
}

/// A [`Scaling`] ready for use.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    reference: f64,
    binary: f64,
    decimal: f64,
}

impl Scale {
    pub(super) fn new(scaling: &Scaling) -> Self {
        Self {
            reference: f64::from(scaling.reference),
            binary: power(2.0, scaling.binary),
            decimal: power(10.0, scaling.decimal.saturating_neg()),
        }
    }

    /// The value of one packed integer.
    #[inline(always)]
    pub(super) fn value(&self, integer: f64) -> f64 {
        // The order of operations is that of ecCodes, so that `f64` is the same to the last bit.
        (integer * self.binary + self.reference) * self.decimal
    }

    /// Scales unsigned integers of at most `bits` bits.
    pub(super) fn unsigned<R: Real>(&self, bits: usize, integers: &[u32], out: &mut [R]) {
        if bits < 32 {
            // Only signed integers have a vector instruction that makes them floating point.
            for (out, integer) in out.iter_mut().zip(integers) {
                *out = R::nearest(self.value(f64::from(integer.cast_signed())));
            }
        } else {
            for (out, integer) in out.iter_mut().zip(integers) {
                *out = R::nearest(self.value(f64::from(*integer)));
            }
        }
    }
}

/// `base`^`exponent` by repeated multiplication, or division for a negative exponent, as ecCodes computes it.
pub(super) fn power(base: f64, exponent: i16) -> f64 {
    let mut result = 1.0;
    for _ in 0..exponent.unsigned_abs() {
        if exponent < 0 {
            result /= base;
        } else {
            result *= base;
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packed_integer_becomes_its_value() {
        let scale = Scale::new(&Scaling {
            reference: 27_000.0,
            binary: -3,
            decimal: 2,
            bits: 16,
            original: 0,
        });
        let mut out = [0.0_f32; 3];
        scale.unsigned(16, &[0, 8, 60_000], &mut out);
        assert_eq!(out, [270.0, 270.01, 345.0]);
        scale.unsigned(32, &[0, 8, 60_000], &mut out);
        assert_eq!(out, [270.0, 270.01, 345.0]);
    }

    #[test]
    fn powers_have_no_limit_but_that_of_their_type() {
        assert_eq!(power(10.0, -3), 0.001);
        assert_eq!(power(2.0, 10), 1024.0);
        assert_eq!(power(2.0, i16::MIN), 0.0);
        assert_eq!(power(10.0, i16::MAX), f64::INFINITY);
    }
}
