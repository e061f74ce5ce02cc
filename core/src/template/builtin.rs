//! Templates from the catalogue's inventories: what is known of an archive before a byte of it is read.

use std::fmt::Write as _;

use super::Template;
use super::build::{self, About, TemplateError, representatives};
use super::derive::Derivation;
use crate::grib::naming::Tables;
use crate::identity::Statistic;
use crate::index::{Dialect, records};
use crate::listing::{Filed, Listing, Location};
use crate::source::inventory::{Expected, Inventory};
use crate::source::{Era, Source, Stream};
use crate::span::ByteSpan;
use crate::time::{Run, Step};

/// The template of the messages that the inventories expect of a run; `None` where they list none.
///
/// `inventories` are those of the era's streams, by the stream's id. Every row is derived: before it is relied on, one message
/// of each group must be read and compared.
///
/// # Errors
/// [`TemplateError`] where an inventory contradicts itself.
pub fn builtin(
    (source, era): (&Source, &Era),
    run: Run,
    inventories: &[(String, Inventory)],
    tables: &Tables,
) -> Result<Option<Template>, TemplateError> {
    let mut listing = Listing::default();
    let mut seen = Vec::new();
    for stream in &era.streams {
        let inventory = inventories.iter().find(|(id, _)| *id == stream.id);
        let Some((_, inventory)) = inventory.filter(|(_, inventory)| inventory.covers(run)) else {
            continue;
        };
        let first_kind = listing.kinds.len();
        for step in stream
            .steps_of(run.hour)
            .into_iter()
            .flat_map(|steps| steps.iter())
        {
            for expected in inventory.expected(run, step) {
                push(&mut listing, source.dialect, stream, &expected, step);
            }
        }
        let derivation = Derivation {
            tables,
            inventory: Some(inventory),
            era,
            dialect: source.dialect,
            run,
        };
        for at in representatives(&listing) {
            let listed = listing
                .messages
                .get(at)
                .filter(|listed| listed.kind >= first_kind);
            let kind = listed.and_then(|listed| Some((listing.kinds.get(listed.kind)?, listed)));
            seen.extend(kind.and_then(|(kind, listed)| derivation.seen(kind, listed)));
        }
    }
    if seen.is_empty() {
        return Ok(None);
    }
    let about = About {
        source: &source.id,
        era: &era.id,
        dialect: source.dialect,
        run: None,
    };
    build::build(about, &listing, &seen).map(Some)
}

/// Lists what an index line of the expected message would list.
fn push(
    listing: &mut Listing,
    dialect: Dialect,
    stream: &Stream,
    expected: &Expected<'_>,
    step: Step,
) {
    let line = match dialect {
        Dialect::Noaa => noaa_line(expected, step),
        Dialect::Ecmwf => mars_line(stream, expected, step),
    };
    let filed = Filed {
        stream: &stream.id,
        step,
        member: 0,
        location: Location {
            object: 0,
            span: ByteSpan::new(0, 0),
        },
    };
    for record in records(dialect, line.as_bytes()).flatten() {
        listing.push(&record, filed);
    }
}

fn noaa_line(expected: &Expected<'_>, step: Step) -> String {
    let row = expected.row;
    let mut line = format!("1:0:d=2000010100:{}:{}:", row.index_name, row.index_level);
    let statistic = row.statistic.map(|(statistic, _)| match statistic {
        Statistic::ACCUMULATION => "acc",
        Statistic::AVERAGE => "ave",
        Statistic::MAXIMUM => "max",
        Statistic::MINIMUM => "min",
        _ => "",
    });
    // Writing to a String cannot fail.
    let _ = match statistic {
        // A window of no length, as at step 0, is written as a window too.
        Some(word) => {
            let range = expected.range;
            write!(line, "{}-{} hour {word} fcst", range.start, range.end)
        }
        None if step == Step::ZERO => write!(line, "anl"),
        None => write!(line, "{step} hour fcst"),
    };
    line
}

fn mars_line(stream: &Stream, expected: &Expected<'_>, step: Step) -> String {
    let row = expected.row;
    let mut line = serde_json::Map::new();
    let mut set = |key: &str, value: String| line.insert(key.to_owned(), value.into());
    for (key, value) in &stream.mars {
        set(key, value.clone());
    }
    set("levtype", row.index_level.clone());
    if let Some(level) = expected.level {
        set("levelist", level.to_string());
    }
    set("param", row.index_name.clone());
    set("step", step.to_string());
    line.insert("_offset".to_owned(), 0.into());
    line.insert("_length".to_owned(), 1.into());
    serde_json::Value::Object(line).to_string()
}
