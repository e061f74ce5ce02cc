//! A field in five numbers.

use crate::grib::unpack::Real;

/// What a field's values amount to. Missing values count as missing and nothing else.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Summary {
    /// Number of points.
    pub points: usize,
    /// Points without a value.
    pub missing: usize,
    /// The others: `None` when there are none.
    pub values: Option<Values>,
}

/// Least, mean and greatest of the values that are there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Values {
    /// Least value.
    pub minimum: f64,
    /// Arithmetic mean, each point weighing the same.
    pub mean: f64,
    /// Greatest value.
    pub maximum: f64,
}

impl Summary {
    /// The summary of values; NaN is missing.
    pub fn of<R: Real>(values: &[R]) -> Self {
        let (mut missing, mut present) = (0_usize, 0.0);
        let (mut minimum, mut sum, mut maximum) = (f64::INFINITY, 0.0, f64::NEG_INFINITY);
        for value in values.iter().map(|value| value.widen()) {
            if value.is_nan() {
                missing += 1;
            } else {
                present += 1.0;
                sum += value;
                minimum = minimum.min(value);
                maximum = maximum.max(value);
            }
        }
        let values_there = (present > 0.0).then(|| Values {
            minimum,
            mean: sum / present,
            maximum,
        });
        Self {
            points: values.len(),
            missing,
            values: values_there,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_values_are_counted_and_left_out() {
        let summary = Summary::of(&[3.0_f32, f32::NAN, -1.0]);
        assert_eq!((summary.points, summary.missing), (3, 1));
        let values = summary.values.unwrap();
        assert_eq!(
            (values.minimum, values.mean, values.maximum),
            (-1.0, 1.0, 3.0)
        );
        assert_eq!(Summary::of(&[f64::NAN]).values, None);
    }
}
