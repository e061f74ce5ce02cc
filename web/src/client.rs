//! The page's end of the worker: requests go out once it is ready, replies come back to whoever asked.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use js_sys::{Array, Object, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;

use crate::protocol::{Event, Job, Problem, ProblemKind, Reply, Request};

/// What takes the replies to one request: the event, and the buffers that came with it.
type Listener = Box<dyn FnMut(Event, Vec<Uint8Array>)>;

/// The page's end of the worker.
#[derive(Clone)]
pub struct Client {
    inner: Rc<Inner>,
}

struct Inner {
    worker: web_sys::Worker,
    ready: Cell<bool>,
    last: Cell<u32>,
    waiting: RefCell<Vec<JsValue>>,
    listeners: RefCell<HashMap<u32, Listener>>,
}

impl Client {
    /// Starts the worker.
    ///
    /// # Errors
    /// What the browser says where it starts none.
    pub fn start(script: &str) -> Result<Self, JsValue> {
        let options = web_sys::WorkerOptions::new();
        options.set_type(web_sys::WorkerType::Module);
        let inner = Rc::new(Inner {
            worker: web_sys::Worker::new_with_options(script, &options)?,
            ready: Cell::new(false),
            last: Cell::new(0),
            waiting: RefCell::default(),
            listeners: RefCell::default(),
        });
        let own = Rc::clone(&inner);
        let listening = Closure::<dyn FnMut(web_sys::MessageEvent)>::new(
            move |message: web_sys::MessageEvent| {
                own.take(&message.data());
            },
        );
        inner
            .worker
            .set_onmessage(Some(listening.as_ref().unchecked_ref()));
        listening.forget();
        let own = Rc::clone(&inner);
        let failing = Closure::<dyn FnMut(web_sys::Event)>::new(move |event: web_sys::Event| {
            let said = Reflect::get(&event, &"message".into()).ok();
            own.fail(&said.and_then(|said| said.as_string()).unwrap_or_default());
        });
        inner
            .worker
            .set_onerror(Some(failing.as_ref().unchecked_ref()));
        failing.forget();
        Ok(Self { inner })
    }

    /// Asks the worker for something; the listener hears all that it says. The number of the request.
    pub fn ask(&self, job: Job, listener: impl FnMut(Event, Vec<Uint8Array>) + 'static) -> u32 {
        self.ask_with(job, &[], listener)
    }

    /// The same, with files.
    pub fn ask_with(
        &self,
        job: Job,
        files: &[web_sys::File],
        listener: impl FnMut(Event, Vec<Uint8Array>) + 'static,
    ) -> u32 {
        let inner = &self.inner;
        let id = inner.last.get() + 1;
        inner.last.set(id);
        let Ok(request) = serde_wasm_bindgen::to_value(&Request { id, job }) else {
            return id;
        };
        inner.listeners.borrow_mut().insert(id, Box::new(listener));
        let message = Object::new();
        let list: Array = files.iter().collect();
        let _ = Reflect::set(&message, &"request".into(), &request);
        let _ = Reflect::set(&message, &"files".into(), &list);
        if inner.ready.get() {
            let _ = inner.worker.post_message(&message);
        } else {
            inner.waiting.borrow_mut().push(message.into());
        }
        id
    }

    /// Tells the worker something that needs no answer.
    pub fn tell(&self, job: Job) {
        self.ask(job, |_, _| {});
    }
}

impl Inner {
    fn take(&self, data: &JsValue) {
        let reply = Reflect::get(data, &"reply".into());
        let reply = reply
            .ok()
            .and_then(|value| serde_wasm_bindgen::from_value::<Reply>(value).ok());
        // Page and worker are built together: what cannot be read was not sent by the worker.
        let Some(Reply { id, last, event }) = reply else {
            return;
        };
        if event == Event::Ready {
            self.ready.set(true);
            for message in self.waiting.take() {
                let _ = self.worker.post_message(&message);
            }
            return;
        }
        let buffers = Reflect::get(data, &"buffers".into());
        let buffers = buffers.map(|buffers| Array::from(&buffers));
        let buffers = buffers.map_or_else(
            |_| Vec::new(),
            |buffers| {
                let buffers = buffers.iter();
                buffers.filter_map(|one| one.dyn_into().ok()).collect()
            },
        );
        // Taken out while it runs, for it may ask for more.
        let listener = self.listeners.borrow_mut().remove(&id);
        if let Some(mut listener) = listener {
            listener(event, buffers);
            if !last {
                self.listeners.borrow_mut().insert(id, listener);
            }
        }
    }

    /// A worker that broke answers nobody any more: all who wait are told.
    fn fail(&self, said: &str) {
        let listeners = self.listeners.take();
        for (_, mut listener) in listeners {
            let problem = Problem {
                kind: ProblemKind::Other,
                url: None,
                text: said.to_owned(),
            };
            listener(Event::Failed(problem), Vec::new());
        }
    }
}
