//! The tabs: one of them is chosen, arrow keys go to the next.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use crate::browser;
use crate::model::model;
use crate::state::Tab;
use crate::texts::Text;

/// What a tab is called.
fn title(tab: Tab) -> Text {
    match tab {
        Tab::About => Text::About,
        Tab::Build => Text::Build,
        Tab::Bytes => Text::Bytes,
        Tab::Coverage => Text::Coverage,
        Tab::Inventory => Text::Inventory,
        Tab::Map => Text::Map,
    }
}

/// The tabs.
#[component]
pub fn Tabs() -> impl IntoView {
    let model = model();
    let chosen = move |tab: Tab| model.view.with(|view| view.tab == tab);
    let choose = move |tab: Tab| {
        model.view.update(|view| view.tab = tab);
        if let Some(button) = browser::element(&id(tab)) {
            let _ = button.focus();
        }
    };
    let by_key = move |event: KeyboardEvent| {
        let at = Tab::ALL.iter().position(|tab| chosen(*tab)).unwrap_or(0);
        let count = Tab::ALL.len();
        let next = match event.key().as_str() {
            "ArrowRight" => (at + 1) % count,
            "ArrowLeft" => (at + count - 1) % count,
            "Home" => 0,
            "End" => count - 1,
            _ => return,
        };
        event.prevent_default();
        choose(Tab::ALL[next]);
    };
    view! {
        <nav aria-label="gik"><div class="tabs" role="tablist" on:keydown=by_key>
            {Tab::ALL
                .map(|tab| {
                    view! {
                        <button
                            id=id(tab)
                            type="button"
                            role="tab"
                            aria-controls="content"
                            aria-selected=move || chosen(tab).to_string()
                            tabindex=move || if chosen(tab) { "0" } else { "-1" }
                            on:click=move |_| choose(tab)
                        >
                            {model.say(title(tab))}
                        </button>
                    }
                })
                .collect_view()}
        </div></nav>
    }
}

fn id(tab: Tab) -> String {
    format!("tab-{}", tab.name())
}
