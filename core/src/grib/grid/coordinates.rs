//! Latitudes and longitudes of a grid's points, as ecCodes computes them.

use super::scan::Scan;
use super::template::{LatLon, RotatedLatLon};
use super::{Definition, Grid, GridError, Shape, gaussian, lambert, mercator, polar, space};

/// The most points that are placed: what a section 3 alone states is no reason to allocate more.
const POINTS: u32 = 1 << 27;

/// Where the points of a grid are, in degrees, in the order of [`Field`](crate::grib::field::Field)'s rows.
#[derive(Clone, Debug, PartialEq)]
pub enum Coordinates {
    /// Each row is a parallel and each column a meridian.
    ///
    /// The values are those of ecCodes' `distinctLatitudes` and `distinctLongitudes`, in the order of the rows and
    /// columns.
    Axes {
        /// Latitude of each row.
        latitudes: Vec<f64>,
        /// Longitude of each column.
        longitudes: Vec<f64>,
    },
    /// Each point has its own.
    Points {
        /// Latitude of each point.
        latitudes: Vec<f64>,
        /// Longitude of each point.
        longitudes: Vec<f64>,
    },
}

impl Grid {
    /// Where the points are.
    ///
    /// # Errors
    /// The numbers of section 3 contradict each other, the points are more than 2^27, or there is no rule for the
    /// grid's template.
    pub fn coordinates(&self) -> Result<Coordinates, GridError> {
        let shape = self.shape()?;
        if self.points > POINTS {
            return Err(GridError::TooManyPoints {
                points: self.points,
            });
        }
        match (&self.definition, &shape) {
            (Definition::LatLon(grid), Shape::Rows { rows, columns }) => Ok(Coordinates::Axes {
                latitudes: parallels(grid, *rows)?,
                longitudes: meridians(&Meridians::of(grid), *columns),
            }),
            (Definition::LatLon(grid), Shape::Reduced { rows }) => reduced(grid, rows),
            (Definition::RotatedLatLon(grid), Shape::Rows { rows, columns }) => {
                rotated(grid, *rows, *columns)
            }
            (Definition::Gaussian(grid), Shape::Rows { rows, columns }) => Ok(Coordinates::Axes {
                latitudes: gaussian::parallels(grid, *rows)?,
                longitudes: meridians(&Meridians::of_gaussian(grid), *columns),
            }),
            (Definition::Gaussian(grid), Shape::Reduced { rows }) => {
                gaussian::reduced(grid, &self.list, rows)
            }
            (Definition::Mercator(grid), Shape::Rows { .. }) => mercator::points(grid),
            (Definition::PolarStereographic(grid), Shape::Rows { .. }) => polar::points(grid),
            (Definition::Lambert(grid), Shape::Rows { .. }) => lambert::points(grid),
            (Definition::SpaceView(grid), Shape::Rows { .. }) => space::points(grid),
            _ => Err(GridError::NoCoordinates {
                template: self.template,
            }),
        }
    }
}

/// What places the columns of a grid.
pub(super) struct Meridians {
    pub(super) first: f64,
    pub(super) last: f64,
    pub(super) scan: Scan,
}

impl Meridians {
    fn of(grid: &LatLon) -> Self {
        Self {
            first: grid.degrees(grid.first_longitude),
            last: grid.degrees(grid.last_longitude),
            scan: grid.scan,
        }
    }

    fn of_gaussian(grid: &super::template::Gaussian) -> Self {
        Self {
            first: grid.degrees(grid.first_longitude),
            last: grid.degrees(grid.last_longitude),
            scan: grid.scan,
        }
    }
}

/// Longitudes of the columns. The step follows from the first and the last, which may lie all around the globe; what
/// would end past 360 begins below 0, as ECMWF's 180 to 179.75 do.
fn meridians(grid: &Meridians, columns: usize) -> Vec<f64> {
    let steps = count(columns.saturating_sub(1));
    let westward = grid.scan.i_negative();
    let (mut longitude, last) = (grid.first, grid.last);
    let span = match westward {
        true if longitude > last => longitude - last,
        true => longitude + 360.0 - last,
        false if last > longitude => last - longitude,
        false => last + 360.0 - longitude,
    };
    let mut step = if columns > 1 { span / steps } else { 0.0 };
    if westward {
        step = -step;
    } else if longitude + (steps - 1.0) * step > 360.0 {
        longitude -= 360.0;
    }
    let mut longitudes = Vec::with_capacity(columns);
    for _ in 0..columns {
        longitudes.push(longitude);
        longitude += step;
    }
    // Rounding adds up over the columns; the last is known.
    if let Some(end) = longitudes.last_mut() {
        *end = if last > 0.0 {
            within_circle(last)
        } else {
            last
        };
    }
    longitudes
}

/// Latitudes of the rows: from the first by the increment, if the message gives one.
fn parallels(grid: &LatLon, rows: usize) -> Result<Vec<f64>, GridError> {
    let (mut latitude, last) = (
        grid.degrees(grid.first_latitude),
        grid.degrees(grid.last_latitude),
    );
    let northward = grid.scan.j_positive();
    if rows > 1 && (northward && latitude > last || !northward && latitude < last) {
        return Err(GridError::Latitudes {
            first: grid.first_latitude,
            last: grid.last_latitude,
        });
    }
    let given = grid.resolution & 0x10 != 0 && grid.j_increment != u32::MAX;
    let step = match rows {
        _ if given => grid.unit.degrees(grid.j_increment),
        0..=1 => 0.0,
        _ => (last - latitude).abs() / count(rows - 1),
    };
    let step = if northward { step } else { -step };
    let mut latitudes = Vec::with_capacity(rows);
    for _ in 0..rows {
        latitudes.push(latitude);
        latitude += step;
    }
    if let Some(end) = latitudes.last_mut() {
        *end = last;
    }
    Ok(latitudes)
}

/// A latitude/longitude grid whose rows have as many points each as the section's list says.
fn reduced(grid: &LatLon, rows: &[usize]) -> Result<Coordinates, GridError> {
    let (first, last) = (
        grid.degrees(grid.first_longitude),
        grid.degrees(grid.last_longitude),
    );
    let longest = rows.iter().copied().max().unwrap_or(1);
    let global = 360.0 - (last - first).abs() < 2.0 * 360.0 / count(longest);
    let span = match global {
        true => 360.0,
        false if last < first => last + 360.0 - first,
        false => last - first,
    };
    let parallels = parallels_by_step(grid, rows.len());
    let points = rows.iter().sum();
    let (mut latitudes, mut longitudes) = (Vec::with_capacity(points), Vec::with_capacity(points));
    for (&columns, latitude) in rows.iter().zip(parallels) {
        let steps = if global {
            columns
        } else {
            columns.saturating_sub(1)
        };
        let step = span / count(steps.max(1));
        let mut longitude = first;
        for _ in 0..columns {
            latitudes.push(latitude);
            longitudes.push(longitude);
            longitude += step;
        }
    }
    Ok(Coordinates::Points {
        latitudes,
        longitudes,
    })
}

/// Latitudes of a reduced grid's rows, whose last is not set right.
fn parallels_by_step(grid: &LatLon, rows: usize) -> impl Iterator<Item = f64> {
    let (first, last) = (
        grid.degrees(grid.first_latitude),
        grid.degrees(grid.last_latitude),
    );
    let given = grid.resolution & 0x10 != 0 && grid.j_increment != u32::MAX;
    let step = match rows {
        _ if given => grid.unit.degrees(grid.j_increment),
        0..=1 => 0.0,
        _ => (last - first).abs() / count(rows - 1),
    };
    let step = if first > last { -step } else { step };
    let mut next = first;
    std::iter::repeat_with(move || {
        let latitude = next;
        next += step;
        latitude
    })
}

fn rotated(grid: &RotatedLatLon, rows: usize, columns: usize) -> Result<Coordinates, GridError> {
    let unrotated = &grid.unrotated;
    let parallels = parallels(unrotated, rows)?;
    let meridians = meridians(&Meridians::of(unrotated), columns);
    let pole = Rotation::new(
        unrotated.degrees(grid.pole_latitude),
        unrotated.degrees(grid.pole_longitude),
        f64::from(grid.angle),
    );
    Ok(points(&parallels, &meridians, |latitude, longitude| {
        pole.undo(latitude, longitude)
    }))
}

/// A rotation of the sphere that puts the south pole elsewhere.
struct Rotation {
    sin_tilt: f64,
    cos_tilt: f64,
    sin_turn: f64,
    cos_turn: f64,
    angle: f64,
}

impl Rotation {
    fn new(pole_latitude: f64, pole_longitude: f64, angle: f64) -> Self {
        let (sin_tilt, cos_tilt) = (-(90.0 + pole_latitude)).to_radians().sin_cos();
        let (sin_turn, cos_turn) = (-pole_longitude).to_radians().sin_cos();
        Self {
            sin_tilt,
            cos_tilt,
            sin_turn,
            cos_turn,
            angle,
        }
    }

    /// The place on the earth of a place on the rotated grid.
    fn undo(&self, latitude: f64, longitude: f64) -> (f64, f64) {
        let (sin_latitude, cos_latitude) = latitude.to_radians().sin_cos();
        let (sin_longitude, cos_longitude) = longitude.to_radians().sin_cos();
        let (xd, yd, zd) = (
            cos_longitude * cos_latitude,
            sin_longitude * cos_latitude,
            sin_latitude,
        );
        let tilted = self.cos_tilt * xd + self.sin_tilt * zd;
        let x = self.cos_turn * tilted + self.sin_turn * yd;
        let y = self.cos_turn * yd - self.sin_turn * tilted;
        let z = (self.cos_tilt * zd - self.sin_tilt * xd).clamp(-1.0, 1.0);
        // ecCodes rounds to 10^-6 degree in single precision, by which its points are up to 10^-5 degree off.
        (z.asin().to_degrees(), y.atan2(x).to_degrees() - self.angle)
    }
}

/// One point for each pair of a row and a column.
pub(super) fn points(
    rows: &[f64],
    columns: &[f64],
    place: impl Fn(f64, f64) -> (f64, f64),
) -> Coordinates {
    let count = rows.len().saturating_mul(columns.len());
    let (mut latitudes, mut longitudes) = (Vec::with_capacity(count), Vec::with_capacity(count));
    for row in rows {
        for column in columns {
            let (latitude, longitude) = place(*row, *column);
            latitudes.push(latitude);
            longitudes.push(longitude);
        }
    }
    Coordinates::Points {
        latitudes,
        longitudes,
    }
}

/// The longitude within 0 and 360.
pub(super) fn within_circle(longitude: f64) -> f64 {
    if (0.0..=360.0).contains(&longitude) {
        longitude
    } else {
        longitude.rem_euclid(360.0)
    }
}

#[expect(
    clippy::as_conversions,
    clippy::cast_precision_loss,
    reason = "points of a row are far below 2^53"
)]
pub(super) fn count(points: usize) -> f64 {
    points as f64
}
