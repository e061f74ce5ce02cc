//! How messages are shown.

use gik_core::grib::describe::Line;
use serde::Serialize;
use serde_json::{Value, json};

use super::row::Row;
use super::{InspectError, Inspected};
use crate::cli::Number;
use crate::commands::statistics;
use crate::exit::{CommandError, ExitStatus};
use crate::printer::{Align, PrintError, Printer, Table};

/// All messages of a file, a row each.
pub(super) fn file(inspected: &Inspected, printer: &Printer) -> Result<(), PrintError> {
    if printer.wants_json() {
        return printer.json(inspected);
    }
    let mut columns = vec![
        ("message", Align::Right),
        ("offset", Align::Right),
        ("length", Align::Right),
        ("variable", Align::Left),
        ("level", Align::Left),
        ("step", Align::Right),
        ("type", Align::Left),
        ("member", Align::Left),
        ("name", Align::Left),
    ];
    let counted = inspected.messages.iter().any(|row| row.values.is_some());
    if counted {
        columns.extend(statistics::COLUMNS.map(|column| (column, Align::Right)));
    }
    let mut table = Table::new(&columns);
    for row in &inspected.messages {
        let mut cells = vec![
            row.message.clone(),
            row.offset.to_string(),
            cell(row.length),
            row.varname
                .clone()
                .or_else(|| row.parameter.clone())
                .unwrap_or_default(),
            level(row),
            row.step_range.clone().unwrap_or_default(),
            row.step_type.clone().unwrap_or_default(),
            member(row),
            row.name
                .clone()
                .or_else(|| row.extra.clone())
                .unwrap_or_default(),
        ];
        cells.extend(row.values.iter().flat_map(|values| values.cells()));
        table.row(cells);
    }
    printer.table(&table)
}

/// All that an index says of one message.
pub(super) fn message(
    inspected: &Inspected,
    number: Number,
    printer: &Printer,
) -> Result<ExitStatus, CommandError> {
    let is = |row: &&Row| {
        let (message, field) = match row.message.split_once('.') {
            Some((message, field)) => (message, field.parse().ok()),
            None => (row.message.as_str(), None),
        };
        message.parse() == Ok(number.message) && (number.field.is_none() || number.field == field)
    };
    let found: Vec<&Row> = inspected.messages.iter().filter(is).collect();
    if found.is_empty() {
        let count = u64::try_from(inspected.messages.len()).unwrap_or(u64::MAX);
        return Err(missing(&inspected.url, number, count));
    }
    if printer.wants_json() {
        printer.json(&json!({
            "url": inspected.url,
            "kind": inspected.kind,
            "messages": found,
        }))?;
        return Ok(ExitStatus::Success);
    }
    for row in found {
        let mut table = Table::new(&[("key", Align::Left), ("value", Align::Left)]);
        if let Ok(Value::Object(pairs)) = serde_json::to_value(row) {
            for (key, value) in pairs {
                match value {
                    Value::Null => {}
                    Value::String(text) => table.row([key, text]),
                    other => table.row([key, other.to_string()]),
                }
            }
        }
        printer.table(&table)?;
    }
    Ok(ExitStatus::Success)
}

/// One field of a GRIB2 message, octet by octet.
#[derive(Serialize)]
pub(super) struct Sections {
    #[serde(flatten)]
    pub(super) row: Row,
    pub(super) sections: Vec<Line>,
}

/// The sections of the fields of a message.
pub(super) fn sections(
    url: &str,
    fields: &[Sections],
    printer: &Printer,
) -> Result<(), PrintError> {
    if printer.wants_json() {
        return printer.json(&json!({ "url": url, "kind": "grib2", "messages": fields }));
    }
    for Sections { row, sections } in fields {
        printer.line(format_args!(
            "message {} at byte {}, {} bytes: {} ({}), {}, step {}",
            row.message,
            row.offset,
            cell(row.length),
            row.short_name.as_deref().unwrap_or("-"),
            row.name.as_deref().unwrap_or("no name"),
            level(row),
            row.step_range.as_deref().unwrap_or("-"),
        ))?;
        let mut table = Table::new(&[
            ("section", Align::Right),
            ("octets", Align::Right),
            ("key", Align::Left),
            ("value", Align::Left),
            ("meaning", Align::Left),
        ]);
        for line in sections {
            table.row([
                line.section.to_string(),
                match line.first == line.last {
                    true => line.first.to_string(),
                    false => format!("{}-{}", line.first, line.last),
                },
                line.key.to_owned(),
                line.value.to_string(),
                line.meaning.clone().unwrap_or_default(),
            ]);
        }
        printer.table(&table)?;
    }
    Ok(())
}

/// There is no such message.
pub(super) fn missing(url: &str, number: Number, count: u64) -> CommandError {
    let Number { message, field } = number;
    let field = field.map(|field| format!(".{field}")).unwrap_or_default();
    CommandError::usage(InspectError::NoSuchMessage {
        url: url.to_owned(),
        number: format!("{message}{field}"),
        count,
    })
}

fn cell(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// `isobaricInhPa 850`, `depthBelowLandLayer 0-0.1`, or as the index writes it.
fn level(row: &Row) -> String {
    match (
        &row.type_of_level,
        row.level,
        row.top_level,
        row.bottom_level,
    ) {
        (None, ..) => row.level_text.clone().unwrap_or_default(),
        (Some(kind), _, Some(top), Some(bottom)) => format!("{kind} {top}-{bottom}"),
        (Some(kind), Some(level), ..) => format!("{kind} {level}"),
        (Some(kind), ..) => kind.clone(),
    }
}

fn member(row: &Row) -> String {
    match (row.member, row.number) {
        (Some("perturbed"), Some(number)) => number.to_string(),
        (Some(member), _) => member.to_owned(),
        (None, number) => cell(number),
    }
}
