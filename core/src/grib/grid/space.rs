//! Template 3.90: space view (CGMS 03, LRIT/HRIT global specification, section 4.4.3.2).

use super::GridError;
use super::coordinates::{Coordinates, count, points as place, within_circle};
use super::plane;
use super::template::SpaceView;

/// The points of the image; those that look past the earth are NaN.
pub(super) fn points(grid: &SpaceView) -> Result<Coordinates, GridError> {
    let wrong = |what| Err(GridError::Projection { what });
    if grid.satellite_latitude != 0 {
        return wrong("the satellite is not above the equator");
    }
    if grid.altitude == u32::MAX {
        return wrong("the view is orthographic");
    }
    if grid.altitude <= 1_000_000 || grid.x_diameter == 0 || grid.y_diameter == 0 {
        return wrong("the camera is inside of the earth");
    }
    let axes = plane::axes(&grid.earth)?;
    let altitude = f64::from(grid.altitude) / 1e6;
    let view = View {
        height: altitude * axes.major,
        major: axes.major,
        squeeze: (axes.major / axes.minor).powi(2),
        longitude: plane::radians(grid.satellite_longitude).to_degrees(),
    };
    let diameter = 2.0 * (1.0 / altitude).asin();
    let x_step = diameter / f64::from(grid.x_diameter);
    let y_step = axes.minor / axes.major * diameter / f64::from(grid.y_diameter);
    // Places are counted in the directions in which points are listed.
    let angles = |points: u32, satellite: u32, origin: u32, step: f64, backward: bool| {
        let middle = f64::from(satellite) / 1000.0 - f64::from(origin);
        let step = if backward { -step } else { step };
        let points = 0..usize::try_from(points).unwrap_or(usize::MAX);
        points
            .map(|point| (count(point) - middle) * step)
            .collect::<Vec<_>>()
    };
    let scan = grid.scan;
    let xs = angles(
        grid.nx,
        grid.x_satellite,
        grid.x_origin,
        x_step,
        scan.i_negative(),
    );
    let ys = angles(
        grid.ny,
        grid.y_satellite,
        grid.y_origin,
        y_step,
        !scan.j_positive(),
    );
    Ok(place(&ys, &xs, |y, x| view.look(x, y)))
}

struct View {
    /// Distance of the camera from the earth's centre.
    height: f64,
    major: f64,
    /// Square of the ratio of the earth's axes.
    squeeze: f64,
    /// Longitude below the camera, in degrees.
    longitude: f64,
}

impl View {
    /// What is seen to the right by the angle `x` and above by the angle `y`, in degrees.
    fn look(&self, x: f64, y: f64) -> (f64, f64) {
        let (sin_x, sin_y) = (x.sin(), y.sin());
        let (cos_x, cos_y) = ((1.0 - sin_x * sin_x).sqrt(), (1.0 - sin_y * sin_y).sqrt());
        let stretch = 1.0 + (self.squeeze - 1.0) * sin_y * sin_y;
        let towards = self.height * cos_x * cos_y;
        let root =
            towards * towards - stretch * (self.height * self.height - self.major * self.major);
        if root <= 0.0 {
            return (f64::NAN, f64::NAN);
        }
        let distance = (towards - root.sqrt()) / stretch;
        let ahead = self.height - distance * cos_x * cos_y;
        let right = distance * sin_x * cos_y;
        let up = distance * sin_y;
        let latitude = (self.squeeze * up / ahead.hypot(right)).atan();
        let longitude = (right / ahead).atan().to_degrees() + self.longitude;
        (latitude.to_degrees(), within_circle(longitude))
    }
}
