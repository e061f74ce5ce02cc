//! Literals of Python: the first published references are the `repr` of a dictionary.
//!
//! Strict: what `repr` writes of `str`, `bytes`, `int`, `float`, `bool`, `None`, `list`, `tuple` and `dict`, with white space
//! between. No expression, no comment, no text in parts: anything else is an error with its place.

use std::iter::Peekable;
use std::str::CharIndices;

/// Nesting that is followed; a store has three levels.
const DEPTH: usize = 64;

/// A value of Python.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    /// `True`, `False`.
    Bool(bool),
    /// `b'\x00'`.
    Bytes(Vec<u8>),
    /// `{'a': 1}`, in the order of the text.
    Dict(Vec<(Self, Self)>),
    /// `1.5`, `1e-05`.
    Float(f64),
    /// `123`, up to 64 bits.
    Int(i64),
    /// `[1, 2]` or `(1, 2)`.
    List(Vec<Self>),
    /// `None`.
    None,
    /// `'text'`, `"text"`.
    Str(String),
}

/// What is wrong with a literal, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("at byte {at}: {expected} expected")]
pub struct LiteralError {
    /// Offset in the text.
    pub at: usize,
    /// What should stand there.
    pub expected: &'static str,
}

/// Parses one literal that is the whole text.
///
/// ```
/// use gik_core::keys::literal::{Literal, parse};
/// let list = parse("['s3://bucket/a', 0, 5102]")?;
/// assert_eq!(list, Literal::List(vec![Literal::Str("s3://bucket/a".into()), Literal::Int(0), Literal::Int(5102)]));
/// # Ok::<(), gik_core::keys::literal::LiteralError>(())
/// ```
pub fn parse(text: &str) -> Result<Literal, LiteralError> {
    let mut parser = Parser {
        text,
        rest: text.char_indices().peekable(),
    };
    let literal = parser.value(DEPTH)?;
    parser.space();
    match parser.rest.peek() {
        None => Ok(literal),
        Some(_) => Err(parser.error("the end")),
    }
}

struct Parser<'a> {
    text: &'a str,
    rest: Peekable<CharIndices<'a>>,
}

impl Parser<'_> {
    fn at(&mut self) -> usize {
        self.rest.peek().map_or(self.text.len(), |(at, _)| *at)
    }

    fn error(&mut self, expected: &'static str) -> LiteralError {
        LiteralError {
            at: self.at(),
            expected,
        }
    }

    fn peek(&mut self) -> Option<char> {
        self.rest.peek().map(|(_, sign)| *sign)
    }

    fn take(&mut self, sign: char) -> bool {
        self.rest.next_if(|(_, next)| *next == sign).is_some()
    }

    fn space(&mut self) {
        while self
            .rest
            .next_if(|(_, sign)| sign.is_ascii_whitespace())
            .is_some()
        {}
    }

    fn value(&mut self, depth: usize) -> Result<Literal, LiteralError> {
        self.space();
        let Some(deeper) = depth.checked_sub(1) else {
            return Err(self.error("fewer levels"));
        };
        match self.peek() {
            Some('{') => self.dict(deeper),
            Some('[') => self.list('[', ']', deeper),
            Some('(') => self.list('(', ')', deeper),
            Some('\'' | '"') => self.text().map(Literal::Str),
            Some('b') => self.bytes().map(Literal::Bytes),
            Some('-' | '0'..='9') => self.number(),
            _ => self.word(),
        }
    }

    fn dict(&mut self, depth: usize) -> Result<Literal, LiteralError> {
        let mut entries = Vec::new();
        self.take('{');
        loop {
            self.space();
            if self.take('}') {
                return Ok(Literal::Dict(entries));
            }
            let key = self.value(depth)?;
            self.space();
            if !self.take(':') {
                return Err(self.error("`:`"));
            }
            let value = self.value(depth)?;
            entries.push((key, value));
            self.separator('}')?;
        }
    }

    fn list(&mut self, open: char, close: char, depth: usize) -> Result<Literal, LiteralError> {
        let mut items = Vec::new();
        self.take(open);
        loop {
            self.space();
            if self.take(close) {
                return Ok(Literal::List(items));
            }
            items.push(self.value(depth)?);
            self.separator(close)?;
        }
    }

    /// A comma, or the closing sign, which is left.
    fn separator(&mut self, close: char) -> Result<(), LiteralError> {
        self.space();
        if self.take(',') || self.peek() == Some(close) {
            return Ok(());
        }
        Err(self.error("`,`"))
    }

    fn number(&mut self) -> Result<Literal, LiteralError> {
        let start = self.at();
        let part = |sign: char| matches!(sign, '0'..='9' | '-' | '+' | '.' | 'e' | 'E');
        while self.rest.next_if(|(_, sign)| part(*sign)).is_some() {}
        let end = self.at();
        let digits = self.text.get(start..end).unwrap_or_default();
        let error = LiteralError {
            at: start,
            expected: "a number",
        };
        // Rust reads `1.`, `1e5` and `-0` as Python does; `01` is a number to Rust only.
        let unsigned = digits.strip_prefix('-').unwrap_or(digits);
        let whole = unsigned.bytes().all(|octet| octet.is_ascii_digit());
        let padded = unsigned.len() > 1 && unsigned.starts_with('0') && whole;
        if padded || !unsigned.starts_with(|first: char| first.is_ascii_digit()) {
            return Err(error);
        }
        if whole {
            return digits.parse().map(Literal::Int).map_err(|_| error);
        }
        digits.parse().map(Literal::Float).map_err(|_| error)
    }

    fn word(&mut self) -> Result<Literal, LiteralError> {
        let start = self.at();
        while self
            .rest
            .next_if(|(_, sign)| sign.is_ascii_alphanumeric())
            .is_some()
        {}
        let end = self.at();
        match self.text.get(start..end) {
            Some("None") => Ok(Literal::None),
            Some("True") => Ok(Literal::Bool(true)),
            Some("False") => Ok(Literal::Bool(false)),
            _ => Err(LiteralError {
                at: start,
                expected: "a value",
            }),
        }
    }

    fn text(&mut self) -> Result<String, LiteralError> {
        let mut text = String::new();
        self.quoted(|sign| text.push(sign), true)?;
        Ok(text)
    }

    fn bytes(&mut self) -> Result<Vec<u8>, LiteralError> {
        self.take('b');
        let mut octets = Vec::new();
        // Neither ASCII nor `\xff` is more than an octet.
        self.quoted(|sign| octets.extend(u8::try_from(sign)), false)?;
        Ok(octets)
    }

    /// What stands between two quotes, escapes undone; more than octets only where `unicode`.
    fn quoted(&mut self, mut push: impl FnMut(char), unicode: bool) -> Result<(), LiteralError> {
        let quote = self.rest.next_if(|(_, sign)| matches!(sign, '\'' | '"'));
        let Some((_, quote)) = quote else {
            return Err(self.error("a quote"));
        };
        loop {
            let at = self.at();
            match self.rest.next().map(|(_, sign)| sign) {
                None | Some('\n') => {
                    return Err(LiteralError {
                        at,
                        expected: "a quote",
                    });
                }
                Some(sign) if sign == quote => return Ok(()),
                Some('\\') => push(self.escaped(unicode)?),
                Some(sign) if unicode || sign.is_ascii() => push(sign),
                Some(_) => {
                    return Err(LiteralError {
                        at,
                        expected: "an octet",
                    });
                }
            }
        }
    }

    fn escaped(&mut self, unicode: bool) -> Result<char, LiteralError> {
        let at = self.at();
        let error = LiteralError {
            at,
            expected: "an escape that `repr` writes",
        };
        let digits = match self.rest.next().map(|(_, sign)| sign) {
            Some('n') => return Ok('\n'),
            Some('r') => return Ok('\r'),
            Some('t') => return Ok('\t'),
            Some(sign @ ('\\' | '\'' | '"')) => return Ok(sign),
            Some('x') => 2,
            Some('u') if unicode => 4,
            Some('U') if unicode => 8,
            _ => return Err(error),
        };
        let mut code = 0_u32;
        for _ in 0..digits {
            let digit = self.rest.next().and_then(|(_, sign)| sign.to_digit(16));
            code = code * 16 + digit.ok_or_else(|| error.clone())?;
        }
        char::from_u32(code).ok_or(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Literal {
        Literal::Str(text.to_owned())
    }

    #[test]
    fn a_store_of_references_is_read() {
        let repr = "{'version': 1, 'refs': {'.zgroup': '{\"zarr_format\":2}', 'a/0': [\"s3://b/it's\", 0, 5102], 'a/.zattrs': '{\\n}', 'x': b'\\x00\\xff', 'y': (None, True, -1.5e-05)}}";
        let Literal::Dict(entries) = parse(repr).unwrap() else {
            panic!("not a dictionary")
        };
        assert_eq!(entries[0], (text("version"), Literal::Int(1)));
        let Literal::Dict(refs) = &entries[1].1 else {
            panic!("not a dictionary")
        };
        assert_eq!(refs[0].1, text("{\"zarr_format\":2}"));
        assert_eq!(
            refs[1].1,
            Literal::List(vec![
                text("s3://b/it's"),
                Literal::Int(0),
                Literal::Int(5102)
            ])
        );
        assert_eq!(refs[2].1, text("{\n}"));
        assert_eq!(refs[3].1, Literal::Bytes(vec![0, 255]));
        assert_eq!(
            refs[4].1,
            Literal::List(vec![
                Literal::None,
                Literal::Bool(true),
                Literal::Float(-1.5e-5)
            ])
        );
    }

    #[test]
    fn escapes_are_those_of_repr() {
        assert_eq!(
            parse(r"'\'\\\x07\u20ac\U0001f4a7 é'").unwrap(),
            text("'\\\u{7}€💧 é")
        );
        assert_eq!(parse("{}").unwrap(), Literal::Dict(vec![]));
        assert_eq!(
            parse(" ( 1 , ) ").unwrap(),
            Literal::List(vec![Literal::Int(1)])
        );
    }

    #[test]
    fn what_repr_does_not_write_is_an_error_with_its_place() {
        for (bad, at) in [
            ("", 0),
            ("nan", 0),
            ("__import__('os')", 0),
            ("{'a': 1} 2", 9),
            ("'a' 'b'", 4),
            ("{'a' 1}", 5),
            ("[1 2]", 3),
            ("'\\q'", 2),
            ("'\\ud800'", 2),
            ("b'\\u0041'", 3),
            ("b'é'", 2),
            ("'open", 5),
            ("01", 0),
            ("-", 0),
            ("1-2", 0),
            ("99999999999999999999", 0),
            ("# comment\n1", 0),
        ] {
            assert_eq!(parse(bad).map_err(|error| error.at), Err(at), "{bad}");
        }
        assert!(parse(&"[".repeat(100_000)).is_err());
    }
}
