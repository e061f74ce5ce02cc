//! Opens a run: reads its indexes, lists them, builds references, and says what is missing.

use std::collections::BTreeMap;
use std::rc::Rc;

use gik_core::pipeline::plan::Request;
use gik_core::pipeline::refs::{self, Opened, RefsJob, Report, Structure};
use gik_core::pipeline::{Gap, Why};
use gik_core::refs::build::Codec;
use gik_core::source::Source;
use gik_core::store::Counted;
use gik_core::template::select::Selector;
use gik_core::time::Step;

use super::problem;
use super::progress::Reporter;
use super::session::{References, Session};
use crate::browser;
use crate::protocol::{
    Built, Cell, Coverage, CoverageRow, Event, GapText, Listed, OpenRun, Problem, ProblemKind,
};
use crate::table::{Kind, Message, Object, Table};

/// Objects that are read at once: as many as a browser has connections to one host.
const CONCURRENCY: usize = 6;

/// Gaps that are told one by one.
const GAPS: usize = 500;

/// Opens a run. The inventory is told first, so that it is there even where no references can be built.
pub(super) async fn open(session: &Session, id: u32, wanted: &OpenRun) -> Result<Event, Problem> {
    session.begin(id);
    let reporter = Rc::new(Reporter::new(id));
    let watching = Rc::clone(&reporter);
    session
        .store
        .watch(Rc::new(move |transfer| watching.transfer(transfer)));
    let source = session
        .catalog
        .source(&wanted.source)
        .map_err(problem::usage)?;
    let job = job(source, wanted)?;
    let store = Counted::new(&session.store);
    let mut say = |event| reporter.event(&event);
    let opened = refs::open(&store, &session.catalog, &job, &mut say).await;
    reporter.tell();
    let opened = opened.map_err(|error| problem::of(&error))?;
    if !session.is_current(id) {
        return Err(superseded());
    }
    let table = table(&opened);
    let listed = Listed {
        messages: count(table.messages.len()),
        title: format!("{} {} {}", source.id, job.request.run, job.request.members),
        objects: count(table.objects.len()),
    };
    *session.table.borrow_mut() = table;
    super::post(id, false, &Event::Listed(listed));
    let tables = session.tables().await?;
    let steps: Vec<Step> = opened.steps().to_vec();
    let outcome = opened.build(&store, &tables, None, &mut say).await;
    reporter.tell();
    let outcome = outcome.map_err(|error| problem::of(&error))?;
    if !session.is_current(id) {
        return Err(superseded());
    }
    let report = &outcome.value.report;
    let built = Built {
        references: count(report.references),
        arrays: report.members.iter().map(|one| count(one.arrays)).sum(),
        proven: count(report.proven),
        derived: count(report.derived),
        template: report.template.id.clone(),
        stem: outcome
            .value
            .stores
            .first()
            .map(|store| store.provenance.member.clone()),
        coverage: coverage(&steps, report, &outcome.gaps),
        gaps: outcome.gaps.iter().take(GAPS).map(gap_text).collect(),
        gap_count: count(outcome.gaps.len()),
        heap: browser::heap(),
    };
    *session.references.borrow_mut() = References::Built(outcome.value.stores);
    Ok(Event::Built(Box::new(built)))
}

fn superseded() -> Problem {
    Problem {
        kind: ProblemKind::Cancelled,
        url: None,
        text: String::new(),
    }
}

fn job(source: &Source, wanted: &OpenRun) -> Result<RefsJob, Problem> {
    // A mirror of the catalogue is named by its id, a place of the user's by its root.
    let base = wanted.base.as_ref().map(|base| {
        let mirror = source.mirror(base);
        mirror.map_or_else(|| base.clone(), |mirror| mirror.root.clone())
    });
    Ok(RefsJob {
        request: Request {
            source: wanted.source.clone(),
            run: wanted.run.parse().map_err(problem::usage)?,
            members: wanted.members.clone(),
            steps: wanted.steps.clone(),
            base,
            concurrency: CONCURRENCY,
        },
        variables: variables(source, &wanted.variables)?,
        codec: Codec::Grib,
        uri_base: wanted.uri_base.clone(),
        structure: if wanted.scan {
            Structure::Scan
        } else {
            Structure::Builtin
        },
    })
}

/// Variables as users type them; the name of a list stands for what is in it.
fn variables(source: &Source, text: &str) -> Result<Vec<Selector>, Problem> {
    let words = text.split([',', ' ']).filter(|word| !word.is_empty());
    let mut selectors: Vec<Selector> = Vec::new();
    for word in words {
        let list = source.variables.get(&word.to_lowercase());
        let words: Vec<&str> = match list {
            Some(list) => list.iter().map(String::as_str).collect(),
            None => vec![word],
        };
        for word in words {
            let selector = word.parse().map_err(problem::usage)?;
            if !selectors.contains(&selector) {
                selectors.push(selector);
            }
        }
    }
    Ok(selectors)
}

/// The inventory of a run.
fn table(opened: &Opened<'_>) -> Table {
    let listing = opened.listing();
    let kinds = listing.kinds.iter().map(|kind| {
        let (variable, level) = kind.label.split_once(':').unwrap_or((&kind.label, ""));
        Kind {
            variable: variable.to_owned(),
            level: level.replace(':', " "),
            label: kind.label.clone(),
        }
    });
    let objects = opened.objects().map(|(index_url, data_url)| Object {
        index_url: index_url.to_owned(),
        data_url: data_url.to_owned(),
    });
    let messages = listing.messages.iter().map(|listed| Message {
        kind: count(listed.kind),
        step: Some(listed.step.as_seconds()),
        window: listed
            .window
            .map(|window| (window.start.as_seconds(), window.end.as_seconds())),
        member: Some(listed.member),
        object: listed.location.object,
        line: count(listed.line),
        offset: listed.location.span.offset,
        length: Some(listed.location.span.length),
    });
    let members = opened.members().iter();
    let mut table = Table::default();
    table.kinds = kinds.collect();
    table.members = members.map(|member| member.name.clone()).collect();
    table.objects = objects.collect();
    table.messages = messages.collect();
    table
}

/// Kinds against steps; messages that no template knows are rows of their own.
fn coverage(steps: &[Step], report: &Report, gaps: &[Gap]) -> Coverage {
    let mut rows: Vec<CoverageRow> = report
        .coverage
        .iter()
        .map(|kind| {
            let cell = |step: &Step| {
                let found = kind.steps.iter().find(|known| known.step == *step);
                match found.map(|known| (known.expected, known.found)) {
                    None | Some((0, _)) => Cell::Nothing,
                    Some((expected, found)) if found >= expected => Cell::Complete,
                    Some((_, 0)) => Cell::Missing,
                    Some(_) => Cell::Partial,
                }
            };
            CoverageRow {
                label: kind.label.clone(),
                array: kind.array.clone(),
                cells: steps.iter().map(|step| cell(step).letter()).collect(),
                expected: count(kind.expected),
                found: count(kind.found),
            }
        })
        .collect();
    let mut unmatched: BTreeMap<&str, Vec<Step>> = BTreeMap::new();
    for gap in gaps {
        if matches!(gap.why, Why::NotInTemplate { .. }) {
            unmatched.entry(&gap.what).or_default().extend(gap.step);
        }
    }
    rows.extend(unmatched.into_iter().map(|(label, at)| {
        let cell = |step: &Step| match at.contains(step) {
            true => Cell::Unmatched,
            false => Cell::Nothing,
        };
        CoverageRow {
            label: label.to_owned(),
            array: String::new(),
            cells: steps.iter().map(|step| cell(step).letter()).collect(),
            expected: 0,
            found: count(at.len()),
        }
    }));
    Coverage {
        steps: steps.iter().map(ToString::to_string).collect(),
        rows,
    }
}

/// A gap as it is shown.
pub(super) fn gap_text(gap: &Gap) -> GapText {
    let (reason, detail) = match &gap.why {
        Why::NotFound { url } => ("not-found", url.clone()),
        Why::NotInIndex { url } => ("not-in-index", url.clone()),
        Why::NotInEra { era } => ("not-in-era", era.clone()),
        Why::NotInRun => ("not-in-run", String::new()),
        Why::NotInTemplate { url, line } => ("not-in-template", format!("{url}, {line}")),
        Why::Refused { because, .. } => ("refused", because.clone()),
        Why::Failed { url, because } => ("failed", format!("{url}: {because}")),
        Why::Stale { because, .. } => ("stale", because.clone()),
        other => ("other", format!("{other:?}")),
    };
    GapText {
        what: gap.what.clone(),
        step: gap.step.map(|step| step.to_string()).unwrap_or_default(),
        member: gap.member.clone().unwrap_or_default(),
        reason: reason.to_owned(),
        detail,
    }
}

/// A number for the page.
pub(super) fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
