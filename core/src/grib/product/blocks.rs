//! The blocks that product templates share, put together from the keys of a section's layout.
//!
//! A block is there when the section has every key of it: nothing is filled in.

use super::{
    Band, Derived, Ensemble, ForecastTime, GeneratingProcess, Interval, Parameter, Probability,
    Quantile, Scaled, SpatialProcess, Statistics, Surfaces, TimeRange, Timestamp,
};
use crate::grib::layout::{Context, Entry, Value, walk};
use crate::grib::reader::Short;
use crate::identity::Surface;

/// The entries of one section 4.
pub(super) struct Blocks<'a>(Vec<Entry<'a>>);

impl<'a> Blocks<'a> {
    /// The entries, and whether the layout of the template is known.
    pub(super) fn read(octets: &'a [u8], context: &Context) -> Result<(Self, bool), Short> {
        let mut entries = Vec::with_capacity(48);
        let walked = walk(4, octets, &mut context.clone(), &mut |entry| {
            // Vertical coordinates: hundreds of them, and no block has them.
            if entry.key != "pv" {
                entries.push(entry);
            }
        })?;
        if !walked.known {
            entries.clear();
        }
        Ok((Self(entries), walked.known))
    }

    /// The integer of the first entry of that key, or `None` where there is none, or it is missing or does not fit.
    pub(super) fn number<T: TryFrom<i64>>(&self, key: &str) -> Option<T> {
        number(&self.0, key)
    }

    pub(super) fn parameter(&self) -> Option<Parameter> {
        Some(Parameter {
            category: self.number("parameterCategory")?,
            number: self.number("parameterNumber")?,
        })
    }

    pub(super) fn process(&self) -> Option<GeneratingProcess> {
        let observed = "observationGeneratingProcessIdentifier";
        Some(GeneratingProcess {
            kind: self.number("typeOfGeneratingProcess")?,
            background: self.number("backgroundProcess"),
            identifier: self
                .number("generatingProcessIdentifier")
                .or_else(|| self.number(observed)),
        })
    }

    pub(super) fn forecast_time(&self) -> Option<ForecastTime> {
        // Templates of local time have forecast times of their own, without a data cutoff.
        self.value("hoursAfterDataCutoff")?;
        Some(ForecastTime {
            cutoff_hours: self.number("hoursAfterDataCutoff"),
            cutoff_minutes: self.number("minutesAfterDataCutoff"),
            unit: self.number("indicatorOfUnitForForecastTime")?,
            value: self.number("forecastTime")?,
        })
    }

    pub(super) fn surfaces(&self) -> Option<Surfaces> {
        let surface = |kind, scale_factor, scaled_value| {
            Some(Surface {
                kind: self.number(kind)?,
                scale_factor: self.number(scale_factor),
                scaled_value: self.number(scaled_value),
            })
        };
        Some(Surfaces {
            first: surface(
                "typeOfFirstFixedSurface",
                "scaleFactorOfFirstFixedSurface",
                "scaledValueOfFirstFixedSurface",
            )?,
            second: surface(
                "typeOfSecondFixedSurface",
                "scaleFactorOfSecondFixedSurface",
                "scaledValueOfSecondFixedSurface",
            )?,
        })
    }

    pub(super) fn ensemble(&self) -> Option<Ensemble> {
        Some(Ensemble {
            kind: self.number("typeOfEnsembleForecast")?,
            number: self.number("perturbationNumber"),
            size: self.number("numberOfForecastsInEnsemble")?,
        })
    }

    pub(super) fn derived(&self) -> Option<Derived> {
        Some(Derived {
            kind: self.number("derivedForecast")?,
            size: self.number("numberOfForecastsInEnsemble")?,
        })
    }

    pub(super) fn probability(&self) -> Option<Probability> {
        Some(Probability {
            number: self.number("forecastProbabilityNumber")?,
            total: self.number("totalNumberOfForecastProbabilities")?,
            kind: self.number("probabilityType")?,
            lower: self.scaled("scaleFactorOfLowerLimit", "scaledValueOfLowerLimit")?,
            upper: self.scaled("scaleFactorOfUpperLimit", "scaledValueOfUpperLimit")?,
        })
    }

    pub(super) fn quantile(&self) -> Option<Quantile> {
        if let Some(value) = self.number("percentileValue") {
            return Some(Quantile { value, total: 100 });
        }
        Some(Quantile {
            value: self.number("quantileValue")?,
            total: self.number("totalNumberOfQuantiles")?,
        })
    }

    pub(super) fn statistics(&self) -> Option<Statistics> {
        let end = Timestamp {
            year: self.number("yearOfEndOfOverallTimeInterval")?,
            month: self.number("monthOfEndOfOverallTimeInterval")?,
            day: self.number("dayOfEndOfOverallTimeInterval")?,
            hour: self.number("hourOfEndOfOverallTimeInterval")?,
            minute: self.number("minuteOfEndOfOverallTimeInterval")?,
            second: self.number("secondOfEndOfOverallTimeInterval")?,
        };
        let turns = self.turns("typeOfStatisticalProcessing");
        let ranges = turns.map(|turn| {
            Some(TimeRange {
                statistic: number(turn, "typeOfStatisticalProcessing")?,
                increment_kind: number(turn, "typeOfTimeIncrement")?,
                unit: number(turn, "indicatorOfUnitForTimeRange")?,
                length: number(turn, "lengthOfTimeRange")?,
                increment_unit: number(turn, "indicatorOfUnitForTimeIncrement")?,
                increment: number(turn, "timeIncrement")?,
            })
        });
        Some(Statistics {
            end,
            missing: self.number("numberOfMissingInStatisticalProcess")?,
            ranges: ranges.collect::<Option<_>>()?,
        })
    }

    pub(super) fn spatial(&self) -> Option<SpatialProcess> {
        Some(SpatialProcess {
            kind: self.number("spatialProcessing")?,
            statistic: self.number("statisticalProcess")?,
            points: self.number("numberOfPointsUsed")?,
        })
    }

    /// A range whose kind has the key `kind`, and whose bounds are named so after `scaleFactorOf` and `scaledValueOf`.
    pub(super) fn interval(&self, kind: &str, bounds: [&str; 2]) -> Option<Interval> {
        let kind = self.number(kind)?;
        let [first, second] = bounds.map(|bound| {
            let factor = format!("scaleFactorOf{bound}");
            self.scaled(&factor, &format!("scaledValueOf{bound}"))
        });
        Some(Interval {
            kind,
            first: first?,
            second: second?,
        })
    }

    pub(super) fn bands(&self) -> Vec<Band> {
        let turns = self.turns("satelliteSeries");
        let bands = turns.map(|turn| {
            Some(Band {
                series: number(turn, "satelliteSeries")?,
                satellite: number(turn, "satelliteNumber")?,
                instrument: number(turn, "instrumentType")?,
                wave_number: Scaled {
                    scale_factor: number(turn, "scaleFactorOfCentralWaveNumber"),
                    scaled_value: number(turn, "scaledValueOfCentralWaveNumber"),
                },
            })
        });
        bands.collect::<Option<_>>().unwrap_or_default()
    }

    fn value(&self, key: &str) -> Option<Value<'a>> {
        value(&self.0, key)
    }

    fn scaled(&self, factor: &str, scaled: &str) -> Option<Scaled> {
        self.value(factor).and(self.value(scaled))?;
        Some(Scaled {
            scale_factor: self.number(factor),
            scaled_value: self.number(scaled),
        })
    }

    /// The turns of the group whose first key is `key`.
    fn turns(&self, key: &'static str) -> impl Iterator<Item = &[Entry<'a>]> {
        let grouped = |entry: &Entry<'_>| entry.turn > 0;
        let start = self
            .0
            .iter()
            .position(|entry| entry.key == key && grouped(entry));
        let from = self.0.get(start.unwrap_or(self.0.len())..).unwrap_or(&[]);
        let same_turn = move |a: &Entry<'_>, b: &Entry<'_>| a.turn == b.turn && b.key != key;
        from.chunk_by(same_turn)
            .take_while(move |turn| turn.first().is_some_and(|first| first.key == key))
    }
}

fn value<'a>(entries: &[Entry<'a>], key: &str) -> Option<Value<'a>> {
    let found = entries.iter().find(|entry| entry.key == key);
    found.map(|entry| entry.value)
}

fn number<T: TryFrom<i64>>(entries: &[Entry<'_>], key: &str) -> Option<T> {
    T::try_from(value(entries, key)?.integer()?).ok()
}
