//! What members have in common, point by point, in one pass: mean, deviation, extremes, counts, quantiles.
//!
//! A value that is NaN is missing: it counts for nothing, as in numpy's `nanmean`. Points where all are missing are NaN.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What is said of the members at each point.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[non_exhaustive]
pub enum Statistic {
    /// How many members have a value.
    Count,
    /// Greatest value.
    Maximum,
    /// Arithmetic mean.
    Mean,
    /// Least value.
    Minimum,
    /// Per cent of the members with values that hold the condition.
    Probability {
        /// The variable that it is of, in the words of the user.
        variable: String,
        /// The condition.
        compare: Compare,
        /// What values are compared with, in the unit that is written.
        threshold: f64,
    },
    /// Quantile, interpolated between members as numpy's `linear`; from 0 to 100.
    Quantile(f64),
    /// Standard deviation of the members themselves (ddof 0).
    StandardDeviation,
}

/// How a value is compared with a threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compare {
    /// `>`
    Above,
    /// `>=`
    AtLeast,
    /// `<=`
    AtMost,
    /// `<`
    Below,
}

/// A word that is no statistic.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` is no statistic: expected mean, std, min, max, count, p10, or prob:VARIABLE>NUMBER"
)]
pub struct NoStatistic {
    /// What was found.
    text: String,
}

impl FromStr for Statistic {
    type Err = NoStatistic;

    fn from_str(text: &str) -> Result<Self, NoStatistic> {
        let unknown = || NoStatistic {
            text: text.to_owned(),
        };
        if let Some(condition) = text.strip_prefix("prob:") {
            let (at, word, compare) = [
                (">=", Compare::AtLeast),
                ("<=", Compare::AtMost),
                (">", Compare::Above),
                ("<", Compare::Below),
            ]
            .into_iter()
            .find_map(|(word, compare)| Some((condition.find(word)?, word, compare)))
            .ok_or_else(unknown)?;
            let (variable, rest) = condition.split_at(at);
            let threshold = rest
                .get(word.len()..)
                .and_then(|number| number.parse().ok());
            let threshold = threshold
                .filter(|number: &f64| number.is_finite() && !variable.is_empty())
                .ok_or_else(unknown)?;
            return Ok(Self::Probability {
                variable: variable.to_owned(),
                compare,
                threshold,
            });
        }
        Ok(match text {
            "count" => Self::Count,
            "max" => Self::Maximum,
            "mean" => Self::Mean,
            "min" => Self::Minimum,
            "std" => Self::StandardDeviation,
            _ => {
                let number = text.strip_prefix('p').and_then(|text| text.parse().ok());
                let number = number.filter(|number| (0.0..=100.0).contains(number));
                Self::Quantile(number.ok_or_else(unknown)?)
            }
        })
    }
}

/// As it is typed.
impl fmt::Display for Statistic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count => f.write_str("count"),
            Self::Maximum => f.write_str("max"),
            Self::Mean => f.write_str("mean"),
            Self::Minimum => f.write_str("min"),
            Self::Probability {
                variable,
                compare,
                threshold,
            } => write!(f, "prob:{variable}{compare}{threshold}"),
            Self::Quantile(per_cent) => write!(f, "p{per_cent}"),
            Self::StandardDeviation => f.write_str("std"),
        }
    }
}

impl fmt::Display for Compare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Above => ">",
            Self::AtLeast => ">=",
            Self::AtMost => "<=",
            Self::Below => "<",
        })
    }
}

impl TryFrom<String> for Statistic {
    type Error = NoStatistic;

    fn try_from(text: String) -> Result<Self, NoStatistic> {
        text.parse()
    }
}

impl From<Statistic> for String {
    fn from(statistic: Statistic) -> Self {
        statistic.to_string()
    }
}

impl Statistic {
    /// What the variable of this statistic is called after that of the members: `tp` to `tp_ensemble_mean`.
    pub fn name(&self, variable: &str) -> String {
        match self {
            Self::Count => format!("{variable}_ensemble_count"),
            Self::Maximum => format!("{variable}_ensemble_maximum"),
            Self::Mean => format!("{variable}_ensemble_mean"),
            Self::Minimum => format!("{variable}_ensemble_minimum"),
            Self::Probability {
                compare, threshold, ..
            } => {
                let word = match compare {
                    Compare::Above => "gt",
                    Compare::AtLeast => "ge",
                    Compare::AtMost => "le",
                    Compare::Below => "lt",
                };
                format!("{variable}_probability_{word}_{threshold}")
            }
            Self::Quantile(per_cent) => format!("{variable}_ensemble_p{per_cent}"),
            Self::StandardDeviation => format!("{variable}_ensemble_standard_deviation"),
        }
    }

    /// CF's cell method over the members; `None` where CF has none.
    pub fn cell_method(&self) -> Option<&'static str> {
        match self {
            Self::Maximum => Some("realization: maximum"),
            Self::Mean => Some("realization: mean"),
            Self::Minimum => Some("realization: minimum"),
            Self::StandardDeviation => Some("realization: standard_deviation (ddof 0)"),
            Self::Count | Self::Probability { .. } | Self::Quantile(_) => None,
        }
    }
}

/// The members of one variable at one step, as far as they came.
#[derive(Clone, Debug)]
pub struct Accumulator {
    points: usize,
    statistics: Vec<Statistic>,
    members: usize,
    count: Vec<u32>,
    mean: Vec<f64>,
    squares: Vec<f64>,
    minimum: Vec<f32>,
    maximum: Vec<f32>,
    /// For each probability, in the order of the statistics, how many members hold it.
    holding: Vec<Vec<u32>>,
    /// All members, where quantiles are asked for.
    held: Vec<Vec<f32>>,
}

impl Accumulator {
    /// No member yet. Only what the statistics need is kept.
    pub fn new(points: usize, statistics: &[Statistic]) -> Self {
        let wants = |of: fn(&Statistic) -> bool| statistics.iter().any(of);
        let mean = wants(|it| matches!(it, Statistic::Mean | Statistic::StandardDeviation));
        let sized = |wanted: bool| if wanted { points } else { 0 };
        let conditions = statistics.iter().filter(|it| it.is_probability());
        Self {
            points,
            statistics: statistics.to_vec(),
            members: 0,
            count: vec![0; points],
            mean: vec![0.0; sized(mean)],
            squares: vec![0.0; sized(wants(|it| matches!(it, Statistic::StandardDeviation)))],
            minimum: vec![f32::INFINITY; sized(wants(|it| matches!(it, Statistic::Minimum)))],
            maximum: vec![f32::NEG_INFINITY; sized(wants(|it| matches!(it, Statistic::Maximum)))],
            holding: conditions.map(|_| vec![0; points]).collect(),
            held: Vec::new(),
        }
    }

    /// Adds a member. Feed them in their order: sums of reals depend on it.
    pub fn push(&mut self, values: &[f32]) {
        self.members += 1;
        for (count, value) in self.count.iter_mut().zip(values) {
            *count += u32::from(!value.is_nan());
        }
        let counted = self.count.iter().zip(values);
        if self.squares.is_empty() {
            for ((count, value), mean) in counted.zip(&mut self.mean) {
                let delta = f64::from(*value) - *mean;
                if !value.is_nan() {
                    *mean += delta / f64::from(*count);
                }
            }
        } else {
            let sums = self.mean.iter_mut().zip(&mut self.squares);
            for ((count, value), (mean, squares)) in counted.zip(sums) {
                // Welford's: numerically sound, and one pass.
                let delta = f64::from(*value) - *mean;
                if !value.is_nan() {
                    *mean += delta / f64::from(*count);
                    *squares += delta * (f64::from(*value) - *mean);
                }
            }
        }
        for (minimum, value) in self.minimum.iter_mut().zip(values) {
            *minimum = minimum.min(*value);
        }
        for (maximum, value) in self.maximum.iter_mut().zip(values) {
            *maximum = maximum.max(*value);
        }
        let conditions = self.statistics.iter().filter_map(Statistic::condition);
        for (holding, (compare, threshold)) in self.holding.iter_mut().zip(conditions) {
            for (holding, value) in holding.iter_mut().zip(values) {
                *holding += u32::from(compare.holds(f64::from(*value), threshold));
            }
        }
        if self
            .statistics
            .iter()
            .any(|it| matches!(it, Statistic::Quantile(_)))
        {
            self.held.push(values.to_vec());
        }
    }

    /// How many members were added.
    pub fn members(&self) -> usize {
        self.members
    }

    /// One array for each statistic, in their order.
    pub fn finish(self) -> Vec<Vec<f32>> {
        let mut holding = self.holding.iter();
        let sorted = Sorted::of(&self);
        let each = self.statistics.iter().map(|statistic| match statistic {
            Statistic::Count => self.count.iter().map(|count| real(*count)).collect(),
            Statistic::Maximum => self.where_any(&self.maximum),
            Statistic::Mean => {
                let mean: Vec<f32> = self.mean.iter().map(|mean| single(*mean)).collect();
                self.where_any(&mean)
            }
            Statistic::Minimum => self.where_any(&self.minimum),
            Statistic::Probability { .. } => {
                let holding = holding.next().into_iter().flatten();
                let share = holding.zip(&self.count).map(|(holding, count)| {
                    single(100.0 * f64::from(*holding) / f64::from(*count))
                });
                share.collect()
            }
            Statistic::Quantile(per_cent) => sorted.quantile(*per_cent),
            Statistic::StandardDeviation => {
                let squares = self.squares.iter().zip(&self.count);
                let deviation =
                    squares.map(|(squares, count)| single((squares / f64::from(*count)).sqrt()));
                deviation.collect()
            }
        });
        each.collect()
    }

    /// Values where any member has one, NaN elsewhere.
    fn where_any(&self, values: &[f32]) -> Vec<f32> {
        let each = values.iter().zip(&self.count);
        each.map(|(value, count)| if *count > 0 { *value } else { f32::NAN })
            .collect()
    }
}

impl Statistic {
    fn is_probability(&self) -> bool {
        self.condition().is_some()
    }

    fn condition(&self) -> Option<(Compare, f64)> {
        match self {
            Self::Probability {
                compare, threshold, ..
            } => Some((*compare, *threshold)),
            _ => None,
        }
    }
}

impl Compare {
    /// Whether a value holds; NaN never does.
    fn holds(self, value: f64, threshold: f64) -> bool {
        match self {
            Self::Above => value > threshold,
            Self::AtLeast => value >= threshold,
            Self::AtMost => value <= threshold,
            Self::Below => value < threshold,
        }
    }
}

/// The values of each point, the least first; missing ones are left out.
struct Sorted(Vec<Vec<f32>>);

impl Sorted {
    fn of(accumulator: &Accumulator) -> Self {
        if accumulator.held.is_empty() {
            return Self(Vec::new());
        }
        let point = |at: usize| {
            let values = accumulator
                .held
                .iter()
                .filter_map(|member| member.get(at).copied());
            let mut values: Vec<f32> = values.filter(|value| !value.is_nan()).collect();
            values.sort_unstable_by(f32::total_cmp);
            values
        };
        Self((0..accumulator.points).map(point).collect())
    }

    fn quantile(&self, per_cent: f64) -> Vec<f32> {
        let of = |values: &Vec<f32>| {
            let last = values.len().checked_sub(1)?;
            let place = per_cent / 100.0 * f64::from(u32::try_from(last).ok()?);
            let below = whole(place.floor());
            let (low, high) = (values.get(below)?, values.get((below + 1).min(last))?);
            let (low, high) = (f64::from(*low), f64::from(*high));
            Some(single(low + (high - low) * (place - place.floor())))
        };
        self.0
            .iter()
            .map(|values| of(values).unwrap_or(f32::NAN))
            .collect()
    }
}

#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "what is written has 32 bits"
)]
fn single(value: f64) -> f32 {
    value as f32
}

#[expect(clippy::as_conversions, reason = "members are counted in tens: exact")]
fn real(count: u32) -> f32 {
    count as f32
}

#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a place among members, from 0"
)]
fn whole(place: f64) -> usize {
    place as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statistics(text: &str) -> Vec<Statistic> {
        text.split(',').map(|word| word.parse().unwrap()).collect()
    }

    #[test]
    fn statistics_are_those_of_numpy() {
        let mut accumulator = Accumulator::new(
            3,
            &statistics("mean,std,min,max,count,p25,p50,prob:x>2,prob:x>=2"),
        );
        for values in [
            [1.0, f32::NAN, 2.0],
            [2.0, f32::NAN, f32::NAN],
            [6.0, f32::NAN, 4.0],
        ] {
            accumulator.push(&values);
        }
        assert_eq!(accumulator.members(), 3);
        let found = accumulator.finish();
        let close = |found: &[f32], expected: [f32; 3]| {
            for (found, expected) in found.iter().zip(expected) {
                let same = found.is_nan() && expected.is_nan();
                assert!(
                    same || (found - expected).abs() < 1e-6,
                    "{found} {expected}"
                );
            }
        };
        let nan = f32::NAN;
        close(&found[0], [3.0, nan, 3.0]);
        close(&found[1], [2.160_247, nan, 1.0]);
        close(&found[2], [1.0, nan, 2.0]);
        close(&found[3], [6.0, nan, 4.0]);
        close(&found[4], [3.0, 0.0, 2.0]);
        close(&found[5], [1.5, nan, 2.5]);
        close(&found[6], [2.0, nan, 3.0]);
        close(&found[7], [100.0 / 3.0, nan, 50.0]);
        close(&found[8], [200.0 / 3.0, nan, 100.0]);
    }

    #[test]
    fn a_mean_alone_is_the_mean() {
        let mut accumulator = Accumulator::new(1, &statistics("mean"));
        for value in [1.0, f32::NAN, 2.0] {
            accumulator.push(&[value]);
        }
        assert_eq!(accumulator.finish(), [[1.5]]);
    }

    #[test]
    fn a_deviation_far_from_zero_keeps_its_digits() {
        let mut accumulator = Accumulator::new(1, &statistics("std"));
        for value in [101_325.0_f32, 101_325.5, 101_326.0] {
            accumulator.push(&[value]);
        }
        let expected = (1.0_f64 / 6.0).sqrt();
        assert!((f64::from(accumulator.finish()[0][0]) - expected).abs() < 1e-7);
    }

    #[test]
    fn words_are_statistics_and_back() {
        for text in ["mean", "std", "p2.5", "prob:tp>=0.005", "prob:u@700<-3"] {
            assert_eq!(text.parse::<Statistic>().unwrap().to_string(), text);
        }
        for text in [
            "",
            "median",
            "p101",
            "p-1",
            "prob:>3",
            "prob:tp>x",
            "prob:tp=3",
        ] {
            assert!(text.parse::<Statistic>().is_err(), "{text}");
        }
    }
}
