//! What the values of a field amount to, as it is shown.

use gik_core::grib::Header;
use gik_core::grib::field::{Message, Summary, decode_into};
use gik_core::grib::unpack::Scratch;
use serde::Serialize;

/// Headings of [`Statistics::cells`].
pub(super) const COLUMNS: [&str; 5] = ["count", "missing", "min", "mean", "max"];

/// A field in five numbers; the last three are nothing where all values are missing.
#[derive(Clone, Copy, Debug, Serialize)]
pub(in crate::commands) struct Statistics {
    count: usize,
    missing: usize,
    min: Option<f64>,
    mean: Option<f64>,
    max: Option<f64>,
}

/// Values that no JSON can hold, and whose mean is none.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the values go from {least} to {greatest}")]
pub(crate) struct Infinite {
    least: f64,
    greatest: f64,
}

/// Buffers for one field after the other.
#[derive(Default)]
pub(super) struct Decoder {
    values: Vec<f64>,
    scratch: Scratch,
}

impl Decoder {
    /// Decodes a field of the message whose bytes are given.
    pub(super) fn count(&mut self, header: &Header, octets: &[u8]) -> anyhow::Result<Statistics> {
        let message = Message { header, octets };
        decode_into(&message, &mut self.values, &mut self.scratch)?;
        Ok(Statistics::of(&self.values)?)
    }
}

impl Statistics {
    pub(super) fn of(values: &[f64]) -> Result<Self, Infinite> {
        let summary = Summary::of(values);
        let of = summary.values;
        if let Some(values) = of
            && !(values.minimum.is_finite() && values.maximum.is_finite())
        {
            return Err(Infinite {
                least: values.minimum,
                greatest: values.maximum,
            });
        }
        Ok(Self {
            count: summary.points,
            missing: summary.missing,
            min: of.map(|values| values.minimum),
            mean: of.map(|values| values.mean),
            max: of.map(|values| values.maximum),
        })
    }

    /// A cell for each of [`COLUMNS`].
    pub(super) fn cells(&self) -> [String; 5] {
        let shown = |value: Option<f64>| value.map(six_digits).unwrap_or_default();
        [
            self.count.to_string(),
            self.missing.to_string(),
            shown(self.min),
            shown(self.mean),
            shown(self.max),
        ]
    }
}

/// A number with six digits that count, as C's `%g` has them; JSON has all of them.
fn six_digits(value: f64) -> String {
    let scientific = format!("{value:.5e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else {
        return scientific;
    };
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if !(-5..6).contains(&exponent) {
        return format!("{}e{exponent}", trimmed(mantissa));
    }
    let decimals = usize::try_from(5 - exponent).unwrap_or_default();
    trimmed(&format!("{value:.decimals$}")).to_owned()
}

fn trimmed(number: &str) -> &str {
    match number.contains('.') {
        true => number.trim_end_matches('0').trim_end_matches('.'),
        false => number,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_six_digits() {
        let shown = [
            273.15,
            100_000.0,
            1_234_567.0,
            -0.000_012_345_678,
            0.0,
            1e-9,
            999_999.9,
        ]
        .map(six_digits);
        assert_eq!(
            shown,
            [
                "273.15",
                "100000",
                "1.23457e6",
                "-0.0000123457",
                "0",
                "1e-9",
                "1e6"
            ]
        );
    }

    #[test]
    fn fields_without_values_have_no_mean_and_infinite_ones_are_refused() {
        let none = Statistics::of(&[f64::NAN, f64::NAN]).unwrap();
        assert_eq!(none.cells(), ["2", "2", "", "", ""]);
        assert!(Statistics::of(&[1.0, f64::INFINITY]).is_err());
    }
}
