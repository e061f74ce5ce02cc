//! The numbers of a message that ecCodes' definitions ask for, by ecCodes' own names.

use std::fmt;

/// How ecCodes spells "missing" as a number: what it reads where all bits of a key that can be missing are set.
const MISSING: i64 = 2_147_483_647;

/// No such key: the message's templates do not have it.
const ABSENT: i64 = i64::MIN;

/// The value of a key that a message has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Value {
    /// All bits are set, and the key can be missing.
    Missing,
    /// A number.
    Number(i64),
}

impl Value {
    /// The value of a number as ecCodes' concepts compare it.
    pub(super) fn of(number: i64) -> Self {
        if number == MISSING {
            Self::Missing
        } else {
            Self::Number(number)
        }
    }

    /// The value as ecCodes' concepts compare it.
    pub(super) fn as_number(self) -> i64 {
        match self {
            Self::Missing => MISSING,
            Self::Number(number) => number,
        }
    }
}

impl From<u8> for Value {
    fn from(number: u8) -> Self {
        Self::Number(i64::from(number))
    }
}

impl From<u16> for Value {
    fn from(number: u16) -> Self {
        Self::Number(i64::from(number))
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Number(i64::from(number))
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(number: Option<T>) -> Self {
        number.map_or(Self::Missing, Into::into)
    }
}

/// One loop of statistical processing over time, the outermost first (templates 4.8, 4.11, ...).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TimeRange {
    /// `typeOfStatisticalProcessing`, code table 4.10.
    pub statistic: u8,
    /// `typeOfTimeIncrement`, code table 4.11.
    pub increment: u8,
    /// `indicatorOfUnitForTimeRange`, code table 4.4.
    pub unit: u8,
    /// `lengthOfTimeRange`, in that unit.
    pub length: u32,
}

/// What of a message decides its names: sections 0 to 4, key by key.
///
/// A key that the templates of a message do not have is absent; one that they have may be missing.
///
/// ```
/// use gik_core::grib::naming::{Key, Keys, Value};
/// let mut keys = Keys::default();
/// keys.set(Key::ScaledValueOfFirstFixedSurface, Value::Missing);
/// assert_eq!(keys.get(Key::ScaledValueOfFirstFixedSurface), Some(Value::Missing));
/// assert_eq!(keys.get(Key::Number), None);
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Keys {
    numbers: [i64; COUNT],
    time_ranges: Vec<TimeRange>,
    statistics: Vec<i64>,
}

impl Default for Keys {
    fn default() -> Self {
        Self {
            numbers: [ABSENT; COUNT],
            time_ranges: Vec::new(),
            statistics: Vec::new(),
        }
    }
}

impl Keys {
    /// Gives a key its value.
    pub fn set(&mut self, key: Key, value: impl Into<Value>) {
        self.put(key, value.into().as_number());
    }

    /// Makes a key absent.
    pub fn remove(&mut self, key: Key) {
        self.put(key, ABSENT);
    }

    /// The loops of statistical processing; ecCodes sees those of the last one under the keys' plain names.
    pub fn set_time_ranges(&mut self, ranges: Vec<TimeRange>) {
        if let Some(last) = ranges.last() {
            self.set(Key::TypeOfStatisticalProcessing, last.statistic);
            self.set(Key::TypeOfTimeIncrement, last.increment);
            self.set(Key::IndicatorOfUnitForTimeRange, last.unit);
            self.set(Key::LengthOfTimeRange, last.length);
        }
        self.put(
            Key::NumberOfTimeRanges,
            i64::try_from(ranges.len()).unwrap_or(i64::MAX),
        );
        let statistics = ranges.iter().map(|range| i64::from(range.statistic));
        self.statistics = statistics.collect();
        self.time_ranges = ranges;
    }

    /// Loops of which only the statistics are known, the outermost first.
    pub(super) fn set_statistics(&mut self, statistics: &[u8]) {
        if let Some(last) = statistics.last() {
            self.set(Key::TypeOfStatisticalProcessing, *last);
        }
        self.statistics = statistics.iter().copied().map(i64::from).collect();
    }

    /// The value of a key, `None` where the message does not have it.
    pub fn get(&self, key: Key) -> Option<Value> {
        self.number(key).map(Value::of)
    }

    /// The loops of statistical processing, the outermost first.
    pub fn time_ranges(&self) -> &[TimeRange] {
        &self.time_ranges
    }

    /// The value of a key as ecCodes' concepts compare it: missing is a number too.
    pub(super) fn number(&self, key: Key) -> Option<i64> {
        self.numbers
            .get(key.index())
            .copied()
            .filter(|&number| number != ABSENT)
    }

    /// The value of a key that is there and not missing.
    pub(super) fn present(&self, key: Key) -> Option<i64> {
        self.number(key).filter(|&number| number != MISSING)
    }

    /// All values of a key, as ecCodes' array conditions compare them.
    pub(super) fn all(&self, key: Key) -> Vec<i64> {
        if key == Key::TypeOfStatisticalProcessing && !self.statistics.is_empty() {
            return self.statistics.clone();
        }
        self.number(key).into_iter().collect()
    }

    fn put(&mut self, key: Key, number: i64) {
        if let Some(place) = self.numbers.get_mut(key.index()) {
            *place = number;
        }
    }
}

/// The keys that are there, `name=value`, in the order of their names.
impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let present = Key::ALL
            .iter()
            .filter_map(|&key| Some((key.name(), self.get(key)?)));
        f.debug_map().entries(present).finish()
    }
}

macro_rules! keys {
    ($($variant:ident = $name:literal,)*) => {
        /// A key of a message, as ecCodes names it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        #[repr(u8)]
        pub enum Key {
            $(#[doc = concat!("`", $name, "`")] $variant,)*
        }

        const COUNT: usize = Key::ALL.len();

        impl Key {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Its name in ecCodes' definitions.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The key of that name, `None` where no definition asks for it.
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

impl Key {
    /// Whether it is computed from other keys rather than read from a message.
    pub fn is_computed(self) -> bool {
        matches!(
            self,
            Self::Always
                | Self::GenVertHeightCoords
                | Self::IsAerosol
                | Self::IsAerosolOptical
                | Self::IsChemical
                | Self::IsChemicalSrcsink
                | Self::Mtg2Switch
                | Self::NumberIsProbability
                | Self::PressureUnits
                | Self::StepType
        )
    }

    #[expect(
        clippy::as_conversions,
        reason = "the discriminant of a fieldless enum"
    )]
    fn index(self) -> usize {
        self as usize
    }
}

keys! {
    AerosolType = "aerosolType",
    Always = "always",
    BackgroundProcess = "backgroundProcess",
    Centre = "centre",
    ConstituentType = "constituentType",
    DerivedForecast = "derivedForecast",
    Discipline = "discipline",
    ExperimentVersionNumber = "experimentVersionNumber",
    ForecastProbabilityNumber = "forecastProbabilityNumber",
    ForecastTime = "forecastTime",
    GenVertHeightCoords = "genVertHeightCoords",
    GeneratingProcessIdentifier = "generatingProcessIdentifier",
    Generation = "generation",
    GridDefinitionTemplateNumber = "gridDefinitionTemplateNumber",
    IndicatorOfUnitForTimeRange = "indicatorOfUnitForTimeRange",
    IndicatorOfUnitOfTimeRange = "indicatorOfUnitOfTimeRange",
    InputOriginatingCentre = "inputOriginatingCentre",
    InputProcessIdentifier = "inputProcessIdentifier",
    InstrumentType = "instrumentType",
    IsAerosol = "is_aerosol",
    IsAerosolOptical = "is_aerosol_optical",
    IsChemical = "is_chemical",
    IsChemicalSrcsink = "is_chemical_srcsink",
    LengthOfTimeRange = "lengthOfTimeRange",
    LocalTablesVersion = "localTablesVersion",
    MarsClass = "marsClass",
    ModeNumber = "modeNumber",
    Mtg2Switch = "MTG2Switch",
    Number = "number",
    NumberIsProbability = "numberIsProbability",
    NumberOfAdditionalParametersForReferencePeriod = "numberOfAdditionalParametersForReferencePeriod",
    NumberOfGridInReference = "numberOfGridInReference",
    NumberOfTimeRanges = "numberOfTimeRanges",
    Nv = "NV",
    ParameterCategory = "parameterCategory",
    ParameterNumber = "parameterNumber",
    PressureUnits = "pressureUnits",
    ProbabilityType = "probabilityType",
    ProductDefinitionTemplateNumber = "productDefinitionTemplateNumber",
    ProductionStatusOfProcessedData = "productionStatusOfProcessedData",
    RandomFieldNumber = "randomFieldNumber",
    SatelliteNumber = "satelliteNumber",
    SatelliteSeries = "satelliteSeries",
    ScaleFactorOfFirstFixedSurface = "scaleFactorOfFirstFixedSurface",
    ScaleFactorOfFirstSize = "scaleFactorOfFirstSize",
    ScaleFactorOfFirstWavelength = "scaleFactorOfFirstWavelength",
    ScaleFactorOfLowerLimit = "scaleFactorOfLowerLimit",
    ScaleFactorOfLowerWavePeriodLimit = "scaleFactorOfLowerWavePeriodLimit",
    ScaleFactorOfSecondFixedSurface = "scaleFactorOfSecondFixedSurface",
    ScaleFactorOfSecondSize = "scaleFactorOfSecondSize",
    ScaleFactorOfSecondWavelength = "scaleFactorOfSecondWavelength",
    ScaleFactorOfUpperWavePeriodLimit = "scaleFactorOfUpperWavePeriodLimit",
    ScaledValueOfCentralWaveNumber = "scaledValueOfCentralWaveNumber",
    ScaledValueOfFirstFixedSurface = "scaledValueOfFirstFixedSurface",
    ScaledValueOfFirstSize = "scaledValueOfFirstSize",
    ScaledValueOfFirstWavelength = "scaledValueOfFirstWavelength",
    ScaledValueOfLowerLimit = "scaledValueOfLowerLimit",
    ScaledValueOfLowerWavePeriodLimit = "scaledValueOfLowerWavePeriodLimit",
    ScaledValueOfSecondFixedSurface = "scaledValueOfSecondFixedSurface",
    ScaledValueOfSecondSize = "scaledValueOfSecondSize",
    ScaledValueOfSecondWavelength = "scaledValueOfSecondWavelength",
    ScaledValueOfUpperWavePeriodLimit = "scaledValueOfUpperWavePeriodLimit",
    SourceSinkChemicalPhysicalProcess = "sourceSinkChemicalPhysicalProcess",
    StepType = "stepType",
    SubCentre = "subCentre",
    TablesVersion = "tablesVersion",
    TypeOfDistributionFunction = "typeOfDistributionFunction",
    TypeOfFirstFixedSurface = "typeOfFirstFixedSurface",
    TypeOfGeneratingProcess = "typeOfGeneratingProcess",
    TypeOfPostProcessing = "typeOfPostProcessing",
    TypeOfRelationToReferenceDataset = "typeOfRelationToReferenceDataset",
    TypeOfSecondFixedSurface = "typeOfSecondFixedSurface",
    TypeOfSizeInterval = "typeOfSizeInterval",
    TypeOfStatisticalProcessing = "typeOfStatisticalProcessing",
    TypeOfTimeIncrement = "typeOfTimeIncrement",
    TypeOfWavePeriodInterval = "typeOfWavePeriodInterval",
    TypeOfWavelengthInterval = "typeOfWavelengthInterval",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_found_by_its_name() {
        for &key in Key::ALL {
            assert_eq!(Key::from_name(key.name()), Some(key));
        }
        assert_eq!(Key::from_name("shortName"), None);
    }

    #[test]
    fn the_last_loop_is_what_the_plain_keys_say() {
        let outer = TimeRange {
            statistic: 102,
            increment: 2,
            unit: 1,
            length: 24,
        };
        let inner = TimeRange {
            statistic: 1,
            ..outer
        };
        let mut keys = Keys::default();
        keys.set_time_ranges(vec![outer, inner]);
        assert_eq!(
            keys.get(Key::TypeOfStatisticalProcessing),
            Some(Value::Number(1))
        );
        assert_eq!(keys.all(Key::TypeOfStatisticalProcessing), [102, 1]);
        assert_eq!(keys.get(Key::NumberOfTimeRanges), Some(Value::Number(2)));
    }
}
