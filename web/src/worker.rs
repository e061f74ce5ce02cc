//! The worker: the pipeline of core, off the thread of the page. One file for each job.

mod bytes;
mod catalogue;
mod draw;
mod field;
mod files;
mod message;
mod open;
mod problem;
mod progress;
mod rows;
mod series;
mod session;
pub mod store;
mod write;

use std::rc::Rc;

use js_sys::{Array, Object, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::protocol::{Event, Job, Problem, Reply, Request};
use session::Session;

/// Starts the worker: it says [`Event::Ready`] once it listens.
///
/// # Errors
/// What the browser says where this is no worker.
pub fn start() -> Result<(), JsValue> {
    console_error_panic_hook::set_once();
    let scope: web_sys::DedicatedWorkerGlobalScope = js_sys::global().dyn_into()?;
    let session = Rc::new(Session::new().map_err(|error| JsValue::from_str(&error.to_string()))?);
    let listening =
        Closure::<dyn FnMut(web_sys::MessageEvent)>::new(move |message: web_sys::MessageEvent| {
            let session = Rc::clone(&session);
            let data = message.data();
            spawn_local(async move { take(&session, &data).await });
        });
    scope.set_onmessage(Some(listening.as_ref().unchecked_ref()));
    listening.forget();
    post(0, true, &Event::Ready);
    Ok(())
}

/// Does what a message asks for.
async fn take(session: &Session, data: &JsValue) {
    let request = Reflect::get(data, &"request".into());
    let request = request
        .ok()
        .and_then(|value| serde_wasm_bindgen::from_value::<Request>(value).ok());
    // Page and worker are built together: what cannot be read was not sent by the page.
    let Some(Request { id, job }) = request else {
        return;
    };
    let outcome = match job {
        Job::ByteMap { file, message } => bytes::byte_map(session, file, message).await,
        Job::Cancel { .. } => {
            session.store.abort();
            Ok(Event::Done)
        }
        Job::Catalogue => Ok(catalogue::sources(session)),
        Job::Choices {
            source,
            run,
            member,
        } => catalogue::choices(session, &source, &run, member.as_deref()),
        Job::ClearCache => Ok(session.store.clear_cache().await),
        Job::CountCache => Ok(session.store.count_cache().await),
        Job::Draw(wanted) => match draw::draw(session, &wanted).await {
            Ok((event, pixels)) => return post_last(id, event, &[pixels]),
            Err(problem) => Err(problem),
        },
        Job::Field(wanted) => field::load(session, wanted).await.map(|_| Event::Done),
        Job::Message { message } => message::message(session, message).await,
        Job::Open(wanted) => open::open(session, id, &wanted).await,
        Job::OpenFiles => files::open(session, id, files_of(data)).await,
        Job::Picture { map, kind, footer } => {
            match draw::picture(session, &map, kind, footer).await {
                Ok((names, files)) => return post_last(id, Event::Artifacts { names }, &files),
                Err(problem) => Err(problem),
            }
        }
        Job::Point(wanted) => draw::point(session, &wanted).await,
        Job::Rows(wanted) => Ok(rows::rows(session, &wanted)),
        Job::Series(wanted) => series::series(session, id, &wanted).await,
        Job::Siblings { message } => Ok(rows::siblings(session, message)),
        Job::Start { site } => {
            session.store.set_site(site);
            Ok(Event::Done)
        }
        Job::Statistics { message } => message::statistics(session, message).await,
        Job::Write { format } => match write::write(session, format) {
            Ok((names, files)) => return post_last(id, Event::Artifacts { names }, &files),
            Err(problem) => Err(problem),
        },
    };
    match outcome {
        Ok(event) => post(id, true, &event),
        Err(problem) => fail(id, problem),
    }
}

fn fail(id: u32, problem: Problem) {
    post(id, true, &Event::Failed(problem));
}

/// Says something to the page.
fn post(id: u32, last: bool, event: &Event) {
    let reply = Reply {
        id,
        last,
        event: event.clone(),
    };
    post_with(&reply, &[]);
}

/// Says the last thing of a request, and hands buffers over.
fn post_last(id: u32, event: Event, buffers: &[Uint8Array]) {
    let reply = Reply {
        id,
        last: true,
        event,
    };
    post_with(&reply, buffers);
}

/// Says something, and hands buffers over.
fn post_with(reply: &Reply, buffers: &[Uint8Array]) {
    let Ok(scope) = js_sys::global().dyn_into::<web_sys::DedicatedWorkerGlobalScope>() else {
        return;
    };
    let Ok(value) = serde_wasm_bindgen::to_value(reply) else {
        return;
    };
    let message = Object::new();
    let list: Array = buffers.iter().collect();
    let transferred: Array = buffers.iter().map(Uint8Array::buffer).collect();
    let _ = Reflect::set(&message, &"reply".into(), &value);
    let _ = Reflect::set(&message, &"buffers".into(), &list);
    let _ = scope.post_message_with_transfer(&message, &transferred);
}

fn files_of(data: &JsValue) -> Vec<web_sys::File> {
    let files = Reflect::get(data, &"files".into());
    let files = files.ok().map(|files| Array::from(&files));
    files.map_or_else(Vec::new, |files| {
        files
            .iter()
            .filter_map(|file| file.dyn_into().ok())
            .collect()
    })
}
