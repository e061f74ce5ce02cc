//! Settings, and where the data come from.

use leptos::prelude::*;

use crate::browser;
use crate::model::model;
use crate::protocol::{Event, Job};
use crate::texts::{Language, Text};

/// Settings and licences.
#[component]
pub fn About() -> impl IntoView {
    let model = model();
    let kept = RwSignal::new(None::<Option<u32>>);
    let listen = move |event: Event, _| {
        if let Event::Cached { files } = event {
            kept.set(Some(files));
        }
    };
    model.ask(Job::CountCache, listen);
    let speak = move |event: web_sys::Event| {
        if let Some(language) = Language::of(&browser::value(&event)) {
            model.speak(language);
        }
    };
    view! {
        <section class="about">
            <p>
                <label>
                    <span>{model.say(Text::Language)}</span>
                    <select id="language" on:change=speak>
                        {Language::ALL
                            .map(|language| {
                                view! {
                                    <option
                                        value=language.code()
                                        lang=language.code()
                                        selected=move || model.language.get() == language
                                    >
                                        {language.name()}
                                    </option>
                                }
                            })
                            .collect_view()}
                    </select>
                </label>
            </p>
            <p>
                {move || {
                    kept.get()
                        .map(|files| match files {
                            Some(files) => model.fill(Text::Cache, &[&files.to_string()]),
                            None => Text::CacheNone.say(model.language.get()).to_owned(),
                        })
                }} " "
                <button
                    id="clear-cache"
                    type="button"
                    disabled=move || !matches!(kept.get(), Some(Some(1..)))
                    on:click=move |_| {
                        model.ask(Job::ClearCache, listen);
                    }
                >
                    {model.say(Text::ClearCache)}
                </button>
            </p>
            <h2>{model.say(Text::Attribution)}</h2>
            <dl>
                {move || {
                    model
                        .sources
                        .get()
                        .into_iter()
                        .map(|source| {
                            let words = source.attribution_of(&model.view.get().date);
                            view! {
                                <dt>{source.title}</dt>
                                <dd>{words} " — " {source.licence}</dd>
                            }
                        })
                        .collect_view()
                }}
            </dl>
        </section>
    }
}
