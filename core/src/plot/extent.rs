//! What part of the world a map shows, and its straight projection (plate carrée).

use super::PlotError;

/// Meridians and parallels at the edges of a map.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extent {
    west: f64,
    south: f64,
    east: f64,
    north: f64,
}

impl Extent {
    /// West, south, east and north in degrees; `west < east`, also across 180°: `170,-30,190,-10`.
    ///
    /// # Errors
    /// [`PlotError::Extent`].
    pub fn new([west, south, east, north]: [f64; 4]) -> Result<Self, PlotError> {
        let wide = east - west;
        let longitudes = wide > 0.0 && wide <= 360.0 && west >= -360.0 && east <= 720.0;
        let latitudes = south >= -90.0 && north <= 90.0 && south < north;
        if !longitudes || !latitudes {
            return Err(PlotError::Extent {
                west,
                south,
                east,
                north,
            });
        }
        Ok(Self {
            west,
            south,
            east,
            north,
        })
    }

    /// All that axes cover; the whole world from 180° W where they go around it. `None` for axes of fewer than two points.
    pub fn of(latitudes: &[f64], longitudes: &[f64]) -> Option<Self> {
        let longitudes = super::axis::unwrapped(longitudes)?;
        let (west, east) = edges(&longitudes)?;
        let (south, north) = edges(latitudes)?;
        let (west, east) = match east - west > 359.9 {
            true => (-180.0, 180.0),
            false if west >= 180.0 => (west - 360.0, east - 360.0),
            false => (west, east),
        };
        Self::new([west, south.max(-90.0), east, north.min(90.0)]).ok()
    }

    /// Degrees from west to east.
    pub fn width(&self) -> f64 {
        self.east - self.west
    }

    /// Degrees from south to north.
    pub fn height(&self) -> f64 {
        self.north - self.south
    }

    /// West, south, east, north.
    pub fn edges(&self) -> [f64; 4] {
        [self.west, self.south, self.east, self.north]
    }

    /// Where a point stands: 0, 0 is the north-west corner, 1, 1 the south-east one.
    pub(super) fn project(&self, longitude: f64, latitude: f64) -> (f64, f64) {
        (
            (longitude - self.west) / self.width(),
            (self.north - latitude) / self.height(),
        )
    }

    /// The part of a line that is inside, if any (Liang and Barsky).
    pub(super) fn clip(&self, from: (f64, f64), to: (f64, f64)) -> Option<[(f64, f64); 2]> {
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let (mut start, mut end) = (0.0_f64, 1.0_f64);
        for (step, room) in [
            (-dx, from.0 - self.west),
            (dx, self.east - from.0),
            (-dy, from.1 - self.south),
            (dy, self.north - from.1),
        ] {
            if step == 0.0 {
                if room < 0.0 {
                    return None;
                }
            } else if step < 0.0 {
                start = start.max(room / step);
            } else {
                end = end.min(room / step);
            }
        }
        let at = |part: f64| (from.0 + part * dx, from.1 + part * dy);
        (start <= end).then(|| [at(start), at(end)])
    }
}

/// The outer edges of the cells of an axis, lower and upper.
fn edges(axis: &[f64]) -> Option<(f64, f64)> {
    let (&[first, second, ..], &[.., before, last]) = (axis, axis) else {
        return None;
    };
    let ends = [first - (second - first) / 2.0, last + (last - before) / 2.0];
    let [low, high] = ends;
    Some((low.min(high), low.max(high)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_has_an_order() {
        assert!(Extent::new([19.0, -14.0, 55.0, 25.0]).is_ok());
        assert!(Extent::new([170.0, -30.0, 190.0, -10.0]).is_ok());
        for bad in [
            [55.0, -14.0, 19.0, 25.0],
            [0.0, 5.0, 10.0, 5.0],
            [0.0, -91.0, 10.0, 5.0],
            [-180.0, -90.0, 181.0, 90.0],
            [f64::NAN, 0.0, 1.0, 1.0],
        ] {
            assert!(Extent::new(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn axes_around_the_world_show_it_from_180_west() {
        let latitudes: Vec<f64> = (0..=18).map(|row| 90.0 - f64::from(row) * 10.0).collect();
        let longitudes: Vec<f64> = (0..36).map(|column| f64::from(column) * 10.0).collect();
        let world = Extent::of(&latitudes, &longitudes).unwrap();
        assert_eq!(world.edges(), [-180.0, -90.0, 180.0, 90.0]);
        let west = Extent::of(&[10.0, 11.0], &[350.0, 355.0, 0.0, 5.0]).unwrap();
        assert_eq!(west.edges(), [-12.5, 9.5, 7.5, 11.5]);
        assert_eq!(Extent::of(&[10.0], &[0.0, 1.0]), None);
    }

    #[test]
    fn lines_end_at_the_edge() {
        let extent = Extent::new([0.0, 0.0, 10.0, 10.0]).unwrap();
        let across = extent.clip((-5.0, 5.0), (15.0, 5.0));
        assert_eq!(across, Some([(0.0, 5.0), (10.0, 5.0)]));
        let inside = extent.clip((1.0, 2.0), (3.0, 4.0));
        assert_eq!(inside, Some([(1.0, 2.0), (3.0, 4.0)]));
        assert_eq!(extent.clip((-5.0, 11.0), (15.0, 11.0)), None);
        assert_eq!(extent.clip((-2.0, 9.0), (2.0, 13.0)), None);
        assert_eq!(extent.project(5.0, 7.5), (0.5, 0.25));
    }
}
