//! A store that counts what is asked of it.

use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::{MaybeSend, Object, ObjectMeta, Store, StoreError};
use crate::span::ByteSpan;

/// A store that counts what is asked of another one.
#[derive(Debug)]
pub struct Counted<'a, S> {
    store: &'a S,
    heads: AtomicU64,
    gets: AtomicU64,
    ranges: AtomicU64,
    bytes: AtomicU64,
}

/// How often a store was asked, retries not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requests {
    /// For what it says of an object.
    pub heads: u64,
    /// For whole objects.
    pub gets: u64,
    /// For ranges of objects.
    pub ranges: u64,
    /// Bytes received.
    pub bytes: u64,
}

impl Requests {
    /// All requests.
    pub fn all(&self) -> u64 {
        self.heads + self.gets + self.ranges
    }
}

impl<'a, S: Store> Counted<'a, S> {
    /// Counts from zero.
    pub fn new(store: &'a S) -> Self {
        Self {
            store,
            heads: AtomicU64::new(0),
            gets: AtomicU64::new(0),
            ranges: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
        }
    }

    /// What was asked so far.
    pub fn requests(&self) -> Requests {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Requests {
            heads: count(&self.heads),
            gets: count(&self.gets),
            ranges: count(&self.ranges),
            bytes: count(&self.bytes),
        }
    }

    fn received(&self, bytes: &Bytes) {
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.bytes.fetch_add(length, Ordering::Relaxed);
    }
}

impl<S: Store> Store for Counted<'_, S> {
    async fn head(&self, url: &str) -> Result<ObjectMeta, StoreError> {
        self.heads.fetch_add(1, Ordering::Relaxed);
        self.store.head(url).await
    }

    async fn get(&self, url: &str) -> Result<Object, StoreError> {
        self.gets.fetch_add(1, Ordering::Relaxed);
        let object = self.store.get(url).await?;
        self.received(&object.bytes);
        Ok(object)
    }

    async fn get_range(&self, url: &str, span: ByteSpan) -> Result<Bytes, StoreError> {
        self.ranges.fetch_add(1, Ordering::Relaxed);
        let bytes = self.store.get_range(url, span).await?;
        self.received(&bytes);
        Ok(bytes)
    }

    async fn aside<T: MaybeSend + 'static>(
        &self,
        work: impl FnOnce() -> T + MaybeSend + 'static,
    ) -> T {
        self.store.aside(work).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Memory, conformance};
    use futures_util::FutureExt;

    #[test]
    fn it_is_a_store_as_all_others_and_counts() {
        let mut memory = Memory::new();
        for (name, bytes) in conformance::OBJECTS {
            memory.insert(format!("memory://base/{name}"), bytes);
        }
        let store = Counted::new(&memory);
        let checked = conformance::check(&store, "memory://base").now_or_never();
        assert_eq!(checked.unwrap(), Ok(()));
        let before = store.requests();
        let _ = store
            .get_range("memory://base/digits", ByteSpan::new(2, 3))
            .now_or_never();
        let after = store.requests();
        assert_eq!(after.ranges, before.ranges + 1);
        assert_eq!(after.bytes, before.bytes + 3);
        assert!(after.heads > 0 && after.gets > 0);
    }
}
