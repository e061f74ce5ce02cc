//! Objects over HTTP: whole, in ranges, given up on request, asked for again where the server was busy.
//!
//! Nothing here depends on headers that a server may hide from pages of other sites: no `Content-Range`, no `ETag`. What is
//! used (`Content-Length`, `Last-Modified`) every page may see.

mod slots;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use bytes::Bytes;
use gik_core::span::ByteSpan;
use gik_core::store::{Object, ObjectMeta, StoreError};
use gloo_net::http::{Method, RequestBuilder, Response};
use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use crate::address::origin;
use crate::browser;
use slots::Slots;

/// Requests to one host at a time: browsers open no more connections with HTTP/1.1, and queue the rest where nobody sees it.
const PER_HOST: usize = 6;
/// Requests for one thing before it is given up.
const TRIES: u32 = 5;
/// Milliseconds before the second try; each further wait is twice as long.
const FIRST_WAIT: i32 = 250;

/// Why an answer did not come, or could not be used.
#[derive(Clone, Debug, thiserror::Error)]
pub enum FetchError {
    /// The user gave it up.
    #[error("given up")]
    Aborted,
    /// A status that says that the server is busy, after all tries.
    #[error("the server answered {status} to {tries} requests")]
    Busy {
        /// The status.
        status: u16,
        /// How often it was asked.
        tries: u32,
    },
    /// The server is there, and lets no page of another site read.
    #[error("the server does not allow other sites to read (CORS)")]
    Cors,
    /// No answer.
    #[error("no answer: {said}")]
    Network {
        /// What the browser says.
        said: String,
    },
    /// Another status.
    #[error("the server answered {status}")]
    Status {
        /// The status.
        status: u16,
    },
}

/// What happens while objects are fetched.
#[derive(Clone, Debug)]
pub enum Transfer {
    /// A body begins.
    Begins {
        /// Number of the transfer.
        number: u32,
        /// The object.
        url: String,
        /// Its size, where that is known.
        size: Option<u64>,
    },
    /// More of it came.
    Came {
        /// Number of the transfer.
        number: u32,
        /// How much.
        bytes: u64,
    },
    /// It ended, well or not.
    Ended {
        /// Number of the transfer.
        number: u32,
    },
    /// Something is asked for again.
    Again,
    /// A file was not asked for, because it was kept.
    Kept,
}

/// What hears of transfers.
pub type Watcher = Rc<dyn Fn(Transfer)>;

/// Fetches over HTTP.
pub struct Fetch {
    slots: Slots,
    abort: RefCell<Option<web_sys::AbortController>>,
    watcher: RefCell<Option<Watcher>>,
    last: Cell<u32>,
    hurried: Cell<bool>,
}

impl Default for Fetch {
    fn default() -> Self {
        Self {
            slots: Slots::new(PER_HOST),
            abort: RefCell::new(web_sys::AbortController::new().ok()),
            watcher: RefCell::default(),
            last: Cell::default(),
            hurried: Cell::default(),
        }
    }
}

impl Fetch {
    /// Tells what happens from now on.
    pub fn watch(&self, watcher: Watcher) {
        *self.watcher.borrow_mut() = Some(watcher);
    }

    /// Gives up all that is under way. What is asked for later is not concerned.
    pub fn abort(&self) {
        let new = web_sys::AbortController::new().ok();
        if let Some(old) = self.abort.replace(new) {
            old.abort();
        }
    }

    /// Whether nothing is asked for twice from now on, because there is no network to wait for.
    pub fn hurry(&self, hurried: bool) {
        self.hurried.set(hurried);
    }

    /// Says that something happened.
    pub fn tell(&self, transfer: Transfer) {
        let watcher = self.watcher.borrow().clone();
        if let Some(watcher) = watcher {
            watcher(transfer);
        }
    }

    /// What the server says of an object. `name` is what errors call it.
    pub async fn head(&self, name: &str, address: &str) -> Result<ObjectMeta, StoreError> {
        let ask = Ask {
            name,
            address,
            what: What::Meta,
        };
        Ok(self.fetch(&ask).await?.meta)
    }

    /// A whole object.
    pub async fn get(&self, name: &str, address: &str) -> Result<Object, StoreError> {
        let ask = Ask {
            name,
            address,
            what: What::Whole,
        };
        self.fetch(&ask).await
    }

    /// A range of an object.
    pub async fn get_range(
        &self,
        name: &str,
        address: &str,
        span: ByteSpan,
    ) -> Result<Bytes, StoreError> {
        if span.length == 0 {
            // No range says "nothing": whether it lies in the object, its size tells.
            let size = self.head(name, address).await?.size;
            return match size.filter(|size| span.offset > *size) {
                None => Ok(Bytes::new()),
                Some(_) => Err(short(name, span, 0)),
            };
        }
        let what = What::Range(span);
        let ask = Ask {
            name,
            address,
            what,
        };
        let bytes = self.fetch(&ask).await?.bytes;
        let found = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if found > span.length {
            return Err(StoreError::RangeIgnored {
                url: name.to_owned(),
                offset: span.offset,
            });
        }
        if found < span.length {
            return Err(short(name, span, found));
        }
        Ok(bytes)
    }

    /// Asks until there is an answer that is not "later".
    async fn fetch(&self, ask: &Ask<'_>) -> Result<Object, StoreError> {
        let _slot = self.slots.take(origin(ask.address)).await;
        let mut tries = 0;
        loop {
            tries += 1;
            let signal = self.abort.borrow().as_ref().map(|abort| abort.signal());
            let error = match self.once(ask, signal.as_ref(), tries).await {
                Ok(answer) => return answer,
                Err(error) => error,
            };
            let aborted = || signal.as_ref().is_some_and(|signal| signal.aborted());
            let error = if aborted() {
                FetchError::Aborted
            } else {
                error
            };
            // A refusal by CORS and a dead line look alike: the server says which, when asked without looking.
            let refused = matches!(error, FetchError::Network { .. }) && tries == 1;
            if refused && answers(ask.address).await {
                return Err(ask.transport(FetchError::Cors));
            }
            let hurried = self.hurried.get() && matches!(error, FetchError::Network { .. });
            if tries >= TRIES || hurried || !error.may_pass() {
                return Err(ask.transport(error));
            }
            self.tell(Transfer::Again);
            // Not all at once again.
            let jitter = 1.0 + js_sys::Math::random();
            let wait = f64::from(FIRST_WAIT << (tries - 1)) * jitter;
            browser::sleep(wait as i32).await;
            if aborted() {
                return Err(ask.transport(FetchError::Aborted));
            }
        }
    }

    /// One request: what came of it, or why another one may do better.
    async fn once(
        &self,
        ask: &Ask<'_>,
        signal: Option<&web_sys::AbortSignal>,
        tries: u32,
    ) -> Result<Result<Object, StoreError>, FetchError> {
        let response = ask.request(signal).send().await;
        let response = response.map_err(|error| FetchError::Network {
            said: error.to_string(),
        })?;
        let url = ask.name.to_owned();
        let meta = meta(&response);
        match (response.status(), ask.what) {
            (200, What::Meta) => Ok(Ok(Object {
                bytes: Bytes::new(),
                meta,
            })),
            (200 | 206, what) => {
                let bytes = self.body(ask, &response, what).await?;
                let size = u64::try_from(bytes.len()).ok();
                Ok(Ok(Object {
                    bytes,
                    meta: ObjectMeta { size, ..meta },
                }))
            }
            (404 | 410, _) => Ok(Err(StoreError::NotFound { url })),
            (401 | 403, _) => Ok(Err(StoreError::Denied { url })),
            (416, What::Range(_)) => Ok(Ok(Object::default())),
            (status @ (408 | 425 | 429 | 500 | 502 | 503 | 504), _) => {
                Err(FetchError::Busy { status, tries })
            }
            (status, _) => Err(FetchError::Status { status }),
        }
    }

    /// The bytes that were asked for, as they come. Of a whole body that a server sends instead of a range, nothing behind
    /// the range is read.
    async fn body(
        &self,
        ask: &Ask<'_>,
        response: &Response,
        what: What,
    ) -> Result<Bytes, FetchError> {
        let (skip, limit) = match what {
            What::Range(span) if response.status() == 206 => (0, span.length.saturating_add(1)),
            What::Range(span) => (span.offset, span.end().unwrap_or(u64::MAX)),
            What::Meta | What::Whole => (0, u64::MAX),
        };
        let promised = meta(response).size;
        let number = self.last.get().wrapping_add(1);
        self.last.set(number);
        self.tell(Transfer::Begins {
            number,
            url: ask.name.to_owned(),
            size: promised,
        });
        let read = self.pieces(number, response, (skip, limit), promised).await;
        self.tell(Transfer::Ended { number });
        read.map(Bytes::from)
    }

    /// Bytes of a body from `skip` to `limit`.
    async fn pieces(
        &self,
        number: u32,
        response: &Response,
        (skip, limit): (u64, u64),
        promised: Option<u64>,
    ) -> Result<Vec<u8>, FetchError> {
        let expected = promised.unwrap_or(0).min(limit).saturating_sub(skip);
        let mut bytes = Vec::with_capacity(usize::try_from(expected.min(LARGEST)).unwrap_or(0));
        let Some(body) = response.body() else {
            return Ok(bytes);
        };
        let reader: web_sys::ReadableStreamDefaultReader = body.get_reader().unchecked_into();
        let mut at = 0_u64;
        while at < limit {
            let step = JsFuture::from(reader.read()).await.map_err(failed)?;
            let done = Reflect::get(&step, &"done".into()).map_err(failed)?;
            if done.is_truthy() {
                // A body that is cut ends like any other where a server forgets to count.
                return match promised {
                    Some(promised) if at < promised && !is_encoded(response) => {
                        Err(FetchError::Network {
                            said: format!("{at} of {promised} bytes came"),
                        })
                    }
                    _ => Ok(bytes),
                };
            }
            let piece = Reflect::get(&step, &"value".into()).map_err(failed)?;
            let piece: Uint8Array = piece.unchecked_into();
            let length = u64::from(piece.length());
            let from = skip.saturating_sub(at).min(length);
            let to = limit.saturating_sub(at).min(length);
            if from < to {
                let part = piece.subarray(from as u32, to as u32);
                let start = bytes.len();
                bytes.resize(start + part.length() as usize, 0);
                part.copy_to(&mut bytes[start..]);
            }
            at += length;
            self.tell(Transfer::Came {
                number,
                bytes: length,
            });
        }
        let _ = JsFuture::from(reader.cancel()).await;
        Ok(bytes)
    }
}

/// Room that is made for a body on the word of its server alone.
const LARGEST: u64 = 64 << 20;

/// What is asked of a server.
struct Ask<'a> {
    /// What errors call it.
    name: &'a str,
    address: &'a str,
    what: What,
}

#[derive(Clone, Copy)]
enum What {
    Meta,
    Range(ByteSpan),
    Whole,
}

impl Ask<'_> {
    fn request(&self, signal: Option<&web_sys::AbortSignal>) -> RequestBuilder {
        let request = RequestBuilder::new(self.address).abort_signal(signal);
        match self.what {
            What::Meta => request.method(Method::HEAD),
            What::Range(span) => {
                let last = span.end().unwrap_or(u64::MAX).saturating_sub(1);
                // One range, with both ends: the only form that causes no preflight everywhere.
                request.header("Range", &format!("bytes={}-{last}", span.offset))
            }
            What::Whole => request,
        }
    }

    fn transport(&self, error: FetchError) -> StoreError {
        StoreError::Transport {
            url: self.name.to_owned(),
            source: Box::new(error),
        }
    }
}

impl FetchError {
    /// Whether another try may do better.
    fn may_pass(&self) -> bool {
        matches!(self, Self::Busy { .. } | Self::Network { .. })
    }
}

fn short(name: &str, span: ByteSpan, found: u64) -> StoreError {
    StoreError::Short {
        url: name.to_owned(),
        offset: span.offset,
        wanted: span.length,
        found,
    }
}

fn failed(error: JsValue) -> FetchError {
    FetchError::Network {
        said: js_sys::Error::from(error).message().into(),
    }
}

fn meta(response: &Response) -> ObjectMeta {
    let header = |name: &str| response.headers().get(name);
    let modified = header("Last-Modified").map(|text| js_sys::Date::parse(&text) / 1000.0);
    ObjectMeta {
        // Of a compressed body it would be another size.
        size: header("Content-Length")
            .filter(|_| !is_encoded(response))
            .and_then(|text| text.parse().ok()),
        last_modified: modified
            .filter(|seconds| seconds.is_finite())
            .map(|seconds| seconds as i64),
        etag: header("ETag"),
    }
}

fn is_encoded(response: &Response) -> bool {
    response.headers().get("Content-Encoding").is_some()
}

/// Whether a server answers at all; what it answers is not to be seen.
async fn answers(address: &str) -> bool {
    let request = RequestBuilder::new(address)
        .method(Method::HEAD)
        .mode(web_sys::RequestMode::NoCors)
        .send();
    request.await.is_ok()
}
