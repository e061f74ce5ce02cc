//! Which bytes of a file are what, as far as its messages are known.

use std::collections::BTreeMap;

use crate::protocol::bytes::{ByteMap, Group, Overlap, Stretch};
use crate::table::{Message, Table, step_text};

/// Groups that have a colour of their own; all other variables share the next one.
pub const COLOURS: usize = 7;
/// The group of gaps.
pub const GAP: u32 = u32::MAX;

/// The bytes of a file; `None` where there is no such file. `size` is what the server says of it.
pub fn byte_map(table: &Table, file: u32, size: Option<u64>) -> Option<ByteMap> {
    table.objects.get(file as usize)?;
    let own = (0..).zip(&table.messages);
    let own = own.filter(|(_, message)| message.object == file);
    let mut messages: Vec<(u32, &Message)> = own.collect();
    messages.sort_by_key(|(_, message)| (message.offset, message.length));
    let open = messages.iter().filter(|one| one.1.length.is_none()).count();
    // Fields of one message have the same bytes.
    let mut fields: Vec<(u32, &Message, u32)> = Vec::new();
    for (number, message) in messages {
        match fields.last_mut() {
            Some((_, last, count))
                if last.offset == message.offset && last.length == message.length =>
            {
                *count += 1;
            }
            _ => fields.push((number, message, 1)),
        }
    }
    let (groups, names) = groups(table, &fields);
    let mut stretches: Vec<Stretch> = Vec::new();
    let mut overlaps = Vec::new();
    // Where the bytes end that some message claims, and which message.
    let (mut end, mut last) = (0, String::new());
    for (number, message, count) in &fields {
        let Some(length) = message.length else {
            continue;
        };
        let label = label(table, message, *count);
        if message.offset > end {
            stretches.push(gap(end, message.offset));
        } else if message.offset < end {
            overlaps.push(Overlap {
                offset: message.offset,
                length: end.min(message.offset.saturating_add(length)) - message.offset,
                first: last.clone(),
                second: label.clone(),
            });
        }
        stretches.push(Stretch {
            offset: message.offset,
            length,
            message: Some(*number),
            group: names
                .get(variable(table, message))
                .copied()
                .unwrap_or_default(),
            label: label.clone(),
        });
        let next = message.offset.saturating_add(length);
        if next > end {
            (end, last) = (next, label);
        }
    }
    if let Some(size) = size.filter(|size| *size > end && open == 0) {
        stretches.push(gap(end, size));
    }
    Some(ByteMap {
        file,
        files: table
            .objects
            .iter()
            .map(|object| object.data_url.clone())
            .collect(),
        size,
        extent: size.map_or(end, |size| size.max(end)),
        stretches,
        groups,
        overlaps,
        open: u32::try_from(open).unwrap_or(u32::MAX),
    })
}

impl ByteMap {
    /// The stretches that no message claims.
    pub fn gaps(&self) -> impl Iterator<Item = &Stretch> {
        self.stretches
            .iter()
            .filter(|stretch| stretch.message.is_none())
    }

    /// The messages with the most bytes, the largest first.
    pub fn largest(&self, count: usize) -> Vec<&Stretch> {
        let messages = self.stretches.iter();
        let mut messages: Vec<&Stretch> = messages
            .filter(|stretch| stretch.message.is_some())
            .collect();
        messages.sort_by(|a, b| b.length.cmp(&a.length).then(a.offset.cmp(&b.offset)));
        messages.truncate(count);
        messages
    }

    /// Whether messages claim bytes behind the end of the file.
    pub fn is_cut(&self) -> bool {
        self.size.is_some_and(|size| size < self.extent)
    }
}

/// A part of a stretch in one row of the drawing, in parts of the row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bar {
    /// Index of the stretch.
    pub stretch: usize,
    /// Row.
    pub row: u32,
    /// Where it starts in the row, from 0 to 1.
    pub start: f64,
    /// Its part of the row.
    pub width: f64,
}

/// The stretches laid out in rows of equal numbers of bytes, like the words of a text. Messages of one group that are too
/// narrow to be seen are one bar.
pub fn bars(map: &ByteMap, rows: u32, least: f64) -> Vec<Bar> {
    let row_bytes = (map.extent as f64 / f64::from(rows)).max(1.0);
    let mut bars: Vec<Bar> = Vec::new();
    let group = |bar: &Bar| map.stretches.get(bar.stretch).map(|stretch| stretch.group);
    for (number, stretch) in map.stretches.iter().enumerate() {
        let (from, to) = (
            stretch.offset as f64 / row_bytes,
            (stretch.offset + stretch.length) as f64 / row_bytes,
        );
        let mut row = from.floor();
        while row < to && row < f64::from(rows) {
            let (start, end) = (from.max(row) - row, to.min(row + 1.0) - row);
            let bar = Bar {
                stretch: number,
                row: row as u32,
                start,
                width: end - start,
            };
            match bars.last_mut() {
                Some(last)
                    if last.row == bar.row
                        && bar.width < least
                        && last.width < least * 4.0
                        && group(last) == Some(stretch.group) =>
                {
                    last.width = (bar.start + bar.width - last.start).max(last.width);
                }
                _ => bars.push(bar),
            }
            row += 1.0;
        }
    }
    bars
}

fn gap(from: u64, to: u64) -> Stretch {
    Stretch {
        offset: from,
        length: to - from,
        message: None,
        group: GAP,
        label: String::new(),
    }
}

fn variable<'a>(table: &'a Table, message: &Message) -> &'a str {
    let kind = table.kinds.get(message.kind as usize);
    kind.map_or("", |kind| kind.variable.as_str())
}

fn label(table: &Table, message: &Message, fields: u32) -> String {
    let kind = table.kinds.get(message.kind as usize);
    let mut label = kind.map_or_else(String::new, |kind| {
        format!("{} {}", kind.variable, kind.level)
            .trim()
            .to_owned()
    });
    if fields > 1 {
        label.push_str(&format!(" +{}", fields - 1));
    }
    let step = step_text(message.step);
    if !step.is_empty() {
        label.push_str(&format!(", {step} h"));
    }
    let member = message
        .member
        .and_then(|at| table.members.get(usize::from(at)));
    if let Some(member) = member.filter(|_| table.members.len() > 1) {
        label.push_str(&format!(", {member}"));
    }
    label
}

/// Groups by bytes, and the number of each variable's group.
fn groups<'a>(
    table: &'a Table,
    fields: &[(u32, &Message, u32)],
) -> (Vec<Group>, BTreeMap<&'a str, u32>) {
    let mut sums: BTreeMap<&str, (u32, u64)> = BTreeMap::new();
    for (_, message, _) in fields {
        let sum = sums.entry(variable(table, message)).or_default();
        sum.0 += 1;
        sum.1 += message.length.unwrap_or(0);
    }
    let mut sums: Vec<(&str, (u32, u64))> = sums.into_iter().collect();
    sums.sort_by(|a, b| b.1.1.cmp(&a.1.1).then(a.0.cmp(b.0)));
    let mut groups: Vec<Group> = Vec::new();
    let mut names = BTreeMap::new();
    let alone = if sums.len() <= COLOURS + 1 {
        sums.len()
    } else {
        COLOURS
    };
    for (at, (name, (messages, bytes))) in sums.into_iter().enumerate() {
        let own = at < alone;
        match groups.get_mut(alone).filter(|_| !own) {
            Some(others) => {
                others.messages += messages;
                others.bytes += bytes;
            }
            None => groups.push(Group {
                name: if own { name.to_owned() } else { String::new() },
                messages,
                bytes,
            }),
        }
        names.insert(name, u32::try_from(at.min(alone)).unwrap_or(0));
    }
    (groups, names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::{Kind, Object};

    fn table(messages: &[(&str, u64, Option<u64>)]) -> Table {
        let mut table = Table::default();
        table.objects.push(Object {
            index_url: String::new(),
            data_url: "s3://b/k".to_owned(),
        });
        for (variable, offset, length) in messages {
            let kind = table.kind(Kind {
                variable: (*variable).to_owned(),
                ..Kind::default()
            });
            table.messages.push(Message {
                kind,
                step: Some(3600),
                window: None,
                member: None,
                object: 0,
                line: 1,
                offset: *offset,
                length: *length,
            });
        }
        table
    }

    #[test]
    fn gaps_and_overlaps_are_found() {
        let table = table(&[
            ("a", 10, Some(10)),
            ("b", 15, Some(20)),
            ("a", 40, Some(5)),
            ("a", 40, Some(5)),
        ]);
        let map = byte_map(&table, 0, Some(50)).unwrap();
        let gaps: Vec<(u64, u64)> = map.gaps().map(|gap| (gap.offset, gap.length)).collect();
        assert_eq!(gaps, [(0, 10), (35, 5), (45, 5)]);
        let overlaps: Vec<_> = map
            .overlaps
            .iter()
            .map(|one| (one.offset, one.length, one.first.as_str()))
            .collect();
        assert_eq!(overlaps, [(15, 5, "a, 1 h")]);
        assert_eq!(map.largest(1)[0].label, "b, 1 h");
        assert_eq!(map.largest(9).len(), 3);
        let groups: Vec<_> = map
            .groups
            .iter()
            .map(|one| (&*one.name, one.bytes))
            .collect();
        assert_eq!(groups, [("b", 20), ("a", 15)]);
        assert!(!map.is_cut());
        assert!(byte_map(&table, 0, Some(44)).unwrap().is_cut());
        assert!(byte_map(&table, 1, None).is_none());
    }

    #[test]
    fn a_last_message_of_unknown_length_leaves_no_gap() {
        let map = byte_map(&table(&[("a", 0, Some(5)), ("a", 5, None)]), 0, Some(50)).unwrap();
        assert_eq!((map.gaps().count(), map.open), (0, 1));
    }

    #[test]
    fn many_variables_share_a_group() {
        let names: Vec<String> = (0..20).map(|number| format!("v{number}")).collect();
        let messages: Vec<(&str, u64, Option<u64>)> = (0..)
            .zip(&names)
            .map(|(at, name)| (name.as_str(), at * 10, Some(10)))
            .collect();
        let map = byte_map(&table(&messages), 0, None).unwrap();
        assert_eq!(map.groups.len(), COLOURS + 1);
        assert_eq!(map.groups[COLOURS].messages, 13);
        assert_eq!(map.groups[COLOURS].name, "");
    }

    #[test]
    fn a_stretch_goes_on_in_the_next_row() {
        let map = byte_map(
            &table(&[("a", 0, Some(150)), ("b", 150, Some(50))]),
            0,
            None,
        )
        .unwrap();
        let bars = bars(&map, 2, 0.001);
        let shown: Vec<_> = bars
            .iter()
            .map(|bar| (bar.stretch, bar.row, bar.start, bar.width))
            .collect();
        assert_eq!(
            shown,
            [(0, 0, 0.0, 1.0), (0, 1, 0.0, 0.5), (1, 1, 0.5, 0.5)]
        );
    }
}
