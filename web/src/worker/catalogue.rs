//! The catalogue: sources, and what a run has.

use gik_core::source::{Members, Source};
use gik_core::time::Run;

use super::problem;
use super::session::Session;
use crate::protocol::{Choices, Event, MirrorInfo, Problem, SourceInfo};

/// Every source.
pub(super) fn sources(session: &Session) -> Event {
    Event::Catalogue(session.catalog.sources().map(info).collect())
}

fn info(source: &Source) -> SourceInfo {
    let streams = source.eras.iter().flat_map(|era| &era.streams);
    let mirrors = source.mirrors.iter().map(|mirror| MirrorInfo {
        id: mirror.id.clone(),
        root: mirror.root.clone(),
        cors: mirror.cors,
    });
    let first = source.eras.first().map(|era| era.from.to_string());
    SourceInfo {
        id: source.id.clone(),
        title: source.title.clone(),
        centre: source.centre.clone(),
        licence: source.licence.clone(),
        attribution: source.attribution.clone(),
        first: first.unwrap_or_default(),
        shared_indexes: streams
            .into_iter()
            .any(|stream| matches!(stream.members, Members::InFile(_))),
        mirrors: mirrors.collect(),
    }
}

/// Members and steps of a run.
pub(super) fn choices(
    session: &Session,
    source: &str,
    run: &str,
    member: Option<&str>,
) -> Result<Event, Problem> {
    let source = session.catalog.source(source).map_err(problem::usage)?;
    let run: Run = run.parse().map_err(problem::usage)?;
    let era = source.era_of(run).map_err(problem::usage)?;
    let members = era.members();
    let mut choices = Choices {
        hours: era.run_hours(),
        members: members.iter().map(|member| member.name.clone()).collect(),
        ..Choices::default()
    };
    let asked = match member {
        Some(text) => era.parse_members(text).map_err(problem::usage)?,
        None => members.into_iter().take(1).collect(),
    };
    // An hour at which nothing starts is told by the hours themselves.
    if let Ok(steps) = era.steps(run, &asked) {
        choices.steps = steps.to_string();
        choices.count = u32::try_from(steps.len()).unwrap_or(u32::MAX);
    }
    Ok(Event::Choices(choices))
}
