//! Section 6: which points of the grid have a value.

use super::scale::Real;

/// One bit for each point, most significant first: set where there is a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bitmap<'a> {
    octets: &'a [u8],
}

impl<'a> Bitmap<'a> {
    /// The bitmap of these octets: section 6 from its seventh on.
    pub fn new(octets: &'a [u8]) -> Self {
        Self { octets }
    }

    /// How many points can be told.
    pub(super) fn points(&self) -> usize {
        self.octets.len().saturating_mul(8)
    }

    /// How many of the first `points` points have a value.
    pub(super) fn count(&self, points: usize) -> usize {
        let (whole, rest) = self.octets.split_at(points / 8);
        let ones = |octet: &u8| usize::try_from(octet.count_ones()).unwrap_or_default();
        let last = rest.first().map_or(0, |octet| {
            let kept = points % 8;
            ones(&(octet & !(0xff_u8 >> kept)))
        });
        whole.iter().map(ones).sum::<usize>() + last
    }

    /// Spreads the values at the front of `values` over the points `first..first + values.len()`.
    ///
    /// There must be as many as [`Self::count`] tells; those that are too few are left where they are.
    pub(super) fn spread<R: Real>(&self, first: usize, packed: usize, values: &mut [R]) {
        let mut from = packed;
        for to in (0..values.len()).rev() {
            // Where all that is left in front has values, it already stands where it belongs.
            if from > to {
                return;
            }
            let value = if self.has(first + to) {
                from = from.saturating_sub(1);
                values.get(from).copied().unwrap_or(R::MISSING)
            } else {
                R::MISSING
            };
            if let Some(slot) = values.get_mut(to) {
                *slot = value;
            }
        }
    }

    fn has(&self, point: usize) -> bool {
        let octet = self.octets.get(point / 8).copied().unwrap_or_default();
        octet << (point % 8) & 0x80 != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_spread_over_the_points_that_have_one() {
        let bitmap = Bitmap::new(&[0b1011_0000, 0b0100_0000]);
        assert_eq!(bitmap.count(16), 4);
        assert_eq!((bitmap.count(3), bitmap.count(9)), (2, 3));
        let mut values = [1.0_f32, 2.0, 3.0, 4.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
        bitmap.spread(0, 4, &mut values);
        let kept: Vec<_> = values.iter().map(|value| value.is_nan()).collect();
        assert_eq!(
            kept,
            [
                false, true, false, false, true, true, true, true, true, false
            ]
        );
        assert_eq!(
            [values[0], values[2], values[3], values[9]],
            [1.0, 2.0, 3.0, 4.0]
        );
        let mut tail = [4.0_f64, 0.0];
        bitmap.spread(8, 1, &mut tail);
        assert!(tail[0].is_nan());
        assert_eq!(tail[1], 4.0);
    }
}
