//! wgrib2's phrases for levels, back to the surfaces of code table 4.5.
//!
//! The phrases are those of wgrib2's level inventory, checked against the index files that NOAA publishes. A phrase that stands for
//! two surfaces (`m ocean layer`, `reserved`) or for none that we know stays text.

use std::borrow::Cow;

use crate::identity::{Level, Surface};

/// Parses the level field of a wgrib2 line.
pub(super) fn parse_level(text: &str) -> Level<'_> {
    surfaces(text).map_or_else(
        || Level::Text(Cow::Borrowed(text)),
        |(first, second)| Level::Surfaces { first, second },
    )
}

fn surfaces(text: &str) -> Option<(Surface, Option<Surface>)> {
    if let Some(surface) = single(text) {
        return Some((surface, None));
    }
    if let Some((first, second)) = layer(text) {
        return Some((first, Some(second)));
    }
    let (first, second) = text.split_once(" - ")?;
    Some((single(first)?, Some(single(second)?)))
}

/// One surface.
fn single(text: &str) -> Option<Surface> {
    if let Some(kind) = bare(text) {
        return Some(Surface::bare(kind));
    }
    if let Some((number, unit)) = Decimal::parse_prefix(text) {
        let (kind, shift) = numbered(unit)?;
        return number.surface(kind, shift);
    }
    NUMBER_INSIDE
        .iter()
        .find_map(|&(kind, before, behind)| {
            let number = text.strip_prefix(before)?.strip_suffix(behind)?;
            Decimal::parse(number)?.surface(kind, 0)
        })
        .or_else(|| local(text))
}

/// Kinds of surfaces that need no number.
fn bare(text: &str) -> Option<u8> {
    Some(match text {
        "surface" => 1,
        "cloud base" => 2,
        "cloud top" => 3,
        "0C isotherm" => 4,
        "level of adiabatic condensation from sfc" => 5,
        "max wind" => 6,
        "tropopause" => 7,
        "top of atmosphere" => 8,
        "sea bottom" => 9,
        "entire atmosphere" => 10,
        "cumulonimbus base" => 11,
        "cumulonimbus top" => 12,
        "level of free convection" => 14,
        "convection condensation level" => 15,
        "level of neutral buoyancy" => 16,
        "Departure level of most unstable parcel of air (MUDL)" => 17,
        "convective cloud layer base" => 26,
        "convective cloud layer top" | "convective clout layer top" => 27,
        "specified radius from center of sun" => 30,
        "solar photosphere" => 31,
        "ionosphere D-region level" => 32,
        "ionosphere E-region level" => 33,
        "ionosphere F1-region level" => 34,
        "ionosphere F2-region level" => 35,
        "stratopause" => 36,
        "mean sea level" => 101,
        "snow level" => 114,
        "mixed layer depth" => 117,
        "sea-ice level" => 152,
        "lake or river bottom" => 162,
        "bottom of sediment layer" => 163,
        "bottom of thermally active sediment layer" => 164,
        "bottom of sediment layer penetrated by thermal wave" => 165,
        "mixing layer" => 166,
        "bottom of root zone" => 167,
        "top surface of ice on sea, lake or river" => 174,
        "top surface of ice, und snow on sea, lake or river" => 175,
        "bottom surface ice on sea, lake or river" => 176,
        "deep soil" => 177,
        "top surface of glacier ice and inland ice" => 179,
        "deep inland or glacier ice" => 180,
        "grid tile land fraction as a model surface" => 181,
        "grid tile water fraction as a model surface" => 182,
        "grid tile ice fraction on sea, lake or river as a model surface" => 183,
        "grid tile glacier ice and inland ice fraction as a model surface" => 184,
        // NCEP's local surfaces.
        "entire atmosphere (considered as a single layer)" => 200,
        "entire ocean (considered as a single layer)" => 201,
        "highest tropospheric freezing level" => 204,
        "grid scale cloud bottom level" => 206,
        "grid scale cloud top level" => 207,
        "boundary layer cloud bottom level" => 209,
        "boundary layer cloud top level" => 210,
        "boundary layer cloud layer" => 211,
        "low cloud bottom level" => 212,
        "low cloud top level" => 213,
        "low cloud layer" => 214,
        "cloud ceiling" => 215,
        "planetary boundary layer" => 220,
        "layer between two hybrid levels" => 221,
        "middle cloud bottom level" => 222,
        "middle cloud top level" => 223,
        "middle cloud layer" => 224,
        "high cloud bottom level" => 232,
        "high cloud top level" => 233,
        "high cloud layer" => 234,
        "layer between two depths below ocean surface" => 236,
        "bottom of ocean mixed layer" => 237,
        "bottom of ocean isothermal layer" => 238,
        "layer ocean surface and 26C ocean isothermal level" => 239,
        "ocean mixed layer" => 240,
        "convective cloud bottom level" => 242,
        "convective cloud top level" => 243,
        "convective cloud layer" => 244,
        "lowest level of the wet bulb zero" => 245,
        "maximum equivalent potential temperature level" => 246,
        "equilibrium level" => 247,
        "shallow convective cloud bottom level" => 248,
        "shallow convective cloud top level" => 249,
        "deep convective cloud bottom level" => 251,
        "deep convective cloud top level" => 252,
        "lowest bottom level of supercooled liquid water layer" => 253,
        "highest top level of supercooled liquid water layer" => 254,
        _ => return None,
    })
}

/// Kinds of surfaces whose phrase starts with the number, by what follows it, and the power of ten from the phrase's unit to the
/// unit of the surface: wgrib2 prints pascals as hectopascals, and tenths of degrees as degrees.
fn numbered(unit: &str) -> Option<(u8, i32)> {
    Some(match unit {
        " K level" => (20, 0),
        " mb" => (100, 2),
        " m above mean sea level" => (102, 0),
        " m above ground" => (103, 0),
        " sigma level" => (104, 0),
        " hybrid level" => (105, 0),
        " m underground" => (106, 0),
        " K isentropic level" => (107, 0),
        " mb above ground" => (108, 2),
        " Eta level" => (111, 0),
        " logarithmic hybrid level" => (113, 0),
        " sigma height level" => (115, 0),
        " hybrid height level" => (118, 0),
        " hybrid pressure level" => (119, 0),
        " generalized vertical height coordinate" => (150, 0),
        " m below sea level" => (160, 0),
        " m below water surface" => (161, 0),
        "C ocean isotherm" => (235, 1),
        " in sequence" => (241, 0),
        _ => return None,
    })
}

/// Kinds of surfaces whose phrase has the number in the middle or at the end.
const NUMBER_INSIDE: [(u8, &str, &str); 17] = [
    (109, "PV=", " (Km^2/kg/s) surface"),
    (13, "lowest level ", "% integrated cloud cover"),
    (
        18,
        "Departure level of mixed layer parcel of air with specified layer depth ",
        " (Pa)",
    ),
    (21, "lowest level > ", " kg/m^3"),
    (22, "highest level > ", " kg/m^3"),
    (23, "lowest level > ", " Bq/m^3"),
    (24, "highest level > ", " Bg/m^3"),
    (25, "highest level > ", " dBZ"),
    (151, "soil level ", ""),
    (168, "ocean model level ", ""),
    (
        169,
        "ocean level ",
        " (kg*m-3) density difference to near surface",
    ),
    (
        170,
        "ocean level ",
        " (K) pot. temperature difference to near surface",
    ),
    (
        171,
        "ocean level ",
        " (m*m/s) vertical eddy diffusivity difference from near surface",
    ),
    (172, "mixed layer depth (delta rho=", ")"),
    (216, "effective layer top level ", "m"),
    (217, "effective layer bottom level ", "m"),
    (218, "effective layer ", "m"),
];

/// `local level type 211` and `local level type 211 3`: surfaces of other centres.
fn local(text: &str) -> Option<Surface> {
    let rest = text.strip_prefix("local level type ")?;
    match rest.split_once(' ') {
        None => rest.parse().ok().map(Surface::bare),
        Some((kind, number)) => Decimal::parse(number)?.surface(kind.parse().ok()?, 0),
    }
}

/// A layer between two numbers of one unit, or one of the columns that have a name.
fn layer(text: &str) -> Option<(Surface, Surface)> {
    match text {
        "atmos col" => return Some((Surface::bare(1), Surface::bare(8))),
        "ocean column" => return Some((Surface::bare(9), Surface::bare(1))),
        "no_level" => return Some((Surface::bare(255), Surface::bare(255))),
        _ => {}
    }
    let (first, rest) = Decimal::parse_prefix(text)?;
    let (second, unit) = Decimal::parse_prefix(rest.strip_prefix('-')?)?;
    // ` m ocean layer` is missing: it stands for 161 and, from NCEP, for 236 in other units.
    let (kind, shift) = match unit {
        " mb" => (100, 2),
        " m above mean sea level" => (102, 0),
        " m above ground" => (103, 0),
        " sigma layer" => (104, 0),
        " hybrid layer" => (105, 0),
        " m below ground" => (106, 0),
        " K isentropic layer" => (107, 0),
        " mb above ground" => (108, 2),
        " Eta layer" => (111, 0),
        " sigma height layer" => (115, 0),
        " hybrid height layer" => (118, 0),
        " hybrid pressure layer" => (119, 0),
        " generalized vertical height coordinate" => (150, 0),
        " m below sea level" => (160, 0),
        "C ocean isotherm layer" => (235, 1),
        _ => return None,
    };
    Some((first.surface(kind, shift)?, second.surface(kind, shift)?))
}

/// A number as C's `%g` prints it: `0.33`, `-2e-06`.
#[derive(Clone, Copy)]
struct Decimal {
    digits: i64,
    exponent: i32,
}

impl Decimal {
    /// The number that is the whole text.
    fn parse(text: &str) -> Option<Self> {
        Self::parse_prefix(text)
            .filter(|(_, rest)| rest.is_empty())
            .map(|(number, _)| number)
    }

    /// The number that the text starts with, and what follows it.
    fn parse_prefix(text: &str) -> Option<(Self, &str)> {
        let (negative, mut rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (mut digits, mut exponent, mut some, mut fraction) = (0_i64, 0_i32, false, false);
        while let Some((&octet, _)) = rest.as_bytes().split_first() {
            match octet {
                b'0'..=b'9' => {
                    digits = digits
                        .checked_mul(10)?
                        .checked_add(i64::from(octet - b'0'))?;
                    exponent = exponent.checked_sub(i32::from(fraction))?;
                    some = true;
                }
                b'.' if !fraction => fraction = true,
                _ => break,
            }
            rest = rest.get(1..)?;
        }
        if !some {
            return None;
        }
        if let Some((shift, behind)) = exponent_of_ten(rest) {
            exponent = exponent.checked_add(shift)?;
            rest = behind;
        }
        let digits = if negative { -digits } else { digits };
        Some((Self { digits, exponent }, rest))
    }

    fn surface(self, kind: u8, shift: i32) -> Option<Surface> {
        Surface::decimal(kind, self.digits, self.exponent.checked_add(shift)?)
    }
}

/// `e-06` and what follows it; C prints a sign and at least two digits.
fn exponent_of_ten(text: &str) -> Option<(i32, &str)> {
    let (sign, rest) = match text.as_bytes() {
        [b'e', b'+', ..] => (1, text.get(2..)?),
        [b'e', b'-', ..] => (-1, text.get(2..)?),
        _ => return None,
    };
    let length = rest.bytes().take(3).take_while(u8::is_ascii_digit).count();
    let (digits, rest) = rest.split_at_checked(length)?;
    digits
        .parse::<i32>()
        .ok()
        .map(|exponent| (sign * exponent, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::Surface;

    fn at(kind: u8, factor: i8, value: i32) -> Surface {
        Surface {
            kind,
            scale_factor: Some(factor),
            scaled_value: Some(value),
        }
    }

    #[test]
    fn phrases_of_real_files_become_surfaces() {
        for (text, first, second) in [
            ("surface", Surface::bare(1), None),
            ("2 m above ground", at(103, 0, 2), None),
            ("850 mb", at(100, 0, 85_000), None),
            ("0.4 mb", at(100, 0, 40), None),
            ("0.01 mb", at(100, 0, 1), None),
            ("0.001 mb", at(100, 1, 1), None),
            ("0-0.1 m below ground", at(106, 0, 0), Some(at(106, 1, 1))),
            (
                "180-0 mb above ground",
                at(108, 0, 18_000),
                Some(at(108, 0, 0)),
            ),
            ("0.33-1 sigma layer", at(104, 2, 33), Some(at(104, 0, 1))),
            ("1 hybrid level", at(105, 0, 1), None),
            ("PV=2e-06 (Km^2/kg/s) surface", at(109, 6, 2), None),
            ("PV=-2e-06 (Km^2/kg/s) surface", at(109, 6, -2), None),
            ("3658 m above mean sea level", at(102, 0, 3658), None),
            ("100-1000 mb", at(100, 0, 10_000), Some(at(100, 0, 100_000))),
            (
                "253 K level - 263 K level",
                at(20, 0, 253),
                Some(at(20, 0, 263)),
            ),
            ("0C isotherm", Surface::bare(4), None),
            ("0 m underground", at(106, 0, 0), None),
            ("1 in sequence", at(241, 0, 1), None),
            ("20C ocean isotherm", at(235, 0, 200), None),
            (
                "entire atmosphere (considered as a single layer)",
                Surface::bare(200),
                None,
            ),
            ("atmos col", Surface::bare(1), Some(Surface::bare(8))),
            (
                "surface - top of atmosphere",
                Surface::bare(1),
                Some(Surface::bare(8)),
            ),
            ("no_level", Surface::bare(255), Some(Surface::bare(255))),
            ("local level type 211 3", at(211, 0, 3), None),
            ("local level type 211", Surface::bare(211), None),
            (
                "-10--5 m above ground",
                at(103, 0, -10),
                Some(at(103, 0, -5)),
            ),
        ] {
            assert_eq!(
                parse_level(text),
                Level::Surfaces { first, second },
                "{text}"
            );
        }
    }

    #[test]
    fn phrases_that_say_too_little_stay_text() {
        for text in [
            "",
            "reserved",
            "missing",
            "10-20 m ocean layer",
            "surfaces",
            "850 mbar",
            "1e99 mb",
            "99999999999 mb",
            "nan mb",
            "850",
            "- mb",
            "10C isotherm",
            "soil level x",
        ] {
            assert_eq!(
                parse_level(text),
                Level::Text(Cow::Borrowed(text)),
                "{text}"
            );
        }
    }
}
