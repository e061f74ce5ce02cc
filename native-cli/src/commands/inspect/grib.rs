//! Messages of a GRIB file, from their headers alone: the scanner says which bytes it wants.

use gik_core::grib::Header;
use gik_core::grib::describe::describe;
use gik_core::grib::naming::{Keys, Tables};
use gik_core::grib::scan::Piece;

use super::row::{Number, Row};
use super::{Inspected, Refused, show};
use crate::cli;
use crate::commands::statistics::Decoder;
use crate::exit::{CommandError, ExitStatus};
use crate::file::File;
use crate::printer::Printer;

/// Reads the headers of all messages.
///
/// With `values` each message is read whole and its values are counted; what cannot be decoded is refused.
pub(super) async fn read(file: &File<'_>, values: bool) -> Result<Inspected, CommandError> {
    let tables = Tables::builtin()?;
    let mut decoder = Decoder::default();
    let mut inspected = Inspected {
        url: file.url.clone(),
        kind: "grib2",
        size: file.size,
        messages: Vec::new(),
        refused: Vec::new(),
    };
    let mut number = 0_u64;
    let mut pieces = file.pieces();
    while let Some(piece) = pieces.next().await? {
        match piece {
            Piece::Gap { .. } => continue,
            Piece::Message { span, fields } => {
                number += 1;
                let several = fields.len() > 1;
                let octets = match values {
                    true => Some(file.bytes(span).await?),
                    false => None,
                };
                for header in &fields {
                    let mut row = row(header, number, several, &tables);
                    match octets.as_ref().map(|octets| decoder.count(header, octets)) {
                        None => {}
                        Some(Ok(values)) => row.values = Some(values),
                        Some(Err(error)) => {
                            let error = error.context(format!("message {}", row.message));
                            let refused = Refused::new(error, None, Some(span));
                            inspected.refused.push(refused);
                        }
                    }
                    inspected.messages.push(row);
                }
            }
            Piece::Refused { span, error } => {
                number += 1;
                inspected
                    .refused
                    .push(Refused::new(error, None, Some(span)));
            }
        }
    }
    Ok(inspected)
}

/// Shows the sections of one message; the file is read as far as that message.
pub(super) async fn show(
    file: &File<'_>,
    wanted: cli::Number,
    printer: &Printer,
) -> Result<ExitStatus, CommandError> {
    let mut number = 0;
    let mut pieces = file.pieces();
    while let Some(piece) = pieces.next().await? {
        if matches!(piece, Piece::Gap { .. }) {
            continue;
        }
        number += 1;
        match piece {
            _ if number < wanted.message => continue,
            Piece::Message { fields, .. } => return sections(file, wanted, &fields, printer),
            Piece::Refused { error, .. } => return Err(error.into()),
            Piece::Gap { .. } => continue,
        }
    }
    Err(show::missing(&file.url, wanted, number))
}

fn sections(
    file: &File<'_>,
    wanted: cli::Number,
    fields: &[Header],
    printer: &Printer,
) -> Result<ExitStatus, CommandError> {
    let tables = Tables::builtin()?;
    let several = fields.len() > 1;
    let is = |header: &&Header| {
        wanted
            .field
            .is_none_or(|field| u64::try_from(header.field) == Ok(field))
    };
    let shown: Vec<show::Sections> = fields
        .iter()
        .filter(is)
        .map(|header| show::Sections {
            row: row(header, wanted.message, several, &tables),
            sections: describe(header),
        })
        .collect();
    if shown.is_empty() {
        let count = u64::try_from(fields.len()).unwrap_or(u64::MAX);
        return Err(show::missing(&file.url, wanted, count));
    }
    show::sections(&file.url, &shown, printer)?;
    Ok(ExitStatus::Success)
}

/// What a header says, as a row.
pub(in crate::commands) fn row(
    header: &Header,
    number: u64,
    several: bool,
    tables: &Tables,
) -> Row {
    let names = tables.names(&Keys::from(header));
    let field = header.field;
    let numbers = header.product.parameter.map(|parameter| {
        let (category, number) = (parameter.category, parameter.number);
        format!("d{}c{category}n{number}", header.discipline)
    });
    let level = names.level.as_ref();
    let bounds = level.and_then(|level| level.bounds);
    Row {
        message: match several {
            true => format!("{number}.{field}"),
            false => number.to_string(),
        },
        offset: header.message.offset,
        length: Some(header.message.length),
        varname: Some(names.var_name.into_owned()),
        short_name: Some(names.short_name.into_owned()),
        name: names.name.map(str::to_owned),
        units: names.units.map(str::to_owned),
        param_id: names.param_id,
        parameter: numbers,
        step_type: names.step_type.map(str::to_owned),
        type_of_level: level.map(|level| level.kind.to_owned()),
        level: level.map(|level| Number(level.value)),
        top_level: bounds.map(|(top, _)| Number(top)),
        bottom_level: bounds.map(|(_, bottom)| Number(bottom)),
        step: names
            .steps
            .map(|steps| Number::hours(steps.end.as_seconds())),
        step_range: names.steps.map(|steps| steps.to_string()),
        number: names.number,
        member: member(header),
        time: Some(time(header)),
        points: Some(header.grid.points),
        templates: Some([
            header.grid.template,
            header.product.template,
            header.representation.template,
        ]),
        ..Row::default()
    }
}

/// Code tables 4.6 and 4.7.
fn member(header: &Header) -> Option<&'static str> {
    let ensemble = header.product.ensemble.map(|ensemble| ensemble.kind);
    let derived = header.product.derived.map(|derived| derived.kind);
    match (ensemble, derived) {
        (_, Some(0)) => Some("mean"),
        (_, Some(4)) => Some("spread"),
        (_, Some(_)) => Some("derived"),
        (Some(0 | 1), _) => Some("control"),
        (Some(2 | 3), _) => Some("perturbed"),
        _ => None,
    }
}

fn time(header: &Header) -> String {
    let time = header.identification.reference;
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
        time.year, time.month, time.day, time.hour, time.minute, time.second
    )
}
