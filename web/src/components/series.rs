//! Values of the chosen point over the steps, for one member or several: how much it is first, then a drawing and a table.

use leptos::prelude::*;

use crate::components::problem::ProblemText;
use crate::format;
use crate::graph::{self, BELOW, HEIGHT, LEFT, WIDTH, graph, means, written};
use crate::pages::map::{MapModel, map_model};
use crate::protocol::map::{Series, SeriesWanted};
use crate::protocol::{Event, Job, Problem, ProblemKind};
use crate::texts::Text;

/// The part of the map page that shows a series.
#[component]
pub fn SeriesPart() -> impl IntoView {
    let map = map_model();
    let model = map.model;
    let wanted = Memo::new(move |_| wanted(map));
    let estimate = RwSignal::new(None::<Series>);
    let shown = RwSignal::new(None::<Series>);
    let problem = RwSignal::new(None::<Problem>);
    let running = RwSignal::new(None::<u32>);
    Effect::new(move |_| {
        estimate.set(None);
        let Some((_, asked)) = wanted.get() else {
            return;
        };
        let dry = SeriesWanted { dry: true, ..asked };
        model.ask(Job::Series(dry), move |event, _| {
            if let Event::Series(series) = event {
                let _ = estimate.try_set(Some(*series));
            }
        });
    });
    let start = move |_| {
        let Some((_, asked)) = wanted.get_untracked() else {
            return;
        };
        problem.set(None);
        shown.set(None);
        let request = model.ask(Job::Series(asked), move |event, _| match event {
            Event::Series(series) => {
                let done = series.done >= series.messages;
                let _ = shown.try_set(Some(*series));
                if done {
                    let _ = running.try_set(None);
                }
            }
            Event::Failed(found) => {
                let _ = running.try_set(None);
                if found.kind != ProblemKind::Cancelled {
                    let _ = problem.try_set(Some(found));
                }
            }
            _ => {}
        });
        running.set(request);
    };
    let cancel = move |_| {
        if let Some(request) = running.get_untracked() {
            model.ask(Job::Cancel { request }, |_, _| {});
        }
    };
    let amount = move || {
        estimate.with(|series| {
            series.as_ref().map(|series| {
                let count = format::count(series.messages.into());
                let bytes = format::bytes(series.bytes);
                model.fill(Text::MapFetch, &[&count, &bytes])
            })
        })
    };
    view! {
        <h2>{model.say(Text::MapSeries)}</h2>
        <Show
            when=move || wanted.with(Option::is_some)
            fallback=move || view! { <p>{model.say(Text::MapNoPoint)}</p> }
        >
            <Members/>
            <p class="buttons">
                <button
                    type="button"
                    id="series-read"
                    disabled=move || running.get().is_some() || amount().is_none()
                    on:click=start
                >
                    {move || amount().unwrap_or_default()}
                </button>
                <Show when=move || running.get().is_some()>
                    <button type="button" id="series-cancel" on:click=cancel>
                        {model.say(Text::Cancel)}
                    </button>
                    <progress
                        aria-label=model.say(Text::MapSeries)
                        max=move || {
                            shown.with(|one| one.as_ref().map_or(1, |one| one.messages.max(1)))
                        }
                        value=move || shown.with(|one| one.as_ref().map_or(0, |one| one.done))
                    ></progress>
                </Show>
            </p>
        </Show>
        {move || problem.get().map(|problem| view! { <ProblemText problem/> })}
        {move || shown.get().map(|series| view! { <Shown series/> })}
    }
}

/// What is asked for, once a point is chosen.
fn wanted(map: MapModel) -> Option<(u32, SeriesWanted)> {
    let open = map.open()?;
    let field = map.field()?;
    map.model.view.with(|view| {
        let [latitude, longitude] = view.map.chosen()?;
        Some((
            open,
            SeriesWanted {
                message: field.message,
                latitude,
                longitude,
                members: view.map.members(),
                dry: false,
            },
        ))
    })
}

/// The members of the plume, where there are several.
#[component]
fn Members() -> impl IntoView {
    let map = map_model();
    let model = map.model;
    let names = Memo::new(move |_| {
        map.siblings.with(|siblings| {
            let members = siblings.as_ref().map(|siblings| &siblings.members);
            let names = members.into_iter().flatten();
            names
                .map(|sibling| sibling.label.clone())
                .collect::<Vec<_>>()
        })
    });
    let all = move || names.with(|names| names.join(","));
    let set = move |name: String, on: bool| {
        model.view.update(|view| {
            let mut chosen = view.map.members();
            chosen.retain(|known| *known != name);
            if on {
                chosen.push(name);
            }
            view.map.plume = chosen.join(",");
        });
    };
    view! {
        <Show when=move || names.with(|names| names.len() > 1)>
            <fieldset class="members">
                <legend>{model.say(Text::MapPlume)}</legend>
                <label>
                    <input
                        id="plume-all"
                        type="checkbox"
                        prop:checked=move || {
                            model.view.with(|view| view.map.members().len()) == names.with(Vec::len)
                        }
                        on:change=move |event| {
                            let text = if event_target_checked(&event) { all() } else { String::new() };
                            model.view.update(|view| view.map.plume = text);
                        }
                    />
                    {model.say(Text::MapAllMembers)}
                </label>
                {move || {
                    names
                        .get()
                        .into_iter()
                        .map(|name| {
                            let (own, shown) = (name.clone(), name.clone());
                            let checked = move || {
                                model.view.with(|view| view.map.members().contains(&own))
                            };
                            view! {
                                <label>
                                    <input
                                        type="checkbox"
                                        prop:checked=checked
                                        on:change=move |event| {
                                            set(name.clone(), event_target_checked(&event));
                                        }
                                    />
                                    {shown}
                                </label>
                            }
                        })
                        .collect_view()
                }}
            </fieldset>
        </Show>
        <p class="detail">{model.say(Text::MapMembersHint)}</p>
    }
}

#[component]
fn Shown(series: Series) -> impl IntoView {
    let model = map_model().model;
    let all = series.lines.iter().flat_map(|line| &line.values).flatten();
    let (low, high) = all.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(*value), high.max(*value))
    });
    let title = match series.place {
        Some([latitude, longitude]) => {
            format!("{}, {}", series.title, format::place(latitude, longitude))
        }
        None => series.title.clone(),
    };
    let summary = [
        title.clone(),
        series.lines.len().to_string(),
        series.hours.len().to_string(),
        written(low),
        written(high),
        series.units.clone(),
    ];
    let said = move || {
        let summary: Vec<&str> = summary.iter().map(String::as_str).collect();
        model.fill(Text::MapSummary, &summary)
    };
    let fetched = [
        format::count(series.done.into()),
        format::bytes(series.fetched),
    ];
    let failed = series.failed.clone();
    let drawn = graph(&series);
    let lines = series.lines.iter();
    let names: Vec<String> = lines.map(|line| line.member.clone()).collect();
    view! {
        <figure class="series">
            <figcaption>{title} " (" {series.units.clone()} ")"</figcaption>
            {drawn.map(|graph| view! { <Drawing graph label=Signal::derive(said.clone())/> })}
            <Key names/>
            <p class="detail" id="series-summary" role="status">
                {said}
                " "
                {move || model.fill(Text::MapFetched, &[&fetched[0], &fetched[1]])}
            </p>
            {(!failed.is_empty())
                .then(|| {
                    let (count, first) = (failed.len().to_string(), failed[0].clone());
                    view! {
                        <p class="problem">
                            {move || model.fill(Text::MapSeriesFailed, &[&count, &first])}
                        </p>
                    }
                })}
            <details>
                <summary>{model.say(Text::MapSeriesTable)}</summary>
                <Table series/>
            </details>
        </figure>
    }
}

/// Which line is whose.
#[component]
fn Key(names: Vec<String>) -> impl IntoView {
    let model = map_model().model;
    let entry = |class: &'static str, text: AnyView| {
        view! {
            <li>
                <svg class="sample" viewBox="0 0 28 14" aria-hidden="true">
                    <polyline points="0,7 28,7" class=class></polyline>
                </svg>
                " "
                {text}
            </li>
        }
    };
    let entries = match names.as_slice() {
        [] | [_] => return ().into_any(),
        [first, second] => [
            entry("curve first", first.clone().into_any()),
            entry("curve second", second.clone().into_any()),
        ],
        several => [
            entry("curve one", format!("{} …", several[0]).into_any()),
            entry(
                "curve mean",
                view! { <span>{model.say(Text::MapMean)}</span> }.into_any(),
            ),
        ],
    };
    view! { <ul class="legend">{entries.collect_view()}</ul> }.into_any()
}

#[component]
fn Drawing(graph: graph::Graph, label: Signal<String>) -> impl IntoView {
    let few = graph.mean.is_empty();
    let class = move |line: usize| match (few, line) {
        (true, 0) => "curve first",
        (true, _) => "curve second",
        (false, _) => "curve one",
    };
    let bottom = HEIGHT - BELOW;
    view! {
        <svg id="series" viewBox=format!("0 0 {WIDTH} {HEIGHT}") role="img" aria-label=label>
            {graph
                .values
                .into_iter()
                .map(|(y, label)| {
                    view! {
                        <line x1=LEFT x2=WIDTH - 12.0 y1=y y2=y class="ruler"></line>
                        <text x=LEFT - 6.0 y=y + 4.0 text-anchor="end">
                            {label}
                        </text>
                    }
                })
                .collect_view()}
            {graph
                .steps
                .into_iter()
                .map(|(x, label)| {
                    view! {
                        <line x1=x x2=x y1=bottom y2=bottom + 5.0 class="axis"></line>
                        <text x=x y=bottom + 19.0 text-anchor="middle">
                            {label}
                        </text>
                    }
                })
                .collect_view()}
            <text x=WIDTH - 12.0 y=HEIGHT - 6.0 text-anchor="end">
                "h"
            </text>
            {graph
                .pieces
                .into_iter()
                .map(|(line, points)| view! { <polyline points=points class=class(line)></polyline> })
                .collect_view()}
            {graph
                .dots
                .into_iter()
                .map(|(line, x, y)| view! { <circle cx=x cy=y r="3" class=class(line)></circle> })
                .collect_view()}
            {graph
                .mean
                .into_iter()
                .map(|points| view! { <polyline points=points class="curve mean"></polyline> })
                .collect_view()}
        </svg>
    }
}

#[component]
fn Table(series: Series) -> impl IntoView {
    let model = map_model().model;
    let mean = means(&series);
    let several = series.lines.len() > 2;
    let names: Vec<String> = series
        .lines
        .iter()
        .map(|line| line.member.clone())
        .collect();
    let cell = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), format::number);
    let rows: Vec<(String, Vec<String>)> = series
        .hours
        .iter()
        .enumerate()
        .map(|(at, hour)| {
            let values = series.lines.iter();
            let mut cells: Vec<String> = values
                .map(|line| cell(line.values.get(at).copied().flatten()))
                .collect();
            if several {
                cells.push(
                    mean.get(at)
                        .copied()
                        .flatten()
                        .map_or_else(|| "–".to_owned(), written),
                );
            }
            (hour.to_string(), cells)
        })
        .collect();
    view! {
        <div class="matrix" tabindex="0" role="region" aria-label=model.say(Text::MapSeries)>
            <table id="series-table">
                <thead>
                    <tr>
                        <th scope="col">{model.say(Text::ColumnStep)}</th>
                        {names
                            .into_iter()
                            .map(|name| view! { <th scope="col">{name}</th> })
                            .collect_view()}
                        {several.then(|| view! { <th scope="col">{model.say(Text::MapMean)}</th> })}
                    </tr>
                </thead>
                <tbody>
                    {rows
                        .into_iter()
                        .map(|(hour, cells)| {
                            view! {
                                <tr>
                                    <th scope="row">{hour}</th>
                                    {cells
                                        .into_iter()
                                        .map(|cell| view! { <td class="number">{cell}</td> })
                                        .collect_view()}
                                </tr>
                            }
                        })
                        .collect_view()}
                </tbody>
            </table>
        </div>
    }
}
