//! What the map shows: variable, member, step, what is taken away, colours and limits.

use leptos::prelude::*;

use crate::browser::{self, canvas};
use crate::format;
use crate::pages::map::{MapModel, map_model};
use crate::protocol::Job;
use crate::protocol::map::{FieldWanted, Sibling, Siblings};
use crate::texts::Text;

/// Colour maps, those first that all can tell apart in grey, too; those with a middle last.
const COLOURS: [&str; 12] = [
    "viridis", "YlGnBu", "YlOrRd", "Blues", "Greens", "Greys", "Oranges", "Purples", "Reds",
    "RdBu_r", "RdYlBu_r", "BrBG",
];
/// Milliseconds that a step is shown.
const PAUSE: i32 = 700;
/// The same, for those who asked for less motion.
const CALM: i32 = 2_500;

/// The choices above the map.
#[component]
pub fn Choice() -> impl IntoView {
    let map = map_model();
    let model = map.model;
    let list = move |of: fn(&Siblings) -> &Vec<Sibling>| {
        Signal::derive(move || {
            map.siblings
                .with(|siblings| siblings.as_ref().map(|siblings| of(siblings).clone()))
                .unwrap_or_default()
        })
    };
    let kinds = list(|siblings| &siblings.kinds);
    let members = list(|siblings| &siblings.members);
    view! {
        <div class="filters">
            <label>
                <span>{model.say(Text::Variable)}</span>
                <Among id="map-kind" list=kinds/>
            </label>
            <Show when=move || members.with(|members| members.len() > 1)>
                <label>
                    <span>{model.say(Text::MapMember)}</span>
                    <Among id="map-member" list=members/>
                </label>
            </Show>
            <Minus/>
            <label>
                <span>{model.say(Text::MapColours)}</span>
                <select
                    id="map-colours"
                    on:change=move |event| {
                        model.view.update(|view| view.map.colours = browser::value(&event));
                    }
                >
                    <option
                        value=""
                        selected=move || model.view.with(|view| view.map.colours.is_empty())
                    >
                        {model.say(Text::MapAuto)}
                    </option>
                    {COLOURS
                        .map(|name| {
                            let selected = move || {
                                model.view.with(|view| view.map.colours == name)
                            };
                            view! {
                                <option value=name selected=selected>
                                    {name.trim_end_matches("_r")}
                                </option>
                            }
                        })
                        .collect_view()}
                </select>
            </label>
            <Limits/>
        </div>
        <Steps/>
    }
}

/// One of the messages beside the one that is shown, which is one of them.
#[component]
fn Among(id: &'static str, list: Signal<Vec<Sibling>>) -> impl IntoView {
    let map = map_model();
    let own = Memo::new(move |_| {
        map.siblings
            .with(|siblings| siblings.as_ref().map(|siblings| siblings.message))
    });
    view! {
        <select
            id=id
            on:change=move |event| {
                if let Ok(message) = browser::value(&event).parse() {
                    map.go(message);
                }
            }
        >
            {move || {
                list.get()
                    .into_iter()
                    .map(|sibling| {
                        let message = sibling.message;
                        view! {
                            <option
                                value=message.to_string()
                                selected=move || own.get() == Some(message)
                            >
                                {sibling.label}
                            </option>
                        }
                    })
                    .collect_view()
            }}
        </select>
    }
}

/// What is taken away: another step or another member.
#[component]
fn Minus() -> impl IntoView {
    let map = map_model();
    let model = map.model;
    let options = move |kind: &'static str| {
        let siblings = map.siblings.get().unwrap_or_default();
        let own = siblings.message;
        let list = if kind == "step" {
            siblings.steps
        } else {
            siblings.members
        };
        let list = list.into_iter().filter(|sibling| sibling.message != own);
        list.map(|sibling| {
            let value = format!("{kind}:{}", sibling.label);
            let chosen = value.clone();
            let selected = move || model.view.with(|view| view.map.minus == chosen);
            let unit = if kind == "step" { " h" } else { "" };
            view! {
                <option value=value selected=selected>
                    {format!("{}{unit}", sibling.label)}
                </option>
            }
        })
        .collect_view()
    };
    view! {
        <label>
            <span>{model.say(Text::MapDifference)}</span>
            <select
                id="map-minus"
                on:change=move |event| {
                    model.view.update(|view| view.map.minus = browser::value(&event));
                }
            >
                <option value="" selected=move || model.view.with(|view| view.map.minus.is_empty())>
                    {model.say(Text::MapNone)}
                </option>
                <optgroup label=model.say(Text::Step)>{move || options("step")}</optgroup>
                <optgroup label=model.say(Text::MapMember)>{move || options("member")}</optgroup>
            </select>
        </label>
    }
}

/// The values at the ends of the colours.
#[component]
fn Limits() -> impl IntoView {
    let map = map_model();
    let model = map.model;
    let limits = Memo::new(move |_| {
        let manual = model.view.with(|view| view.map.limits());
        let drawn = map
            .drawn
            .with(|drawn| drawn.as_ref().map(|drawn| drawn.limits));
        (manual.is_some(), manual.or(drawn))
    });
    let end = move |at: usize| {
        move || {
            let limits = limits.get().1;
            limits.map_or_else(String::new, |limits| format::number(limits[at]))
        }
    };
    let set = move |at: usize| {
        move |event| {
            let Ok(value) = browser::value(&event).parse::<f64>() else {
                return;
            };
            let Some(mut ends) = limits.get_untracked().1 else {
                return;
            };
            ends[at] = value;
            let text = format!("{},{}", ends[0], ends[1]);
            model.view.update(|view| view.map.range = text);
        }
    };
    view! {
        <label>
            <span>{model.say(Text::MapLow)}</span>
            <input id="map-low" type="number" step="any" prop:value=end(0) on:change=set(0)/>
        </label>
        <label>
            <span>{model.say(Text::MapHigh)}</span>
            <input id="map-high" type="number" step="any" prop:value=end(1) on:change=set(1)/>
        </label>
        <button
            type="button"
            id="map-range"
            aria-pressed=move || limits.get().0.to_string()
            disabled=move || limits.get().1.is_none()
            on:click=move |_| {
                let (manual, ends) = limits.get_untracked();
                let text = match ends {
                    Some([low, high]) if !manual => format!("{low},{high}"),
                    _ => String::new(),
                };
                model.view.update(|view| view.map.range = text);
            }
        >
            {model.say(Text::MapKeepRange)}
        </button>
    }
}

/// The slider of steps, and what plays them.
#[component]
fn Steps() -> impl IntoView {
    let map = map_model();
    let model = map.model;
    let steps = Memo::new(move |_| {
        map.siblings
            .with(|siblings| siblings.as_ref().map(|siblings| siblings.steps.clone()))
            .unwrap_or_default()
    });
    let at = Memo::new(move |_| {
        let own = map
            .siblings
            .with(|siblings| siblings.as_ref().map(|siblings| siblings.message));
        let own = model.view.with(|view| view.message).or(own);
        steps.with(|steps| steps.iter().position(|step| Some(step.message) == own))
    });
    let label = move || {
        let at = at.get().unwrap_or_default();
        steps.with(|steps| {
            let step = steps.get(at);
            step.map_or_else(String::new, |step| format!("{} h", step.label))
        })
    };
    let playing = RwSignal::new(false);
    let last = move || steps.with(|steps| steps.len().saturating_sub(1));
    view! {
        <div class="steps">
            <button
                type="button"
                id="map-play"
                aria-pressed=move || playing.get().to_string()
                disabled=move || last() == 0
                on:click=move |_| {
                    playing.update(|playing| *playing = !*playing);
                    if playing.get_untracked() {
                        play(map, (steps, at), playing);
                    }
                }
            >
                {move || {
                    let text = if playing.get() { Text::MapStop } else { Text::MapPlay };
                    text.say(model.language.get())
                }}
            </button>
            <label>
                <span>{model.say(Text::Step)} ": " <output id="map-step">{label}</output></span>
                <input
                    id="map-slider"
                    type="range"
                    min="0"
                    max=last
                    step="1"
                    disabled=move || last() == 0
                    aria-valuetext=label
                    prop:value=move || at.get().unwrap_or_default().to_string()
                    on:input=move |event| {
                        let at: usize = browser::value(&event).parse().unwrap_or_default();
                        let step = steps
                            .with_untracked(|steps| steps.get(at).map(|step| step.message));
                        if let Some(message) = step {
                            map.go(message);
                        }
                    }
                />
            </label>
        </div>
    }
}

/// Shows one step after the other up to the last one; the next one is read while one is shown.
fn play(
    map: MapModel,
    (steps, at): (Memo<Vec<Sibling>>, Memo<Option<usize>>),
    playing: RwSignal<bool>,
) {
    let pause = if canvas::is_calm() { CALM } else { PAUSE };
    let message = move |at: usize| steps.try_with_untracked(|steps| Some(steps.get(at)?.message));
    leptos::task::spawn_local(async move {
        let mut next = match (at.get_untracked(), steps.with_untracked(Vec::len)) {
            (Some(at), count) if at + 1 < count => at + 1,
            _ => 0,
        };
        while playing.try_get_untracked() == Some(true) {
            let Some(step) = message(next).flatten() else {
                break;
            };
            map.go(step);
            if let Some(ahead) = message(next + 1).flatten() {
                let field = FieldWanted {
                    message: ahead,
                    minus: None,
                };
                map.model.ask(Job::Field(field), |_, _| {});
            }
            next += 1;
            browser::sleep(pause).await;
            // What is slow is waited for.
            while map.busy.try_get_untracked() == Some(true) {
                browser::sleep(50).await;
            }
        }
        let _ = playing.try_set(false);
    });
}
