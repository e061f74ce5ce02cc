//! Which bytes of a file are what: messages by variable, gaps, overlaps.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use crate::browser;
use crate::byte_map::{Bar, GAP, bars};
use crate::components::problem::ProblemText;
use crate::format;
use crate::model::{Model, model};
use crate::protocol::bytes::{ByteMap, Overlap, Stretch};
use crate::protocol::{Event, Job, Problem};
use crate::state::Tab;
use crate::texts::Text;

/// Rows of the drawing.
const ROWS: u32 = 24;
/// Size of the drawing, in its own units.
const WIDTH: f64 = 1000.0;
const ROW: f64 = 18.0;
/// A message that is narrower is drawn together with its neighbours of the same group.
const LEAST: f64 = 0.001;
/// Gaps and overlaps that are named.
const NAMED: usize = 20;
/// Messages in the list of the largest.
const LARGEST: usize = 10;

/// The bytes of a file.
#[component]
pub fn Bytes() -> impl IntoView {
    let model = model();
    let asked = Memo::new(move |_| {
        let open = model
            .session
            .with(|session| session.listed.is_some().then_some(session.request))?;
        model
            .view
            .with(|view| Some((open, view.map.file, view.message)))
    });
    let read = RwSignal::new(None::<Result<ByteMap, Problem>>);
    Effect::new(move |_| {
        let Some((open, file, message)) = asked.get() else {
            read.set(None);
            return;
        };
        let job = Job::ByteMap { file, message };
        model.ask(job, move |event, _| {
            if asked.try_get_untracked().flatten() != Some((open, file, message)) {
                return;
            }
            let found = match event {
                Event::ByteMap(map) => Some(Ok(*map)),
                Event::Failed(problem) => Some(Err(problem)),
                _ => None,
            };
            let _ = read.try_set(found);
        });
    });
    view! {
        <section class="bytes" aria-labelledby="tab-bytes">
            {move || match read.get() {
                None => view! { <p role="status">{model.say(Text::Empty)}</p> }.into_any(),
                Some(Ok(map)) => view! { <Shown map/> }.into_any(),
                Some(Err(problem)) => view! { <ProblemText problem/> }.into_any(),
            }}
        </section>
    }
}

#[component]
fn Shown(map: ByteMap) -> impl IntoView {
    let model = model();
    let notes = [
        (map.size.is_none(), Text::BytesSize),
        (map.is_cut(), Text::BytesTooShort),
    ];
    let open = map.open;
    let said = summary(&map);
    let told = said.clone();
    let gaps: Vec<Stretch> = map.gaps().cloned().collect();
    let overlaps = map.overlaps.clone();
    view! {
        <Files files=map.files.clone() chosen=map.file/>
        <p id="bytes-summary" role="status">
            {move || fill(model, Text::BytesSummary, &said)}
        </p>
        {notes
            .into_iter()
            .filter(|(is, _)| *is)
            .map(|(_, text)| view! { <p>{model.say(text)}</p> })
            .collect_view()}
        {(open > 0)
            .then(|| {
                view! { <p>{move || model.fill(Text::BytesOpen, &[&open.to_string()])}</p> }
            })}
        <Drawing
            map=map.clone()
            label=Signal::derive(move || fill(model, Text::BytesSummary, &told))
        />
        <Legend map=map.clone()/>
        <Gaps gaps/>
        <Overlaps overlaps/>
        <Largest map/>
    }
}

/// What the summary has to say, in the order of its places.
fn summary(map: &ByteMap) -> Vec<String> {
    let messages = map.groups.iter().map(|group| u64::from(group.messages));
    let bytes: u64 = map.groups.iter().map(|group| group.bytes).sum();
    let url = map.files.get(map.file as usize);
    vec![
        name(url.map_or("", String::as_str)).to_owned(),
        format::count(messages.sum()),
        format::bytes(bytes),
        map.size.map_or_else(|| "?".to_owned(), format::bytes),
        map.gaps().count().to_string(),
        map.overlaps.len().to_string(),
    ]
}

fn fill(model: Model, text: Text, values: &[String]) -> String {
    let values: Vec<&str> = values.iter().map(String::as_str).collect();
    model.fill(text, &values)
}

fn name(url: &str) -> &str {
    url.rsplit('/').next().unwrap_or(url)
}

/// First byte, last byte and size.
fn place(offset: u64, length: u64) -> [String; 3] {
    [
        format::count(offset),
        format::count(offset.saturating_add(length).saturating_sub(1)),
        format::bytes(length),
    ]
}

#[component]
fn Files(files: Vec<String>, chosen: u32) -> impl IntoView {
    let model = model();
    view! {
        <div class="filters">
            <label>
                <span>{model.say(Text::File)}</span>
                <select
                    id="bytes-file"
                    on:change=move |event| {
                        let file = browser::value(&event).parse().ok();
                        model.view.update(|view| view.map.file = file);
                    }
                >
                    {(0..)
                        .zip(files)
                        .map(|(number, url): (u32, String)| {
                            view! {
                                <option value=number.to_string() selected=number == chosen>
                                    {name(&url).to_owned()}
                                </option>
                            }
                        })
                        .collect_view()}
                </select>
            </label>
        </div>
    }
}

/// The file as rows of bars, to be gone through by keys.
#[component]
fn Drawing(map: ByteMap, label: Signal<String>) -> impl IntoView {
    let model = model();
    let bars = bars(&map, ROWS, LEAST);
    let rows = bars.last().map_or(1, |bar| bar.row + 1);
    let height = f64::from(rows) * ROW;
    let opened = model.view.with_untracked(|view| view.message);
    let at = map
        .stretches
        .iter()
        .position(|stretch| stretch.message.is_some() && stretch.message == opened);
    let active = RwSignal::new(at);
    let map = StoredValue::new(map);
    let shown = StoredValue::new(bars.clone());
    let open = move |number: usize| {
        let message = map.with_value(|map| map.stretches.get(number)?.message);
        if message.is_some() {
            model.view.update(|view| {
                view.message = message;
                view.tab = Tab::Inventory;
            });
        }
    };
    let by_key = move |event: KeyboardEvent| {
        let count = map.with_value(|map| map.stretches.len());
        let at = active.get_untracked();
        let next = match (event.key().as_str(), at) {
            ("ArrowRight" | "ArrowDown", None) | ("Home", _) => 0,
            ("ArrowRight" | "ArrowDown", Some(at)) => at + 1,
            ("ArrowLeft" | "ArrowUp", at) => at.unwrap_or(0).saturating_sub(1),
            ("PageDown", at) => at.unwrap_or(0) + 10,
            ("PageUp", at) => at.unwrap_or(0).saturating_sub(10),
            ("End", _) => count,
            ("Enter", Some(at)) => return open(at),
            _ => return,
        };
        event.prevent_default();
        active.set(Some(next.min(count.saturating_sub(1))));
    };
    let told = move || {
        let at = active.get()?;
        map.with_value(|map| {
            let stretch = map.stretches.get(at)?;
            let [first, last, size] = place(stretch.offset, stretch.length);
            let label = match stretch.message {
                Some(_) => stretch.label.clone(),
                None => Text::BytesGapShort.say(model.language.get()).to_owned(),
            };
            Some(model.fill(Text::BytesStretch, &[&label, &first, &last, &size]))
        })
    };
    // Only the bars of one stretch are drawn anew when the keyboard moves.
    let marks = move || {
        let at = active.get();
        shown.with_value(|bars| {
            let own = bars.iter().filter(|bar| Some(bar.stretch) == at);
            own.map(|bar| {
                let (x, y, width) = rect(bar);
                view! { <rect x=x y=y width=width.max(3.0) height=ROW - 2.0 class="mark"></rect> }
            })
            .collect_view()
        })
    };
    view! {
        <div
            id="byte-map"
            class="byte-map"
            tabindex="0"
            role="application"
            aria-label=label
            aria-describedby="bytes-how"
            on:keydown=by_key
        >
            <svg viewBox=format!("0 0 {WIDTH} {height}") aria-hidden="true">
                {bars
                    .into_iter()
                    .map(|bar| {
                        let (x, y, width) = rect(&bar);
                        let number = bar.stretch;
                        let class = map.with_value(|map| class(&map.stretches[number]));
                        view! {
                            <rect
                                x=x
                                y=y
                                width=width.max(0.6)
                                height=ROW - 2.0
                                class=class
                                on:click=move |_| active.set(Some(number))
                                on:dblclick=move |_| open(number)
                            ></rect>
                        }
                    })
                    .collect_view()}
                {marks}
            </svg>
        </div>
        <p class="readout">
            <output id="bytes-told" aria-live="polite">
                {told}
            </output>
        </p>
        <p class="detail" id="bytes-how">
            {model.say(Text::BytesHow)}
        </p>
    }
}

/// A bar leaves a little room to the next one.
fn rect(bar: &Bar) -> (f64, f64, f64) {
    let width = bar.width * WIDTH;
    let room = if width > 3.0 { 1.0 } else { 0.0 };
    (bar.start * WIDTH, f64::from(bar.row) * ROW, width - room)
}

fn class(stretch: &Stretch) -> String {
    match stretch.group {
        GAP => "gap".to_owned(),
        group => format!("group-{group}"),
    }
}

#[component]
fn Legend(map: ByteMap) -> impl IntoView {
    let model = model();
    let groups = map.groups.into_iter().enumerate();
    view! {
        <ul class="legend">
            {groups
                .map(|(number, group)| {
                    let size = format::bytes(group.bytes);
                    let count = format::count(group.messages.into());
                    let name = move || {
                        if group.name.is_empty() {
                            Text::BytesOthers.say(model.language.get()).to_owned()
                        } else {
                            group.name.clone()
                        }
                    };
                    view! {
                        <li>
                            <svg class="sample" viewBox="0 0 14 14" aria-hidden="true">
                                <rect width="14" height="14" class=format!("group-{number}")></rect>
                            </svg>
                            " "
                            {name}
                            " "
                            <span class="quiet">{format!("{count} · {size}")}</span>
                        </li>
                    }
                })
                .collect_view()}
            <li>
                <svg class="sample" viewBox="0 0 14 14" aria-hidden="true">
                    <rect width="14" height="14" class="gap"></rect>
                </svg>
                " "
                {model.say(Text::BytesGapShort)}
            </li>
        </ul>
    }
}

#[component]
fn Gaps(gaps: Vec<Stretch>) -> impl IntoView {
    let model = model();
    let count = gaps.len();
    view! {
        <Show when=move || count != 0>
            <h2>{move || model.fill(Text::BytesGaps, &[&count.to_string()])}</h2>
        </Show>
        <ul id="byte-gaps">
            {gaps
                .into_iter()
                .take(NAMED)
                .map(|gap| {
                    let place = place(gap.offset, gap.length);
                    view! { <li>{move || fill(model, Text::BytesGap, &place)}</li> }
                })
                .collect_view()}
            <More count/>
        </ul>
    }
}

#[component]
fn Overlaps(overlaps: Vec<Overlap>) -> impl IntoView {
    let model = model();
    let count = overlaps.len();
    view! {
        <Show when=move || count != 0>
            <h2>{move || model.fill(Text::BytesOverlaps, &[&count.to_string()])}</h2>
        </Show>
        <ul id="byte-overlaps">
            {overlaps
                .into_iter()
                .take(NAMED)
                .map(|overlap| {
                    let [first, last, size] = place(overlap.offset, overlap.length);
                    let values = [first, last, size, overlap.first, overlap.second];
                    view! { <li>{move || fill(model, Text::BytesOverlap, &values)}</li> }
                })
                .collect_view()}
            <More count/>
        </ul>
    }
}

/// How many are not named.
#[component]
fn More(count: usize) -> impl IntoView {
    let model = model();
    let more = count.saturating_sub(NAMED);
    (more > 0)
        .then(|| view! { <li>{move || model.fill(Text::BytesMore, &[&more.to_string()])}</li> })
}

#[component]
fn Largest(map: ByteMap) -> impl IntoView {
    let model = model();
    let rows: Vec<(String, String, u32)> = map
        .largest(LARGEST)
        .into_iter()
        .filter_map(|stretch| {
            let size = format::bytes(stretch.length);
            Some((stretch.label.clone(), size, stretch.message?))
        })
        .collect();
    view! {
        <h2>{model.say(Text::BytesLargest)}</h2>
        <ol>
            {rows
                .into_iter()
                .map(|(label, size, message)| {
                    let open = move |_| {
                        model
                            .view
                            .update(|view| {
                                view.message = Some(message);
                                view.tab = Tab::Inventory;
                            });
                    };
                    view! {
                        <li>
                            <button type="button" class="link" on:click=open>
                                {label}
                            </button>
                            " "
                            {size}
                        </li>
                    }
                })
                .collect_view()}
        </ol>
    }
}
