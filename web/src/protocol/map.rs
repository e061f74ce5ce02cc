//! What is said of maps, points and series.

use serde::{Deserialize, Serialize};

/// Messages that differ from one in a single thing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Siblings {
    /// The message that was asked for.
    pub message: u32,
    /// Other variables and levels, at the same step where they have it.
    pub kinds: Vec<Sibling>,
    /// Other members.
    pub members: Vec<Sibling>,
    /// Other steps.
    pub steps: Vec<Sibling>,
}

/// A message among others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sibling {
    /// The message.
    pub message: u32,
    /// What it is called among the others.
    pub label: String,
    /// Its bytes, where they are known.
    pub bytes: Option<u64>,
}

/// A field, or the difference of two.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FieldWanted {
    /// The message.
    pub message: u32,
    /// The message that is taken away from it.
    pub minus: Option<u32>,
}

/// A map that is wanted.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DrawWanted {
    /// Of what.
    pub field: FieldWanted,
    /// Colour map; empty for that of the variable.
    pub colours: String,
    /// Values at the ends of the colours; `None` for those of the field.
    pub limits: Option<[f64; 2]>,
    /// Latitude and longitude of the middle, and degrees across; `None` for all of the field.
    pub place: Option<[f64; 3]>,
    /// Pixels across.
    pub width: u32,
    /// Rows of pixels.
    pub height: u32,
}

/// A map; its pixels come beside.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Drawn {
    /// Of what.
    pub field: FieldInfo,
    /// Latitude and longitude of the middle, and degrees across.
    pub place: [f64; 3],
    /// Pixels across.
    pub width: u32,
    /// Rows of pixels.
    pub height: u32,
    /// Name of the colour map.
    pub colours: String,
    /// Colours from the lower end to the upper one, as `#rrggbb`.
    pub stops: Vec<String>,
    /// Values at the ends of the colours.
    pub limits: [f64; 2],
    /// Whether values lie below and above.
    pub beyond: [bool; 2],
    /// Round values, and how they are written.
    pub ticks: Vec<(f64, String)>,
    /// Units as they are written beside the ticks.
    pub units: String,
    /// Whether some points of the map have no value.
    pub hatched: bool,
}

/// A field that was decoded.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FieldInfo {
    /// Which.
    pub wanted: FieldWanted,
    /// What it is, from its header.
    pub title: String,
    /// Run, step, valid time and member.
    pub when: String,
    /// As they are printed: `kg m⁻²`.
    pub units: String,
    /// Rows of its grid.
    pub rows: u32,
    /// Columns of its grid.
    pub columns: u32,
    /// Bytes of its messages.
    pub bytes: u64,
}

/// The point of a grid that is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PointWanted {
    /// Of what.
    pub field: FieldWanted,
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
    /// Points to go east from there.
    pub east: i32,
    /// Points to go south from there.
    pub south: i32,
}

/// A point of a grid with its value.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east, from -180 to 180.
    pub longitude: f64,
    /// Its value; `None` where it is missing.
    pub value: Option<f64>,
}

/// What a field is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Picture {
    /// Lines of latitude, longitude and value of the whole field.
    Csv,
    /// The map that is shown, as the terminal draws it.
    Png,
}

/// Values of a point over the steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SeriesWanted {
    /// Any message of the variable.
    pub message: u32,
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
    /// Members by their names; that of the message where there are none.
    pub members: Vec<String>,
    /// Only how much it is.
    pub dry: bool,
}

/// Values of a point over the steps, or how far that is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// Messages that it takes.
    pub messages: u32,
    /// Bytes of these; those of the values that are at hand do not count.
    pub bytes: u64,
    /// Messages that were read.
    pub done: u32,
    /// Bytes that came.
    pub fetched: u64,
    /// What it is.
    pub title: String,
    /// As they are printed.
    pub units: String,
    /// The point of the grid.
    pub place: Option<[f64; 2]>,
    /// Steps in hours, ascending.
    pub hours: Vec<f64>,
    /// One line for each member.
    pub lines: Vec<SeriesLine>,
    /// What could not be read.
    pub failed: Vec<String>,
}

/// The values of a member.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SeriesLine {
    /// The member.
    pub member: String,
    /// One value for each step; `None` where there is none.
    pub values: Vec<Option<f64>>,
}
