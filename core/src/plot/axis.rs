//! Which point of an axis is nearest to a coordinate.

/// Points of an axis that rise, and whether they did so before.
#[derive(Clone, Debug)]
pub struct Axis {
    rising: Vec<f64>,
    turned: bool,
    /// Degrees after which the axis starts again.
    period: Option<f64>,
}

impl Axis {
    /// `None` where they neither rise nor fall throughout.
    pub fn latitudes(points: &[f64]) -> Option<Self> {
        Self::new(points.to_vec(), None)
    }

    /// As `latitudes`; points may go on from 0 after 360.
    pub fn longitudes(points: &[f64]) -> Option<Self> {
        Self::new(unwrapped(points)?, Some(360.0))
    }

    fn new(mut rising: Vec<f64>, period: Option<f64>) -> Option<Self> {
        let turned = matches!(rising.as_slice(), [first, .., last] if first > last);
        if turned {
            rising.reverse();
        }
        let sorted = rising.windows(2).all(|pair| pair.first() < pair.last());
        let numbers = rising.iter().all(|point| point.is_finite());
        (sorted && numbers && !rising.is_empty()).then_some(Self {
            rising,
            turned,
            period,
        })
    }

    /// The index of the nearest point, in the order that was given; `None` farther away than half a cell.
    pub fn nearest(&self, coordinate: f64) -> Option<usize> {
        let first = *self.rising.first()?;
        let found = match self.period {
            None => self.near(coordinate),
            Some(period) => {
                let at = first + (coordinate - first).rem_euclid(period);
                self.near(at).or_else(|| self.near(at - period))
            }
        }?;
        match self.turned {
            true => Some(self.rising.len() - 1 - found),
            false => Some(found),
        }
    }

    fn near(&self, coordinate: f64) -> Option<usize> {
        let above = self.rising.partition_point(|&point| point < coordinate);
        let at = |index: usize| self.rising.get(index).copied();
        let below = above.checked_sub(1);
        match (below.and_then(at).zip(below), at(above)) {
            (Some((low, below)), Some(high)) => Some(match coordinate - low <= high - coordinate {
                true => below,
                false => above,
            }),
            (Some((last, below)), None) => {
                let half = below
                    .checked_sub(1)
                    .and_then(at)
                    .map_or(0.0, |before| (last - before) / 2.0);
                (coordinate - last <= half).then_some(below)
            }
            (None, Some(first)) => {
                let half = at(1).map_or(0.0, |second| (second - first) / 2.0);
                (first - coordinate <= half).then_some(0)
            }
            (None, None) => None,
        }
    }
}

/// Longitudes without the jump from 360 to 0, or back; `None` where they go around the world more than once.
pub(super) fn unwrapped(points: &[f64]) -> Option<Vec<f64>> {
    let mut unwrapped: Vec<f64> = Vec::with_capacity(points.len());
    for &point in points {
        let near = match unwrapped.last() {
            None => point,
            Some(&last) => last + (point - last + 180.0).rem_euclid(360.0) - 180.0,
        };
        unwrapped.push(near);
    }
    let span = unwrapped.first().zip(unwrapped.last());
    span.is_none_or(|(first, last)| (last - first).abs() <= 360.0)
        .then_some(unwrapped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_point_is_found_up_to_half_a_cell() {
        let falling = Axis::latitudes(&[2.0, 1.0, 0.0]).unwrap();
        assert_eq!(falling.nearest(1.9), Some(0));
        assert_eq!(falling.nearest(2.5), Some(0));
        assert_eq!(falling.nearest(2.6), None);
        assert_eq!(falling.nearest(-0.4), Some(2));
        assert!(Axis::latitudes(&[0.0, 2.0, 1.0]).is_none());
        assert!(Axis::latitudes(&[0.0, f64::NAN]).is_none());
    }

    #[test]
    fn longitudes_go_around() {
        let world: Vec<f64> = (0..360).map(f64::from).collect();
        let world = Axis::longitudes(&world).unwrap();
        assert_eq!(world.nearest(-10.2), Some(350));
        assert_eq!(world.nearest(-0.3), Some(0));
        assert_eq!(world.nearest(359.6), Some(0));
        assert_eq!(world.nearest(359.4), Some(359));
        let across = Axis::longitudes(&[170.0, 175.0, -180.0, -175.0]).unwrap();
        assert_eq!(across.nearest(179.0), Some(2));
        assert_eq!(across.nearest(-174.0), Some(3));
        assert_eq!(across.nearest(0.0), None);
    }
}
