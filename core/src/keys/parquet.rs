//! Parquet files of two columns, `key` and `value`: the published references and deflated stores.
//!
//! Three generations are in the wild: two rows `refs` and `version`, of which the first is a whole dictionary as Python prints it
//! (or as JSON); one row per key of a Zarr store; one row per key `step_NNN/...` beside such a store.

use std::collections::HashMap;

use bytes::Bytes;
use serde_json::Value;

use super::literal::{self, Literal};
use super::{KeysError, RawReference, StoreKeys, json};
use crate::span::ByteSpan;
use crate::table::Table;

/// Name of the row, and of the member, that holds a whole store.
const REFS: &str = "refs";
/// Name of the row that says how references are written; it is no key of a store.
const VERSION: &str = "version";

/// Reads a key/value file of any generation.
///
/// A value in brackets is a reference, `base64:` is decoded, every other value is its octets. Keys that are no Zarr keys (`metadata`,
/// `_kerchunk_metadata`) are kept; only `version` is not.
pub fn read_parquet(bytes: Bytes) -> Result<StoreKeys, KeysError> {
    let table = Table::open(bytes)?;
    if table.has("date") && table.has("member") {
        return Err(KeysError::Shape {
            expected: "one store",
            found: "the stores of many dates and members".to_owned(),
        });
    }
    of_rows(rows(&table)?)
}

/// One store of a monthly aggregate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dated {
    /// As the file writes it.
    pub date: String,
    /// As the file writes it.
    pub member: String,
    /// The store.
    pub keys: StoreKeys,
}

/// Reads a monthly aggregate: the rows of many stores, told apart by the columns `date` and `member`; in the order of the file.
pub fn read_dated(bytes: Bytes) -> Result<Vec<Dated>, KeysError> {
    let table = Table::open(bytes)?;
    let (dates, members) = (table.texts("date")?, table.texts("member")?);
    let mut parts: Vec<((String, String), Rows)> = Vec::new();
    let mut places: HashMap<(String, String), usize> = HashMap::new();
    for (pair, of) in rows(&table)?
        .into_iter()
        .zip(dates.into_iter().zip(members))
    {
        let (Some(date), Some(member)) = of else {
            return Err(KeysError::Shape {
                expected: "a date and a member in each row",
                found: "a row without".to_owned(),
            });
        };
        let of = (date, member);
        let place = *places.entry(of.clone()).or_insert_with(|| {
            parts.push((of, Vec::new()));
            parts.len() - 1
        });
        if let Some((_, rows)) = parts.get_mut(place) {
            rows.push(pair);
        }
    }
    let store = |((date, member), rows)| {
        Ok(Dated {
            date,
            member,
            keys: of_rows(rows)?,
        })
    };
    parts.into_iter().map(store).collect()
}

/// Keys and values.
type Rows = Vec<(String, Vec<u8>)>;

fn rows(table: &Table) -> Result<Rows, KeysError> {
    let keys = table.texts("key")?;
    let values = table.octets("value")?;
    let mut rows = Vec::with_capacity(keys.len());
    for (row, pair) in keys.into_iter().zip(values).enumerate() {
        let (Some(key), Some(value)) = pair else {
            return Err(KeysError::Shape {
                expected: "a key and a value in each row",
                found: format!("none in row {row}"),
            });
        };
        rows.push((key, value));
    }
    Ok(rows)
}

fn of_rows(mut rows: Rows) -> Result<StoreKeys, KeysError> {
    rows.retain(|(key, _)| key != VERSION);
    if let [(key, value)] = rows.as_slice()
        && key == REFS
    {
        return dictionary(value);
    }
    let mut store = StoreKeys::default();
    for (key, value) in rows {
        let reference = reference(&key, value)?;
        store.add(key, reference)?;
    }
    Ok(store)
}

/// The value of one row.
fn reference(key: &str, value: Vec<u8>) -> Result<RawReference, KeysError> {
    let Ok(text) = std::str::from_utf8(&value) else {
        return Ok(RawReference::Inline(value));
    };
    if text.starts_with('[')
        && text.ends_with(']')
        && let Ok(list) = serde_json::from_str::<Vec<Value>>(text)
    {
        return RawReference::of_list(key, &list);
    }
    RawReference::of_text(key, text)
}

/// A whole store in one value: JSON, or as Python prints it.
fn dictionary(value: &[u8]) -> Result<StoreKeys, KeysError> {
    let text = std::str::from_utf8(value).map_err(|_| KeysError::Shape {
        expected: "text",
        found: "bytes that are no UTF-8".to_owned(),
    })?;
    let literal = match (json::parse_map(text), literal::parse(text)) {
        (Ok(store), _) => return Ok(store),
        (Err(_), Ok(literal)) => literal,
        (Err(source), Err(_)) if text.starts_with("{\"") => {
            return Err(KeysError::Json {
                what: format!("key {REFS}"),
                source,
            });
        }
        (Err(_), Err(source)) => {
            return Err(KeysError::Literal {
                key: REFS.to_owned(),
                source,
            });
        }
    };
    let Literal::Dict(entries) = literal else {
        return Err(KeysError::Shape {
            expected: "a dictionary",
            found: format!("{literal:.80?}"),
        });
    };
    let mut store = StoreKeys::default();
    for (key, value) in entries {
        let Literal::Str(key) = key else {
            return Err(KeysError::Shape {
                expected: "keys that are text",
                found: format!("{key:?}"),
            });
        };
        let reference = of_literal(&key, value)?;
        store.add(key, reference)?;
    }
    Ok(store)
}

fn of_literal(key: &str, value: Literal) -> Result<RawReference, KeysError> {
    let no_reference = |value: &Literal| KeysError::Reference {
        key: key.to_owned(),
        found: format!("{value:?}"),
    };
    match value {
        Literal::Str(text) => RawReference::of_text(key, &text),
        Literal::Bytes(octets) => Ok(RawReference::Inline(octets)),
        Literal::List(list) => match list.as_slice() {
            [Literal::Str(url)] => Ok(RawReference::Object { url: url.clone() }),
            [
                Literal::Str(url),
                Literal::Int(offset),
                Literal::Int(length),
            ] => {
                let (offset, length) = (u64::try_from(*offset), u64::try_from(*length));
                match (offset, length) {
                    (Ok(offset), Ok(length)) => Ok(RawReference::Range {
                        url: url.clone(),
                        span: ByteSpan::new(offset, length),
                    }),
                    _ => Err(no_reference(&Literal::List(list))),
                }
            }
            _ => Err(no_reference(&Literal::List(list))),
        },
        other => Err(no_reference(&other)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_store_in_one_value_is_python_or_json() {
        let python = br#"{'.zgroup': '{"zarr_format": 2}', 'a/0': ["s3://b/it's", 4, 5], 'b/0': 'base64:AAE='}"#;
        let json = br#"{".zgroup": "{\"zarr_format\": 2}", "a/0": ["s3://b/it's", 4, 5], "b/0": "base64:AAE="}"#;
        let store = dictionary(python).unwrap();
        assert_eq!(store, dictionary(json).unwrap());
        assert_eq!(store.keys["b/0"], RawReference::Inline(vec![0, 1]));
        assert_eq!(store.keys.len(), 3);
    }

    #[test]
    fn what_is_no_store_is_an_error() {
        for (bad, message) in [
            ("{'a': nan}", "key refs: not a literal of Python"),
            ("{\"a\": x}", "key refs is not JSON"),
            (
                "['a']",
                "not a store of references: expected a dictionary, found List([Str(\"a\")])",
            ),
            (
                "{1: 'a'}",
                "not a store of references: expected keys that are text, found Int(1)",
            ),
            ("{'a': 'x', 'a': 'y'}", "key a stands there twice"),
            (
                "{'a': ['u', -1, 5]}",
                "key a: List([Str(\"u\"), Int(-1), Int(5)]) is not a reference: expected text, [url] or [url, offset, length]",
            ),
        ] {
            assert_eq!(dictionary(bad.as_bytes()).unwrap_err().to_string(), message);
        }
    }

    #[test]
    fn a_value_in_brackets_is_a_reference_only_where_it_is_json() {
        let found = reference("a/0", b"[\"s3://b/x\", 1, 2]".to_vec()).unwrap();
        assert!(matches!(found, RawReference::Range { .. }));
        let octets = b"[\x00\x00\x00\x00\x00\x00]".to_vec();
        assert_eq!(
            reference("a/0", octets.clone()).unwrap(),
            RawReference::Inline(octets)
        );
        assert!(reference("a/0", b"[1, 2]".to_vec()).is_err());
    }
}
