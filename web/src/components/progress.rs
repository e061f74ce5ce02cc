//! How far the reading is: files, bytes, rate, time left, and what is under way.

use leptos::prelude::*;

use crate::format;
use crate::model::model;
use crate::state::Phase;
use crate::texts::Text;

/// The progress of the session, while it is busy.
#[component]
pub fn ProgressBox() -> impl IntoView {
    let model = model();
    let busy = Memo::new(move |_| model.session.with(|session| session.is_busy()));
    view! {
        {move || {
            busy.get()
                .then(|| {
                    view! {
                        <section class="progress" id="progress" aria-busy="true">
                            <p role="status">{move || headline(model)}</p>
                            <progress
                                aria-label=model.say(Text::Working)
                                max=move || model.session.with(|session| session.progress.total.max(1))
                                value=move || model.session.with(|session| session.progress.done)
                            ></progress>
                            <p class="figures">{move || figures(model)}</p>
                            <ul class="files">
                                {move || {
                                    let active = model
                                        .session
                                        .with(|session| session.progress.active.clone());
                                    active
                                        .into_iter()
                                        .map(|file| {
                                            let name = file.url.rsplit('/').next().unwrap_or_default().to_owned();
                                            view! {
                                                <li>
                                                    <span>{name}</span>
                                                    " "
                                                    <span class="number">{format::bytes(file.bytes)}</span>
                                                </li>
                                            }
                                        })
                                        .collect_view()
                                }}
                            </ul>
                            <button id="cancel" type="button" on:click=move |_| model.cancel()>
                                {model.say(Text::Cancel)}
                            </button>
                        </section>
                    }
                })
        }}
    }
}

fn headline(model: crate::model::Model) -> String {
    let (phase, progress) = model
        .session
        .with(|session| (session.phase, session.progress.clone()));
    if progress.headers > 0 || phase == Phase::Building {
        return model.fill(Text::ReadingHeaders, &[&progress.headers.to_string()]);
    }
    let (done, total) = (progress.done.to_string(), progress.total.to_string());
    model.fill(Text::Reading, &[&done, &total])
}

fn figures(model: crate::model::Model) -> String {
    let session = model.session.get();
    let mut parts = vec![
        format::bytes(session.progress.bytes),
        format!("{}/s", format::bytes(session.rate() as u64)),
    ];
    if let Some(left) = session.seconds_left() {
        parts.push(model.fill(Text::TimeLeft, &[&format::seconds(left)]));
    }
    if session.progress.retries > 0 {
        parts.push(model.fill(Text::Retries, &[&session.progress.retries.to_string()]));
    }
    parts.join(" · ")
}
