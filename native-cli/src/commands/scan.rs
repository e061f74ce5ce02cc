//! `gik scan`: the references of GRIB2 files without an index.

use gik_core::grib::naming::Tables;
use gik_core::output;
use gik_core::pipeline::scan::{self, ScanJob};
use gik_core::template::select::Selector;
use serde_json::json;

use super::refs::codec;
use super::run::{blame, list_gaps, tell};
use crate::catalog;
use crate::cli::{Format, Scan};
use crate::cloud::{Cloud, absolute};
use crate::exit::{CommandError, ExitStatus};
use crate::printer::Printer;
use crate::put::put;
use crate::settings::Settings;

pub(crate) async fn run(
    typed: &Scan,
    settings: &Settings,
    printer: &Printer,
) -> Result<ExitStatus, CommandError> {
    let catalog = catalog::read(settings)?;
    let store = catalog::public(Cloud::new(settings), &catalog);
    let urls = typed.files.iter().map(|file| absolute(file));
    let variables = typed.vars.iter().map(|word| word.parse::<Selector>());
    let job = ScanJob {
        urls: urls
            .collect::<Result<_, _>>()
            .map_err(CommandError::usage)?,
        variables: variables
            .collect::<Result<_, _>>()
            .map_err(CommandError::usage)?,
        codec: codec(typed.codec),
    };
    let mut say = |event| tell(printer, &event);
    if typed.format.contains(&Format::Icechunk) {
        return Err(CommandError::usage(anyhow::anyhow!(
            "a repository takes runs of sources: gik refs --format icechunk"
        )));
    }
    let outcome = scan::scan(&store, &Tables::builtin()?, &job, &mut say).await;
    let outcome = outcome.map_err(blame)?;
    let scanned = outcome.value;
    let (mut outputs, mut references) = (Vec::new(), 0);
    for (number, store) in &scanned.stores {
        let stem = match number {
            Some(number) => format!("{}-{number:02}", typed.name),
            None => typed.name.clone(),
        };
        references += store.references();
        for format in typed.format.iter().filter_map(|format| format.output()) {
            for artifact in output::write(format, store, &stem)? {
                let path = put(&typed.out, &artifact.path, &artifact.bytes)?;
                outputs.push(json!({
                    "path": path.display().to_string(),
                    "bytes": artifact.bytes.len(),
                }));
            }
        }
    }
    if printer.wants_json() {
        printer.json(&json!({
            "report": {
                "run": scanned.run,
                "messages": scanned.messages,
                "references": references,
                "members": scanned.stores.iter().map(|(number, _)| number).collect::<Vec<_>>(),
            },
            "gaps": outcome.gaps,
            "outputs": outputs,
        }))?;
    } else {
        for written in &outputs {
            let path = written["path"].as_str().unwrap_or_default();
            printer.line(format!("{path}  {} bytes", written["bytes"]))?;
        }
        printer.note(format!(
            "{}: {} messages, {references} references in {} stores",
            scanned.run,
            scanned.messages,
            scanned.stores.len()
        ));
        list_gaps(printer, &outcome.gaps);
    }
    Ok(match outcome.gaps.as_slice() {
        [] => ExitStatus::Success,
        _ => ExitStatus::Gaps,
    })
}
