//! Template 3.40: Gaussian grids, whose latitudes are the roots of a Legendre polynomial.

use std::f64::consts::PI;

use super::GridError;
use super::coordinates::{Coordinates, count};
use super::template::Gaussian;

/// The most parallels between a pole and the equator; finding the roots takes time with the square of them.
const PARALLELS: u32 = 8192;

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

/// Points of a reduced grid: each row begins at the first longitude, as far as it reaches.
pub(super) fn reduced(grid: &Gaussian, rows: &[usize]) -> Result<Coordinates, GridError> {
    let all = latitudes(grid)?;
    let start = first(grid, &all)?;
    let longest = rows.iter().copied().max().unwrap_or(1).max(1);
    let span = span(grid);
    // All around the globe but for one step of the longest row.
    let around = span + 1.5 * 360.0 / count(longest) > 360.0;
    let count_of = rows.iter().sum();
    let (mut latitudes, mut longitudes) =
        (Vec::with_capacity(count_of), Vec::with_capacity(count_of));
    for (index, &columns) in rows.iter().enumerate() {
        let latitude = all
            .get(start + index)
            .copied()
            .ok_or(GridError::Projection {
                what: "there are more rows than Gaussian latitudes",
            })?;
        if !around {
            return Err(GridError::Projection {
                what: "parts of reduced Gaussian grids are not placed",
            });
        }
        for column in 0..columns {
            latitudes.push(latitude);
            longitudes.push(count(column) * 360.0 / count(columns));
        }
    }
    Ok(Coordinates::Points {
        latitudes,
        longitudes,
    })
}

fn span(grid: &Gaussian) -> f64 {
    let span = grid.degrees(grid.last_longitude) - grid.degrees(grid.first_longitude);
    if span < 0.0 { span + 360.0 } else { span }
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
