//! An S3-like server over a folder, on a free local port, stopped on drop: with the faults that archives and networks have.
//!
//! ```no_run
//! use gik_tests::server::{Behaviour, Fault, Server};
//! let archive = std::path::Path::new("archive");
//! let server = Server::start(archive);
//! // s3://bucket/key is {url}/bucket/key: AWS_ENDPOINT_URL={url}, AWS_ALLOW_HTTP=true
//! let address = format!("{}/bucket/key", server.url());
//! server.behave(Behaviour { faults: vec![Fault::Busy { share: 0.2 }], ..Behaviour::default() });
//! assert_eq!(server.stats().of("GET", "/bucket/key"), 0);
//! ```
//!
//! It answers `GET` (with `Range`, `If-Match`, `If-None-Match`), `HEAD`, `PUT` (with `If-None-Match: *`, create-only), `OPTIONS`
//! (preflights of browsers) and `GET /bucket?list-type=2&prefix=…`. Signatures are not looked at. Objects have an ETag of their
//! content, so that one that is replaced has another; every answer counts, and [`Server::stats`] tells by method and path.
//!
//! Everything random is drawn from the seed in the order of arrival: a client that asks one thing at a time meets the same faults
//! every time. Latency is slept before each answer; the bandwidth limit is one for all connections together.

mod http;
mod object;
mod pace;
mod repeat;

use std::collections::BTreeMap;
use std::io::Write;
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use http::{Answer, Request};
use pace::{Draws, Pace};

/// A running server.
#[derive(Debug)]
pub struct Server {
    shared: Arc<Shared>,
    address: SocketAddr,
    accepting: Option<JoinHandle<()>>,
}

/// How a server answers; the default is a fast one without faults and without CORS.
#[derive(Clone, Debug, Default)]
pub struct Behaviour {
    /// Time before each answer.
    pub latency: Duration,
    /// Limit of all connections together, in bytes of bodies.
    pub bytes_per_second: Option<u64>,
    /// What pages of other sites may see.
    pub cors: Cors,
    /// A run that stands for all others, as `2025060100`: objects of other dates and hours are its objects, with date and hour
    /// written anew in their paths and texts.
    pub repeats: Option<String>,
    /// Faults; each is looked at in this order, and the first that answers has answered.
    pub faults: Vec<Fault>,
    /// Start of what is drawn.
    pub seed: u64,
}

/// What pages of other sites may see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cors {
    /// Nothing; preflights get 403.
    #[default]
    Off,
    /// Everything, but only the headers that every page may see: no ETag, no Content-Range.
    NoExpose,
    /// Everything, with the headers that a reader of ranges needs.
    On,
}

/// What goes wrong.
#[derive(Clone, Debug)]
pub enum Fault {
    /// That share of the requests for objects gets 503 SlowDown.
    Busy {
        /// 0 to 1.
        share: f64,
    },
    /// That share of `GET`s ends in the middle of the body: the head promises all of it.
    Cut {
        /// 0 to 1.
        share: f64,
    },
    /// `Range` is ignored: 200 with the whole body.
    IgnoreRange,
    /// Objects whose path contains this are 404.
    Missing {
        /// A part of the path.
        path: String,
    },
    /// An object changes while it is read: from its `after`th answer on it has other bytes and another ETag.
    Replaced {
        /// The whole path, `/bucket/key`.
        path: String,
        /// Answers with the old content.
        after: u64,
        /// The new content.
        with: Vec<u8>,
    },
    /// Objects whose path ends on this say that they were last modified so much earlier than they were.
    Stale {
        /// End of the path.
        path: String,
        /// How much earlier.
        by: Duration,
    },
    /// Every request for an object gets 503 SlowDown until that many did.
    Storm {
        /// How many.
        requests: u64,
    },
}

/// What a server did since its start, or since [`Server::reset`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Requests by method and path (as it was sent, without the query).
    pub requests: BTreeMap<(String, String), u64>,
    /// Answers by status.
    pub statuses: BTreeMap<u16, u64>,
    /// Bytes of objects that were sent.
    pub bytes: u64,
    /// Bodies that were cut.
    pub cut: u64,
    /// Connections that were opened.
    pub connections: u64,
}

impl Server {
    /// Serves the files below a folder: `root/bucket/key`.
    ///
    /// # Panics
    /// Where no port is free.
    pub fn start(root: &Path) -> Self {
        Self::with(root, Behaviour::default())
    }

    /// The same, with faults from the first request on.
    ///
    /// # Panics
    /// Where no port is free.
    pub fn with(root: &Path, behaviour: Behaviour) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared {
            root: root.canonicalize().expect("a folder"),
            stopped: AtomicBool::new(false),
            state: Mutex::new(State::new(behaviour)),
        });
        let serving = Arc::clone(&shared);
        let accepting = std::thread::spawn(move || accept(&listener, &serving));
        Self {
            shared,
            address,
            accepting: Some(accepting),
        }
    }

    /// Its address, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Answers in another way from now on. Draws begin anew; counters go on.
    pub fn behave(&self, behaviour: Behaviour) {
        let mut state = self.shared.state();
        let stats = std::mem::take(&mut state.stats);
        state.begin(behaviour);
        state.stats = stats;
    }

    /// What it did so far.
    pub fn stats(&self) -> Stats {
        self.shared.state().stats.clone()
    }

    /// Counts and draws begin anew.
    pub fn reset(&self) {
        let mut state = self.shared.state();
        let behaviour = state.behaviour.clone();
        state.begin(behaviour);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        for stream in self.shared.state().open.values() {
            let _ = stream.shutdown(Shutdown::Both);
        }
        // The listener wakes up and sees that it is to stop.
        let _ = TcpStream::connect(self.address);
        if let Some(accepting) = self.accepting.take() {
            let _ = accepting.join();
        }
    }
}

impl Stats {
    /// How often a path was asked for with a method.
    pub fn of(&self, method: &str, path: &str) -> u64 {
        let key = (method.to_owned(), path.to_owned());
        self.requests.get(&key).copied().unwrap_or(0)
    }

    /// How often a method was used, on paths that end on `end`.
    pub fn count(&self, method: &str, end: &str) -> u64 {
        let of =
            |((used, path), _): &(&(String, String), &u64)| used == method && path.ends_with(end);
        self.requests
            .iter()
            .filter(of)
            .map(|(_, count)| count)
            .sum()
    }

    /// How many answers had a status.
    pub fn status(&self, status: u16) -> u64 {
        self.statuses.get(&status).copied().unwrap_or(0)
    }
}

#[derive(Debug)]
struct Shared {
    root: PathBuf,
    stopped: AtomicBool,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    behaviour: Behaviour,
    draws: Draws,
    pace: Pace,
    stats: Stats,
    /// Requests that a storm swallowed.
    stormed: u64,
    /// Answers with content, by path.
    answered: BTreeMap<String, u64>,
    /// Connections that are open, by their number.
    open: BTreeMap<u64, TcpStream>,
    last: u64,
}

impl State {
    fn new(behaviour: Behaviour) -> Self {
        Self {
            draws: Draws::new(behaviour.seed),
            pace: Pace::new(behaviour.bytes_per_second),
            behaviour,
            stats: Stats::default(),
            stormed: 0,
            answered: BTreeMap::new(),
            open: BTreeMap::new(),
            last: 0,
        }
    }
}

impl State {
    /// Begins anew; connections stay.
    fn begin(&mut self, behaviour: Behaviour) {
        let (open, last) = (std::mem::take(&mut self.open), self.last);
        *self = Self {
            open,
            last,
            ..Self::new(behaviour)
        };
    }
}

impl Shared {
    /// A test that panicked elsewhere leaves it usable.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for stream in listener.incoming() {
        if shared.stopped.load(Ordering::SeqCst) {
            return;
        }
        let Ok(stream) = stream else {
            continue;
        };
        let _ = stream.set_nodelay(true);
        let mut state = shared.state();
        state.stats.connections += 1;
        let number = state.last + 1;
        state.last = number;
        state
            .open
            .extend(stream.try_clone().map(|stream| (number, stream)));
        drop(state);
        let shared = Arc::clone(shared);
        std::thread::spawn(move || {
            // A client that hangs up is the end of its connection, and no news.
            let _ = connection(&stream, &shared);
            // Its clone in the list would keep it open.
            let _ = stream.shutdown(Shutdown::Both);
            shared.state().open.remove(&number);
        });
    }
}

fn connection(mut stream: &TcpStream, shared: &Shared) -> std::io::Result<()> {
    while let Some(request) = Request::read(&mut stream)? {
        let latency = shared.state().behaviour.latency;
        std::thread::sleep(latency);
        let answer = object::answer(shared, &request);
        let mut state = shared.state();
        let key = (request.method.clone(), request.path.clone());
        *state.stats.requests.entry(key).or_default() += 1;
        *state.stats.statuses.entry(answer.status).or_default() += 1;
        let cors = state.behaviour.cors;
        drop(state);
        stream.write_all(answer.head(cors).as_bytes())?;
        if request.method != "HEAD" {
            let sent = if answer.cut {
                answer.body.len() / 2
            } else {
                answer.body.len()
            };
            send(stream, shared, &answer, sent)?;
            if answer.cut {
                return Ok(());
            }
        }
        if request.closes() {
            return Ok(());
        }
    }
    Ok(())
}

fn send(
    mut stream: &TcpStream,
    shared: &Shared,
    answer: &Answer,
    bytes: usize,
) -> std::io::Result<()> {
    for part in answer.body[..bytes].chunks(pace::PART) {
        if answer.is_object {
            let mut state = shared.state();
            state.stats.bytes += u64::try_from(part.len()).unwrap_or(u64::MAX);
            let wait = state.pace.take(part.len());
            drop(state);
            std::thread::sleep(wait);
        }
        stream.write_all(part)?;
    }
    Ok(())
}
