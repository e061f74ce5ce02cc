//! Files of the user's: dropped anywhere on the page, or chosen.

use leptos::ev;
use leptos::prelude::*;

use crate::browser;
use crate::model::model;
use crate::texts::Text;

/// The field for files.
#[component]
pub fn DropZone() -> impl IntoView {
    let model = model();
    let over = RwSignal::new(false);
    let dragging = window_event_listener(ev::dragover, move |event| {
        event.prevent_default();
        over.set(true);
    });
    let leaving = window_event_listener(ev::dragleave, move |_| over.set(false));
    let dropping = window_event_listener(ev::drop, move |event| {
        event.prevent_default();
        over.set(false);
        model.open_files(&browser::dropped_files(&event));
    });
    on_cleanup(move || {
        dragging.remove();
        leaving.remove();
        dropping.remove();
    });
    view! {
        <section class="drop" class:over=move || over.get() aria-label=model.say(Text::FromFiles)>
            <label>
                {model.say(Text::DropFiles)} " " <b>{model.say(Text::OpenFiles)}</b>
                <input
                    id="files"
                    class="spoken"
                    type="file"
                    multiple=true
                    on:change=move |event| model.open_files(&browser::chosen_files(&event))
                />
            </label>
        </section>
    }
}
