//! Cuts a box out of a grid whose rows are parallels and whose columns are meridians.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// How far off a point may be that still counts as on the edge, in degrees: coordinates are sums of rounded steps.
const SLACK: f64 = 1e-6;

/// A box in degrees, its edges included. It may lie across 180 or 0 degrees.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "[f64; 4]", into = "[f64; 4]")]
pub struct Bounds {
    west: f64,
    south: f64,
    east: f64,
    north: f64,
}

/// Why a box cannot be cut.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RegionError {
    /// Not four numbers of a box.
    #[error(
        "`{text}` is no region: expected west,south,east,north in degrees, such as 19,-14,55,25"
    )]
    Bounds {
        /// What was found.
        text: String,
    },
    /// No point of the grid is in the box.
    #[error("no point of the grid is in the region {bounds}")]
    Empty {
        /// The box.
        bounds: Bounds,
    },
    /// A grid that has no parallels and meridians as rows and columns.
    #[error(
        "the rows and columns of the grid are no parallels and meridians: no region can be cut"
    )]
    NoAxes,
}

impl Bounds {
    /// A box from its edges.
    ///
    /// # Errors
    /// [`RegionError::Bounds`] where south is not below north, or where it is wider than the globe.
    pub fn new([west, south, east, north]: [f64; 4]) -> Result<Self, RegionError> {
        let bounds = Self {
            west,
            south,
            east: if east < west { east + 360.0 } else { east },
            north,
        };
        let width = bounds.east - bounds.west;
        let fits = (-90.0..=90.0).contains(&south)
            && (-90.0..=90.0).contains(&north)
            && (-360.0..=360.0).contains(&west)
            && south <= north
            && (0.0..=360.0).contains(&width);
        fits.then_some(bounds).ok_or_else(|| RegionError::Bounds {
            text: format!("{west},{south},{east},{north}"),
        })
    }

    /// West, south, east and north.
    pub fn edges(&self) -> [f64; 4] {
        [self.west, self.south, self.east, self.north]
    }

    /// A longitude as it is counted in this box; `None` outside of it.
    fn longitude(&self, longitude: f64) -> Option<f64> {
        let turns = ((longitude - self.west + SLACK) / 360.0).floor();
        let inside = longitude - turns * 360.0;
        (inside <= self.east + SLACK).then_some(inside)
    }

    fn has_latitude(&self, latitude: f64) -> bool {
        (self.south - SLACK..=self.north + SLACK).contains(&latitude)
    }
}

/// `19,-14,55,25`.
impl fmt::Display for Bounds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{},{},{},{}",
            self.west, self.south, self.east, self.north
        )
    }
}

impl FromStr for Bounds {
    type Err = RegionError;

    fn from_str(text: &str) -> Result<Self, RegionError> {
        let numbers = text.split(',').map(|part| part.trim().parse::<f64>());
        let numbers: Vec<f64> =
            numbers
                .collect::<Result<_, _>>()
                .map_err(|_| RegionError::Bounds {
                    text: text.to_owned(),
                })?;
        let edges = numbers.try_into().map_err(|_| RegionError::Bounds {
            text: text.to_owned(),
        })?;
        Self::new(edges)
    }
}

impl TryFrom<[f64; 4]> for Bounds {
    type Error = RegionError;

    fn try_from(edges: [f64; 4]) -> Result<Self, RegionError> {
        Self::new(edges)
    }
}

impl From<Bounds> for [f64; 4] {
    fn from(bounds: Bounds) -> Self {
        bounds.edges()
    }
}

/// The rows and columns of a grid that a box holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Cut {
    /// Rows of the grid.
    pub rows: Range<usize>,
    /// Runs of columns, in the order in which they are put side by side: two where the box lies across the grid's edge.
    pub columns: Vec<Range<usize>>,
    /// Columns of the whole grid.
    pub width: usize,
    /// Latitudes of the rows.
    pub latitudes: Vec<f64>,
    /// Longitudes of the columns, without a jump inside of the box.
    pub longitudes: Vec<f64>,
}

impl Cut {
    /// Cuts a box, or everything, out of a grid with these latitudes of rows and longitudes of columns.
    ///
    /// Rows and columns stay in the order of the grid, whichever way it runs.
    ///
    /// # Errors
    /// [`RegionError::Empty`] where no point is inside.
    pub fn of(
        latitudes: &[f64],
        longitudes: &[f64],
        bounds: Option<Bounds>,
    ) -> Result<Self, RegionError> {
        let width = longitudes.len();
        let Some(bounds) = bounds else {
            return Ok(Self {
                rows: 0..latitudes.len(),
                columns: std::iter::once(0..width).collect(),
                width,
                latitudes: latitudes.to_vec(),
                longitudes: longitudes.to_vec(),
            });
        };
        let inside = |latitude: &f64| bounds.has_latitude(*latitude);
        let first = latitudes.iter().position(inside);
        let last = latitudes.iter().rposition(inside);
        let (Some(first), Some(last)) = (first, last) else {
            return Err(RegionError::Empty { bounds });
        };
        let placed: Vec<Option<f64>> = longitudes.iter().map(|it| bounds.longitude(*it)).collect();
        let eastward = longitudes
            .first()
            .zip(longitudes.get(1))
            .is_none_or(|(a, b)| a < b);
        let columns = runs(&placed, eastward);
        if columns.is_empty() {
            return Err(RegionError::Empty { bounds });
        }
        let longitudes = columns.iter().flat_map(|run| placed.get(run.clone()));
        Ok(Self {
            rows: first..last + 1,
            width,
            latitudes: latitudes.get(first..=last).unwrap_or_default().to_vec(),
            longitudes: longitudes.flatten().flatten().copied().collect(),
            columns,
        })
    }

    /// How many points are inside.
    pub fn points(&self) -> usize {
        self.latitudes.len() * self.longitudes.len()
    }

    /// The points inside of whole rows, which are those of [`Cut::rows`].
    pub fn take(&self, rows: &[f32]) -> Vec<f32> {
        let mut values = Vec::with_capacity(self.points());
        for row in rows.chunks(self.width.max(1)) {
            for run in &self.columns {
                values.extend_from_slice(row.get(run.clone()).unwrap_or_default());
            }
        }
        values
    }
}

/// Runs of columns that are inside and follow each other, from the box's western edge on, or from its eastern one.
///
/// A run ends where the longitude jumps: a globe that is cut at the box's own edge is one run or two, never more.
fn runs(placed: &[Option<f64>], eastward: bool) -> Vec<Range<usize>> {
    let mut runs: Vec<(f64, Range<usize>)> = Vec::new();
    let mut before: Option<f64> = None;
    for (column, longitude) in placed.iter().enumerate() {
        if let Some(longitude) = longitude {
            let follows = before.is_some_and(|before| (before < *longitude) == eastward);
            match runs.last_mut() {
                Some((_, run)) if follows => run.end = column + 1,
                _ => runs.push((*longitude, column..column + 1)),
            }
        }
        before = *longitude;
    }
    runs.sort_by(|(a, _), (b, _)| {
        if eastward {
            a.total_cmp(b)
        } else {
            b.total_cmp(a)
        }
    });
    runs.into_iter().map(|(_, run)| run).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quarter(first: f64, count: u32, step: f64) -> Vec<f64> {
        (0..count).map(|at| first + f64::from(at) * step).collect()
    }

    fn bounds(text: &str) -> Bounds {
        text.parse().unwrap()
    }

    #[test]
    fn east_africa_has_157_rows_and_145_columns_on_both_kinds_of_grids() {
        let latitudes = quarter(90.0, 721, -0.25);
        for first in [-180.0, 0.0] {
            let longitudes = quarter(first, 1440, 0.25);
            let cut = Cut::of(&latitudes, &longitudes, Some(bounds("19,-14,55,25"))).unwrap();
            assert_eq!((cut.latitudes.len(), cut.longitudes.len()), (157, 145));
            assert_eq!((cut.latitudes[0], cut.latitudes[156]), (25.0, -14.0));
            assert_eq!((cut.longitudes[0], cut.longitudes[144]), (19.0, 55.0));
            assert_eq!((cut.rows.clone(), cut.columns.len()), (260..417, 1));
        }
        let upward = quarter(-90.0, 721, 0.25);
        let cut = Cut::of(&upward, &latitudes, Some(bounds("19,-14,55,25"))).unwrap();
        assert_eq!((cut.latitudes[0], cut.rows), (-14.0, 304..461));
    }

    #[test]
    fn a_box_across_the_edge_of_the_grid_is_put_together() {
        let (latitudes, longitudes) = ([1.0, 0.0], [0.0, 90.0, 180.0, 270.0]);
        let cut = Cut::of(&latitudes, &longitudes, Some(bounds("-90,0,0,0"))).unwrap();
        assert_eq!(cut.columns, [3..4, 0..1]);
        assert_eq!(cut.longitudes, [-90.0, 0.0]);
        assert_eq!(cut.take(&[5.0, 6.0, 7.0, 8.0]), [8.0, 5.0]);
        let westward = [270.0, 180.0, 90.0, 0.0];
        let cut = Cut::of(&latitudes, &westward, Some(bounds("-90,0,90,0"))).unwrap();
        assert_eq!(cut.longitudes, [90.0, 0.0, -90.0]);
        assert_eq!(cut.columns, [2..4, 0..1]);
        // From 180 back to itself: no column twice.
        let cut = Cut::of(&latitudes, &longitudes, Some(bounds("-180,0,180,1"))).unwrap();
        assert_eq!(cut.longitudes, [-180.0, -90.0, 0.0, 90.0]);
        assert_eq!(cut.columns, [2..4, 0..2]);
        let cut = Cut::of(&latitudes, &longitudes, Some(bounds("170,0,-170,1"))).unwrap();
        assert_eq!(cut.longitudes, [180.0]);
    }

    #[test]
    fn what_is_no_box_or_holds_nothing_is_an_error() {
        for text in [
            "",
            "1,2,3",
            "0,10,1,-10",
            "a,b,c,d",
            "0,0,400,1",
            "0,-91,1,1",
        ] {
            let error = text.parse::<Bounds>().unwrap_err();
            assert!(matches!(error, RegionError::Bounds { .. }), "{text}");
        }
        let error = Cut::of(&[0.0], &[0.0, 90.0], Some(bounds("10,0,20,0"))).unwrap_err();
        assert!(matches!(error, RegionError::Empty { .. }));
    }
}
