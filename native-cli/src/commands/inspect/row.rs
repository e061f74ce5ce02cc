//! One message as it is shown: the same columns for an index and for GRIB2, and nothing where a file does not tell.

use serde::{Serialize, Serializer};

use crate::commands::statistics::Statistics;

/// One message, or one field of a message.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::commands) struct Row {
    /// Its number in the file, from 1; `36.2` is the second field of message 36.
    pub(in crate::commands) message: String,
    /// Line of an index.
    pub(super) line: Option<usize>,
    /// The file that an index speaks of, where it names one.
    pub(super) path: Option<String>,
    pub(super) offset: u64,
    /// Bytes of the whole message.
    pub(super) length: Option<u64>,
    /// ecCodes' `cfVarName`.
    pub(super) varname: Option<String>,
    pub(super) short_name: Option<String>,
    pub(super) name: Option<String>,
    pub(super) units: Option<String>,
    pub(super) param_id: Option<u32>,
    /// The parameter as the index writes it, or the numbers of a GRIB message: `d0c1n8`.
    pub(super) parameter: Option<String>,
    pub(super) step_type: Option<String>,
    pub(super) type_of_level: Option<String>,
    pub(super) level: Option<Number>,
    pub(super) top_level: Option<Number>,
    pub(super) bottom_level: Option<Number>,
    /// The level as the index writes it.
    pub(super) level_text: Option<String>,
    /// Hours; the end of a window.
    pub(super) step: Option<Number>,
    /// ecCodes' `stepRange`.
    pub(super) step_range: Option<String>,
    /// Number of the member; 0 is the control.
    pub(super) number: Option<i64>,
    /// `control`, `perturbed`, `mean`, `spread`, ...
    pub(super) member: Option<&'static str>,
    /// Reference time, UTC.
    pub(super) time: Option<String>,
    /// Points of the grid.
    pub(super) points: Option<u32>,
    /// Numbers of the templates of sections 3, 4 and 5.
    pub(super) templates: Option<[u16; 3]>,
    /// What else the index says.
    pub(super) extra: Option<String>,
    /// What its values amount to, where they were asked for.
    #[serde(flatten)]
    pub(super) values: Option<Statistics>,
}

/// A number that is written without a decimal point where it is whole.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Number(pub(super) f64);

impl Number {
    /// Hours of a number of seconds.
    pub(super) fn hours(seconds: i64) -> Self {
        // Steps are far below 2^53 seconds.
        #[expect(clippy::cast_precision_loss, reason = "exact up to 285 million years")]
        Self(seconds as f64 / 3_600.0)
    }

    fn whole(self) -> Option<i64> {
        const EXACT: f64 = 9_007_199_254_740_992.0;
        let whole = self.0.fract() == 0.0 && self.0.abs() < EXACT;
        #[expect(clippy::cast_possible_truncation, reason = "whole and below 2^53")]
        whole.then_some(self.0 as i64)
    }
}

impl std::fmt::Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.whole() {
            Some(whole) => serializer.serialize_i64(whole),
            None => serializer.serialize_f64(self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_have_no_decimal_point() {
        let json = |number| serde_json::to_string(&Number(number)).unwrap();
        assert_eq!(json(850.0), "850");
        assert_eq!(json(-0.0), "0");
        assert_eq!(json(0.4), "0.4");
        assert_eq!(json(1e300), "1e+300");
        assert_eq!(Number::hours(495 * 60).to_string(), "8.25");
    }
}
