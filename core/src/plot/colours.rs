//! Colour maps by name.

use super::PlotError;
use super::canvas::index;

/// Red, green, blue.
pub type Colour = [u8; 3];

const TABLE: &str = include_str!("../../maps/colours.tsv");

/// Colours from a lowest to a highest value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColourMap {
    colours: Vec<Colour>,
    diverging: bool,
}

impl ColourMap {
    /// The colour map that matplotlib knows by this name, of those in [`names`]; `_r` behind it turns it around.
    ///
    /// # Errors
    /// [`PlotError::Colours`].
    pub fn named(name: &str) -> Result<Self, PlotError> {
        let unknown = || PlotError::Colours {
            name: name.to_owned(),
        };
        let (base, turned) = match name.strip_suffix("_r") {
            Some(base) => (base, true),
            None => (name, false),
        };
        let mut found = rows().find(|row| row.0 == base).ok_or_else(unknown)?;
        let mut colours = found
            .2
            .try_fold(Vec::new(), |mut colours, text| {
                colours.push(colour(text)?);
                Some(colours)
            })
            .ok_or_else(unknown)?;
        if turned {
            colours.reverse();
        }
        Ok(Self {
            colours,
            diverging: found.1 == "diverging",
        })
    }

    /// Whether its middle is a neutral colour.
    pub fn is_diverging(&self) -> bool {
        self.diverging
    }

    /// The colour at a part of the way, from 0 to 1; what lies outside has the colour of the end.
    pub fn at(&self, part: f64) -> Colour {
        let last = u32::try_from(self.colours.len().saturating_sub(1)).map_or(0.0, f64::from);
        let place = part.clamp(0.0, 1.0) * last;
        let below = index(place);
        let low = self.colours.get(below).copied().unwrap_or_default();
        let high = self.colours.get(below + 1).copied().unwrap_or(low);
        let part = place - place.floor();
        let mix = |low: u8, high: u8| {
            let value = f64::from(low) + (f64::from(high) - f64::from(low)) * part;
            u8::try_from(super::canvas::whole(value.round())).unwrap_or(u8::MAX)
        };
        let ([a, b, c], [x, y, z]) = (low, high);
        [mix(a, x), mix(b, y), mix(c, z)]
    }
}

/// The names, without those that are turned around.
pub fn names() -> impl Iterator<Item = &'static str> {
    rows().map(|row| row.0)
}

fn rows() -> impl Iterator<Item = (&'static str, &'static str, std::str::Split<'static, char>)> {
    let lines = TABLE.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| {
        let mut columns = line.split('\t');
        Some((columns.next()?, columns.next()?, columns.next()?.split(' ')))
    })
}

fn colour(text: &str) -> Option<Colour> {
    let number = u32::from_str_radix(text, 16).ok()?;
    let [0, red, green, blue] = number.to_be_bytes() else {
        return None;
    };
    Some([red, green, blue])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_named_map_is_there() {
        for name in [
            "YlGnBu", "RdYlBu_r", "viridis", "Greys", "RdBu_r", "Blues", "YlOrRd", "Oranges",
            "Reds", "Purples",
        ] {
            let map = ColourMap::named(name).unwrap();
            assert_eq!(map.is_diverging(), name.starts_with("Rd"), "{name}");
        }
        assert_eq!(names().count(), 12);
        assert!(ColourMap::named("jet").is_err());
    }

    #[test]
    fn colours_lie_between_those_of_the_table() {
        let greys = ColourMap::named("Greys").unwrap();
        assert_eq!(greys.at(0.0), [255, 255, 255]);
        assert_eq!(greys.at(0.125), [240, 240, 240]);
        assert_eq!(greys.at(0.1875), [229, 229, 229]);
        assert_eq!((greys.at(1.0), greys.at(7.0)), ([0; 3], [0; 3]));
        let turned = ColourMap::named("RdBu_r").unwrap();
        assert_eq!(turned.at(0.0), [0x05, 0x30, 0x61]);
        assert_eq!(turned.at(0.5), [0xf7; 3]);
    }
}
