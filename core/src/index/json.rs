//! One flat JSON object, scanned without allocating.
//!
//! Only the plain case is scanned here: texts without escapes, numbers of digits. Everything else is [`Unusual`], and the caller
//! has `serde_json` read the line again. So this scanner may refuse what is valid, but what it accepts is what JSON says.

use memchr::memchr;

use crate::identity::Word;

/// Keys that a line may have. ECMWF writes 15 at most.
pub(super) const MOST_KEYS: usize = 64;

/// Something that needs the whole of JSON.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unusual;

/// A text or a number.
pub(super) trait Value {
    /// The type of its text.
    type Text: AsRef<str>;

    /// The text, or the number as written.
    fn text(&self) -> &str;

    /// The text, kept.
    fn into_text(self) -> Self::Text;

    /// The text as a word, where it is one.
    #[inline]
    fn word(&self) -> Option<Word> {
        Word::new(self.text())
    }

    /// The number, where there are digits and nothing else that fit 64 bits.
    #[inline]
    fn number(&self) -> Option<u64> {
        parse_number(self.text().as_bytes())
    }
}

impl<'a> Value for &'a str {
    type Text = &'a str;

    fn text(&self) -> &str {
        self
    }

    fn into_text(self) -> &'a str {
        self
    }
}

impl Value for String {
    type Text = Self;

    fn text(&self) -> &str {
        self
    }

    fn into_text(self) -> Self {
        self
    }
}

/// A text or a number of a plain JSON object.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scalar<'a> {
    text: &'a str,
    /// The text as a word, where the scanner knows it already.
    word: Option<Word>,
}

impl<'a> Value for Scalar<'a> {
    type Text = &'a str;

    #[inline]
    fn text(&self) -> &str {
        self.text
    }

    #[inline]
    fn into_text(self) -> &'a str {
        self.text
    }

    #[inline]
    fn word(&self) -> Option<Word> {
        self.word.or_else(|| Word::new(self.text))
    }
}

/// The members of one flat JSON object, in the order of the text. A comma behind the object is passed over.
pub(super) struct Members<'a> {
    rest: &'a str,
    /// No member was taken yet.
    first: bool,
}

impl<'a> Members<'a> {
    /// The members of an object from its start, or from behind a member.
    ///
    /// The text must be ASCII without backslashes and control characters; see [`is_plain`].
    pub(super) fn resume(text: &'a str, at_start: bool) -> Self {
        Self {
            rest: text,
            first: at_start,
        }
    }

    /// How many octets are not yet taken.
    pub(super) fn left(&self) -> usize {
        self.rest.len()
    }

    /// The next key and value, or `None` at the end of the object.
    #[expect(
        clippy::inline_always,
        reason = "a call returns key and value through memory, at twice the time"
    )]
    #[inline(always)]
    pub(super) fn next(&mut self) -> Result<Option<(Scalar<'a>, Scalar<'a>)>, Unusual> {
        // As Python's `json.dumps` writes it, tried first.
        if (self.first || !self.take(", \"")) && !self.next_key()? {
            return Ok(None);
        }
        let key = self.string()?;
        let value = if self.take(": \"") {
            self.string()?
        } else {
            self.next_value()?
        };
        Ok(Some((key, value)))
    }

    /// Goes behind the first quote of the next key, if there is one.
    fn next_key(&mut self) -> Result<bool, Unusual> {
        let first = std::mem::replace(&mut self.first, false);
        if first && !self.take("{") {
            return Err(Unusual);
        }
        self.skip_blanks();
        if self.take("}") {
            self.skip_blanks();
            self.take(",");
            self.skip_blanks();
            return if self.rest.is_empty() {
                Ok(false)
            } else {
                Err(Unusual)
            };
        }
        if !first {
            if !self.take(",") {
                return Err(Unusual);
            }
            self.skip_blanks();
        }
        if self.take("\"") {
            Ok(true)
        } else {
            Err(Unusual)
        }
    }

    #[inline]
    fn next_value(&mut self) -> Result<Scalar<'a>, Unusual> {
        self.skip_blanks();
        if !self.take(":") {
            return Err(Unusual);
        }
        self.skip_blanks();
        if self.take("\"") {
            self.string()
        } else {
            self.digits()
        }
    }

    /// Goes behind what is next, if it is that.
    #[inline]
    fn take(&mut self, next: &str) -> bool {
        match self.rest.strip_prefix(next) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    #[inline]
    fn skip_blanks(&mut self) {
        while self.take(" ") {}
    }

    /// The rest of a text, behind its first quote, and the quote that ends it.
    #[inline]
    fn string(&mut self) -> Result<Scalar<'a>, Unusual> {
        let octets = self.rest.as_bytes();
        let (length, word) = match octets.first_chunk::<9>().and_then(short_string) {
            Some((length, word)) => (length, Some(word)),
            None => (memchr(b'"', octets).ok_or(Unusual)?, None),
        };
        let (text, rest) = self.rest.split_at_checked(length).ok_or(Unusual)?;
        self.rest = rest.get(1..).ok_or(Unusual)?;
        Ok(Scalar { text, word })
    }

    #[inline]
    fn digits(&mut self) -> Result<Scalar<'a>, Unusual> {
        let mut octets = self.rest.bytes();
        let length = octets
            .position(|octet| !octet.is_ascii_digit())
            .ok_or(Unusual)?;
        let (text, rest) = self.rest.split_at_checked(length).ok_or(Unusual)?;
        self.rest = rest;
        // No digit, a leading zero, a fraction or an exponent is for the whole of JSON to judge.
        match (text.as_bytes(), rest.as_bytes()) {
            ([] | [b'0', _, ..], _) => Err(Unusual),
            (_, [b',' | b'}' | b' ', ..]) => Ok(Scalar { text, word: None }),
            _ => Err(Unusual),
        }
    }
}

/// Whether a line is ASCII without backslashes and control characters, as almost all are.
pub(super) fn is_plain(text: &str) -> bool {
    text.bytes().fold(true, |plain, octet| {
        plain & (b' '..=b'~').contains(&octet) & (octet != b'\\')
    })
}

/// Digits and nothing else; `u64::from_str` would take a sign.
#[inline]
pub(super) fn parse_number(octets: &[u8]) -> Option<u64> {
    // Nineteen digits always fit.
    if octets.is_empty() || octets.len() > 19 {
        return std::str::from_utf8(octets)
            .ok()
            .filter(|text| text.bytes().all(|octet| octet.is_ascii_digit()))?
            .parse()
            .ok();
    }
    let mut number = 0_u64;
    let mut digits = true;
    for octet in octets {
        let digit = octet.wrapping_sub(b'0');
        digits &= digit < 10;
        number = number.wrapping_mul(10).wrapping_add(u64::from(digit));
    }
    digits.then_some(number)
}

/// The length of a text of at most eight octets that a quote follows, and the text.
#[inline]
fn short_string(octets: &[u8; 9]) -> Option<(usize, Word)> {
    let (head, last) = octets.split_first_chunk::<8>()?;
    let head = u64::from_le_bytes(*head);
    match first_quote(head) {
        Some(length) => Some((length, Word::from_bits(head & low_octets(length)))),
        None if last == b"\"" => Some((8, Word::from_bits(head))),
        None => None,
    }
}

/// Where the first `"` of eight octets is, the lowest octet being the first.
#[inline]
fn first_quote(octets: u64) -> Option<usize> {
    const LOW: u64 = u64::from_le_bytes([1; 8]);
    const HIGH: u64 = u64::from_le_bytes([0x80; 8]);
    const QUOTES: u64 = u64::from_le_bytes([b'"'; 8]);
    let zero_where_quote = octets ^ QUOTES;
    let found = zero_where_quote.wrapping_sub(LOW) & !zero_where_quote & HIGH;
    if found == 0 {
        return None;
    }
    usize::try_from(found.trailing_zeros() / 8).ok()
}

/// Ones in the octets of a text of that length, at most seven.
#[inline]
fn low_octets(length: usize) -> u64 {
    u32::try_from(length * 8)
        .ok()
        .and_then(|bits| 1_u64.checked_shl(bits))
        .map_or(u64::MAX, |above| above - 1)
}

#[cfg(test)]
mod tests {
    use super::super::whole;
    use super::*;
    use proptest::prelude::*;

    type Pairs = Vec<(String, String)>;

    fn scanned(text: &str) -> Result<Pairs, Unusual> {
        let mut members = Members::resume(text, true);
        let mut pairs = Vec::new();
        while let Some((key, value)) = members.next()? {
            assert_eq!(key.word(), Word::new(key.text));
            assert_eq!(value.word(), Word::new(value.text));
            pairs.push((key.text.to_owned(), value.text.to_owned()));
        }
        Ok(pairs)
    }

    fn pairs(pairs: &[(&str, &str)]) -> Pairs {
        pairs
            .iter()
            .map(|&(key, value)| (key.to_owned(), value.to_owned()))
            .collect()
    }

    #[test]
    fn texts_of_any_length_end_at_their_quote() {
        for length in 0..20 {
            let word = "x".repeat(length);
            let text = format!(r#"{{"{word}": "{word}", "b":5}}"#);
            assert_eq!(
                scanned(&text),
                Ok(pairs(&[(&word, &word), ("b", "5")])),
                "{text}"
            );
        }
        assert_eq!(scanned("{}"), Ok(Vec::new()));
        assert_eq!(scanned(r#"{"a":0} , "#), Ok(pairs(&[("a", "0")])));
    }

    #[test]
    fn what_is_not_plain_is_left_to_others() {
        for text in [
            "",
            "{",
            "{,}",
            r#"{"a"}"#,
            r#"{"a":}"#,
            r#"{"a":1,}"#,
            r#"{"a":1 "b":2}"#,
            r#"{"a":1}}"#,
            r#"{"a":01}"#,
            r#"{"a":-1}"#,
            r#"{"a":1.5}"#,
            r#"{"a":1e5}"#,
            r#"{"a":null}"#,
            r#"{"a":"b"#,
            r#"{"a":1"#,
            r#", "a":1}"#,
        ] {
            assert_eq!(scanned(text), Err(Unusual), "{text}");
        }
    }

    #[test]
    fn numbers_are_digits_that_fit() {
        assert_eq!(parse_number(b"0"), Some(0));
        assert_eq!(parse_number(b"18446744073709551615"), Some(u64::MAX));
        assert_eq!(parse_number(b"00000000000000000000001"), Some(1));
        for text in [
            "",
            "+1",
            "-1",
            "1.0",
            "1 ",
            "18446744073709551616",
            "99999999999999999999x",
        ] {
            assert_eq!(parse_number(text.as_bytes()), None, "{text}");
        }
    }

    proptest! {
        /// What the scanner accepts, the whole of JSON accepts, and reads alike.
        #[test]
        fn the_scanner_says_what_json_says(
            text in r#"\{("[a-c]{0,9}" ?: ?("[a-z0-9]{0,10}"|[0-9]{1,3}|-1|null)[, }]{0,2} ?){0,3}[}, ]{0,2}"#
        ) {
            prop_assert!(is_plain(&text));
            if let Ok(scanned) = scanned(&text) {
                match whole::members(1, &text) {
                    Ok(members) => prop_assert_eq!(scanned, members),
                    Err(error) => prop_assert!(matches!(error, super::super::IndexError::Repeated { .. }), "{}", error),
                }
            }
        }
    }
}
