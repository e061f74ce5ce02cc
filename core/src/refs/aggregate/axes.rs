//! The axes of each kind of series.

use super::{AggregateError, Aggregation};
use crate::time::{Moment, Step};

/// A time axis, by the coordinate that it is named after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Axis {
    Step,
    Time,
    ValidTime,
}

impl Axis {
    /// kerchunk's name of the dimension in what it writes.
    pub(super) fn dimension(self) -> &'static str {
        match self {
            Self::Step => "model_horizons",
            Self::Time => "run_times",
            Self::ValidTime => "valid_times",
        }
    }
}

/// One place on the time axes: the message of which run and step belongs there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) time: Moment,
    pub(super) step: Step,
}

impl Cell {
    pub(super) fn valid_time(self) -> Moment {
        self.time.after(self.step)
    }
}

/// The time axes of a series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Axes {
    /// The axes with their lengths, slowest first.
    pub(super) shape: Vec<(Axis, usize)>,
    /// The places in C order.
    pub(super) cells: Vec<Cell>,
    /// Whether coordinates span all axes even where one would do, as kerchunk's do for horizons.
    full: bool,
}

impl Axes {
    pub(super) fn of(aggregation: &Aggregation) -> Result<Self, AggregateError> {
        let (shape, cells) = match aggregation {
            Aggregation::BestAvailable { valid_times, as_of } => {
                let shape = vec![(Axis::ValidTime, valid_times.len())];
                let cell = |valid: &Moment| {
                    let time = *valid.min(as_of);
                    let step = valid.since(time);
                    Cell { time, step }
                };
                (shape, valid_times.iter().map(cell).collect())
            }
            Aggregation::Horizon {
                horizons,
                valid_times,
            } => {
                if horizons.iter().any(Vec::is_empty) {
                    return Err(AggregateError::EmptyAxis { axis: "step" });
                }
                let shape = vec![
                    (Axis::Step, horizons.len()),
                    (Axis::ValidTime, valid_times.len()),
                ];
                let repeated = |steps: &Vec<Step>| {
                    let steps = steps.clone().into_iter().cycle();
                    let cells = valid_times.iter().zip(steps).map(|(valid, step)| Cell {
                        time: valid.before(step),
                        step,
                    });
                    cells.collect::<Vec<_>>()
                };
                (shape, horizons.iter().flat_map(repeated).collect())
            }
            Aggregation::RunTime { times, steps } => {
                let shape = vec![(Axis::Time, times.len()), (Axis::Step, steps.len())];
                let cell = |time: Moment, step: Step| Cell { time, step };
                (shape, product(times, steps, cell))
            }
            Aggregation::ValidTime { valid_times, steps } => {
                let shape = vec![
                    (Axis::ValidTime, valid_times.len()),
                    (Axis::Step, steps.len()),
                ];
                let cell = |valid: Moment, step: Step| Cell {
                    time: valid.before(step),
                    step,
                };
                (shape, product(valid_times, steps, cell))
            }
        };
        if let Some((axis, _)) = shape.iter().find(|(_, length)| *length == 0) {
            let axis = match axis {
                Axis::Step => "step",
                Axis::Time => "time",
                Axis::ValidTime => "valid_time",
            };
            return Err(AggregateError::EmptyAxis { axis });
        }
        let full = matches!(aggregation, Aggregation::Horizon { .. });
        Ok(Self { shape, cells, full })
    }

    /// The dimensions of a coordinate and the places whose values it holds.
    pub(super) fn coordinate(&self, of: Axis) -> (Vec<(Axis, usize)>, Vec<Cell>) {
        let own = self.shape.iter().position(|(axis, _)| *axis == of);
        let Some(at) = own.filter(|_| !self.full) else {
            return (self.shape.clone(), self.cells.clone());
        };
        let faster: usize = self
            .shape
            .iter()
            .skip(at + 1)
            .map(|(_, length)| length)
            .product();
        let axis: Vec<_> = self.shape.get(at).copied().into_iter().collect();
        let length = axis.first().map_or(0, |(_, length)| *length);
        let cells = self.cells.iter().step_by(faster.max(1)).take(length);
        (axis, cells.copied().collect())
    }
}

/// Every moment with every step, the steps running fastest.
fn product(moments: &[Moment], steps: &[Step], cell: impl Fn(Moment, Step) -> Cell) -> Vec<Cell> {
    let mut cells = Vec::with_capacity(moments.len() * steps.len());
    for moment in moments {
        cells.extend(steps.iter().map(|step| cell(*moment, *step)));
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: i64) -> Moment {
        Moment::seconds(hour * 3_600)
    }

    fn hours(axes: &Axes) -> Vec<(i64, i64)> {
        let hour = |seconds: i64| seconds / 3_600;
        let pair = |cell: &Cell| (hour(cell.time.as_seconds()), hour(cell.step.as_seconds()));
        axes.cells.iter().map(pair).collect()
    }

    #[test]
    fn best_available_is_analysis_then_forecast() {
        let valid_times = vec![at(0), at(1), at(2), at(4)];
        let axes = Axes::of(&Aggregation::BestAvailable {
            valid_times,
            as_of: at(1),
        });
        assert_eq!(hours(&axes.unwrap()), [(0, 0), (1, 0), (1, 1), (1, 3)]);
    }

    #[test]
    fn a_horizon_repeats_its_steps_along_the_valid_times() {
        let axes = Axes::of(&Aggregation::Horizon {
            horizons: vec![vec![Step::hours(0), Step::hours(1)], vec![Step::hours(2)]],
            valid_times: vec![at(4), at(5), at(6)],
        })
        .unwrap();
        assert_eq!(
            hours(&axes),
            [(4, 0), (4, 1), (6, 0), (2, 2), (3, 2), (4, 2)]
        );
        assert_eq!(axes.coordinate(Axis::Step).1.len(), 6);
    }

    #[test]
    fn a_coordinate_of_one_axis_holds_the_values_of_that_axis() {
        let axes = Axes::of(&Aggregation::ValidTime {
            valid_times: vec![at(4), at(5)],
            steps: vec![Step::hours(1), Step::hours(2), Step::hours(3)],
        })
        .unwrap();
        let (shape, cells) = axes.coordinate(Axis::ValidTime);
        assert_eq!(shape, [(Axis::ValidTime, 2)]);
        assert_eq!(
            [cells[0].valid_time(), cells[1].valid_time()],
            [at(4), at(5)]
        );
        let (shape, cells) = axes.coordinate(Axis::Step);
        assert_eq!(shape, [(Axis::Step, 3)]);
        assert_eq!(cells[2].step, Step::hours(3));
        assert_eq!(axes.coordinate(Axis::Time).1.len(), 6);
    }

    #[test]
    fn an_axis_has_a_value() {
        for (aggregation, axis) in [
            (
                Aggregation::RunTime {
                    times: vec![],
                    steps: vec![Step::ZERO],
                },
                "time",
            ),
            (
                Aggregation::Horizon {
                    horizons: vec![vec![]],
                    valid_times: vec![at(0)],
                },
                "step",
            ),
        ] {
            let error = Axes::of(&aggregation).unwrap_err().to_string();
            assert_eq!(error, format!("the axis {axis} is empty"));
        }
    }
}
