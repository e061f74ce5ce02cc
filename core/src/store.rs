//! Where bytes come from: one trait, implemented by the terminal, the browser and a map in memory.

#[cfg(any(feature = "conformance", test))]
pub mod conformance;
mod counted;
mod memory;

pub use counted::{Counted, Requests};
pub use memory::Memory;

use std::future::Future;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::span::ByteSpan;

/// `Send` natively, nothing in the browser, whose objects live on one thread.
#[cfg(not(target_arch = "wasm32"))]
pub trait MaybeSend: Send {}
#[cfg(not(target_arch = "wasm32"))]
impl<T: Send> MaybeSend for T {}
/// `Send` natively, nothing in the browser, whose objects live on one thread.
#[cfg(target_arch = "wasm32")]
pub trait MaybeSend {}
#[cfg(target_arch = "wasm32")]
impl<T> MaybeSend for T {}

/// `Sync` natively, nothing in the browser.
#[cfg(not(target_arch = "wasm32"))]
pub trait MaybeSync: Sync {}
#[cfg(not(target_arch = "wasm32"))]
impl<T: Sync> MaybeSync for T {}
/// `Sync` natively, nothing in the browser.
#[cfg(target_arch = "wasm32")]
pub trait MaybeSync {}
#[cfg(target_arch = "wasm32")]
impl<T> MaybeSync for T {}

/// What a store says of an object without giving its bytes. A store that cannot tell says `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectMeta {
    /// Size in bytes.
    pub size: Option<u64>,
    /// Time of the last change, in seconds since 1970-01-01T00:00:00Z.
    pub last_modified: Option<i64>,
    /// Entity tag, as sent.
    pub etag: Option<String>,
}

/// A whole object, and what the store said of it with the same answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Object {
    /// All its bytes.
    pub bytes: Bytes,
    /// Size, time and entity tag.
    pub meta: ObjectMeta,
}

/// Why a store gave no bytes. Every variant names the object.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// There is no such object.
    #[error("{url}: not found")]
    NotFound {
        /// The object.
        url: String,
    },
    /// The store refuses to say anything of the object.
    #[error("{url}: access denied")]
    Denied {
        /// The object.
        url: String,
    },
    /// The object ends before the range does.
    #[error("{url}: {wanted} bytes wanted from {offset}, {found} received")]
    Short {
        /// The object.
        url: String,
        /// First byte of the range.
        offset: u64,
        /// Bytes asked for.
        wanted: u64,
        /// Bytes received.
        found: u64,
    },
    /// The store answered a ranged request with something else than that range.
    #[error("{url}: the range from {offset} was ignored by the server")]
    RangeIgnored {
        /// The object.
        url: String,
        /// First byte of the range.
        offset: u64,
    },
    /// The address is none that this store can read.
    #[error("{url}: {reason}")]
    Address {
        /// The address.
        url: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The transport failed, after the retries of the store.
    #[error("{url}: the transfer failed")]
    Transport {
        /// The object.
        url: String,
        /// What the transport says.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// A place that gives bytes of objects named by absolute URLs (`s3://`, `gs://`, `https://`, `file://`).
pub trait Store: MaybeSend + MaybeSync {
    /// Size, time and entity tag of an object.
    fn head(&self, url: &str) -> impl Future<Output = Result<ObjectMeta, StoreError>> + MaybeSend;

    /// All bytes of an object.
    fn get(&self, url: &str) -> impl Future<Output = Result<Object, StoreError>> + MaybeSend;

    /// The bytes of one range. An object that ends early is [`StoreError::Short`], never a short answer.
    fn get_range(
        &self,
        url: &str,
        span: ByteSpan,
    ) -> impl Future<Output = Result<Bytes, StoreError>> + MaybeSend;

    /// Does work of the processor on what was read: beside the reading where the store has threads, else here and now.
    fn aside<T: MaybeSend + 'static>(
        &self,
        work: impl FnOnce() -> T + MaybeSend + 'static,
    ) -> impl Future<Output = T> + MaybeSend {
        async move { work() }
    }
}
