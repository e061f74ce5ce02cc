//! The inventory: messages in a table of which only the visible part is in the document.

use std::cell::Cell;
use std::rc::Rc;

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use crate::browser;
use crate::components::message_panel::MessagePanel;
use crate::format;
use crate::model::{Model, model};
use crate::protocol::{Column, Event, Job, Row, RowsWanted, Sort};
use crate::state::View;
use crate::texts::Text;

/// Height of a row in pixels, as the style sheet has it.
const ROW: u32 = 32;
/// Rows beyond the visible ones that are asked for, on each side.
const MARGIN: u32 = 10;
/// Rows that a screen may show.
const SCREEN: u32 = 30;
/// The id of the table, which scrolls below its headings.
const GRID: &str = "rows";

const COLUMNS: [(Column, Text, &str); 7] = [
    (Column::Variable, Text::ColumnVariable, "text"),
    (Column::Level, Text::ColumnLevel, "text"),
    (Column::Step, Text::ColumnStep, "number"),
    (Column::Window, Text::ColumnWindow, "number"),
    (Column::Member, Text::ColumnMember, "text"),
    (Column::Offset, Text::ColumnOffset, "number"),
    (Column::Length, Text::ColumnLength, "number"),
];

/// The inventory.
#[component]
pub fn Inventory() -> impl IntoView {
    let model = model();
    // First row of the screen.
    let top = RwSignal::new(0_u32);
    // Row that the keyboard is at, counted in the order of the table.
    let active = RwSignal::new(0_u32);
    follow(model, top);
    view! {
        <section class="inventory">
            <Filters/>
            <p id="rows-summary" role="status">{move || summary(model)}</p>
            <div
                id=GRID
                class="grid"
                role="grid"
                tabindex="0"
                aria-labelledby="tab-inventory"
                aria-describedby="rows-summary"
                aria-colcount=COLUMNS.len()
                aria-rowcount=move || model.rows.with(|rows| rows.total + 1)
                aria-activedescendant=move || {
                    let shown = model
                        .rows
                        .with(|rows| {
                            let end = rows.first + u32::try_from(rows.rows.len()).unwrap_or(0);
                            (rows.first..end).contains(&active.get())
                        });
                    shown.then(|| row_id(active.get()))
                }
                on:scroll=move |_| {
                    if let Some(grid) = browser::element(GRID) {
                        top.set(u32::try_from(grid.scroll_top()).unwrap_or(0) / ROW);
                    }
                }
                on:keydown=move |event| by_key(model, active, &event)
            >
                <div class="headings" role="rowgroup">
                    <div class="row" role="row" aria-rowindex="1">
                        {COLUMNS
                            .map(|(column, text, class)| {
                                view! { <Head column text class/> }
                            })
                            .collect_view()}
                    </div>
                </div>
                <div
                    class="space"
                    role="rowgroup"
                    style:height=move || format!("{}px", model.rows.with(|rows| rows.total) * ROW)
                >
                    <For
                        each=move || {
                            model
                                .rows
                                .with(|rows| {
                                    let numbers = rows.first..;
                                    numbers.zip(rows.rows.clone()).collect::<Vec<_>>()
                                })
                        }
                        key=|(at, row)| (*at, row.message)
                        children=move |(at, row)| view! { <Line at row active/> }
                    />
                </div>
            </div>
            <MessagePanel/>
        </section>
    }
}

/// Asks for the rows that are to be seen, one question at a time.
fn follow(model: Model, top: RwSignal<u32>) {
    let wanted = Memo::new(move |_| {
        let open = model
            .session
            .with(|session| session.listed.is_some().then_some(session.request))?;
        let first = top.get().saturating_sub(MARGIN) / 10 * 10;
        let rows = model.view.with(|view| rows_of(view, first));
        Some((open, rows))
    });
    let asking = Rc::new(Cell::new(false));
    Effect::new(move |_| {
        wanted.track();
        if !asking.get() {
            ask(model, wanted, &asking);
        }
    });
    // Another order or another filter is looked at from its start.
    let order = Memo::new(move |_| model.view.with(|view| rows_of(view, 0)));
    Effect::new(move |before: Option<RowsWanted>| {
        let now = order.get();
        if before.is_some_and(|before| before != now)
            && let Some(grid) = browser::element(GRID)
        {
            grid.set_scroll_top(0);
        }
        now
    });
}

/// Asks for what is wanted now, and again where something else is wanted when the answer comes.
fn ask(model: Model, wanted: Memo<Option<(u32, RowsWanted)>>, asking: &Rc<Cell<bool>>) {
    // The table may be gone when the answer comes.
    let Some((open, rows)) = wanted.try_get_untracked().flatten() else {
        return;
    };
    asking.set(true);
    let own = Rc::clone(asking);
    model.ask(Job::Rows(rows.clone()), move |event, _| {
        own.set(false);
        if let Event::Rows(found) = event {
            model.rows.set(found);
        }
        let now = wanted.try_get_untracked().flatten();
        if now.is_some_and(|now| now != (open, rows.clone())) {
            ask(model, wanted, &own);
        }
    });
}

fn rows_of(view: &View, first: u32) -> RowsWanted {
    let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    RowsWanted {
        filter: view.filter.clone(),
        variable: text(&view.variable),
        level: text(&view.level),
        step: text(&view.step),
        sort: view.sort,
        first,
        count: SCREEN + 2 * MARGIN + 10,
    }
}

fn summary(model: Model) -> String {
    let language = model.language.get();
    if model.session.with(|session| session.listed.is_none()) {
        return Text::Empty.say(language).to_owned();
    }
    let (total, bytes) = model.rows.with(|rows| (rows.total, rows.bytes));
    if total == 0 {
        return Text::NoRows.say(language).to_owned();
    }
    let (total, bytes) = (format::count(total.into()), format::bytes(bytes));
    Text::InventorySummary.fill(language, &[&total, &bytes])
}

fn row_id(at: u32) -> String {
    format!("row-{at}")
}

/// Moves through the rows; the row under the keyboard is always on the screen.
fn by_key(model: Model, active: RwSignal<u32>, event: &KeyboardEvent) {
    let total = model.rows.with_untracked(|rows| rows.total);
    // Keys of a heading's button are its own.
    let Some(grid) = browser::element(GRID).filter(|grid| browser::is_target(event, grid)) else {
        return;
    };
    // The headings hide as much as a row.
    let height = u32::try_from(grid.client_height()).unwrap_or(0);
    let height = height.saturating_sub(ROW);
    let page = height / ROW;
    let at = active.get_untracked();
    let next = match event.key().as_str() {
        "ArrowDown" => at + 1,
        "ArrowUp" => at.saturating_sub(1),
        "PageDown" => at + page,
        "PageUp" => at.saturating_sub(page),
        "Home" => 0,
        "End" => total,
        "Enter" | " " => {
            event.prevent_default();
            let message = model.rows.with_untracked(|rows| {
                let place = at.checked_sub(rows.first)?;
                rows.rows.get(place as usize).map(|row| row.message)
            });
            // Rows that are still on their way cannot be opened.
            if message.is_some() {
                model.view.update(|view| view.message = message);
            }
            return;
        }
        _ => return,
    };
    event.prevent_default();
    let next = next.min(total.saturating_sub(1));
    active.set(next);
    let (above, below) = (next * ROW, (next + 1) * ROW);
    let top = u32::try_from(grid.scroll_top()).unwrap_or(0);
    let top = if above < top {
        above
    } else if below > top + height {
        below - height
    } else {
        return;
    };
    grid.set_scroll_top(i32::try_from(top).unwrap_or(i32::MAX));
}

/// A row of the table.
#[component]
fn Line(at: u32, row: Row, active: RwSignal<u32>) -> impl IntoView {
    let model = model();
    let message = row.message;
    let opened = move || model.view.with(|view| view.message == Some(message));
    let length = row.length.map_or_else(|| "?".to_owned(), format::count);
    let cells = [
        (row.variable, "text"),
        (row.level, "text"),
        (row.step, "number"),
        (row.window, "number"),
        (row.member, "text"),
        (format::count(row.offset), "number"),
        (length, "number"),
    ];
    view! {
        <div
            id=row_id(at)
            class="row line"
            class:active=move || active.get() == at
            role="row"
            aria-rowindex=at + 2
            aria-selected=move || opened().to_string()
            style:top=format!("{}px", at * ROW)
            on:click=move |_| {
                active.set(at);
                model.view.update(|view| view.message = Some(message));
            }
        >
            {cells
                .map(|(text, class)| {
                    view! {
                        <span role="gridcell" class=class>
                            {text}
                        </span>
                    }
                })
                .into_iter()
                .collect_view()}
        </div>
    }
}

/// The head of a column: a click sorts by it, another one turns the order round, a third one ends it.
#[component]
fn Head(column: Column, text: Text, class: &'static str) -> impl IntoView {
    let model = model();
    let order = move || {
        model.view.with(|view| match view.sort {
            sort if sort.column != column => "none",
            sort if sort.descending => "descending",
            _ => "ascending",
        })
    };
    let turn = move |_| {
        model.view.update(|view| {
            view.sort = match view.sort {
                sort if sort.column != column => Sort {
                    column,
                    descending: false,
                },
                sort if !sort.descending => Sort {
                    column,
                    descending: true,
                },
                _ => Sort::default(),
            };
        });
    };
    view! {
        <span role="columnheader" class=class aria-sort=order>
            <button type="button" on:click=turn>
                {model.say(text)}
                <span aria-hidden="true">
                    {move || match order() {
                        "ascending" => " ▲",
                        "descending" => " ▼",
                        _ => "",
                    }}
                </span>
            </button>
        </span>
    }
}

/// The text filter and the choices of columns that have few values.
#[component]
fn Filters() -> impl IntoView {
    let model = model();
    let is_filtered = move || {
        model.view.with(|view| {
            let texts = [&view.filter, &view.variable, &view.level, &view.step];
            texts.iter().any(|text| !text.is_empty())
        })
    };
    view! {
        <div class="filters" role="search">
            <label>
                <span>{model.say(Text::Filter)}</span>
                <input
                    id="filter"
                    type="search"
                    placeholder=model.say(Text::FilterHint)
                    prop:value=move || model.view.with(|view| view.filter.clone())
                    on:input=move |event| {
                        model.view.update(|view| view.filter = browser::value(&event));
                    }
                />
            </label>
            <Facet
                id="facet-variable"
                title=Text::Variable
                all=Text::AllVariables
                values=Signal::derive(move || model.rows.with(|rows| rows.facets.variables.clone()))
                chosen=Signal::derive(move || model.view.with(|view| view.variable.clone()))
                choose=Callback::new(move |value| model.view.update(|view| view.variable = value))
            />
            <Facet
                id="facet-level"
                title=Text::Level
                all=Text::AllLevels
                values=Signal::derive(move || model.rows.with(|rows| rows.facets.levels.clone()))
                chosen=Signal::derive(move || model.view.with(|view| view.level.clone()))
                choose=Callback::new(move |value| model.view.update(|view| view.level = value))
            />
            <Facet
                id="facet-step"
                title=Text::Step
                all=Text::AllSteps
                values=Signal::derive(move || model.rows.with(|rows| rows.facets.steps.clone()))
                chosen=Signal::derive(move || model.view.with(|view| view.step.clone()))
                choose=Callback::new(move |value| model.view.update(|view| view.step = value))
            />
            <button
                type="button"
                disabled=move || !is_filtered()
                on:click=move |_| {
                    model
                        .view
                        .update(|view| {
                            view.filter = String::new();
                            view.variable = String::new();
                            view.level = String::new();
                            view.step = String::new();
                        });
                }
            >
                {model.say(Text::ClearFilter)}
            </button>
        </div>
    }
}

/// A choice among the values of a column, each with its count.
#[component]
fn Facet(
    id: &'static str,
    title: Text,
    all: Text,
    values: Signal<Vec<(String, u32)>>,
    chosen: Signal<String>,
    choose: Callback<String>,
) -> impl IntoView {
    let model = model();
    // Scrolling asks for rows again and again: the values are drawn anew where they differ.
    let values = Memo::new(move |_| values.get());
    view! {
        <label>
            <span>{model.say(title)}</span>
            <select id=id on:change=move |event| choose.run(browser::value(&event))>
                <option value="" selected=move || chosen.get().is_empty()>
                    {model.say(all)}
                </option>
                {move || {
                    values
                        .get()
                        .into_iter()
                        .filter(|(value, _)| !value.is_empty())
                        .map(|(value, count)| {
                            let own = value.clone();
                            let shown = format!("{value} ({})", format::count(count.into()));
                            view! {
                                <option value=value selected=move || chosen.get() == own>
                                    {shown}
                                </option>
                            }
                        })
                        .collect_view()
                }}
            </select>
        </label>
    }
}
