//! How far a job is, told to the page ten times a second.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use gik_core::pipeline;

use crate::browser;
use crate::fetch::Transfer;
use crate::protocol::{Active, Event, Progress};

/// Milliseconds between two messages to the page.
const PAUSE: f64 = 100.0;

/// How far the job of one request is.
pub(super) struct Reporter {
    request: u32,
    progress: RefCell<Progress>,
    active: RefCell<BTreeMap<u32, Active>>,
    told: Cell<f64>,
}

impl Reporter {
    pub(super) fn new(request: u32) -> Self {
        Self {
            request,
            progress: RefCell::default(),
            active: RefCell::default(),
            told: Cell::new(browser::now()),
        }
    }

    /// Takes what the pipeline says.
    pub(super) fn event(&self, event: &pipeline::Event) {
        let mut progress = self.progress.borrow_mut();
        match event {
            pipeline::Event::Planned { indexes } => progress.total = *indexes,
            pipeline::Event::Index { .. } => progress.done += 1,
            pipeline::Event::Headers { ranges } => progress.headers = *ranges,
            _ => {}
        }
        drop(progress);
        self.tell_sometimes();
    }

    /// Takes what the store says.
    pub(super) fn transfer(&self, transfer: Transfer) {
        let mut active = self.active.borrow_mut();
        let mut progress = self.progress.borrow_mut();
        match transfer {
            Transfer::Begins { number, url, size } => {
                let begins = Active {
                    url,
                    bytes: 0,
                    size,
                };
                active.insert(number, begins);
            }
            Transfer::Came { number, bytes } => {
                progress.bytes += bytes;
                if let Some(active) = active.get_mut(&number) {
                    active.bytes += bytes;
                }
            }
            Transfer::Ended { number } => {
                active.remove(&number);
            }
            Transfer::Again => progress.retries += 1,
            Transfer::Kept => progress.kept += 1,
        }
        drop((active, progress));
        self.tell_sometimes();
    }

    /// Tells the page at once.
    pub(super) fn tell(&self) {
        self.told.set(browser::now());
        let mut progress = self.progress.borrow().clone();
        progress.active = self.active.borrow().values().cloned().collect();
        super::post(self.request, false, &Event::Progress(progress));
    }

    fn tell_sometimes(&self) {
        if browser::now() - self.told.get() >= PAUSE {
            self.tell();
        }
    }
}
