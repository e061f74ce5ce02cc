//! Coasts, borders and shores of lakes, and where they stand on a map.

use super::{Extent, PlotError};

/// Lines of the whole world, as `core/maps/README.md` describes their file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lines {
    lines: Vec<Line>,
}

#[derive(Clone, Debug, PartialEq)]
struct Line {
    kind: Kind,
    /// Longitude and latitude in degrees.
    points: Vec<(f64, f64)>,
}

/// What a line parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Border,
    Coast,
    Lake,
}

impl Lines {
    /// Reads the octets of `lines-50m.bin` or `lines-110m.bin`.
    ///
    /// # Errors
    /// [`PlotError::Lines`].
    pub fn parse(octets: &[u8]) -> Result<Self, PlotError> {
        let mut reader = Reader {
            octets,
            rest: octets,
        };
        let lines = reader.lines();
        lines.ok_or(PlotError::Lines {
            offset: octets.len() - reader.rest.len(),
        })
    }

    /// The pieces of the lines of a kind that a map shows: places from 0 to 1 across it.
    pub(super) fn shown(&self, kind: Kind, extent: Extent) -> Vec<Vec<(f64, f64)>> {
        let mut shown = Vec::new();
        let [west, _, east, _] = extent.edges();
        for line in self.lines.iter().filter(|line| line.kind == kind) {
            for turn in [-360.0, 0.0, 360.0, 720.0] {
                let inside = |x: f64| x + turn >= west && x + turn <= east;
                // Lines have many points: few degrees lie between two of them.
                if !line.points.iter().any(|&(x, _)| inside(x)) {
                    continue;
                }
                let mut piece: Vec<(f64, f64)> = Vec::new();
                for pair in line.points.windows(2) {
                    let &[(a, b), (x, y)] = pair else { continue };
                    let Some([from, to]) = extent.clip((a + turn, b), (x + turn, y)) else {
                        continue;
                    };
                    let (from, to) = (extent.project(from.0, from.1), extent.project(to.0, to.1));
                    if piece.last() != Some(&from) {
                        shown.extend((piece.len() > 1).then(|| std::mem::take(&mut piece)));
                        piece = vec![from];
                    }
                    piece.push(to);
                }
                shown.extend((piece.len() > 1).then_some(piece));
            }
        }
        shown
    }
}

struct Reader<'a> {
    octets: &'a [u8],
    rest: &'a [u8],
}

impl Reader<'_> {
    fn lines(&mut self) -> Option<Lines> {
        self.rest = self.octets.strip_prefix(b"GIKL")?;
        if self.number()? != 1 {
            return None;
        }
        let units = f64::from(self.number().filter(|&units| units > 0)?);
        let count = self.number()?;
        let mut lines = Vec::new();
        for _ in 0..count {
            let kind = match self.number()? {
                0 => Kind::Coast,
                1 => Kind::Border,
                2 => Kind::Lake,
                _ => return None,
            };
            let (mut x, mut y) = (0_i64, 0_i64);
            let mut points = Vec::new();
            for _ in 0..self.number()? {
                x = x.checked_add(self.signed()?)?;
                y = y.checked_add(self.signed()?)?;
                points.push((degrees(x, units)?, degrees(y, units)?));
            }
            lines.push(Line { kind, points });
        }
        self.rest.is_empty().then_some(Lines { lines })
    }

    fn number(&mut self) -> Option<u32> {
        let mut number = 0_u32;
        for place in (0..32).step_by(7) {
            let (&octet, rest) = self.rest.split_first()?;
            self.rest = rest;
            number |= u32::from(octet & 0x7f).checked_shl(place)?;
            if octet < 0x80 {
                return Some(number);
            }
        }
        None
    }

    fn signed(&mut self) -> Option<i64> {
        let number = i64::from(self.number()?);
        Some(if number & 1 == 0 {
            number >> 1
        } else {
            -(number >> 1) - 1
        })
    }
}

/// Degrees; `None` for what is no place on Earth.
fn degrees(whole: i64, units: f64) -> Option<f64> {
    let degrees = f64::from(i32::try_from(whole).ok()?) / units;
    (degrees.abs() <= 360.0).then_some(degrees)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A lake's shore of three points, in halves of a degree: 1, 1 to 2, 1 to 2, 0.
    const LAKE: &[u8] = b"GIKL\x01\x02\x01\x02\x03\x04\x04\x04\x00\x00\x03";

    #[test]
    fn lines_are_read_whole_or_not() {
        let lines = Lines::parse(LAKE).unwrap();
        assert_eq!(lines.lines[0].kind, Kind::Lake);
        assert_eq!(lines.lines[0].points, [(1.0, 1.0), (2.0, 1.0), (2.0, 0.0)]);
        for end in 0..LAKE.len() {
            assert!(Lines::parse(&LAKE[..end]).is_err(), "{end}");
        }
        assert!(Lines::parse(&[LAKE, b"\0"].concat()).is_err());
    }

    #[test]
    fn lines_are_cut_at_the_edge_and_shown_around_the_world() {
        let lines = Lines::parse(LAKE).unwrap();
        let here = Extent::new([0.0, 0.5, 4.0, 1.5]).unwrap();
        let expected = vec![vec![(0.25, 0.5), (0.5, 0.5), (0.5, 1.0)]];
        assert_eq!(lines.shown(Kind::Lake, here), expected);
        let around = Extent::new([360.0, 0.5, 364.0, 1.5]).unwrap();
        assert_eq!(lines.shown(Kind::Lake, around), expected);
        assert!(lines.shown(Kind::Coast, here).is_empty());
        let elsewhere = Extent::new([10.0, 0.0, 20.0, 2.0]).unwrap();
        assert!(lines.shown(Kind::Lake, elsewhere).is_empty());
    }
}
