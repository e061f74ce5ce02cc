//! Short words of MARS: class, stream, type, level type.

use std::fmt;

use serde::{Serialize, Serializer};

/// A word of at most eight octets of ASCII without a zero octet, kept in one register.
///
/// Every class, stream, type, version, domain and level type of MARS fits; comparing and hashing one is a single operation.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Word {
    /// Big endian, left aligned, so that the order of words is the order of their texts.
    octets: [u8; 8],
}

impl Word {
    /// No letters.
    pub const EMPTY: Self = Self { octets: [0; 8] };

    /// The word of that text, or `None` where it is longer than eight octets, or holds a zero octet or more than ASCII.
    pub const fn new(text: &str) -> Option<Self> {
        let text = text.as_bytes();
        let mut octets = [0; 8];
        if text.len() > octets.len() {
            return None;
        }
        let mut rest = text;
        let mut at = 0;
        while let Some((&octet, tail)) = rest.split_first() {
            if octet == 0 || !octet.is_ascii() {
                return None;
            }
            #[expect(clippy::indexing_slicing, reason = "at < text.len() <= 8")]
            {
                octets[at] = octet;
            }
            at += 1;
            rest = tail;
        }
        Some(Self { octets })
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        let length = self
            .octets
            .iter()
            .position(|&octet| octet == 0)
            .unwrap_or(self.octets.len());
        // Only ASCII gets in, so that neither default is ever taken.
        std::str::from_utf8(self.octets.get(..length).unwrap_or_default()).unwrap_or_default()
    }

    /// Whether there are no letters.
    pub fn is_empty(self) -> bool {
        self == Self::EMPTY
    }

    /// The octets of the text in the order of memory, padded with zeros, as one number.
    pub(crate) const fn bits(self) -> u64 {
        u64::from_le_bytes(self.octets)
    }

    /// The inverse of [`Word::bits`]; the caller has checked that the octets are ASCII, and zeros only behind the text.
    pub(crate) const fn from_bits(bits: u64) -> Self {
        Self {
            octets: bits.to_le_bytes(),
        }
    }
}

impl fmt::Debug for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl PartialEq<str> for Word {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Word {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl Serialize for Word {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_its_text() {
        for text in ["", "g", "enfo", "12345678"] {
            assert_eq!(Word::new(text).unwrap().as_str(), text);
            assert_eq!(
                Word::from_bits(Word::new(text).unwrap().bits()),
                Word::new(text).unwrap()
            );
        }
        assert!(Word::new("oper") < Word::new("waef"));
    }

    #[test]
    fn what_would_lose_a_letter_is_no_word() {
        assert_eq!(Word::new("123456789"), None);
        assert_eq!(Word::new("a\0"), None);
        assert_eq!(Word::new("é"), None);
    }
}
