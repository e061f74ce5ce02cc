//! Time zones of a fixed offset, and times as titles write them.

use std::fmt;
use std::str::FromStr;

use super::PlotError;
use crate::time::{Moment, Step};

/// A time zone without summer time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    name: String,
    east: Step,
}

/// Zones by name, with hours east of UTC: East Africa, Central Africa, West Africa, South Africa, Greenwich.
const NAMED: [(&str, i32); 7] = [
    ("UTC", 0),
    ("Z", 0),
    ("GMT", 0),
    ("WAT", 1),
    ("CAT", 2),
    ("SAST", 2),
    ("EAT", 3),
];

impl Zone {
    /// A moment on this zone's clocks: `2026-07-08 03:00 EAT`.
    pub fn at(&self, moment: Moment) -> String {
        let local = moment.after(self.east).to_string();
        let local = local.strip_suffix(":00").unwrap_or(&local);
        format!("{} {self}", local.replace('T', " "))
    }
}

impl Default for Zone {
    fn default() -> Self {
        Self {
            name: "UTC".to_owned(),
            east: Step::ZERO,
        }
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl FromStr for Zone {
    type Err = PlotError;

    fn from_str(text: &str) -> Result<Self, PlotError> {
        let upper = text.to_ascii_uppercase();
        if let Some((name, hours)) = NAMED.into_iter().find(|(name, _)| *name == upper) {
            return Ok(Self {
                name: if name == "Z" { "UTC" } else { name }.to_owned(),
                east: Step::hours(hours),
            });
        }
        let offset = upper.strip_prefix("UTC").unwrap_or(&upper);
        let minutes = minutes(offset).ok_or_else(|| PlotError::Zone {
            text: text.to_owned(),
        })?;
        let (hours, rest) = (minutes.abs() / 60, minutes.abs() % 60);
        let sign = if minutes < 0 { '-' } else { '+' };
        Ok(Self {
            name: format!("UTC{sign}{hours:02}:{rest:02}"),
            east: Step::seconds(minutes * 60),
        })
    }
}

/// Minutes of `+03:00`, `-5` or `+0530`; at most 14 hours.
fn minutes(text: &str) -> Option<i64> {
    let sign = match text.chars().next()? {
        '+' => 1,
        '-' => -1,
        _ => return None,
    };
    let digits = text.split_at(1).1;
    let (hours, minutes) = match digits.split_once(':') {
        Some(parts) => parts,
        None if digits.len() == 4 => digits.split_at_checked(2)?,
        None => (digits, "0"),
    };
    let number = |text: &str| -> Option<i64> {
        let plain = !text.is_empty() && text.len() <= 2;
        (plain && text.bytes().all(|letter| letter.is_ascii_digit())).then(|| text.parse().ok())?
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    let all = hours * 60 + minutes;
    (minutes < 60 && all <= 14 * 60).then_some(sign * all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_moves_the_clock() {
        let run: crate::time::Run = "2026-07-06T22".parse().unwrap();
        let at = |zone: &str| zone.parse::<Zone>().unwrap().at(run.into());
        assert_eq!(at("UTC"), "2026-07-06 22:00 UTC");
        assert_eq!(at("eat"), "2026-07-07 01:00 EAT");
        assert_eq!(at("+05:30"), "2026-07-07 03:30 UTC+05:30");
        assert_eq!(at("-3"), "2026-07-06 19:00 UTC-03:00");
        assert_eq!(at("UTC+0300"), "2026-07-07 01:00 UTC+03:00");
        for bad in ["", "EST", "+", "+3:", "+24", "+03:60", "3", "+é", "+0:0é"] {
            assert!(bad.parse::<Zone>().is_err(), "{bad}");
        }
    }
}
