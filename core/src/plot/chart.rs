//! One map without a page around it: what an interactive map shows, and the numbers of its colour bar.

use super::canvas::Canvas;
use super::scale::Scale;
use super::{Extent, Frame, Lines, Panel, Picture, PlotError, panel, text, ticks};

/// Pixels of a side that are drawn.
const SIZES: std::ops::RangeInclusive<u32> = 16..=4_000;
/// Height of letters and stripes, in pixels.
const TEXT: f64 = 14.0;

/// A map and what its colours mean.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// The map.
    pub picture: Picture,
    /// Its colours.
    pub bar: Bar,
    /// Whether some of it has no value.
    pub hatched: bool,
}

/// What colours mean.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    /// The value at the lower end.
    pub low: f64,
    /// The value at the upper end.
    pub high: f64,
    /// Whether values lie below.
    pub below: bool,
    /// Whether values lie above.
    pub above: bool,
    /// Round values between, and how they are written.
    pub ticks: Vec<(f64, String)>,
    /// Units with the power of ten that the labels leave out.
    pub units: String,
}

/// Draws a panel's region, `size` pixels wide and high. Limits that are not given are those of all its values, so that a
/// map keeps its colours while it is moved.
///
/// # Errors
/// See [`PlotError`].
pub fn chart(
    panel: &Panel,
    extent: Extent,
    lines: &Lines,
    size: [u32; 2],
) -> Result<Chart, PlotError> {
    let [width, height] = size;
    let frame = Frame {
        left: 0.0,
        top: 0.0,
        width: f64::from(width),
        height: f64::from(height),
        text: TEXT,
    };
    let wrong = PlotError::Size {
        width,
        height: frame.height,
    };
    if !SIZES.contains(&width) || !SIZES.contains(&height) {
        return Err(wrong);
    }
    let mut canvas = Canvas::new(width, height, text::Font::builtin()?).ok_or(wrong)?;
    let scale = Scale::of(panel, panel::limits(&panel.values))?;
    let hatched = panel::inside(&mut canvas, panel, extent, lines, (&scale, &frame))?;
    let bar = scale.bar();
    Ok(Chart {
        picture: canvas.finish(),
        bar: Bar {
            units: ticks::units(&panel.units, bar.1),
            ..bar.0
        },
        hatched,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plot::Limits;
    use crate::plot::colours::ColourMap;

    fn panel(limits: Limits) -> Panel {
        Panel {
            title: "t".to_owned(),
            units: "kg m**-2".to_owned(),
            values: vec![0.0, 10.0, f32::NAN, 4.0],
            latitudes: vec![1.0, 0.0],
            longitudes: vec![33.0, 34.0],
            colours: ColourMap::named("Greys").unwrap(),
            limits,
        }
    }

    #[test]
    fn a_chart_is_all_map_and_keeps_its_colours() {
        let whole = Extent::new([32.5, -0.5, 34.5, 1.5]).unwrap();
        let lines = Lines::default();
        let shown = chart(&panel(Limits::Data), whole, &lines, [40, 40]).unwrap();
        let pixel = |chart: &Chart, x: usize, y: usize| chart.picture.rgba[(y * 40 + x) * 4];
        assert_eq!(pixel(&shown, 0, 0), 0xff);
        assert_eq!(pixel(&shown, 39, 0), 0);
        assert!(shown.hatched);
        assert_eq!((shown.bar.low, shown.bar.high), (0.0, 10.0));
        assert_eq!(shown.bar.units, "kg m⁻²");
        let part = Extent::new([32.5, 0.5, 33.5, 1.5]).unwrap();
        let moved = chart(&panel(Limits::Data), part, &lines, [40, 40]).unwrap();
        assert_eq!(moved.bar, shown.bar);
        assert!(!moved.hatched);
    }

    #[test]
    fn values_beyond_the_limits_are_told() {
        let whole = Extent::new([32.5, -0.5, 34.5, 1.5]).unwrap();
        let limits = Limits::Given {
            low: 2.0,
            high: 10.0,
        };
        let shown = chart(&panel(limits), whole, &Lines::default(), [40, 40]).unwrap();
        assert_eq!((shown.bar.below, shown.bar.above), (true, false));
        let small = chart(&panel(limits), whole, &Lines::default(), [4, 40]);
        assert!(small.is_err());
    }
}
