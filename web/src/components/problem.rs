//! What went wrong, in words, with what to do about it.

use leptos::prelude::*;

use crate::model::model;
use crate::protocol::{Problem, ProblemKind};
use crate::texts::Text;

/// What a problem is, and what to do about it.
fn words(kind: ProblemKind) -> (Text, Text) {
    match kind {
        ProblemKind::Busy => (Text::ProblemBusy, Text::ProblemBusyRemedy),
        ProblemKind::Cancelled => (Text::ProblemCancelled, Text::ProblemCancelledRemedy),
        ProblemKind::Cors => (Text::ProblemCors, Text::ProblemCorsRemedy),
        ProblemKind::Denied => (Text::ProblemDenied, Text::ProblemDeniedRemedy),
        ProblemKind::Mismatch => (Text::ProblemMismatch, Text::ProblemMismatchRemedy),
        ProblemKind::Network => (Text::ProblemNetwork, Text::ProblemNetworkRemedy),
        ProblemKind::NotFound => (Text::ProblemNotFound, Text::ProblemNotFoundRemedy),
        ProblemKind::Other => (Text::ProblemOther, Text::ProblemOtherRemedy),
        ProblemKind::Range => (Text::ProblemRange, Text::ProblemRangeRemedy),
        ProblemKind::Unreadable => (Text::ProblemUnreadable, Text::ProblemUnreadableRemedy),
        ProblemKind::Usage => (Text::ProblemUsage, Text::ProblemUsageRemedy),
    }
}

/// A problem in words, where it belongs to a part of the page.
#[component]
pub fn ProblemText(problem: Problem) -> impl IntoView {
    let model = model();
    let (what, remedy) = words(problem.kind);
    view! {
        <div class="problem" role="alert">
            <p>
                <strong>{model.say(what)}</strong>
                " "
                {model.say(remedy)}
            </p>
            <p class="detail">{problem.text}</p>
        </div>
    }
}

/// The problem of the session, where it has one.
#[component]
pub fn ProblemBox() -> impl IntoView {
    let model = model();
    let problem = Memo::new(move |_| model.session.with(|session| session.problem.clone()));
    view! {
        <div role="alert">
            {move || {
                problem
                    .get()
                    .map(|problem| {
                        let (what, remedy) = words(problem.kind);
                        view! {
                            <section class="problem" id="problem" data-kind=format!("{:?}", problem.kind)>
                                <p>
                                    <strong>{model.say(what)}</strong>
                                </p>
                                <p>{model.say(remedy)}</p>
                                <p class="detail">{problem.text}</p>
                                <button type="button" on:click=move |_| model.open(true)>
                                    {model.say(Text::Retry)}
                                </button>
                            </section>
                        }
                    })
            }}
        </div>
    }
}
