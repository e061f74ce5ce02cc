//! The part of the world that a map shows: its middle and its width, and what moving and zooming make of it.

/// A part of the world, as wide and high as the screen that shows it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// Degrees north of the middle.
    pub latitude: f64,
    /// Degrees east of the middle, from -180 to 180.
    pub longitude: f64,
    /// Degrees from its western to its eastern edge.
    pub across: f64,
    /// Height of the screen in widths.
    pub ratio: f64,
}

/// The narrowest map.
const NARROW: f64 = 0.5;

impl Place {
    /// A place, with numbers that a map can have.
    pub fn new([latitude, longitude, across]: [f64; 3], ratio: f64) -> Self {
        let widest = (180.0 / ratio).min(360.0);
        let across = across.clamp(NARROW, widest);
        let room = (90.0 - across * ratio / 2.0).max(0.0);
        Self {
            latitude: latitude.clamp(-room, room),
            longitude: (longitude + 180.0).rem_euclid(360.0) - 180.0,
            across,
            ratio,
        }
    }

    /// The place that shows all between edges (west, south, east, north), or as much as the world has in this shape.
    pub fn around([west, south, east, north]: [f64; 4], ratio: f64) -> Self {
        let across = (east - west).max((north - south) / ratio);
        Self::new([(south + north) / 2.0, (west + east) / 2.0, across], ratio)
    }

    /// The middle and the degrees across.
    pub fn numbers(self) -> [f64; 3] {
        [self.latitude, self.longitude, self.across]
    }

    /// West, south, east, north.
    pub fn edges(self) -> [f64; 4] {
        let (x, y) = (self.across / 2.0, self.across * self.ratio / 2.0);
        [
            self.longitude - x,
            // Rounding must not lead beyond the poles.
            (self.latitude - y).max(-90.0),
            self.longitude + x,
            (self.latitude + y).min(90.0),
        ]
    }

    /// Latitude and longitude of a point of the screen, in parts of it from the north-west corner.
    pub fn at(self, x: f64, y: f64) -> (f64, f64) {
        let [west, _, _, north] = self.edges();
        let latitude = north - y * self.across * self.ratio;
        let longitude = west + x * self.across;
        (latitude, (longitude + 180.0).rem_euclid(360.0) - 180.0)
    }

    /// Where a point stands on the screen, in parts of it: the turn around the world that is nearest to the middle.
    pub fn locate(self, latitude: f64, longitude: f64) -> (f64, f64) {
        let [_, _, _, north] = self.edges();
        let east = (longitude - self.longitude + 180.0).rem_euclid(360.0) - 180.0;
        (
            0.5 + east / self.across,
            (north - latitude) / (self.across * self.ratio),
        )
    }

    /// Moved by parts of the screen: the map goes along with the hand.
    pub fn moved(self, x: f64, y: f64) -> Self {
        Self::new(
            [
                self.latitude + y * self.across * self.ratio,
                self.longitude - x * self.across,
                self.across,
            ],
            self.ratio,
        )
    }

    /// Closer by a factor; the point of the screen at `x`, `y` stays where it is.
    pub fn zoomed(self, factor: f64, x: f64, y: f64) -> Self {
        let widest = (180.0 / self.ratio).min(360.0);
        let across = (self.across / factor).clamp(NARROW, widest);
        let (dx, dy) = ((0.5 - x) * across, (y - 0.5) * across * self.ratio);
        let east = self.longitude + (x - 0.5) * self.across;
        let north = self.latitude + (0.5 - y) * self.across * self.ratio;
        Self::new([north + dy, east + dx, across], self.ratio)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_stays_within_the_world() {
        let world = Place::around([-180.0, -90.0, 180.0, 90.0], 0.5);
        assert_eq!(world.edges(), [-180.0, -90.0, 180.0, 90.0]);
        assert_eq!(world.moved(0.25, 0.5).numbers(), [0.0, -90.0, 360.0]);
        assert_eq!(world.zoomed(0.5, 0.5, 0.5), world);
        let square = Place::around([-180.0, -90.0, 180.0, 90.0], 1.0);
        assert_eq!(square.edges(), [-90.0, -90.0, 90.0, 90.0]);
        let region = Place::around([19.0, -14.0, 55.0, 25.0], 0.5);
        assert_eq!(region.across, 78.0);
    }

    #[test]
    fn zooming_keeps_the_point_under_the_hand() {
        let place = Place::new([10.0, 20.0, 40.0], 0.5);
        let (latitude, longitude) = place.at(0.8, 0.3);
        let close = place.zoomed(4.0, 0.8, 0.3);
        let (x, y) = close.locate(latitude, longitude);
        assert!((x - 0.8).abs() < 1e-9 && (y - 0.3).abs() < 1e-9, "{x} {y}");
        assert_eq!(close.across, 10.0);
    }

    #[test]
    fn places_across_180_degrees_have_one_way_there() {
        let place = Place::new([0.0, 179.0, 20.0], 0.5);
        let (_, longitude) = place.at(0.75, 0.5);
        assert!((longitude + 176.0).abs() < 1e-9);
        assert!((place.locate(0.0, -176.0).0 - 0.75).abs() < 1e-9);
    }
}
