//! Fields of maps by their references: which messages, and whether they are what the references say.

use gik_core::grib::Header;
use gik_core::grib::header::Parsed;
use gik_core::grib::naming::{Keys, Names, Tables};
use gik_core::keys::contents::{Contents, Referred};
use gik_core::keys::{RawReference, StoreKeys};
use gik_core::plot::style::{Shown, Template};
use gik_core::source::Catalog;
use gik_core::store::Store;
use gik_core::time::Step;
use serde_json::Value;

use super::PlotError;
use super::fields::{self, Plotted, Read};
use crate::catalog;
use crate::cli;
use crate::cloud::Cloud;
use crate::commands::verify;
use crate::exit::CommandError;
use crate::settings::Settings;

/// A panel that was asked for.
struct Wanted {
    var: String,
    level: Option<f64>,
    colours: Option<String>,
}

/// The messages that a store's references lead to, in the order of the panels.
pub(super) async fn read(
    typed: &cli::Plot,
    template: Option<&Template>,
    settings: &Settings,
) -> Result<Read, CommandError> {
    let catalog = catalog::read(settings)?;
    let store = catalog::public(Cloud::new(settings), &catalog);
    let keys = verify::read_store(&store, &typed.place.file).await?;
    let contents = keys.contents()?;
    let step = typed.step.or(template.map(|template| template.step));
    let step = step.map(Step::hours);
    let mut read = Read {
        fields: Vec::new(),
        title: heading(typed),
        subtitle: String::new(),
        attribution: attribution(&keys, &catalog).unwrap_or_default(),
        gaps: Vec::new(),
    };
    let wanted = wanted(typed, template, &contents)?;
    for wanted in &wanted {
        match select(&contents, wanted, step, typed.member)? {
            None => read.gaps.push(wanted.said(step, typed.member)),
            Some(referred) => {
                let mut plotted = fetch(&store, referred, wanted, typed).await?;
                plotted.colours.clone_from(&wanted.colours);
                read.fields.push(plotted);
            }
        }
    }
    let Some(first) = read.fields.first() else {
        return Err(CommandError::from(PlotError::Nothing {
            store: typed.place.file.clone(),
            wanted: read.gaps.join(", "),
        }));
    };
    if let Some(other) = read.fields.iter().find(|other| other.when != first.when) {
        let named = |plotted: &Plotted| format!("{} ({})", plotted.title, plotted.when);
        return Err(CommandError::usage(PlotError::Mixed {
            first: named(first),
            other: named(other),
        }));
    }
    read.subtitle.clone_from(&first.when);
    Ok(read)
}

/// The catalogue's words for the source that a store of gik names.
fn attribution(keys: &StoreKeys, catalog: &Catalog) -> Option<String> {
    let RawReference::Inline(octets) = keys.keys.get(".zattrs")? else {
        return None;
    };
    let about: Value = serde_json::from_slice(octets).ok()?;
    let source = catalog.source(about["gik_source"].as_str()?).ok()?;
    let run = about["gik_run"].as_str()?.parse().ok()?;
    Some(source.attribution_of(run))
}

/// The panels: of a figure, of `--var`, or the only message that there is.
fn wanted(
    typed: &cli::Plot,
    template: Option<&Template>,
    contents: &Contents,
) -> Result<Vec<Wanted>, CommandError> {
    if let Some(template) = template {
        return Ok(template.members.iter().map(Wanted::of).collect());
    }
    if !typed.var.is_empty() {
        let wanted = typed.var.iter().map(|var| Wanted {
            var: var.name.clone(),
            level: var.level,
            colours: None,
        });
        return Ok(wanted.collect());
    }
    let only = match (contents.messages.as_slice(), contents.arrays.as_slice()) {
        ([only], _) => contents.arrays.get(only.array),
        (_, [only]) => Some(only),
        _ => None,
    };
    let only = only.and_then(|array| array.var_name.clone().or(array.short_name.clone()));
    match only {
        Some(var) => Ok(vec![Wanted {
            var,
            level: None,
            colours: None,
        }]),
        None => Err(CommandError::usage(PlotError::Which {
            store: typed.place.file.clone(),
            count: contents.messages.len(),
        })),
    }
}

/// The one message that is what was asked for; `None` where there is none.
fn select<'a>(
    contents: &'a Contents,
    wanted: &Wanted,
    step: Option<Step>,
    member: Option<i64>,
) -> Result<Option<&'a Referred>, CommandError> {
    let named = |referred: &Referred| {
        let array = contents.arrays.get(referred.array);
        array.is_some_and(|array| {
            let names = [&array.var_name, &array.short_name];
            names.into_iter().flatten().any(|name| *name == wanted.var)
        })
    };
    let end = |referred: &Referred| referred.step.or(referred.window.map(|window| window.end));
    let found: Vec<&Referred> = contents
        .messages
        .iter()
        .filter(|referred| named(referred))
        .filter(|referred| {
            wanted
                .level
                .is_none_or(|level| referred.level == Some(level))
        })
        .filter(|referred| step.is_none() || end(referred) == step)
        .filter(|referred| member.is_none() || referred.number == member)
        .collect();
    match found.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(one)),
        [first, .., last] => Err(CommandError::usage(PlotError::Ambiguous {
            var: wanted.said(step, member),
            count: found.len(),
            first: first.key.clone(),
            second: last.key.clone(),
        })),
    }
}

/// Fetches a message and draws it only where its own header says what was asked for.
async fn fetch(
    store: &Cloud,
    referred: &Referred,
    wanted: &Wanted,
    typed: &cli::Plot,
) -> Result<Plotted, CommandError> {
    let octets = store.get_range(&referred.url, referred.span).await?;
    let stale = |found: String| PlotError::Stale {
        key: referred.key.clone(),
        expected: wanted.said(referred.step, referred.number),
        found,
    };
    let fields = match Header::parse_prefix(&octets, referred.span.offset)? {
        Parsed::Fields(fields) => fields,
        Parsed::NeedMore(_) => return Err(stale("cut off".to_owned()).into()),
    };
    let tables = Tables::builtin()?;
    let mut headers = Vec::new();
    let mut found = Vec::new();
    for header in &fields {
        let names = tables.names(&Keys::from(header));
        if wanted.is(&names, referred) {
            headers.push(header);
        }
        found.push(said(&names));
    }
    match headers.as_slice() {
        [header] => fields::plotted(header, &octets, &typed.timezone),
        _ => Err(stale(found.join(" and ")).into()),
    }
}

impl Wanted {
    fn of(shown: &Shown) -> Self {
        Self {
            var: shown.var.clone(),
            level: shown.level,
            colours: shown.colours.clone(),
        }
    }

    /// Whether a message is this, and is where its reference says.
    fn is(&self, names: &Names, referred: &Referred) -> bool {
        let named = names.var_name == self.var || names.short_name == self.var;
        let level = self.level.or(referred.level);
        let level = level.is_none_or(|level| names.level.is_some_and(|found| found.value == level));
        let end = names.steps.map(|steps| steps.end);
        let step = referred.step.is_none_or(|step| end == Some(step));
        // Controls and deterministic runs have no number in the message.
        let member = |number: i64| names.number.is_none_or(|found| found == number);
        named && level && step && referred.number.is_none_or(member)
    }

    fn said(&self, step: Option<Step>, member: Option<i64>) -> String {
        let level = self.level.map(|level| format!("@{level}"));
        let step = step.map(|step| format!(" at step {step}"));
        let member = member.map(|number| format!(" of member {number}"));
        let parts = [level, step, member].map(Option::unwrap_or_default);
        format!("{}{}", self.var, parts.concat())
    }
}

fn said(names: &Names) -> String {
    let level = names.level.map(|level| format!("@{}", level.value));
    let step = names.steps.map(|steps| format!(" at step {}", steps.end));
    let member = names.number.map(|number| format!(" of member {number}"));
    let parts = [level, step, member].map(Option::unwrap_or_default);
    format!("{}{}", names.var_name, parts.concat())
}

/// What figures of several panels are called: the product, and the last part of the address.
fn heading(typed: &cli::Plot) -> String {
    let file = typed.place.file.rsplit('/').next().unwrap_or_default();
    match &typed.product {
        Some(product) => format!("{product} · {file}"),
        None => file.to_owned(),
    }
}
