//! The relay: objects of the catalogue's public buckets, and of nobody else.

use std::time::Duration;

use anyhow::Context as _;
use gik_core::source::Catalog;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::header::{
    ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, ETAG, HeaderName, LAST_MODIFIED, RANGE,
};
use hyper::{Request, Response, StatusCode};
use url::Url;

use super::{Answer, text};
use crate::cloud::USER_AGENT;
use crate::exit::CommandError;
use crate::settings::Settings;

/// What the relay says at its root, so that the page knows that there is one.
const GREETING: &str = concat!("gik-relay ", env!("CARGO_PKG_VERSION"));
/// Headers of the archive that are passed on.
const PASSED: [HeaderName; 5] = [
    ACCEPT_RANGES,
    CONTENT_LENGTH,
    CONTENT_RANGE,
    ETAG,
    LAST_MODIFIED,
];

/// Reads public buckets for pages of this server.
pub(super) struct Relay {
    client: reqwest::Client,
    buckets: Vec<Bucket>,
}

/// A public bucket of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Bucket {
    /// `s3` or `gs`.
    scheme: String,
    name: String,
    /// What all of the catalogue's keys start with; empty, or with a slash at its end.
    prefix: String,
    /// Where it is read, with a slash at the end.
    address: String,
}

/// Why the relay does not ask for an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refusal {
    /// A bucket that is not in the catalogue.
    Bucket,
    /// A key that leads elsewhere.
    Key,
}

impl Relay {
    /// A relay for the public buckets of a catalogue.
    pub(super) fn new(catalog: &Catalog, settings: &Settings) -> Result<Self, CommandError> {
        let mirrors = catalog.sources().flat_map(|source| &source.mirrors);
        let buckets = mirrors.filter_map(|mirror| {
            let endpoint = settings.s3.endpoint.as_deref();
            Bucket::of(&mirror.root, mirror.region.as_deref(), endpoint)
        });
        let mut buckets: Vec<Bucket> = buckets.collect();
        buckets.dedup();
        let stalled = Duration::from_secs(settings.network.timeout_seconds.into());
        let client = reqwest::Client::builder()
            .user_agent(USER_AGENT)
            // A bucket that points elsewhere would take the relay off its list.
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(Duration::from_secs(10))
            .read_timeout(stalled)
            .build()
            .context("no client for the relay")?;
        Ok(Self { client, buckets })
    }

    /// Answers a path below `/relay/`.
    pub(super) async fn answer(&self, path: &str, request: &Request<Incoming>) -> Answer {
        if path.is_empty() {
            return text(StatusCode::OK, GREETING);
        }
        if request.uri().query().is_some() {
            let said =
                "objects are relayed, no lists and no signed addresses: leave the query away";
            return text(StatusCode::BAD_REQUEST, said);
        }
        let address = match self.address(path) {
            Ok(address) => address,
            Err(Refusal::Bucket) => {
                let said = "no public bucket of the catalogue: /relay/s3/{bucket}/{key}, see `gik sources`";
                return text(StatusCode::FORBIDDEN, said);
            }
            Err(Refusal::Key) => {
                let said = "no key of an object: parts may be neither empty nor dots";
                return text(StatusCode::BAD_REQUEST, said);
            }
        };
        let mut asked = self.client.request(request.method().clone(), address);
        if let Some(range) = request.headers().get(RANGE) {
            asked = asked.header(RANGE, range);
        }
        match asked.send().await {
            Ok(response) => passed_on(response),
            Err(error) => text(
                StatusCode::BAD_GATEWAY,
                format!("the archive does not answer: {}", error.without_url()),
            ),
        }
    }

    /// Where an object is read.
    fn address(&self, path: &str) -> Result<Url, Refusal> {
        let mut parts = path.split('/');
        let (scheme, name) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
        let keys: Option<Vec<String>> = parts.map(plain).collect();
        let mut of_name = self.buckets.iter();
        let is = |bucket: &&Bucket| bucket.scheme == scheme && bucket.name == name;
        if !of_name.any(|bucket| is(&bucket)) {
            return Err(Refusal::Bucket);
        }
        let keys = keys.filter(|keys| !keys.is_empty()).ok_or(Refusal::Key)?;
        let key = keys.join("/");
        let within = |bucket: &&Bucket| is(bucket) && key.starts_with(&bucket.prefix);
        let bucket = self.buckets.iter().find(within).ok_or(Refusal::Bucket)?;
        let mut address = Url::parse(&bucket.address).map_err(|_| Refusal::Bucket)?;
        let mut segments = address.path_segments_mut().map_err(|()| Refusal::Bucket)?;
        segments.pop_if_empty().extend(&keys);
        drop(segments);
        Ok(address)
    }
}

impl Bucket {
    fn of(root: &str, region: Option<&str>, endpoint: Option<&str>) -> Option<Self> {
        let (scheme, rest) = root.split_once("://")?;
        let (name, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let address = match (scheme, endpoint) {
            ("s3", Some(endpoint)) => format!("{}/{name}/", endpoint.trim_end_matches('/')),
            ("s3", None) => {
                let region = region.unwrap_or("us-east-1");
                format!("https://{name}.s3.{region}.amazonaws.com/")
            }
            ("gs", _) => format!("https://storage.googleapis.com/{name}/"),
            _ => return None,
        };
        let prefix = match prefix.trim_end_matches('/') {
            "" => String::new(),
            prefix => format!("{prefix}/"),
        };
        Some(Self {
            scheme: scheme.to_owned(),
            name: name.to_owned(),
            prefix,
            address,
        })
    }
}

/// A part of a key as it was meant; `None` where it is no name.
fn plain(part: &str) -> Option<String> {
    let decoded = percent_encoding::percent_decode_str(part)
        .decode_utf8()
        .ok()?;
    let dots = matches!(&*decoded, "" | "." | "..");
    let strange = |letter: char| letter.is_control() || matches!(letter, '/' | '\\');
    (!dots && !decoded.contains(strange)).then(|| decoded.into_owned())
}

/// The archive's answer, without what is for the archive's own pages.
fn passed_on(response: reqwest::Response) -> Answer {
    let status = response.status();
    if status.is_redirection() {
        let said = "the archive answers with another address, where the relay does not go";
        return text(StatusCode::BAD_GATEWAY, said);
    }
    let response = Response::<reqwest::Body>::from(response);
    let (head, body) = response.into_parts();
    let mut answer = Response::new(body.map_err(Into::into).boxed_unsync());
    *answer.status_mut() = status;
    for name in PASSED {
        if let Some(value) = head.headers.get(&name) {
            answer.headers_mut().insert(name, value.clone());
        }
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    fn relay() -> Relay {
        let bucket = |root, region| Bucket::of(root, region, None).unwrap();
        Relay {
            client: reqwest::Client::new(),
            buckets: vec![
                bucket("s3://noaa-gefs-pds", None),
                bucket("s3://ecmwf-forecasts", Some("eu-central-1")),
                bucket("gs://open/below", None),
            ],
        }
    }

    #[test]
    fn objects_of_the_list_are_read_at_their_own_servers() {
        let at = |path| relay().address(path).unwrap().to_string();
        assert_eq!(
            at("s3/noaa-gefs-pds/gefs.20250918/00/a.idx"),
            "https://noaa-gefs-pds.s3.us-east-1.amazonaws.com/gefs.20250918/00/a.idx"
        );
        assert_eq!(
            at("s3/ecmwf-forecasts/a%20b"),
            "https://ecmwf-forecasts.s3.eu-central-1.amazonaws.com/a%20b"
        );
        assert_eq!(
            at("gs/open/below/k"),
            "https://storage.googleapis.com/open/below/k"
        );
    }

    #[test]
    fn nothing_else_is_read() {
        for path in [
            "s3/other/k",
            "s3/127.0.0.1/k",
            "s3/169.254.169.254/latest/meta-data",
            "s3/user:secret@noaa-gefs-pds/k",
            "s3/noaa-gefs-pds@evil.example/k",
            "s3/noaa-gefs-pds.evil.example/k",
            "s3/NOAA-GEFS-PDS/k",
            "s3//k",
            "gs/open/beside/k",
            "gs/noaa-gefs-pds/k",
            "http://127.0.0.1/k",
            "https:/evil.example/k",
            "file/etc/passwd",
        ] {
            assert_eq!(relay().address(path), Err(Refusal::Bucket), "{path}");
        }
        for key in [
            "", "/", "..", "../x", "a/../x", "a/./x", "%2e%2e/x", "a//x", "a%2fb", "a%5cb",
            "a%00b", "a%ffb",
        ] {
            let path = format!("s3/noaa-gefs-pds/{key}");
            assert_eq!(relay().address(&path), Err(Refusal::Key), "{path}");
        }
        assert_eq!(relay().address("s3/noaa-gefs-pds"), Err(Refusal::Key));
    }
}
