//! Maps: fields on axes of latitude and longitude to pixels, with coasts, borders and lakes.
//!
//! ```
//! use gik_core::plot::{Extent, Figure, Limits, Lines, Panel, colours::ColourMap, render};
//!
//! let panel = Panel {
//!     title: "Total precipitation".to_owned(),
//!     units: "mm".to_owned(),
//!     values: vec![0.0, 1.5, f32::NAN, 4.0],
//!     latitudes: vec![1.0, 0.0],
//!     longitudes: vec![33.0, 34.0],
//!     colours: ColourMap::named("YlGnBu")?,
//!     limits: Limits::Data,
//! };
//! let figure = Figure {
//!     title: "Run 2026-07-06 00:00 UTC".to_owned(),
//!     subtitle: String::new(),
//!     footer: String::new(),
//!     extent: Extent::new([32.5, -0.5, 34.5, 1.5])?,
//!     columns: 1,
//!     panels: vec![panel],
//! };
//! let picture = render(&figure, &Lines::default(), 640)?;
//! assert_eq!((picture.width, &picture.png()?[1..4]), (640, "PNG".as_bytes()));
//! # Ok::<(), gik_core::plot::PlotError>(())
//! ```

mod axis;
mod canvas;
mod chart;
pub mod colours;
mod extent;
mod lines;
mod panel;
mod scale;
pub mod style;
mod text;
mod ticks;
pub mod zone;

pub use axis::Axis;
pub use chart::{Bar, Chart, chart};
pub use extent::Extent;
pub use lines::Lines;

use canvas::{Canvas, INK, Place};
use colours::ColourMap;

/// Widths that are drawn: below nobody can read it, above memory is the limit.
const WIDTHS: std::ops::RangeInclusive<u32> = 320..=8_000;
/// The greatest height in widths.
const TALLEST: f64 = 4.0;

/// Panels of maps, all of the same region.
#[derive(Clone, Debug)]
pub struct Figure {
    /// First line, of what the panels share.
    pub title: String,
    /// Second line; run, valid time and time zone, for example.
    pub subtitle: String,
    /// Small print; an attribution, for example.
    pub footer: String,
    /// What is shown.
    pub extent: Extent,
    /// Panels beside each other.
    pub columns: usize,
    /// The panels, row by row.
    pub panels: Vec<Panel>,
}

/// One map.
#[derive(Clone, Debug)]
pub struct Panel {
    /// What it shows.
    pub title: String,
    /// Units of the values; powers as ecCodes writes them, `kg m**-2`.
    pub units: String,
    /// One row for each latitude, one value for each longitude; NaN where it is missing.
    pub values: Vec<f32>,
    /// Degrees north, rising or falling.
    pub latitudes: Vec<f64>,
    /// Degrees east, rising or falling, across 180° or 360° as it may be.
    pub longitudes: Vec<f64>,
    /// Its colours.
    pub colours: ColourMap,
    /// The values at the ends of the colours.
    pub limits: Limits,
}

/// The values at the ends of a colour map.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Limits {
    /// Round numbers around the values that are shown.
    Data,
    /// These; what lies outside has the colour of the end, and the bar an arrow there.
    Given {
        /// The lower one.
        low: f64,
        /// The upper one.
        high: f64,
    },
    /// As `Data`, as far below zero as above it.
    Symmetric,
}

/// Pixels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Pixels of a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Red, green, blue and opacity of each pixel, row by row from the top; all are opaque.
    pub rgba: Vec<u8>,
}

/// Why there is no map.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PlotError {
    /// Coordinates that neither rise nor fall.
    #[error("{title}: the {axis} neither rise nor fall throughout")]
    Axis {
        /// The panel.
        title: String,
        /// `latitudes` or `longitudes`.
        axis: &'static str,
    },
    /// No colour map of this name.
    #[error("no colour map is called {name}")]
    Colours {
        /// What was asked for.
        name: String,
    },
    /// Another number of values than of points.
    #[error("{title}: {expected} points, {found} values")]
    Count {
        /// The panel.
        title: String,
        /// Latitudes times longitudes.
        expected: usize,
        /// Values.
        found: usize,
    },
    /// Pixels that are no PNG.
    #[error("the pixels cannot be written as PNG: {what}")]
    Encode {
        /// What the encoder says.
        what: String,
    },
    /// A region that is none.
    #[error(
        "{west},{south},{east},{north}: expected west < east by at most 360 degrees, and -90 <= south < north <= 90"
    )]
    Extent {
        /// Degrees east.
        west: f64,
        /// Degrees north.
        south: f64,
        /// Degrees east.
        east: f64,
        /// Degrees north.
        north: f64,
    },
    /// The built-in font cannot be read.
    #[error("the font cannot be read")]
    Font,
    /// Limits that are no range.
    #[error("{title}: limits {low} and {high} are no range")]
    Limits {
        /// The panel.
        title: String,
        /// The lower one.
        low: f64,
        /// The upper one.
        high: f64,
    },
    /// Coasts that cannot be read.
    #[error("lines of maps: malformed at byte {offset}")]
    Lines {
        /// Where.
        offset: usize,
    },
    /// A size that is not drawn.
    #[error(
        "{width} x {height} pixels: at least 320 and at most 8000 wide, and at most four times as high"
    )]
    Size {
        /// Pixels of a row.
        width: u32,
        /// Rows.
        height: f64,
    },
    /// The built-in tables of maps cannot be read.
    #[error("the tables of maps cannot be read: {what}")]
    Tables {
        /// What is wrong.
        what: String,
    },
    /// A time zone that is none.
    #[error("{text}: expected a time zone as UTC, EAT, CAT, WAT or +03:00")]
    Zone {
        /// What was asked for.
        text: String,
    },
}

/// Draws a figure that many pixels wide; its height follows.
///
/// The same figure gives the same bytes, always.
///
/// # Errors
/// See [`PlotError`].
pub fn render(figure: &Figure, lines: &Lines, width: u32) -> Result<Picture, PlotError> {
    let font = text::Font::builtin()?;
    let page = Page::of(figure, width);
    let height = page.height();
    let size = PlotError::Size { width, height };
    if !WIDTHS.contains(&width) || height > f64::from(width) * TALLEST {
        return Err(size);
    }
    let mut canvas = Canvas::new(width, canvas::whole(height), font).ok_or(size)?;
    let middle = f64::from(width) / 2.0;
    let mut y = page.margin + page.text * 1.2;
    for (line, size) in [(&figure.title, 1.3), (&figure.subtitle, 1.0)] {
        if !line.is_empty() {
            let fit = f64::from(width) - 2.0 * page.margin;
            canvas.text_within(line, Place::middle(middle, y), page.text * size, fit, INK);
            y += page.text * 1.6;
        }
    }
    let mut hatched = false;
    for (number, panel) in figure.panels.iter().enumerate() {
        let frame = page.frame(number);
        hatched |= panel::draw(&mut canvas, panel, figure.extent, lines, &frame)?;
    }
    let foot = height - page.margin * 0.8;
    let small = page.text * 0.85;
    let mut room = f64::from(width) - 2.0 * page.margin;
    if hatched {
        let legend = "hatched: no value";
        let right = f64::from(width) - page.margin;
        canvas.text(legend, Place::right(right, foot), small, INK);
        room -= canvas.width_of(legend, small) + page.margin;
    }
    let place = Place::left(page.margin, foot);
    canvas.text_within(&figure.footer, place, small, room, INK);
    Ok(canvas.finish())
}

/// Units as they are printed: `kg m**-2` is `kg m⁻²`.
pub fn printed_units(units: &str) -> String {
    ticks::units(units, 0)
}

impl Picture {
    /// The pixels as a PNG of red, green and blue.
    ///
    /// # Errors
    /// [`PlotError::Encode`] where the pixels are not as many as width and height say.
    pub fn png(&self) -> Result<Vec<u8>, PlotError> {
        let failed = |error: png::EncodingError| PlotError::Encode {
            what: error.to_string(),
        };
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, self.width, self.height);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.set_compression(png::Compression::Balanced);
        let rgb: Vec<u8> = self
            .rgba
            .chunks_exact(4)
            .flat_map(|pixel| pixel.iter().take(3).copied())
            .collect();
        let mut writer = encoder.write_header().map_err(failed)?;
        writer.write_image_data(&rgb).map_err(failed)?;
        writer.finish().map_err(failed)?;
        Ok(bytes)
    }
}

/// Where things stand on the page, in pixels.
struct Page {
    margin: f64,
    text: f64,
    head: f64,
    foot: f64,
    cell: (f64, f64),
    map: (f64, f64),
    columns: usize,
    rows: usize,
}

/// Where one map stands, in pixels.
#[derive(Clone, Copy, Debug)]
struct Frame {
    left: f64,
    top: f64,
    width: f64,
    height: f64,
    /// Height of letters.
    text: f64,
}

impl Page {
    fn of(figure: &Figure, width: u32) -> Self {
        let columns = figure.columns.clamp(1, figure.panels.len().max(1));
        let rows = figure.panels.len().div_ceil(columns);
        let (width, across) = (f64::from(width), count(columns));
        let text = (width / 72.0).min(width / across / 27.0);
        let margin = text * 0.8;
        let cell = (width - 2.0 * margin) / across;
        // Labels of latitudes to the left; colour bar and its labels to the right.
        let room = cell - text * (LEFT + RIGHT);
        let map_height = (room * figure.extent.height() / figure.extent.width()).min(width * 0.75);
        let map_width = map_height * figure.extent.width() / figure.extent.height();
        let titles = [&figure.title, &figure.subtitle];
        let titles = titles.iter().filter(|line| !line.is_empty()).count();
        Self {
            margin,
            text,
            head: margin + text * (0.4 + 1.6 * count(titles)),
            foot: margin + text * 1.2,
            cell: (cell, map_height + text * (ABOVE + BELOW)),
            map: (map_width.round(), map_height.round().max(8.0)),
            columns,
            rows,
        }
    }

    fn height(&self) -> f64 {
        (self.head + self.cell.1 * count(self.rows) + self.foot).round()
    }

    fn frame(&self, number: usize) -> Frame {
        let (row, column) = (number / self.columns, number % self.columns);
        let spare = self.cell.0 - self.text * (LEFT + RIGHT) - self.map.0;
        Frame {
            left: (self.margin + self.cell.0 * count(column) + self.text * LEFT + spare / 2.0)
                .round(),
            top: (self.head + self.cell.1 * count(row) + self.text * ABOVE).round(),
            width: self.map.0,
            height: self.map.1,
            text: self.text,
        }
    }
}

/// Around a map, in heights of letters.
const LEFT: f64 = 3.4;
const RIGHT: f64 = 6.2;
const ABOVE: f64 = 1.9;
const BELOW: f64 = 2.0;

fn count(number: usize) -> f64 {
    u32::try_from(number).map_or(f64::MAX, f64::from)
}
