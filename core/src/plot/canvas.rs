//! Pixels that are drawn on, and the only conversions from real to whole numbers.

use tiny_skia::{
    Color, FillRule, LineCap, LineJoin, Paint, Path, PathBuilder, Pixmap, Rect, Stroke, Transform,
};

use super::Picture;
use super::colours::Colour;
use super::text::Font;

/// Letters and frames.
pub(super) const INK: Colour = [0x22, 0x22, 0x22];

/// A page.
pub(super) struct Canvas {
    pixels: Pixmap,
    font: Font,
}

/// Where a text stands: on this baseline, at this side of `x`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    x: f64,
    y: f64,
    /// The part of the text's width that is left of `x`.
    before: f64,
}

impl Place {
    pub(super) fn left(x: f64, y: f64) -> Self {
        Self { x, y, before: 0.0 }
    }

    pub(super) fn middle(x: f64, y: f64) -> Self {
        Self { x, y, before: 0.5 }
    }

    pub(super) fn right(x: f64, y: f64) -> Self {
        Self { x, y, before: 1.0 }
    }
}

impl Canvas {
    /// A white page; `None` where it has no size or too much of it.
    pub(super) fn new(width: u32, height: u32, font: Font) -> Option<Self> {
        let mut pixels = Pixmap::new(width, height)?;
        pixels.fill(Color::WHITE);
        Some(Self { pixels, font })
    }

    pub(super) fn finish(self) -> Picture {
        let (width, height) = (self.pixels.width(), self.pixels.height());
        Picture {
            width,
            height,
            // Premultiplied is the same where everything is opaque.
            rgba: self.pixels.take(),
        }
    }

    /// Sets one pixel; nothing outside of the page.
    pub(super) fn set(&mut self, x: u32, y: u32, [red, green, blue]: Colour) {
        let (width, height) = (self.pixels.width(), self.pixels.height());
        if x >= width || y >= height {
            return;
        }
        let at = u64::from(y) * u64::from(width) + u64::from(x);
        let pixel = usize::try_from(at * 4)
            .ok()
            .and_then(|at| self.pixels.data_mut().get_mut(at..)?.first_chunk_mut::<4>());
        if let Some(pixel) = pixel {
            *pixel = [red, green, blue, 0xff];
        }
    }

    /// A text of letters that are `size` pixels high (em).
    pub(super) fn text(&mut self, text: &str, place: Place, size: f64, colour: Colour) {
        let x = place.x - self.font.width(text, size) * place.before;
        if let Some(path) = self.font.path(text, x, place.y, size) {
            let paint = paint(colour);
            self.pixels.fill_path(
                &path,
                &paint,
                FillRule::Winding,
                Transform::identity(),
                None,
            );
        }
    }

    /// Pixels from the start of a text to its end.
    pub(super) fn width(&self, text: &str, size: f64) -> f64 {
        self.font.width(text, size)
    }

    /// How wide a text is, in pixels.
    pub(super) fn width_of(&self, text: &str, size: f64) -> f64 {
        self.font.width(text, size)
    }

    /// As `text`, smaller where it would be wider than `room`.
    pub(super) fn text_within(
        &mut self,
        text: &str,
        place: Place,
        size: f64,
        room: f64,
        colour: Colour,
    ) {
        let width = self.font.width(text, size);
        let size = if width > room {
            size * room / width
        } else {
            size
        };
        self.text(text, place, size, colour);
    }

    /// Lines through points, each `width` pixels wide.
    pub(super) fn lines(&mut self, lines: &[Vec<(f64, f64)>], width: f64, colour: Colour) {
        let mut path = PathBuilder::new();
        for line in lines {
            let mut points = line.iter();
            if let Some(&(x, y)) = points.next() {
                path.move_to(narrow(x), narrow(y));
            }
            for &(x, y) in points {
                path.line_to(narrow(x), narrow(y));
            }
        }
        let Some(path) = path.finish() else { return };
        let stroke = Stroke {
            width: narrow(width),
            line_cap: LineCap::Round,
            line_join: LineJoin::Round,
            ..Stroke::default()
        };
        self.pixels
            .stroke_path(&path, &paint(colour), &stroke, Transform::identity(), None);
    }

    /// The edge of a rectangle.
    pub(super) fn outline(&mut self, [left, top, width, height]: [f64; 4], line: f64) {
        let rect = Rect::from_xywh(narrow(left), narrow(top), narrow(width), narrow(height));
        let Some(rect) = rect else { return };
        let stroke = Stroke {
            width: narrow(line),
            ..Stroke::default()
        };
        let path = PathBuilder::from_rect(rect);
        self.pixels
            .stroke_path(&path, &paint(INK), &stroke, Transform::identity(), None);
    }

    /// A polygon with its inside.
    pub(super) fn polygon(&mut self, points: &[(f64, f64)], colour: Colour) {
        if let Some(path) = closed(points) {
            self.pixels.fill_path(
                &path,
                &paint(colour),
                FillRule::Winding,
                Transform::identity(),
                None,
            );
        }
    }
}

fn closed(points: &[(f64, f64)]) -> Option<Path> {
    let mut path = PathBuilder::new();
    let (&(x, y), rest) = points.split_first()?;
    path.move_to(narrow(x), narrow(y));
    for &(x, y) in rest {
        path.line_to(narrow(x), narrow(y));
    }
    path.close();
    path.finish()
}

fn paint([red, green, blue]: Colour) -> Paint<'static> {
    let mut paint = Paint::default();
    paint.set_color_rgba8(red, green, blue, 0xff);
    paint
}

/// The nearest number of fewer digits.
#[expect(clippy::as_conversions, reason = "pixels need no more digits")]
pub(super) fn narrow(number: f64) -> f32 {
    number as f32
}

/// The whole number below; 0 for what is negative or no number.
#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "`as` saturates"
)]
pub(super) fn whole(number: f64) -> u32 {
    number as u32
}

/// As `whole`, for places in memory.
pub(super) fn index(number: f64) -> usize {
    usize::try_from(whole(number)).unwrap_or(usize::MAX)
}

/// As `whole`, with a sign.
#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "`as` saturates"
)]
pub(super) fn signed(number: f64) -> i32 {
    number as i32
}
