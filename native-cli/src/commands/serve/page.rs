//! The built page: files of a folder or of the binary itself, with the headers of its `_headers`.

use std::borrow::Cow;
use std::path::{Component, Path, PathBuf};

use bytes::Bytes;
use hyper::body::Incoming;
use hyper::header::{
    ACCEPT_RANGES, CONTENT_RANGE, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RANGE,
};
use hyper::{Request, Response, StatusCode};

use super::{Answer, body, text};

/// Files that are part of the binary: their paths and their bytes.
#[cfg(feature = "page")]
const BUILT_IN: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/page.rs"));
/// Built without the page.
#[cfg(not(feature = "page"))]
const BUILT_IN: &[(&str, &[u8])] = &[];

/// Where headers are said, as static hosts read them.
const HEADERS: &str = "_headers";

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PageError {
    /// The folder has none.
    #[error("{folder}: there is no index.html; `cargo xtask web` builds the page into www/dist")]
    Folder {
        /// The folder.
        folder: String,
    },
    /// The binary has none.
    #[error(
        "this gik was built without the page: name its folder with --page (`cargo xtask web` builds www/dist), or build gik with \
         --features page"
    )]
    NotBuiltIn,
}

/// A page and its headers.
pub(super) struct Page {
    folder: Option<PathBuf>,
    rules: Vec<Rule>,
}

/// Headers of all files whose path matches.
#[derive(Debug, PartialEq)]
struct Rule {
    /// A path; `*` stands for anything.
    pattern: String,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Page {
    /// The page of a folder, or that of the binary.
    pub(super) fn open(folder: Option<&Path>) -> Result<Self, PageError> {
        let mut page = Self {
            folder: folder.map(Path::to_owned),
            rules: Vec::new(),
        };
        if page.file("index.html").is_none() {
            return Err(match folder {
                Some(folder) => PageError::Folder {
                    folder: folder.display().to_string(),
                },
                None => PageError::NotBuiltIn,
            });
        }
        let said = page.file(HEADERS).unwrap_or_default();
        page.rules = rules(&String::from_utf8_lossy(&said));
        Ok(page)
    }

    /// Answers with a file, or a part of it.
    pub(super) fn answer(&self, request: &Request<Incoming>) -> Answer {
        let path = request.uri().path();
        let name = match path.strip_prefix('/').unwrap_or(path) {
            folder if folder.is_empty() || folder.ends_with('/') => {
                Cow::Owned(format!("{folder}index.html"))
            }
            name => Cow::Borrowed(name),
        };
        let found = self.file(&name).filter(|_| name != HEADERS);
        let mut answer = match found {
            Some(bytes) => part(bytes, request.headers().get(RANGE)),
            None => text(StatusCode::NOT_FOUND, "there is no such file"),
        };
        let headers = answer.headers_mut();
        if !headers.contains_key(CONTENT_TYPE) {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind(&name)));
        }
        let of_path = self.rules.iter().filter(|rule| rule.matches(path));
        for (name, value) in of_path.flat_map(|rule| &rule.headers) {
            headers.insert(name, value.clone());
        }
        answer
    }

    fn file(&self, name: &str) -> Option<Bytes> {
        let Some(folder) = &self.folder else {
            let built_in = BUILT_IN.iter().find(|(known, _)| *known == name);
            return built_in.map(|(_, bytes)| Bytes::from_static(bytes));
        };
        let name = percent_encoding::percent_decode_str(name)
            .decode_utf8()
            .ok()?;
        let name = Path::new(&*name);
        let inside = |part: Component<'_>| matches!(part, Component::Normal(_));
        let inside = name.components().all(inside);
        let bytes = inside.then(|| std::fs::read(folder.join(name)).ok())?;
        bytes.map(Bytes::from)
    }
}

impl Rule {
    fn matches(&self, path: &str) -> bool {
        match self.pattern.split_once('*') {
            None => self.pattern == path,
            Some((start, end)) => {
                let rest = path.strip_prefix(start);
                rest.is_some_and(|rest| rest.ends_with(end))
            }
        }
    }
}

/// The rules of a `_headers` file: a path, then its headers, each on a line that begins with a space.
fn rules(text: &str) -> Vec<Rule> {
    let mut rules: Vec<Rule> = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        if !line.starts_with([' ', '\t']) {
            rules.push(Rule {
                pattern: line.trim().to_owned(),
                headers: Vec::new(),
            });
            continue;
        }
        let Some((name, value)) = line.trim().split_once(':') else {
            continue;
        };
        let header = name.parse().ok().zip(value.trim().parse().ok());
        if let (Some(rule), Some(header)) = (rules.last_mut(), header) {
            rule.headers.push(header);
        }
    }
    rules
}

/// The whole file, or the range that was asked for.
fn part(bytes: Bytes, range: Option<&HeaderValue>) -> Answer {
    let length = bytes.len();
    let asked = range.and_then(|range| range.to_str().ok()?.strip_prefix("bytes="));
    let (status, bytes, said) = match asked.and_then(|asked| span(asked, length)) {
        None => (StatusCode::OK, bytes, None),
        Some(None) => {
            let said = format!("bytes */{length}");
            (StatusCode::RANGE_NOT_SATISFIABLE, Bytes::new(), Some(said))
        }
        Some(Some((first, end))) => {
            let said = format!("bytes {first}-{}/{length}", end - 1);
            (
                StatusCode::PARTIAL_CONTENT,
                bytes.slice(first..end),
                Some(said),
            )
        }
    };
    let mut answer = Response::new(body(bytes));
    *answer.status_mut() = status;
    let headers: &mut HeaderMap = answer.headers_mut();
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    if let Some(said) = said.and_then(|said| said.parse().ok()) {
        headers.insert(CONTENT_RANGE, said);
    }
    answer
}

/// First byte and end of `0-9`, `5-` or `-8`. `None` for what is no single range, which is answered with the whole file;
/// `Some(None)` for one that the file does not have.
fn span(asked: &str, length: usize) -> Option<Option<(usize, usize)>> {
    let (first, last) = asked.split_once('-')?;
    let span = match (first.parse::<usize>(), last.parse::<usize>()) {
        (Ok(first), Ok(last)) if first <= last => (first, last.saturating_add(1).min(length)),
        (Ok(first), Err(_)) if last.is_empty() => (first, length),
        (Err(_), Ok(last)) if first.is_empty() => (length.saturating_sub(last), length),
        _ => return None,
    };
    Some((span.0 < span.1).then_some(span))
}

/// The media type of a file, by its ending.
fn kind(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("css") => "text/css; charset=utf-8",
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("json" | "webmanifest") => "application/json",
        Some("png") => "image/png",
        Some("svg") => "image/svg+xml",
        Some("txt" | "idx" | "index") => "text/plain; charset=utf-8",
        Some("wasm") => "application/wasm",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_those_of_all_rules_that_match() {
        let rules =
            rules("/*\n  X-One: a: b\n\n/*.wasm\n  X-Two: c\n  no header\n/exact\n\tX-Three: d\n");
        let of = |path: &str| -> Vec<&str> {
            let matching = rules.iter().filter(|rule| rule.matches(path));
            let headers = matching.flat_map(|rule| &rule.headers);
            headers.map(|(_, value)| value.to_str().unwrap()).collect()
        };
        assert_eq!(of("/"), ["a: b"]);
        assert_eq!(of("/worker.wasm"), ["a: b", "c"]);
        assert_eq!(of("/exact"), ["a: b", "d"]);
    }

    #[test]
    fn one_range_is_answered_and_several_are_not() {
        assert_eq!(span("0-9", 20), Some(Some((0, 10))));
        assert_eq!(span("5-", 20), Some(Some((5, 20))));
        assert_eq!(span("-8", 20), Some(Some((12, 20))));
        assert_eq!(span("15-99", 20), Some(Some((15, 20))));
        assert_eq!(span("20-", 20), Some(None));
        assert_eq!(span("0-1,4-5", 20), None);
        assert_eq!(span("9-1", 20), None);
        assert_eq!(span("x", 20), None);
    }
}
