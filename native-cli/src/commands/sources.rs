//! `gik sources`: what can be read, where, since when, and how that is known.

use gik_core::source::{Era, Grid, Members, Mirror, Source, Stream};
use serde_json::json;

use crate::catalog;
use crate::cli;
use crate::exit::{CommandError, ExitStatus};
use crate::printer::{Align, PrintError, Printer, Table};
use crate::settings::Settings;

pub(crate) fn run(
    typed: &cli::Sources,
    settings: &Settings,
    printer: &Printer,
) -> Result<ExitStatus, CommandError> {
    let catalog = catalog::read(settings)?;
    let sources: Vec<&Source> = match &typed.source {
        Some(id) => vec![catalog.source(id).map_err(CommandError::usage)?],
        None => catalog.sources().collect(),
    };
    if printer.wants_json() {
        printer.json(&json!({ "sources": sources }))?;
        return Ok(ExitStatus::Success);
    }
    match (&typed.source, &sources[..]) {
        (Some(_), [source]) => one(source, printer)?,
        _ => all(&sources, printer)?,
    }
    Ok(ExitStatus::Success)
}

/// A line for each series of files of each source's latest era.
fn all(sources: &[&Source], printer: &Printer) -> Result<(), PrintError> {
    let mut table = Table::new(&[
        ("source", Align::Left),
        ("since", Align::Left),
        ("eras", Align::Right),
        ("grid", Align::Left),
        ("runs", Align::Left),
        ("steps (h)", Align::Left),
        ("members", Align::Left),
        ("mirrors", Align::Left),
    ]);
    for source in sources {
        let latest = source.eras.last();
        let since = source.eras.first().map(|era| era.from.to_string());
        let mut first = [
            source.id.clone(),
            since.unwrap_or_default(),
            source.eras.len().to_string(),
            latest.map(|era| grid(&era.grid)).unwrap_or_default(),
        ];
        let mut mirrors = mirror_ids(source);
        for stream in latest.iter().flat_map(|era| &era.streams) {
            for (runs, steps) in runs(stream) {
                table.row(std::mem::take(&mut first).into_iter().chain([
                    runs,
                    steps,
                    members(&stream.members),
                    std::mem::take(&mut mirrors),
                ]));
            }
        }
    }
    printer.table(&table)?;
    printer.note("`gik sources SOURCE` shows all eras of one, with the evidence for each");
    Ok(())
}

/// All that is known of a source.
fn one(source: &Source, printer: &Printer) -> Result<(), PrintError> {
    printer.line(format_args!("{}: {}", source.id, source.title))?;
    printer.line(format_args!("centre: {}", source.centre))?;
    printer.line(format_args!("licence: {}", source.licence))?;
    printer.line(format_args!("attribution: {}", source.attribution))?;
    printer.line("")?;
    mirrors(source, printer)?;
    for era in &source.eras {
        printer.line("")?;
        one_era(era, printer)?;
    }
    Ok(())
}

fn mirrors(source: &Source, printer: &Printer) -> Result<(), PrintError> {
    let mut table = Table::new(&[
        ("mirror", Align::Left),
        ("root", Align::Left),
        ("holds", Align::Left),
        ("evidence", Align::Left),
    ]);
    for mirror in &source.mirrors {
        table.row([
            mirror.id.clone(),
            mirror.root.clone(),
            holds(mirror),
            mirror.evidence.clone(),
        ]);
    }
    printer.table(&table)
}

fn one_era(era: &Era, printer: &Printer) -> Result<(), PrintError> {
    let until = match era.until {
        Some(until) => format!("before {until}"),
        None => "still the latest".to_owned(),
    };
    printer.line(format_args!("era {}: from {}, {until}", era.id, era.from))?;
    printer.line(format_args!("  evidence: {}", era.evidence))?;
    printer.line(format_args!("  grid: {}", grid(&era.grid)))?;
    for (kind, levels) in &era.levels {
        let levels: Vec<String> = levels.iter().map(f64::to_string).collect();
        printer.line(format_args!("  levels {kind}: {}", levels.join(" ")))?;
    }
    for stream in &era.streams {
        printer.line(format_args!(
            "  {}: {}",
            stream.id,
            String::from(stream.path.clone())
        ))?;
        let known = match &stream.inventory {
            Some(_) => "listed: missing ones are reported",
            None => "not listed: what an index has is all that is expected",
        };
        printer.line(format_args!("    messages: {known}"))?;
        printer.line(format_args!("    members: {}", members(&stream.members)))?;
        for (runs, steps) in runs(stream) {
            printer.line(format_args!("    runs {runs}: steps {steps} h"))?;
        }
    }
    Ok(())
}

fn mirror_ids(source: &Source) -> String {
    let ids: Vec<&str> = source
        .mirrors
        .iter()
        .map(|mirror| mirror.id.as_str())
        .collect();
    ids.join(" ")
}

fn holds(mirror: &Mirror) -> String {
    match (mirror.from, mirror.keeps_days) {
        (_, Some(days)) => format!("the last {days} days"),
        (Some(from), None) => format!("all from {from}"),
        (None, None) => "not known".to_owned(),
    }
}

/// Hours of the runs, and their steps.
fn runs(stream: &Stream) -> impl Iterator<Item = (String, String)> + '_ {
    stream.steps.iter().map(|one| {
        let runs: Vec<String> = one.runs.iter().map(|hour| format!("{hour:02}")).collect();
        (runs.join(","), one.steps.to_string())
    })
}

fn members(members: &Members) -> String {
    let roster = match members {
        Members::Single { name } => return name.clone(),
        Members::InFile(roster) | Members::PerFile(roster) => roster,
    };
    let ids = members.ids();
    let perturbed: Vec<&str> = ids
        .iter()
        .filter(|id| id.number().is_some_and(|number| number > 0))
        .map(|id| id.name.as_str())
        .collect();
    let range = match perturbed[..] {
        [] => None,
        [only] => Some(only.to_owned()),
        [first, .., last] => Some(format!("{first}..{last} ({})", perturbed.len())),
    };
    let by_name = roster.by_name.keys().cloned();
    let all: Vec<String> = roster
        .control
        .iter()
        .cloned()
        .chain(range)
        .chain(by_name)
        .collect();
    all.join(" ")
}

fn grid(grid: &Grid) -> String {
    match grid {
        Grid::Lambert { nx, ny, metres, .. } => {
            format!("{ny}x{nx} Lambert, {} km", metres[0] / 1_000.0)
        }
        Grid::ReducedGaussian { n } => format!("N{n} reduced Gaussian"),
        Grid::RegularGaussian { ni, nj, .. } => format!("{nj}x{ni} Gaussian"),
        Grid::RegularLatLon {
            ni, nj, increment, ..
        } => format!("{nj}x{ni}, {increment}\u{b0}"),
    }
}
