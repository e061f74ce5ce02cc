//! The members of a source: their names, their numbers, and where they are found.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::pattern::{Pattern, Values};
use super::{SourceError, ranges};
use crate::identity::Member;

/// One forecast of a source as users and file names spell it, and as messages number it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct MemberId {
    /// Name: `gep01`, `ens01`, `control`.
    pub name: String,
    /// Its place in the ensemble; `None` for the one forecast of a source that has no ensemble.
    pub member: Option<Member>,
}

/// How a stream tells members apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Members {
    /// All members are in one file for each step; its index numbers them.
    InFile(Roster),
    /// Each member has its own file for each step, and the path names it.
    PerFile(Roster),
    /// There is one forecast and no ensemble.
    Single {
        /// What the forecast is called.
        name: String,
    },
}

/// Names and numbers of the members of a stream.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Roster {
    /// Name of the unperturbed member, where the stream has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub control: Option<String>,
    /// Names of the perturbed members.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub perturbed: Option<Pattern>,
    /// Their numbers, `1-30`.
    #[serde(default, skip_serializing_if = "Numbers::is_empty")]
    pub numbers: Numbers,
    /// Members that `all` leaves out because they are no forecasts: mean and spread.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub by_name: BTreeMap<String, Member>,
}

/// A sorted set of numbers, written `1-30`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Numbers(Vec<u32>);

impl Members {
    /// Every member, in the order control, perturbed, by name.
    pub fn ids(&self) -> Vec<MemberId> {
        let roster = match self {
            Self::InFile(roster) | Self::PerFile(roster) => roster,
            Self::Single { name } => {
                return vec![MemberId {
                    name: name.clone(),
                    member: None,
                }];
            }
        };
        let id = |name: String, member| MemberId {
            name,
            member: Some(member),
        };
        let control = roster.control.iter();
        let named = roster.by_name.iter();
        control
            .map(|name| id(name.clone(), Member::Control))
            .chain(roster.numbers.0.iter().filter_map(|number| {
                let values = Values {
                    number: Some(*number),
                    ..Values::default()
                };
                let name = roster.perturbed.as_ref()?.fill(values)?;
                Some(id(name, Member::Perturbed(*number)))
            }))
            .chain(named.map(|(name, member)| id(name.clone(), *member)))
            .collect()
    }
}

impl MemberId {
    /// The number of a forecast: 0 for the control, from 1 for the others; `None` where it has none.
    pub fn number(&self) -> Option<u32> {
        match self.member {
            Some(Member::Control) => Some(0),
            Some(Member::Perturbed(number)) => Some(number),
            _ => None,
        }
    }

    /// Whether it is a forecast, and not a mean or a spread over forecasts: what `all` means.
    pub fn is_forecast(&self) -> bool {
        !matches!(self.member, Some(Member::Mean | Member::Spread))
    }
}

/// Picks members as a user types them: `all`, `control`, names, numbers, ranges of either, with commas between.
///
/// `all` leaves means and spreads out; they come by their name only. The answer has the order of `known` and no member twice.
///
/// # Errors
/// [`SourceError::MemberUnknown`] with the names that are known.
pub(super) fn parse(text: &str, known: &[MemberId]) -> Result<Vec<MemberId>, SourceError> {
    let unknown = |text: &str| SourceError::MemberUnknown {
        text: text.to_owned(),
        known: describe(known),
    };
    let mut wanted = vec![false; known.len()];
    for part in text.split(',').map(str::trim) {
        let mut want = |test: &dyn Fn(&MemberId) -> bool| {
            let mut found = false;
            for (flag, id) in wanted.iter_mut().zip(known) {
                let matches = test(id);
                *flag |= matches;
                found |= matches;
            }
            found
        };
        if part == "all" {
            want(&MemberId::is_forecast);
        } else if let Some(one) = resolve(part, known) {
            want(&|id| id == one);
        } else {
            let ends = part.split_once('-').and_then(|(first, last)| {
                let number = |text| resolve(text, known)?.number();
                Some((number(first)?, number(last)?))
            });
            let (first, last) = ends.ok_or_else(|| unknown(part))?;
            for number in first..=last {
                if !want(&|id| id.number() == Some(number)) {
                    return Err(unknown(&format!("{part}: {number}")));
                }
            }
            if first > last {
                return Err(unknown(part));
            }
        }
    }
    Ok(known
        .iter()
        .zip(wanted)
        .filter(|(_, wanted)| *wanted)
        .map(|(id, _)| id.clone())
        .collect())
}

/// The member of that name, of that number, or the control under its common name.
fn resolve<'a>(text: &str, known: &'a [MemberId]) -> Option<&'a MemberId> {
    let named = known.iter().find(|id| id.name == text);
    named.or_else(|| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let number = match text {
            "control" => Some(0),
            _ if digits => text.parse().ok(),
            _ => None,
        };
        let number: u32 = number?;
        known.iter().find(|id| id.number() == Some(number))
    })
}

/// `gec00, gep01 to gep30, geavg, gespr`: the names in short.
pub(super) fn describe(known: &[MemberId]) -> String {
    let follows = |one: &MemberId, next: &MemberId| match (one.member, next.member) {
        (Some(Member::Perturbed(one)), Some(Member::Perturbed(next))) => {
            one.checked_add(1) == Some(next)
        }
        _ => false,
    };
    let names = known.chunk_by(follows).map(|chunk| match chunk {
        [first, _, .., last] => format!("{} to {}", first.name, last.name),
        few => few
            .iter()
            .map(|id| id.name.as_str())
            .collect::<Vec<_>>()
            .join(", "),
    });
    names.collect::<Vec<_>>().join(", ")
}

impl Numbers {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl TryFrom<String> for Numbers {
    type Error = SourceError;

    fn try_from(text: String) -> Result<Self, SourceError> {
        let mut numbers = Vec::new();
        for range in ranges::parse(&text)? {
            let by = usize::try_from(range.by.unwrap_or(1)).unwrap_or(usize::MAX);
            numbers.extend((range.first..=range.last).step_by(by.max(1)));
        }
        numbers.sort_unstable();
        numbers.dedup();
        Ok(Self(numbers))
    }
}

impl From<Numbers> for String {
    fn from(numbers: Numbers) -> Self {
        ranges::write(&numbers.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Vec<MemberId> {
        Members::PerFile(Roster {
            control: Some("gec00".to_owned()),
            perturbed: Some("gep{number:02}".parse().unwrap()),
            numbers: Numbers::try_from("1-30".to_owned()).unwrap(),
            by_name: BTreeMap::from([
                ("geavg".to_owned(), Member::Mean),
                ("gespr".to_owned(), Member::Spread),
            ]),
        })
        .ids()
    }

    fn names(text: &str) -> Vec<String> {
        let members = parse(text, &known()).unwrap();
        members.into_iter().map(|id| id.name).collect()
    }

    #[test]
    fn all_are_the_control_and_the_perturbed() {
        let all = names("all");
        assert_eq!(all.len(), 31);
        assert_eq!((all[0].as_str(), all[30].as_str()), ("gec00", "gep30"));
    }

    #[test]
    fn names_numbers_and_ranges() {
        assert_eq!(names("control"), ["gec00"]);
        assert_eq!(names("geavg"), ["geavg"]);
        assert_eq!(names("gep01-gep03"), ["gep01", "gep02", "gep03"]);
        assert_eq!(names("0-2"), ["gec00", "gep01", "gep02"]);
        assert_eq!(names("5,2, 1,2"), ["gep01", "gep02", "gep05"]);
        assert_eq!(names("gespr,gep30"), ["gep30", "gespr"]);
    }

    #[test]
    fn unknown_members_are_named_with_the_known_ones() {
        for text in [
            "",
            "gep31",
            "31",
            "29-31",
            "3-1",
            "mean",
            "geavg-gespr",
            "gep01-",
            "1,,2",
            "-1",
        ] {
            let error = parse(text, &known()).unwrap_err();
            assert!(matches!(error, SourceError::MemberUnknown { .. }), "{text}");
        }
        assert_eq!(
            parse("ens01", &known()).unwrap_err().to_string(),
            "no member `ens01`: expected all, control, or some of gec00, gep01 to gep30, geavg, gespr"
        );
    }

    #[test]
    fn the_one_forecast_has_no_number() {
        let known = Members::Single {
            name: "fc".to_owned(),
        }
        .ids();
        let all = parse("all", &known).unwrap();
        assert_eq!((all.len(), all[0].member, all[0].number()), (1, None, None));
        assert!(parse("0", &known).is_err());
    }
}
