//! Stage 0: the structure of a source's messages, free of dates, members and offsets.
//!
//! A template says which variable, level and window an index line stands for, and on which grid its values lie.
//! Offsets never come from here.

pub mod build;
pub mod mapping;
pub mod select;
pub mod window;

use serde::{Deserialize, Serialize};

use crate::grib::grid::Grid;
use crate::identity::Key;
use crate::template::window::Window;
use crate::time::Step;

/// The structure of one source in one era.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    /// Catalogue id of the source.
    pub source: String,
    /// Start of the catalogue's era.
    pub era: String,
    /// The grids that rows refer to.
    pub grids: Vec<Grid>,
    /// One row for each kind of message.
    pub rows: Vec<Row>,
}

/// One kind of message: how the index names it, and what it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Its key in the index, as [`kind_of`](crate::listing::kind_of) gives it.
    pub key: Key<'static>,
    /// How the index writes parameter and level: `TMP:2 m above ground`, `u:pl:850`.
    pub label: String,
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
    /// How the row is known.
    pub evidence: Evidence,
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
