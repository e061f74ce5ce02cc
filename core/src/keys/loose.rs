//! JSON as Python writes it: `NaN`, `Infinity` and `-Infinity` stand bare.

use std::borrow::Cow;

use serde_json::Value;

/// Parses JSON in which numbers may be the words NaN, Infinity and -Infinity; those become texts, as Zarr spells them.
///
/// kerchunk's `reinflate_grib_store` leaves such a `fill_value` in every `.zarray`.
///
/// ```
/// let array = gik_core::keys::parse_loose(r#"{"fill_value": NaN, "note": "NaN"}"#)?;
/// assert_eq!(array["fill_value"], "NaN");
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn parse_loose(text: &str) -> Result<Value, serde_json::Error> {
    serde_json::from_str(&strict(text))
}

/// The same document in strict JSON.
pub(super) fn strict(text: &str) -> Cow<'_, str> {
    const WORDS: [&str; 3] = ["NaN", "-Infinity", "Infinity"];
    if !WORDS.iter().any(|word| text.contains(word)) {
        return Cow::Borrowed(text);
    }
    let mut strict = String::with_capacity(text.len() + 16);
    let mut rest = text;
    // Between two quotes that are not escaped everything is text; outside, a word can only be a number.
    while let Some(at) = rest.find(['"', 'N', 'I', '-']) {
        let (before, from) = rest.split_at(at);
        strict.push_str(before);
        let length = if from.starts_with('"') {
            let length = quoted(from);
            strict.push_str(from.split_at(length).0);
            length
        } else if let Some(word) = WORDS.iter().find(|word| from.starts_with(**word)) {
            strict.push('"');
            strict.push_str(word);
            strict.push('"');
            word.len()
        } else {
            strict.push_str(from.split_at(1).0);
            1
        };
        rest = from.split_at(length).1;
    }
    strict.push_str(rest);
    Cow::Owned(strict)
}

/// Length of the text that begins with a quote, with both quotes.
fn quoted(text: &str) -> usize {
    let mut escaped = false;
    for (at, octet) in text.bytes().enumerate().skip(1) {
        match octet {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn words_outside_of_texts_become_texts() {
        let text = r#"{"a":NaN,"b":[Infinity,-Infinity,-1],"NaN \" NaN":"-Infinity é NaN\\"}"#;
        assert_eq!(
            parse_loose(text).unwrap(),
            json!({"a": "NaN", "b": ["Infinity", "-Infinity", -1], "NaN \" NaN": "-Infinity é NaN\\"})
        );
    }

    #[test]
    fn nothing_else_is_forgiven() {
        for bad in [
            r#"{"a":nan}"#,
            "{'a':NaN}",
            r#"{"a":NaNs}"#,
            r#"{"a":"NaN"#,
            "N",
            "NaNNaN",
        ] {
            assert!(parse_loose(bad).is_err(), "{bad}");
        }
    }
}
