//! Section 4 of a message: what the field is, where, when, and of which member.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::identification::Timestamp;
use super::layout::Context;
use super::reader::{Reader, Short};
use crate::identity::Surface;

mod blocks;

use blocks::Blocks;

/// Section 4, the product definition section.
///
/// Every product template of ecCodes 2.50 is known: the blocks that templates share are fields here, and what only few
/// templates have is read by its ecCodes key with [`Header::key`](super::header::Header::key). A template that is not known keeps its number and octets.
#[derive(Clone, Debug, PartialEq)]
pub struct Product {
    /// Number of the template, code table 4.0.
    pub template: u16,
    /// Whether the layout of the template is known. Where it is not, no block below is there.
    pub known: bool,
    /// Number of vertical coordinate values after the template; see [`Header::coordinates`](super::header::Header::coordinates).
    pub coordinate_count: u16,
    /// What is given.
    pub parameter: Option<Parameter>,
    /// What made it.
    pub process: Option<GeneratingProcess>,
    /// When it is, from the reference time.
    pub forecast_time: Option<ForecastTime>,
    /// The fixed surfaces: level, or bottom and top of a layer.
    pub surfaces: Option<Surfaces>,
    /// Which member of an ensemble it is.
    pub ensemble: Option<Ensemble>,
    /// What was derived from an ensemble.
    pub derived: Option<Derived>,
    /// Of which event it is the probability.
    pub probability: Option<Probability>,
    /// Which quantile of a distribution it is.
    pub quantile: Option<Quantile>,
    /// What was done over time.
    pub statistics: Option<Statistics>,
    /// What was done over space (template 4.15).
    pub spatial: Option<SpatialProcess>,
    /// Which chemical constituent or aerosol it is of, code table 4.230 or 4.233.
    pub constituent: Option<u16>,
    /// Which aerosol sizes it is of.
    pub size: Option<Interval>,
    /// Which wavelengths it is of.
    pub wavelength: Option<Interval>,
    /// Which wave periods it is of.
    pub wave_period: Option<Interval>,
    /// Which instruments see it so, for satellite products.
    pub bands: Vec<Band>,
    /// The section as it is in the message, its length and number included.
    pub octets: Bytes,
}

/// Category and number of a parameter, code tables 4.1 and 4.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Parameter {
    /// Category within the discipline, code table 4.1.
    pub category: u8,
    /// Number within the category, code table 4.2.
    pub number: u8,
}

/// The process that made a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct GeneratingProcess {
    /// Type of the process, code table 4.3: 0 analysis, 2 forecast, 4 ensemble forecast, ...
    pub kind: u8,
    /// Background process, defined by the centre; `None` in observation templates, which do not have it.
    pub background: Option<u8>,
    /// The process (for observations: the observing process), defined by the centre; `None` in radar templates.
    pub identifier: Option<u8>,
}

/// Forecast time, and how long observations were waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ForecastTime {
    /// Hours of data cutoff after the reference time; `None` is missing.
    pub cutoff_hours: Option<u16>,
    /// Minutes of data cutoff after the reference time; `None` is missing.
    pub cutoff_minutes: Option<u8>,
    /// Unit of the value, code table 4.4: 0 minute, 1 hour, 2 day, 13 second, ...
    pub unit: u8,
    /// Forecast time: the start of the window where there is one.
    pub value: i32,
}

/// The two fixed surfaces of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Surfaces {
    /// The level, or the first bound of a layer.
    pub first: Surface,
    /// The second bound of a layer; its kind is 255 where there is none.
    pub second: Surface,
}

/// One member of an ensemble.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Ensemble {
    /// Type of ensemble forecast, code table 4.6: 0 and 1 control, 2 and 3 perturbed, 4 multi-model, ...
    pub kind: u8,
    /// Perturbation number; `None` in templates of probabilities.
    pub number: Option<u32>,
    /// Number of forecasts in the ensemble.
    pub size: u32,
}

/// A field computed from all members.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Derived {
    /// What was computed, code table 4.7: 0 mean, 2 standard deviation, 4 spread, ...
    pub kind: u8,
    /// Number of forecasts in the ensemble.
    pub size: u32,
}

/// A probability of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Probability {
    /// Number of this probability.
    pub number: u8,
    /// How many probabilities there are.
    pub total: u8,
    /// Type of the event, code table 4.9: 0 below the lower limit, 1 above the upper limit, 2 between, ...
    pub kind: u8,
    /// Lower limit.
    pub lower: Scaled,
    /// Upper limit.
    pub upper: Scaled,
}

/// A quantile; percentiles are quantiles out of 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Quantile {
    /// Which of them.
    pub value: u16,
    /// How many there are: 100 for percentile templates.
    pub total: u16,
}

/// Processing over a window of time.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Statistics {
    /// End of the overall window.
    pub end: Timestamp,
    /// How many values were missing in the processing.
    pub missing: u32,
    /// The loops of the processing, the outermost first.
    pub ranges: Vec<TimeRange>,
}

/// One loop of processing over time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TimeRange {
    /// What was done, code table 4.10: 0 average, 1 accumulation, 2 maximum, 3 minimum, ...
    pub statistic: u8,
    /// How successive fields differ in time, code table 4.11.
    pub increment_kind: u8,
    /// Unit of the length, code table 4.4.
    pub unit: u8,
    /// Length of the range.
    pub length: u32,
    /// Unit of the increment, code table 4.4.
    pub increment_unit: u8,
    /// Time between successive fields; 0 is continuous.
    pub increment: u32,
}

/// Processing over an area.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SpatialProcess {
    /// What was done, code table 4.10.
    pub statistic: u8,
    /// How points were chosen or interpolated, code table 4.15.
    pub kind: u8,
    /// Number of points used.
    pub points: u8,
}

/// A range of sizes, wavelengths or periods.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Interval {
    /// Which bounds count, code table 4.91.
    pub kind: u8,
    /// First (lower) bound.
    pub first: Scaled,
    /// Second (upper) bound.
    pub second: Scaled,
}

/// A decimal number: `scaled_value` divided by ten to the power of `scale_factor`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Scaled {
    /// Decimal scale factor; `None` where all bits are set (missing).
    pub scale_factor: Option<i8>,
    /// Scaled value; `None` where all bits are set (missing).
    pub scaled_value: Option<i32>,
}

/// One spectral band of a satellite product.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Band {
    /// Satellite series, common code table C-8 (series part).
    pub series: u16,
    /// Satellite number, common code table C-5.
    pub satellite: u16,
    /// Type of instrument, common code table C-8.
    pub instrument: u16,
    /// Central wave number, in 1/m.
    pub wave_number: Scaled,
}

impl Product {
    /// Reads the whole of section 4, its length and number included.
    ///
    /// `context` says whose local templates hold.
    pub(super) fn parse(octets: Bytes, context: &Context) -> Result<Self, Short> {
        let mut reader = Reader::new(&octets);
        reader.skip(5)?;
        let (coordinate_count, template) = (reader.u16()?, reader.u16()?);
        let (blocks, known) = Blocks::read(&octets, context)?;
        let product = Self {
            template,
            known,
            coordinate_count,
            parameter: blocks.parameter(),
            process: blocks.process(),
            forecast_time: blocks.forecast_time(),
            surfaces: blocks.surfaces(),
            ensemble: blocks.ensemble(),
            derived: blocks.derived(),
            probability: blocks.probability(),
            quantile: blocks.quantile(),
            statistics: blocks.statistics(),
            spatial: blocks.spatial(),
            constituent: blocks.number("constituentType"),
            size: blocks.interval("typeOfSizeInterval", ["FirstSize", "SecondSize"]),
            wavelength: blocks.interval(
                "typeOfWavelengthInterval",
                ["FirstWavelength", "SecondWavelength"],
            ),
            wave_period: blocks.interval(
                "typeOfWavePeriodInterval",
                ["LowerWavePeriodLimit", "UpperWavePeriodLimit"],
            ),
            bands: blocks.bands(),
            octets: Bytes::new(),
        };
        Ok(Self { octets, ..product })
    }
}

impl Scaled {
    /// The number, or `None` where it is missing.
    pub fn value(self) -> Option<f64> {
        Some(f64::from(self.scaled_value?) / 10_f64.powi(i32::from(self.scale_factor?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Section 4 of a member's six-hour rain (template 4.11), as GEFS writes it.
    const RAIN: [u8; 62] = [
        0, 0, 0, 62, 4, 0, 0, 0, 11, // head
        1, 8, 4, 70, 107, 0, 0, 0, 1, 0, 0, 0, 0, // parameter, process, forecast time
        1, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, // surfaces
        3, 1, 30, // member
        7, 233, 9, 18, 6, 0, 0, 1, 0, 0, 0, 0, // window
        1, 2, 1, 0, 0, 0, 6, 255, 0, 0, 0, 0, // its one loop
        0, // an octet too many, as some encoders write
    ];

    fn parse(octets: &'static [u8]) -> Result<Product, Short> {
        Product::parse(Bytes::from_static(octets), &Context::default())
    }

    #[test]
    fn every_block_of_a_template_is_read() {
        let product = parse(&RAIN).unwrap();
        assert!(product.known);
        assert_eq!(product.template, 11);
        let parameter = product.parameter.unwrap();
        assert_eq!((parameter.category, parameter.number), (1, 8));
        let forecast = product.forecast_time.unwrap();
        assert_eq!((forecast.unit, forecast.value), (1, 0));
        let surfaces = product.surfaces.unwrap();
        assert_eq!(surfaces.first.value(), Some(0.0));
        assert_eq!((surfaces.second.kind, surfaces.second.value()), (255, None));
        let member = product.ensemble.unwrap();
        assert_eq!((member.kind, member.number, member.size), (3, Some(1), 30));
        let statistics = product.statistics.unwrap();
        assert_eq!((statistics.end.day, statistics.end.hour), (18, 6));
        assert_eq!(statistics.ranges.len(), 1);
        assert_eq!(
            (statistics.ranges[0].statistic, statistics.ranges[0].length),
            (1, 6)
        );
        assert!(product.derived.is_none() && product.spatial.is_none());
    }

    #[test]
    fn a_section_that_ends_inside_its_template_is_an_error_at_the_octet() {
        for length in 9..61 {
            let short = parse(&RAIN[..length]).unwrap_err();
            assert!(short.at <= length + 1 && short.at > 9, "{length}: {short}");
        }
        assert!(parse(&RAIN[..61]).is_ok());
    }

    #[test]
    fn an_unknown_template_keeps_its_number_and_octets() {
        let product = parse(&[0, 0, 0, 11, 4, 0, 0, 0xc3, 0x58, 1, 203]).unwrap();
        assert!(!product.known);
        assert_eq!((product.template, product.parameter), (50_008, None));
        assert_eq!(product.octets[9..], [1, 203]);
    }

    #[test]
    fn a_negative_surface_has_its_sign_in_the_first_bit() {
        let mut octets = RAIN.to_vec();
        octets[22] = 160;
        octets[23..28].copy_from_slice(&[0x82, 0x80, 0, 0, 5]);
        let product = Product::parse(octets.into(), &Context::default()).unwrap();
        assert_eq!(product.surfaces.unwrap().first.value(), Some(-500.0));
    }
}
