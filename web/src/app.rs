//! The page: what is always there, and the part that the view names.

use leptos::ev;
use leptos::prelude::*;

use crate::browser;
use crate::components::{drop_zone::DropZone, problem::ProblemBox, progress::ProgressBox};
use crate::components::{source_form::SourceForm, tabs::Tabs, verdict::Verdict};
use crate::model::{Model, model};
use crate::pages::{about::About, build::Build, bytes::Bytes, coverage::Coverage};
use crate::pages::{inventory::Inventory, map::Map};
use crate::protocol::{Event, Job};
use crate::state::{Place, Tab, View};
use crate::texts::Text;

/// Draws the page and starts the worker.
pub fn start() {
    console_error_panic_hook::set_once();
    mount_to_body(App);
}

#[component]
fn App() -> impl IntoView {
    let model = Model::new();
    provide_context(model);
    ask_for_sources(model);
    follow_view(model);
    browser::keep_page("sw.js");
    let online = RwSignal::new(browser::is_online());
    let lost = window_event_listener(ev::offline, move |_| online.set(false));
    let found = window_event_listener(ev::online, move |_| online.set(true));
    on_cleanup(move || {
        lost.remove();
        found.remove();
    });
    let tab = Memo::new(move |_| model.view.with(|view| view.tab));
    view! {
        <a class="skip" href="#content" on:click=move |event| {
            // The fragment is the view's: the link moves the focus only.
            event.prevent_default();
            if let Some(content) = browser::element("content") {
                let _ = content.focus();
            }
        }>{model.say(Text::SkipToContent)}</a>
        <header class="top">
            <h1>"gik"</h1>
            <p>{model.say(Text::Subtitle)}</p>
        </header>
        <details class="panel" open=browser::is_wide()>
            <summary>{model.say(Text::Choose)} ": " <strong>{move || title(model)}</strong></summary>
            <SourceForm/>
            <DropZone/>
        </details>
        <p role="status" class="hint">
            {move || (!online.get()).then(|| Text::Offline.say(model.language.get()))}
        </p>
        <ProgressBox/>
        <ProblemBox/>
        <Verdict/>
        <Tabs/>
        <main id="content" tabindex="-1" aria-labelledby=move || format!("tab-{}", tab.get().name())>
            {move || match tab.get() {
                Tab::About => view! { <About/> }.into_any(),
                Tab::Build => view! { <Build/> }.into_any(),
                Tab::Bytes => view! { <Bytes/> }.into_any(),
                Tab::Coverage => view! { <Coverage/> }.into_any(),
                Tab::Inventory => view! { <Inventory/> }.into_any(),
                Tab::Map => view! { <Map/> }.into_any(),
            }}
        </main>
        <Footer/>
    }
}

/// What is open, in few words.
fn title(model: Model) -> String {
    let view = model.view.get();
    match view.place {
        Place::Files => model
            .session
            .with(|session| session.listed.as_ref().map(|listed| listed.title.clone()))
            .unwrap_or_default(),
        _ => format!("{} {} {}", view.source, view.run(), view.member),
    }
}

#[component]
fn Footer() -> impl IntoView {
    let model = model();
    let words = move || {
        let source = model.source()?;
        Some(source.attribution_of(&model.view.get().date))
    };
    view! {
        <footer>
            <p><strong>{model.say(Text::Attribution)}": "</strong>{words}</p>
        </footer>
    }
}

fn ask_for_sources(model: Model) {
    let site = browser::site();
    model.ask(Job::Start { site }, |_, _| {});
    model.ask(Job::Catalogue, move |event, _| {
        if let Event::Catalogue(sources) = event {
            model.sources.set(sources);
        }
    });
}

/// The address follows the view, and the view follows the address where the user goes back or types another one.
fn follow_view(model: Model) {
    Effect::new(move |before: Option<View>| {
        let view = model.view.get();
        let fragment = view.fragment();
        if browser::fragment().trim_start_matches('#') != fragment {
            let other_place = before.is_some_and(|before| {
                before.tab != view.tab || before.run() != view.run() || before.source != view.source
            });
            browser::set_fragment(&fragment, other_place);
        }
        view
    });
    let again = window_event_listener(ev::hashchange, move |_| adopt(model));
    on_cleanup(move || again.remove());
    let back = window_event_listener(ev::popstate, move |_| adopt(model));
    on_cleanup(move || back.remove());
    model.open(false);
    Effect::new(move |_| {
        browser::set_document_language(model.language.get().code());
    });
}

fn adopt(model: Model) {
    let view = View::parse(&browser::fragment());
    if model.view.with_untracked(|known| *known != view) {
        model.view.set(view);
        model.open(false);
    }
}
