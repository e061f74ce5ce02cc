//! Short words of MARS: class, stream, type, level type.

use std::cmp::Ordering;
use std::fmt;
use std::ops::Deref;

use serde::{Serialize, Serializer};

/// A word of at most eight octets of ASCII without a zero octet, kept in one register.
///
/// Every class, stream, type, version, domain and level type of MARS fits; comparing and hashing one is a single operation.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Word {
    /// The octets of the text, the first one lowest, padded with zeros.
    bits: u64,
}

impl Word {
    /// No letters.
    pub const EMPTY: Self = Self { bits: 0 };

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
        Some(Self::from_bits(u64::from_le_bytes(octets)))
    }

    /// The text.
    pub fn to_text(self) -> WordText {
        WordText(self.bits.to_le_bytes())
    }

    /// Whether there are no letters.
    pub const fn is_empty(self) -> bool {
        self.bits == 0
    }

    /// The octets of the text, the first one lowest, padded with zeros.
    pub(crate) const fn bits(self) -> u64 {
        self.bits
    }

    /// The inverse of [`Word::bits`]; the caller has checked that the octets are ASCII, and zeros only behind the text.
    pub(crate) const fn from_bits(bits: u64) -> Self {
        Self { bits }
    }
}

/// Words sort as their texts do.
impl Ord for Word {
    fn cmp(&self, other: &Self) -> Ordering {
        self.bits.swap_bytes().cmp(&other.bits.swap_bytes())
    }
}

impl PartialOrd for Word {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The text of a [`Word`], which derefs to `str`.
#[derive(Clone, Copy)]
pub struct WordText([u8; 8]);

impl Deref for WordText {
    type Target = str;

    fn deref(&self) -> &str {
        let length = self.0.iter().take_while(|octet| **octet != 0).count();
        // Only ASCII gets in, so that neither default is ever taken.
        std::str::from_utf8(self.0.get(..length).unwrap_or_default()).unwrap_or_default()
    }
}

impl fmt::Debug for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.to_text(), f)
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.to_text())
    }
}

impl PartialEq<str> for Word {
    fn eq(&self, other: &str) -> bool {
        &*self.to_text() == other
    }
}

impl PartialEq<&str> for Word {
    fn eq(&self, other: &&str) -> bool {
        &*self.to_text() == *other
    }
}

impl Serialize for Word {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_its_text() {
        for text in ["", "g", "enfo", "12345678"] {
            assert_eq!(Word::new(text).unwrap().to_text().deref(), text);
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
