//! Template 3.20: polar stereographic, of a sphere or a spheroid (Snyder 1987, chapter 21).

use std::f64::consts::FRAC_PI_2;

use super::GridError;
use super::coordinates::Coordinates;
use super::plane::{self, Projection, Steps};
use super::template::PolarStereographic;

pub(super) fn points(grid: &PolarStereographic) -> Result<Coordinates, GridError> {
    let axes = plane::axes(&grid.earth)?;
    let e = plane::eccentricity(&axes);
    let true_latitude = plane::radians(grid.true_latitude);
    let sign = if true_latitude < 0.0 { -1.0 } else { 1.0 };
    let absolute = true_latitude.abs();
    let scale = if FRAC_PI_2 - absolute > 1e-10 {
        axes.major * plane::parallel_radius(e, absolute) / plane::colatitude(e, absolute)
    } else {
        2.0 * axes.major / ((1.0 + e).powf(1.0 + e) * (1.0 - e).powf(1.0 - e)).sqrt()
    };
    let projection = Disc {
        eccentricity: e,
        scale,
        sign,
        meridian: plane::radians(grid.orientation),
    };
    let steps = Steps {
        columns: grid.nx,
        rows: grid.ny,
        lengths: (grid.x_length, grid.y_length),
        first: (grid.first_latitude, grid.first_longitude),
        scan: grid.scan,
    };
    plane::place(&projection, &steps)
}

struct Disc {
    eccentricity: f64,
    /// Distance from the pole of a [`plane::colatitude`] of 1.
    scale: f64,
    /// -1 when the pole is the southern one.
    sign: f64,
    /// Longitude of the y axis.
    meridian: f64,
}

impl Projection for Disc {
    fn forward(&self, latitude: f64, longitude: f64) -> Option<(f64, f64)> {
        let distance = self.scale * plane::colatitude(self.eccentricity, self.sign * latitude);
        let (sin, cos) = (self.sign * (longitude - self.meridian)).sin_cos();
        Some((self.sign * distance * sin, -self.sign * distance * cos))
    }

    fn inverse(&self, x: f64, y: f64) -> (f64, f64) {
        let (x, y) = (self.sign * x, self.sign * y);
        let distance = x.hypot(y);
        let latitude = plane::latitude(self.eccentricity, distance / self.scale);
        let turned = if distance == 0.0 { 0.0 } else { x.atan2(-y) };
        (self.sign * latitude, self.sign * turned + self.meridian)
    }
}
