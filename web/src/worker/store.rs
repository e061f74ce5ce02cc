//! The store of the page: files of the user's, objects over HTTP, and index files that were kept.

use std::cell::{OnceCell, RefCell};

use bytes::Bytes;
use gik_core::source::Catalog;
use gik_core::span::ByteSpan;
use gik_core::store::{Object, ObjectMeta, Store, StoreError};
use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;

use crate::address::Reach;
use crate::fetch::{Fetch, FetchError, Transfer, Watcher};
use crate::local::{Local, SCHEME};
use crate::protocol::Event;

/// The name of the browser's cache of index files; another one where what is kept changes its form.
const CACHE: &str = "gik-index-1";
/// What index files end on.
const KEPT: [&str; 2] = [".idx", ".index"];
/// Where the size of an object stands beside what is kept of it.
const SIZE: &str = "X-Gik-Size";
/// Ranges that are kept, too: headers, not values.
const SMALL: u64 = 64 << 10;
/// What the relay of the page's server answers at its root.
const RELAY: &str = "gik-relay";

/// The store of the page.
pub struct PageStore {
    fetch: Fetch,
    local: Local,
    site: RefCell<String>,
    regions: Vec<(String, String)>,
    reach: OnceCell<Reach>,
}

impl PageStore {
    /// A store that knows where the buckets of the catalogue are.
    pub fn new(catalog: &Catalog) -> Self {
        let mirrors = catalog.sources().flat_map(|source| &source.mirrors);
        let regions = mirrors.filter_map(|mirror| {
            let bucket = mirror.root.strip_prefix("s3://")?;
            let bucket = bucket.split('/').next().unwrap_or_default();
            Some((bucket.to_owned(), mirror.region.clone()?))
        });
        Self {
            fetch: Fetch::default(),
            local: Local::default(),
            site: RefCell::default(),
            regions: regions.collect(),
            reach: OnceCell::new(),
        }
    }

    /// Where the page lies.
    pub fn set_site(&self, site: String) {
        *self.site.borrow_mut() = site;
    }

    /// Where others than this page fetch an object; `None` for files of the user's.
    pub(super) fn address_of(&self, url: &str) -> Option<String> {
        let direct = Reach {
            relay: None,
            regions: self.regions.clone(),
        };
        direct.address(url)
    }

    /// The address of a file beside the page.
    pub(super) fn beside(&self, name: &str) -> String {
        format!("{}{name}", self.site.borrow())
    }

    /// The files of the user's.
    pub(super) fn local(&self) -> &Local {
        &self.local
    }

    /// Gives up what is under way.
    pub(super) fn abort(&self) {
        self.fetch.abort();
    }

    /// Tells what happens from now on.
    pub(super) fn watch(&self, watcher: Watcher) {
        self.fetch.watch(watcher);
    }

    /// Forgets the index files that were kept.
    pub(super) async fn clear_cache(&self) -> Event {
        if let Some(caches) = caches() {
            let _ = JsFuture::from(caches.delete(CACHE)).await;
        }
        self.count_cache().await
    }

    /// How many index files are kept.
    pub(super) async fn count_cache(&self) -> Event {
        let files = match cache().await {
            None => None,
            Some(cache) => JsFuture::from(cache.keys())
                .await
                .ok()
                .map(|keys| js_sys::Array::from(&keys).length()),
        };
        Event::Cached { files }
    }

    /// The address to fetch, after asking once whether the page's server has a relay.
    async fn address(&self, url: &str) -> Result<String, StoreError> {
        let bucket = url.starts_with("s3://");
        if bucket && self.reach.get().is_none() {
            let relay = format!("{}relay/", self.site.borrow());
            let found = is_relay(&relay).await;
            let reach = Reach {
                relay: found.then_some(relay),
                regions: self.regions.clone(),
            };
            // Several may have asked at once: all found the same.
            let _ = self.reach.set(reach);
        }
        let direct = Reach::default();
        let reach = self.reach.get().unwrap_or(&direct);
        reach.address(url).ok_or_else(|| StoreError::Address {
            url: url.to_owned(),
            reason: "a page cannot read this kind of address",
        })
    }

    /// Keeps what came, and finds what came earlier where there is no network now: so the last view opens again.
    async fn remembered(
        &self,
        url: &str,
        address: &str,
        what: &str,
        found: Result<(ObjectMeta, Bytes), StoreError>,
    ) -> Result<(ObjectMeta, Bytes), StoreError> {
        if self.is_own(url) {
            return found;
        }
        let key = format!("{address}?gik={what}");
        match found {
            Ok((meta, bytes)) => {
                let object = Object {
                    meta: meta.clone(),
                    bytes: bytes.clone(),
                };
                // Nobody waits for it.
                wasm_bindgen_futures::spawn_local(async move {
                    if let Some(cache) = cache().await {
                        keep(&cache, &key, &object).await;
                    }
                });
                self.fetch.hurry(false);
                Ok((meta, bytes))
            }
            Err(error) if is_unreachable(&error) => {
                let object = match cache().await {
                    Some(cache) => kept(&cache, &key).await,
                    None => None,
                };
                let object = object.ok_or(error)?;
                self.fetch.hurry(true);
                self.fetch.tell(Transfer::Kept);
                Ok((object.meta, object.bytes))
            }
            Err(error) => Err(error),
        }
    }

    /// Whether an object lies beside the page, whose files a service worker keeps.
    fn is_own(&self, url: &str) -> bool {
        let site = self.site.borrow();
        !site.is_empty() && url.starts_with(site.as_str())
    }

    /// Whether an index file is worth keeping: those of the page itself are near enough.
    fn is_kept(&self, url: &str) -> bool {
        !self.is_own(url) && KEPT.iter().any(|end| url.ends_with(end))
    }
}

impl Store for PageStore {
    async fn head(&self, url: &str) -> Result<ObjectMeta, StoreError> {
        if url.starts_with(SCHEME) {
            return self.local.head(url);
        }
        let address = self.address(url).await?;
        let found = self.fetch.head(url, &address).await;
        let (found, _) = self
            .remembered(
                url,
                &address,
                "head",
                found.map(|meta| (meta, Bytes::new())),
            )
            .await?;
        Ok(found)
    }

    async fn get(&self, url: &str) -> Result<Object, StoreError> {
        if url.starts_with(SCHEME) {
            return self.local.get(url).await;
        }
        let address = self.address(url).await?;
        let cache = if self.is_kept(url) {
            cache().await
        } else {
            None
        };
        let Some(cache) = cache else {
            return self.fetch.get(url, &address).await;
        };
        if let Some(object) = kept(&cache, &address).await {
            self.fetch.tell(Transfer::Kept);
            return Ok(object);
        }
        let object = self.fetch.get(url, &address).await?;
        keep(&cache, &address, &object).await;
        Ok(object)
    }

    async fn get_range(&self, url: &str, span: ByteSpan) -> Result<Bytes, StoreError> {
        if url.starts_with(SCHEME) {
            return self.local.get_range(url, span).await;
        }
        let address = self.address(url).await?;
        let found = self.fetch.get_range(url, &address, span).await;
        if span.length > SMALL {
            return found;
        }
        let what = format!("{}-{}", span.offset, span.length);
        let found = found.map(|bytes| (ObjectMeta::default(), bytes));
        Ok(self.remembered(url, &address, &what, found).await?.1)
    }
}

/// The caches of the browser; pages without https have none.
fn caches() -> Option<web_sys::CacheStorage> {
    let caches = Reflect::get(&js_sys::global(), &"caches".into()).ok()?;
    (!caches.is_undefined()).then(|| caches.unchecked_into())
}

async fn cache() -> Option<web_sys::Cache> {
    let opened = JsFuture::from(caches()?.open(CACHE)).await.ok()?;
    Some(opened.unchecked_into())
}

async fn kept(cache: &web_sys::Cache, address: &str) -> Option<Object> {
    let found = JsFuture::from(cache.match_with_str(address)).await.ok()?;
    let response: web_sys::Response = found.dyn_into().ok()?;
    let modified = response.headers().get("Last-Modified").ok().flatten();
    let modified = modified.map(|text| js_sys::Date::parse(&text) / 1000.0);
    let size = response.headers().get(SIZE).ok().flatten();
    let buffer = JsFuture::from(response.array_buffer().ok()?).await.ok()?;
    let bytes = Bytes::from(Uint8Array::new(&buffer).to_vec());
    Some(Object {
        meta: ObjectMeta {
            size: size.and_then(|text| text.parse().ok()),
            last_modified: modified
                .filter(|seconds| seconds.is_finite())
                .map(|seconds| seconds as i64),
            etag: None,
        },
        bytes,
    })
}

/// Whether an error says that there was no answer at all.
fn is_unreachable(error: &StoreError) -> bool {
    let StoreError::Transport { source, .. } = error else {
        return false;
    };
    let source = source.downcast_ref::<FetchError>();
    matches!(source, Some(FetchError::Network { .. }))
}

/// Keeps an object. Where the browser has no room it is asked for again next time.
async fn keep(cache: &web_sys::Cache, address: &str, object: &Object) {
    let Ok(headers) = web_sys::Headers::new() else {
        return;
    };
    if let Some(seconds) = object.meta.last_modified {
        let date = js_sys::Date::new(&(seconds as f64 * 1000.0).into());
        let _ = headers.set("Last-Modified", &String::from(date.to_utc_string()));
    }
    let init = web_sys::ResponseInit::new();
    init.set_headers(&headers);
    if let Some(size) = object.meta.size {
        let _ = headers.set(SIZE, &size.to_string());
    }
    let body = Uint8Array::from(&object.bytes[..]);
    let response = web_sys::Response::new_with_opt_buffer_source_and_init(Some(&body), &init).ok();
    if let Some(response) = response {
        let _ = JsFuture::from(cache.put_with_str(address, &response)).await;
    }
}

/// Whether the page's server answers as a relay. A server of files says that there is no such file.
async fn is_relay(address: &str) -> bool {
    let answer = gloo_net::http::RequestBuilder::new(address).send().await;
    match answer {
        Ok(response) if response.ok() => {
            let text = response.text().await.unwrap_or_default();
            text.starts_with(RELAY)
        }
        _ => false,
    }
}
