//! Lines of values in a drawing: where they stand, and what is written at the axes.

use crate::protocol::map::Series;

/// Width of a drawing, in its own units.
pub const WIDTH: f64 = 640.0;
/// Its height.
pub const HEIGHT: f64 = 280.0;
/// Room to the left of the lines, for the labels of values.
pub const LEFT: f64 = 64.0;
/// Room below, for the labels of steps.
pub const BELOW: f64 = 40.0;
/// Room above and to the right.
const EDGE: f64 = 12.0;

/// A drawing of a series.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Graph {
    /// Pieces of lines, `x,y x,y`: a line is cut where a value is missing. With each the number of its line.
    pub pieces: Vec<(usize, String)>,
    /// Points that have no neighbour.
    pub dots: Vec<(usize, f64, f64)>,
    /// The mean of all lines, where they are several; in pieces.
    pub mean: Vec<String>,
    /// Labels of values with their heights.
    pub values: Vec<(f64, String)>,
    /// Labels of steps with their places.
    pub steps: Vec<(f64, String)>,
}

/// The drawing of a series; `None` where it has no value.
pub fn graph(series: &Series) -> Option<Graph> {
    let all = series.lines.iter().flat_map(|line| &line.values).flatten();
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for value in all {
        (low, high) = (low.min(*value), high.max(*value));
    }
    let (first, last) = (*series.hours.first()?, *series.hours.last()?);
    if low > high {
        return None;
    }
    let ticks = ticks(low, high, 5.0);
    let (bottom, top) = (
        ticks.first().copied().unwrap_or(low).min(low),
        ticks.last().copied().unwrap_or(high).max(high),
    );
    let x = |hour: f64| {
        let part = if last > first {
            (hour - first) / (last - first)
        } else {
            0.5
        };
        LEFT + part * (WIDTH - LEFT - EDGE)
    };
    let y = |value: f64| {
        let part = if top > bottom {
            (value - bottom) / (top - bottom)
        } else {
            0.5
        };
        HEIGHT - BELOW - part * (HEIGHT - BELOW - EDGE)
    };
    let mut graph = Graph {
        values: ticks
            .iter()
            .map(|tick| (y(*tick), written(*tick)))
            .collect(),
        steps: steps(&series.hours)
            .into_iter()
            .map(|hour| (x(hour), hour.to_string()))
            .collect(),
        ..Graph::default()
    };
    for (number, line) in series.lines.iter().enumerate() {
        for piece in pieces(&series.hours, &line.values) {
            match piece.as_slice() {
                [(hour, value)] => graph.dots.push((number, x(*hour), y(*value))),
                piece => graph.pieces.push((number, points(piece, x, y))),
            }
        }
    }
    if series.lines.len() > 2 {
        let mean = means(series);
        let pieces = pieces(&series.hours, &mean);
        let pieces = pieces.iter().filter(|piece| piece.len() > 1);
        graph.mean = pieces.map(|piece| points(piece, x, y)).collect();
    }
    Some(graph)
}

/// The mean of all lines at each step, where all have a value.
pub fn means(series: &Series) -> Vec<Option<f64>> {
    let count = series.lines.len() as f64;
    (0..series.hours.len())
        .map(|at| {
            let values = series.lines.iter();
            let values = values.map(|line| line.values.get(at).copied().flatten());
            let sum: Option<f64> = values.sum();
            sum.filter(|_| count > 0.0).map(|sum| sum / count)
        })
        .collect()
}

/// A number with as many digits as a reader wants.
pub fn written(value: f64) -> String {
    let size = value.abs();
    if size == 0.0 {
        return "0".to_owned();
    }
    if !(1e-4..1e7).contains(&size) {
        return format!("{value:.3e}");
    }
    let text = format!("{value:.6}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    text.to_owned()
}

/// Round numbers from below `low` to above `high`.
fn ticks(low: f64, high: f64, wanted: f64) -> Vec<f64> {
    let span = if high > low {
        high - low
    } else {
        low.abs().max(1.0) * 0.2
    };
    let power = 10_f64.powf((span / wanted).log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|step| step * power)
        .find(|step| *step >= span / wanted * 0.999)
        .unwrap_or(10.0 * power);
    let (first, last) = ((low / step + 1e-9).floor(), (high / step - 1e-9).ceil());
    let mut ticks = Vec::new();
    let mut at = first;
    while at <= last && ticks.len() < 20 {
        ticks.push(at * step);
        at += 1.0;
    }
    ticks
}

/// Some of the steps, so that their labels do not touch.
fn steps(hours: &[f64]) -> Vec<f64> {
    let every = hours.len().div_ceil(10).max(1);
    hours.iter().copied().step_by(every).collect()
}

fn pieces(hours: &[f64], values: &[Option<f64>]) -> Vec<Vec<(f64, f64)>> {
    let mut pieces: Vec<Vec<(f64, f64)>> = vec![Vec::new()];
    for (hour, value) in hours.iter().zip(values) {
        match (value, pieces.last_mut()) {
            (Some(value), Some(piece)) => piece.push((*hour, *value)),
            _ => pieces.push(Vec::new()),
        }
    }
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

fn points(piece: &[(f64, f64)], x: impl Fn(f64) -> f64, y: impl Fn(f64) -> f64) -> String {
    let piece = piece.iter();
    let points: Vec<String> = piece
        .map(|(hour, value)| format!("{:.1},{:.1}", x(*hour), y(*value)))
        .collect();
    points.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::map::SeriesLine;

    fn series(lines: &[&[Option<f64>]]) -> Series {
        Series {
            hours: vec![0.0, 3.0, 6.0, 9.0],
            lines: lines
                .iter()
                .map(|values| SeriesLine {
                    member: "m".to_owned(),
                    values: values.to_vec(),
                })
                .collect(),
            ..Series::default()
        }
    }

    #[test]
    fn a_line_is_cut_where_a_value_is_missing() {
        let one = series(&[&[Some(1.0), Some(2.0), None, Some(4.0)]]);
        let graph = graph(&one).unwrap();
        assert_eq!(graph.pieces, [(0, "64.0,240.0 252.0,164.0".to_owned())]);
        assert_eq!(graph.dots.len(), 1);
        let labels: Vec<_> = graph
            .values
            .iter()
            .map(|(_, label)| label.as_str())
            .collect();
        assert_eq!(labels, ["1", "2", "3", "4"]);
        assert!(graph.mean.is_empty());
        assert_eq!(super::graph(&series(&[&[None; 4]])), None);
    }

    #[test]
    fn the_mean_is_that_of_all_lines_or_none() {
        let plume = series(&[
            &[Some(1.0), Some(2.0), None, Some(4.0)],
            &[Some(3.0), Some(2.0), Some(1.0), Some(4.0)],
            &[Some(5.0), Some(2.0), Some(1.0), Some(4.0)],
        ]);
        assert_eq!(means(&plume), [Some(3.0), Some(2.0), None, Some(4.0)]);
        assert_eq!(graph(&plume).unwrap().mean.len(), 1);
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!(written(0.1 + 0.2), "0.3");
        assert_eq!(written(-1.5e-9), "-1.500e-9");
        assert_eq!(written(287.0), "287");
        assert_eq!(ticks(5.0, 5.0, 5.0).len(), 1);
    }
}
