//! The references: what was built, downloads, and what is missing.

use leptos::prelude::*;

use crate::browser;
use crate::format;
use crate::model::{Model, model};
use crate::protocol::{Event, Format, GapText, Job, Problem};
use crate::texts::Text;

const FORMATS: [(Format, Text, &str); 3] = [
    (Format::KvParquet, Text::DownloadKv, "kv"),
    (Format::KerchunkJson, Text::DownloadJson, "json"),
    (Format::KerchunkParquet, Text::DownloadKerchunk, "kerchunk"),
];

/// Downloads and gaps.
#[component]
pub fn Build() -> impl IntoView {
    let model = model();
    let built = Memo::new(move |_| model.session.with(|session| session.built.is_some()));
    view! {
        <section class="build">
            {move || {
                if built.get() {
                    view! {
                        <p id="built">{move || summary(model)}</p>
                        <p>{move || proof(model)}</p>
                        <Downloads/>
                        <Gaps/>
                    }
                        .into_any()
                } else {
                    view! { <p>{model.say(Text::Empty)}</p> }.into_any()
                }
            }}
        </section>
    }
}

fn summary(model: Model) -> Option<String> {
    let counts = model.session.with(|session| {
        let built = session.built.as_ref()?;
        Some((built.references, built.arrays))
    });
    let (references, arrays) = counts?;
    let (references, arrays) = (
        format::count(references.into()),
        format::count(arrays.into()),
    );
    Some(model.fill(Text::References, &[&references, &arrays]))
}

fn proof(model: Model) -> Option<String> {
    let (template, proven) = model.session.with(|session| {
        let built = session.built.as_ref()?;
        (!built.coverage.rows.is_empty())
            .then(|| (built.template.clone(), built.proven.to_string()))
    })?;
    Some(model.fill(Text::BuiltFrom, &[&template, &proven]))
}

#[component]
fn Downloads() -> impl IntoView {
    let model = model();
    let busy = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    let write = move |format: Format| {
        busy.set(true);
        problem.set(None);
        model.ask(Job::Write { format }, move |event, buffers| {
            busy.set(false);
            match event {
                Event::Artifacts { names } => {
                    for (name, bytes) in names.iter().zip(&buffers) {
                        browser::download(name, bytes);
                    }
                }
                Event::Failed(found) => problem.set(Some(found)),
                _ => {}
            }
        });
    };
    view! {
        <h2>{model.say(Text::Download)}</h2>
        <p class="buttons">
            {FORMATS
                .map(|(format, text, name)| {
                    view! {
                        <button
                            id=format!("download-{name}")
                            type="button"
                            disabled=move || busy.get()
                            on:click=move |_| write(format)
                        >
                            {model.say(text)}
                        </button>
                    }
                })
                .collect_view()}
        </p>
        <p role="status">
            {move || busy.get().then(|| Text::Preparing.say(model.language.get()))}
            {move || problem.get().map(|problem| problem.text)}
        </p>
    }
}

#[component]
fn Gaps() -> impl IntoView {
    let model = model();
    let gaps = Memo::new(move |_| {
        model.session.with(|session| {
            let built = session.built.as_ref();
            built.map_or_else(Vec::new, |built| built.gaps.clone())
        })
    });
    let total = Memo::new(move |_| {
        model
            .session
            .with(|session| session.built.as_ref().map_or(0, |built| built.gap_count))
    });
    let language = model.language;
    view! {
        <h2>{move || Text::Gaps.fill(language.get(), &[&total.get().to_string()])}</h2>
        {move || {
            let gaps = gaps.get();
            if gaps.is_empty() {
                return view! { <p>{model.say(Text::NoGaps)}</p> }.into_any();
            }
            let more = total.get().saturating_sub(u32::try_from(gaps.len()).unwrap_or(0));
            view! {
                <button id="retry" type="button" on:click=move |_| model.open(true)>
                    {model.say(Text::Retry)}
                </button>
                <div class="matrix" tabindex="0" role="region" aria-labelledby="tab-build">
                    <table id="gaps">
                        <thead>
                            <tr>
                                <th scope="col">{model.say(Text::Variable)}</th>
                                <th scope="col">{model.say(Text::Step)}</th>
                                <th scope="col">{model.say(Text::ColumnMember)}</th>
                                <th scope="col">{model.say(Text::Verdict)}</th>
                            </tr>
                        </thead>
                        <tbody>
                            {gaps
                                .into_iter()
                                .map(|gap| {
                                    let reason = reason(&gap);
                                    view! {
                                        <tr>
                                            <th scope="row">{gap.what}</th>
                                            <td>{gap.step}</td>
                                            <td>{gap.member}</td>
                                            <td>
                                                {model.say(reason)} <span class="detail">{gap.detail}</span>
                                            </td>
                                        </tr>
                                    }
                                })
                                .collect_view()}
                        </tbody>
                    </table>
                </div>
                <p>{(more > 0).then(|| format!("+ {more}"))}</p>
            }
                .into_any()
        }}
    }
}

fn reason(gap: &GapText) -> Text {
    match gap.reason.as_str() {
        "failed" => Text::GapFailed,
        "not-found" => Text::GapNotFound,
        "not-in-era" => Text::GapNotInEra,
        "not-in-index" => Text::GapNotInIndex,
        "not-in-run" => Text::GapNotInRun,
        "not-in-template" => Text::GapNotInTemplate,
        "refused" => Text::GapRefused,
        "stale" => Text::GapStale,
        _ => Text::GapOther,
    }
}
