//! What is said of a run that was built.

use gik_core::pipeline::Gap;
use gik_core::pipeline::refs::Report;
use gik_core::time::Run;
use serde_json::{Value, json};

use super::outputs::Written;
use crate::appended::Appended;
use crate::commands::run::list_gaps;
use crate::exit::CommandError;
use crate::printer::Printer;
use crate::progress::peak_memory;

/// How the names of kerchunk's folders end.
const FOLDER: &str = ".kerchunk/";
/// Kinds of messages that nobody asked for, listed before the rest is counted.
const EXTRAS: usize = 3;

/// What came of one run.
pub(super) struct Done {
    pub(super) run: Run,
    pub(super) report: Option<Report>,
    pub(super) gaps: Vec<Gap>,
    pub(super) outputs: Vec<Written>,
    /// What was appended to a repository.
    pub(super) repository: Option<Appended>,
    /// Requests that were sent once more.
    pub(super) retries: u64,
    pub(super) seconds: f64,
    /// What is said of a run that failed.
    pub(super) failure: Option<Value>,
}

impl Done {
    pub(super) fn failed(run: Run, failure: Value) -> Self {
        Self {
            run,
            report: None,
            gaps: Vec::new(),
            outputs: Vec::new(),
            repository: None,
            retries: 0,
            seconds: 0.0,
            failure: Some(failure),
        }
    }

    pub(super) fn json(&self) -> Value {
        match &self.failure {
            Some(failure) => failure.clone(),
            None => {
                let mut said = json!({
                    "report": self.report,
                    "gaps": self.gaps,
                    "outputs": self.outputs,
                    "retries": self.retries,
                    "seconds": self.seconds,
                    "peak_memory_bytes": peak_memory(),
                });
                if let (Some(said), Some(appended)) = (said.as_object_mut(), &self.repository) {
                    said.insert("icechunk".to_owned(), json!(appended));
                }
                said
            }
        }
    }
}

/// What was put, a folder of kerchunk's as one: bytes, files, and whether all of it was there already.
fn places(outputs: &[Written]) -> Vec<(&str, (usize, usize, bool))> {
    let mut places: Vec<(&str, (usize, usize, bool))> = Vec::new();
    for written in outputs {
        let path = written.path.as_str();
        let end = path.find(FOLDER).map(|at| at + FOLDER.len());
        let path = path.get(..end.unwrap_or(path.len())).unwrap_or(path);
        match places.iter_mut().find(|(known, _)| *known == path) {
            Some((_, (bytes, files, kept))) => {
                *bytes += written.bytes;
                *files += 1;
                *kept &= written.kept;
            }
            None => places.push((path, (written.bytes, 1, written.kept))),
        }
    }
    places
}

/// Says it in words: outputs as data, the rest beside it.
pub(super) fn tell(printer: &Printer, done: &Done) -> Result<(), CommandError> {
    for (path, (bytes, files, kept)) in places(&done.outputs) {
        let kept = if kept { "  kept" } else { "" };
        let files = match files {
            1 => String::new(),
            files => format!(" in {files} files"),
        };
        printer.line(format!("{path}  {bytes} bytes{files}{kept}"))?;
    }
    if let Some(appended) = &done.repository {
        appended.tell(printer)?;
    }
    if let Some(report) = &done.report {
        checklist(printer, report);
    }
    list_gaps(printer, &done.gaps);
    if done.retries > 0 {
        printer.note(format!("  retries   {}", done.retries));
    }
    printer.detail(format!("{}: {:.1} s", done.run, done.seconds));
    Ok(())
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
