//! One map: its values, lines, frame, labels and colour bar.

use super::axis::Axis;
use super::canvas::{Canvas, INK, Place, whole};
use super::colours::Colour;
use super::lines::Kind;
use super::scale::Scale;
use super::ticks::{self, Ticks};
use super::{Extent, Frame, Lines, Panel, PlotError};

/// Where there is no value: stripes of these two.
const MISSING: [Colour; 2] = [[0xf4; 3], [0xa0; 3]];
const COAST: Colour = [0x20; 3];
const HALO: Colour = [0xe4; 3];
const BORDER: Colour = [0x50; 3];
const LAKE: Colour = [0x10, 0x2c, 0x58];

/// Draws a map; whether some of it is hatched.
pub(super) fn draw(
    canvas: &mut Canvas,
    panel: &Panel,
    extent: Extent,
    lines: &Lines,
    frame: &Frame,
) -> Result<bool, PlotError> {
    let sampled = Sampled::of(panel, extent, frame)?;
    let scale = Scale::of(panel, sampled.limits())?;
    let hatched = sampled.draw(canvas, panel, &scale, frame);
    draw_lines(canvas, extent, lines, frame);
    around(canvas, extent, frame);
    scale.draw(canvas, panel, frame);
    if sampled.limits().is_none() {
        let middle = (
            frame.left + frame.width / 2.0,
            frame.top + frame.height / 2.0,
        );
        canvas.text(
            "no values",
            Place::middle(middle.0, middle.1),
            frame.text * 1.2,
            INK,
        );
    }
    Ok(hatched)
}

/// Draws a map without what stands around it; whether some of it is hatched.
pub(super) fn inside(
    canvas: &mut Canvas,
    panel: &Panel,
    extent: Extent,
    lines: &Lines,
    (scale, frame): (&Scale, &Frame),
) -> Result<bool, PlotError> {
    let hatched = Sampled::of(panel, extent, frame)?.draw(canvas, panel, scale, frame);
    // A screen shows dark colours that paper does without: coasts have a light edge there.
    let coasts = placed(lines, Kind::Coast, extent, frame);
    canvas.lines(&coasts, 2.4, HALO);
    draw_lines(canvas, extent, lines, frame);
    Ok(hatched)
}

/// The least and the greatest of values, where there are any.
pub(super) fn limits(values: &[f32]) -> Option<(f64, f64)> {
    let there = values.iter().filter(|value| !value.is_nan());
    there.fold(None, |limits: Option<(f64, f64)>, value| {
        let value = f64::from(*value);
        let (least, most) = limits.unwrap_or((value, value));
        Some((least.min(value), most.max(value)))
    })
}

fn draw_lines(canvas: &mut Canvas, extent: Extent, lines: &Lines, frame: &Frame) {
    let thin = (frame.text / 16.0).clamp(0.7, 1.4);
    for (kind, width, colour) in [
        (Kind::Border, 0.8, BORDER),
        (Kind::Lake, 0.9, LAKE),
        (Kind::Coast, 1.1, COAST),
    ] {
        let shown = placed(lines, kind, extent, frame);
        canvas.lines(&shown, width * thin, colour);
    }
}

/// Lines of a kind in pixels.
fn placed(lines: &Lines, kind: Kind, extent: Extent, frame: &Frame) -> Vec<Vec<(f64, f64)>> {
    let mut shown = lines.shown(kind, extent);
    for (x, y) in shown.iter_mut().flatten() {
        *x = frame.left + *x * frame.width;
        *y = frame.top + *y * frame.height;
    }
    shown
}

/// The frame with meridians and parallels at it.
fn around(canvas: &mut Canvas, extent: Extent, frame: &Frame) {
    let (text, line) = (frame.text * 0.85, (frame.text / 14.0).max(1.0));
    canvas.outline([frame.left, frame.top, frame.width, frame.height], line);
    let [west, south, east, north] = extent.edges();
    let (bottom, tick) = (frame.top + frame.height, text * 0.35);
    let Ticks { at, labels, .. } =
        ticks::degrees(west, east, frame.width / (text * 4.4), ['E', 'W']);
    for (longitude, label) in at.iter().zip(&labels) {
        let x = frame.left + extent.project(*longitude, 0.0).0 * frame.width;
        canvas.lines(&[vec![(x, bottom), (x, bottom + tick)]], line, INK);
        canvas.text(label, Place::middle(x, bottom + text * 1.45), text, INK);
    }
    let Ticks { at, labels, .. } = ticks::degrees(
        south,
        north,
        (frame.height / (text * 2.8)).min(10.0),
        ['N', 'S'],
    );
    for (latitude, label) in at.iter().zip(&labels) {
        let y = frame.top + extent.project(0.0, *latitude).1 * frame.height;
        canvas.lines(&[vec![(frame.left - tick, y), (frame.left, y)]], line, INK);
        let place = Place::right(frame.left - text * 0.55, y + text * 0.36);
        canvas.text(label, place, text, INK);
    }
}

/// The value of each pixel: that of the nearest point.
struct Sampled<'a> {
    panel: &'a Panel,
    /// The row and the column of the grid that each row and column of pixels shows.
    rows: Vec<Option<usize>>,
    columns: Vec<Option<usize>>,
}

impl<'a> Sampled<'a> {
    fn of(panel: &'a Panel, extent: Extent, frame: &Frame) -> Result<Self, PlotError> {
        let expected = panel.latitudes.len() * panel.longitudes.len();
        if expected != panel.values.len() {
            return Err(PlotError::Count {
                title: panel.title.clone(),
                expected,
                found: panel.values.len(),
            });
        }
        let fault = |axis| PlotError::Axis {
            title: panel.title.clone(),
            axis,
        };
        let latitudes = Axis::latitudes(&panel.latitudes).ok_or_else(|| fault("latitudes"))?;
        let longitudes = Axis::longitudes(&panel.longitudes).ok_or_else(|| fault("longitudes"))?;
        let [west, _, _, north] = extent.edges();
        let along = |pixels: f64, degrees: f64| {
            let pixel = degrees / pixels;
            (0..whole(pixels)).map(move |number| (f64::from(number) + 0.5) * pixel)
        };
        Ok(Self {
            panel,
            rows: along(frame.height, extent.height())
                .map(|south| latitudes.nearest(north - south))
                .collect(),
            columns: along(frame.width, extent.width())
                .map(|east| longitudes.nearest(west + east))
                .collect(),
        })
    }

    /// The least and the greatest value that is shown.
    fn limits(&self) -> Option<(f64, f64)> {
        let (mut rows, mut columns) = (self.rows.clone(), self.columns.clone());
        rows.dedup();
        columns.dedup();
        let mut limits: Option<(f64, f64)> = None;
        for row in rows.into_iter().flatten() {
            for column in columns.iter().copied().flatten() {
                let value = self.value(row, column);
                if !value.is_nan() {
                    let (least, most) = limits.unwrap_or((value, value));
                    limits = Some((least.min(value), most.max(value)));
                }
            }
        }
        limits
    }

    fn value(&self, row: usize, column: usize) -> f64 {
        let at = row * self.panel.longitudes.len() + column;
        self.panel
            .values
            .get(at)
            .map_or(f64::NAN, |&value| f64::from(value))
    }

    fn draw(&self, canvas: &mut Canvas, panel: &Panel, scale: &Scale, frame: &Frame) -> bool {
        let mut hatched = false;
        let stripe = whole(frame.text / 2.0).max(4);
        for (y, row) in (whole(frame.top)..).zip(&self.rows) {
            for (x, column) in (whole(frame.left)..).zip(&self.columns) {
                // Beyond the grid the page stays white.
                let Some((row, column)) = row.zip(*column) else {
                    continue;
                };
                let value = self.value(row, column);
                let colour = if value.is_nan() {
                    hatched = true;
                    let [ground, line] = MISSING;
                    if (x + y) % stripe == 0 { line } else { ground }
                } else {
                    panel.colours.at(scale.part(value))
                };
                canvas.set(x, y, colour);
            }
        }
        hatched
    }
}
