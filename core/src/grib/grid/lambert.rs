//! Template 3.30: Lambert conformal (Snyder 1987, chapter 15).

use std::f64::consts::FRAC_PI_2;

use super::GridError;
use super::coordinates::Coordinates;
use super::plane::{self, Projection, Steps};
use super::template::Lambert;

pub(super) fn points(grid: &Lambert) -> Result<Coordinates, GridError> {
    let axes = plane::axes(&grid.earth)?;
    let e = plane::eccentricity(&axes);
    let (first, second) = (
        plane::radians(grid.first_secant),
        plane::radians(grid.second_secant),
    );
    let t = |latitude| plane::colatitude(e, latitude);
    let n = if (first - second).abs() < 1e-9 {
        first.sin()
    } else {
        let radii = plane::parallel_radius(e, first) / plane::parallel_radius(e, second);
        radii.ln() / (t(first) / t(second)).ln()
    };
    if n == 0.0 || !n.is_finite() {
        return Err(GridError::Projection {
            what: "the cone has no apex",
        });
    }
    let scale = axes.major * plane::parallel_radius(e, first) / (n * t(first).powf(n));
    let projection = Cone {
        eccentricity: e,
        n,
        scale,
        origin: scale * t(plane::radians(grid.true_latitude)).powf(n),
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

struct Cone {
    eccentricity: f64,
    /// Angle on the plane of a radian of longitude.
    n: f64,
    /// Major axis times Snyder's F.
    scale: f64,
    /// Distance of the plane's origin from the apex.
    origin: f64,
    /// Longitude of the y axis.
    meridian: f64,
}

impl Projection for Cone {
    fn forward(&self, latitude: f64, longitude: f64) -> Option<(f64, f64)> {
        let at_pole = FRAC_PI_2 - latitude.abs() <= 1e-10;
        if at_pole && latitude * self.n <= 0.0 {
            return None;
        }
        let distance = if at_pole {
            0.0
        } else {
            self.scale * plane::colatitude(self.eccentricity, latitude).powf(self.n)
        };
        let (sin, cos) = (self.n * plane::half_turn(longitude - self.meridian)).sin_cos();
        Some((distance * sin, self.origin - distance * cos))
    }

    fn inverse(&self, x: f64, y: f64) -> (f64, f64) {
        let sign = self.n.signum();
        let (x, y) = (sign * x, sign * (self.origin - y));
        let distance = sign * x.hypot(y);
        if distance == 0.0 {
            return (sign * FRAC_PI_2, self.meridian);
        }
        let t = (distance / self.scale).powf(1.0 / self.n);
        let longitude = plane::half_turn(x.atan2(y) / self.n + self.meridian);
        (plane::latitude(self.eccentricity, t), longitude)
    }
}
