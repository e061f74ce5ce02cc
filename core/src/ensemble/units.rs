//! Units as the tables spell them, and the conversions that may be asked for.

/// What is done to a number to have it in another unit: times `scale`, plus `offset`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Conversion {
    /// Factor.
    pub scale: f64,
    /// What is added after it.
    pub offset: f64,
}

impl Conversion {
    /// The number stays.
    pub const NONE: Self = Self {
        scale: 1.0,
        offset: 0.0,
    };
}

/// A unit that cannot be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no conversion from {from} to {to}: there are {known}")]
pub struct NoConversion {
    /// The unit that there is.
    from: String,
    /// The unit that was asked for.
    to: String,
    /// What it can be turned into.
    known: String,
}

/// Unit of ecCodes, unit asked for, factor and offset. Water of 1 kg m-2 is 1 mm deep.
const CONVERSIONS: [(&str, &str, f64, f64); 17] = [
    ("J m-2", "MJ m-2", 1e-6, 0.0),
    ("K", "degC", 1.0, -273.15),
    ("Pa", "hPa", 0.01, 0.0),
    ("kg m-2", "m", 0.001, 0.0),
    ("kg m-2", "mm", 1.0, 0.0),
    ("kg m-2 s-1", "mm h-1", 3_600.0, 0.0),
    ("m", "kg m-2", 1_000.0, 0.0),
    ("m", "mm", 1_000.0, 0.0),
    ("m of water equivalent", "kg m-2", 1_000.0, 0.0),
    ("m of water equivalent", "m", 1.0, 0.0),
    ("m of water equivalent", "mm", 1_000.0, 0.0),
    ("m s-1", "km h-1", 3.6, 0.0),
    ("m s-1", "knots", 3_600.0 / 1_852.0, 0.0),
    ("gpm", "dam", 0.1, 0.0),
    ("1", "%", 100.0, 0.0),
    ("%", "1", 0.01, 0.0),
    ("kg kg-1", "g kg-1", 1_000.0, 0.0),
];

/// How numbers in `from` become numbers in `to`; `J m**-2` and `J m-2` are one unit.
///
/// # Errors
/// [`NoConversion`] for pairs that nobody listed here: units are never guessed.
pub fn convert(from: &str, to: &str) -> Result<Conversion, NoConversion> {
    let (from, to) = (plain(from), plain(to));
    if from == to {
        return Ok(Conversion::NONE);
    }
    let of = |entry: &&(&str, &str, f64, f64)| entry.0 == from;
    let found = CONVERSIONS.iter().filter(of).find(|entry| entry.1 == to);
    let found = found.map(|(_, _, scale, offset)| Conversion {
        scale: *scale,
        offset: *offset,
    });
    found.ok_or_else(|| {
        let known: Vec<&str> = CONVERSIONS.iter().filter(of).map(|entry| entry.1).collect();
        NoConversion {
            known: match known.as_slice() {
                [] => "none".to_owned(),
                known => known.join(", "),
            },
            from: from.clone(),
            to: to.clone(),
        }
    })
}

/// A unit as CF spells it: `J m**-2` is `J m-2`, a share `(0 - 1)` is `1`.
#[must_use]
pub fn plain(units: &str) -> String {
    match units.trim() {
        "(0 - 1)" | "~" | "dimensionless" => "1".to_owned(),
        units => units.replace("**", ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_converted_as_by_hand() {
        for (from, to, value, expected) in [
            ("m", "mm", 0.0125, 12.5),
            ("kg m**-2", "mm", 12.5, 12.5),
            ("K", "degC", 300.0, 26.85),
            ("Pa", "hPa", 101_325.0, 1_013.25),
            ("J m**-2", "MJ m**-2", 2_500_000.0, 2.5),
            ("J m**-2", "J m-2", 3.0, 3.0),
        ] {
            let found = convert(from, to).unwrap();
            let value = value * found.scale + found.offset;
            assert!((value - expected).abs() < 1e-9, "{from} to {to}: {value}");
        }
    }

    #[test]
    fn a_conversion_that_nobody_listed_is_an_error() {
        let error = convert("K", "mm").unwrap_err();
        assert_eq!(
            error.to_string(),
            "no conversion from K to mm: there are degC"
        );
        assert!(convert("m", "K").is_err());
    }
}
