//! The horizontal axes of a grid, with kerchunk's attributes.

use bytes::Bytes;
use serde_json::json;

use super::attributes;
use crate::grib::grid::template::LatLon;
use crate::grib::grid::{Coordinates, Definition, Grid, GridError, Shape};
use crate::zarr::Attributes;

/// The horizontal axes of a grid.
#[derive(Clone, Debug, PartialEq)]
pub struct Horizontal {
    /// Points along y and x.
    pub shape: [u64; 2],
    /// Latitudes of the rows and longitudes of the columns in degrees, in the order of the message; `None` on grids whose
    /// coordinates have two dimensions.
    pub axes: Option<(Vec<f64>, Vec<f64>)>,
    /// The axes as chunks hold them.
    pub(super) octets: Option<(Bytes, Bytes)>,
    /// kerchunk's `GRIB_` attributes of the grid.
    pub attributes: Attributes,
}

impl Horizontal {
    /// The axes of a grid; points that are in no rows and columns are one row.
    ///
    /// # Errors
    /// [`GridError`] where the numbers of section 3 contradict each other.
    pub fn of(grid: &Grid) -> Result<Self, GridError> {
        let (rows, columns) = match grid.shape()? {
            Shape::Rows { rows, columns } => (rows, columns),
            Shape::Flat { points } => (1, points),
            Shape::Reduced { rows } => (1, rows.iter().sum()),
        };
        let mut about = attributes([
            ("GRIB_gridType", json!(grid_type(grid))),
            ("GRIB_missingValue", json!(f64::from(f32::MAX))),
            ("GRIB_numberOfPoints", json!(grid.points)),
        ]);
        if let Some((x, y)) = grid.size() {
            about.insert("GRIB_Nx".to_owned(), json!(x));
            about.insert("GRIB_Ny".to_owned(), json!(y));
        }
        if let Some(scan) = grid.scan() {
            about.extend(attributes([
                ("GRIB_iScansNegatively", json!(u8::from(scan.i_negative()))),
                (
                    "GRIB_jPointsAreConsecutive",
                    json!(u8::from(scan.j_consecutive())),
                ),
                ("GRIB_jScansPositively", json!(u8::from(scan.j_positive()))),
            ]));
        }
        if let Definition::LatLon(latlon) = &grid.definition {
            about.extend(corners(latlon));
        }
        let axes = axes(grid);
        let octets = axes.as_ref().map(|(latitudes, longitudes)| {
            let octets = super::coordinates::octets;
            (octets(latitudes), octets(longitudes))
        });
        Ok(Self {
            shape: [super::length(rows), super::length(columns)],
            axes,
            octets,
            attributes: about,
        })
    }

    pub(super) fn dimensions(&self) -> [&'static str; 2] {
        if self.axes.is_some() {
            ["latitude", "longitude"]
        } else {
            ["y", "x"]
        }
    }
}

/// Latitudes of the rows and longitudes of the columns, where each row is a parallel and the codecs return rows in order.
///
/// They return the values as the message lists them: column by column, or every second row backwards, has no axes.
fn axes(grid: &Grid) -> Option<(Vec<f64>, Vec<f64>)> {
    let scan = grid.scan()?;
    if scan.j_consecutive() || scan.alternating() || scan.staggered() {
        return None;
    }
    match grid.coordinates() {
        Ok(Coordinates::Axes {
            latitudes,
            longitudes,
        }) => Some((latitudes, longitudes)),
        Ok(Coordinates::Points { .. }) | Err(_) => None,
    }
}

fn corners(latlon: &LatLon) -> Attributes {
    let increment = |increment: u32| match increment {
        u32::MAX => json!(null),
        increment => json!(latlon.unit.degrees(increment)),
    };
    attributes([
        (
            "GRIB_gridDefinitionDescription",
            json!("Latitude/longitude"),
        ),
        (
            "GRIB_iDirectionIncrementInDegrees",
            increment(latlon.i_increment),
        ),
        (
            "GRIB_jDirectionIncrementInDegrees",
            increment(latlon.j_increment),
        ),
        (
            "GRIB_latitudeOfFirstGridPointInDegrees",
            json!(latlon.degrees(latlon.first_latitude)),
        ),
        (
            "GRIB_latitudeOfLastGridPointInDegrees",
            json!(latlon.degrees(latlon.last_latitude)),
        ),
        (
            "GRIB_longitudeOfFirstGridPointInDegrees",
            json!(latlon.degrees(latlon.first_longitude)),
        ),
        (
            "GRIB_longitudeOfLastGridPointInDegrees",
            json!(latlon.degrees(latlon.last_longitude)),
        ),
    ])
}

/// ecCodes' `gridType`.
fn grid_type(grid: &Grid) -> &'static str {
    let reduced = !grid.list.is_empty();
    match &grid.definition {
        Definition::LatLon(_) if reduced => "reduced_ll",
        Definition::LatLon(_) => "regular_ll",
        Definition::RotatedLatLon(_) => "rotated_ll",
        Definition::Mercator(_) => "mercator",
        Definition::PolarStereographic(_) => "polar_stereographic",
        Definition::Lambert(_) => "lambert",
        Definition::Gaussian(_) if reduced => "reduced_gg",
        Definition::Gaussian(_) => "regular_gg",
        Definition::SpaceView(_) => "space_view",
        Definition::Other => "unknown",
    }
}
