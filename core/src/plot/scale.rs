//! From values to parts of a colour map: the limits, and the bar that shows them.

use super::canvas::{Canvas, INK, Place};
use super::ticks::{self, Ticks};
use super::{Bar, Frame, Limits, Panel, PlotError};

/// What the ends of the colours stand for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Scale {
    low: f64,
    high: f64,
    /// Whether values lie below and above.
    beyond: (bool, bool),
}

impl Scale {
    /// The scale of a panel whose shown values go from `least` to `most`; `None` where it shows none.
    pub(super) fn of(panel: &Panel, shown: Option<(f64, f64)>) -> Result<Self, PlotError> {
        let (least, most) = shown.unwrap_or((0.0, 1.0));
        let (low, high) = match panel.limits {
            Limits::Given { low, high } => (low, high),
            Limits::Data => rounded(least, most),
            Limits::Symmetric => {
                let (_, end) = rounded(0.0, least.abs().max(most.abs()));
                (-end, end)
            }
        };
        if !(low < high && (high - low).is_finite()) {
            return Err(PlotError::Limits {
                title: panel.title.clone(),
                low,
                high,
            });
        }
        Ok(Self {
            low,
            high,
            beyond: (least < low, most > high),
        })
    }

    /// The part of the way that a value is at; beyond 0 and 1 where it lies outside.
    pub(super) fn part(&self, value: f64) -> f64 {
        (value - self.low) / (self.high - self.low)
    }

    /// The colour bar to the right of a map, and its title beside the units.
    pub(super) fn draw(&self, canvas: &mut Canvas, panel: &Panel, frame: &Frame) {
        let text = frame.text * 0.85;
        let (width, line) = (frame.text * 0.9, (frame.text / 14.0).max(1.0));
        let left = (frame.left + frame.width + frame.text * 0.8).round();
        let arrow = if self.beyond.0 || self.beyond.1 {
            width
        } else {
            0.0
        };
        let (top, height) = (frame.top + arrow, frame.height - 2.0 * arrow);
        let rows = super::canvas::whole(height.round());
        for row in 0..rows {
            let part = 1.0 - (f64::from(row) + 0.5) / f64::from(rows);
            for column in 0..super::canvas::whole(width.round()) {
                let x = super::canvas::whole(left) + column;
                canvas.set(x, super::canvas::whole(top) + row, panel.colours.at(part));
            }
        }
        let right = left + width.round();
        let middle = (left + right) / 2.0;
        for (beyond, part, base, tip) in [
            (self.beyond.1, 1.0, top, frame.top),
            (self.beyond.0, 0.0, top + height, frame.top + frame.height),
        ] {
            if beyond {
                let corners = [(left, base), (right, base), (middle, tip)];
                canvas.polygon(&corners, panel.colours.at(part));
                canvas.lines(
                    &[vec![(left, base), (middle, tip), (right, base)]],
                    line,
                    INK,
                );
            }
        }
        canvas.outline([left, top, width.round(), height], line);
        let ticks = self.ticks((height / (text * 2.4)).min(10.0));
        for (value, label) in ticks.at.iter().zip(&ticks.labels) {
            let y = top + (1.0 - self.part(*value)) * height;
            canvas.lines(&[vec![(right, y), (right + text * 0.35, y)]], line, INK);
            let place = Place::left(right + text * 0.55, y + text * 0.36);
            canvas.text(label, place, text, INK);
        }
        let units = ticks::units(&panel.units, ticks.exponent);
        let end = frame.left + frame.width + frame.text * 5.8;
        canvas.text(&units, Place::right(end, frame.top - text * 0.7), text, INK);
        let room = end - frame.left - canvas.width(&units, text) - frame.text;
        let title = Place::left(frame.left, frame.top - frame.text * 0.6);
        canvas.text_within(&panel.title, title, frame.text, room, INK);
    }

    /// The scale for who draws it elsewhere, without units; and the power of ten that the labels leave out.
    pub(super) fn bar(&self) -> (Bar, i32) {
        let Ticks {
            at,
            labels,
            exponent,
        } = self.ticks(6.0);
        let bar = Bar {
            low: self.low,
            high: self.high,
            below: self.beyond.0,
            above: self.beyond.1,
            ticks: at.into_iter().zip(labels).collect(),
            units: String::new(),
        };
        (bar, exponent)
    }

    fn ticks(&self, wanted: f64) -> Ticks {
        ticks::round(self.low, self.high, wanted)
    }
}

/// Round numbers just around these.
fn rounded(least: f64, most: f64) -> (f64, f64) {
    if least == most {
        return match least {
            0.0 => (0.0, 1.0),
            _ => (least - least.abs() / 2.0, least + least.abs() / 2.0),
        };
    }
    let step = ticks::round_step((most - least) / 20.0);
    let low = ((least / step + 1e-6).floor()) * step + 0.0;
    let high = ((most / step - 1e-6).ceil()) * step + 0.0;
    (low, high)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plot::colours::ColourMap;

    fn panel(limits: Limits) -> Panel {
        Panel {
            title: "t".to_owned(),
            units: String::new(),
            values: Vec::new(),
            latitudes: Vec::new(),
            longitudes: Vec::new(),
            colours: ColourMap::named("Greys").unwrap(),
            limits,
        }
    }

    #[test]
    fn limits_are_round_and_hold_the_values() {
        let scale = |limits, least, most| {
            let scale = Scale::of(&panel(limits), Some((least, most))).unwrap();
            (scale.low, scale.high, scale.beyond)
        };
        let inside = (false, false);
        assert_eq!(scale(Limits::Data, 0.3, 46.2), (0.0, 50.0, inside));
        assert_eq!(scale(Limits::Symmetric, -3.3, 8.1), (-8.5, 8.5, inside));
        assert_eq!(scale(Limits::Data, 0.0, 0.0), (0.0, 1.0, inside));
        assert_eq!(scale(Limits::Data, -4.0, -4.0), (-6.0, -2.0, inside));
        let given = Limits::Given {
            low: 0.0,
            high: 10.0,
        };
        assert_eq!(scale(given, -1.0, 10.0), (0.0, 10.0, (true, false)));
        let upside = Limits::Given {
            low: 1.0,
            high: 1.0,
        };
        assert!(Scale::of(&panel(upside), None).is_err());
        let infinite = Scale::of(&panel(Limits::Data), Some((0.0, f64::INFINITY)));
        assert!(infinite.is_err());
    }
}
