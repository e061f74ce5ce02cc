//! The coverage matrix: kinds of messages against steps.

use leptos::prelude::*;

use crate::browser;
use crate::format;
use crate::model::{Model, model};
use crate::protocol::{Cell, Coverage as Matrix, CoverageRow};
use crate::texts::Text;

/// All cells, in the order of the legend.
const CELLS: [Cell; 5] = [
    Cell::Complete,
    Cell::Partial,
    Cell::Missing,
    Cell::Unmatched,
    Cell::Nothing,
];

/// Rows that are drawn in one frame.
const ROWS: usize = 24;

/// The matrix.
#[component]
pub fn Coverage() -> impl IntoView {
    let model = model();
    let matrix = Memo::new(move |_| {
        model.session.with(|session| {
            let built = session.built.as_ref();
            built.map(|built| built.coverage.clone())
        })
    });
    view! {
        <section class="coverage">
            <p id="coverage-summary" role="status">{move || summary(model, matrix.get().as_ref())}</p>
            <ul class="legend">
                {CELLS
                    .map(|cell| {
                        view! {
                            <li>
                                <span class=class(cell) aria-hidden="true"></span>
                                " "
                                {model.say(text(cell))}
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
            {move || {
                let matrix = matrix.get().filter(|matrix| !matrix.rows.is_empty());
                // Another language is another table.
                model.language.track();
                matrix.map(|matrix| view! { <Table matrix/> })
            }}
        </section>
    }
}

#[component]
fn Table(matrix: Matrix) -> impl IntoView {
    let model = model();
    // Some rows in each frame, so that the page stays alive while a large matrix is drawn.
    let shown = RwSignal::new(ROWS);
    let all = matrix.rows.len();
    let rows = StoredValue::new(matrix.rows);
    wasm_bindgen_futures::spawn_local(async move {
        while shown.try_get_untracked().is_some_and(|shown| shown < all) {
            browser::frame().await;
            shown.try_update(|shown| *shown += ROWS);
        }
    });
    view! {
        <div class="matrix" tabindex="0" role="region" aria-labelledby="tab-coverage">
            <table aria-describedby="coverage-summary">
                <thead>
                    <tr>
                        <th scope="col">{model.say(Text::Variable)}</th>
                        {matrix
                            .steps
                            .into_iter()
                            .map(|step| view! { <th scope="col">{step}</th> })
                            .collect_view()}
                    </tr>
                </thead>
                <tbody>
                    <For
                        each=move || rows.with_value(|rows| rows.iter().take(shown.get()).cloned().enumerate().collect::<Vec<_>>())
                        key=|(at, _)| *at
                        children=|(_, row)| view! { <Line row/> }
                    />
                </tbody>
            </table>
        </div>
    }
}

#[component]
fn Line(row: CoverageRow) -> impl IntoView {
    let language = model().language.get_untracked();
    let title = format!("{} {}/{}", row.array, row.found, row.expected);
    view! {
        <tr>
            <th scope="row" title=title>
                {row.label.clone()}
            </th>
            {row
                .cells
                .chars()
                .map(|letter| {
                    let cell = Cell::of(letter);
                    view! { <td class=class(cell) aria-label=text(cell).say(language)></td> }
                })
                .collect_view()}
        </tr>
    }
}

/// The style sheet gives each a colour, and a sign for those who do not see it.
fn class(cell: Cell) -> &'static str {
    match cell {
        Cell::Complete => "cell complete",
        Cell::Partial => "cell partial",
        Cell::Missing => "cell missing",
        Cell::Unmatched => "cell unmatched",
        Cell::Nothing => "cell nothing",
    }
}

fn text(cell: Cell) -> Text {
    match cell {
        Cell::Complete => Text::CellComplete,
        Cell::Partial => Text::CellPartial,
        Cell::Missing => Text::CellMissing,
        Cell::Unmatched => Text::CellUnmatched,
        Cell::Nothing => Text::CellNothing,
    }
}

fn summary(model: Model, matrix: Option<&Matrix>) -> String {
    let Some(matrix) = matrix.filter(|matrix| !matrix.rows.is_empty()) else {
        return Text::Empty.say(model.language.get()).to_owned();
    };
    let (known, unmatched): (Vec<_>, Vec<_>) =
        matrix.rows.iter().partition(|row| !row.array.is_empty());
    let expected: u64 = known.iter().map(|row| u64::from(row.expected)).sum();
    let found: u64 = known.iter().map(|row| u64::from(row.found)).sum();
    let values = [
        format::count(known.len() as u64),
        format::count(matrix.steps.len() as u64),
        format::count(found),
        format::count(expected),
        format::count(expected.saturating_sub(found)),
        format::count(unmatched.len() as u64),
    ];
    let values: Vec<&str> = values.iter().map(String::as_str).collect();
    model.fill(Text::CoverageSummary, &values)
}
