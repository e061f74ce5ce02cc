//! The suite that every store must pass.
//!
//! The caller puts [`OBJECTS`] below a base URL, in whatever way its place is filled, and calls [`check`].

use super::{Store, StoreError};
use crate::span::ByteSpan;

/// Names below the base URL, percent-encoded where the store's URLs are, and what is there.
pub const OBJECTS: [(&str, &[u8]); 3] = [
    ("digits", b"0123456789"),
    ("folder/letters", b"abcdefghijklmnopqrstuvwxyz"),
    ("empty", b""),
];

/// What a store did that a store must not do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{case}: expected {expected}, found {found}")]
pub struct Violation {
    /// What was tried.
    pub case: String,
    /// What should have come of it.
    pub expected: String,
    /// What came of it.
    pub found: String,
}

/// Checks a store that holds [`OBJECTS`] below `base`, a URL without a slash at the end.
///
/// # Errors
/// The first [`Violation`].
pub async fn check<S: Store>(store: &S, base: &str) -> Result<(), Violation> {
    for (name, bytes) in OBJECTS {
        whole(store, &format!("{base}/{name}"), bytes).await?;
    }
    let digits = format!("{base}/digits");
    let spans = [(0, 10), (0, 1), (3, 4), (9, 1), (0, 0), (10, 0)];
    for (offset, length) in spans {
        range(store, &digits, ByteSpan::new(offset, length)).await?;
    }
    for (offset, length, left) in [
        (8, 4, 2),
        (0, 11, 10),
        (10, 1, 0),
        (11, 0, 0),
        (400, 1, 0),
        (u64::MAX - 1, 1, 0),
        (u64::MAX, 4, 0),
        (4, u64::MAX, 6),
    ] {
        past_the_end(store, &digits, ByteSpan::new(offset, length), left).await?;
    }
    missing(store, &format!("{base}/nothing")).await?;
    missing(store, &format!("{base}/folder/nothing")).await
}

async fn whole<S: Store>(store: &S, url: &str, bytes: &[u8]) -> Result<(), Violation> {
    let size = store.head(url).await.map(|meta| meta.size);
    // A store that cannot tell a size says so; one that tells it tells the truth.
    if !matches!(size, Ok(None)) {
        let expected = u64::try_from(bytes.len()).ok();
        must(
            format!("head of {url}"),
            format!("{:?}", Some(expected)),
            format!("{:?}", size.ok()),
        )?;
    }
    must(
        format!("get {url}"),
        format!("{bytes:?}"),
        found(store.get(url).await.map(|object| object.bytes)),
    )
}

async fn range<S: Store>(store: &S, url: &str, span: ByteSpan) -> Result<(), Violation> {
    let start = usize::try_from(span.offset).unwrap_or(usize::MAX);
    let end = usize::try_from(span.end().unwrap_or(u64::MAX)).unwrap_or(usize::MAX);
    let bytes = b"0123456789".get(start..end).unwrap_or_default();
    must(
        format!("get {} bytes from {} of {url}", span.length, span.offset),
        format!("{bytes:?}"),
        found(store.get_range(url, span).await),
    )
}

async fn past_the_end<S: Store>(
    store: &S,
    url: &str,
    span: ByteSpan,
    left: u64,
) -> Result<(), Violation> {
    let case = format!("get {} bytes from {} of {url}", span.length, span.offset);
    let expected = format!("Short with {left} found");
    match store.get_range(url, span).await {
        Err(StoreError::Short {
            url: named,
            offset,
            wanted,
            found,
        }) => must(
            case,
            format!("{expected} in {url} at {}, {}", span.offset, span.length),
            format!("Short with {found} found in {named} at {offset}, {wanted}"),
        ),
        other => Err(Violation {
            case,
            expected,
            found: found(other),
        }),
    }
}

async fn missing<S: Store>(store: &S, url: &str) -> Result<(), Violation> {
    let answers = [
        (
            "head",
            store.head(url).await.map(|meta| format!("{meta:?}")),
        ),
        (
            "get",
            store
                .get(url)
                .await
                .map(|object| format!("{:?}", object.bytes)),
        ),
        (
            "get a range",
            store
                .get_range(url, ByteSpan::new(0, 1))
                .await
                .map(|bytes| format!("{bytes:?}")),
        ),
    ];
    for (case, answer) in answers {
        let expected = format!(
            "{:?}",
            StoreError::NotFound {
                url: url.to_owned()
            }
        );
        let found = match answer {
            Ok(answer) => answer,
            Err(error) => format!("{error:?}"),
        };
        must(format!("{case} of {url}"), expected, found)?;
    }
    Ok(())
}

fn found(answer: Result<bytes::Bytes, StoreError>) -> String {
    match answer {
        Ok(bytes) => format!("{:?}", bytes.to_vec()),
        Err(error) => format!("{error:?}"),
    }
}

fn must(case: String, expected: String, found: String) -> Result<(), Violation> {
    if expected == found {
        return Ok(());
    }
    Err(Violation {
        case,
        expected,
        found,
    })
}
