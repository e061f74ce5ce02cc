//! What is answered to a request: objects, listings, and the faults in between.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::ops::Range;
use std::path::{Component, Path, PathBuf};
use std::time::SystemTime;

use super::http::{Answer, Request, date, decoded};
use super::repeat::Repeat;
use super::{Cors, Fault, Shared};
use crate::fixture::files;

pub(super) fn answer(shared: &Shared, request: &Request) -> Answer {
    if request.method == "OPTIONS" {
        return preflight(shared.state().behaviour.cors);
    }
    if request.method == "GET" && request.parameter("list-type").as_deref() == Some("2") {
        return listing(&shared.root, request);
    }
    if let Some(refusal) = refusal(shared, request) {
        return refusal;
    }
    let repeats = shared.state().behaviour.repeats.clone();
    let repeat = repeats.and_then(|run| Repeat::of(&run, &request.path));
    let path = repeat.as_ref().map_or(&request.path, |it| &it.path);
    let Some(file) = file(&shared.root, path) else {
        return Answer::error(404, "NoSuchKey");
    };
    match request.method.as_str() {
        "GET" | "HEAD" => match Object::read(shared, request, &file) {
            Some(object) => object.answer(shared, request, repeat.as_ref()),
            None => Answer::error(404, "NoSuchKey"),
        },
        "PUT" => put(request, &file),
        _ => Answer::error(405, "MethodNotAllowed"),
    }
}

/// The faults that answer instead of the object.
fn refusal(shared: &Shared, request: &Request) -> Option<Answer> {
    let mut state = shared.state();
    for fault in state.behaviour.faults.clone() {
        match fault {
            Fault::Busy { share } if state.draws.hit(share) => {
                return Some(Answer::error(503, "SlowDown"));
            }
            Fault::Missing { path } if request.path.contains(&path) => {
                return Some(Answer::error(404, "NoSuchKey"));
            }
            Fault::Storm { requests } if state.stormed < requests => {
                state.stormed += 1;
                return Some(Answer::error(503, "SlowDown"));
            }
            _ => {}
        }
    }
    None
}

fn preflight(cors: Cors) -> Answer {
    if cors == Cors::Off {
        return Answer::error(403, "AccessForbidden");
    }
    Answer {
        status: 200,
        headers: vec![
            ("Access-Control-Allow-Methods", "GET, HEAD".to_owned()),
            ("Access-Control-Allow-Headers", "Range, If-Match".to_owned()),
            ("Access-Control-Max-Age", "3000".to_owned()),
        ],
        ..Answer::default()
    }
}

/// The file of a path; `None` for what leads elsewhere or names nothing.
fn file(root: &Path, path: &str) -> Option<PathBuf> {
    let path = decoded(path.trim_start_matches('/'));
    let inside = |part: Component<'_>| matches!(part, Component::Normal(_));
    let plain = !path.is_empty() && Path::new(&path).components().all(inside);
    plain.then(|| root.join(path))
}

/// Objects above this are not read whole to answer a range, nor for their mark.
const LARGE: u64 = 1 << 20;

struct Object {
    content: Content,
    modified: SystemTime,
    /// The ETag: other bytes, another mark.
    mark: String,
}

enum Content {
    Octets(Vec<u8>),
    File(PathBuf, u64),
}

impl Content {
    fn size(&self) -> usize {
        match self {
            Self::Octets(octets) => octets.len(),
            Self::File(_, size) => usize::try_from(*size).unwrap_or(usize::MAX),
        }
    }

    fn read(&self, range: Range<usize>) -> std::io::Result<Vec<u8>> {
        match self {
            Self::Octets(octets) => Ok(octets[range].to_vec()),
            Self::File(path, _) => {
                let mut file = File::open(path)?;
                file.seek(SeekFrom::Start(range.start as u64))?;
                let mut octets = vec![0; range.len()];
                file.read_exact(&mut octets)?;
                Ok(octets)
            }
        }
    }
}

impl Object {
    fn read(shared: &Shared, request: &Request, file: &Path) -> Option<Self> {
        let meta = file.metadata().ok().filter(std::fs::Metadata::is_file)?;
        let mut modified = meta.modified().ok()?;
        let (mut content, mut mark) = if meta.len() > LARGE {
            let mark = etag(format!("{} {modified:?} {}", request.path, meta.len()).as_bytes());
            (Content::File(file.to_owned(), meta.len()), mark)
        } else {
            let octets = std::fs::read(file).ok()?;
            let mark = etag(&octets);
            (Content::Octets(octets), mark)
        };
        let mut state = shared.state();
        let path = decoded(&request.path);
        let answered = state.answered.entry(path.clone()).or_default();
        let before = *answered;
        *answered += 1;
        for fault in &state.behaviour.faults {
            match fault {
                Fault::Replaced {
                    path: of,
                    after,
                    with,
                } if *of == path && before >= *after => {
                    mark = etag(with);
                    content = Content::Octets(with.clone());
                }
                Fault::Stale { path: end, by } if path.ends_with(end.as_str()) => {
                    modified = modified.checked_sub(*by).unwrap_or(SystemTime::UNIX_EPOCH);
                }
                _ => {}
            }
        }
        Some(Self {
            content,
            modified,
            mark,
        })
    }

    fn answer(self, shared: &Shared, request: &Request, repeat: Option<&Repeat>) -> Answer {
        let etag = self.mark;
        let matches = |header: &str| {
            let wanted = request.header(header)?;
            // As S3 does it, with and without quotes.
            let bare = |tag: &str| tag.trim().trim_matches('"') == etag.trim_matches('"');
            Some(wanted == "*" || wanted.split(',').any(bare))
        };
        if matches("if-match") == Some(false) {
            return Answer::error(412, "PreconditionFailed");
        }
        let mut headers = vec![
            ("Accept-Ranges", "bytes".to_owned()),
            ("Content-Type", "binary/octet-stream".to_owned()),
            ("ETag", etag.clone()),
            ("Last-Modified", date(self.modified)),
        ];
        if matches("if-none-match") == Some(true) {
            return Answer {
                status: 304,
                headers,
                ..Answer::default()
            };
        }
        let (mut ignored, mut cut) = (false, false);
        let mut state = shared.state();
        for fault in state.behaviour.faults.clone() {
            match fault {
                Fault::Cut { share } => cut |= request.method == "GET" && state.draws.hit(share),
                Fault::IgnoreRange => ignored = true,
                _ => {}
            }
        }
        state.stats.cut += u64::from(cut);
        drop(state);
        let size = self.content.size();
        let range = request
            .header("range")
            .filter(|_| !ignored)
            .and_then(|text| range(text, size));
        let mut unread = 0;
        let (status, body) = match range {
            None if request.method == "HEAD" => {
                unread = size;
                (200, Ok(Vec::new()))
            }
            None => (200, self.content.read(0..size)),
            Some(None) => {
                let mut answer = Answer::error(416, "InvalidRange");
                answer
                    .headers
                    .push(("Content-Range", format!("bytes */{size}")));
                return answer;
            }
            Some(Some((start, end))) => {
                headers.push(("Content-Range", format!("bytes {start}-{}/{size}", end - 1)));
                (206, self.content.read(start..end))
            }
        };
        let Ok(mut body) = body else {
            return Answer::error(404, "NoSuchKey");
        };
        if let Some(repeat) = repeat {
            repeat.rewrite(&mut body);
        }
        Answer {
            status,
            headers,
            body,
            unread,
            is_object: true,
            cut,
        }
    }
}

/// Start and end of `bytes=a-b`, `bytes=a-` or `bytes=-n`: `None` for what is no such range (it is ignored, RFC 9110, 14.2),
/// `Some(None)` where the object does not reach so far.
fn range(text: &str, size: usize) -> Option<Option<(usize, usize)>> {
    let (first, last) = text.strip_prefix("bytes=")?.split_once('-')?;
    if first.is_empty() {
        let length: usize = last.parse().ok()?;
        return Some((length > 0 && size > 0).then(|| (size.saturating_sub(length), size)));
    }
    let start: u64 = first.parse().ok()?;
    let last = if last.is_empty() {
        u64::MAX
    } else {
        last.parse().ok()?
    };
    if last < start {
        return None;
    }
    let end = last.saturating_add(1);
    let start = usize::try_from(start).ok().filter(|start| *start < size);
    let end = usize::try_from(end).unwrap_or(usize::MAX).min(size);
    Some(start.map(|start| (start, end)))
}

/// A mark of a content (FNV-1a).
fn etag(content: &[u8]) -> String {
    let mut hash = 0xCBF2_9CE4_8422_2325_u64;
    for octet in content {
        hash = (hash ^ u64::from(*octet)).wrapping_mul(0x0100_0000_01B3);
    }
    format!("\"{hash:016x}\"")
}

/// Puts an object; with `If-None-Match: *`, or Google's word for it, only where there is none.
fn put(request: &Request, file: &Path) -> Answer {
    let create = request.header("if-none-match") == Some("*")
        || request.header("x-goog-if-generation-match") == Some("0");
    if create && file.exists() {
        return Answer::error(412, "PreconditionFailed");
    }
    let written = file
        .parent()
        .map_or(Ok(()), std::fs::create_dir_all)
        .and_then(|()| std::fs::write(file, &request.body));
    match written {
        Ok(()) => Answer {
            status: 200,
            headers: vec![("ETag", etag(&request.body))],
            ..Answer::default()
        },
        Err(_) => Answer::error(403, "AccessDenied"),
    }
}

/// `ListObjectsV2`, in one page.
fn listing(root: &Path, request: &Request) -> Answer {
    let bucket = decoded(request.path.trim_matches('/'));
    let Some(folder) = file(root, &bucket).filter(|folder| folder.is_dir()) else {
        return Answer::error(404, "NoSuchBucket");
    };
    let prefix = request.parameter("prefix").unwrap_or_default();
    let mut body = format!(
        "<?xml version=\"1.0\"?><ListBucketResult><Name>{bucket}</Name><Prefix>{prefix}</Prefix><IsTruncated>false</IsTruncated>"
    );
    for path in files(&folder) {
        let Ok(key) = path.strip_prefix(&folder) else {
            continue;
        };
        let key = key.to_string_lossy();
        if key.starts_with(&prefix) {
            let size = path.metadata().map_or(0, |meta| meta.len());
            let key = key.replace('&', "&amp;").replace('<', "&lt;");
            let _ = write!(
                body,
                "<Contents><Key>{key}</Key><Size>{size}</Size></Contents>"
            );
        }
    }
    body.push_str("</ListBucketResult>");
    Answer::xml(200, body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_those_of_http() {
        assert_eq!(range("bytes=0-9", 10), Some(Some((0, 10))));
        assert_eq!(range("bytes=3-", 10), Some(Some((3, 10))));
        assert_eq!(range("bytes=3-400", 10), Some(Some((3, 10))));
        assert_eq!(range("bytes=-4", 10), Some(Some((6, 10))));
        assert_eq!(range("bytes=10-11", 10), Some(None));
        assert_eq!(
            range("bytes=18446744073709551615-18446744073709551615", 10),
            Some(None)
        );
        assert_eq!(range("bytes=0-0", 0), Some(None));
        for ignored in ["bytes=5-4", "lines=0-1", "bytes=a-b", "bytes="] {
            assert_eq!(range(ignored, 10), None, "{ignored}");
        }
    }
}
