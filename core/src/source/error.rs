//! What cannot be asked of a source, and why.

use crate::time::Run;

/// Why something cannot be asked of a source.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// A member that the source does not have.
    #[error("no member `{text}`: expected all, control, or some of {known}")]
    MemberUnknown {
        /// What was asked for.
        text: String,
        /// The members that there are.
        known: String,
    },
    /// A member that is not made at this hour of the day.
    #[error("member {member} is not made at {run_hour:02} UTC")]
    MemberNotMade {
        /// Its name.
        member: String,
        /// Hour of the run.
        run_hour: u8,
    },
    /// A run before, after or between the eras of the source.
    #[error("{source_id} has no run {run}{}", nearest(.before, .after))]
    NoEra {
        /// The source.
        source_id: String,
        /// The run asked for.
        run: Run,
        /// The nearest era before it, and the first run that is no longer in it.
        before: Option<Boundary>,
        /// The nearest era after it, and its first run.
        after: Option<Boundary>,
    },
    /// A path that cannot be spelt: a valid time outside the calendar.
    #[error("`{pattern}` has no spelling for run {run}, step {step}")]
    Path {
        /// The pattern.
        pattern: String,
        /// The run.
        run: String,
        /// The step.
        step: String,
    },
    /// A placeholder that no pattern has.
    #[error(
        "`{pattern}` has an unknown placeholder at `{place}`: expected date, run, step, valid, member or number"
    )]
    Placeholder {
        /// The pattern.
        pattern: String,
        /// The part that was not understood.
        place: String,
    },
    /// A text that lists no numbers.
    #[error("`{text}` is no number or range: expected a list such as `0-144:3,150`")]
    Range {
        /// What was found.
        text: String,
    },
    /// An hour of the day at which the source does not run.
    #[error("no run at {run_hour:02} UTC: expected one of {made}")]
    RunHourNotMade {
        /// Hour of the run.
        run_hour: u8,
        /// The hours that there are.
        made: String,
    },
    /// A step that is not made.
    #[error("step {step} is not made: expected one of {made}")]
    StepNotMade {
        /// What was asked for.
        step: String,
        /// The steps that there are.
        made: String,
    },
}

/// Where an era begins or ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Boundary {
    /// Id of the era.
    pub era: String,
    /// The run at which it begins, or the first that is no longer in it.
    pub run: Run,
}

fn nearest(before: &Option<Boundary>, after: &Option<Boundary>) -> String {
    let before = before
        .iter()
        .map(|Boundary { era, run }| format!("era {era} ends before {run}"));
    let after = after
        .iter()
        .map(|Boundary { era, run }| format!("era {era} begins with {run}"));
    let both: Vec<String> = before.chain(after).collect();
    if both.is_empty() {
        String::new()
    } else {
        format!(": {}", both.join(", "))
    }
}
