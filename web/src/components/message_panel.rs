//! One message: its line, its sections, its bytes, its values in five numbers, and how to get it elsewhere.

use leptos::prelude::*;

use crate::browser;
use crate::components::problem::ProblemText;
use crate::format;
use crate::model::{Model, model};
use crate::protocol::message::{Message, SectionLine, Statistics};
use crate::protocol::{Event, Job, Problem};
use crate::snippets::{Snippet, snippets};
use crate::state::Tab;
use crate::texts::Text;

/// Bytes in a line of the dump.
const ACROSS: usize = 16;

/// The message that is opened.
#[component]
pub fn MessagePanel() -> impl IntoView {
    let model = model();
    // A number says little without what is open.
    let number = Memo::new(move |_| {
        let open = model
            .session
            .with(|session| session.listed.is_some().then_some(session.request))?;
        let message = model.view.with(|view| view.message)?;
        Some((open, message))
    });
    let read = RwSignal::new(None::<Result<Message, Problem>>);
    Effect::new(move |_| {
        read.set(None);
        let Some(asked) = number.get() else {
            return;
        };
        let job = Job::Message { message: asked.1 };
        model.ask(job, move |event, _| {
            if number.try_get_untracked().flatten() != Some(asked) {
                return;
            }
            match event {
                Event::Message(message) => read.set(Some(Ok(*message))),
                Event::Failed(problem) => read.set(Some(Err(problem))),
                _ => {}
            }
        });
    });
    view! {
        <Show when=move || number.get().is_some()>
            <section class="message" id="message" aria-labelledby="message-title">
                {move || match read.get() {
                    None => view! { <p role="status">{model.say(Text::Working)}</p> }.into_any(),
                    Some(Ok(message)) => view! { <Shown message/> }.into_any(),
                    Some(Err(problem)) => {
                        view! {
                            <Buttons/>
                            <ProblemText problem/>
                        }
                            .into_any()
                    }
                }}
            </section>
        </Show>
    }
}

#[component]
fn Buttons() -> impl IntoView {
    let model = model();
    let go = move |tab: Tab| {
        move |_| {
            model.view.update(|view| {
                view.tab = tab;
                view.map.file = None;
            });
        }
    };
    view! {
        <p class="buttons">
            <button type="button" id="message-map" class="main" on:click=go(Tab::Map)>
                {model.say(Text::Map)}
            </button>
            <button type="button" id="message-bytes" on:click=go(Tab::Bytes)>
                {model.say(Text::Bytes)}
            </button>
            <button
                type="button"
                id="message-close"
                on:click=move |_| {
                    model.view.update(|view| view.message = None);
                    if let Some(rows) = browser::element("rows") {
                        let _ = rows.focus();
                    }
                }
            >
                {model.say(Text::Close)}
            </button>
        </p>
    }
}

#[component]
fn Shown(message: Message) -> impl IntoView {
    let model = model();
    let number = message.row.message;
    let (first, length) = (message.offset, message.length);
    let place = [
        format::count(first),
        format::count(first.saturating_add(length).saturating_sub(1)),
        message.url.clone(),
        format::bytes(length),
    ];
    let texts = snippets(&message);
    let several = (message.fields > 1).then_some((message.field, message.fields));
    view! {
        <div role="status">
            <h2 id="message-title">{message.title.clone()}</h2>
        </div>
        <p class="quiet">{message.when.clone()}</p>
        <Buttons/>
        <p class="detail" id="message-place">
            {move || {
                let place: Vec<&str> = place.iter().map(String::as_str).collect();
                model.fill(Text::MessageBytes, &place)
            }}
        </p>
        {several
            .map(|(field, fields)| {
                let (field, fields) = (field.to_string(), fields.to_string());
                view! { <p>{move || model.fill(Text::MessageField, &[&field, &fields])}</p> }
            })}
        {message
            .line
            .clone()
            .map(|line| {
                view! {
                    <h3>{model.say(Text::MessageLine)}</h3>
                    <pre id="message-line" tabindex="0">
                        {line}
                    </pre>
                }
            })}
        <Values number length units=message.units.clone()/>
        <h3>{model.say(Text::MessageSections)}</h3>
        <Sections lines=message.sections.clone()/>
        <details>
            <summary>{model.say(Text::MessageFirst)}</summary>
            <pre id="hex" tabindex="0">
                {hex(&message.head)}
            </pre>
        </details>
        <h3>{model.say(Text::MessageElsewhere)}</h3>
        {texts
            .into_iter()
            .enumerate()
            .map(|(at, snippet)| view! { <Copied at snippet/> })
            .collect_view()}
    }
}

/// The values in five numbers, once somebody asks for them.
#[component]
fn Values(number: u32, length: u64, units: String) -> impl IntoView {
    let model = model();
    let counted = RwSignal::new(None::<Result<Statistics, Problem>>);
    let busy = RwSignal::new(false);
    let count = move |_| {
        busy.set(true);
        model.ask(Job::Statistics { message: number }, move |event, _| {
            // The panel may be gone.
            let _ = busy.try_set(false);
            let _ = counted.try_set(match event {
                Event::Statistics(statistics) => Some(Ok(statistics)),
                Event::Failed(problem) => Some(Err(problem)),
                _ => None,
            });
        });
    };
    let size = format::bytes(length);
    view! {
        <h3>{model.say(Text::MessageValues)}</h3>
        <div aria-live="polite">
            {move || match counted.get() {
                None => ().into_any(),
                Some(Err(problem)) => view! { <ProblemText problem/> }.into_any(),
                Some(Ok(statistics)) => {
                    view! { <Numbers statistics units=units.clone()/> }.into_any()
                }
            }}
        </div>
        <Show when=move || !matches!(counted.get(), Some(Ok(_)))>
            <button type="button" id="count-values" disabled=move || busy.get() on:click=count>
                {
                    let size = size.clone();
                    move || model.fill(Text::MessageCount, &[&size])
                }
            </button>
        </Show>
    }
}

#[component]
fn Numbers(statistics: Statistics, units: String) -> impl IntoView {
    let model = model();
    let values = statistics.values;
    let number =
        move |at: usize| values.map_or_else(|| "–".to_owned(), |values| format::number(values[at]));
    let cells = [
        ("min", Text::StatMin, number(0)),
        ("mean", Text::StatMean, number(1)),
        ("max", Text::StatMax, number(2)),
        ("missing", Text::StatMissing, statistics.missing.to_string()),
        ("points", Text::StatPoints, statistics.points.to_string()),
    ];
    view! {
        <dl class="numbers" id="statistics">
            {cells
                .map(|(name, text, value)| {
                    let units = matches!(name, "min" | "mean" | "max").then(|| format!(" {units}"));
                    view! {
                        <div>
                            <dt>{model.say(text)}</dt>
                            <dd>
                                <span id=format!("stat-{name}")>{value}</span>
                                {units}
                            </dd>
                        </div>
                    }
                })
                .collect_view()}
        </dl>
    }
}

const SECTIONS: [Text; 9] = [
    Text::Section0,
    Text::Section1,
    Text::Section2,
    Text::Section3,
    Text::Section4,
    Text::Section5,
    Text::Section6,
    Text::Section7,
    Text::Section8,
];

#[component]
fn Sections(lines: Vec<SectionLine>) -> impl IntoView {
    let model = model();
    SECTIONS
        .into_iter()
        .enumerate()
        .filter_map(|(number, title)| {
            let own = lines.iter();
            let own = own.filter(|line| usize::from(line.section) == number);
            let own: Vec<SectionLine> = own.cloned().collect();
            // Most come to see what the message is.
            let open = number == 4;
            (!own.is_empty()).then(|| {
                view! {
                    <details class="section" open=open id=format!("section-{number}")>
                        <summary>{model.say(title)}</summary>
                        <div class="wide" tabindex="0" role="region" aria-label=model.say(title)>
                            <table>
                                <thead>
                                    <tr>
                                        <th scope="col">{model.say(Text::Octets)}</th>
                                        <th scope="col">{model.say(Text::Key)}</th>
                                        <th scope="col">{model.say(Text::Value)}</th>
                                        <th scope="col">{model.say(Text::Meaning)}</th>
                                    </tr>
                                </thead>
                                <tbody>{own.into_iter().map(row).collect_view()}</tbody>
                            </table>
                        </div>
                    </details>
                }
            })
        })
        .collect_view()
}

fn row(line: SectionLine) -> impl IntoView {
    let octets = if line.first == line.last {
        line.first.to_string()
    } else {
        format!("{}–{}", line.first, line.last)
    };
    view! {
        <tr>
            <td class="number">{octets}</td>
            <td>{line.key}</td>
            <td class="number">{line.value}</td>
            <td>{line.meaning}</td>
        </tr>
    }
}

/// A text with a button that copies it.
#[component]
fn Copied(at: usize, snippet: Snippet) -> impl IntoView {
    let model: Model = model();
    let id = format!("snippet-{at}");
    let said = RwSignal::new(None::<bool>);
    let copy = {
        let (id, text) = (id.clone(), snippet.text.clone());
        move |_| {
            let (id, text) = (id.clone(), text.clone());
            leptos::task::spawn_local(async move {
                let done = browser::copy(&text).await || browser::copy_marked(&id);
                let _ = said.try_set(Some(done));
            });
        }
    };
    let title = snippet.title;
    view! {
        <div class="snippet">
            <div>
                <h4>{title}</h4>
                <span role="status">
                    {move || said
                        .get()
                        .map(|done| {
                            let text = if done { Text::Copied } else { Text::CopyByHand };
                            text.say(model.language.get())
                        })}
                </span>
                <button
                    type="button"
                    aria-label=move || format!("{}: {title}", Text::Copy.say(model.language.get()))
                    on:click=copy
                >
                    {model.say(Text::Copy)}
                </button>
            </div>
            <pre id=id tabindex="0" data-kind=title>
                {snippet.text}
            </pre>
        </div>
    }
}

/// `00000000  47 52 49 42 …  GRIB…`.
fn hex(octets: &[u8]) -> String {
    let mut text = String::new();
    for (number, line) in octets.chunks(ACROSS).enumerate() {
        let digits: Vec<String> = line.iter().map(|octet| format!("{octet:02x}")).collect();
        let letters: String = line
            .iter()
            .map(|octet| match octet {
                0x20..0x7f => char::from(*octet),
                _ => '·',
            })
            .collect();
        let digits = digits.join(" ");
        text.push_str(&format!(
            "{:06}  {digits:<47}  {letters}\n",
            number * ACROSS
        ));
    }
    text
}
