//! Fields that were decoded, and differences of two; the last ones are kept.

use std::cell::RefCell;
use std::rc::Rc;

use gik_core::grib::caption;
use gik_core::grib::field::{Message, decode};
use gik_core::grib::grid::Coordinates;
use gik_core::grib::unpack::Scratch;
use gik_core::plot::colours::ColourMap;
use gik_core::plot::style::Atlas;
use gik_core::plot::zone::Zone;
use gik_core::plot::{Axis, Limits, Panel, printed_units};

use super::message::{self, Place};
use super::open::count;
use super::problem;
use super::session::Session;
use crate::protocol::map::{FieldInfo, FieldWanted};
use crate::protocol::{Problem, ProblemKind};

/// Values that are kept: 64 MiB of them.
const KEPT: usize = 16 << 20;
/// The colours of differences: red and blue are told apart by all who see colours at all.
const DIFFERENCE: &str = "RdBu_r";

/// A field that was decoded.
pub(super) struct Loaded {
    pub(super) info: FieldInfo,
    /// What is drawn; its colours and limits are those of the last map.
    pub(super) panel: RefCell<Panel>,
    pub(super) latitudes: Axis,
    pub(super) longitudes: Axis,
    /// Name of its colour map.
    pub(super) colours: String,
    /// Whether zero is in the middle of its colours.
    pub(super) symmetric: bool,
}

/// The fields that are kept, the one that was used last at the end.
#[derive(Default)]
pub(super) struct Fields(RefCell<Vec<Rc<Loaded>>>);

impl Fields {
    pub(super) fn clear(&self) {
        self.0.borrow_mut().clear();
    }

    pub(super) fn get(&self, wanted: FieldWanted) -> Option<Rc<Loaded>> {
        let mut kept = self.0.borrow_mut();
        let at = kept.iter().position(|field| field.info.wanted == wanted)?;
        let field = kept.remove(at);
        kept.push(Rc::clone(&field));
        Some(field)
    }

    fn keep(&self, field: &Rc<Loaded>) {
        let mut kept = self.0.borrow_mut();
        kept.retain(|known| known.info.wanted != field.info.wanted);
        kept.push(Rc::clone(field));
        let size = |field: &Rc<Loaded>| field.panel.borrow().values.len();
        let mut sum: usize = kept.iter().map(size).sum();
        while sum > KEPT && kept.len() > 1 {
            sum -= size(&kept.remove(0));
        }
    }
}

/// A field, or the difference of two: those that are kept are not read again.
pub(super) async fn load(session: &Session, wanted: FieldWanted) -> Result<Rc<Loaded>, Problem> {
    if let Some(field) = session.fields.get(wanted) {
        return Ok(field);
    }
    let request = *session.request.borrow();
    let field = match wanted.minus {
        None => Rc::new(single(session, wanted.message).await?),
        Some(minus) => {
            let one = |message| FieldWanted {
                message,
                minus: None,
            };
            let first = Box::pin(load(session, one(wanted.message))).await?;
            let second = Box::pin(load(session, one(minus))).await?;
            Rc::new(difference(wanted, &first, &second)?)
        }
    };
    // Another run may have been opened meanwhile: its messages have the same numbers.
    if session.is_current(request) {
        session.fields.keep(&field);
    }
    Ok(field)
}

async fn single(session: &Session, number: u32) -> Result<Loaded, Problem> {
    let place = Place::of(session, number)?;
    let found = message::read(session, &place).await?;
    let octets = message::whole(session, &place, &found).await?;
    let of = Message {
        header: &found.header,
        octets: &octets,
    };
    let field = decode::<f32>(&of, &mut Scratch::default()).map_err(|error| problem::of(&error))?;
    let title = caption::title(&found.names);
    let coordinates = field.grid.coordinates();
    let coordinates = coordinates.map_err(|error| problem::of(&error))?;
    let Coordinates::Axes {
        latitudes,
        longitudes,
    } = coordinates
    else {
        return Err(unfit(format!(
            "{title}: only grids whose rows are parallels and whose columns are meridians are drawn"
        )));
    };
    let units = found.names.units.unwrap_or_default();
    let atlas = Atlas::builtin().map_err(|error| problem::of(&error))?;
    let style = atlas.style(&found.names.var_name, units);
    let zone = Zone::default();
    let info = FieldInfo {
        wanted: FieldWanted {
            message: number,
            minus: None,
        },
        when: caption::when(&found.header, &found.names, |moment| zone.at(moment)),
        title,
        units: printed_units(units),
        rows: count(latitudes.len()),
        columns: count(longitudes.len()),
        bytes: found.header.message.length,
    };
    let values = (field.values, latitudes, longitudes);
    Loaded::new(info, values, (style.colours, style.symmetric))
}

fn difference(wanted: FieldWanted, first: &Loaded, second: &Loaded) -> Result<Loaded, Problem> {
    let (one, other) = (first.panel.borrow(), second.panel.borrow());
    let same = one.latitudes == other.latitudes && one.longitudes == other.longitudes;
    if !same || first.info.units != second.info.units {
        return Err(unfit(format!(
            "{} and {} have other grids or units",
            first.info.title, second.info.title
        )));
    }
    let values = one.values.iter().zip(&other.values);
    let values = values.map(|(one, other)| one - other).collect();
    let info = FieldInfo {
        wanted,
        when: format!("{} − {}", first.info.when, second.info.when),
        title: match first.info.title == second.info.title {
            true => format!("Δ {}", first.info.title),
            false => format!("{} − {}", first.info.title, second.info.title),
        },
        bytes: first.info.bytes + second.info.bytes,
        ..first.info.clone()
    };
    let axes = (one.latitudes.clone(), one.longitudes.clone());
    Loaded::new(
        info,
        (values, axes.0, axes.1),
        (DIFFERENCE.to_owned(), true),
    )
}

impl Loaded {
    fn new(
        info: FieldInfo,
        (values, latitudes, longitudes): (Vec<f32>, Vec<f64>, Vec<f64>),
        (colours, symmetric): (String, bool),
    ) -> Result<Self, Problem> {
        let axes = Axis::latitudes(&latitudes).zip(Axis::longitudes(&longitudes));
        let (rows, columns) =
            axes.ok_or_else(|| unfit(format!("{}: its grid cannot be drawn", info.title)))?;
        let map = ColourMap::named(&colours).map_err(|error| problem::of(&error))?;
        let panel = Panel {
            title: info.title.clone(),
            // Printed already: no power is left to be raised.
            units: info.units.clone(),
            values,
            latitudes,
            longitudes,
            colours: map,
            limits: Limits::Data,
        };
        Ok(Self {
            info,
            panel: RefCell::new(panel),
            latitudes: rows,
            longitudes: columns,
            colours,
            symmetric,
        })
    }
}

fn unfit(text: String) -> Problem {
    Problem {
        kind: ProblemKind::Other,
        url: None,
        text,
    }
}
