//! The store of the terminal: buckets, web servers and local files behind the core's one trait.
//!
//! Buckets and servers are spoken to through `object_store`; ranges are verified, never assumed.

mod address;
mod bucket;
mod client;
mod local;
mod pace;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use futures_util::TryStreamExt;
use gik_core::span::ByteSpan;
use gik_core::store::{Object, ObjectMeta, Store, StoreError};
use object_store::http::HttpBuilder;
use object_store::path::Path;
use object_store::{GetOptions, GetRange, ObjectStore, ObjectStoreExt, PutMode};
use tokio::task::AbortHandle;

pub(crate) use address::absolute;
pub(crate) use client::USER_AGENT;

use crate::cloud::address::Address;
use crate::cloud::bucket::Bucket;
use crate::cloud::client::Clients;
use crate::settings::{Environment, Gcs, S3, Settings};

/// Reads `s3://bucket/key`, `gs://bucket/key`, `http(s)://…` and `file:///…`. One client per bucket is made, and kept.
#[derive(Debug)]
pub(crate) struct Cloud {
    clients: Clients,
    s3: S3,
    gcs: Gcs,
    environment: Environment,
    public: BTreeMap<Bucket, Option<String>>,
    buckets: Mutex<HashMap<Bucket, Arc<dyn ObjectStore>>>,
}

/// An object of a bucket or server, and who gives it.
struct Remote {
    url: String,
    store: Arc<dyn ObjectStore>,
    key: Path,
}

impl Cloud {
    /// A store as the settings want it.
    pub(crate) fn new(settings: &Settings) -> Self {
        Self {
            clients: Clients::new(settings.network),
            s3: settings.s3.clone(),
            gcs: settings.gcs.clone(),
            environment: settings.environment.clone(),
            public: BTreeMap::new(),
            buckets: Mutex::new(HashMap::new()),
        }
    }

    /// Adds public buckets by the URL of their root, with the region where one is needed. They are read unsigned
    /// unless the settings say `always`.
    pub(crate) fn with_public<'a>(
        mut self,
        roots: impl IntoIterator<Item = (&'a str, Option<&'a str>)>,
    ) -> Self {
        for (root, region) in roots {
            if let Some(bucket) = Bucket::of(root) {
                self.public.insert(bucket, region.map(str::to_owned));
            }
        }
        self
    }

    /// Reading requests that were sent so far, each attempt counted: what is more than was asked for are retries.
    pub(crate) fn reads(&self) -> u64 {
        self.clients.reads()
    }

    fn remote(&self, url: &str, address: Address) -> Result<Remote, StoreError> {
        let failed = |error| transport(url, error);
        let (store, key) = match address {
            Address::Http => (self.server(url).map_err(failed)?, Path::ROOT),
            Address::Object { bucket, key } => (self.bucket(bucket).map_err(failed)?, key),
            Address::File(_) => {
                return Err(StoreError::Address {
                    url: url.to_owned(),
                    reason: "a local file is no remote object",
                });
            }
        };
        Ok(Remote {
            url: url.to_owned(),
            store,
            key,
        })
    }

    /// A store whose root is that very URL, so that it is sent as it was typed, query and all.
    fn server(&self, url: &str) -> object_store::Result<Arc<dyn ObjectStore>> {
        let store = HttpBuilder::new()
            .with_url(url)
            .with_client_options(self.clients.options(url.starts_with("http://")))
            .with_retry(self.clients.retry())
            .with_http_connector(self.clients.clone())
            .build()?;
        Ok(Arc::new(store))
    }

    fn bucket(&self, bucket: Bucket) -> object_store::Result<Arc<dyn ObjectStore>> {
        // A panic elsewhere leaves the map whole: only finished stores are inserted.
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(store) = buckets.get(&bucket) {
            return Ok(Arc::clone(store));
        }
        let public = self.public.get(&bucket);
        let store = match bucket {
            Bucket::Google(_) => bucket::google(&bucket, self, public.is_some())?,
            Bucket::S3(_) => {
                let region = public.and_then(Option::as_deref);
                bucket::s3(&bucket, self, public.is_some(), region)?
            }
        };
        buckets.insert(bucket, Arc::clone(&store));
        Ok(store)
    }
}

impl Store for Cloud {
    async fn head(&self, url: &str) -> Result<ObjectMeta, StoreError> {
        match Address::parse(url)? {
            Address::File(path) => local::head(url, path).await,
            address => self.remote(url, address)?.head().await,
        }
    }

    async fn get(&self, url: &str) -> Result<Object, StoreError> {
        match Address::parse(url)? {
            Address::File(path) => local::get(url, path).await,
            address => {
                let remote = self.remote(url, address)?;
                beside(async move { remote.get().await }).await
            }
        }
    }

    async fn get_range(&self, url: &str, span: ByteSpan) -> Result<Bytes, StoreError> {
        match Address::parse(url)? {
            Address::File(path) => local::get_range(url, path, span).await,
            address => {
                let remote = self.remote(url, address)?;
                beside(async move { remote.get_range(span).await }).await
            }
        }
    }

    async fn aside<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> T {
        beside(async move { work() }).await
    }
}

impl Cloud {
    /// Puts an object of a bucket in one request. Where `create` says so nothing is replaced: `false` means that something is there.
    pub(crate) async fn put(
        &self,
        url: &str,
        bytes: Bytes,
        create: bool,
    ) -> Result<bool, StoreError> {
        let remote = self.remote(url, Address::parse(url)?)?;
        let mode = match create {
            true => PutMode::Create,
            false => PutMode::Overwrite,
        };
        let put = remote
            .store
            .put_opts(&remote.key, bytes.into(), mode.into())
            .await;
        match put {
            Ok(_) => Ok(true),
            Err(
                object_store::Error::AlreadyExists { .. }
                | object_store::Error::Precondition { .. },
            ) => Ok(false),
            Err(error) => Err(failure(url, error)),
        }
    }
}

impl Cloud {
    /// Names of the objects and folders right below a prefix that ends with a slash.
    pub(crate) async fn list(&self, url: &str) -> Result<Vec<String>, StoreError> {
        let remote = self.remote(url, Address::parse(url)?)?;
        let found = remote.store.list_with_delimiter(Some(&remote.key)).await;
        let found = found.map_err(|error| failure(url, error))?;
        let objects = found.objects.iter().map(|object| &object.location);
        let names = objects.chain(&found.common_prefixes);
        let names = names.filter_map(Path::filename);
        Ok(names.map(str::to_owned).collect())
    }

    /// Paths of all objects below a prefix that ends with a slash, from there on.
    pub(crate) async fn below(&self, url: &str) -> Result<Vec<String>, StoreError> {
        let remote = self.remote(url, Address::parse(url)?)?;
        let found: Vec<object_store::ObjectMeta> = remote
            .store
            .list(Some(&remote.key))
            .try_collect()
            .await
            .map_err(|error| failure(url, error))?;
        let inside = found.iter().filter_map(|object| {
            let parts: Vec<_> = object.location.prefix_match(&remote.key)?.collect();
            let parts: Vec<&str> = parts.iter().map(AsRef::as_ref).collect();
            Some(parts.join("/"))
        });
        Ok(inside.collect())
    }
}

/// Does something that goes on while its caller is busy with what came before, and that ends with its caller: bodies are
/// read while indexes are parsed.
async fn beside<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    struct Ends(AbortHandle);
    impl Drop for Ends {
        fn drop(&mut self) {
            self.0.abort();
        }
    }
    let task = tokio::spawn(work);
    let _ends = Ends(task.abort_handle());
    match task.await {
        Ok(done) => done,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

/// What the server told of an object.
fn told(meta: object_store::ObjectMeta) -> ObjectMeta {
    let seconds = meta.last_modified.timestamp();
    ObjectMeta {
        size: Some(meta.size),
        // The epoch is what stands in where the server told no time.
        last_modified: (seconds != 0).then_some(seconds),
        etag: meta.e_tag,
    }
}

impl Remote {
    async fn head(&self) -> Result<ObjectMeta, StoreError> {
        let head = self.store.head(&self.key).await;
        Ok(told(head.map_err(|error| failure(&self.url, error))?))
    }

    async fn get(&self) -> Result<Object, StoreError> {
        let failed = |error| failure(&self.url, error);
        let answer = self.store.get(&self.key).await.map_err(failed)?;
        let meta = told(answer.meta.clone());
        let size = answer.meta.size;
        let bytes = answer.bytes().await.map_err(failed)?;
        let bytes = self.checked(bytes, ByteSpan::new(0, size))?;
        Ok(Object { bytes, meta })
    }

    async fn get_range(&self, span: ByteSpan) -> Result<Bytes, StoreError> {
        let Some(end) = span.end().filter(|_| span.length > 0) else {
            // HTTP has no such ranges; whether the object reaches so far is still to be told.
            let size = self.head().await?.size.unwrap_or(0);
            return match span.end() {
                Some(end) if end <= size => Ok(Bytes::new()),
                _ => Err(self.short(span, size.saturating_sub(span.offset))),
            };
        };
        let options = GetOptions {
            range: Some(GetRange::Bounded(span.offset..end)),
            ..GetOptions::default()
        };
        match self.store.get_opts(&self.key, options).await {
            Ok(answer) => {
                let bytes = answer.bytes().await;
                self.checked(bytes.map_err(|error| failure(&self.url, error))?, span)
            }
            Err(error) => Err(self.refused(span, error).await),
        }
    }

    /// Bytes that are as many as were wanted.
    fn checked(&self, bytes: Bytes, span: ByteSpan) -> Result<Bytes, StoreError> {
        match u64::try_from(bytes.len()) {
            Ok(found) if found == span.length => Ok(bytes),
            Ok(found) => Err(self.short(span, found)),
            Err(_) => Err(self.short(span, u64::MAX)),
        }
    }

    /// Why a range was not given: the kinds that `object_store` has no variant for are told by its texts.
    async fn refused(&self, span: ByteSpan, error: object_store::Error) -> StoreError {
        let ignored = || StoreError::RangeIgnored {
            url: self.url.clone(),
            offset: span.offset,
        };
        match &error {
            object_store::Error::NotSupported { .. } => ignored(),
            object_store::Error::Generic { source, .. } => {
                let text = source.to_string();
                let says = |words: &[&str]| words.iter().any(|words| text.contains(words));
                if says(&["Received non-partial response"]) {
                    return ignored();
                }
                if says(&["416 ", "Wanted range", "Requested "]) {
                    match self.head().await.map(|meta| meta.size) {
                        Ok(Some(size)) if span.end().is_none_or(|end| end > size) => {
                            return self.short(span, size.saturating_sub(span.offset));
                        }
                        _ => {}
                    }
                }
                failure(&self.url, error)
            }
            _ => failure(&self.url, error),
        }
    }

    fn short(&self, span: ByteSpan, found: u64) -> StoreError {
        StoreError::Short {
            url: self.url.clone(),
            offset: span.offset,
            wanted: span.length,
            found,
        }
    }
}

fn failure(url: &str, error: object_store::Error) -> StoreError {
    let url = url.to_owned();
    match error {
        object_store::Error::NotFound { .. } => StoreError::NotFound { url },
        object_store::Error::PermissionDenied { .. }
        | object_store::Error::Unauthenticated { .. } => StoreError::Denied { url },
        error => transport(&url, error),
    }
}

fn transport(url: &str, error: object_store::Error) -> StoreError {
    let source: Box<dyn std::error::Error + Send + Sync> = match error {
        // Its text is the source's with a heading that says nothing.
        object_store::Error::Generic { source, .. } => source,
        error => Box::new(error),
    };
    StoreError::Transport {
        url: url.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests;
