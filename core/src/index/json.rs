//! One flat JSON object, scanned without allocating.
//!
//! Only the plain case is scanned here: texts without escapes, numbers of digits. Everything else is [`Unusual`], and the caller
//! has `serde_json` read the line again. So this scanner may refuse what is valid, but what it accepts is what JSON says.

use std::borrow::Cow;

use crate::identity::Word;

/// Something that needs the whole of JSON.
pub(super) struct Unusual;

/// A text or a number of a JSON object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Scalar<'a> {
    /// The text, or the number as written.
    pub(super) text: Cow<'a, str>,
    /// The text as a word, where it is one.
    pub(super) word: Option<Word>,
}

impl<'a> Scalar<'a> {
    /// A value from a text that was unescaped elsewhere.
    pub(super) fn new(text: Cow<'a, str>) -> Self {
        let word = Word::new(&text);
        Self { text, word }
    }
}

/// The members of one flat JSON object, in the order of the text. A comma behind the object is passed over.
pub(super) struct Members<'a> {
    text: &'a str,
    /// Octets taken.
    at: usize,
}

impl<'a> Members<'a> {
    /// The members of the object that starts a line.
    ///
    /// The line must be ASCII without backslashes and control characters; see [`is_plain`].
    pub(super) fn new(text: &'a str) -> Result<Self, Unusual> {
        match text.as_bytes().first() {
            Some(b'{') => Ok(Self { text, at: 1 }),
            _ => Err(Unusual),
        }
    }

    /// The next key and value, or `None` at the end of the object.
    pub(super) fn next(&mut self) -> Result<Option<(Scalar<'a>, Scalar<'a>)>, Unusual> {
        let first = self.at == 1;
        match self.skip_blanks().ok_or(Unusual)? {
            b'}' => {
                self.at += 1;
                return self.end();
            }
            b',' if !first => {
                self.at += 1;
                if self.skip_blanks() != Some(b'"') {
                    return Err(Unusual);
                }
            }
            b'"' if first => {}
            _ => return Err(Unusual),
        }
        self.at += 1;
        let key = self.string()?;
        if self.skip_blanks() != Some(b':') {
            return Err(Unusual);
        }
        self.at += 1;
        let value = match self.skip_blanks() {
            Some(b'"') => {
                self.at += 1;
                self.string()?
            }
            Some(b'0'..=b'9') => self.digits()?,
            _ => return Err(Unusual),
        };
        Ok(Some((key, value)))
    }

    fn end(&mut self) -> Result<Option<(Scalar<'a>, Scalar<'a>)>, Unusual> {
        if self.skip_blanks() == Some(b',') {
            self.at += 1;
        }
        match self.skip_blanks() {
            None => Ok(None),
            Some(_) => Err(Unusual),
        }
    }

    /// The next octet that is no blank.
    fn skip_blanks(&mut self) -> Option<u8> {
        loop {
            match self.text.as_bytes().get(self.at) {
                Some(b' ') => self.at += 1,
                other => return other.copied(),
            }
        }
    }

    /// The rest of a text, behind its first quote, and the quote that ends it.
    fn string(&mut self) -> Result<Scalar<'a>, Unusual> {
        let rest = self.text.as_bytes().get(self.at..).ok_or(Unusual)?;
        if let Some(octets) = rest.first_chunk::<8>() {
            let octets = u64::from_le_bytes(*octets);
            if let Some(length) = first_quote(octets) {
                let text = self.take(length)?;
                self.at += 1;
                return Ok(Scalar {
                    text: Cow::Borrowed(text),
                    word: Some(Word::from_bits(octets & low_octets(length))),
                });
            }
        }
        let length = rest
            .iter()
            .position(|&octet| octet == b'"')
            .ok_or(Unusual)?;
        let text = self.take(length)?;
        self.at += 1;
        Ok(Scalar::new(Cow::Borrowed(text)))
    }

    fn digits(&mut self) -> Result<Scalar<'a>, Unusual> {
        let rest = self.text.as_bytes().get(self.at..).ok_or(Unusual)?;
        let length = rest
            .iter()
            .position(|octet| !octet.is_ascii_digit())
            .ok_or(Unusual)?;
        // A leading zero, a fraction or an exponent is for the whole of JSON to judge.
        let leading_zero = length > 1 && rest.first() == Some(&b'0');
        if leading_zero || !matches!(rest.get(length), Some(b',' | b'}' | b' ')) {
            return Err(Unusual);
        }
        Ok(Scalar {
            text: Cow::Borrowed(self.take(length)?),
            word: None,
        })
    }

    fn take(&mut self, length: usize) -> Result<&'a str, Unusual> {
        let end = self.at.checked_add(length).ok_or(Unusual)?;
        let text = self.text.get(self.at..end).ok_or(Unusual)?;
        self.at = end;
        Ok(text)
    }
}

/// Whether a line is ASCII without backslashes and control characters, as almost all are.
pub(super) fn is_plain(text: &str) -> bool {
    text.bytes().fold(true, |plain, octet| {
        plain & (octet >= 0x20) & (octet < 0x7f) & (octet != b'\\')
    })
}

/// Where the first `"` of eight octets is, the lowest octet being the first.
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
fn low_octets(length: usize) -> u64 {
    u32::try_from(length * 8)
        .ok()
        .and_then(|bits| 1_u64.checked_shl(bits))
        .map_or(u64::MAX, |above| above - 1)
}
