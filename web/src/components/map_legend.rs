//! The colour bar of the map.

use leptos::prelude::*;

use crate::format;
use crate::pages::map::map_model;
use crate::protocol::map::Drawn;
use crate::texts::Text;

/// Size of the drawing, in its own units.
const WIDTH: f64 = 480.0;
/// Room at both ends, for arrows and for half of a label.
const EDGE: f64 = 20.0;
const BAR: f64 = 14.0;

/// The colour bar with round values and units.
#[component]
pub fn Legend() -> impl IntoView {
    let map = map_model();
    let model = map.model;
    // The bar is the same over many maps.
    let bar = Memo::new(move |_| {
        let drawn = map.drawn.get()?;
        Some(Drawn {
            place: [0.0; 3],
            field: crate::protocol::map::FieldInfo::default(),
            ..drawn
        })
    });
    view! {
        <div class="bar">
            {move || {
                bar.get()
                    .map(|drawn| {
                        let [low, high] = drawn.limits.map(format::number);
                        let units = drawn.units.clone();
                        let said = move || model.fill(Text::MapLegend, &[&low, &high, &units]);
                        view! {
                            <svg
                                id="legend"
                                viewBox="0 0 480 36"
                                role="img"
                                aria-label=said
                            >
                                {colours(&drawn)}
                                {arrows(&drawn)}
                                {labels(&drawn)}
                            </svg>
                            <span>{drawn.units.clone()}</span>
                            <Show when=move || drawn.hatched>
                                <span class="quiet">{model.say(Text::MapHatched)}</span>
                            </Show>
                        }
                    })
            }}
        </div>
    }
}

fn colours(drawn: &Drawn) -> impl IntoView + use<> {
    let count = drawn.stops.len().max(1) as f64;
    let width = (WIDTH - 2.0 * EDGE) / count;
    drawn
        .stops
        .clone()
        .into_iter()
        .enumerate()
        .map(|(at, colour)| {
            let x = EDGE + at as f64 * width;
            // A little wider, so that nothing shines through between two.
            view! { <rect x=x y="0" width=width + 0.5 height=BAR fill=colour></rect> }
        })
        .collect_view()
}

/// Arrows where values lie beyond the limits.
fn arrows(drawn: &Drawn) -> impl IntoView + use<> {
    let [below, above] = drawn.beyond;
    let (first, last) = (drawn.stops.first().cloned(), drawn.stops.last().cloned());
    let left = format!("{EDGE},0 {EDGE},{BAR} 6,{}", BAR / 2.0);
    let (right, tip) = (WIDTH - EDGE, WIDTH - 6.0);
    let right = format!("{right},0 {right},{BAR} {tip},{}", BAR / 2.0);
    view! {
        {below.then(|| view! { <polygon points=left fill=first></polygon> })}
        {above.then(|| view! { <polygon points=right fill=last></polygon> })}
    }
}

fn labels(drawn: &Drawn) -> impl IntoView + use<> {
    let [low, high] = drawn.limits;
    drawn
        .ticks
        .clone()
        .into_iter()
        .map(|(value, label)| {
            let x = EDGE + (value - low) / (high - low) * (WIDTH - 2.0 * EDGE);
            view! {
                <line x1=x x2=x y1=BAR y2=BAR + 4.0 class="axis"></line>
                <text x=x y="32" text-anchor="middle">
                    {label}
                </text>
            }
        })
        .collect_view()
}
