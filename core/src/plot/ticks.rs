//! Round numbers along an axis, and how they are written.

/// Ticks of an axis.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Ticks {
    /// Where they stand, in the unit of the data.
    pub(super) at: Vec<f64>,
    /// What is written there.
    pub(super) labels: Vec<String>,
    /// The power of ten that the labels leave out.
    pub(super) exponent: i32,
}

/// The least distance of 1, 2 or 5 times a power of ten that is not below `least`.
pub(super) fn round_step(least: f64) -> f64 {
    let power = 10_f64.powf(least.log10().floor());
    // What is 1.9999999 for lack of digits is 2.
    let step = [1.0, 2.0, 5.0]
        .into_iter()
        .find(|step| step * power >= least * (1.0 - 1e-9));
    step.unwrap_or(10.0) * power
}

/// Round numbers from `low` to `high`, about `wanted` of them at most.
pub(super) fn round(low: f64, high: f64, wanted: f64) -> Ticks {
    let step = round_step((high - low) / wanted.max(1.0));
    let exponent = exponent(low.abs().max(high.abs()));
    let unit = 10_f64.powi(exponent);
    let decimals = super::canvas::index((-(step / unit * (1.0 + 1e-9)).log10().floor()).max(0.0));
    let at: Vec<f64> = multiples(step, low, high);
    let labels = at
        .iter()
        .map(|value| minus(&format!("{:.decimals$}", value / unit + 0.0)))
        .collect();
    Ticks {
        at,
        labels,
        exponent,
    }
}

/// Multiples of `step` from `low` to `high`.
fn multiples(step: f64, low: f64, high: f64) -> Vec<f64> {
    let slack = step * 1e-6;
    let first = ((low - slack) / step).ceil();
    let mut at = Vec::new();
    let mut number = first;
    while number * step <= high + slack && at.len() < 1_000 {
        at.push(number * step + 0.0);
        number += 1.0;
    }
    at
}

/// A power of ten for numbers that are too long to write.
fn exponent(largest: f64) -> i32 {
    let power = super::canvas::signed(largest.log10().floor());
    if largest > 0.0 && !(-3..5).contains(&power) {
        power
    } else {
        0
    }
}

/// Steps between meridians and parallels.
const DEGREES: [f64; 13] = [
    0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 20.0, 30.0, 45.0, 60.0, 90.0,
];

/// Degrees from `low` to `high`, about `wanted` at most; `letters` are those for above and below zero.
pub(super) fn degrees(low: f64, high: f64, wanted: f64, letters: [char; 2]) -> Ticks {
    let least = (high - low) / wanted.max(1.0);
    let step = DEGREES.into_iter().find(|step| *step >= least);
    let step = step.unwrap_or(90.0);
    let decimals = usize::from(step < 1.0);
    let at = multiples(step, low, high);
    let labels = at
        .iter()
        .map(|&degree| {
            // 190° east is 170° west.
            let degree = if degree.abs() > 180.0 && letters == ['E', 'W'] {
                (degree + 180.0).rem_euclid(360.0) - 180.0
            } else {
                degree
            };
            let side = match degree {
                _ if degree.abs() < 1e-9 || degree.abs() == 180.0 => String::new(),
                _ if degree > 0.0 => letters[0].to_string(),
                _ => letters[1].to_string(),
            };
            format!("{:.decimals$}°{side}", degree.abs())
        })
        .collect();
    Ticks {
        at,
        labels,
        exponent: 0,
    }
}

/// Units as they are printed: `kg m**-2` is kg m⁻².
pub(super) fn units(text: &str, exponent: i32) -> String {
    let mut out = String::new();
    if exponent != 0 {
        out.push_str("10");
        out.extend(exponent.to_string().chars().map(raised));
        out.push(' ');
    }
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("**") {
        out.push_str(before);
        let end = after
            .find(|letter: char| !letter.is_ascii_digit() && letter != '-')
            .unwrap_or(after.len());
        let (power, behind) = after.split_at(end);
        out.extend(power.chars().map(raised));
        rest = behind;
    }
    out + rest
}

fn raised(letter: char) -> char {
    const RAISED: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    match letter
        .to_digit(10)
        .and_then(|digit| usize::try_from(digit).ok())
    {
        Some(digit) => RAISED.get(digit).copied().unwrap_or(letter),
        None if letter == '-' => '⁻',
        None => letter,
    }
}

/// A minus as long as a plus.
fn minus(number: &str) -> String {
    number.replace('-', "−")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round() {
        assert_eq!(round_step(0.3), 0.5);
        assert_eq!(round_step(0.2), 0.2);
        assert_eq!(round_step(51.0), 100.0);
        assert_eq!(round(0.0, 47.0, 5.0).labels, ["0", "10", "20", "30", "40"]);
        assert_eq!(
            round(-1.0, 1.0, 4.0).labels,
            ["−1.0", "−0.5", "0.0", "0.5", "1.0"]
        );
        assert_eq!(round(0.1, 0.3, 2.0).labels, ["0.1", "0.2", "0.3"]);
        let small = round(0.0, 4e-5, 2.0);
        assert_eq!(
            (small.labels, small.exponent),
            (vec!["0".into(), "2".into(), "4".into()], -5)
        );
        let large = round(0.0, 120_000.0, 3.0);
        assert_eq!((large.labels[1].as_str(), large.exponent), ("0.5", 5));
    }

    #[test]
    fn degrees_have_a_side() {
        let east = degrees(-20.0, 55.0, 5.0, ['E', 'W']);
        assert_eq!(east.labels, ["15°W", "0°", "15°E", "30°E", "45°E"]);
        let across = degrees(170.0, 200.0, 3.0, ['E', 'W']);
        assert_eq!(across.labels, ["170°E", "180°", "170°W", "160°W"]);
        assert_eq!(
            degrees(-0.5, 0.5, 2.0, ['N', 'S']).labels,
            ["0.5°S", "0.0°", "0.5°N"]
        );
    }

    #[test]
    fn powers_are_raised() {
        assert_eq!(units("kg m**-2 s**-1", 0), "kg m⁻² s⁻¹");
        assert_eq!(units("m", -5), "10⁻⁵ m");
        assert_eq!(units("%", 0), "%");
    }
}
