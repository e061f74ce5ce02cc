//! The shape of the earth that a grid assumes (octets 15-30 of section 3, WMO code table 3.2).

use crate::grib::reader::{Reader, Short};

/// Octets 15-30 of section 3, as stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Earth {
    /// Code table 3.2.
    pub shape: u8,
    /// Radius of a spherical earth.
    pub radius: Scaled,
    /// Major axis of an oblate earth.
    pub major: Scaled,
    /// Minor axis of an oblate earth.
    pub minor: Scaled,
}

/// A scaled value: `value` x 10^-`factor`; all bits set means missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scaled {
    /// Decimal scale factor.
    pub factor: u8,
    /// Scaled value.
    pub value: u32,
}

/// Semi-axes in metres; both equal for a sphere.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Axes {
    /// Equatorial radius.
    pub major: f64,
    /// Polar radius.
    pub minor: f64,
}

impl Earth {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Short> {
        Ok(Self {
            shape: reader.u8()?,
            radius: Scaled::read(reader)?,
            major: Scaled::read(reader)?,
            minor: Scaled::read(reader)?,
        })
    }

    /// The semi-axes, when code table 3.2 or the message gives them.
    pub fn axes(&self) -> Option<Axes> {
        let sphere = |radius| Axes {
            major: radius,
            minor: radius,
        };
        let spheroid = |major, minor| Axes { major, minor };
        match self.shape {
            0 => Some(sphere(6_367_470.0)),
            1 => self.radius.metres().map(sphere),
            2 => Some(spheroid(6_378_160.0, 6_356_775.0)),
            3 => Some(spheroid(
                self.major.metres()? * 1000.0,
                self.minor.metres()? * 1000.0,
            )),
            // The fourth decimal of the minor axis is left out where ecCodes leaves it out.
            4 | 5 => Some(spheroid(6_378_137.0, 6_356_752.314)),
            6 => Some(sphere(6_371_229.0)),
            7 => Some(spheroid(self.major.metres()?, self.minor.metres()?)),
            8 => Some(sphere(6_371_200.0)),
            9 => Some(spheroid(6_377_563.396, 6_356_256.909)),
            _ => None,
        }
    }

    /// Whether the shape is a spheroid rather than a sphere.
    pub fn is_oblate(&self) -> bool {
        matches!(self.shape, 2..=5 | 7 | 9)
    }
}

impl Scaled {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Short> {
        Ok(Self {
            factor: reader.u8()?,
            value: reader.u32()?,
        })
    }

    fn metres(self) -> Option<f64> {
        if self.factor == u8::MAX || self.value == u32::MAX || self.value == 0 {
            return None;
        }
        Some(f64::from(self.value) / 10_f64.powi(i32::from(self.factor)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_producers_radius_is_scaled_and_may_be_missing() {
        let none = Scaled {
            factor: 255,
            value: u32::MAX,
        };
        let mut earth = Earth {
            shape: 1,
            radius: Scaled {
                factor: 1,
                value: 63_712_000,
            },
            major: none,
            minor: none,
        };
        let radius = 6_371_200.0;
        assert_eq!(
            earth.axes(),
            Some(Axes {
                major: radius,
                minor: radius
            })
        );
        earth.radius = none;
        assert_eq!(earth.axes(), None);
        earth.shape = 7;
        assert_eq!(earth.axes(), None);
        assert!(earth.is_oblate());
    }
}
