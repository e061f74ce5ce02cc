//! One line of JSON in full: escapes, any number, any blank.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;

use super::error::{IndexError, Line};
use super::json::MOST_KEYS;

/// The members of the one object of a line, in the order of the text, without those that are `null`. A comma behind the object is
/// passed over.
pub(super) fn members(number: usize, text: &str) -> Result<Vec<(String, String)>, IndexError> {
    let line = || Line::new(number, text);
    let object = text.trim_end();
    let object = object.strip_suffix(',').unwrap_or(object);
    let pairs: Pairs = serde_json::from_str(object).map_err(|error| IndexError::Json {
        line: line(),
        column: error.column(),
        problem: problem(&error),
    })?;
    if pairs.0.len() > MOST_KEYS {
        return Err(IndexError::TooManyKeys {
            line: line(),
            limit: MOST_KEYS,
        });
    }
    let mut members: Vec<(String, String)> = Vec::with_capacity(pairs.0.len());
    for (key, value) in pairs.0 {
        if members.iter().any(|(other, _)| *other == key) {
            return Err(IndexError::Repeated { line: line(), key });
        }
        let found = match value {
            Value::Null => {
                continue;
            }
            Value::String(text) => Ok(text),
            Value::Number(number) => Ok(number.to_string()),
            Value::Bool(_) => Err("true or false"),
            Value::Array(_) => Err("an array"),
            Value::Object(_) => Err("an object"),
        };
        match found {
            Ok(value) => members.push((key, value)),
            Err(found) => {
                return Err(IndexError::Value {
                    line: line(),
                    key,
                    found,
                });
            }
        }
    }
    Ok(members)
}

/// What the parser says, without its own place: ours has the line of the file.
fn problem(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rfind(" at line ") {
        Some(end) => text.get(..end).unwrap_or_default().to_owned(),
        None => text,
    }
}

/// The pairs of an object, repeated keys and all.
struct Pairs(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(PairsVisitor)
    }
}

struct PairsVisitor;

impl<'de> Visitor<'de> for PairsVisitor {
    type Value = Pairs;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Pairs, M::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = map.next_entry()? {
            pairs.push(pair);
        }
        Ok(Pairs(pairs))
    }
}
