//! Stage 0: the structure of a source's messages, free of dates, members and offsets.
//!
//! A template says which variable, level and window an index line stands for, and on which grid its values lie.
//! Offsets never come from here.

pub mod build;
pub mod builtin;
mod derive;
pub mod diff;
pub mod file;
pub mod mapping;
pub mod select;
pub mod window;

pub use derive::{Derivation, variable};

use std::fmt;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::grib::grid::{Definition, Grid};
use crate::grib::malformed::Malformed;
use crate::identity::Key;
use crate::index::Dialect;
use crate::template::window::Window;
use crate::time::{Run, Step};

/// The structure of one source in one era.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    /// Catalogue id of the source.
    pub source: String,
    /// Id of the catalogue's era.
    pub era: String,
    /// Which words the rows' keys are in.
    pub dialect: Dialect,
    /// The run that it was built from; `None` for one that was derived from an inventory.
    pub run: Option<Run>,
    /// The grids that rows refer to.
    pub grids: Vec<TemplateGrid>,
    /// One row for each kind of message.
    pub rows: Vec<Row>,
}

impl Template {
    /// The number of a grid, which is added where it is new.
    fn grid(&mut self, grid: &TemplateGrid) -> usize {
        match self.grids.iter().position(|known| known == grid) {
            Some(at) => at,
            None => {
                self.grids.push(grid.clone());
                self.grids.len() - 1
            }
        }
    }
}

/// A grid, as a message defines it.
#[derive(Clone, Debug, PartialEq)]
pub struct TemplateGrid {
    octets: Bytes,
    grid: Grid,
}

impl TemplateGrid {
    /// The grid of a whole section 3, its five opening octets included.
    ///
    /// # Errors
    /// [`Malformed`] where these octets are none.
    pub fn parse(octets: Bytes) -> Result<Self, Malformed> {
        let grid = Grid::parse(&octets)?;
        Ok(Self { octets, grid })
    }

    /// The grid, typed.
    pub fn grid(&self) -> &Grid {
        &self.grid
    }

    /// Section 3.
    pub fn octets(&self) -> &Bytes {
        &self.octets
    }
}

/// `1440 x 721 points from 90, 0 by 0.25, 0.25 (template 3.0)`.
impl fmt::Display for TemplateGrid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.grid.size() {
            Some((x, y)) => write!(f, "{x} x {y} points")?,
            None => write!(f, "{} points", self.grid.points)?,
        }
        if let Definition::LatLon(grid) = &self.grid.definition {
            let (latitude, longitude) = (
                grid.degrees(grid.first_latitude),
                grid.degrees(grid.first_longitude),
            );
            let (i, j) = (
                grid.unit.degrees(grid.i_increment),
                grid.unit.degrees(grid.j_increment),
            );
            write!(f, " from {latitude}, {longitude} by {i}, {j}")?;
        }
        write!(f, " (template 3.{})", self.grid.template)
    }
}

/// One kind of message: how the index names it, and what it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Its key in the index, as [`kind_of`](crate::listing::kind_of) gives it.
    pub key: Key<'static>,
    /// The catalogue's stream whose files hold it.
    pub stream: String,
    /// How the index writes parameter and level: `TMP:2 m above ground`, `u:pl:850`.
    pub label: String,
    /// A line of an index that has this key, without run, member and place.
    pub example: String,
    /// First and last step at which the row holds.
    pub steps: (Step, Step),
    /// The variable.
    pub variable: Variable,
    /// The level's value and bounds in the unit of its type, as ecCodes' `level`; `None` where the type has none.
    pub level: Option<Level>,
    /// How the window of time moves with the step; `None` where no rule is known.
    pub window: Option<Window>,
    /// Index into [`Template::grids`].
    pub grid: usize,
    /// Number of the data representation template, code table 5.0, where a message was seen.
    pub packing: Option<u16>,
    /// Whether it may be missing: the sources of an inventory do not agree on it.
    pub disputed: bool,
    /// How the row is known.
    pub evidence: Evidence,
}

impl Row {
    /// The group that its messages are in: `{varname}/{stepType}/{typeOfLevel}`.
    pub fn path(&self) -> String {
        self.variable.path()
    }
}

impl Variable {
    /// `{varname}/{stepType}/{typeOfLevel}`.
    pub fn path(&self) -> String {
        format!(
            "{}/{}/{}",
            self.var_name, self.step_type, self.type_of_level
        )
    }
}

/// What ecCodes calls a kind of message.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Variable {
    /// `cfVarName`, or `shortName` where that is undefined: the name of the array.
    pub var_name: String,
    /// `shortName`.
    pub short_name: String,
    /// `paramId`; `None` where ecCodes has none.
    pub param_id: Option<u32>,
    /// `name`.
    pub name: String,
    /// `units`.
    pub units: String,
    /// `cfName`, the CF standard name, where there is one.
    pub standard_name: Option<String>,
    /// `stepType`.
    pub step_type: String,
    /// `typeOfLevel`.
    pub type_of_level: String,
}

/// A level's value, and its bounds where it is a layer.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Level {
    /// ecCodes' `level`.
    pub value: f64,
    /// ecCodes' `topLevel` and `bottomLevel` of a layer.
    pub bounds: Option<(f64, f64)>,
}

/// How a row is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Evidence {
    /// From the index text and tables; no message was read.
    Derived,
    /// Seen in the header of a message.
    Header,
}
