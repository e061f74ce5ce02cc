//! The time of a message, relative to the start of its run.

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;

use crate::time::{Step, StepRange};

/// Which step or window a message speaks of.
///
/// A length that is not fixed (months, years) and every phrase that is not understood stay as text: never a wrong number of seconds.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum When<'a> {
    /// `anl`: the analysis, at the start of the run. wgrib2 says so of every instant at step 0.
    Analysis,
    /// One step: `15 hour fcst`, or a `step` of MARS without a dash.
    Instant(Step),
    /// A window: `12-15 hour acc fcst`, or a `step` of MARS with a dash.
    Window {
        /// Start and end of the window. They may be equal: wgrib2 writes `4-4 hour acc fcst`.
        range: StepRange,
        /// How the window was filled, where it was not by one forecast: `anl`, `@(fcst,dt=6 hour)`; else empty.
        how: Cow<'a, str>,
    },
    /// The index does not say it: an empty field of wgrib2, no `step` of MARS.
    Unstated,
    /// Any other phrase, as written.
    Text(Cow<'a, str>),
}

impl When<'_> {
    /// The step or window, where it is known in seconds.
    pub fn steps(&self) -> Option<StepRange> {
        match self {
            Self::Analysis => Some(StepRange::instant(Step::ZERO)),
            Self::Instant(step) => Some(StepRange::instant(*step)),
            Self::Window { range, .. } => Some(*range),
            Self::Unstated | Self::Text(_) => None,
        }
    }

    /// The step that the message is filed under: the end of a window.
    pub fn step(&self) -> Option<Step> {
        self.steps().map(|range| range.end)
    }

    /// The same time, with its own copy of the text.
    pub fn into_owned(self) -> When<'static> {
        match self {
            Self::Analysis => When::Analysis,
            Self::Instant(step) => When::Instant(step),
            Self::Window { range, how } => When::Window {
                range,
                how: Cow::Owned(how.into_owned()),
            },
            Self::Unstated => When::Unstated,
            Self::Text(text) => When::Text(Cow::Owned(text.into_owned())),
        }
    }
}

/// `6`, `0-6`, `4-4`; the text itself where there is no number.
impl fmt::Display for When<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Analysis => Step::ZERO.fmt(f),
            Self::Instant(step) => step.fmt(f),
            Self::Window { range, .. } => write!(f, "{}-{}", range.start, range.end),
            Self::Unstated => Ok(()),
            Self::Text(text) => f.write_str(text),
        }
    }
}
