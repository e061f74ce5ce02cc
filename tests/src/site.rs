//! A static host: the files of a folder with their types and the headers of its `_headers`, on a free local port, stopped on drop.

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

/// A running static host.
#[derive(Debug)]
pub struct Site {
    address: SocketAddr,
    stopped: Arc<AtomicBool>,
    open: Arc<Mutex<Vec<TcpStream>>>,
    accepting: Option<JoinHandle<()>>,
}

impl Site {
    /// Serves a folder.
    ///
    /// # Panics
    /// Where no port is free.
    pub fn start(root: &Path) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("an address");
        let stopped = Arc::new(AtomicBool::new(false));
        let open = Arc::new(Mutex::new(Vec::new()));
        let (stop, streams) = (Arc::clone(&stopped), Arc::clone(&open));
        let root = root.to_owned();
        let accepting = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                let root = root.clone();
                if let Ok(stream) = stream {
                    let mut streams = streams.lock().unwrap_or_else(PoisonError::into_inner);
                    streams.extend(stream.try_clone());
                    drop(streams);
                    // A browser that hangs up is no news.
                    std::thread::spawn(move || connection(&stream, &root).ok());
                }
            }
        });
        Self {
            address,
            stopped,
            open,
            accepting: Some(accepting),
        }
    }

    /// Its address, without a slash at the end. The name is `localhost`: an origin that browsers trust.
    pub fn url(&self) -> String {
        format!("http://localhost:{}", self.address.port())
    }

    /// Serves until the process is stopped.
    pub fn wait(mut self) {
        if let Some(accepting) = self.accepting.take() {
            let _ = accepting.join();
        }
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        for stream in open.iter() {
            let _ = stream.shutdown(Shutdown::Both);
        }
        drop(open);
        // The listener wakes up and sees that it is to stop.
        let _ = TcpStream::connect(self.address);
        if let Some(accepting) = self.accepting.take() {
            let _ = accepting.join();
        }
    }
}

fn connection(stream: &TcpStream, root: &Path) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let mut range = None;
        loop {
            let mut header = String::new();
            if reader.read_line(&mut header)? == 0 || header.trim().is_empty() {
                break;
            }
            if let Some((name, value)) = header.split_once(':')
                && name.eq_ignore_ascii_case("range")
            {
                range = Some(value.trim().to_owned());
            }
        }
        let mut words = line.split(' ');
        let (method, target) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
        answer(stream, root, (method, target), range.as_deref())?;
    }
}

fn answer(
    mut stream: &TcpStream,
    root: &Path,
    (method, target): (&str, &str),
    range: Option<&str>,
) -> std::io::Result<()> {
    let path = target.split(['?', '#']).next().unwrap_or_default();
    let file = file(root, path);
    let (mut status, kind, mut body) = match &file {
        Some(file) => ("200 OK", kind(file), std::fs::read(file)?),
        None => ("404 Not Found", "text/plain", b"not found".to_vec()),
    };
    let mut more = headers(root, path);
    if file.is_some()
        && let Some((first, last)) = range.and_then(|range| span(range, body.len()))
    {
        status = "206 Partial Content";
        more.push_str(&format!(
            "Content-Range: bytes {first}-{last}/{}\r\n",
            body.len()
        ));
        body = body[first..=last].to_vec();
    }
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n{more}\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    if method != "HEAD" {
        stream.write_all(&body)?;
    }
    Ok(())
}

/// The file of a path; a folder's is its `index.html`.
fn file(root: &Path, path: &str) -> Option<PathBuf> {
    let path = Path::new(path.trim_start_matches('/'));
    let inside = |part: Component<'_>| matches!(part, Component::Normal(_));
    if !path.components().all(inside) {
        return None;
    }
    let mut file = root.join(path);
    if file.is_dir() {
        file.push("index.html");
    }
    file.is_file().then_some(file)
}

fn kind(file: &Path) -> &'static str {
    match file.extension().and_then(|end| end.to_str()) {
        Some("css") => "text/css; charset=utf-8",
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("wasm") => "application/wasm",
        Some("webmanifest") => "application/manifest+json",
        _ => "application/octet-stream",
    }
}

/// The headers that `_headers` gives to every path, as Cloudflare Pages and Netlify read that file.
fn headers(root: &Path, _path: &str) -> String {
    let text = std::fs::read_to_string(root.join("_headers")).unwrap_or_default();
    let lines = text.lines().skip_while(|line| *line != "/*").skip(1);
    let own = lines.take_while(|line| line.starts_with(' '));
    own.map(|line| format!("{}\r\n", line.trim())).collect()
}

/// First and last byte of a range that lies within so many bytes.
fn span(range: &str, length: usize) -> Option<(usize, usize)> {
    let (first, last) = range.strip_prefix("bytes=")?.split_once('-')?;
    let first: usize = first.parse().ok()?;
    let last = last
        .parse()
        .unwrap_or(usize::MAX)
        .min(length.checked_sub(1)?);
    (first <= last).then_some((first, last))
}
