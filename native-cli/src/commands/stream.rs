//! `gik stream`: values of members of a run, cut and put together, as NetCDF or Zarr.

mod references;
mod write;

use anyhow::anyhow;
use gik_core::dataset::Dataset;
use gik_core::ensemble::region::Bounds;
use gik_core::ensemble::stats::Statistic;
use gik_core::grib::naming::Tables;
use gik_core::pipeline::plan::Request;
use gik_core::pipeline::refs::Structure;
use gik_core::pipeline::stream::part::{self, Part, Portion};
use gik_core::pipeline::stream::{
    self, Inputs, Layout, Reading, Sought, Stamp, StreamJob, StreamReport,
};
use gik_core::pipeline::{Event, Gap, Outcome};
use gik_core::product::{Product, Wanted};
use gik_core::source::{Catalog, Source};
use gik_core::store::Requests;
use gik_core::time::{Run, TimeError};
use serde_json::json;

use super::refs::read_template;
use super::run::{CONCURRENCY, base, blame, list_gaps, tell};
use super::template::cached;
use crate::catalog;
use crate::cli::{LayoutName, Stream, TemplateName};
use crate::cloud::Cloud;
use crate::exit::{CommandError, ExitStatus};
use crate::printer::Printer;
use crate::settings::Settings;
use crate::workers::{self, Workers};

pub(crate) async fn run(
    typed: &Stream,
    settings: &Settings,
    printer: &Printer,
) -> Result<ExitStatus, CommandError> {
    let catalog = catalog::read(settings)?;
    let tables = Tables::builtin()?;
    let source = typed.source.as_deref().map(|id| catalog.source(id));
    let source = source.transpose().map_err(CommandError::usage)?;
    let Asked {
        product,
        job,
        steps,
    } = asked(typed, None, source)?;
    write::refuse(typed)?;
    let store = catalog::public(Cloud::new(settings), &catalog);
    let steps = steps.as_deref();
    let mut say = |event| tell(printer, &event);
    let mut sent = store.reads();
    let inputs = match source {
        Some(source) => {
            let catalog = (&catalog, &tables);
            from_source(&store, catalog, (typed, source, steps), &job, &mut say).await?
        }
        None => {
            let places = references::Places {
                store: &store,
                catalog: &catalog,
                tables: &tables,
                base: base(typed.from.as_deref())?,
            };
            let stores = references::read(&typed.refs, &places).await?;
            sent = store.reads();
            stream::from_refs(&stores, steps, &job, &catalog).map_err(blame)?
        }
    };
    let words: Vec<String> = std::env::args().skip(1).collect();
    let stamp = stamp(typed, product.as_ref(), &words.join(" "));
    let workers = Workers::new(typed.threads.unwrap_or_else(Workers::cores));
    let outcome = stream::run(&store, &tables, inputs, (&job, &stamp), &workers, &mut say).await;
    let outcome = outcome.map_err(blame)?;
    let sent = store.reads() - sent;
    let asked = [
        outcome.value.report.requests,
        outcome.value.report.requests_before,
    ];
    let retries = sent.saturating_sub(asked.iter().map(Requests::all).sum());
    if typed.require_all && !outcome.gaps.is_empty() {
        list_gaps(printer, &outcome.gaps);
        return Err(CommandError::from(anyhow!(
            "{} parts of what was asked for are missing, and --require-all was given",
            outcome.gaps.len()
        )));
    }
    let before_write = workers::taken();
    let report = &outcome.value.report;
    let name = name(typed, product.as_ref(), &report.run);
    let outputs = write::write(typed, &store, &outcome.value.dataset, &name).await?;
    let done = Done {
        outputs: &outputs,
        retries,
        before_write,
        after: workers::taken(),
    };
    conclude(printer, report, &outcome.gaps, &done)
}

/// What was typed, with what the product says.
pub(super) struct Asked {
    pub(super) product: Option<Product>,
    pub(super) job: StreamJob,
    pub(super) steps: Option<String>,
}

/// What was typed, with what its product says: the one that is given, or the one that was named.
pub(super) fn asked(
    typed: &Stream,
    given: Option<Product>,
    source: Option<&Source>,
) -> Result<Asked, CommandError> {
    let product = match given {
        Some(given) => Some(given),
        None => typed.product.as_deref().map(named).transpose()?,
    };
    let steps = typed.steps.clone();
    Ok(Asked {
        job: job(typed, product.as_ref(), source)?,
        steps: steps.or(product.as_ref().map(|product| product.steps.clone())),
        product,
    })
}

/// A portion of what `gik stream` makes of a run, with the words that it would be typed with.
pub(super) async fn part(
    (typed, product, words): (&Stream, Option<Product>, &str),
    portion: &Portion,
    settings: &Settings,
    printer: &Printer,
) -> Result<Outcome<Part>, CommandError> {
    let catalog = catalog::read(settings)?;
    let tables = Tables::builtin()?;
    let source = typed.source.as_deref().unwrap_or_default();
    let source = catalog.source(source).map_err(CommandError::usage)?;
    let asked = asked(typed, product, Some(source))?;
    let (job, steps) = (&asked.job, asked.steps.as_deref());
    let store = catalog::public(Cloud::new(settings), &catalog);
    let mut say = |event| tell(printer, &event);
    let known = (&catalog, &tables);
    let inputs = from_source(&store, known, (typed, source, steps), job, &mut say).await?;
    let stamp = stamp(typed, asked.product.as_ref(), words);
    let workers = Workers::new(typed.threads.unwrap_or_else(Workers::cores));
    let made = (job, &stamp, portion);
    let outcome = part::run(&store, &tables, inputs, made, &workers, &mut say).await;
    outcome.map_err(blame)
}

/// Writes what parts of a run were joined to, as `gik stream` writes it.
pub(super) async fn finish(
    (typed, product): (&Stream, Option<Product>),
    run: Run,
    dataset: &Dataset,
    settings: &Settings,
) -> Result<Vec<write::Written>, CommandError> {
    write::refuse(typed)?;
    let catalog = catalog::read(settings)?;
    let store = catalog::public(Cloud::new(settings), &catalog);
    let run = format!("{run}:00:00");
    let name = name(typed, product.as_ref(), &run);
    write::write(typed, &store, dataset, &name).await
}

async fn from_source(
    store: &Cloud,
    (catalog, tables): (&Catalog, &Tables),
    (typed, source, steps): (&Stream, &Source, Option<&str>),
    job: &StreamJob,
    say: &mut dyn FnMut(Event),
) -> Result<Inputs, CommandError> {
    let request = request(typed, source, steps)?;
    let template = match &typed.template {
        TemplateName::File(address) => Some(read_template(store, address).await?),
        TemplateName::Cache => {
            let era = source.era_of(request.run).map_err(CommandError::usage)?;
            Some(cached(&source.id, &era.id)?)
        }
        TemplateName::Builtin | TemplateName::Scan => None,
    };
    let sought = Sought {
        request: &request,
        structure: match typed.template {
            TemplateName::Scan => Structure::Scan,
            _ => Structure::Builtin,
        },
        template: template.as_ref(),
    };
    let inputs = stream::from_source(store, (catalog, tables), sought, job, say).await;
    inputs.map_err(blame)
}

/// The product of a name, or of a file.
fn named(typed: &str) -> Result<Product, CommandError> {
    let product = if typed.ends_with(".toml") {
        let text = std::fs::read_to_string(typed).map_err(|error| {
            CommandError::usage(anyhow::Error::new(error).context(typed.to_owned()))
        })?;
        Product::parse(typed, &text)
    } else {
        Product::builtin(typed)
    };
    product.map_err(CommandError::usage)
}

fn job(
    typed: &Stream,
    product: Option<&Product>,
    source: Option<&Source>,
) -> Result<StreamJob, CommandError> {
    let mut variables = variables(typed, product, source);
    for unit in &typed.units {
        let (name, unit) = unit.split_once('=').ok_or_else(|| {
            CommandError::usage(anyhow!(
                "--units {unit}: expected VARIABLE=UNIT, such as tp=mm"
            ))
        })?;
        let mut found = false;
        for wanted in &mut variables {
            if wanted.select == name || wanted.name.as_deref() == Some(name) {
                wanted.units = Some(unit.to_owned());
                found = true;
            }
        }
        if !found {
            return Err(CommandError::usage(anyhow!(
                "--units {name}={unit}: {name} is not among the variables"
            )));
        }
    }
    let words = match (typed.stats.as_slice(), product) {
        ([], Some(product)) => product.stats.clone(),
        ([], None) => vec!["mean".to_owned(), "std".to_owned()],
        (typed, _) => typed.to_vec(),
    };
    let statistics: Result<Vec<Statistic>, _> = match words.as_slice() {
        [only] if only == "none" => Ok(Vec::new()),
        words => words.iter().map(|word| word.parse()).collect(),
    };
    let region = match (&typed.region, product) {
        (Some(text), _) => Some(text.parse()),
        (None, Some(product)) => product.region.map(Bounds::new),
        (None, None) => None,
    };
    Ok(StreamJob {
        variables,
        region: region.transpose().map_err(CommandError::usage)?,
        statistics: statistics.map_err(CommandError::usage)?,
        deaccumulate: typed.deaccumulate,
        min_members: typed.min_members,
        verify_level: typed.verify_level,
        reading: Reading {
            concurrency: typed.concurrency,
            gap: typed.gap,
            largest: typed.largest,
        },
    })
}

/// The variables that were typed, with what the product says of them; the name of a list stands for what is in it.
fn variables(typed: &Stream, product: Option<&Product>, source: Option<&Source>) -> Vec<Wanted> {
    let known = product.map_or(&[][..], |product| &product.variables);
    if typed.vars.is_empty() {
        return known.to_vec();
    }
    let mut variables: Vec<Wanted> = Vec::new();
    for word in &typed.vars {
        let list = source.and_then(|source| source.variables.get(&word.to_lowercase()));
        for word in list.map_or(std::slice::from_ref(word), Vec::as_slice) {
            let same =
                |wanted: &&Wanted| wanted.select == *word || wanted.name.as_ref() == Some(word);
            let wanted = known.iter().find(same).cloned();
            let wanted = wanted.unwrap_or_else(|| Wanted::plain(word));
            if !variables.contains(&wanted) {
                variables.push(wanted);
            }
        }
    }
    variables
}

fn request(typed: &Stream, source: &Source, steps: Option<&str>) -> Result<Request, CommandError> {
    let hour = typed.run.parse().ok();
    let run = typed
        .date
        .zip(hour)
        .and_then(|(date, hour)| Run::new(date, hour));
    let run = run.ok_or_else(|| {
        CommandError::usage(TimeError::RunHour {
            text: typed.run.clone(),
        })
    })?;
    Ok(Request {
        source: source.id.clone(),
        run,
        members: typed.members.clone().unwrap_or_else(|| "all".to_owned()),
        steps: steps.map(str::to_owned),
        base: base(typed.from.as_deref())?,
        concurrency: CONCURRENCY,
    })
}

fn stamp(typed: &Stream, product: Option<&Product>, words: &str) -> Stamp {
    Stamp {
        layout: match typed.layout {
            LayoutName::Cf => Layout::Cf,
            LayoutName::Seed => Layout::Seed,
        },
        title: product
            .map(|product| product.title.clone())
            .unwrap_or_default(),
        history: format!("gik {}: gik {words}", env!("CARGO_PKG_VERSION")),
        seed: product.and_then(|product| product.seed.clone()),
    }
}

/// The file's name without its ending, where the folder alone was typed.
fn name(typed: &Stream, product: Option<&Product>, of: &str) -> String {
    let source = typed.source.as_deref().unwrap_or("refs");
    let run: Option<Run> = of.get(..13).and_then(|run| run.parse().ok());
    match (product, run) {
        (Some(product), Some(run)) => product.file_of(source, run),
        _ => format!("{source}_{}", of.replace([':', '-'], "")),
    }
}

/// What is told beside the report.
struct Done<'a> {
    outputs: &'a [write::Written],
    /// Requests that were sent once more.
    retries: u64,
    before_write: workers::Taken,
    after: workers::Taken,
}

fn conclude(
    printer: &Printer,
    report: &StreamReport,
    gaps: &[Gap],
    done: &Done<'_>,
) -> Result<ExitStatus, CommandError> {
    let status = match gaps {
        [] => ExitStatus::Success,
        _ => ExitStatus::Gaps,
    };
    if printer.wants_json() {
        printer.json(&json!({
            "report": report,
            "cpu_seconds": done.after.cpu_seconds,
            "cpu_seconds_before_writing": done.before_write.cpu_seconds,
            "peak_memory": done.after.peak_memory,
            "retries": done.retries,
            "gaps": gaps,
            "outputs": done.outputs,
        }))?;
        return Ok(status);
    }
    for write::Written { path, bytes, kept } in done.outputs {
        let kept = if *kept { "  kept" } else { "" };
        printer.line(format!("{path}  {bytes} bytes{kept}"))?;
    }
    printer.note(format!(
        "{}: {} variables, {} steps, {} members, {} points",
        report.run,
        report.variables.len(),
        report.steps.len(),
        report.members,
        report.points
    ));
    printer.note(format!(
        "  messages  {} decoded; {} of their {} bytes read in {} requests",
        report.messages, report.bytes_fetched, report.bytes_messages, report.requests.ranges
    ));
    if let (Some(cpu), Some(memory)) = (done.after.cpu_seconds, done.after.peak_memory) {
        printer.note(format!(
            "  took      {cpu:.2} s of the processor, {} MB at most",
            memory >> 20
        ));
    }
    if done.retries > 0 {
        printer.note(format!("  retries   {}", done.retries));
    }
    list_gaps(printer, gaps);
    Ok(status)
}
