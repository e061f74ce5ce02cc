//! What commands on a run have in common: the request, events, gaps.

use std::collections::BTreeMap;

use gik_core::error::Error;
use gik_core::pipeline::plan::Request;
use gik_core::pipeline::{Event, Gap, Why};
use gik_core::source::Source;
use gik_core::time::{Run, TimeError};

use crate::cli::RunOf;
use crate::cloud::absolute;
use crate::exit::CommandError;
use crate::printer::Printer;

/// Objects that are read at once where nothing else was typed.
pub(super) const CONCURRENCY: usize = 32;
/// Gaps of one reason that are listed before the rest is counted.
const LISTED: usize = 5;

/// The run that was typed.
pub(super) fn run_of(typed: &RunOf) -> Result<Run, CommandError> {
    let hour = typed.run.parse().ok();
    let run = hour.and_then(|hour| Run::new(typed.date, hour));
    run.ok_or_else(|| {
        CommandError::usage(TimeError::RunHour {
            text: typed.run.clone(),
        })
    })
}

/// The request that was typed, of these members.
pub(super) fn request(typed: &RunOf, members: String) -> Result<Request, CommandError> {
    Ok(Request {
        source: typed.source.clone(),
        run: run_of(typed)?,
        members,
        steps: typed.steps.clone(),
        base: base(typed.from.as_deref())?,
        concurrency: CONCURRENCY,
    })
}

/// A base as it stands in addresses.
pub(super) fn base(typed: Option<&str>) -> Result<Option<String>, CommandError> {
    typed.map(absolute).transpose().map_err(CommandError::usage)
}

/// The one forecast of a source that has no ensemble.
pub(super) fn only_member(source: &Source, run: Run) -> Result<String, CommandError> {
    let era = source.era_of(run).map_err(CommandError::usage)?;
    let members = era.members();
    match members.as_slice() {
        [only] => Ok(only.name.clone()),
        several => {
            let (count, first) = (several.len(), several.first());
            let example = first.map_or("control", |member| member.name.as_str());
            Err(CommandError::usage(anyhow::anyhow!(
                "{} has {count} members: choose some, such as --members {example}, or all",
                source.id
            )))
        }
    }
}

/// What the catalogue does not have was wrongly asked for; all else is a failure.
pub(super) fn blame(error: Error) -> CommandError {
    match error {
        Error::Ambiguous { .. }
        | Error::NoSuchOutput { .. }
        | Error::OneStep
        | Error::Region { .. }
        | Error::Units { .. } => CommandError::usage(error),
        Error::Catalog(_) | Error::NotInEra { .. } | Error::Select(_) | Error::Source(_) => {
            CommandError::usage(error)
        }
        error => error.into(),
    }
}

pub(crate) fn tell(printer: &Printer, event: &Event) {
    match event {
        Event::Planned { indexes } => printer.note(format!("reading {indexes} index objects")),
        Event::Headers { ranges } => printer.note(format!("reading {ranges} message headers")),
        Event::Messages { messages, ranges } => {
            printer.note(format!("reading {messages} messages in {ranges} ranges"));
        }
        Event::Index { url, bytes } => printer.detail(format!("{url}: {bytes} bytes")),
        _ => {}
    }
}

/// Gaps by their reasons, the first few of each.
pub(super) fn list_gaps(printer: &Printer, gaps: &[Gap]) {
    let mut by_reason: BTreeMap<String, Vec<&Gap>> = BTreeMap::new();
    for gap in gaps {
        by_reason.entry(reason(&gap.why)).or_default().push(gap);
    }
    for (reason, gaps) in by_reason {
        printer.note(format!("{} missing: {reason}", gaps.len()));
        for gap in gaps.iter().take(LISTED) {
            let step = gap.step.map(|step| format!(" at step {step}"));
            let member = gap.member.as_ref().map(|member| format!(" of {member}"));
            printer.note(format!(
                "  {}{}{}",
                gap.what,
                step.unwrap_or_default(),
                member.unwrap_or_default()
            ));
        }
        if gaps.len() > LISTED {
            printer.note(format!("  and {} more", gaps.len() - LISTED));
        }
    }
}

fn reason(why: &Why) -> String {
    match why {
        Why::NotFound { .. } => "the object is not there".to_owned(),
        Why::NotInEra { era } => format!("the source does not carry it in the era {era}"),
        Why::NotInIndex { .. } => "the index does not list it".to_owned(),
        Why::NotInRun => {
            "no index of the run lists it, and the catalogue's inventory expects it".to_owned()
        }
        Why::NotInTemplate { .. } => {
            "the index lists it, and the template does not know it".to_owned()
        }
        Why::Refused { because, .. } => because.clone(),
        Why::Failed { because, .. } => because.clone(),
        Why::NoWindow { window } => {
            format!("the windows of the run do not add up to {window}")
        }
        Why::TooFew { found, wanted } => {
            format!("{found} members have it, and {wanted} must: see --min-members")
        }
        Why::Unusable { because } => because.clone(),
        Why::Stale { because, .. } => {
            format!("the GRIB object is newer than its index, and is not what it says: {because}")
        }
        _ => "unknown".to_owned(),
    }
}
