//! A store over a map: for tests, and for the sample that the page carries.

use std::collections::BTreeMap;

use bytes::Bytes;

use super::{Object, ObjectMeta, Store, StoreError};
use crate::span::ByteSpan;

/// Objects held in memory, by URL.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    objects: BTreeMap<String, Bytes>,
}

impl Memory {
    /// A store without objects.
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts an object, replacing one of the same URL.
    pub fn insert(&mut self, url: impl Into<String>, bytes: impl Into<Bytes>) {
        self.objects.insert(url.into(), bytes.into());
    }

    fn find(&self, url: &str) -> Result<&Bytes, StoreError> {
        self.objects.get(url).ok_or_else(|| StoreError::NotFound {
            url: url.to_owned(),
        })
    }
}

impl Store for Memory {
    async fn head(&self, url: &str) -> Result<ObjectMeta, StoreError> {
        let size = u64::try_from(self.find(url)?.len()).ok();
        Ok(ObjectMeta {
            size,
            ..ObjectMeta::default()
        })
    }

    async fn get(&self, url: &str) -> Result<Object, StoreError> {
        Ok(Object {
            bytes: self.find(url)?.clone(),
            meta: self.head(url).await?,
        })
    }

    async fn get_range(&self, url: &str, span: ByteSpan) -> Result<Bytes, StoreError> {
        let object = self.find(url)?;
        let start = usize::try_from(span.offset)
            .unwrap_or(usize::MAX)
            .min(object.len());
        let end = span
            .end()
            .and_then(|end| usize::try_from(end).ok())
            .unwrap_or(usize::MAX);
        if end > object.len() {
            return Err(StoreError::Short {
                url: url.to_owned(),
                offset: span.offset,
                wanted: span.length,
                found: u64::try_from(object.len().saturating_sub(start)).unwrap_or(u64::MAX),
            });
        }
        Ok(object.slice(start..end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::conformance;
    use futures_util::FutureExt;

    fn store() -> Memory {
        let mut store = Memory::new();
        store.insert("memory://a", Bytes::from_static(b"0123456789"));
        store
    }

    #[test]
    fn it_is_a_store_as_all_others() {
        let mut store = Memory::new();
        for (name, bytes) in conformance::OBJECTS {
            store.insert(format!("memory://base/{name}"), bytes);
        }
        let checked = conformance::check(&store, "memory://base").now_or_never();
        assert_eq!(checked.unwrap(), Ok(()));
    }

    #[test]
    fn a_range_is_that_range() {
        let bytes = store()
            .get_range("memory://a", ByteSpan::new(3, 4))
            .now_or_never()
            .unwrap();
        assert_eq!(bytes.unwrap(), Bytes::from_static(b"3456"));
    }

    #[test]
    fn a_range_past_the_end_is_an_error_and_not_a_short_answer() {
        let error = store()
            .get_range("memory://a", ByteSpan::new(8, 4))
            .now_or_never()
            .unwrap();
        assert!(matches!(
            error,
            Err(StoreError::Short {
                found: 2,
                wanted: 4,
                ..
            })
        ));
        let error = store()
            .get_range("memory://a", ByteSpan::new(u64::MAX, 4))
            .now_or_never()
            .unwrap();
        assert!(matches!(error, Err(StoreError::Short { found: 0, .. })));
    }

    #[test]
    fn what_is_not_there_is_named() {
        let error = store()
            .head("memory://b")
            .now_or_never()
            .unwrap()
            .unwrap_err();
        assert_eq!(error.to_string(), "memory://b: not found");
    }
}
