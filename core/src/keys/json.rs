//! kerchunk's reference JSON, versions 0 and 1.
//!
//! Source: fsspec/kerchunk, docs/source/spec.rst. Templates that only put text in are applied; generated references are refused.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;

use super::{KeysError, RawReference, StoreKeys, loose};

/// Parses kerchunk's reference JSON of either version.
///
/// The text of a document or of an inline chunk is its octets; what follows `base64:` is decoded. `NaN` and `Infinity` may stand
/// bare. A key that stands there twice is an error.
///
/// ```
/// use gik_core::keys::{RawReference, parse_json};
/// let text = br#"{"version": 1, "templates": {"u": "s3://bucket"}, "refs": {".zgroup": "{}", "a/0": ["{{u}}/a", 0, 9]}}"#;
/// let store = parse_json(text)?;
/// assert_eq!(store.text(".zgroup"), Some("{}"));
/// assert!(matches!(&store.keys["a/0"], RawReference::Range { url, .. } if url == "s3://bucket/a"));
/// # Ok::<(), gik_core::keys::KeysError>(())
/// ```
pub fn parse_json(bytes: &[u8]) -> Result<StoreKeys, KeysError> {
    let text = std::str::from_utf8(bytes).map_err(|_| KeysError::Shape {
        expected: "JSON",
        found: "bytes that are no UTF-8".to_owned(),
    })?;
    let text = loose::strict(text);
    let json = |source| KeysError::Json {
        what: "the reference file".to_owned(),
        source,
    };
    let document: Document = serde_json::from_str(&text).map_err(json)?;
    let templates = document.templates.unwrap_or_default().0;
    match document.version {
        None if document.refs.is_some() => Err(KeysError::Shape {
            expected: "a version beside `refs`",
            found: "none".to_owned(),
        }),
        // Without a version the whole file is the map.
        None => store(serde_json::from_str::<Pairs>(&text).map_err(json)?, &[]),
        Some(version) if version == 1 => {
            if document.generated.is_some_and(|list| !list.is_empty()) {
                return Err(KeysError::Generated);
            }
            store(document.refs.unwrap_or_default(), &templates)
        }
        Some(version) => Err(KeysError::Shape {
            expected: "version 0 or 1",
            found: format!("version {version}"),
        }),
    }
}

/// The same of a map that stands by itself, without a version.
pub(super) fn parse_map(text: &str) -> Result<StoreKeys, serde_json::Error> {
    let pairs: Pairs = serde_json::from_str(&loose::strict(text))?;
    store(pairs, &[]).map_err(serde::de::Error::custom)
}

fn store(pairs: Pairs, templates: &[(String, Value)]) -> Result<StoreKeys, KeysError> {
    let mut store = StoreKeys::default();
    for (key, value) in pairs.0 {
        let reference = match &value {
            Value::String(text) => RawReference::of_text(&key, text)?,
            Value::Array(list) => filled(&key, RawReference::of_list(&key, list)?, templates)?,
            Value::Object(_) => RawReference::Inline(value.to_string().into_bytes()),
            Value::Null | Value::Bool(_) | Value::Number(_) => {
                return Err(KeysError::Reference {
                    key,
                    found: value.to_string(),
                });
            }
        };
        store.add(key, reference)?;
    }
    Ok(store)
}

/// The reference with templates put into its URL.
fn filled(
    key: &str,
    reference: RawReference,
    templates: &[(String, Value)],
) -> Result<RawReference, KeysError> {
    Ok(match reference {
        RawReference::Inline(octets) => RawReference::Inline(octets),
        RawReference::Object { url } => RawReference::Object {
            url: fill(key, &url, templates)?,
        },
        RawReference::Range { url, span } => RawReference::Range {
            url: fill(key, &url, templates)?,
            span,
        },
    })
}

/// `{{u}}/f003` with the text of template `u`.
fn fill(key: &str, url: &str, templates: &[(String, Value)]) -> Result<String, KeysError> {
    let mut filled = String::new();
    let mut rest = url;
    while let Some((before, from)) = rest.split_once("{{") {
        let unknown = || KeysError::Template {
            key: key.to_owned(),
            found: url.to_owned(),
        };
        let (name, behind) = from.split_once("}}").ok_or_else(unknown)?;
        let template = templates.iter().find(|(known, _)| known == name.trim());
        let text = template.and_then(|(_, value)| value.as_str());
        let plain = text.filter(|text| !text.contains("{{"));
        filled.push_str(before);
        filled.push_str(plain.ok_or_else(unknown)?);
        rest = behind;
    }
    filled.push_str(rest);
    Ok(filled)
}

/// The members that version 1 has; a member that stands there twice is an error.
#[derive(serde::Deserialize)]
struct Document {
    version: Option<Value>,
    templates: Option<Pairs>,
    #[serde(rename = "gen")]
    generated: Option<Vec<IgnoredAny>>,
    refs: Option<Pairs>,
}

/// The members of an object in the order of the text; a map would forget those that stand there twice.
#[derive(Default)]
struct Pairs(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = Pairs;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }

        deserializer.deserialize_map(Members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::ByteSpan;

    fn error(text: &str) -> String {
        parse_json(text.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn both_versions_give_the_same_store() {
        let old = r#"{".zgroup": {"zarr_format": 2}, "a/0": "\u0003\u0000", "a/1": "base64:AAH/", "b/0": ["s3://b/x", 4, 5], "c/0": ["s3://b/y"]}"#;
        let new = format!(r#"{{"version": 1, "refs": {old}}}"#);
        let store = parse_json(old.as_bytes()).unwrap();
        assert_eq!(store, parse_json(new.as_bytes()).unwrap());
        assert_eq!(store.text(".zgroup"), Some(r#"{"zarr_format":2}"#));
        assert_eq!(store.keys["a/0"], RawReference::Inline(vec![3, 0]));
        assert_eq!(store.keys["a/1"], RawReference::Inline(vec![0, 1, 255]));
        let (url, span) = ("s3://b/x".to_owned(), ByteSpan::new(4, 5));
        assert_eq!(store.keys["b/0"], RawReference::Range { url, span });
        let url = "s3://b/y".to_owned();
        assert_eq!(store.keys["c/0"], RawReference::Object { url });
    }

    #[test]
    fn a_document_may_hold_what_only_python_writes() {
        let store =
            parse_json(br#"{"a/.zarray": "{\"fill_value\":NaN}", "b/.zattrs": {"x": -Infinity}}"#)
                .unwrap();
        assert_eq!(store.document("a/.zarray").unwrap()["fill_value"], "NaN");
        assert_eq!(store.document("b/.zattrs").unwrap()["x"], "-Infinity");
        assert!(matches!(
            store.document("c"),
            Err(KeysError::Missing { .. })
        ));
    }

    #[test]
    fn what_would_be_lost_or_guessed_is_an_error() {
        assert_eq!(error(r#"{"a": "1", "a": "2"}"#), "key a stands there twice");
        assert_eq!(
            error(r#"{"version": 1, "refs": {"a": "1", "a": "2"}}"#),
            "key a stands there twice"
        );
        assert_eq!(
            error(r#"{"version": 2, "refs": {}}"#),
            "not a store of references: expected version 0 or 1, found version 2"
        );
        assert_eq!(
            error(r#"{"version": 1, "gen": [{}], "refs": {}}"#),
            "the references have a `gen` section: generated references are not supported"
        );
        for (templates, url) in [
            ("{}", "{{u}}"),
            (r#"{"u": "{{x}}"}"#, "{{u}}"),
            ("{}", "{{u"),
        ] {
            let text = format!(
                r#"{{"version": 1, "templates": {templates}, "refs": {{"a": ["{url}"]}}}}"#
            );
            assert_eq!(
                error(&text),
                format!("key a: {url} names no simple template of this file")
            );
        }
        for list in [
            "[]",
            "[null, 0, 1]",
            r#"["u", 0]"#,
            r#"["u", -1, 2]"#,
            r#"["u", 1, 18446744073709551615]"#,
            "7",
        ] {
            let found = list.replace(", ", ",");
            assert_eq!(
                error(&format!(r#"{{"a": {list}}}"#)),
                format!(
                    "key a: {found} is not a reference: expected text, [url] or [url, offset, length]"
                )
            );
        }
        assert_eq!(
            error(r#"{"a": "base64:*"}"#),
            "key a: what stands after `base64:` is not base64"
        );
        assert_eq!(error("[1]"), "the reference file is not JSON");
    }
}
