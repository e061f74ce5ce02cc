//! Lines that stand for a kind of message: what a template keeps of an index.

use serde_json::{Map, Value};

use super::{Dialect, IndexError, Record, records};
use crate::identity::{Key, Member};

/// Keys of a MARS line that say which run, member or place, and not what the message is.
const PASSING: [&str; 8] = [
    "_length", "_offset", "_path", "date", "expver", "number", "step", "time",
];

impl Record<'_> {
    /// The line without run, member and place. [`example_key`] reads it again.
    ///
    /// ```
    /// use gik_core::index::{Dialect, parse};
    ///
    /// let text = b"1:0:d=2025080100:APCP:surface:12-15 hour acc fcst:ENS=+1\n";
    /// let records = parse(Dialect::Noaa, text)?;
    /// assert_eq!(records[0].example(), "APCP:surface:12-15 hour acc fcst");
    /// # Ok::<(), gik_core::index::IndexError>(())
    /// ```
    pub fn example(&self) -> String {
        if self.key.mars.is_some() {
            let line = self.text.trim().trim_end_matches(',');
            let mut members: Map<String, Value> = serde_json::from_str(line).unwrap_or_default();
            members.retain(|key, _| !PASSING.contains(&key.as_str()));
            return Value::Object(members).to_string();
        }
        let attrs = self.attrs();
        let mut parts: Vec<&str> = attrs.split(':').collect();
        let forecast = matches!(
            self.key.member,
            Some(
                Member::Control
                    | Member::Perturbed(_)
                    | Member::Negative(_)
                    | Member::HighResolutionControl
            )
        );
        if forecast && parts.len() > 3 {
            parts.remove(3);
        }
        parts.join(":")
    }
}

/// The key of a line that [`Record::example`] gave.
///
/// # Errors
/// [`IndexError`] for any other text.
pub fn example_key(dialect: Dialect, example: &str) -> Result<Key<'static>, IndexError> {
    let line = match dialect {
        Dialect::Noaa => format!("1:0:d=2000010100:{example}"),
        Dialect::Ecmwf => {
            let rest = example.trim_start_matches('{').trim_start();
            let comma = if rest.starts_with('}') { "" } else { "," };
            format!("{{\"_offset\":0,\"_length\":1{comma}{rest}")
        }
    };
    let record = records(dialect, line.as_bytes()).next();
    let missing = || IndexError::Missing {
        line: super::Line::new(1, example),
        field: "a key",
    };
    Ok(record.ok_or_else(missing)??.key.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::parse;

    #[test]
    fn a_mars_example_says_neither_run_nor_place() {
        let text = br#"{"date":"20260702","class":"od","step":"24","levtype":"sfc","number":"1","param":"2t","_offset":7,"_length":9}"#;
        let records = parse(Dialect::Ecmwf, text).unwrap();
        assert_eq!(
            records[0].example(),
            r#"{"class":"od","levtype":"sfc","param":"2t"}"#
        );
    }
}
