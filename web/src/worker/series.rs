//! Values of a point over the steps, for one member or several.

use std::collections::BTreeSet;

use futures_util::StreamExt as _;
use futures_util::stream;
use gik_core::grib::caption;
use gik_core::grib::field::{self, FieldError, Message, prefix_needed};
use gik_core::grib::grid::{Coordinates, Grid};
use gik_core::grib::unpack::Scratch;
use gik_core::plot::{Axis, printed_units};

use super::message::{self, Place};
use super::open::count;
use super::problem;
use super::session::Session;
use crate::browser;
use crate::protocol::map::{FieldWanted, Series, SeriesLine, SeriesWanted};
use crate::protocol::{Event, Problem, ProblemKind};
use crate::siblings;

/// Messages that are read at once.
const CONCURRENCY: usize = 6;
/// Milliseconds between two words to the page.
const PAUSE: f64 = 120.0;

/// A value, and what came with it.
struct Value {
    value: Option<f64>,
    /// Latitude and longitude of the point.
    place: [f64; 2],
    title: String,
    units: String,
    fetched: u64,
}

/// Values of a point over the steps; `Event::Series` again and again.
pub(super) async fn series(
    session: &Session,
    id: u32,
    wanted: &SeriesWanted,
) -> Result<Event, Problem> {
    let (mut series, cells) = plan(session, wanted)?;
    if wanted.dry {
        return Ok(Event::Series(Box::new(series)));
    }
    let request = *session.request.borrow();
    let mut reading = stream::iter(cells)
        .map(|(line, step, message)| async move {
            (line, step, message, value(session, message, wanted).await)
        })
        .buffer_unordered(CONCURRENCY);
    let mut told = browser::now();
    while let Some((line, step, message, value)) = reading.next().await {
        series.done += 1;
        match value {
            Ok(value) => take(&mut series, (line, step), value)?,
            Err(problem) if problem.kind == ProblemKind::Cancelled => return Err(problem),
            Err(problem) => series.failed.push(format!("{message}: {}", problem.text)),
        }
        if !session.is_current(request) {
            return Err(cancelled());
        }
        if browser::now() - told > PAUSE {
            told = browser::now();
            super::post(id, false, &Event::Series(Box::new(series.clone())));
        }
    }
    Ok(Event::Series(Box::new(series)))
}

/// The values to read, as line, step and message, and an empty series for them.
fn plan(
    session: &Session,
    wanted: &SeriesWanted,
) -> Result<(Series, Vec<(usize, usize, u32)>), Problem> {
    let table = session.table.borrow();
    let own = table.messages.get(wanted.message as usize);
    let own = own.ok_or_else(cancelled)?.member;
    let mut members: Vec<(String, Option<u16>)> = Vec::new();
    for (number, name) in table.members.iter().enumerate() {
        let number = u16::try_from(number).ok();
        let chosen = if wanted.members.is_empty() {
            number == own
        } else {
            wanted.members.contains(name)
        };
        if chosen {
            members.push((name.clone(), number));
        }
    }
    if members.is_empty() {
        members.push((String::new(), own));
    }
    let lines: Vec<Vec<(i64, u32)>> = members
        .iter()
        .map(|(_, member)| siblings::steps(&table, wanted.message, *member))
        .collect();
    let steps: BTreeSet<i64> = lines.iter().flatten().map(|(step, _)| *step).collect();
    let steps: Vec<i64> = steps.into_iter().collect();
    let mut cells = Vec::new();
    let mut bytes = 0;
    for (line, found) in lines.iter().enumerate() {
        for (step, message) in found {
            let Ok(at) = steps.binary_search(step) else {
                continue;
            };
            cells.push((line, at, *message));
            let known = FieldWanted {
                message: *message,
                minus: None,
            };
            if session.fields.get(known).is_none() {
                let message = table.messages.get(*message as usize);
                bytes += message.and_then(|message| message.length).unwrap_or(0);
            }
        }
    }
    let series = Series {
        messages: count(cells.len()),
        bytes,
        hours: steps.iter().map(|step| *step as f64 / 3600.0).collect(),
        lines: members
            .into_iter()
            .map(|(member, _)| SeriesLine {
                member,
                values: vec![None; steps.len()],
            })
            .collect(),
        ..Series::default()
    };
    Ok((series, cells))
}

/// Enters a value. All must be of the same variable at the same point.
fn take(series: &mut Series, (line, step): (usize, usize), value: Value) -> Result<(), Problem> {
    series.fetched += value.fetched;
    let differs = series.place.is_some_and(|place| place != value.place)
        || (!series.units.is_empty() && series.units != value.units);
    if differs {
        return Err(Problem {
            kind: ProblemKind::Mismatch,
            url: None,
            text: format!(
                "{} and {}: other points or units",
                series.title, value.title
            ),
        });
    }
    if series.place.is_none() {
        series.place = Some(value.place);
        series.title = value.title;
        series.units = value.units;
    }
    let line = series.lines.get_mut(line);
    if let Some(cell) = line.and_then(|line| line.values.get_mut(step)) {
        *cell = value.value;
    }
    Ok(())
}

async fn value(session: &Session, number: u32, wanted: &SeriesWanted) -> Result<Value, Problem> {
    let place = Place::of(session, number)?;
    let known = FieldWanted {
        message: number,
        minus: None,
    };
    if let Some(field) = session.fields.get(known) {
        let panel = field.panel.borrow();
        let at = nearest(
            (&field.latitudes, &field.longitudes),
            (&panel.latitudes, &panel.longitudes),
            wanted,
        )?;
        let value = panel.values.get(at.0 * panel.longitudes.len() + at.1);
        return Ok(Value {
            value: shown(value.copied()),
            place: at.2,
            title: field.info.title.clone(),
            units: field.info.units.clone(),
            fetched: 0,
        });
    }
    let found = message::read(session, &place).await?;
    let header = &found.header;
    let failed = |error: FieldError| problem::of(&error);
    let grid = Grid::parse(&header.grid.octets).map_err(|error| problem::of(&error))?;
    let coordinates = grid.coordinates().map_err(|error| problem::of(&error))?;
    let Coordinates::Axes {
        latitudes,
        longitudes,
    } = coordinates
    else {
        return Err(beyond("its grid has no rows of parallels"));
    };
    let axes = Axis::latitudes(&latitudes).zip(Axis::longitudes(&longitudes));
    let axes = axes.ok_or_else(|| beyond("its grid has no rows of parallels"))?;
    let (row, column, point) = nearest((&axes.0, &axes.1), (&latitudes, &longitudes), wanted)?;
    let needed = prefix_needed(header, row..row + 1).map_err(failed)?;
    let mut octets = message::prefix(session, &place, &found, needed.length).await?;
    let mut values: Vec<f32> = Vec::new();
    loop {
        let message = Message {
            header,
            octets: &octets,
        };
        let mut scratch = Scratch::default();
        match field::decode_rows(&message, row..row + 1, &mut values, &mut scratch) {
            Ok(()) => break,
            Err(FieldError::NeedMore(_)) if (octets.len() as u64) < header.message.length => {
                octets = message::whole(session, &place, &found).await?;
            }
            Err(error) => return Err(problem::of(&error)),
        }
    }
    Ok(Value {
        value: shown(values.get(column).copied()),
        place: point,
        title: caption::title(&found.names),
        units: printed_units(found.names.units.unwrap_or_default()),
        fetched: octets.len() as u64,
    })
}

/// Row, column and coordinates of the point of a grid.
fn nearest(
    (rows, columns): (&Axis, &Axis),
    (latitudes, longitudes): (&[f64], &[f64]),
    wanted: &SeriesWanted,
) -> Result<(usize, usize, [f64; 2]), Problem> {
    let row = rows.nearest(wanted.latitude);
    let at = row.zip(columns.nearest(wanted.longitude));
    let (row, column) = at.ok_or_else(|| beyond("the point is beyond its grid"))?;
    let place = latitudes.get(row).zip(longitudes.get(column));
    let (latitude, longitude) = place.ok_or_else(|| beyond("the point is beyond its grid"))?;
    let longitude = (longitude + 180.0).rem_euclid(360.0) - 180.0;
    Ok((row, column, [*latitude, longitude]))
}

fn shown(value: Option<f32>) -> Option<f64> {
    let value = value.filter(|value| !value.is_nan())?;
    value.to_string().parse().ok()
}

fn beyond(text: &str) -> Problem {
    Problem {
        kind: ProblemKind::Usage,
        url: None,
        text: text.to_owned(),
    }
}

fn cancelled() -> Problem {
    Problem {
        kind: ProblemKind::Cancelled,
        url: None,
        text: String::new(),
    }
}
