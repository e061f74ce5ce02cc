//! Levels as ecCodes computes them from fixed surfaces.

use super::key::{Key, Keys};
use crate::identity::Surface;

/// Isobaric surface, code table 4.5.
const ISOBARIC: i64 = 100;
/// Potential vorticity surface, code table 4.5.
const POTENTIAL_VORTICITY: i64 = 109;
/// Layers whose level is their lower bound: snow, soil, sea ice, ocean model (ECC-854, ECC-1435, ECC-1451, ECC-1462).
const NAMED_BY_BOTTOM: [i64; 4] = [114, 151, 152, 168];
/// TIGGE in code table 1.3, whose potential vorticity is in 10^-6 and not 10^-9 K m2/kg/s.
const TIGGE: [i64; 2] = [4, 5];

/// The height, depth, pressure, ... that a field is at or between.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Level {
    /// ecCodes' `typeOfLevel`, such as `heightAboveGround`; `unknown` where it has no word for the surfaces.
    ///
    /// Two messages of type `unknown` need not be at the same surfaces: compare those.
    pub kind: &'static str,
    /// ecCodes' `level` as a real number, in the unit of the type (pressure in hPa, or in Pa below 1 hPa).
    pub value: f64,
    /// ecCodes' `topLevel` and `bottomLevel` of a layer: the first and the second surface.
    pub bounds: Option<(f64, f64)>,
}

/// The number of a level or layer, and its bounds where it is a layer, as ecCodes computes them from these surfaces; `None` where
/// it would take a negative number for a huge one.
pub fn level_of_surfaces(
    first: Surface,
    second: Option<Surface>,
) -> Option<(f64, Option<(f64, f64)>)> {
    let mut keys = Keys::default();
    keys.set(Key::ProductionStatusOfProcessedData, 0_u8);
    let of_first = [
        Key::TypeOfFirstFixedSurface,
        Key::ScaleFactorOfFirstFixedSurface,
        Key::ScaledValueOfFirstFixedSurface,
    ];
    let of_second = [
        Key::TypeOfSecondFixedSurface,
        Key::ScaleFactorOfSecondFixedSurface,
        Key::ScaledValueOfSecondFixedSurface,
    ];
    let second = second.unwrap_or(Surface::bare(255));
    for (surface, [kind, factor, value]) in [(first, of_first), (second, of_second)] {
        if surface.scaled_value.is_some_and(i32::is_negative) {
            return None;
        }
        keys.set(kind, surface.kind);
        keys.set(factor, surface.scale_factor.map(i64::from));
        keys.set(value, surface.scaled_value.map(i64::from));
    }
    Heights::of(&keys).map(|numbers| (numbers.value, numbers.bounds))
}

impl Level {
    /// ecCodes' `level` as it gives it by default: rounded to a whole number.
    pub fn rounded(&self) -> i64 {
        round(self.value)
    }

    /// ecCodes' `topLevel` and `bottomLevel` as it gives them by default; both are the level where there is no layer.
    pub fn rounded_bounds(&self) -> (i64, i64) {
        let (top, bottom) = self.bounds.unwrap_or((self.value, self.value));
        (round(top), round(bottom))
    }
}

/// Rounds half up, as ecCodes does (and towards zero below -0.5).
pub(super) fn round(value: f64) -> i64 {
    #[expect(clippy::as_conversions, reason = "saturates where i64 ends")]
    let rounded = (value + 0.5) as i64;
    rounded
}

/// The numbers of a level, and the unit of pressure that ecCodes chose for it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Heights {
    pub(super) value: f64,
    pub(super) bounds: Option<(f64, f64)>,
    pub(super) pressure: PressureUnit,
}

/// ecCodes' `pressureUnits`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PressureUnit {
    Hectopascal,
    Pascal,
}

impl PressureUnit {
    /// The number that stands for it in the tables.
    pub(super) fn as_number(self) -> i64 {
        match self {
            Self::Hectopascal => 0,
            Self::Pascal => 1,
        }
    }
}

impl Heights {
    /// The level of a message; `None` where its template has no surfaces.
    pub(super) fn of(keys: &Keys) -> Option<Self> {
        const NO_SURFACE: i64 = 255;
        let first = keys.number(Key::TypeOfFirstFixedSurface)?;
        let second = keys.number(Key::TypeOfSecondFixedSurface)?;
        let mut pressure = PressureUnit::Hectopascal;
        let tigge = keys
            .number(Key::ProductionStatusOfProcessedData)
            .is_some_and(|status| TIGGE.contains(&status));
        let mut at = |kind, factor, value| {
            let factor = keys.present(factor);
            surface(kind, factor, keys.present(value), tigge, &mut pressure)
        };
        let top = at(
            first,
            Key::ScaleFactorOfFirstFixedSurface,
            Key::ScaledValueOfFirstFixedSurface,
        );
        if second == NO_SURFACE {
            return Some(Self {
                value: top,
                bounds: None,
                pressure,
            });
        }
        let bottom = at(
            second,
            Key::ScaleFactorOfSecondFixedSurface,
            Key::ScaledValueOfSecondFixedSurface,
        );
        let by_bottom = first == second && NAMED_BY_BOTTOM.contains(&first);
        Some(Self {
            value: if by_bottom { bottom } else { top },
            bounds: Some((top, bottom)),
            pressure,
        })
    }
}

/// The number of a surface, step by step as ecCodes computes it so that no bit differs.
fn surface(
    kind: i64,
    factor: Option<i64>,
    value: Option<i64>,
    tigge: bool,
    pressure: &mut PressureUnit,
) -> f64 {
    let Some(value) = value.and_then(|value| u32::try_from(value).ok()) else {
        return 0.0;
    };
    let mut number = f64::from(value);
    let mut left = factor;
    if let Some(factor) = factor {
        let mut factor = match kind {
            POTENTIAL_VORTICITY if tigge => factor - 6,
            POTENTIAL_VORTICITY => factor - 9,
            _ => factor,
        };
        while factor < 0 && number != 0.0 {
            number *= 10.0;
            factor += 1;
        }
        while factor > 0 && number != 0.0 {
            number /= 10.0;
            factor -= 1;
        }
        left = Some(factor);
    }
    if kind == ISOBARIC && *pressure == PressureUnit::Hectopascal {
        let hectopascals = (number / 100.0).trunc();
        if hectopascals == 0.0 && left == Some(0) {
            *pressure = PressureUnit::Pascal;
        } else {
            number = hectopascals;
        }
    }
    number
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grib::naming::Value;

    fn numbers(first: (u8, u8, u32), second: Option<(u8, u8, u32)>) -> Heights {
        let mut keys = Keys::default();
        keys.set(Key::TypeOfFirstFixedSurface, first.0);
        keys.set(Key::ScaleFactorOfFirstFixedSurface, first.1);
        keys.set(Key::ScaledValueOfFirstFixedSurface, first.2);
        keys.set(
            Key::TypeOfSecondFixedSurface,
            second.map_or(255, |second| second.0),
        );
        keys.set(
            Key::ScaleFactorOfSecondFixedSurface,
            Value::from(second.map(|second| second.1)),
        );
        keys.set(
            Key::ScaledValueOfSecondFixedSurface,
            Value::from(second.map(|second| second.2)),
        );
        Heights::of(&keys).unwrap()
    }

    #[test]
    fn pressure_is_in_hectopascal_down_to_one() {
        let low = numbers((100, 0, 92_550), None);
        assert_eq!(
            (low.value, low.pressure),
            (925.0, PressureUnit::Hectopascal)
        );
        let high = numbers((100, 1, 505), None);
        assert_eq!((high.value, high.pressure), (50.5, PressureUnit::Pascal));
    }

    #[test]
    fn a_layer_is_named_by_its_top_and_soil_by_its_bottom() {
        let depth = numbers((106, 1, 15), Some((106, 1, 20)));
        assert_eq!((depth.value, depth.bounds), (1.5, Some((1.5, 2.0))));
        let soil = numbers((151, 0, 1), Some((151, 0, 2)));
        assert_eq!((soil.value, soil.bounds), (2.0, Some((1.0, 2.0))));
    }

    #[test]
    fn a_phrase_of_an_index_has_the_number_of_its_message() {
        let at = |kind, digits, exponent| Surface::decimal(kind, digits, exponent).unwrap();
        let of = |first, second| level_of_surfaces(first, second);
        assert_eq!(of(at(100, 850, 2), None), Some((850.0, None)));
        assert_eq!(of(at(100, 4, 1), None), Some((40.0, None)), "pascal");
        assert_eq!(
            of(at(106, 1, -1), Some(at(106, 4, -1))),
            Some((0.1, Some((0.1, 0.4))))
        );
        assert_eq!(of(Surface::bare(101), None), Some((0.0, None)));
        assert_eq!(of(at(109, -2, -6), None), None);
    }

    #[test]
    fn potential_vorticity_is_in_nano_units() {
        assert_eq!(numbers((109, 6, 2), None).value, 2000.0);
        assert_eq!(round(1.5), 2);
    }
}
