//! Lines of an index: each is a message, or is refused with its reason.

use gik_core::grib::naming::Tables;
use gik_core::identity::{Key, Level, Member, Parameter};
use gik_core::index::{self, Dialect, Record};
use gik_core::source::Catalog;
use gik_core::source::vocabulary::{Meaning, Vocabulary};
use gik_core::store::Store;

use super::row::{Number, Row};
use super::{Inspected, Refused};
use crate::exit::CommandError;
use crate::file::File;
use crate::printer::Printer;

/// Reads all lines.
pub(super) async fn read(
    file: &File<'_>,
    dialect: Dialect,
    catalog: &Catalog,
    printer: &Printer,
) -> Result<Inspected, CommandError> {
    let bytes = file.store.get(&file.url).await?.bytes;
    let mut records = Vec::new();
    let mut refused = Vec::new();
    for record in index::records(dialect, &bytes) {
        match record {
            Ok(record) => records.push(record),
            Err(error) => {
                let line = error.line().number;
                refused.push(Refused::new(error, Some(line), None));
            }
        }
    }
    let size = data_size(file, &records, printer).await;
    for size in [size, None] {
        match index::close(&mut records, size) {
            Ok(()) => break,
            Err(error) => printer.warning(error),
        }
    }
    if let Err(error) = index::tell_apart(&mut records, &[]) {
        printer.warning(error);
    }
    let vocabulary = Vocabulary::of(catalog)?;
    let tables = Tables::builtin()?;
    let rows = records.iter().enumerate().map(|(at, record)| {
        let meaning = vocabulary.meaning(&tables, dialect, record);
        row(at, record, meaning)
    });
    Ok(Inspected {
        url: file.url.clone(),
        kind: match dialect {
            Dialect::Ecmwf => "ecmwf",
            Dialect::Noaa => "noaa",
        },
        size: file.size,
        messages: rows.collect(),
        refused,
    })
}

/// Size of the GRIB file beside an index that does not tell the length of its last message.
async fn data_size(file: &File<'_>, records: &[Record<'_>], printer: &Printer) -> Option<u64> {
    let data = file.url.strip_suffix(".idx")?;
    if records.iter().all(|record| record.length.is_some()) {
        return None;
    }
    match file.store.head(data).await {
        Ok(meta) => meta.size,
        Err(error) => {
            printer.detail(format_args!(
                "the last message's length is not known: {error}"
            ));
            None
        }
    }
}

fn row(at: usize, record: &Record<'_>, meaning: Meaning) -> Row {
    let Key {
        parameter,
        level,
        when,
        member,
        extra,
        ..
    } = &record.key;
    let (number, member) = part(*member);
    let (parameter, mars_name) = match (parameter, level) {
        (Parameter::Numbers(numbers), _) => {
            let (category, number) = (numbers.category, numbers.number);
            (format!("d{}c{category}n{number}", numbers.discipline), None)
        }
        (Parameter::Name(name), Level::Mars { .. }) => (name.to_string(), Some(name.to_string())),
        (Parameter::Name(name), _) => (name.to_string(), None),
    };
    let text = when.steps().map(|_| when.to_string());
    let bounds = meaning.level.and_then(|level| level.bounds);
    let step = meaning.steps.map(|steps| steps.end).or_else(|| when.step());
    Row {
        message: match record.message {
            Some(number) => match number.field {
                Some(field) => format!("{}.{field}", number.message),
                None => number.message.to_string(),
            },
            None => at.saturating_add(1).to_string(),
        },
        line: Some(record.line),
        path: record.path.as_deref().map(str::to_owned),
        offset: record.offset,
        length: record.length,
        varname: meaning.var_name,
        // The word of MARS is the shortName, whatever else is known.
        short_name: meaning.short_name.or(mars_name),
        name: meaning.name.map(str::to_owned),
        units: meaning.units.map(str::to_owned),
        param_id: meaning.param_id,
        parameter: Some(parameter),
        step_type: meaning.step_type.map(str::to_owned),
        type_of_level: meaning.level.map(|level| level.kind.to_owned()),
        level: meaning.level.map(|level| Number(level.value)),
        top_level: bounds.map(|(top, _)| Number(top)),
        bottom_level: bounds.map(|(_, bottom)| Number(bottom)),
        level_text: level_text(record),
        step: step.map(|step| Number::hours(step.as_seconds())),
        step_range: meaning.steps.map(|steps| steps.to_string()).or(text),
        number,
        member,
        time: time(record),
        extra: (!extra.is_empty()).then(|| extra.to_string()),
        ..Row::default()
    }
}

fn part(member: Option<Member>) -> (Option<i64>, Option<&'static str>) {
    match member {
        None => (None, None),
        Some(Member::Control) => (Some(0), Some("control")),
        Some(Member::Perturbed(number)) => (Some(i64::from(number)), Some("perturbed")),
        Some(Member::Mean) => (None, Some("mean")),
        Some(Member::Spread) => (None, Some("spread")),
        Some(Member::Negative(number)) => (Some(i64::from(number)), Some("negative")),
        Some(Member::HighResolutionControl) => (None, Some("high-resolution control")),
        Some(Member::Derived(_)) => (None, Some("derived")),
    }
}

/// The level as the index writes it: `850 mb`, or `pl 850`.
fn level_text(record: &Record<'_>) -> Option<String> {
    match &record.key.level {
        Level::Mars { levtype, levelist } => Some(match levelist {
            Some(levelist) => format!("{levtype} {levelist}"),
            None => levtype.to_string(),
        }),
        Level::Surfaces { .. } | Level::Text(_) => {
            record.attrs().split(':').nth(1).map(str::to_owned)
        }
    }
}

fn time(record: &Record<'_>) -> Option<String> {
    let clock = record.clock?;
    Some(format!(
        "{:#}T{:02}:{:02}:{:02}Z",
        record.date?,
        clock / 3_600,
        clock / 60 % 60,
        clock % 60
    ))
}
