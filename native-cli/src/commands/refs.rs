//! `gik refs`: the Zarr references of members of a run.

use std::path::Path;

use anyhow::Context as _;
use bytes::Bytes;
use gik_core::grib::naming::Tables;
use gik_core::output;
use gik_core::output::mapped_index::{self, Mapping};
use gik_core::pipeline::Gap;
use gik_core::pipeline::refs::{self, Built, RefsJob, Report, Structure};
use gik_core::refs::build::Codec;
use gik_core::source::Source;
use gik_core::store::Store;
use gik_core::template::Template;
use gik_core::template::select::Selector;
use serde_json::json;

use super::run::{base, blame, list_gaps, only_member, request, run_of, tell};
use crate::catalog;
use crate::cli::{CodecName, Refs, TemplateName};
use crate::cloud::{Cloud, absolute};
use crate::exit::{CommandError, ExitStatus};
use crate::printer::Printer;
use crate::put::put;
use crate::settings::Settings;

/// Kinds of messages that nobody asked for, listed before the rest is counted.
const EXTRAS: usize = 3;

pub(crate) async fn run(
    typed: &Refs,
    settings: &Settings,
    printer: &Printer,
) -> Result<ExitStatus, CommandError> {
    let catalog = catalog::read(settings)?;
    let source = catalog
        .source(&typed.run.source)
        .map_err(CommandError::usage)?;
    let job = job(typed, source)?;
    let store = catalog::public(Cloud::new(settings), &catalog);
    let tables = Tables::builtin()?;
    let template = match &typed.template {
        TemplateName::File(address) => Some(read_template(&store, address).await?),
        TemplateName::Builtin | TemplateName::Scan => None,
    };
    let mut say = |event| tell(printer, &event);
    let outcome = refs::run(&store, &catalog, &tables, &job, template.as_ref(), &mut say).await;
    let outcome = outcome.map_err(blame)?;
    let outputs = write(typed, &outcome.value)?;
    conclude(printer, &outcome.value.report, &outcome.gaps, &outputs)
}

/// The template in a file or an object.
pub(super) async fn read_template(store: &Cloud, address: &str) -> Result<Template, CommandError> {
    let url = absolute(address).map_err(CommandError::usage)?;
    let bytes: Bytes = store.get(&url).await?.bytes;
    let template = Template::read(&bytes).with_context(|| format!("{address}: not a template"));
    Ok(template?)
}

fn job(typed: &Refs, source: &Source) -> Result<RefsJob, CommandError> {
    let members = match &typed.run.members {
        Some(members) => members.clone(),
        None => only_member(source, run_of(&typed.run)?)?,
    };
    Ok(RefsJob {
        request: request(&typed.run, members)?,
        variables: variables(&typed.vars, source)?,
        codec: codec(typed.codec),
        uri_base: base(typed.uri_base.as_deref())?,
        structure: match typed.template {
            TemplateName::Scan => Structure::Scan,
            TemplateName::Builtin | TemplateName::File(_) => Structure::Builtin,
        },
    })
}

pub(super) fn codec(name: CodecName) -> Codec {
    match name {
        CodecName::Grib => Codec::Grib,
        CodecName::Gribberish => Codec::Gribberish,
    }
}

/// The variables that were typed; the name of a list stands for what is in it.
fn variables(typed: &[String], source: &Source) -> Result<Vec<Selector>, CommandError> {
    let mut selectors: Vec<Selector> = Vec::new();
    for word in typed {
        let list = source.variables.get(&word.to_lowercase());
        let words = list.map_or_else(|| vec![word], |list| list.iter().collect());
        for word in words {
            let selector = word.parse().map_err(CommandError::usage)?;
            if !selectors.contains(&selector) {
                selectors.push(selector);
            }
        }
    }
    Ok(selectors)
}

/// Writes everything, and says what: paths and sizes.
fn write(typed: &Refs, built: &Built) -> Result<Vec<(String, usize)>, CommandError> {
    let mut outputs = Vec::new();
    let filled = built.stores.iter().filter(|store| store.references() > 0);
    for store in filled {
        for format in &typed.format {
            for artifact in output::write((*format).into(), store, &store.provenance.member)? {
                let path = put(&typed.out, &artifact.path, &artifact.bytes)?;
                outputs.push((path.display().to_string(), artifact.bytes.len()));
            }
        }
    }
    if let Some(path) = &typed.mapped_index {
        let mapping = Mapping {
            template: &built.template,
            objects: &built.objects,
            numbers: &built.numbers,
            run: built.report.run,
        };
        let shown = path.display().to_string();
        let bytes = mapped_index::write(&built.messages, mapping, &shown)?;
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        let name = path.file_name().and_then(|name| name.to_str());
        let name = name.context("--mapped-index needs the name of a file");
        let path = put(
            folder.unwrap_or(Path::new(".")),
            name.map_err(CommandError::usage)?,
            &bytes,
        )?;
        outputs.push((path.display().to_string(), bytes.len()));
    }
    Ok(outputs)
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
    checklist(printer, report);
    list_gaps(printer, gaps);
    Ok(status)
}

/// What lets a result be checked without opening it.
fn checklist(printer: &Printer, report: &Report) {
    let members = match report.members.as_slice() {
        [only] => only.name.clone(),
        several => format!("{} members", several.len()),
    };
    printer.note(format!(
        "{} {} {members}: {} references, {} steps",
        report.source, report.run, report.references, report.steps
    ));
    let template = &report.template;
    let of = match template.run {
        Some(run) => format!("of {run}"),
        None => "of the catalogue".to_owned(),
    };
    printer.note(format!(
        "  template  {} {of}: {} rows seen in headers, {} derived",
        template.id, template.header, template.derived
    ));
    printer.note(format!(
        "  records   {} lines in {} indexes, {} of {members}, {} asked for, {} referred to",
        report.lines, report.indexes, report.messages, report.selected, report.references
    ));
    let complete = report
        .coverage
        .iter()
        .filter(|kind| kind.found == kind.expected);
    printer.note(format!(
        "  verdict   {} of {} kinds of messages complete; {} headers of this run read and held against it",
        complete.count(),
        report.coverage.len(),
        report.proven
    ));
    printer.note(format!(
        "  uris      {} objects, {} with the date {} in their address",
        report.objects, report.objects_of_date, report.run.date
    ));
    if report.suspects > 0 {
        printer.note(format!(
            "  newer     {} objects are newer than their index; messages of each were read",
            report.suspects
        ));
    }
    if report.proven == 0 {
        printer.note(
            "  unproven  names and grid are from the catalogue: no GRIB object is there to prove them",
        );
    }
    for extra in report.extra.iter().take(EXTRAS) {
        printer.note(format!(
            "  extra     {} ({} messages): not asked for, and not known to the template",
            extra.label, extra.messages
        ));
    }
    if report.extra.len() > EXTRAS {
        let more = report.extra.len() - EXTRAS;
        printer.note(format!("  extra     and {more} more kinds"));
    }
}
