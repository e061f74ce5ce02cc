//! What all parts of the page share: the view, the session, the language, the worker.

use std::cell::Cell;
use std::rc::Rc;

use leptos::prelude::*;

use crate::browser;
use crate::client::Client;
use crate::protocol::{Choices, Event, Job, Rows, SourceInfo};
use crate::state::{Place, Session, View};
use crate::texts::{Language, Text};

/// The name that the language is kept under.
const LANGUAGE: &str = "gik-language";

/// What all parts of the page share. It is a handful of handles: copy it.
#[derive(Clone, Copy)]
pub struct Model {
    /// What is looked at.
    pub view: RwSignal<View>,
    /// What is known of what is open.
    pub session: RwSignal<Session>,
    /// The window of the inventory that was last asked for.
    pub rows: RwSignal<Rows>,
    /// The sources.
    pub sources: RwSignal<Vec<SourceInfo>>,
    /// What the chosen run has.
    pub choices: RwSignal<Option<Choices>>,
    /// The language of the page.
    pub language: RwSignal<Language>,
    client: StoredValue<Option<Client>, LocalStorage>,
    /// The view that was opened last, so that a filter does not open it again.
    opened: StoredValue<Option<crate::protocol::OpenRun>>,
}

impl Model {
    /// The state at the start: what the page's address says.
    pub fn new() -> Self {
        let kept = browser::setting(LANGUAGE).into_iter();
        let codes = kept.chain(browser::languages());
        let language = codes.filter_map(|code| Language::of(&code)).next();
        Self {
            view: RwSignal::new(View::parse(&browser::fragment())),
            session: RwSignal::default(),
            rows: RwSignal::default(),
            sources: RwSignal::default(),
            choices: RwSignal::default(),
            language: RwSignal::new(language.unwrap_or_default()),
            client: StoredValue::new_local(Client::start("worker-boot.js").ok()),
            opened: StoredValue::new(None),
        }
    }

    /// A text in the language of the page; it changes with it.
    pub fn say(self, text: Text) -> impl Fn() -> &'static str + Copy + Send + Sync + 'static {
        move || text.say(self.language.get())
    }

    /// A text with values filled in.
    pub fn fill(self, text: Text, values: &[&str]) -> String {
        text.fill(self.language.get(), values)
    }

    /// Speaks another language from now on.
    pub fn speak(self, language: Language) {
        browser::keep_setting(LANGUAGE, language.code());
        self.language.set(language);
    }

    /// Asks the worker for something.
    pub fn ask(
        self,
        job: Job,
        listener: impl FnMut(Event, Vec<js_sys::Uint8Array>) + 'static,
    ) -> Option<u32> {
        self.client
            .with_value(|client| Some(client.as_ref()?.ask(job, listener)))
    }

    /// Opens the run of the view, unless it is open already; `again` opens it anyhow.
    pub fn open(self, again: bool) {
        let view = self.view.get_untracked();
        let Some(wanted) = view.request(&browser::site()) else {
            return;
        };
        let known = self
            .opened
            .with_value(|opened| *opened == Some(wanted.clone()));
        if known && !again {
            return;
        }
        self.opened.set_value(Some(wanted.clone()));
        self.begin(Job::Open(wanted), &[]);
    }

    /// Opens files of the user's.
    pub fn open_files(self, files: &[web_sys::File]) {
        if files.is_empty() {
            return;
        }
        self.opened.set_value(None);
        self.view.update(|view| {
            view.place = Place::Files;
            view.message = None;
        });
        self.begin(Job::OpenFiles, files);
    }

    fn begin(self, job: Job, files: &[web_sys::File]) {
        let started = browser::now();
        // No signal: the part of the page that asked may be gone when the answer comes.
        let number = Rc::new(Cell::new(0_u32));
        let own = Rc::clone(&number);
        let listener = move |event: Event, _| {
            let request = own.get();
            self.session
                .update(|session| session.apply(request, event, browser::now()));
        };
        let request = self
            .client
            .with_value(|client| Some(client.as_ref()?.ask_with(job, files, listener)));
        let Some(request) = request else {
            return;
        };
        number.set(request);
        self.rows.set(Rows::default());
        self.session.set(Session::begin(request, started));
    }

    /// Gives up what is under way.
    pub fn cancel(self) {
        let request = self.session.with_untracked(|session| session.request);
        self.ask(Job::Cancel { request }, |_, _| {});
    }

    /// The source of the view.
    pub fn source(self) -> Option<SourceInfo> {
        let id = self.view.with(|view| view.source.clone());
        let sources = self.sources.get();
        sources.into_iter().find(|source| source.id == id)
    }
}

impl Default for Model {
    fn default() -> Self {
        Self::new()
    }
}

/// The model of the page.
pub fn model() -> Model {
    expect_context()
}
