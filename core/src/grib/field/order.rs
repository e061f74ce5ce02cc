//! From the order in which a message lists points to rows.
//!
//! - Rows that run the other way every second time (scanning mode bit 4) are turned.
//! - Points that run along columns (bit 3) are transposed.
//! - Everything else stays: a grid listed from south to north has its southernmost row first.

use std::ops::Range;

use crate::grib::grid::{Grid, GridError, Shape};

/// How a grid's points are listed, and how they are arranged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    shape: Shape,
    alternating: bool,
    columns_first: bool,
}

impl Order {
    /// The order of a grid.
    ///
    /// # Errors
    /// The numbers of section 3 contradict each other.
    pub fn of(grid: &Grid) -> Result<Self, GridError> {
        let shape = grid.shape()?;
        let scan = grid.scan();
        let arranged = !matches!(shape, Shape::Flat { .. });
        Ok(Self {
            shape,
            alternating: arranged && scan.is_some_and(|scan| scan.alternating()),
            columns_first: arranged && scan.is_some_and(|scan| scan.j_consecutive()),
        })
    }

    /// The order when every second row is backwards once more, as a packing may have it.
    pub(super) fn turned(mut self, backwards: bool) -> Self {
        let arranged = !matches!(self.shape, Shape::Flat { .. });
        self.alternating ^= backwards && arranged;
        self
    }

    /// How the points are arranged.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    pub(super) fn into_shape(self) -> Shape {
        self.shape
    }

    /// Puts all points of a grid, listed as in its message, into rows.
    pub fn arrange<T: Copy>(&self, points: &mut [T]) {
        match self.shape {
            Shape::Rows { rows, columns } if self.columns_first => {
                if self.alternating {
                    turn(points, std::iter::repeat(rows), 0);
                }
                let listed = points.to_vec();
                for (row, arranged) in points.chunks_exact_mut(columns.max(1)).enumerate() {
                    let column = listed.iter().skip(row).step_by(rows.max(1));
                    for (to, from) in arranged.iter_mut().zip(column) {
                        *to = *from;
                    }
                }
            }
            _ => self.arrange_rows(0, points),
        }
    }

    /// Puts whole rows, the first of them row `first`, into order; see [`Self::points`].
    pub(super) fn arrange_rows<T>(&self, first: usize, points: &mut [T]) {
        if !self.alternating {
            return;
        }
        match &self.shape {
            Shape::Flat { .. } => {}
            Shape::Rows { columns, .. } => turn(points, std::iter::repeat(*columns), first),
            Shape::Reduced { rows } => turn(points, rows.iter().skip(first).copied(), first),
        }
    }

    /// Where the points of some rows stand in the message; `None` when they do not stand together.
    pub fn points(&self, rows: &Range<usize>) -> Option<Range<usize>> {
        (!self.columns_first).then(|| self.arranged(rows))
    }

    /// Where the points of some rows stand once they are arranged.
    pub fn arranged(&self, rows: &Range<usize>) -> Range<usize> {
        let start = |row: usize| match &self.shape {
            Shape::Flat { points } => row.min(*points),
            Shape::Rows { rows, columns } => row.min(*rows).saturating_mul(*columns),
            Shape::Reduced { rows } => rows.iter().take(row).sum(),
        };
        start(rows.start.min(rows.end))..start(rows.end)
    }
}

/// Turns every second of the rows, whose first is row `first` of the grid.
fn turn<T>(points: &mut [T], lengths: impl Iterator<Item = usize>, first: usize) {
    let mut rest = points;
    for (row, length) in (first..).zip(lengths) {
        let length = length.min(rest.len());
        let (points, after) = std::mem::take(&mut rest).split_at_mut(length);
        if row % 2 == 1 {
            points.reverse();
        }
        rest = after;
        if rest.is_empty() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(alternating: bool, columns_first: bool) -> Order {
        Order {
            shape: Shape::Rows {
                rows: 2,
                columns: 3,
            },
            alternating,
            columns_first,
        }
    }

    #[test]
    fn alternating_rows_are_turned() {
        let mut points = [1, 2, 3, 6, 5, 4];
        rows(true, false).arrange(&mut points);
        assert_eq!(points, [1, 2, 3, 4, 5, 6]);
        let mut second = [6, 5, 4];
        rows(true, false).arrange_rows(1, &mut second);
        assert_eq!(second, [4, 5, 6]);
    }

    #[test]
    fn columns_become_rows() {
        let mut points = [1, 4, 2, 5, 3, 6];
        rows(false, true).arrange(&mut points);
        assert_eq!(points, [1, 2, 3, 4, 5, 6]);
        let mut points = [1, 4, 5, 2, 3, 6];
        rows(true, true).arrange(&mut points);
        assert_eq!(points, [1, 2, 3, 4, 5, 6]);
        assert_eq!(rows(false, true).points(&(0..1)), None);
        assert_eq!(rows(false, true).arranged(&(1..9)), 3..6);
    }

    #[test]
    fn reduced_rows_are_turned_too() {
        let order = Order {
            shape: Shape::Reduced {
                rows: vec![2, 3, 1],
            },
            alternating: true,
            columns_first: false,
        };
        let mut points = [1, 2, 5, 4, 3, 6];
        order.arrange(&mut points);
        assert_eq!(points, [1, 2, 3, 4, 5, 6]);
        assert_eq!(order.points(&(1..2)), Some(2..5));
    }
}
