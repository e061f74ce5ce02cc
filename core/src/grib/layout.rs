//! Octet layouts of sections and templates, as data: which key lies where, how wide, and in which code table.
//!
//! The layouts are `core/tables/sections.csv`, generated from ecCodes' definitions. One walk over a section serves the typed
//! sections, the lookup of any key and the section dump, so that these cannot disagree.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::reader::{Reader, Short};

/// One value of a section: where it lies, its key, and what it says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Entry<'a> {
    /// Key, as ecCodes spells it.
    pub(super) key: &'static str,
    /// First octet, from 1 at the start of the section.
    pub(super) first: usize,
    /// The octets.
    pub(super) octets: &'a [u8],
    /// What they say.
    pub(super) value: Value<'a>,
    /// Name of the code or flag table, with `{key}` for the value of another key.
    pub(super) table: Option<&'static str>,
    /// Which turn of a repeated group, from 1; 0 outside of groups.
    pub(super) turn: u32,
}

/// What the octets of an entry say.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Value<'a> {
    /// A number in a code table.
    Code(u64),
    /// Bits of a flag table.
    Flags(u64),
    /// An IEEE 754 number.
    Float(f32),
    /// All bits are set where that means missing.
    Missing,
    /// A number without a meaning as a whole: an identifier of 16 octets.
    Opaque(&'a [u8]),
    /// A number with a sign.
    Signed(i64),
    /// Characters of the international alphabet 5.
    Text(&'a [u8]),
    /// A number without a sign.
    Unsigned(u64),
}

impl Value<'_> {
    /// The integer, or `None` where it is missing, no integer, or wider than 63 bits.
    pub(super) fn integer(self) -> Option<i64> {
        match self {
            Self::Code(value) | Self::Flags(value) | Self::Unsigned(value) => {
                i64::try_from(value).ok()
            }
            Self::Signed(value) => Some(value),
            Self::Float(_) | Self::Missing | Self::Opaque(_) | Self::Text(_) => None,
        }
    }
}

/// Integers by key that a layout may ask for: counts of groups, numbers of templates, parts of table names.
#[derive(Clone, Debug, Default)]
pub(super) struct Context(Vec<(&'static str, i64)>);

impl Context {
    /// The value that was set last.
    pub(super) fn get(&self, key: &str) -> Option<i64> {
        let found = self.0.iter().rev().find(|(known, _)| *known == key);
        found.map(|(_, value)| *value)
    }

    /// Sets a value.
    pub(super) fn set(&mut self, key: &'static str, value: i64) {
        self.0.push((key, value));
    }
}

/// How far a layout explained a section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Walked {
    /// Octets that entries were made of; what follows has no known meaning.
    pub(super) octets: usize,
    /// Whether the section's template has a layout.
    pub(super) known: bool,
}

/// Walks a section, its length and number included, and hands each value to `visit`, in octet order and without gaps.
///
/// Stops after a template without a layout: what follows it cannot be placed. A group that counts more turns than the
/// section has octets for is an error at the octet where they end.
pub(super) fn walk<'a>(
    section: u8,
    octets: &'a [u8],
    context: &mut Context,
    visit: &mut dyn FnMut(Entry<'a>),
) -> Result<Walked, Short> {
    let mut walk = Walk {
        reader: Reader::new(octets),
        context,
        visit,
        turn: 0,
        known: true,
    };
    let rows = SECTIONS
        .get(usize::from(section))
        .and_then(|name| LAYOUTS.rows(name));
    match rows {
        Some(rows) => walk.rows(rows, 0)?,
        None => walk.known = false,
    }
    Ok(Walked {
        octets: walk.reader.taken(),
        known: walk.known,
    })
}

struct Walk<'a, 'w> {
    reader: Reader<'a>,
    context: &'w mut Context,
    visit: &'w mut dyn FnMut(Entry<'a>),
    turn: u32,
    known: bool,
}

/// Templates include blocks, which include blocks: three deep in ecCodes 2.50.
const DEEPEST: u8 = 16;

impl<'a> Walk<'a, '_> {
    fn rows(&mut self, rows: &[Row], depth: u8) -> Result<(), Short> {
        let mut rest = rows;
        while let Some((row, tail)) = rest.split_first() {
            rest = tail;
            if !self.known || depth > DEEPEST {
                self.known = false;
                return Ok(());
            }
            match row.kind {
                Kind::If(length) | Kind::Repeat(length) => {
                    let (body, after) = tail.split_at_checked(length).unwrap_or((tail, &[]));
                    rest = after;
                    match row.kind {
                        Kind::If(_) if self.holds(row) => self.rows(body, depth + 1)?,
                        Kind::If(_) => {}
                        _ => self.repeat(row, body, depth)?,
                    }
                }
                Kind::Empty | Kind::End => {}
                Kind::Include => self.layout(row.key, depth)?,
                Kind::Template => self.template(row, depth)?,
                _ => self.entry(row)?,
            }
        }
        Ok(())
    }

    fn layout(&mut self, name: &str, depth: u8) -> Result<(), Short> {
        match LAYOUTS.rows(name) {
            Some(rows) => self.rows(rows, depth + 1),
            None => {
                self.known = false;
                Ok(())
            }
        }
    }

    /// A template by number; numbers from 32768 are local and belong to a centre.
    fn template(&mut self, row: &Row, depth: u8) -> Result<(), Short> {
        let number = self.context.get(row.key).unwrap_or(-1);
        let name = match self.context.get("centreForLocal") {
            Some(centre) if number >= 32_768 && row.argument != "5" => {
                format!("{}.{number}@{centre}", row.argument)
            }
            _ => format!("{}.{number}", row.argument),
        };
        self.layout(&name, depth)
    }

    fn repeat(&mut self, row: &Row, body: &[Row], depth: u8) -> Result<(), Short> {
        let Some(turns) = self.context.get(row.key) else {
            self.known = false;
            return Ok(());
        };
        let outer = self.turn;
        for turn in 1..=turns {
            self.turn = u32::try_from(turn).unwrap_or(u32::MAX);
            let before = self.reader.taken();
            self.rows(body, depth + 1)?;
            if self.reader.taken() == before {
                break;
            }
        }
        self.turn = outer;
        Ok(())
    }

    fn holds(&self, row: &Row) -> bool {
        let value = match row.key.split_once("-4*") {
            Some((length, count)) => {
                let count = self.context.get(count).unwrap_or(0).saturating_mul(4);
                self.context
                    .get(length)
                    .map(|value| value.saturating_sub(count))
            }
            None => self.context.get(row.key),
        };
        let wanted = |text: &str| text.parse::<i64>().ok();
        if let Some(number) = row.argument.strip_prefix("!=") {
            value != wanted(number)
        } else if let Some(number) = row.argument.strip_prefix('=') {
            value.is_some() && value == wanted(number)
        } else {
            let number = row.argument.strip_prefix('>').and_then(wanted);
            matches!((value, number), (Some(value), Some(number)) if value > number)
        }
    }

    fn entry(&mut self, row: &Row) -> Result<(), Short> {
        let first = self.reader.taken().saturating_add(1);
        let octets = self.reader.take(row.octets)?;
        let missing = row.missing && octets.iter().all(|octet| *octet == 0xff);
        let mut reader = Reader::new(octets);
        let value = match row.kind {
            _ if missing => Value::Missing,
            Kind::Ascii => Value::Text(octets),
            Kind::Flags => Value::Flags(reader.unsigned(row.octets)?),
            Kind::Float => Value::Float(reader.f32()?),
            Kind::Signed => Value::Signed(reader.signed(row.octets)?),
            Kind::Table => Value::Code(reader.unsigned(row.octets)?),
            Kind::Unsigned => Value::Unsigned(reader.unsigned(row.octets)?),
            _ => Value::Opaque(octets),
        };
        if let (true, Some(integer)) = (row.asked, value.integer()) {
            self.context.set(row.key, integer);
        }
        (self.visit)(Entry {
            key: row.key,
            first,
            octets,
            value,
            table: (!row.argument.is_empty()).then_some(row.argument),
            turn: self.turn,
        });
        Ok(())
    }
}

const SECTIONS: [&str; 7] = [
    "section.0",
    "section.1",
    "section.2",
    "section.3",
    "section.4",
    "section.5",
    "section.6",
];

static LAYOUTS: LazyLock<Layouts> =
    LazyLock::new(|| Layouts::parse(include_str!("../../tables/sections.csv")));

struct Layouts {
    rows: Vec<Row>,
    /// First row and number of rows of each layout.
    names: BTreeMap<&'static str, (usize, usize)>,
}

#[derive(Clone, Copy)]
struct Row {
    kind: Kind,
    octets: usize,
    key: &'static str,
    argument: &'static str,
    missing: bool,
    /// Whether a row asks for the value of this key.
    asked: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Ascii,
    Bytes,
    Empty,
    End,
    Flags,
    Float,
    /// Number of rows of the body, its end included.
    If(usize),
    Include,
    /// Number of rows of the body, its end included.
    Repeat(usize),
    Signed,
    Table,
    Template,
    Unsigned,
}

impl Layouts {
    fn rows(&self, name: &str) -> Option<&[Row]> {
        let (first, count) = self.names.get(name)?;
        self.rows.get(*first..first.checked_add(*count)?)
    }

    /// Rows whose kind is not known are left out; a test proves that the committed table has none.
    fn parse(text: &'static str) -> Self {
        let mut rows: Vec<Row> = Vec::new();
        let mut names: BTreeMap<&'static str, (usize, usize)> = BTreeMap::new();
        let mut open: Vec<usize> = Vec::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let Some((name, row)) = Row::parse(line) else {
                continue;
            };
            let at = rows.len();
            match row.kind {
                Kind::If(_) | Kind::Repeat(_) => open.push(at),
                Kind::End => {
                    let start = open.pop();
                    if let Some(start) = start
                        && let Some(head) = rows.get_mut(start)
                    {
                        let length = at.saturating_sub(start);
                        head.kind = match head.kind {
                            Kind::If(_) => Kind::If(length),
                            _ => Kind::Repeat(length),
                        };
                    }
                }
                _ => {}
            }
            let place = names.entry(name).or_insert((at, 0));
            place.1 = place.1.saturating_add(1);
            rows.push(row);
        }
        let mut asked: Vec<&str> = Vec::new();
        for row in &rows {
            match row.kind {
                Kind::If(_) => asked.extend(row.key.split("-4*")),
                Kind::Repeat(_) | Kind::Template => asked.push(row.key),
                _ => asked.extend(parts(row.argument)),
            }
        }
        asked.sort_unstable();
        for row in &mut rows {
            row.asked = asked.binary_search(&row.key).is_ok();
        }
        Self { rows, names }
    }
}

impl Row {
    fn parse(line: &'static str) -> Option<(&'static str, Self)> {
        let mut fields = line.splitn(5, ',');
        let (name, kind, octets) = (fields.next()?, fields.next()?, fields.next()?);
        let (key, argument) = (fields.next()?, fields.next()?);
        let (kind, missing) = match kind.strip_suffix('?') {
            Some(kind) => (kind, true),
            None => (kind, false),
        };
        let kind = match kind {
            "ascii" => Kind::Ascii,
            "bytes" => Kind::Bytes,
            "empty" => Kind::Empty,
            "end" => Kind::End,
            "flags" => Kind::Flags,
            "float" => Kind::Float,
            "if" => Kind::If(0),
            "include" => Kind::Include,
            "repeat" => Kind::Repeat(0),
            "signed" => Kind::Signed,
            "table" => Kind::Table,
            "template" => Kind::Template,
            "unsigned" => Kind::Unsigned,
            _ => return None,
        };
        let octets = match octets {
            "-" => 0,
            count => count.parse().ok()?,
        };
        let row = Self {
            kind,
            octets,
            key,
            argument,
            missing,
            asked: false,
        };
        Some((name, row))
    }
}

/// The keys in braces of a table name.
pub(super) fn parts(table: &'static str) -> impl Iterator<Item = &'static str> {
    let pieces = table.split('{').skip(1);
    pieces.filter_map(|piece| piece.split_once('}').map(|(key, _)| key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_table_is_understood_and_every_group_is_closed() {
        let text = include_str!("../../tables/sections.csv");
        let lines = text.lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(LAYOUTS.rows.len(), lines);
        for row in &LAYOUTS.rows {
            assert!(
                !matches!(row.kind, Kind::If(0) | Kind::Repeat(0)),
                "{}",
                row.key
            );
            if row.kind == Kind::Include {
                assert!(LAYOUTS.rows(row.key).is_some(), "{}", row.key);
            }
            if matches!(row.kind, Kind::Signed | Kind::Unsigned | Kind::Table) {
                assert!((1..=8).contains(&row.octets), "{}", row.key);
            }
            if row.kind == Kind::Float {
                assert_eq!(row.octets, 4, "{}", row.key);
            }
        }
        for (name, (first, count)) in &LAYOUTS.names {
            assert!(first + count <= LAYOUTS.rows.len(), "{name}");
        }
    }

    fn keys(section: u8, octets: &[u8], context: &[(&'static str, i64)]) -> (Vec<String>, Walked) {
        let mut known = Context::default();
        for (key, value) in context {
            known.set(key, *value);
        }
        let mut keys = Vec::new();
        let walked = walk(section, octets, &mut known, &mut |entry| {
            let integer = entry.value.integer();
            let value = integer.map_or(String::from("-"), |integer| integer.to_string());
            keys.push(format!("{} {}={value}", entry.first, entry.key));
        })
        .unwrap();
        (keys, walked)
    }

    #[test]
    fn a_group_turns_as_often_as_its_count_says() {
        let run_length = [
            0, 0, 0, 21, 5, 0, 0, 0, 9, 0, 200, 4, 0, 2, 0, 2, 1, 0, 7, 0, 8,
        ];
        let (keys, walked) = keys(5, &run_length, &[]);
        assert_eq!(
            keys[8..],
            ["18 levelValues=7", "20 levelValues=8"].map(String::from)
        );
        assert_eq!(keys[7], "17 decimalScaleFactor=1");
        assert_eq!(
            walked,
            Walked {
                octets: 21,
                known: true
            }
        );
    }

    #[test]
    fn a_local_template_is_only_its_owners() {
        let section = [0, 0, 0, 9, 4, 0, 0, 0x9c, 0x61];
        let (_, walked) = keys(4, &section, &[("centreForLocal", 7)]);
        assert_eq!(
            walked,
            Walked {
                octets: 9,
                known: false
            }
        );
        let mut context = Context::default();
        context.set("centreForLocal", 98);
        let short = walk(4, &section, &mut context, &mut |_| {}).unwrap_err();
        assert_eq!(short.at, 10, "the layout of 4.40033 goes on");
    }

    #[test]
    fn a_count_beyond_the_section_ends_at_its_end() {
        let section = [0, 0, 0, 17, 5, 0, 0, 0, 9, 0, 200, 4, 0, 2, 0xff, 0xff, 1];
        let short = walk(5, &section, &mut Context::default(), &mut |_| {}).unwrap_err();
        assert_eq!((short.at, short.wanted, short.left), (18, 2, 0));
    }
}
