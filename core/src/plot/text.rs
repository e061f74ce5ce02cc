//! Letters as outlines: DejaVu Sans, the letters that maps need.

use tiny_skia::{Path, PathBuilder};
use ttf_parser::{Face, OutlineBuilder};

use super::PlotError;
use super::canvas::narrow;

const FONT: &[u8] = include_bytes!("../../maps/DejaVuSans.ttf");

/// The built-in font.
pub(super) struct Font {
    face: Face<'static>,
}

impl Font {
    pub(super) fn builtin() -> Result<Self, PlotError> {
        let face = Face::parse(FONT, 0).map_err(|_| PlotError::Font)?;
        Ok(Self { face })
    }

    /// Pixels from the start of a text to its end.
    pub(super) fn width(&self, text: &str, size: f64) -> f64 {
        text.chars().map(|letter| self.advance(letter)).sum::<f64>() * self.scale(size)
    }

    /// The outlines of a text that starts at `x` on the baseline `y`; `None` where there is nothing to see.
    pub(super) fn path(&self, text: &str, x: f64, y: f64, size: f64) -> Option<Path> {
        let mut outline = Outline {
            path: PathBuilder::new(),
            x,
            y,
            scale: self.scale(size),
        };
        for letter in text.chars() {
            let glyph = self.face.glyph_index(letter).unwrap_or_default();
            self.face.outline_glyph(glyph, &mut outline);
            outline.x += self.advance(letter) * outline.scale;
        }
        outline.path.finish()
    }

    /// Letters that the font has not are its empty box.
    fn advance(&self, letter: char) -> f64 {
        let glyph = self.face.glyph_index(letter).unwrap_or_default();
        self.face.glyph_hor_advance(glyph).map_or(0.0, f64::from)
    }

    fn scale(&self, size: f64) -> f64 {
        size / f64::from(self.face.units_per_em())
    }
}

/// A path that grows by outlines of letters.
struct Outline {
    path: PathBuilder,
    x: f64,
    y: f64,
    scale: f64,
}

impl Outline {
    fn at(&self, x: f32, y: f32) -> (f32, f32) {
        (
            narrow(self.x + f64::from(x) * self.scale),
            narrow(self.y - f64::from(y) * self.scale),
        )
    }
}

impl OutlineBuilder for Outline {
    fn move_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.path.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.path.line_to(x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let ((x1, y1), (x, y)) = (self.at(x1, y1), self.at(x, y));
        self.path.quad_to(x1, y1, x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let ((x1, y1), (x2, y2), (x, y)) = (self.at(x1, y1), self.at(x2, y2), self.at(x, y));
        self.path.cubic_to(x1, y1, x2, y2, x, y);
    }

    fn close(&mut self) {
        self.path.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_font_has_what_maps_write() {
        let font = Font::builtin().unwrap();
        for letter in "AZaz09 °µ%·–−⁻⁰¹²³⁴⁵⁶⁷⁸⁹éüç→≤≥/()@:,".chars()
        {
            assert!(font.face.glyph_index(letter).is_some(), "{letter}");
        }
        assert!(font.width("iiii", 10.0) < font.width("mmmm", 10.0));
        assert!(font.path(" ", 0.0, 0.0, 10.0).is_none());
        let bounds = font.path("H", 5.0, 20.0, 10.0).unwrap().bounds();
        assert!(bounds.left() > 5.0 && bounds.bottom() <= 20.0 && bounds.top() < 14.0);
    }
}
