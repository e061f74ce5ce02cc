//! What a section may have wrong: too short, another section, a value that no table knows.

use super::reader::{Reader, Short};

/// A section that does not say what a section of its number must say.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Malformed {
    /// The section ends before one of its fields.
    #[error("section {section} is too short")]
    Short {
        /// Section number.
        section: u8,
        /// Octet of the section at which the field starts, and how much is there.
        #[source]
        source: Short,
    },
    /// These octets are another section.
    #[error("section {expected} expected, section {found} found")]
    Section {
        /// Section number expected.
        expected: u8,
        /// Section number found in octet 5.
        found: u8,
    },
    /// The section's own length differs from the number of octets at hand.
    #[error("section {section} says it has {declared} octets, {given} are given")]
    Length {
        /// Section number.
        section: u8,
        /// Length in octets 1-4.
        declared: u32,
        /// Octets at hand.
        given: usize,
    },
    /// A field holds a value that cannot be.
    #[error("section {section}, octet {octet}: {what} cannot be {found}")]
    Value {
        /// Section number.
        section: u8,
        /// Octet of the section at which the field starts, counted from 1.
        octet: usize,
        /// What the field holds.
        what: &'static str,
        /// The value found.
        found: u64,
    },
}

impl Malformed {
    /// Names the section of a [`Short`]; made for `map_err`.
    pub fn short(section: u8) -> impl Fn(Short) -> Self {
        move |source| Self::Short { section, source }
    }
}

/// A reader behind the five octets that open every section but 0 and 8, once they were checked.
///
/// `octets` is the whole section, so that [`Short::at`] counts as the WMO manual does.
pub fn open(section: u8, octets: &[u8]) -> Result<Reader<'_>, Malformed> {
    let short = Malformed::short(section);
    let mut reader = Reader::new(octets);
    let declared = reader.u32().map_err(&short)?;
    let found = reader.u8().map_err(&short)?;
    if found != section {
        return Err(Malformed::Section {
            expected: section,
            found,
        });
    }
    if u32::try_from(octets.len()) != Ok(declared) {
        return Err(Malformed::Length {
            section,
            declared,
            given: octets.len(),
        });
    }
    Ok(reader)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_opens_only_under_its_own_number_and_length() {
        assert!(open(7, &[0, 0, 0, 6, 7, 0]).is_ok());
        assert_eq!(
            open(6, &[0, 0, 0, 6, 7, 0]).map(|_| ()),
            Err(Malformed::Section {
                expected: 6,
                found: 7
            })
        );
        assert_eq!(
            open(7, &[0, 0, 0, 9, 7, 0]).map(|_| ()),
            Err(Malformed::Length {
                section: 7,
                declared: 9,
                given: 6
            })
        );
    }
}
