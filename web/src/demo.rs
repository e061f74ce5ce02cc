//! The runs that come with the page: synthetic, and read like any other archive.

/// A run of the sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Catalogue id.
    pub source: &'static str,
    /// The run.
    pub run: &'static str,
    /// Members that it has.
    pub members: &'static [&'static str],
    /// Its steps.
    pub steps: &'static str,
    /// Folder below `demo/`.
    pub folder: &'static str,
}

/// The runs, the one that is shown first at the start.
pub const SAMPLES: [Sample; 3] = [
    Sample {
        source: "gefs",
        run: "2025-09-18T00",
        members: &["gep01", "gec00"],
        steps: "0-12:3",
        folder: "noaa-gefs-pds",
    },
    Sample {
        source: "ifs-ens",
        run: "2025-06-01T00",
        members: &["ens01", "control"],
        steps: "0-6:3",
        folder: "ecmwf-forecasts",
    },
    Sample {
        source: "ifs-ens",
        run: "2026-07-06T00",
        members: &["control", "ens01"],
        steps: "0-3:3",
        folder: "ecmwf-forecasts",
    },
];

/// The sample of a source and a run.
pub fn sample(source: &str, run: &str) -> Option<&'static Sample> {
    SAMPLES
        .iter()
        .find(|sample| sample.source == source && sample.run == run)
}
