//! Section 3: the grid that values stand on (grid definition templates, WMO code table 3.1).

mod coordinates;
pub mod earth;
mod gaussian;
mod lambert;
mod mercator;
mod plane;
mod polar;
pub mod scan;
mod space;
pub mod template;

use super::malformed::{self, Malformed};
use super::reader::Reader;
use template::{Gaussian, Lambert, LatLon, Mercator, PolarStereographic, RotatedLatLon, SpaceView};

pub use coordinates::Coordinates;

const SECTION: u8 = 3;

/// Code table 3.11: the list tells the points of full circles, of which the grid may have a part only.
const FULL_CIRCLES: u8 = 1;

/// Section 3, typed.
///
/// A template that this crate does not know keeps its number and is [`Definition::Other`].
#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    /// Where the definition comes from (octet 6, code table 3.0): 0 is this section's template.
    pub source: u8,
    /// Number of data points (octets 7-10).
    pub points: u32,
    /// Number of the template (octets 13-14).
    pub template: u16,
    /// The template's fields.
    pub definition: Definition,
    /// What the numbers in `list` are (octet 12, code table 3.11).
    pub list_meaning: u8,
    /// The optional list of numbers at the section's end: points of each row of a reduced grid. Empty when there is none.
    pub list: Vec<u32>,
}

/// What the templates hold. Named after WMO code table 3.1.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Definition {
    /// 3.0: latitude/longitude, regular or reduced.
    LatLon(LatLon),
    /// 3.1: rotated latitude/longitude.
    RotatedLatLon(RotatedLatLon),
    /// 3.10: Mercator.
    Mercator(Mercator),
    /// 3.20: polar stereographic.
    PolarStereographic(PolarStereographic),
    /// 3.30: Lambert conformal.
    Lambert(Lambert),
    /// 3.40: Gaussian latitude/longitude, regular or reduced.
    Gaussian(Gaussian),
    /// 3.90: space view, perspective or orthographic.
    SpaceView(SpaceView),
    /// Any other template; its number stands in [`Grid::template`].
    Other,
}

/// How a grid's points are arranged in a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// No arrangement is known: the points in the message's order.
    Flat {
        /// Number of points.
        points: usize,
    },
    /// Rows of the same length.
    Rows {
        /// Number of rows.
        rows: usize,
        /// Points of each row.
        columns: usize,
    },
    /// Rows each with its own length, as in reduced grids.
    Reduced {
        /// Points of each row.
        rows: Vec<usize>,
    },
}

/// A grid whose numbers do not fit together, or that this crate cannot place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GridError {
    /// The shape of the earth is none of code table 3.2, or its axes are missing.
    #[error("section 3, octet 15: the axes of an earth of shape {shape} are not given")]
    Earth {
        /// Code table 3.2.
        shape: u8,
    },
    /// The first and last latitudes contradict the direction of rows.
    #[error("section 3: rows cannot go from latitude {first} to {last} as the scanning mode says")]
    Latitudes {
        /// Latitude of the first point, as stored.
        first: i32,
        /// Latitude of the last point, as stored.
        last: i32,
    },
    /// There is no rule for the coordinates of such grids.
    #[error("the coordinates of grid definition template 3.{template} are not known")]
    NoCoordinates {
        /// Template number.
        template: u16,
    },
    /// A Gaussian grid has none or too many parallels.
    #[error("section 3, octet 68: {parallels} parallels between a pole and the equator")]
    Parallels {
        /// Parallels between a pole and the equator.
        parallels: u32,
    },
    /// The numbers of section 3 do not make a grid of its kind.
    #[error("section 3: {what}")]
    Projection {
        /// What is wrong.
        what: &'static str,
    },
    /// Rows and columns do not give the number of points.
    #[error("section 3: {rows} rows of {columns} are not {points} points")]
    Points {
        /// Number of rows.
        rows: u32,
        /// Points of each row.
        columns: u32,
        /// Number of data points in octets 7-10.
        points: u32,
    },
    /// The points of a reduced grid's rows do not add up to the number of points.
    #[error("section 3: the rows have {listed} points in all, not {points}")]
    List {
        /// Sum of the rows' points.
        listed: u64,
        /// Number of data points in octets 7-10.
        points: u32,
    },
    /// The grid has more points than are placed.
    #[error("section 3, octet 7: {points} points are too many to be placed")]
    TooManyPoints {
        /// Number of data points.
        points: u32,
    },
    /// The grid is not defined in the message but by its centre.
    #[error("section 3, octet 6: the grid is predefined (source {origin})")]
    Predefined {
        /// Code table 3.0.
        origin: u8,
    },
}

impl Grid {
    /// Reads a whole section 3, its five opening octets included.
    pub fn parse(section: &[u8]) -> Result<Self, Malformed> {
        let mut reader = malformed::open(SECTION, section)?;
        let short = Malformed::short(SECTION);
        let source = reader.u8().map_err(&short)?;
        let points = reader.u32().map_err(&short)?;
        let width = reader.u8().map_err(&short)?;
        let list_meaning = reader.u8().map_err(&short)?;
        let template = reader.u16().map_err(&short)?;
        // Another source may leave the template's octets out.
        let definition = match template {
            _ if source != 0 => Definition::Other,
            0 => Definition::LatLon(LatLon::read(&mut reader).map_err(&short)?),
            1 => Definition::RotatedLatLon(RotatedLatLon::read(&mut reader).map_err(&short)?),
            10 => Definition::Mercator(Mercator::read(&mut reader).map_err(&short)?),
            20 => Definition::PolarStereographic(
                PolarStereographic::read(&mut reader).map_err(&short)?,
            ),
            30 => Definition::Lambert(Lambert::read(&mut reader).map_err(&short)?),
            40 => Definition::Gaussian(Gaussian::read(&mut reader).map_err(&short)?),
            90 => Definition::SpaceView(SpaceView::read(&mut reader).map_err(&short)?),
            _ => Definition::Other,
        };
        let list = if width == 0 || definition == Definition::Other {
            Vec::new()
        } else {
            read_list(reader, width)?
        };
        Ok(Self {
            source,
            points,
            template,
            definition,
            list_meaning,
            list,
        })
    }

    /// How the points are arranged, once they were put in order ([`scan::Scan`]).
    ///
    /// Rows run along parallels (or the grid's x axis); grids of other templates, and staggered ones, are flat.
    ///
    /// # Errors
    /// The template's numbers contradict the number of points, or the grid is predefined by its centre.
    pub fn shape(&self) -> Result<Shape, GridError> {
        if self.source != 0 {
            return Err(GridError::Predefined {
                origin: self.source,
            });
        }
        let staggered = self.scan().is_some_and(scan::Scan::staggered);
        let Some((columns, rows)) = self.size().filter(|_| !staggered) else {
            return Ok(Shape::Flat {
                points: usize::try_from(self.points).unwrap_or(usize::MAX),
            });
        };
        if !self.list.is_empty() {
            return self.reduced();
        }
        let wrong = GridError::Points {
            rows,
            columns,
            points: self.points,
        };
        if rows.checked_mul(columns) != Some(self.points) {
            return Err(wrong);
        }
        // Rows of any length times none are no points: nothing would bound the coordinates.
        if self.points == 0 && rows != columns {
            return Err(GridError::Projection {
                what: "there are rows or columns, and no points",
            });
        }
        match (usize::try_from(rows), usize::try_from(columns)) {
            (Ok(rows), Ok(columns)) => Ok(Shape::Rows { rows, columns }),
            _ => Err(wrong),
        }
    }

    /// Points along a row (Ni or Nx) and along a column (Nj or Ny), as stored; all ones means missing.
    pub fn size(&self) -> Option<(u32, u32)> {
        match &self.definition {
            Definition::LatLon(grid) => Some((grid.ni, grid.nj)),
            Definition::RotatedLatLon(grid) => Some((grid.unrotated.ni, grid.unrotated.nj)),
            Definition::Mercator(grid) => Some((grid.ni, grid.nj)),
            Definition::PolarStereographic(grid) => Some((grid.nx, grid.ny)),
            Definition::Lambert(grid) => Some((grid.nx, grid.ny)),
            Definition::Gaussian(grid) => Some((grid.ni, grid.nj)),
            Definition::SpaceView(grid) => Some((grid.nx, grid.ny)),
            Definition::Other => None,
        }
    }

    /// The order in which the message lists the points.
    pub fn scan(&self) -> Option<scan::Scan> {
        match &self.definition {
            Definition::LatLon(grid) => Some(grid.scan),
            Definition::RotatedLatLon(grid) => Some(grid.unrotated.scan),
            Definition::Mercator(grid) => Some(grid.scan),
            Definition::PolarStereographic(grid) => Some(grid.scan),
            Definition::Lambert(grid) => Some(grid.scan),
            Definition::Gaussian(grid) => Some(grid.scan),
            Definition::SpaceView(grid) => Some(grid.scan),
            Definition::Other => None,
        }
    }

    fn reduced(&self) -> Result<Shape, GridError> {
        let listed = self.list.iter().map(|&row| u64::from(row)).sum();
        let length = |&row: &u32| usize::try_from(row).unwrap_or(usize::MAX);
        let mut rows: Vec<usize> = self.list.iter().map(length).collect();
        if let Definition::Gaussian(grid) = &self.definition
            && listed > u64::from(self.points)
            && self.list_meaning == FULL_CIRCLES
        {
            rows = gaussian::rows(grid, &self.list);
        }
        let sum = rows
            .iter()
            .try_fold(0_usize, |sum, row| sum.checked_add(*row));
        if sum.map(u32::try_from) != Some(Ok(self.points)) {
            return Err(GridError::List {
                listed,
                points: self.points,
            });
        }
        Ok(Shape::Reduced { rows })
    }
}

/// The list takes the rest of the section: one number for each row, `width` octets each.
fn read_list(mut reader: Reader<'_>, width: u8) -> Result<Vec<u32>, Malformed> {
    if !(1..=4).contains(&width) {
        return Err(Malformed::Value {
            section: SECTION,
            octet: 11,
            what: "octets of each number in the list",
            found: u64::from(width),
        });
    }
    let count = reader.left() / usize::from(width);
    let mut list = Vec::with_capacity(count);
    for _ in 0..count {
        let octets = reader
            .take(usize::from(width))
            .map_err(Malformed::short(SECTION))?;
        list.push(
            octets
                .iter()
                .fold(0, |number, &octet| number << 8 | u32::from(octet)),
        );
    }
    Ok(list)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The grid of GEFS 0.25 degrees, with the number of points and rows given.
    fn latlon(points: u32, nj: u32, list: &[u8]) -> Vec<u8> {
        let mut octets = vec![0, 0, 0, 0, 3, 0];
        octets.extend(points.to_be_bytes());
        octets.extend([if list.is_empty() { 0 } else { 2 }, 0, 0, 0]);
        octets.extend([6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        octets.extend([0, 0, 0x05, 0xa0]);
        octets.extend(nj.to_be_bytes());
        octets.extend([0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]);
        octets.extend(90_000_000_u32.to_be_bytes());
        octets.extend([0, 0, 0, 0, 48]);
        octets.extend((90_000_000_u32 | 0x8000_0000).to_be_bytes());
        octets.extend(359_750_000_u32.to_be_bytes());
        octets.extend(250_000_u32.to_be_bytes());
        octets.extend(250_000_u32.to_be_bytes());
        octets.push(0);
        octets.extend(list);
        let length = u32::try_from(octets.len()).unwrap();
        octets[..4].copy_from_slice(&length.to_be_bytes());
        octets
    }

    #[test]
    fn a_regular_grid_has_rows_and_columns() {
        let grid = Grid::parse(&latlon(1_038_240, 721, &[])).unwrap();
        assert_eq!(
            grid.shape(),
            Ok(Shape::Rows {
                rows: 721,
                columns: 1440
            })
        );
        let Definition::LatLon(latlon) = grid.definition else {
            panic!("{:?}", grid.definition)
        };
        assert_eq!(latlon.degrees(latlon.last_latitude), -90.0);
        assert_eq!(latlon.degrees(latlon.last_longitude), 359.75);
    }

    #[test]
    fn rows_that_do_not_give_the_points_are_an_error() {
        let grid = Grid::parse(&latlon(1_038_241, 721, &[])).unwrap();
        assert!(matches!(grid.shape(), Err(GridError::Points { .. })));
        let grid = Grid::parse(&latlon(0, 0x8000_0000, &[])).unwrap();
        assert!(matches!(grid.shape(), Err(GridError::Points { .. })));
    }

    #[test]
    fn columns_without_rows_are_an_error() {
        let grid = Grid::parse(&latlon(0, 0, &[])).unwrap();
        assert!(matches!(grid.shape(), Err(GridError::Projection { .. })));
        assert!(grid.coordinates().is_err());
    }

    #[test]
    fn a_reduced_grid_lists_its_rows() {
        let grid = Grid::parse(&latlon(54, 3, &[0, 20, 0, 24, 0, 10])).unwrap();
        assert_eq!(
            grid.shape(),
            Ok(Shape::Reduced {
                rows: vec![20, 24, 10]
            })
        );
        let grid = Grid::parse(&latlon(55, 3, &[0, 20, 0, 24, 0, 10])).unwrap();
        assert_eq!(
            grid.shape(),
            Err(GridError::List {
                listed: 54,
                points: 55
            })
        );
    }

    #[test]
    fn every_shorter_section_is_refused() {
        let mut octets = latlon(1_038_240, 721, &[]);
        for length in 0..72 {
            octets[3] = u8::try_from(length).unwrap();
            assert!(Grid::parse(&octets[..length]).is_err(), "{length}");
        }
    }
}
