//! The words in which an index line and a GRIB2 header say what a message is.

use serde::{Deserialize, Serialize};

/// A fixed surface as section 4 of GRIB2 spells it: WMO code table 4.5, and a decimal number.
///
/// `Surface { kind: 103, scale_factor: Some(0), scaled_value: Some(2) }` is 2 m above ground.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Surface {
    /// Type of the surface, code table 4.5; 255 is missing.
    pub kind: u8,
    /// Decimal scale factor of the value; `None` where all bits are set (missing).
    pub scale_factor: Option<i8>,
    /// Scaled value; `None` where all bits are set (missing).
    pub scaled_value: Option<i32>,
}

impl Surface {
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
    /// The standard deviation over the members.
    Spread,
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
