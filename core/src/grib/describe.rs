//! The section dump: every octet of a message's header once, with its key, its number and what that means.

use std::fmt;

use serde::Serialize;

use super::header::{Bitmap, Header};
use super::layout::{Entry, Value, parts};
use super::table::Tables;
use crate::span::ByteSpan;

/// One line of a section dump.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Line {
    /// Number of the section.
    pub section: u8,
    /// First octet, from 1 at the start of the section.
    pub first: u64,
    /// Last octet.
    pub last: u64,
    /// Key, as ecCodes spells it; `unknown` for octets that no layout explains.
    pub key: &'static str,
    /// What the octets say.
    pub value: Reading,
    /// What that means, from the code or flag table of the key.
    pub meaning: Option<String>,
}

/// What octets say.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Reading {
    /// An IEEE 754 number.
    Float(f32),
    /// A number with a sign.
    Integer(i64),
    /// The values of a key that repeats without others between.
    List(Vec<Self>),
    /// Missing: all bits are set.
    Missing,
    /// Octets in hexadecimal, for what has no known meaning.
    Octets(String),
    /// Octets that are in the object and not in the header: a bitmap, data.
    Span(ByteSpan),
    /// Characters.
    Text(String),
    /// A number without a sign.
    Unsigned(u64),
}

/// As `grib_dump` would write it: numbers, `missing`, hexadecimal, or where the octets lie.
impl fmt::Display for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Float(value) => write!(f, "{value}"),
            Self::Integer(value) => write!(f, "{value}"),
            Self::List(values) => {
                for (at, value) in values.iter().enumerate() {
                    let space = if at == 0 { "" } else { " " };
                    write!(f, "{space}{value}")?;
                }
                Ok(())
            }
            Self::Missing => f.write_str("missing"),
            Self::Octets(text) | Self::Text(text) => f.write_str(text),
            Self::Span(ByteSpan { offset, length }) => {
                write!(f, "{length} bytes from byte {offset}")
            }
            Self::Unsigned(value) => write!(f, "{value}"),
        }
    }
}

/// The sections of a field: 0 to 6 octet by octet, then the lengths of 7 and 8.
///
/// Octets that no layout explains (a local section, an unknown template, padding) are there in hexadecimal.
pub fn describe(header: &Header) -> Vec<Line> {
    let mut lines = Vec::new();
    for number in 0..=6 {
        lines.extend(section(header, number));
    }
    lines.extend(bitmap(header));
    lines.extend(data(header));
    lines
}

fn section(header: &Header, number: u8) -> Vec<Line> {
    let Some(octets) = header.section(number) else {
        return Vec::new();
    };
    let mut entries: Vec<Entry<'_>> = Vec::new();
    header.walk(number, &mut |entry| entries.push(entry));
    let tables = header.tables();
    let mut lines: Vec<Line> = Vec::new();
    let mut seen: &[Entry<'_>] = &[];
    for (at, entry) in entries.iter().enumerate() {
        seen = entries.get(..=at).unwrap_or(&entries);
        let line = line(header, number, entry, &tables, seen);
        match lines.last_mut() {
            Some(last) if entry.turn > 1 && last.key == line.key => last.append(line),
            _ => lines.push(line),
        }
    }
    let explained = seen.last().map_or(0, |entry| {
        entry
            .first
            .saturating_add(entry.octets.len())
            .saturating_sub(1)
    });
    let rest = octets.get(explained..).unwrap_or_default();
    if !rest.is_empty() {
        lines.push(Line {
            section: number,
            first: count(explained).saturating_add(1),
            last: count(octets.len()),
            key: "unknown",
            value: Reading::Octets(hexadecimal(rest)),
            meaning: None,
        });
    }
    lines
}

fn line(
    header: &Header,
    section: u8,
    entry: &Entry<'_>,
    tables: &Tables,
    seen: &[Entry<'_>],
) -> Line {
    let number = |key: &str| match key {
        "discipline" => Some(i64::from(header.discipline)),
        _ => seen
            .iter()
            .rev()
            .find(|entry| entry.key == key)?
            .value
            .integer(),
    };
    let table = entry.table.and_then(|table| table_name(table, number));
    let meaning = table.and_then(|table| match entry.value {
        Value::Code(code) => tables
            .code(&table, code)
            .map(|code| code.meaning.to_owned()),
        Value::Flags(flags) => {
            let octet = u8::try_from(flags).ok()?;
            let meanings = tables.flags(&table, octet);
            (!meanings.is_empty()).then(|| meanings.join("; "))
        }
        _ => None,
    });
    let value = match entry.value {
        Value::Code(value) | Value::Flags(value) | Value::Unsigned(value) => {
            Reading::Unsigned(value)
        }
        Value::Float(value) => Reading::Float(value),
        Value::Missing => Reading::Missing,
        Value::Opaque(octets) => Reading::Octets(hexadecimal(octets)),
        Value::Signed(value) => Reading::Integer(value),
        Value::Text(octets) if octets.iter().all(|octet| (0x20..0x7f).contains(octet)) => {
            Reading::Text(String::from_utf8_lossy(octets).into_owned())
        }
        Value::Text(octets) => Reading::Octets(hexadecimal(octets)),
    };
    let (first, octets) = (count(entry.first), count(entry.octets.len()));
    Line {
        section,
        first,
        last: first.saturating_add(octets).saturating_sub(1),
        key: entry.key,
        value,
        meaning,
    }
}

/// A table's name with the numbers of the keys in its braces.
fn table_name(table: &'static str, number: impl Fn(&str) -> Option<i64>) -> Option<String> {
    let mut name = table.to_owned();
    for key in parts(table) {
        name = name.replace(&format!("{{{key}}}"), &number(key)?.to_string());
    }
    Some(name)
}

/// What lies behind the first six octets of section 6.
fn bitmap(header: &Header) -> Option<Line> {
    let key = match header.bitmap {
        Bitmap::Present { reused: false, .. } => "bitmap",
        _ => "unknown",
    };
    behind(6, header.bitmap_section(), 6, key)
}

/// Sections 7 and 8.
fn data(header: &Header) -> Vec<Line> {
    let plain = |section, first, last, key, value| Line {
        section,
        first,
        last,
        key,
        value,
        meaning: None,
    };
    let length = Reading::Unsigned(header.data.length);
    let mut lines = vec![
        plain(7, 1, 4, "section7Length", length),
        plain(7, 5, 5, "numberOfSection", Reading::Unsigned(7)),
    ];
    lines.extend(behind(7, header.data, 5, "codedValues"));
    lines.push(plain(8, 1, 4, "7777", Reading::Text("7777".to_owned())));
    lines
}

/// The octets of a section after its first `head`, where they lie in the object.
fn behind(section: u8, span: ByteSpan, head: u64, key: &'static str) -> Option<Line> {
    let left = span.length.checked_sub(head).filter(|left| *left > 0)?;
    Some(Line {
        section,
        first: head.saturating_add(1),
        last: span.length,
        key,
        value: Reading::Span(ByteSpan::new(span.offset.saturating_add(head), left)),
        meaning: None,
    })
}

fn hexadecimal(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

fn count(octets: usize) -> u64 {
    u64::try_from(octets).unwrap_or(u64::MAX)
}

impl Line {
    /// Takes the value of the octets behind, which have the same key.
    fn append(&mut self, next: Self) {
        self.last = next.last;
        let mut values = match std::mem::replace(&mut self.value, Reading::Missing) {
            Reading::List(values) => values,
            value => vec![value],
        };
        values.push(next.value);
        self.value = Reading::List(values);
        if let (Some(meaning), Some(next)) = (&mut self.meaning, next.meaning) {
            meaning.push_str("; ");
            meaning.push_str(&next);
        }
    }
}

#[cfg(test)]
#[expect(clippy::as_conversions, reason = "sizes of small inputs")]
mod tests {
    use super::*;
    use crate::grib::header::Parsed;
    use crate::grib::sample;

    fn header(message: &[u8]) -> Header {
        match Header::parse_prefix(message, 0) {
            Ok(Parsed::Fields(fields)) => fields[0].clone(),
            other => panic!("{other:?}"),
        }
    }

    /// `4 10 parameterCategory=0 Temperature`: section, first octet, key, value, meaning.
    fn text(lines: &[Line]) -> Vec<String> {
        let text = |line: &Line| {
            let meaning = line.meaning.as_deref().unwrap_or("");
            let text = format!(
                "{} {} {}={} {meaning}",
                line.section, line.first, line.key, line.value
            );
            text.trim_end().to_owned()
        };
        lines.iter().map(text).collect()
    }

    #[test]
    fn each_value_has_its_octets_its_key_and_its_meaning() {
        let lines = text(&describe(&header(&sample::message(&[100]))));
        for line in [
            "0 1 identifier=GRIB",
            "0 7 discipline=0 Meteorological products",
            "1 6 centre=98 European Centre for Medium-Range Weather Forecasts",
            "3 7 numberOfDataPoints=6",
            "3 31 Ni=3",
            "3 43 subdivisionsOfBasicAngle=missing",
            "4 10 parameterCategory=0 Temperature",
            "4 11 parameterNumber=0 Temperature (K)",
            "4 23 typeOfFirstFixedSurface=103 Specified height level above ground (m)",
            "4 25 scaledValueOfFirstFixedSurface=2",
            "5 12 referenceValue=274",
            "6 6 bitMapIndicator=255 A bit map does not apply to this product",
            "7 1 section7Length=105",
            "7 6 codedValues=100 bytes from byte 175",
            "8 1 7777=7777",
        ] {
            assert!(lines.contains(&line.to_owned()), "{line}\n{lines:#?}");
        }
    }

    #[test]
    fn every_octet_is_there_once() {
        let message = sample::Message::default()
            .field(2, 50)
            .bitmap(0, &[0xfc])
            .build();
        let header = header(&message);
        let lines = describe(&header);
        let mut total = 0;
        for section in 0..=8 {
            let mut at = 1;
            for line in lines.iter().filter(|line| line.section == section) {
                assert_eq!(line.first, at, "{line:?}");
                at = line.last + 1;
            }
            total += at - 1;
        }
        assert_eq!(total, message.len() as u64);
    }

    #[test]
    fn what_is_not_known_is_shown_raw() {
        let mut message = sample::Message::default()
            .field(2, 5)
            .bitmap(255, &[])
            .build();
        let at = sample::section_start(&message, 4);
        message[at + 7] = 0xc3; // a local template
        let centre = sample::section_start(&message, 1) + 5;
        message[centre..centre + 2].copy_from_slice(&[0, 34]);
        let lines = text(&describe(&header(&message)));
        assert!(lines.contains(&"2 6 unknown=000100010009040b30303031".to_owned()));
        let section_4: Vec<_> = lines.iter().filter(|line| line.starts_with("4 ")).collect();
        assert_eq!(section_4[3], "4 8 productDefinitionTemplateNumber=49920");
        assert!(section_4[4].starts_with("4 10 unknown=000002ff60"));
        assert_eq!(section_4.len(), 5);
    }

    #[test]
    fn a_local_section_of_ecmwf_has_its_keys() {
        let message = sample::Message::default()
            .field(2, 5)
            .bitmap(255, &[])
            .build();
        let lines = text(&describe(&header(&message)));
        assert!(lines.contains(&"2 6 grib2LocalSectionNumber=1 MARS labelling".to_owned()));
        assert!(lines.contains(&"2 14 experimentVersionNumber=0001".to_owned()));
    }
}
