//! The verdict of what is open: complete, or how many messages are missing.

use leptos::prelude::*;

use crate::format;
use crate::model::{Model, model};
use crate::state::Phase;
use crate::texts::Text;

/// The verdict, once there is one.
#[component]
pub fn Verdict() -> impl IntoView {
    let model = model();
    view! {
        <p id="verdict" class="verdict" role="status" data-verdict=move || kind(model) data-heap=move || heap(model)>
            {move || words(model)}
        </p>
    }
}

/// `complete`, `gaps`, `none`, or nothing.
fn kind(model: Model) -> &'static str {
    model.session.with(|session| match &session.built {
        Some(built) if built.coverage.rows.is_empty() => "",
        Some(built) if built.gaps.is_empty() => "complete",
        Some(_) => "gaps",
        None if session.phase == Phase::Finished && session.problem.is_some() => "none",
        None => "",
    })
}

/// Memory of the worker: for tests, and for those who look.
fn heap(model: Model) -> u64 {
    model
        .session
        .with(|session| session.built.as_ref().map_or(0, |built| built.heap))
}

fn words(model: Model) -> Option<String> {
    let language = model.language.get();
    model.session.with(|session| {
        let Some(built) = &session.built else {
            let failed = session.listed.is_some() && session.problem.is_some();
            return failed.then(|| Text::VerdictNone.say(language).to_owned());
        };
        if built.coverage.rows.is_empty() {
            return None;
        }
        let sum = |of: fn(&crate::protocol::CoverageRow) -> u32| -> u64 {
            let rows = built.coverage.rows.iter();
            rows.filter(|row| row.expected > 0)
                .map(|row| u64::from(of(row)))
                .sum()
        };
        let (expected, found) = (sum(|row| row.expected), sum(|row| row.found));
        let missing = expected.saturating_sub(found);
        Some(if built.gaps.is_empty() {
            Text::VerdictComplete.say(language).to_owned()
        } else if missing > 0 {
            let (missing, expected) = (format::count(missing), format::count(expected));
            Text::VerdictGaps.fill(language, &[&missing, &expected])
        } else {
            let remarks = built.gap_count.to_string();
            Text::VerdictOther.fill(language, &[&remarks])
        })
    })
}
