//! Template 3.10: Mercator (Snyder 1987, chapter 7).

use std::f64::consts::FRAC_PI_2;

use super::GridError;
use super::coordinates::Coordinates;
use super::plane::{self, Projection, Steps};
use super::template::Mercator;

pub(super) fn points(grid: &Mercator) -> Result<Coordinates, GridError> {
    let axes = plane::axes(&grid.earth)?;
    let eccentricity = plane::eccentricity(&axes);
    let true_latitude = plane::radians(grid.true_latitude);
    let projection = Cylinder {
        eccentricity,
        radius: axes.major * plane::parallel_radius(eccentricity, true_latitude),
        orientation: (f64::from(grid.orientation) / 1e6).to_radians(),
    };
    let steps = Steps {
        columns: grid.ni,
        rows: grid.nj,
        lengths: (grid.i_length, grid.j_length),
        first: (grid.first_latitude, grid.first_longitude),
        scan: grid.scan,
    };
    plane::place(&projection, &steps)
}

struct Cylinder {
    eccentricity: f64,
    /// Radius of the parallel where lengths are true.
    radius: f64,
    orientation: f64,
}

impl Projection for Cylinder {
    fn forward(&self, latitude: f64, longitude: f64) -> Option<(f64, f64)> {
        if FRAC_PI_2 - latitude.abs() <= 1e-10 {
            return None;
        }
        let x = self.radius * plane::half_turn(longitude - self.orientation);
        let t = plane::colatitude(self.eccentricity, latitude);
        Some((x, -self.radius * t.ln()))
    }

    fn inverse(&self, x: f64, y: f64) -> (f64, f64) {
        let t = (-y / self.radius).exp();
        let longitude = plane::half_turn(self.orientation + x / self.radius);
        (plane::latitude(self.eccentricity, t), longitude)
    }
}
