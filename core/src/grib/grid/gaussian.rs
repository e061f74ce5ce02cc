//! Template 3.40: Gaussian grids, whose latitudes are the roots of a Legendre polynomial.

use std::f64::consts::PI;

use super::GridError;
use super::coordinates::{Coordinates, count};
use super::template::Gaussian;

/// The most parallels between a pole and the equator; finding the roots takes time with the square of them.
const PARALLELS: u32 = 8192;

/// How far longitudes in a message may be from what they stand for, in degrees.
const ROUNDED: f64 = 2e-6;

/// Latitudes nearer than this are the same, for messages round them to 10^-6 degree or less.
const CLOSE: f64 = 1e-3;

const TOO_MANY_ROWS: GridError = GridError::Projection {
    what: "there are more rows than Gaussian latitudes",
};

/// Latitudes of a regular grid's rows.
pub(super) fn parallels(grid: &Gaussian, rows: usize) -> Result<Vec<f64>, GridError> {
    let all = Latitudes::of(grid)?;
    let start = all.first(grid)?;
    if rows > all.count {
        return Err(TOO_MANY_ROWS);
    }
    let northward = grid.scan.j_positive();
    let rows = (0..rows).map(|row| {
        let index = if northward {
            start + all.count - row
        } else {
            start + row
        };
        all.latitude(index % all.count)
    });
    Ok(rows.collect())
}

/// Points of a reduced grid, whose rows have as many points as `rows` says.
pub(super) fn reduced(
    grid: &Gaussian,
    list: &[u32],
    rows: &[usize],
) -> Result<Coordinates, GridError> {
    let all = Latitudes::of(grid)?;
    let start = all.first(grid)?;
    if start + rows.len() > all.count {
        return Err(TOO_MANY_ROWS);
    }
    let points = rows.iter().sum();
    let (mut latitudes, mut longitudes) = (Vec::with_capacity(points), Vec::with_capacity(points));
    for ((index, &columns), &circle) in rows.iter().enumerate().zip(list) {
        let latitude = all.latitude(start + index);
        let (west, _) = row(grid, circle);
        for column in 0..columns {
            latitudes.push(latitude);
            longitudes.push((west + count(column)) * 360.0 / f64::from(circle));
        }
    }
    Ok(Coordinates::Points {
        latitudes,
        longitudes,
    })
}

/// Points of each row of a part of the globe: those of the full circles in `list` that are between the first and the
/// last longitude.
pub(super) fn rows(grid: &Gaussian, list: &[u32]) -> Vec<usize> {
    list.iter().map(|&circle| row(grid, circle).1).collect()
}

/// Number of the first point of a circle's part, counted from the meridian of Greenwich, and how many there are.
fn row(grid: &Gaussian, circle: u32) -> (f64, usize) {
    let first = grid.degrees(grid.first_longitude).rem_euclid(360.0);
    let mut last = grid.degrees(grid.last_longitude).rem_euclid(360.0);
    if last < first {
        last += 360.0;
    }
    // Messages round longitudes to 10^-6 degree.
    let per_degree = f64::from(circle) / 360.0;
    let west = ((first - ROUNDED) * per_degree).ceil();
    let east = ((last + ROUNDED) * per_degree).floor();
    let points = (east - west + 1.0).clamp(0.0, f64::from(circle));
    #[expect(
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a whole number from 0 to 2^32"
    )]
    let points = points as usize;
    (west, points)
}

/// All Gaussian latitudes from north to south.
struct Latitudes {
    /// How many they are; the degree of the Legendre polynomial.
    count: usize,
}

impl Latitudes {
    fn of(grid: &Gaussian) -> Result<Self, GridError> {
        let parallels = grid.parallels;
        if !(1..=PARALLELS).contains(&parallels) {
            return Err(GridError::Parallels { parallels });
        }
        let count = 2 * usize::try_from(parallels).unwrap_or_default();
        Ok(Self { count })
    }

    /// Which of them is the latitude of the first point.
    fn first(&self, grid: &Gaussian) -> Result<usize, GridError> {
        let latitude = grid.degrees(grid.first_latitude);
        // They are almost evenly spaced: the next to the guess are enough to look at.
        let near = |index: &usize| {
            let guess = self.guess(*index).to_degrees();
            let space = 180.0 / count(self.count);
            (90.0 - guess - latitude).abs() < 2.0 * space
                && (self.latitude(*index) - latitude).abs() < CLOSE
        };
        (0..self.count).find(near).ok_or(GridError::Projection {
            what: "the first latitude is not Gaussian",
        })
    }

    /// About how far latitude number `index` is from the north pole, in radians.
    fn guess(&self, index: usize) -> f64 {
        PI * (count(index) + 0.75) / (count(self.count) + 0.5)
    }

    /// Latitude number `index` in degrees.
    fn latitude(&self, index: usize) -> f64 {
        // The southern ones mirror the northern ones to the last bit.
        let mirrored = self.count - 1 - index;
        if mirrored < index {
            return -self.root(mirrored);
        }
        self.root(index)
    }

    /// The root of the Legendre polynomial nearest to the guess, by Newton's method.
    fn root(&self, index: usize) -> f64 {
        let n = count(self.count);
        let mut x = self.guess(index).cos();
        for _ in 0..10 {
            let (mut before, mut value) = (1.0, x);
            for k in 2..=self.count {
                let k = count(k);
                let next = ((2.0 * k - 1.0) * x * value - (k - 1.0) * before) / k;
                before = value;
                value = next;
            }
            let slope = n * (x * value - before) / (x * x - 1.0);
            let step = value / slope;
            x -= step;
            if step.abs() < 1e-15 {
                break;
            }
        }
        x.asin().to_degrees()
    }
}
