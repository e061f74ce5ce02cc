//! Objects that were written after their index: what the index says of them is proven, or not used.
//!
//! NOAA has packed GRIB objects anew and left their index files as they were: every range then cuts through other messages. An object
//! that is merely newer may be as good as any, as mirrors copy in any order, so it is looked into.

use std::collections::BTreeMap;

use bytes::Bytes;
use futures_util::stream::{self, StreamExt};

use super::headers::{SECTION_0, announced};
use super::listing::{Indexed, Object};
use super::{Gap, Why};
use crate::error::Error;
use crate::span::ByteSpan;
use crate::store::{Store, StoreError};

/// What a GRIB2 message ends with.
const END: &[u8] = b"7777";

/// How many objects were looked into.
pub(super) async fn check(
    store: &impl Store,
    indexed: &mut Indexed,
    concurrency: usize,
) -> Result<usize, Error> {
    let mut spans: BTreeMap<usize, Vec<ByteSpan>> = BTreeMap::new();
    for listed in &indexed.listing.messages {
        let Ok(at) = usize::try_from(listed.location.object) else {
            continue;
        };
        if indexed.objects.get(at).is_some_and(|object| object.suspect) {
            spans.entry(at).or_default().push(listed.location.span);
        }
    }
    let count = spans.len();
    let checks = spans.into_iter().filter_map(|(at, mut spans)| {
        spans.sort_unstable();
        let object = indexed.objects.get(at)?;
        let chosen = [0, spans.len() / 2, spans.len().saturating_sub(1)];
        let chosen: Vec<ByteSpan> = chosen
            .iter()
            .filter_map(|at| spans.get(*at).copied())
            .collect();
        Some(async move { (at, fault(store, object, &chosen).await) })
    });
    let checked: Vec<(usize, Result<Option<String>, StoreError>)> = stream::iter(checks)
        .buffered(concurrency.max(1))
        .collect()
        .await;
    for (at, fault) in checked {
        if let Some(because) = fault? {
            drop_object(indexed, at, because);
        }
    }
    Ok(count)
}

/// Why one of the messages is not where the index says; `None` where all are.
async fn fault(
    store: &impl Store,
    object: &Object,
    spans: &[ByteSpan],
) -> Result<Option<String>, StoreError> {
    for span in spans {
        let start = ByteSpan::new(span.offset, SECTION_0.min(span.length));
        let length = u64::try_from(END.len()).unwrap_or_default();
        let end = ByteSpan::new(
            span.end().unwrap_or_default().saturating_sub(length),
            length,
        );
        let start = store.get_range(&object.data_url, start).await?;
        let end = store.get_range(&object.data_url, end).await?;
        if let Some(fault) = of_message(*span, &start, &end) {
            return Ok(Some(fault));
        }
    }
    Ok(None)
}

fn of_message(span: ByteSpan, start: &Bytes, end: &Bytes) -> Option<String> {
    let Some(length) = announced(start) else {
        return Some(format!("no message starts at byte {}", span.offset));
    };
    if length != span.length {
        return Some(format!(
            "the message at byte {} has {length} bytes, and {} by the index",
            span.offset, span.length
        ));
    }
    (&end[..] != END).then(|| format!("the message at byte {} does not end with 7777", span.offset))
}

/// Takes the messages of an object out of the listing: one gap stands for them.
fn drop_object(indexed: &mut Indexed, at: usize, because: String) {
    let outside = |number: u32| usize::try_from(number).ok() != Some(at);
    indexed
        .listing
        .messages
        .retain(|listed| outside(listed.location.object));
    indexed.indexes.retain(|(object, _)| *object != at);
    if let Some(object) = indexed.objects.get(at) {
        indexed.gaps.push(Gap {
            what: object.data_path.clone(),
            step: Some(object.step),
            member: None,
            why: Why::Stale {
                url: object.data_url.clone(),
                because,
            },
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_known_by_both_ends_and_its_length() {
        let mut start = b"GRIB\xff\xff\x00\x02".to_vec();
        start.extend(100_u64.to_be_bytes());
        let (start, end) = (Bytes::from(start), Bytes::from_static(END));
        let span = ByteSpan::new(7, 100);
        assert_eq!(of_message(span, &start, &end), None);
        let fault = of_message(ByteSpan::new(7, 99), &start, &end).unwrap();
        assert!(
            fault.contains("has 100 bytes, and 99 by the index"),
            "{fault}"
        );
        let fault = of_message(span, &start.slice(1..), &end).unwrap();
        assert_eq!(fault, "no message starts at byte 7");
        let fault = of_message(span, &start, &Bytes::from_static(b"777.")).unwrap();
        assert!(fault.ends_with("does not end with 7777"), "{fault}");
    }
}
