//! The choice of a run: where it is read, source, day, hour, members, steps, variables.

use leptos::prelude::*;

use crate::browser;
use crate::demo;
use crate::format;
use crate::model::{Model, model};
use crate::protocol::{Event, Job};
use crate::state::{Place, View};
use crate::texts::Text;

/// Bytes of an index file, roughly: one of all members, and one of a single member.
const INDEX_BYTES: (u64, u64) = (1_900_000, 3_600);

/// The form.
#[component]
pub fn SourceForm() -> impl IntoView {
    let model = model();
    // What is typed becomes the view when it is opened.
    let draft = RwSignal::new(model.view.get_untracked());
    Effect::new(move |_| draft.set(model.view.get()));
    ask_for_choices(model, draft);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let view = draft.get_untracked();
        model.view.set(View {
            message: None,
            variable: String::new(),
            level: String::new(),
            step: String::new(),
            ..view
        });
        model.open(true);
    };
    let in_sample = move || draft.with(|view| view.place == Place::Sample);
    view! {
        <form class="choose" on:submit=submit aria-label=model.say(Text::Choose)>
            <FromField draft/>
            {move || {
                if in_sample() {
                    view! { <SampleField draft/> }.into_any()
                } else {
                    view! { <RunFields draft/> }.into_any()
                }
            }}
            <label>
                <span>{model.say(Text::Member)}</span>
                <input
                    id="member"
                    list="members"
                    autocomplete="off"
                    prop:value=move || draft.with(|view| view.member.clone())
                    on:input=move |event| draft.update(|view| view.member = browser::value(&event))
                />
            </label>
            <datalist id="members">
                {move || {
                    members(model, draft)
                        .into_iter()
                        .map(|name| view! { <option value=name></option> })
                        .collect_view()
                }}
            </datalist>
            <label>
                <span>{model.say(Text::Steps)}</span>
                <input
                    id="steps"
                    autocomplete="off"
                    placeholder=move || {
                        model.choices.with(|choices| choices.as_ref().map(|choices| choices.steps.clone()))
                    }
                    prop:value=move || draft.with(|view| view.steps.clone())
                    on:input=move |event| draft.update(|view| view.steps = browser::value(&event))
                />
            </label>
            <label>
                <span>{model.say(Text::Variable)}</span>
                <input
                    id="vars"
                    autocomplete="off"
                    placeholder=model.say(Text::AllVariables)
                    prop:value=move || draft.with(|view| view.variables.clone())
                    on:input=move |event| draft.update(|view| view.variables = browser::value(&event))
                />
            </label>
            {move || (!in_sample()).then(|| view! { <NamesField draft/> })}
            <button id="open" type="submit" class="main">{model.say(Text::Open)}</button>
            <CopyLink/>
            <p class="hint">{move || hint(model, draft)}</p>
        </form>
    }
}

/// Where the run is read.
#[component]
fn FromField(draft: RwSignal<View>) -> impl IntoView {
    let model = model();
    let own = move || draft.with(|view| matches!(view.place, Place::Url(_)));
    let chosen = move || {
        draft.with(|view| match &view.place {
            Place::Sample => "sample".to_owned(),
            Place::Url(_) => "url".to_owned(),
            Place::Files => "files".to_owned(),
            Place::Mirror(id) => id.clone(),
        })
    };
    let choose = move |event: web_sys::Event| {
        let place = match browser::value(&event).as_str() {
            "sample" => Place::Sample,
            "url" => Place::Url(String::new()),
            "files" => {
                // Files are chosen in a field of their own.
                if let Some(field) = browser::element("files") {
                    field.click();
                }
                return;
            }
            id => Place::Mirror(id.to_owned()),
        };
        draft.update(|view| {
            if place == Place::Sample {
                let filter = view.tab;
                *view = View {
                    tab: filter,
                    ..View::default()
                };
            } else if view.place == Place::Sample {
                view.steps = String::new();
            }
            view.place = place;
        });
    };
    let mirrors = move || {
        let id = draft.with(|view| view.source.clone());
        let sources = model.sources.get();
        let source = sources.into_iter().find(|source| source.id == id);
        source.map_or_else(Vec::new, |source| source.mirrors)
    };
    let first = move || mirrors().first().map(|mirror| mirror.id.clone());
    view! {
        <label>
            <span>{model.say(Text::From)}</span>
            <select id="from" on:change=choose>
                <option value="sample" selected=move || chosen() == "sample">
                    {model.say(Text::FromSample)}
                </option>
                {move || {
                    mirrors()
                        .into_iter()
                        .map(|mirror| {
                            let id = mirror.id.clone();
                            let is_chosen = move || {
                                let chosen = chosen();
                                chosen == id || (chosen.is_empty() && first().as_ref() == Some(&id))
                            };
                            view! {
                                <option value=mirror.id selected=is_chosen>
                                    {mirror.root}
                                </option>
                            }
                        })
                        .collect_view()
                }}
                <option value="url" selected=own>
                    {model.say(Text::FromUrl)}
                </option>
                <option value="files" selected=move || chosen() == "files">
                    {model.say(Text::FromFiles)}
                </option>
            </select>
        </label>
        {move || {
            own()
                .then(|| {
                    view! {
                        <label class="wide">
                            <span>{model.say(Text::Base)}</span>
                            <input
                                id="base"
                                type="url"
                                title=model.say(Text::BaseHint)
                                placeholder="https://"
                                prop:value=move || match draft.with(|view| view.place.clone()) {
                                    Place::Url(url) => url,
                                    _ => String::new(),
                                }
                                on:input=move |event| {
                                    draft.update(|view| view.place = Place::Url(browser::value(&event)));
                                }
                            />
                        </label>
                    }
                })
        }}
    }
}

/// The runs of the sample.
#[component]
fn SampleField(draft: RwSignal<View>) -> impl IntoView {
    let model = model();
    let choose = move |event: web_sys::Event| {
        let at: usize = browser::value(&event).parse().unwrap_or(0);
        let Some(sample) = demo::SAMPLES.get(at) else {
            return;
        };
        draft.update(|view| *view = view.of_sample(sample));
    };
    view! {
        <label>
            <span>{model.say(Text::Source)}</span>
            <select id="sample" on:change=choose>
                {demo::SAMPLES
                    .iter()
                    .enumerate()
                    .map(|(at, sample)| {
                        let chosen = move || {
                            draft.with(|view| view.source == sample.source && view.run() == sample.run)
                        };
                        view! {
                            <option value=at selected=chosen>
                                {format!("{} {}", sample.source, sample.run)}
                            </option>
                        }
                    })
                    .collect_view()}
            </select>
        </label>
    }
}

/// Source, day and hour.
#[component]
fn RunFields(draft: RwSignal<View>) -> impl IntoView {
    let model = model();
    let date = move || {
        draft.with(|view| {
            let run = view.run();
            run.split('T').next().unwrap_or_default().to_owned()
        })
    };
    view! {
        <label>
            <span>{model.say(Text::Source)}</span>
            <select
                id="source"
                on:change=move |event| {
                    draft.update(|view| {
                        view.source = browser::value(&event);
                        view.member = String::new();
                        view.steps = String::new();
                        if let Place::Mirror(_) = view.place {
                            view.place = Place::Mirror(String::new());
                        }
                    });
                }
            >
                {move || {
                    model
                        .sources
                        .get()
                        .into_iter()
                        .map(|source| {
                            let id = source.id.clone();
                            let chosen = move || draft.with(|view| view.source == id);
                            view! {
                                <option value=source.id selected=chosen>
                                    {source.title}
                                </option>
                            }
                        })
                        .collect_view()
                }}
            </select>
        </label>
        <label>
            <span>{model.say(Text::Date)}</span>
            <input
                id="date"
                type="date"
                prop:value=date
                on:change=move |event| {
                    draft.update(|view| view.date = browser::value(&event).replace('-', ""));
                }
            />
        </label>
        <label>
            <span>{model.say(Text::Hour)}</span>
            <select
                id="hour"
                on:change=move |event| {
                    draft.update(|view| view.hour = browser::value(&event).parse().unwrap_or(0));
                }
            >
                {move || {
                    let known = model
                        .choices
                        .with(|choices| choices.as_ref().map(|choices| choices.hours.clone()));
                    known
                        .filter(|hours| !hours.is_empty())
                        .unwrap_or_else(|| vec![0, 6, 12, 18])
                        .into_iter()
                        .map(|hour| {
                            let chosen = move || draft.with(|view| view.hour == hour);
                            view! {
                                <option value=hour.to_string() selected=chosen>
                                    {format!("{hour:02}")}
                                </option>
                            }
                        })
                        .collect_view()
                }}
            </select>
        </label>
    }
}

/// What tells names and grid.
#[component]
fn NamesField(draft: RwSignal<View>) -> impl IntoView {
    let model = model();
    view! {
        <label>
            <span>{model.say(Text::Names)}</span>
            <select
                id="names"
                on:change=move |event| {
                    draft.update(|view| view.scan = browser::value(&event) == "headers");
                }
            >
                <option value="" selected=move || draft.with(|view| !view.scan)>
                    {model.say(Text::NamesCatalogue)}
                </option>
                <option value="headers" selected=move || draft.with(|view| view.scan)>
                    {model.say(Text::NamesHeaders)}
                </option>
            </select>
        </label>
    }
}

/// A link to the view.
#[component]
fn CopyLink() -> impl IntoView {
    let model = model();
    let copied = RwSignal::new(false);
    let copy = move |_| {
        let link = format!(
            "{}#{}",
            browser::site(),
            model.view.with_untracked(View::fragment)
        );
        wasm_bindgen_futures::spawn_local(async move {
            copied.set(browser::copy(&link).await);
            browser::sleep(2_000).await;
            copied.set(false);
        });
    };
    view! {
        <button type="button" on:click=copy>
            {move || {
                let text = if copied.get() { Text::Copied } else { Text::CopyLink };
                text.say(model.language.get())
            }}
        </button>
    }
}

fn ask_for_choices(model: Model, draft: RwSignal<View>) {
    let asked = Memo::new(move |_| {
        draft.with(|view| (view.source.clone(), view.run(), view.member.clone()))
    });
    Effect::new(move |_| {
        let (source, run, member) = asked.get();
        let member = Some(member.trim().to_owned()).filter(|member| !member.is_empty());
        let job = Job::Choices {
            source,
            run,
            member,
        };
        model.ask(job, move |event, _| {
            model.choices.set(match event {
                Event::Choices(choices) => Some(choices),
                _ => None,
            });
        });
    });
}

fn members(model: Model, draft: RwSignal<View>) -> Vec<String> {
    let sample = draft.with(|view| match view.place {
        Place::Sample => demo::sample(&view.source, &view.run()),
        _ => None,
    });
    match sample {
        Some(sample) => sample.members.iter().map(ToString::to_string).collect(),
        None => model.choices.with(|choices| {
            choices
                .as_ref()
                .map_or_else(Vec::new, |choices| choices.members.clone())
        }),
    }
}

/// What opening means: how many files, how many bytes.
fn hint(model: Model, draft: RwSignal<View>) -> String {
    if draft.with(|view| view.place == Place::Sample) {
        return Text::Synthetic.say(model.language.get()).to_owned();
    }
    let shared = {
        let id = draft.with(|view| view.source.clone());
        let sources = model.sources.get();
        sources
            .iter()
            .any(|source| source.id == id && source.shared_indexes)
    };
    let (steps, all) = (
        draft.with(|view| view.steps.trim().is_empty()),
        model
            .choices
            .with(|choices| choices.as_ref().map(|choices| choices.count)),
    );
    match (steps, all) {
        (true, Some(count)) if count > 0 => {
            let one = if shared { INDEX_BYTES.0 } else { INDEX_BYTES.1 };
            let bytes = format::bytes(one * u64::from(count));
            let count = count.to_string();
            model.fill(Text::Estimate, &[&count, &count, &bytes])
        }
        _ => String::new(),
    }
}
