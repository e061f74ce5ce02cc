//! Messages that differ from one in a single thing: its step, its member, or what it is.

use std::collections::BTreeMap;

use crate::protocol::map::{Sibling, Siblings};
use crate::table::{Message, Table, step_text, window_text};

/// The messages beside one; `None` where there is no such message.
pub fn siblings(table: &Table, at: u32) -> Option<Siblings> {
    let own = table.messages.get(at as usize)?;
    let members = table.members.iter().enumerate();
    let members = members.filter_map(|(number, name)| {
        let number = u16::try_from(number).ok()?;
        let message = best(table, own, at, |message| {
            message.member == Some(number) && message.kind == own.kind && message.step == own.step
        })?;
        Some(sibling(table, message, name.clone()))
    });
    Some(Siblings {
        message: at,
        kinds: kinds(table, at, own),
        members: members.collect(),
        steps: steps(table, at, own.member)
            .into_iter()
            .map(|(_, message)| sibling(table, message, step_label(table, message)))
            .collect(),
    })
}

/// The messages of the same kind and of a member over the steps, in seconds; one for each step.
pub fn steps(table: &Table, at: u32, member: Option<u16>) -> Vec<(i64, u32)> {
    let Some(own) = table.messages.get(at as usize) else {
        return Vec::new();
    };
    let mut found: BTreeMap<i64, Vec<u32>> = BTreeMap::new();
    for (number, message) in (0..).zip(&table.messages) {
        if message.kind == own.kind
            && message.member == member
            && let Some(step) = message.step
        {
            found.entry(step).or_default().push(number);
        }
    }
    let found = found.into_iter();
    found
        .filter_map(|(step, numbers)| Some((step, closest(table, own, at, &numbers)?)))
        .collect()
}

/// The message that is most like one, of those that fit.
fn best(table: &Table, own: &Message, at: u32, fits: impl Fn(&Message) -> bool) -> Option<u32> {
    let numbers: Vec<u32> = (0..)
        .zip(&table.messages)
        .filter_map(|(number, message)| fits(message).then_some(number))
        .collect();
    closest(table, own, at, &numbers)
}

/// Of several messages, itself, else one whose window is as long, else one whose window starts at the same time, else the first.
fn closest(table: &Table, own: &Message, at: u32, numbers: &[u32]) -> Option<u32> {
    let length = |window: Option<(i64, i64)>| window.map(|(start, end)| end - start);
    let start = |window: Option<(i64, i64)>| window.map(|(start, _)| start);
    let rank = |number: &u32| {
        let window = table.messages.get(*number as usize)?.window;
        Some(match window {
            _ if *number == at => 0,
            window if length(window) == length(own.window) => 1,
            window if start(window) == start(own.window) => 2,
            _ => 3,
        })
    };
    let mut numbers = numbers.to_vec();
    numbers.sort_by_key(|number| rank(number).unwrap_or(4));
    numbers.first().copied()
}

/// One message of each kind: of the same member and step where it can be.
fn kinds(table: &Table, at: u32, own: &Message) -> Vec<Sibling> {
    let mut found: Vec<Option<(u8, u32)>> = vec![None; table.kinds.len()];
    for (number, message) in (0..).zip(&table.messages) {
        let Some(known) = found.get_mut(message.kind as usize) else {
            continue;
        };
        let rank = match (message.member == own.member, message.step == own.step) {
            _ if number == at => 0,
            (true, true) => 1,
            (true, false) => 2,
            (false, true) => 3,
            (false, false) => 4,
        };
        if known.is_none_or(|(least, _)| rank < least) {
            *known = Some((rank, number));
        }
    }
    let found = found.into_iter().zip(&table.kinds);
    found
        .filter_map(|(found, kind)| {
            let label = format!("{} {}", kind.variable, kind.level);
            Some(sibling(table, found?.1, label.trim().to_owned()))
        })
        .collect()
}

fn sibling(table: &Table, message: u32, label: String) -> Sibling {
    Sibling {
        message,
        label,
        bytes: table
            .messages
            .get(message as usize)
            .and_then(|found| found.length),
    }
}

/// `6`, or `0-6` where it is a window.
fn step_label(table: &Table, message: u32) -> String {
    let message = table.messages.get(message as usize);
    message.map_or_else(String::new, |message| match message.window {
        Some(_) => window_text(message.window),
        None => step_text(message.step),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::Kind;

    fn table() -> Table {
        let mut table = Table::default();
        for variable in ["TMP", "APCP"] {
            table.kind(Kind {
                variable: variable.to_owned(),
                level: "surface".to_owned(),
                label: format!("{variable}:surface"),
            });
        }
        table.member("gep01");
        table.member("gep02");
        let hours = |window: Option<(i64, i64)>| window.map(|(a, b)| (a * 3600, b * 3600));
        let mut add = |kind: u32, step: i64, member: u16, window: Option<(i64, i64)>| {
            table.messages.push(Message {
                kind,
                step: Some(step * 3600),
                window: hours(window),
                member: Some(member),
                object: 0,
                line: 1,
                offset: 0,
                length: Some(10),
            });
        };
        add(0, 3, 0, None);
        add(1, 3, 0, Some((0, 3)));
        add(0, 6, 0, None);
        add(1, 6, 0, Some((0, 6)));
        add(1, 6, 0, Some((3, 6)));
        add(0, 3, 1, None);
        table
    }

    fn numbers(siblings: &[Sibling]) -> Vec<(u32, &str)> {
        let numbers = siblings.iter();
        numbers
            .map(|sibling| (sibling.message, sibling.label.as_str()))
            .collect()
    }

    #[test]
    fn a_message_has_steps_members_and_other_kinds() {
        let found = siblings(&table(), 0).unwrap();
        assert_eq!(numbers(&found.steps), [(0, "3"), (2, "6")]);
        assert_eq!(numbers(&found.members), [(0, "gep01"), (5, "gep02")]);
        assert_eq!(
            numbers(&found.kinds),
            [(0, "TMP surface"), (1, "APCP surface")]
        );
        assert_eq!(siblings(&table(), 6), None);
    }

    #[test]
    fn of_two_windows_the_one_that_is_alike_is_taken() {
        let buckets = siblings(&table(), 1).unwrap();
        assert_eq!(numbers(&buckets.steps), [(1, "0-3"), (4, "3-6")]);
        let total = siblings(&table(), 3).unwrap();
        assert_eq!(numbers(&total.steps), [(1, "0-3"), (3, "0-6")]);
    }
}
