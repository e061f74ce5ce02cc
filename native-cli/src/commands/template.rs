//! `gik template`: Stage 0, and what differs between two templates.

mod cache;

use anyhow::Context as _;
use gik_core::grib::naming::Tables;
use gik_core::pipeline::Gap;
use gik_core::pipeline::plan::{self, Request};
use gik_core::pipeline::template::{self, TemplateJob, TemplateReport};
use gik_core::source::{Catalog, MemberId};
use gik_core::template::Template;
use gik_core::template::diff::{Difference, diff};
use gik_core::time::Run;
use serde_json::json;

use super::refs::read_template;
use super::run::{blame, list_gaps, request, run_of, tell};
use crate::catalog;
use crate::cli::{Template as Typed, TemplateBuild, TemplateDiff, TemplateLayout};
use crate::cloud::Cloud;
use crate::exit::{CommandError, ExitStatus};
use crate::printer::Printer;
use crate::put::put;
use crate::settings::Settings;

pub(super) use cache::cached;

/// Differences of one kind that are listed before the rest is counted.
const LISTED: usize = 10;

pub(crate) async fn run(
    typed: &Typed,
    settings: &Settings,
    printer: &Printer,
) -> Result<ExitStatus, CommandError> {
    let catalog = catalog::read(settings)?;
    let store = catalog::public(Cloud::new(settings), &catalog);
    match typed {
        Typed::Build(typed) => build(typed, &catalog, &store, printer).await,
        Typed::Cache => cache::list(printer),
        Typed::Diff(typed) => compare(typed, &catalog, &store, printer).await,
        Typed::Fetch(typed) => {
            let template = read_template(&store, &typed.template).await?;
            cache::keep(&template, printer)
        }
    }
}

async fn build(
    typed: &TemplateBuild,
    catalog: &Catalog,
    store: &Cloud,
    printer: &Printer,
) -> Result<ExitStatus, CommandError> {
    let tables = Tables::builtin()?;
    let run = run_of(&typed.run)?;
    let source = catalog
        .source(&typed.run.source)
        .map_err(CommandError::usage)?;
    let era = source.era_of(run).map_err(CommandError::usage)?;
    let members = match &typed.run.members {
        Some(members) => members.clone(),
        None => names(&era.samples(run)),
    };
    let asked = era.parse_members(&members).map_err(CommandError::usage)?;
    let others = era.members().into_iter();
    let others = others.filter(|id| id.is_forecast() && !asked.contains(id));
    let others = spread(&others.collect::<Vec<_>>(), typed.prove);
    let job = TemplateJob {
        request: request(&typed.run, members)?,
        prove: (!others.is_empty()).then(|| names(&others)),
    };
    let mut say = |event| tell(printer, &event);
    let outcome = template::build(store, catalog, &tables, &job, &mut say).await;
    let outcome = outcome.map_err(blame)?;
    let learned = outcome.value;
    let mut gaps = outcome.gaps;
    let mut outputs = Vec::new();
    match typed.layout {
        TemplateLayout::Template => {
            let name = format!("{}.parquet", source.id);
            let bytes = learned.template.write()?;
            let path = put(&typed.out, &name, &bytes)?;
            outputs.push((path.display().to_string(), bytes.len()));
        }
        TemplateLayout::PerHour => {
            let hours = template::hours(store, catalog, &job.request, &learned.template).await;
            let hours = hours.map_err(blame)?;
            gaps.extend(hours.gaps);
            for file in hours.value {
                let path = put(&typed.out, &file.path, &file.bytes)?;
                outputs.push((path.display().to_string(), file.bytes.len()));
            }
        }
    }
    built(printer, &learned.report, &gaps, &outputs)
}

fn names(members: &[MemberId]) -> String {
    let names: Vec<&str> = members.iter().map(|id| id.name.as_str()).collect();
    names.join(",")
}

/// So many of these, evenly.
fn spread(members: &[MemberId], count: usize) -> Vec<MemberId> {
    let count = count.min(members.len());
    let at = |part: usize| members.get((2 * part + 1) * members.len() / (2 * count));
    (0..count).filter_map(at).cloned().collect()
}

fn built(
    printer: &Printer,
    report: &TemplateReport,
    gaps: &[Gap],
    outputs: &[(String, usize)],
) -> Result<ExitStatus, CommandError> {
    let status = match gaps {
        [] => ExitStatus::Success,
        _ => ExitStatus::Gaps,
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
        "{} of {}, from {}: {} rows, {} seen in headers, {} derived",
        report.id,
        report.run,
        report.members.join(", "),
        report.rows,
        report.header,
        report.derived
    ));
    for grid in &report.grids {
        printer.note(format!("  grid      {grid}"));
    }
    if !report.proven_members.is_empty() {
        printer.note(format!(
            "  proven    {} headers of {} agree with it",
            report.proven,
            report.proven_members.join(", ")
        ));
    }
    list_gaps(printer, gaps);
    Ok(status)
}

async fn compare(
    typed: &TemplateDiff,
    catalog: &Catalog,
    store: &Cloud,
    printer: &Printer,
) -> Result<ExitStatus, CommandError> {
    let read = async |name: &str| match name {
        "builtin" => Ok::<_, CommandError>(None),
        file => Ok(Some(read_template(store, file).await?)),
    };
    let (first, second) = (read(&typed.first).await?, read(&typed.second).await?);
    let (first, second) = match (first, second) {
        (Some(first), Some(second)) => (first, second),
        (None, Some(second)) => (builtin(catalog, &second)?, second),
        (Some(first), None) => {
            let second = builtin(catalog, &first)?;
            (first, second)
        }
        (None, None) => {
            return Err(CommandError::usage(anyhow::anyhow!(
                "`builtin` is the template of the other one's source and era: name a file"
            )));
        }
    };
    let differences = diff(&first, &second);
    if printer.wants_json() {
        printer.json(&json!({
            "first": about(&first),
            "second": about(&second),
            "differences": differences
                .iter()
                .map(|found| json!({ "difference": found, "matters": found.what.matters() }))
                .collect::<Vec<_>>(),
        }))?;
    } else {
        list(printer, &differences)?;
        let rows = |template: &Template| template.rows.len();
        printer.note(format!(
            "{} ({} rows) and {} ({} rows): {} differences",
            first.id(),
            rows(&first),
            second.id(),
            rows(&second),
            differences.len()
        ));
    }
    Ok(match differences.as_slice() {
        [] => ExitStatus::Success,
        _ => ExitStatus::Gaps,
    })
}

fn about(template: &Template) -> serde_json::Value {
    json!({
        "id": template.id(),
        "source": template.source,
        "era": template.era,
        "run": template.run,
        "rows": template.rows.len(),
    })
}

/// The catalogue's template of the same source and era.
fn builtin(catalog: &Catalog, other: &Template) -> Result<Template, CommandError> {
    let source = catalog.source(&other.source).map_err(CommandError::usage)?;
    let era = source.eras.iter().find(|era| era.id == other.era);
    let run: Option<Run> = other.run.or(era.map(|era| era.from));
    let run = run.with_context(|| format!("{} has no era {}", other.source, other.era));
    let request = Request {
        source: other.source.clone(),
        run: run.map_err(CommandError::usage)?,
        members: "all".to_owned(),
        steps: None,
        base: None,
        concurrency: 1,
    };
    let found = plan::builtin(catalog, &request, &Tables::builtin()?).map_err(blame)?;
    let found = found.with_context(|| {
        let Request { source, run, .. } = &request;
        format!("{source} {run}: the catalogue has no template, only paths")
    });
    found.map_err(CommandError::usage)
}

fn list(printer: &Printer, differences: &[Difference]) -> Result<(), CommandError> {
    for same in differences.chunk_by(|a, b| a.what == b.what) {
        let Some(first) = same.first() else { continue };
        printer.line(format!(
            "{}: {}",
            serde_json::to_value(first.what)?
                .as_str()
                .unwrap_or_default(),
            first.what.matters()
        ))?;
        for found in same.iter().take(LISTED) {
            let side = |side: &Option<String>| side.clone().unwrap_or_else(|| "-".to_owned());
            let label = match found.label.as_str() {
                "" => String::new(),
                label => format!("{label}:  "),
            };
            printer.line(format!(
                "  {label}{}  |  {}",
                side(&found.first),
                side(&found.second)
            ))?;
        }
        if same.len() > LISTED {
            printer.line(format!("  and {} more", same.len() - LISTED))?;
        }
    }
    Ok(())
}
