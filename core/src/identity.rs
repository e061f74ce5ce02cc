//! The words in which an index line and a GRIB2 header say what a message is.

mod hash;
mod key;
mod level;
mod when;
mod word;

pub(crate) use hash::KeyHash;
pub use key::{Key, Mars, Parameter, ParameterNumbers};
pub use level::Level;
pub use when::When;
pub use word::{Word, WordText};

use serde::{Deserialize, Serialize};

/// A fixed surface as section 4 of GRIB2 spells it: WMO code table 4.5, and a decimal number.
///
/// `Surface { kind: 103, scale_factor: Some(0), scaled_value: Some(2) }` is 2 m above ground.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Surface {
    /// Type of the surface, code table 4.5; 255 is missing.
    pub kind: u8,
    /// Decimal scale factor of the value; `None` where all bits are set (missing).
    pub scale_factor: Option<i8>,
    /// Scaled value; `None` where all bits are set (missing).
    pub scaled_value: Option<i32>,
}

impl Surface {
    /// A surface without a value, as the surface of the earth (1) or the tropopause (7).
    pub const fn bare(kind: u8) -> Self {
        Self {
            kind,
            scale_factor: None,
            scaled_value: None,
        }
    }

    /// The surface at `digits` times ten to the power of `exponent`, in lowest terms, or `None` where that does not fit.
    ///
    /// Lowest terms are: no negative scale factor, and no trailing zero behind the decimal point.
    pub fn decimal(kind: u8, digits: i64, exponent: i32) -> Option<Self> {
        let (mut digits, mut exponent) = (digits, exponent);
        while digits != 0 && digits % 10 == 0 && exponent < 0 {
            digits /= 10;
            exponent += 1;
        }
        if digits == 0 {
            exponent = 0;
        }
        while exponent > 0 {
            digits = digits.checked_mul(10)?;
            exponent -= 1;
        }
        Some(Self {
            kind,
            scale_factor: Some(i8::try_from(exponent.checked_neg()?).ok()?),
            scaled_value: Some(i32::try_from(digits).ok()?),
        })
    }

    /// The same surface in the lowest terms of [`Surface::decimal`]: headers write 0.1 m as 1·10⁻¹ or as 10·10⁻².
    ///
    /// A surface that has no value, or whose value does not fit in lowest terms, is returned as it is.
    pub fn normalized(self) -> Self {
        match (self.scale_factor, self.scaled_value) {
            (Some(factor), Some(value)) => {
                Self::decimal(self.kind, i64::from(value), -i32::from(factor)).unwrap_or(self)
            }
            _ => self,
        }
    }

    /// `scaled_value` divided by ten to the power of `scale_factor`, in the unit of the surface's type.
    pub fn value(self) -> Option<f64> {
        Some(f64::from(self.scaled_value?) / 10_f64.powi(i32::from(self.scale_factor?)))
    }
}

/// Which part of an ensemble a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Member {
    /// The unperturbed forecast; its `number` is 0.
    Control,
    /// A perturbed forecast, numbered from 1.
    Perturbed(u32),
    /// The mean over the members.
    Mean,
    /// The spread over the members.
    Spread,
    /// A negatively perturbed forecast (`ENS=-1`), numbered from 1.
    Negative(u32),
    /// The unperturbed forecast at high resolution (`ENS=hi-res ctl`).
    HighResolutionControl,
    /// Another forecast derived from all members, code table 4.7.
    Derived(u8),
}

/// What was done over the time window of a message, code table 4.10 of GRIB2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Statistic(pub u8);

impl Statistic {
    /// Average (0).
    pub const AVERAGE: Self = Self(0);
    /// Accumulation (1).
    pub const ACCUMULATION: Self = Self(1);
    /// Maximum (2).
    pub const MAXIMUM: Self = Self(2);
    /// Minimum (3).
    pub const MINIMUM: Self = Self(3);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_surface_has_one_spelling_in_lowest_terms() {
        let spelled = |factor, value| Surface {
            kind: 100,
            scale_factor: Some(factor),
            scaled_value: Some(value),
        };
        assert_eq!(spelled(-2, 850).normalized(), spelled(0, 85_000));
        assert_eq!(spelled(2, 10).normalized(), spelled(1, 1));
        assert_eq!(spelled(3, 0).normalized(), spelled(0, 0));
        assert_eq!(spelled(0, 85_000).normalized(), spelled(0, 85_000));
        assert_eq!(
            spelled(-9, 850).normalized(),
            spelled(-9, 850),
            "does not fit"
        );
        assert_eq!(Surface::bare(1).normalized(), Surface::bare(1));
    }
}
