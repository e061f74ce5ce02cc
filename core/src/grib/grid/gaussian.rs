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

/// Latitudes of a regular grid's rows.
pub(super) fn parallels(grid: &Gaussian, rows: usize) -> Result<Vec<f64>, GridError> {
    let all = latitudes(grid)?;
    let start = first(grid, &all)?;
    let northward = grid.scan.j_positive();
    let rows = (0..rows).map(|row| {
        let row = row % all.len();
        let index = if northward {
            (start + all.len() - row) % all.len()
        } else {
            (start + row) % all.len()
        };
        all.get(index).copied().unwrap_or(f64::NAN)
    });
    Ok(rows.collect())
}

/// Points of a reduced grid, whose rows have as many points as `rows` says.
pub(super) fn reduced(
    grid: &Gaussian,
    list: &[u32],
    rows: &[usize],
) -> Result<Coordinates, GridError> {
    let all = latitudes(grid)?;
    let start = first(grid, &all)?;
    let points = rows.iter().sum();
    let (mut latitudes, mut longitudes) = (Vec::with_capacity(points), Vec::with_capacity(points));
    for ((index, &columns), &circle) in rows.iter().enumerate().zip(list) {
        let latitude = all
            .get(start + index)
            .copied()
            .ok_or(GridError::Projection {
                what: "there are more rows than Gaussian latitudes",
            })?;
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

/// Which of all latitudes is that of the first point.
fn first(grid: &Gaussian, all: &[f64]) -> Result<usize, GridError> {
    let latitude = grid.degrees(grid.first_latitude);
    let near = |candidate: &f64| (candidate - latitude).abs() < CLOSE;
    all.iter().position(near).ok_or(GridError::Projection {
        what: "the first latitude is not Gaussian",
    })
}

/// All Gaussian latitudes from north to south, in degrees.
fn latitudes(grid: &Gaussian) -> Result<Vec<f64>, GridError> {
    let parallels = grid.parallels;
    if !(1..=PARALLELS).contains(&parallels) {
        return Err(GridError::Parallels { parallels });
    }
    let half = usize::try_from(parallels).unwrap_or_default();
    let degree = 2 * half;
    let northern: Vec<f64> = (0..half).map(|index| root(degree, index)).collect();
    let southern = northern.iter().rev().map(|latitude| -latitude);
    Ok(northern.iter().copied().chain(southern).collect())
}

/// The latitude in degrees of the root number `index` of the Legendre polynomial, from the north pole on, by Newton's
/// method.
fn root(degree: usize, index: usize) -> f64 {
    let n = count(degree);
    let mut x = (PI * (count(index) + 0.75) / (n + 0.5)).cos();
    for _ in 0..10 {
        let (mut before, mut value) = (1.0, x);
        for k in 2..=degree {
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
