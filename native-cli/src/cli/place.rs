//! Where a field is, as it is typed: `FILE`, `FILE:N` or `URL#OFFSET,LENGTH`.

use std::convert::Infallible;
use std::path::Path;
use std::str::FromStr;

use gik_core::span::ByteSpan;

use super::Number;

/// A field of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// The file: a path or an address.
    pub(crate) file: String,
    /// The bytes of the message, where they were typed.
    pub(crate) span: Option<ByteSpan>,
    /// Which message of the file, and which field of it, where that was typed.
    pub(crate) number: Option<Number>,
}

impl FromStr for Place {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        // A file whose name ends like a number of a message.
        if Path::new(text).exists() {
            return Ok(Self {
                file: text.to_owned(),
                span: None,
                number: None,
            });
        }
        let (text, number) = match text.rsplit_once(':') {
            Some((file, number)) => match number.parse() {
                Ok(number) => (file, Some(number)),
                Err(_) => (text, None),
            },
            None => (text, None),
        };
        let spanned = text
            .rsplit_once('#')
            .and_then(|(file, bytes)| Some((file, span(bytes)?)));
        let (file, span) = match spanned {
            Some((file, span)) => (file, Some(span)),
            None => (text, None),
        };
        Ok(Self {
            file: file.to_owned(),
            span,
            number,
        })
    }
}

fn span(text: &str) -> Option<ByteSpan> {
    let (offset, length) = text.split_once(',')?;
    Some(ByteSpan::new(offset.parse().ok()?, length.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_file_with_a_number_or_bytes() {
        let place = |text: &str| -> Place { text.parse().unwrap() };
        let number = |message, field| Some(Number { message, field });
        assert_eq!(place("a.grib2").number, None);
        assert_eq!(place("a:b.grib2").file, "a:b.grib2");
        assert_eq!(place("a.grib2:3").number, number(3, None));
        assert_eq!(place("a.grib2:0").file, "a.grib2:0");
        let second = place("s3://b/a.grib2:3.2");
        assert_eq!(
            (second.file.as_str(), second.number),
            ("s3://b/a.grib2", number(3, Some(2)))
        );
        let bytes = place("https://h:80/a#100,20");
        assert_eq!(bytes.file, "https://h:80/a");
        assert_eq!(bytes.span, Some(ByteSpan::new(100, 20)));
        assert_eq!(place("a#100,20:1.2").number, number(1, Some(2)));
        assert_eq!(place("a#1,b").file, "a#1,b");
    }
}
