//! What the projected grids share: a plane of equal steps, whose first point is given in degrees.

use std::f64::consts::{FRAC_PI_2, PI};

use super::GridError;
use super::coordinates::{Coordinates, count, points, within_circle};
use super::earth::{Axes, Earth};
use super::scan::Scan;

/// Differences of an angle below which an iteration has arrived.
const CLOSE: f64 = 1e-10;

/// A projection of the earth on a plane, in metres and radians.
pub(super) trait Projection {
    /// Where a latitude and longitude lie on the plane; `None` where the projection has no such place.
    fn forward(&self, latitude: f64, longitude: f64) -> Option<(f64, f64)>;
    /// Latitude and longitude of a place on the plane.
    fn inverse(&self, x: f64, y: f64) -> (f64, f64);
}

/// The steps of a grid on the plane.
pub(super) struct Steps {
    pub(super) columns: u32,
    pub(super) rows: u32,
    /// Length of a step along x and along y, in units of 10^-3 metre.
    pub(super) lengths: (u32, u32),
    /// Latitude and longitude of the first point, in units of 10^-6 degree.
    pub(super) first: (i32, i32),
    pub(super) scan: Scan,
}

/// Coordinates of a grid's points, longitudes from 0 to 360.
pub(super) fn place(projection: &impl Projection, steps: &Steps) -> Result<Coordinates, GridError> {
    let first = (radians(steps.first.0), radians(steps.first.1));
    let (x, y) = projection
        .forward(first.0, first.1)
        .ok_or(GridError::Projection {
            what: "the first point cannot be projected",
        })?;
    let offsets = |from: f64, length: u32, count_of: u32, backward: bool| -> Vec<f64> {
        let length = f64::from(length) / 1000.0;
        let step = if backward { -length } else { length };
        (0..usize::try_from(count_of).unwrap_or(usize::MAX))
            .map(|index| from + count(index) * step)
            .collect()
    };
    let xs = offsets(x, steps.lengths.0, steps.columns, steps.scan.i_negative());
    let ys = offsets(y, steps.lengths.1, steps.rows, !steps.scan.j_positive());
    Ok(points(&ys, &xs, |y, x| {
        let (latitude, longitude) = projection.inverse(x, y);
        (latitude.to_degrees(), within_circle(longitude.to_degrees()))
    }))
}

/// The axes of the earth.
pub(super) fn axes(earth: &Earth) -> Result<Axes, GridError> {
    earth.axes().ok_or(GridError::Earth { shape: earth.shape })
}

/// Units of 10^-6 degree to radians.
pub(super) fn radians(angle: i32) -> f64 {
    (f64::from(angle) / 1e6).to_radians()
}

/// Eccentricity of a spheroid; 0 for a sphere.
pub(super) fn eccentricity(axes: &Axes) -> f64 {
    let ratio = axes.minor / axes.major;
    (1.0 - ratio * ratio).sqrt()
}

/// An angle of at most a turn and a half, brought within half a turn.
pub(super) fn half_turn(angle: f64) -> f64 {
    match angle {
        angle if angle > PI => angle - 2.0 * PI,
        angle if angle < -PI => angle + 2.0 * PI,
        angle => angle,
    }
}

/// Snyder's m (equation 14-15): the radius of a parallel divided by the major axis.
pub(super) fn parallel_radius(eccentricity: f64, latitude: f64) -> f64 {
    let (sin, cos) = latitude.sin_cos();
    cos / (1.0 - (eccentricity * sin).powi(2)).sqrt()
}

/// Snyder's t (equation 15-9).
pub(super) fn colatitude(eccentricity: f64, latitude: f64) -> f64 {
    let sin = eccentricity * latitude.sin();
    let squeeze = ((1.0 - sin) / (1.0 + sin)).powf(eccentricity / 2.0);
    (0.5 * (FRAC_PI_2 - latitude)).tan() / squeeze
}

/// The latitude of a [`colatitude`] (equation 7-9, which is its own next approximation).
pub(super) fn latitude(eccentricity: f64, colatitude: f64) -> f64 {
    let mut latitude = FRAC_PI_2 - 2.0 * colatitude.atan();
    for _ in 0..16 {
        let sin = eccentricity * latitude.sin();
        let squeeze = ((1.0 - sin) / (1.0 + sin)).powf(eccentricity / 2.0);
        let next = FRAC_PI_2 - 2.0 * (colatitude * squeeze).atan();
        let moved = (next - latitude).abs();
        latitude = next;
        if moved <= CLOSE {
            break;
        }
    }
    latitude
}
