//! Lines of ECMWF's `.index` files: one JSON object of MARS keywords, with `_offset` and `_length`.

mod fields;

use std::borrow::Cow;
use std::collections::BTreeMap;

use fields::{Fault, Fields, parse_step};

use super::error::IndexError;
use super::json::{MOST_KEYS, Members, Unusual, Value, is_plain};
use super::{Record, whole};
use crate::identity::{Key, Level, Mars, Parameter, When};

/// Other spellings of our keys, understood in lines without `_offset`; `lead_hours` is in hours, as a `step` without a unit is.
const ALIASES: [(&str, &str); 6] = [
    ("ensemble_member", "number"),
    ("lead_hours", "step"),
    ("length", "_length"),
    ("level", "levelist"),
    ("offset", "_offset"),
    ("variable", "param"),
];

/// Reads lines, and keeps what they all start with.
///
/// In a real index the first half of every line (domain, date, time, version, class, ...) is the same: it is read once, and
/// compared from then on.
#[derive(Clone, Debug, Default)]
pub(super) struct Scanner<'a> {
    /// Whole members at the start of all lines so far. It only ever gets shorter.
    prefix: Option<&'a str>,
    /// What they say.
    known: Fields<&'a str>,
}

impl<'a> Scanner<'a> {
    /// Parses one line, which is not blank and has no line end.
    #[inline]
    pub(super) fn parse_line(
        &mut self,
        number: usize,
        text: &'a str,
    ) -> Result<Record<'a>, IndexError> {
        let known = match self.prefix {
            Some(prefix) if text.starts_with(prefix) => prefix.len(),
            _ => self.learn(text),
        };
        let rest = text.get(known..).unwrap_or_default();
        if is_plain(rest) {
            let fields = if known == 0 {
                Fields::default()
            } else {
                self.known
            };
            let mut line = Line {
                fields,
                others: Vec::new(),
            };
            match line.scan(Members::resume(rest, known == 0)) {
                Ok(true) => return line.record(number, text),
                Ok(false) => {}
                Err(fault) => return Err(fault.at(number, text)),
            }
        }
        whole_line(number, text)
    }

    /// Keeps the members that a line shares with those before it, and says where they end.
    #[cold]
    fn learn(&mut self, text: &'a str) -> usize {
        if !is_plain(text) {
            return 0;
        }
        let same = self.prefix.map_or(text.len(), |prefix| {
            let pairs = prefix.bytes().zip(text.bytes());
            pairs.take_while(|(one, other)| one == other).count()
        });
        self.known = Fields::default();
        let mut known = 0;
        let mut members = Members::resume(text, true);
        while let Ok(Some((key, value))) = members.next() {
            let end = text.len().saturating_sub(members.left());
            // Only a text ends with its own quote; a number may go on in the next line.
            let ends = end <= same && text.get(..end).is_some_and(|text| text.ends_with('"'));
            let mut fields = self.known;
            if !ends || !matches!(fields.set(&key, value), Ok(None)) {
                break;
            }
            self.known = fields;
            known = end;
        }
        self.prefix = text.get(..known);
        known
    }
}

/// Parses a line with the whole of JSON.
#[cold]
fn whole_line(number: usize, text: &str) -> Result<Record<'_>, IndexError> {
    let mut line = Line {
        fields: Fields::default(),
        others: Vec::new(),
    };
    for (key, value) in whole::members(number, text)? {
        line.take(key, value)
            .map_err(|fault| fault.at(number, text))?;
    }
    line.record(number, text)
}

/// All that a line says. `T` is the type of its texts.
struct Line<T> {
    fields: Fields<T>,
    /// Keys without a field of their own, and their values.
    others: Vec<(T, T)>,
}

impl<'a> Line<&'a str> {
    /// Reads the rest of a plain line; `false` where it needs the whole of JSON.
    #[inline]
    fn scan(&mut self, mut members: Members<'a>) -> Result<bool, Fault> {
        loop {
            match members.next() {
                Ok(Some((key, value))) => self.take(key, value)?,
                Ok(None) => return Ok(true),
                Err(Unusual) => return Ok(false),
            }
        }
    }
}

impl<T: AsRef<str>> Line<T> {
    #[inline]
    fn take<V: Value<Text = T>>(&mut self, key: V, value: V) -> Result<(), Fault> {
        if let Some(value) = self.fields.set(&key, value)? {
            if self.others.len() >= MOST_KEYS {
                return Err(Fault::TooManyKeys);
            }
            if self
                .others
                .iter()
                .any(|(other, _)| other.as_ref() == key.text())
            {
                return Err(Fault::repeated(key.text()));
            }
            self.others.push((key.into_text(), value.into_text()));
        }
        Ok(())
    }

    #[inline]
    fn record<'a>(mut self, number: usize, text: &'a str) -> Result<Record<'a>, IndexError>
    where
        T: Into<Cow<'a, str>> + Value<Text = T>,
    {
        let at = |fault: Fault| fault.at(number, text);
        let missing = |field| Fault::Missing { field };
        if self.fields.offset.is_none() && !self.others.is_empty() {
            self.take_aliases().map_err(at)?;
        }
        let member = self.fields.member().map_err(at)?;
        let fields = self.fields;
        let offset = fields.offset.ok_or_else(|| at(missing("`_offset`")))?;
        let length = fields.length.ok_or_else(|| at(missing("`_length`")))?;
        let param = fields.param.ok_or_else(|| at(missing("`param`")))?;
        Ok(Record {
            line: number,
            text,
            message: None,
            offset,
            length,
            date: fields.date,
            clock: fields.clock,
            path: fields.path.map(T::into),
            key: Key {
                parameter: Parameter::Name(param.into()),
                level: Level::Mars {
                    levtype: fields.levtype,
                    levelist: fields.levelist.map(T::into),
                },
                when: fields.step.map_or(When::Unstated, parse_step),
                statistic: None,
                member,
                mars: Some(Mars {
                    class: fields.class,
                    stream: fields.stream,
                    kind: fields.kind,
                    expver: fields.expver,
                    domain: fields.domain,
                    model: fields.model.map(T::into),
                    quantile: fields.quantile.map(T::into),
                }),
                extra: extra_text(&self.others),
                occurrence: 0,
            },
        })
    }

    fn take_aliases(&mut self) -> Result<(), Fault>
    where
        T: Value<Text = T>,
    {
        for (key, value) in std::mem::take(&mut self.others) {
            match ALIASES.iter().find(|(alias, _)| *alias == key.as_ref()) {
                // Every one of ours has a field.
                Some((_, ours)) => self.fields.set(ours, value).map(|_| ())?,
                None => self.others.push((key, value)),
            }
        }
        Ok(())
    }
}

/// Keys without a field of their own, as one text that is the same whatever their order; those with an underscore in front are
/// notes of whoever wrote the index and no part of the identity.
#[inline]
fn extra_text<'a, T: AsRef<str>>(others: &[(T, T)]) -> Cow<'a, str> {
    if others.is_empty() {
        return Cow::Borrowed("");
    }
    let object: BTreeMap<&str, &str> = others
        .iter()
        .map(|(key, value)| (key.as_ref(), value.as_ref()))
        .filter(|(key, _)| !key.starts_with('_'))
        .collect();
    if object.is_empty() {
        return Cow::Borrowed("");
    }
    serde_json::json!(object).to_string().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::{Member, Word};
    use crate::time::{Date, Step};

    fn parsed(text: &str) -> Record<'_> {
        try_parsed(text).unwrap_or_else(|error| panic!("{error}"))
    }

    fn try_parsed(text: &str) -> Result<Record<'_>, IndexError> {
        Scanner::default().parse_line(3, text)
    }

    /// A line with all that must be there, and more.
    fn with(more: &str) -> String {
        format!(r#"{{"param": "tp", "_offset": 1, "_length": 2{more}}}"#)
    }

    #[test]
    fn a_line_of_an_ensemble_is_typed_whole() {
        let record = parsed(
            r#"{"domain": "g", "date": "20260702", "time": "1200", "expver": "0001", "class": "od", "type": "pf", "stream": "enfo", "step": "24", "levelist": "500", "levtype": "pl", "number": "7", "param": "gh", "_offset": 655849, "_length": 656266}"#,
        );
        assert_eq!(
            record.key,
            Key {
                parameter: Parameter::Name("gh".into()),
                level: Level::Mars {
                    levtype: Word::new("pl").unwrap(),
                    levelist: Some("500".into())
                },
                when: When::Instant(Step::hours(24)),
                statistic: None,
                member: Some(Member::Perturbed(7)),
                mars: Some(Mars {
                    class: Word::new("od").unwrap(),
                    stream: Word::new("enfo").unwrap(),
                    kind: Word::new("pf").unwrap(),
                    expver: Word::new("0001").unwrap(),
                    domain: Word::new("g").unwrap(),
                    model: None,
                    quantile: None,
                }),
                extra: "".into(),
                occurrence: 0,
            }
        );
        assert_eq!((record.offset, record.length), (655_849, Some(656_266)));
        assert_eq!(record.date, Date::new(2026, 7, 2));
        assert_eq!(record.run().unwrap().hour, 12);
        assert_eq!(record.attrs(), "gh:pl:500:24:number=7");
    }

    #[test]
    fn order_blanks_and_numbers_for_texts_make_no_difference() {
        let plain = r#"{"type": "pf", "param": "z", "step": "0-6", "levtype": "pl", "_offset": 10, "_length": 20, "levelist": "500", "number": "1", "date": "20250301", "time": "0600"}"#;
        let key = parsed(plain);
        for other in [
            r#"{"_length":20,"_offset":10,"number":1,"levelist":500,"levtype":"pl","step":"0-6","param":"z","type":"pf","time":600,"date":20250301}"#,
            r#"  { "type" : "pf" , "param":"z","step" :"0-6","levtype": "pl","_offset": "10","_length":20,"levelist":"500","number":"01","date":"2025-03-01","time":"06"},  "#,
            r#"{"type": "pf", "param": "\u007a", "step": "0\u002d6", "levtype": "pl", "_offset": 10, "_length": 20, "levelist": "500", "number": "1", "date": "20250301", "time": "0600", "quantile": null}"#,
            "\t{\"type\":\t\"pf\", \"param\": \"z\", \"step\": \"0-6\", \"levtype\": \"pl\", \"_offset\": 10, \"_length\": 20, \"levelist\": \"500\", \"number\": \"1\", \"date\": \"20250301\", \"time\": \"0600\"}\t",
        ] {
            let record = parsed(other);
            assert_eq!(
                (
                    &record.key,
                    record.offset,
                    record.length,
                    record.date,
                    record.clock
                ),
                (&key.key, key.offset, key.length, key.date, key.clock),
                "{other}"
            );
        }
        assert_eq!(key.attrs(), "z:pl:500:0-6:number=1");
    }

    #[test]
    fn the_control_and_the_deterministic_run_have_no_number() {
        let member = |more: &str| parsed(&with(more)).key.member;
        assert_eq!(member(r#", "type": "cf""#), Some(Member::Control));
        assert_eq!(
            member(r#", "type": "cf", "number": 0"#),
            Some(Member::Control)
        );
        assert_eq!(member(r#", "type": "fc""#), None);
        assert_eq!(member(r#", "type": "em""#), Some(Member::Mean));
        assert_eq!(member(r#", "type": "es""#), Some(Member::Spread));
        assert_eq!(member(r#", "number": "50""#), Some(Member::Perturbed(50)));
    }

    #[test]
    fn a_key_without_its_member_is_that_of_every_member() {
        let key = |more: &str| parsed(&with(more)).key.into_owned().without_member();
        let control = key(r#", "type": "cf", "step": 6"#);
        assert_eq!(control, key(r#", "type": "pf", "step": 6, "number": 3"#));
        assert_ne!(control, key(r#", "type": "pf", "step": 9, "number": 3"#));
        assert_ne!(control, key(r#", "type": "em", "step": 6"#));
    }

    #[test]
    fn keys_without_a_field_are_part_of_the_identity_in_any_order() {
        let extra = |more: &str| parsed(&with(more)).key.extra.into_owned();
        assert_eq!(
            extra(r#", "resolution": "high", "activity": 5"#),
            r#"{"activity":"5","resolution":"high"}"#
        );
        assert_eq!(
            extra(r#", "activity": "5", "resolution": "high""#),
            r#"{"activity":"5","resolution":"high"}"#
        );
        assert_eq!(extra(r#", "_short_name": "z""#), "");
    }

    #[test]
    fn a_length_of_minus_one_is_open() {
        let line = r#"{"param": "tp", "_offset": 1, "_length": -1}"#;
        assert_eq!(parsed(line).length, None);
    }

    #[test]
    fn names_of_others_are_understood_where_ours_are_not_there() {
        let line = r#"{"ensemble_member": 0, "lead_hours": 24, "length": 58262, "level": "500_hpa", "offset": 140048, "variable": "temperature"}"#;
        let record = parsed(line);
        assert_eq!((record.offset, record.length), (140_048, Some(58_262)));
        assert_eq!(record.key.member, Some(Member::Control));
        assert_eq!(record.key.when, When::Instant(Step::hours(24)));
        assert_eq!(
            record.key.level,
            Level::Mars {
                levtype: Word::EMPTY,
                levelist: Some("500_hpa".into())
            }
        );
        assert_eq!(record.key.extra, "");
        let ours = with(r#", "level": "500_hpa""#);
        assert_eq!(parsed(&ours).key.extra, r#"{"level":"500_hpa"}"#);
    }

    #[test]
    fn a_path_says_which_file() {
        let line = with(r#", "_path": "data\\ana/1997-01.grb""#);
        assert_eq!(parsed(&line).path.unwrap(), r"data\ana/1997-01.grb");
    }

    #[test]
    fn bad_lines_are_errors_that_say_what_is_wrong() {
        for (text, problem) in [
            (r#"{"param": "tp", "_length": 2}"#, "no `_offset`"),
            (r#"{"param": "tp", "_offset": 2}"#, "no `_length`"),
            (r#"{"_offset": 1, "_length": 2}"#, "no `param`"),
            (r#"{"param": "", "_offset": 1, "_length": 2}"#, "no `param`"),
            (
                r#"{"param": "tp", "_offset": null, "_length": 2}"#,
                "no `_offset`",
            ),
            (
                r#"{"param": "tp", "_offset": -1, "_length": 2}"#,
                "_offset is not a number of bytes of 64 bits",
            ),
            (
                r#"{"param": "tp", "_offset": 1.0, "_length": 2}"#,
                "_offset is not a number of bytes of 64 bits",
            ),
            (
                r#"{"param": "tp", "_offset": 1, "_length": -2}"#,
                "_length is not a number of bytes, or -1 for all that follow",
            ),
            (
                r#"{"param": "tp", "param": "sp", "_offset": 1, "_length": 2}"#,
                "`param` is there twice",
            ),
            (
                r#"{"param": "tp", "x": 1, "x": 1, "_offset": 1, "_length": 2}"#,
                "`x` is there twice",
            ),
            (
                r#"{"param": "tp", "\u0070aram": "sp", "_offset": 1, "_length": 2}"#,
                "`param` is there twice",
            ),
            (
                r#"{"param": ["tp"], "_offset": 1, "_length": 2}"#,
                "`param` is an array, not a text or a number",
            ),
            (
                r#"{"param": true, "_offset": 1, "_length": 2}"#,
                "`param` is true or false, not a text or a number",
            ),
            (
                r#"{"param": "tp", "_offset": 1, "_length": 2, "class": "ninechars"}"#,
                "class is not at most eight letters of ASCII",
            ),
            (
                r#"{"param": "tp", "_offset": 1, "_length": 2, "type": "cf", "number": 3}"#,
                "number is not absent or 0, as the type `cf` wants it",
            ),
            (
                r#"{"param": "tp", "_offset": 1, "_length": 2, "date": "2025"}"#,
                "date is not YYYYMMDD",
            ),
            (
                r#"{"param": "tp", "_offset": 1, "_length": 2"#,
                "not a JSON object: EOF while parsing an object at column 42",
            ),
            (
                r#"{"param": "tp", "_offset": 1, "_length": 2}}"#,
                "not a JSON object: trailing characters at column 44",
            ),
            (
                r#"{"param": "tp", "_offset": 01, "_length": 2}"#,
                "not a JSON object: invalid number at column 29",
            ),
            (
                r#"{"param": "tp" "_offset": 1, "_length": 2}"#,
                "not a JSON object: expected `,` or `}` at column 16",
            ),
            (
                r#"{,"param": "tp"}"#,
                "not a JSON object: key must be a string at column 2",
            ),
            (
                r#"["tp"]"#,
                "not a JSON object: invalid type: sequence, expected an object at column 0",
            ),
            (
                "{\"param\": \"t\tp\", \"_offset\": 1, \"_length\": 2}",
                "not a JSON object: control character (\\u0000-\\u001F) found while parsing a string at column 13",
            ),
        ] {
            let error = try_parsed(text).unwrap_err().to_string();
            assert_eq!(error, format!("line 3: `{text}`: {problem}"));
        }
    }

    #[test]
    fn a_line_of_very_many_keys_is_refused() {
        for quote in ["", "\\u0061"] {
            let keys: String = (0..10_000)
                .map(|key| format!(r#", "x{key}{quote}": 1"#))
                .collect();
            let line = with(&keys);
            let error = try_parsed(&line).unwrap_err();
            assert!(matches!(error, IndexError::TooManyKeys { .. }), "{error}");
        }
    }

    #[test]
    fn what_lines_share_is_never_taken_from_another_line() {
        let line = |domain: &str, date: &str, kind: &str, step: u32| {
            format!(
                r#"{{"domain": "{domain}", "date": "{date}", "type": "{kind}", "step": {step}, "param": "tp", "_offset": 1, "_length": 2}}"#
            )
        };
        let lines = [
            line("g", "20250301", "pf", 240),
            line("g", "20250301", "pf", 24),
            line("g", "20250301", "pf", 240),
            line("g", "20250301", "pf", 2),
            line("g", "20250301", "pf", 241),
            line("g", "20250301", "fc", 24),
            line("g", "20250302", "fc", 24),
            with(r#", "date": "20250303""#),
            line("g", "20250301", "pf", 24),
            line("gg", "20250301", "p", 24),
        ];
        let mut scanner = Scanner::default();
        for text in &lines {
            assert_eq!(scanner.parse_line(3, text), try_parsed(text), "{text}");
        }
    }
}
