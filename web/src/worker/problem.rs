//! Errors of core as what the page can explain.

use std::error::Error as StdError;

use gik_core::error::Error;
use gik_core::index::{IndexError, NotAnIndex};
use gik_core::keys::KeysError;
use gik_core::store::StoreError;

use crate::fetch::FetchError;
use crate::protocol::{Problem, ProblemKind};

/// An error with what can be done about it.
pub(super) fn of(error: &(dyn StdError + 'static)) -> Problem {
    let mut problem = Problem {
        kind: ProblemKind::Other,
        url: None,
        text: chain(error),
    };
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some((kind, url)) = classify(error) {
            problem.kind = kind;
            problem.url = url.or(problem.url);
        }
        cause = error.source();
    }
    problem
}

/// What was asked for does not exist.
pub(super) fn usage(error: impl StdError + 'static) -> Problem {
    Problem {
        kind: ProblemKind::Usage,
        ..of(&error)
    }
}

fn classify(error: &(dyn StdError + 'static)) -> Option<(ProblemKind, Option<String>)> {
    if let Some(error) = error.downcast_ref::<FetchError>() {
        let kind = match error {
            FetchError::Aborted => ProblemKind::Cancelled,
            FetchError::Busy { .. } => ProblemKind::Busy,
            FetchError::Cors => ProblemKind::Cors,
            FetchError::Network { .. } | FetchError::Status { .. } => ProblemKind::Network,
        };
        return Some((kind, None));
    }
    if let Some(error) = error.downcast_ref::<StoreError>() {
        return store(error);
    }
    if error.is::<NotAnIndex>() || error.is::<IndexError>() || error.is::<KeysError>() {
        return Some((ProblemKind::Unreadable, None));
    }
    match error.downcast_ref::<Error>()? {
        // These say what their source says, and it is not among their sources.
        Error::Store(error) => {
            let nested = error.source().and_then(classify);
            let (kind, url) = store(error)?;
            Some((nested.map_or(kind, |nested| nested.0), url))
        }
        Error::Nothing { first, .. } => Some((ProblemKind::NotFound, Some(first.clone()))),
        Error::NotAnIndex { url, .. } | Error::Index { url, .. } => {
            Some((ProblemKind::Unreadable, Some(url.clone())))
        }
        Error::Mismatch { url, .. }
        | Error::TemplateMismatch { url, .. }
        | Error::WrongObject { url, .. } => Some((ProblemKind::Mismatch, Some(url.clone()))),
        Error::Catalog(_) | Error::NotInEra { .. } | Error::Select(_) | Error::Source(_) => {
            Some((ProblemKind::Usage, None))
        }
        _ => None,
    }
}

fn store(error: &StoreError) -> Option<(ProblemKind, Option<String>)> {
    let (kind, url) = match error {
        StoreError::NotFound { url } => (ProblemKind::NotFound, url),
        StoreError::Denied { url } => (ProblemKind::Denied, url),
        StoreError::RangeIgnored { url, .. } => (ProblemKind::Range, url),
        StoreError::Short { url, .. } => (ProblemKind::Mismatch, url),
        StoreError::Address { url, .. } => (ProblemKind::Usage, url),
        StoreError::Transport { url, .. } => (ProblemKind::Network, url),
        _ => return None,
    };
    Some((kind, Some(url.clone())))
}

/// An error with its causes.
pub(super) fn chain(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
