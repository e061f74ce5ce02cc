//! Exit codes, and the errors that choose them.

use std::process::ExitCode;

use crate::printer::PrintError;

/// How `gik` ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExitStatus {
    /// All that was asked for was done.
    Success = 0,
    /// Something could not be read, written or understood.
    Failure = 1,
    /// What was typed or configured makes no sense; nothing was done.
    Usage = 2,
    /// Done, but parts of what was asked for are missing; they were listed.
    Gaps = 3,
}

impl ExitStatus {
    /// The status that an error ends with.
    pub(crate) fn of(error: &CommandError) -> Self {
        match error {
            CommandError::Usage(_) => Self::Usage,
            // `gik inspect … | head`: who reads has had enough.
            CommandError::Failure(error) if PrintError::is_closed(error) => Self::Success,
            CommandError::Failure(_) => Self::Failure,
        }
    }
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        Self::from(match status {
            ExitStatus::Success => 0,
            ExitStatus::Failure => 1,
            ExitStatus::Usage => 2,
            ExitStatus::Gaps => 3,
        })
    }
}

/// Why a command did not do what it was asked for.
#[derive(Debug)]
pub(crate) enum CommandError {
    /// Whoever typed or configured it has to change something.
    Usage(anyhow::Error),
    /// The input, the network or the disk was at fault.
    Failure(anyhow::Error),
}

impl CommandError {
    /// An error of what was typed or configured.
    pub(crate) fn usage(error: impl Into<anyhow::Error>) -> Self {
        Self::Usage(error.into())
    }

    /// The error itself.
    pub(crate) fn inner(&self) -> &anyhow::Error {
        match self {
            Self::Usage(error) | Self::Failure(error) => error,
        }
    }
}

/// `?` makes a failure of any error; usage errors are named as such.
impl<E: Into<anyhow::Error>> From<E> for CommandError {
    fn from(error: E) -> Self {
        Self::Failure(error.into())
    }
}

/// Tells why clap refused, or the help or version that was asked for.
pub(crate) fn refused(refusal: &clap::Error) -> ExitCode {
    // A reader that went away is no reason to complain.
    let _ = refusal.print();
    if refusal.use_stderr() {
        ExitStatus::Usage.into()
    } else {
        ExitStatus::Success.into()
    }
}
