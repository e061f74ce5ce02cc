//! The canvas of the map: moved by hand, by fingers and by keys.

use leptos::ev::{KeyboardEvent, PointerEvent, WheelEvent};
use leptos::prelude::*;

use crate::browser::canvas;
use crate::pages::map::{MapModel, map_model, said};
use crate::protocol::map::{Drawn, PointWanted};
use crate::protocol::{Event, Job};
use crate::texts::Text;

/// The id of the canvas.
pub const CANVAS: &str = "map-canvas";
/// How much closer a key or a button leads.
const CLOSER: f64 = 1.5;
/// Part of the map that a key moves it by.
const STEP: f64 = 0.125;
/// A pointer that moved less has clicked, in parts of the map.
const STILL: f64 = 0.006;

/// Pointers that press, and where they were last.
#[derive(Clone, Debug, Default)]
struct Hands {
    at: Vec<(i32, f64, f64)>,
    /// How far they went since the first one pressed.
    way: f64,
}

/// The canvas with its buttons.
#[component]
pub fn Canvas() -> impl IntoView {
    let map = map_model();
    let model = map.model;
    let hands = StoredValue::new(Hands::default());
    let hover = RwSignal::new(String::new());
    Effect::new(move |_| map.measure());
    let reading = move || {
        let shown = map.drawn.with(Option::is_some);
        map.busy.get() && !shown
    };
    view! {
        <div class="stage">
            <canvas
                id=CANVAS
                tabindex="0"
                role="application"
                aria-labelledby="map-title"
                aria-describedby="map-how"
                on:keydown=move |event| by_key(map, &event)
                on:wheel=move |event| by_wheel(map, &event)
                on:pointerdown=move |event| press(hands, &event)
                on:pointermove=move |event| go(map, (hands, hover), &event)
                on:pointerup=move |event| release(map, hands, &event)
                on:pointercancel=move |_| hands.set_value(Hands::default())
                on:pointerleave=move |_| hover.set(String::new())
            ></canvas>
            <div class="zoom">
                <button
                    type="button"
                    id="zoom-in"
                    aria-label=model.say(Text::MapZoomIn)
                    on:click=move |_| zoom(map, CLOSER, (0.5, 0.5))
                >
                    "+"
                </button>
                <button
                    type="button"
                    id="zoom-out"
                    aria-label=model.say(Text::MapZoomOut)
                    on:click=move |_| zoom(map, 1.0 / CLOSER, (0.5, 0.5))
                >
                    "−"
                </button>
                <button type="button" id="zoom-all" on:click=move |_| map.move_to(None)>
                    {model.say(Text::MapReset)}
                </button>
            </div>
            <Show when=move || !hover.with(String::is_empty)>
                <p class="hover" id="hover" aria-hidden="true">
                    {move || hover.get()}
                </p>
            </Show>
            <Show when=reading>
                <p class="hover" role="status">
                    {model.say(Text::Working)}
                </p>
            </Show>
        </div>
        <p class="detail" id="map-how">
            {model.say(Text::MapHow)}
        </p>
    }
}

fn zoom(map: MapModel, factor: f64, (x, y): (f64, f64)) {
    if let Some(place) = map.shown() {
        map.move_to(Some(place.zoomed(factor, x, y).numbers()));
    }
}

fn by_key(map: MapModel, event: &KeyboardEvent) {
    if event.ctrl_key() || event.alt_key() || event.meta_key() {
        return;
    }
    let way = match event.key().as_str() {
        "ArrowLeft" => (-1, 0),
        "ArrowRight" => (1, 0),
        "ArrowUp" => (0, -1),
        "ArrowDown" => (0, 1),
        "+" | "=" => {
            event.prevent_default();
            return zoom(map, CLOSER, (0.5, 0.5));
        }
        "-" | "_" => {
            event.prevent_default();
            return zoom(map, 1.0 / CLOSER, (0.5, 0.5));
        }
        "0" | "Home" => {
            event.prevent_default();
            return map.move_to(None);
        }
        _ => return,
    };
    event.prevent_default();
    if !event.shift_key() {
        return map.step(way.0, way.1);
    }
    if let Some(place) = map.shown() {
        let moved = place.moved(-STEP * f64::from(way.0), -STEP * f64::from(way.1));
        map.move_to(Some(moved.numbers()));
    }
}

/// The wheel zooms where the map was chosen; elsewhere it goes on through the page.
fn by_wheel(map: MapModel, event: &WheelEvent) {
    let focused = document()
        .active_element()
        .is_some_and(|element| element.id() == CANVAS);
    if !focused && !event.ctrl_key() {
        return;
    }
    event.prevent_default();
    if let Some(at) = canvas::part(event, CANVAS) {
        let lines = if event.delta_mode() == 0 { 1.0 } else { 30.0 };
        let factor = (-event.delta_y() * lines / 400.0).clamp(-1.0, 1.0).exp();
        zoom(map, factor, at);
    }
}

fn press(hands: StoredValue<Hands>, event: &PointerEvent) {
    if event.button() != 0 {
        return;
    }
    if let Some((x, y)) = canvas::part(event, CANVAS) {
        canvas::capture(CANVAS, event.pointer_id());
        hands.update_value(|hands| {
            if hands.at.is_empty() {
                hands.way = 0.0;
            }
            hands.at.push((event.pointer_id(), x, y));
        });
    }
}

fn go(map: MapModel, (hands, hover): (StoredValue<Hands>, RwSignal<String>), event: &PointerEvent) {
    let Some((x, y)) = canvas::part(event, CANVAS) else {
        return;
    };
    let before = hands.get_value();
    let own = before
        .at
        .iter()
        .position(|hand| hand.0 == event.pointer_id());
    let Some(own) = own else {
        if event.pointer_type() != "touch" {
            tell(map, hover, (x, y));
        }
        return;
    };
    let (_, from_x, from_y) = before.at[own];
    let way = (x - from_x).hypot(y - from_y);
    hands.update_value(|hands| {
        hands.way += way;
        if let Some(hand) = hands.at.get_mut(own) {
            *hand = (hand.0, x, y);
        }
    });
    let Some(place) = map.shown() else {
        return;
    };
    let other = before.at.iter().find(|hand| hand.0 != event.pointer_id());
    let moved = match other {
        Some((_, other_x, other_y)) => {
            let apart = |x: f64, y: f64| (x - other_x).hypot((y - other_y) * place.ratio).max(0.02);
            let factor = apart(x, y) / apart(from_x, from_y);
            let middle = ((x + other_x) / 2.0, (y + other_y) / 2.0);
            place
                .zoomed(factor, middle.0, middle.1)
                .moved((x - from_x) / 2.0, (y - from_y) / 2.0)
        }
        None if before.way + way < STILL => return,
        None => place.moved(x - from_x, y - from_y),
    };
    map.move_to(Some(moved.numbers()));
}

fn release(map: MapModel, hands: StoredValue<Hands>, event: &PointerEvent) {
    let before = hands.get_value();
    hands.update_value(|hands| hands.at.retain(|hand| hand.0 != event.pointer_id()));
    let clicked = before.at.len() == 1 && before.way < STILL;
    let at = canvas::part(event, CANVAS).filter(|_| clicked);
    if let Some((place, (x, y))) = map.shown().zip(at) {
        map.choose(place.at(x, y));
    }
}

/// Tells the value under a pointer; not more often than the worker answers.
fn tell(map: MapModel, hover: RwSignal<String>, (x, y): (f64, f64)) {
    let field = |drawn: &Option<Drawn>| {
        let field = &drawn.as_ref()?.field;
        Some((field.wanted, field.units.clone()))
    };
    let Some((place, (field, units))) = map.shown().zip(map.drawn.with_untracked(field)) else {
        return;
    };
    if map.busy.get_untracked() {
        return;
    }
    let (latitude, longitude) = place.at(x, y);
    let wanted = PointWanted {
        field,
        latitude,
        longitude,
        east: 0,
        south: 0,
    };
    map.model.ask(Job::Point(wanted), move |event, _| {
        if let Event::Point(point) = event {
            let text = point.map(|point| said(map.model, point, &units));
            let beyond = || {
                Text::MapBeyond
                    .say(map.model.language.get_untracked())
                    .to_owned()
            };
            let _ = hover.try_set(text.unwrap_or_else(beyond));
        }
    });
}
