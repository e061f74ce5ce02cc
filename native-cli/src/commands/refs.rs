//! `gik refs`: the Zarr references of one member of a run.

use std::collections::BTreeMap;

use gik_core::error::Error;
use gik_core::grib::naming::Tables;
use gik_core::output::{self, Output};
use gik_core::pipeline::plan::Request;
use gik_core::pipeline::refs::{self, RefsJob, Report, Structure};
use gik_core::pipeline::{Event, Gap, Why};
use gik_core::refs::build::Codec;
use gik_core::source::Source;
use gik_core::time::{Run, TimeError};
use serde_json::json;

use crate::catalog;
use crate::cli::{CodecName, Format, Refs, TemplateName};
use crate::cloud::{Cloud, absolute};
use crate::exit::{CommandError, ExitStatus};
use crate::printer::Printer;
use crate::put::put;
use crate::settings::Settings;

/// Objects that are read at once.
const CONCURRENCY: usize = 32;
/// Gaps of one reason that are listed before the rest is counted.
const LISTED: usize = 5;

pub(crate) async fn run(
    typed: &Refs,
    settings: &Settings,
    printer: &Printer,
) -> Result<ExitStatus, CommandError> {
    let catalog = catalog::read(settings)?;
    let source = catalog.source(&typed.source).map_err(CommandError::usage)?;
    let job = job(typed, source)?;
    let store = catalog::public(Cloud::new(settings), &catalog);
    let tables = Tables::builtin()?;
    let mut say = |event| tell(printer, &event);
    let outcome = refs::run(&store, &catalog, &tables, &job, None, &mut say).await;
    let outcome = outcome.map_err(blame)?;
    let (store, report) = outcome.value;
    let mut outputs = Vec::new();
    for format in &typed.format {
        let format = match format {
            Format::KerchunkJson => Output::KerchunkJson,
            Format::KerchunkParquet => Output::KerchunkParquet,
            Format::KvParquet => Output::KvParquet,
        };
        for artifact in output::write(format, &store, &report.member)? {
            let path = put(&typed.out, &artifact.path, &artifact.bytes)?;
            outputs.push((path.display().to_string(), artifact.bytes.len()));
        }
    }
    conclude(printer, &report, &outcome.gaps, &outputs)
}

/// What the catalogue does not have was wrongly asked for; all else is a failure.
fn blame(error: Error) -> CommandError {
    match error {
        Error::Catalog(_) | Error::Members { .. } | Error::Select(_) | Error::Source(_) => {
            CommandError::usage(error)
        }
        error => error.into(),
    }
}

fn job(typed: &Refs, source: &Source) -> Result<RefsJob, CommandError> {
    let hour = typed
        .run
        .parse()
        .ok()
        .and_then(|hour| Run::new(typed.date, hour));
    let run = hour.ok_or_else(|| {
        CommandError::usage(TimeError::RunHour {
            text: typed.run.clone(),
        })
    })?;
    let base = |typed: &Option<String>| {
        typed
            .as_deref()
            .map(absolute)
            .transpose()
            .map_err(CommandError::usage)
    };
    let member = match &typed.members {
        Some(member) => member.clone(),
        None => only_member(source, run)?,
    };
    Ok(RefsJob {
        request: Request {
            source: typed.source.clone(),
            run,
            member,
            steps: typed.steps.clone(),
            base: base(&typed.from)?,
            concurrency: CONCURRENCY,
        },
        variables: typed.vars.clone(),
        codec: match typed.codec {
            CodecName::Grib => Codec::Grib,
            CodecName::Gribberish => Codec::Gribberish,
        },
        uri_base: base(&typed.uri_base)?,
        structure: match typed.template {
            TemplateName::Builtin => Structure::Builtin,
            TemplateName::Scan => Structure::Scan,
        },
    })
}

/// The one forecast of a source that has no ensemble.
fn only_member(source: &Source, run: Run) -> Result<String, CommandError> {
    let era = source.era_of(run).map_err(CommandError::usage)?;
    let members = era.members();
    match members.as_slice() {
        [only] => Ok(only.name.clone()),
        several => {
            let (count, first) = (several.len(), several.first());
            let example = first.map_or("control", |member| member.name.as_str());
            Err(CommandError::usage(anyhow::anyhow!(
                "{} has {count} members: choose one, such as --members {example}",
                source.id
            )))
        }
    }
}

fn tell(printer: &Printer, event: &Event) {
    match event {
        Event::Planned { indexes } => printer.note(format!("reading {indexes} index objects")),
        Event::Headers { ranges } => printer.note(format!("reading {ranges} message headers")),
        Event::Index { url, bytes } => printer.detail(format!("{url}: {bytes} bytes")),
        _ => {}
    }
}

fn conclude(
    printer: &Printer,
    report: &Report,
    gaps: &[Gap],
    outputs: &[(String, usize)],
) -> Result<ExitStatus, CommandError> {
    let status = if gaps.is_empty() {
        ExitStatus::Success
    } else {
        ExitStatus::Gaps
    };
    if printer.wants_json() {
        let outputs: Vec<_> = outputs
            .iter()
            .map(|(path, bytes)| json!({ "path": path, "bytes": bytes }))
            .collect();
        printer.json(&json!({ "report": report, "gaps": gaps, "outputs": outputs }))?;
        return Ok(status);
    }
    for (path, bytes) in outputs {
        printer.line(format!("{path}  {bytes} bytes"))?;
    }
    printer.note(format!(
        "{} {} {}: {} references in {} arrays, {} steps, from {} messages of {} indexes",
        report.source,
        report.run,
        report.member,
        report.references,
        report.arrays,
        report.steps,
        report.messages,
        report.indexes,
    ));
    if report.derived > 0 {
        printer.note(format!(
            "names and grid of {} kinds of messages are from the catalogue: their GRIB objects are not there to prove them",
            report.derived
        ));
    }
    list_gaps(printer, gaps);
    Ok(status)
}

fn list_gaps(printer: &Printer, gaps: &[Gap]) {
    let mut by_reason: BTreeMap<String, Vec<&Gap>> = BTreeMap::new();
    for gap in gaps {
        by_reason.entry(reason(&gap.why)).or_default().push(gap);
    }
    for (reason, gaps) in by_reason {
        printer.note(format!("{} missing: {reason}", gaps.len()));
        for gap in gaps.iter().take(LISTED) {
            let step = gap
                .step
                .map(|step| format!(" at step {step}"))
                .unwrap_or_default();
            printer.note(format!("  {}{step}", gap.what));
        }
        if gaps.len() > LISTED {
            printer.note(format!("  and {} more", gaps.len() - LISTED));
        }
    }
}

fn reason(why: &Why) -> String {
    match why {
        Why::NotFound { .. } => "the object is not there".to_owned(),
        Why::NotInIndex { .. } => "the index does not list it".to_owned(),
        Why::NotInTemplate { .. } => {
            "neither a header nor the catalogue tells what it is".to_owned()
        }
        Why::Refused { because, .. } => because.clone(),
        _ => "unknown".to_owned(),
    }
}
