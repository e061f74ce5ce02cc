//! Maps of fields, their values at points, and fields as files.

use std::rc::Rc;

use gik_core::plot::colours::ColourMap;
use gik_core::plot::{self, Chart, Extent, Figure, Limits, Lines};
use gik_core::store::Store;
use js_sys::Uint8Array;

use super::field::{self, Loaded};
use super::problem;
use super::session::Session;
use crate::csv;
use crate::place::Place;
use crate::protocol::map::{DrawWanted, Drawn, Picture, Point, PointWanted};
use crate::protocol::{Event, Problem};

/// Colours that the legend shows.
const STOPS: u32 = 32;
/// Degrees across below which the finer lines are drawn.
const FINE: f64 = 100.0;
/// Width of a picture to download.
const WIDE: u32 = 1_600;

/// Draws a map; its pixels come beside.
pub(super) async fn draw(
    session: &Session,
    wanted: &DrawWanted,
) -> Result<(Event, Uint8Array), Problem> {
    let field = field::load(session, wanted.field).await?;
    let place = place(&field, wanted);
    let lines = lines(session, place.across < FINE).await;
    let colours = style(&field, wanted)?;
    let extent = Extent::new(place.edges()).map_err(|error| problem::of(&error))?;
    let size = [wanted.width, wanted.height];
    let panel = field.panel.borrow();
    let Chart {
        picture,
        bar,
        hatched,
    } = plot::chart(&panel, extent, &lines, size).map_err(|error| problem::of(&error))?;
    let stops = (0..STOPS).map(|stop| {
        let part = f64::from(stop) / f64::from(STOPS - 1);
        let [red, green, blue] = panel.colours.at(part);
        format!("#{red:02x}{green:02x}{blue:02x}")
    });
    let drawn = Drawn {
        field: field.info.clone(),
        place: place.numbers(),
        width: picture.width,
        height: picture.height,
        colours,
        stops: stops.collect(),
        limits: [bar.low, bar.high],
        beyond: [bar.below, bar.above],
        ticks: bar.ticks,
        units: bar.units,
        hatched,
    };
    let pixels = Uint8Array::from(&picture.rgba[..]);
    Ok((Event::Drawn(Box::new(drawn)), pixels))
}

/// The value of the grid's point at a place, or some points away from it.
pub(super) async fn point(session: &Session, wanted: &PointWanted) -> Result<Event, Problem> {
    let field = field::load(session, wanted.field).await?;
    let row = field.latitudes.nearest(wanted.latitude);
    let column = field.longitudes.nearest(wanted.longitude);
    let Some((row, column)) = row.zip(column) else {
        return Ok(Event::Point(None));
    };
    let panel = field.panel.borrow();
    let (rows, columns) = (panel.latitudes.len(), panel.longitudes.len());
    let turned = |axis: &[f64]| matches!(axis, [first, second, ..] if first > second);
    // South is up the rows of a grid that begins in the south.
    let south = if turned(&panel.latitudes) {
        wanted.south
    } else {
        -wanted.south
    };
    let row = stepped(row, south, rows, false);
    let around = columns > 1 && {
        let step = (panel.longitudes[1] - panel.longitudes[0]).rem_euclid(360.0);
        step * columns as f64 > 359.9
    };
    let column = stepped(column, wanted.east, columns, around);
    let longitude = panel.longitudes[column];
    let value = panel.values.get(row * columns + column).copied();
    Ok(Event::Point(Some(Point {
        latitude: panel.latitudes[row],
        longitude: (longitude + 180.0).rem_euclid(360.0) - 180.0,
        value: value.filter(|value| !value.is_nan()).map(shortest),
    })))
}

/// A field as a file of a name.
pub(super) async fn picture(
    session: &Session,
    wanted: &DrawWanted,
    kind: Picture,
    footer: String,
) -> Result<(Vec<String>, Vec<Uint8Array>), Problem> {
    let field = field::load(session, wanted.field).await?;
    let stem = format!("message-{}", wanted.field.message);
    let stem = match wanted.field.minus {
        Some(minus) => format!("{stem}-minus-{minus}"),
        None => stem,
    };
    let (end, bytes) = match kind {
        Picture::Csv => {
            let panel = field.panel.borrow();
            let text = csv::csv(&panel.latitudes, &panel.longitudes, &panel.values);
            ("csv", text.into_bytes())
        }
        Picture::Png => ("png", png(session, &field, wanted, footer).await?),
    };
    Ok((
        vec![format!("{stem}.{end}")],
        vec![Uint8Array::from(&bytes[..])],
    ))
}

async fn png(
    session: &Session,
    field: &Rc<Loaded>,
    wanted: &DrawWanted,
    footer: String,
) -> Result<Vec<u8>, Problem> {
    let place = place(field, wanted);
    let lines = lines(session, place.across < FINE).await;
    style(field, wanted)?;
    let panel = field.panel.borrow().clone();
    let figure = Figure {
        title: String::new(),
        subtitle: field.info.when.clone(),
        footer,
        extent: Extent::new(place.edges()).map_err(|error| problem::of(&error))?,
        columns: 1,
        panels: vec![panel],
    };
    let picture = plot::render(&figure, &lines, WIDE).map_err(|error| problem::of(&error))?;
    picture.png().map_err(|error| problem::of(&error))
}

/// The part of the world that is shown: what is wanted, or all of the field.
fn place(field: &Loaded, wanted: &DrawWanted) -> Place {
    let ratio = f64::from(wanted.height) / f64::from(wanted.width.max(1));
    if let Some(place) = wanted.place {
        return Place::new(place, ratio);
    }
    let panel = field.panel.borrow();
    let all = Extent::of(&panel.latitudes, &panel.longitudes);
    let edges = all.map_or([-180.0, -90.0, 180.0, 90.0], |all| all.edges());
    Place::around(edges, ratio)
}

/// Gives a panel the colours and limits that are wanted; the name of the colours.
fn style(field: &Loaded, wanted: &DrawWanted) -> Result<String, Problem> {
    let name = match wanted.colours.as_str() {
        "" => field.colours.as_str(),
        name => name,
    };
    let map = ColourMap::named(name).map_err(|error| problem::usage(error))?;
    let mut panel = field.panel.borrow_mut();
    panel.limits = match wanted.limits {
        Some([low, high]) => Limits::Given { low, high },
        None if field.symmetric => Limits::Symmetric,
        None => Limits::Data,
    };
    panel.colours = map;
    Ok(name.to_owned())
}

/// Lines of coasts, fetched when they are drawn first. A map without them is a map all the same.
async fn lines(session: &Session, fine: bool) -> Rc<Lines> {
    let name = if fine {
        "maps/lines-50m.bin"
    } else {
        "maps/lines-110m.bin"
    };
    let kept = &session.lines[usize::from(fine)];
    if let Some(lines) = kept.get() {
        return Rc::clone(lines);
    }
    let url = session.store.beside(name);
    let read = session.store.get(&url).await.ok();
    let lines = read.and_then(|object| Lines::parse(&object.bytes).ok());
    match lines {
        Some(lines) => Rc::clone(kept.get_or_init(|| Rc::new(lines))),
        None => Rc::default(),
    }
}

/// A place on an axis some points away; axes around the world go on at their other end.
fn stepped(at: usize, by: i32, count: usize, around: bool) -> usize {
    let (at, count) = (at as i64 + i64::from(by), count.max(1) as i64);
    let at = if around {
        at.rem_euclid(count)
    } else {
        at.clamp(0, count - 1)
    };
    usize::try_from(at).unwrap_or(0)
}

/// A value with the digits that its 32 bits have.
fn shortest(value: f32) -> f64 {
    value.to_string().parse().unwrap_or(f64::from(value))
}
