//! Where a repository is, where the objects lie that it refers to, and what pins a reference to its object.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use ::icechunk::ObjectStoreConfig;
use ::icechunk::Storage;
use ::icechunk::config::{
    GcsCredentials, GcsStaticCredentials, HttpConfig, S3Credentials, S3Options, S3StaticCredentials,
};
use ::icechunk::format::manifest::{Checksum, SecondsSinceEpoch, VirtualChunkLocation};
use ::icechunk::storage::{ETag, new_gcs_storage, new_s3_object_store_storage};
use ::icechunk::virtual_chunks::VirtualChunkContainer;
use futures_util::stream::{self, StreamExt};
use gik_core::refs::{Chunks, RefStore};
use gik_core::source::Catalog;
use gik_core::store::{ObjectMeta, Store};
use url::Url;

use super::RepositoryError;
use crate::cloud::Cloud;
use crate::destination::Destination;
use crate::settings::{Settings, Signing};

/// Objects that are asked for at once.
const HEADS: usize = 64;

/// Where a repository is, and how its clouds are spoken to.
pub(crate) struct Place {
    destination: Destination,
    s3: S3Options,
    s3_credentials: S3Credentials,
    gcs: HashMap<String, String>,
    gcs_credentials: GcsCredentials,
    /// Regions of public buckets by the URL of the bucket.
    public: HashMap<String, Option<String>>,
}

impl Place {
    pub(crate) fn new(destination: Destination, settings: &Settings, catalog: &Catalog) -> Self {
        let text = |name| settings.environment.text(name).map(str::to_owned);
        let keys = text("AWS_ACCESS_KEY_ID").zip(text("AWS_SECRET_ACCESS_KEY"));
        let s3_credentials = match (settings.s3.sign, keys) {
            (Signing::Never, _) => S3Credentials::Anonymous,
            (_, Some((access_key_id, secret_access_key))) => {
                S3Credentials::Static(S3StaticCredentials {
                    access_key_id,
                    secret_access_key,
                    session_token: text("AWS_SESSION_TOKEN"),
                    expires_after: None,
                })
            }
            (_, None) => S3Credentials::FromEnv,
        };
        let mut s3 = S3Options::default()
            .with_region(&settings.s3.region)
            .with_anonymous(matches!(s3_credentials, S3Credentials::Anonymous))
            .with_allow_http(settings.s3.allow_http)
            .with_force_path_style(settings.s3.endpoint.is_some());
        s3.endpoint_url.clone_from(&settings.s3.endpoint);
        let gcs_credentials = match (settings.gcs.sign, &settings.gcs.service_account) {
            (Signing::Never, _) => GcsCredentials::Anonymous,
            (_, Some(path)) => {
                GcsCredentials::Static(GcsStaticCredentials::ServiceAccount(path.clone()))
            }
            (_, None) => GcsCredentials::FromEnv,
        };
        let endpoint = settings.gcs.endpoint.iter();
        let gcs = endpoint.map(|url| ("google_base_url".to_owned(), url.clone()));
        let mirrors = catalog.sources().flat_map(|source| &source.mirrors);
        let public =
            mirrors.filter_map(|mirror| Some((bucket(&mirror.root)?, mirror.region.clone())));
        Self {
            destination,
            s3,
            s3_credentials,
            gcs: gcs.collect(),
            gcs_credentials,
            public: public.collect(),
        }
    }

    pub(super) fn is_folder(&self) -> bool {
        self.destination.folder().is_some()
    }

    pub(super) async fn storage(&self) -> Result<Arc<dyn Storage + Send + Sync>, RepositoryError> {
        let failed = |error| self.failed("cannot be reached", error);
        let root = match &self.destination {
            Destination::Folder(folder) => {
                let storage = ::icechunk::new_local_filesystem_storage(folder).await;
                return storage.map_err(|error| failed(error.into()));
            }
            Destination::Bucket(root) => root,
        };
        let (scheme, rest) = root.split_once("://").unwrap_or_default();
        let (bucket, prefix) = match rest.split_once('/') {
            Some((bucket, prefix)) => (bucket.to_owned(), Some(prefix.to_owned())),
            None => (rest.to_owned(), None),
        };
        let none = Vec::new;
        let storage = match scheme {
            "gs" => {
                let (credentials, config) = (self.gcs_credentials.clone(), self.gcs.clone());
                new_gcs_storage(
                    bucket,
                    prefix,
                    Some(credentials),
                    Some(config),
                    none(),
                    none(),
                )
            }
            _ => {
                let credentials = self.s3_credentials.clone();
                let options = self.s3.clone();
                new_s3_object_store_storage(
                    options,
                    bucket,
                    prefix,
                    Some(credentials),
                    none(),
                    none(),
                )
                .await
            }
        };
        storage.map_err(|error| failed(error.into()))
    }

    /// A folder that a repository is to be made in holds nothing, except what starts with a dot.
    pub(super) fn check_empty(&self) -> Result<(), RepositoryError> {
        let entries = self.destination.folder().map(std::fs::read_dir);
        let Some(Ok(entries)) = entries else {
            return Ok(());
        };
        let mut names = entries.flatten().map(|entry| entry.file_name());
        match names.any(|name| !name.to_string_lossy().starts_with('.')) {
            true => Err(RepositoryError::Foreign {
                place: self.to_string(),
            }),
            false => Ok(()),
        }
    }

    /// The container that an object is in, which lies so many folders below the root of its archive.
    pub(super) fn container(
        &self,
        url: &str,
        depth: usize,
    ) -> Result<VirtualChunkContainer, RepositoryError> {
        let refused = |reason: String| RepositoryError::Place {
            place: url.to_owned(),
            reason,
        };
        let (scheme, rest) = url.split_once("://").unwrap_or_default();
        let host = rest.split('/').next().unwrap_or_default();
        let root = format!("{scheme}://{host}/");
        let (prefix, store) = match scheme {
            "file" => {
                let parts: Vec<&str> = url.split('/').collect();
                let kept = parts.len().saturating_sub(depth + 1);
                let folder = parts.get(..kept).unwrap_or_default().join("/") + "/";
                let path = PathBuf::from(folder.trim_start_matches("file://"));
                (folder, ObjectStoreConfig::LocalFileSystem(path))
            }
            "gs" => (root, ObjectStoreConfig::Gcs(self.gcs.clone())),
            "http" | "https" => {
                let opts = (scheme == "http").then(|| ("allow_http".to_owned(), "true".to_owned()));
                let config = HttpConfig {
                    opts: opts.into_iter().collect(),
                    headers: HashMap::new(),
                };
                (root, ObjectStoreConfig::Http(config))
            }
            "s3" => {
                let mut options = self.s3.clone();
                if let Some(region) = bucket(url).and_then(|bucket| self.public.get(&bucket)) {
                    options.anonymous = true;
                    options.region = region.clone().or(options.region);
                }
                (root, ObjectStoreConfig::S3(options))
            }
            _ => return Err(refused("Icechunk refers to no such place".to_owned())),
        };
        VirtualChunkContainer::new(prefix, store).map_err(refused)
    }

    pub(super) fn failed(
        &self,
        what: &'static str,
        source: Box<dyn std::error::Error + Send + Sync>,
    ) -> RepositoryError {
        RepositoryError::Icechunk {
            place: self.to_string(),
            what,
            source,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.destination {
            Destination::Bucket(root) => f.write_str(root),
            Destination::Folder(folder) => write!(f, "{}", folder.display()),
        }
    }
}

/// What a reader checks before it believes an object, by the object's URL.
pub(crate) struct Pins(HashMap<String, Checksum>);

impl Pins {
    /// Pins of objects, of what the store said when they were read; those that were not are asked for now.
    pub(crate) async fn of(
        cloud: &Cloud,
        objects: impl IntoIterator<Item = (String, Option<ObjectMeta>)>,
    ) -> Self {
        let asked = objects.into_iter().map(|(url, known)| async move {
            let checksum = match url.split_once("://") {
                Some(("file", _)) => local_time(&url),
                Some((scheme, _)) => {
                    let meta = match known {
                        Some(meta) => Some(meta),
                        None => cloud.head(&url).await.ok(),
                    };
                    meta.and_then(|meta| checksum(scheme, meta))
                }
                None => None,
            };
            checksum.map(|checksum| (url, checksum))
        });
        let pins: Vec<_> = stream::iter(asked).buffer_unordered(HEADS).collect().await;
        Self(pins.into_iter().flatten().collect())
    }

    /// What a reference to each object of a store begins with.
    pub(super) fn references(
        &self,
        store: &RefStore,
        place: &Place,
    ) -> Result<Vec<(VirtualChunkLocation, Option<Checksum>)>, RepositoryError> {
        let objects = store.objects.iter().map(|url| {
            let location = VirtualChunkLocation::from_url(url);
            let location = location
                .map_err(|error| place.failed("cannot refer to an object", error.into()))?;
            Ok((location, self.0.get(url).cloned()))
        });
        objects.collect()
    }

    /// Objects that a store refers to, and that nothing pins.
    pub(super) fn unpinned(&self, store: &RefStore) -> Vec<String> {
        let chunks = store
            .arrays
            .values()
            .filter_map(|array| match &array.chunks {
                Chunks::Messages(cells) => Some(cells),
                Chunks::Inline(_) => None,
            });
        let used: BTreeSet<u32> = chunks.flatten().flatten().map(|it| it.object).collect();
        let urls = (0_u32..).zip(&store.objects);
        urls.filter(|(at, url)| used.contains(at) && !self.0.contains_key(*url))
            .map(|(_, url)| url.clone())
            .collect()
    }
}

/// What a reader can hold an object of a server against: web servers compare the tag with its quotes, which Icechunk does not
/// send, and weak tags equal nothing, so that the time is the better one there.
fn checksum(scheme: &str, meta: ObjectMeta) -> Option<Checksum> {
    let time = meta.last_modified.and_then(|time| u32::try_from(time).ok());
    let time = time.map(|time| Checksum::LastModified(SecondsSinceEpoch(time)));
    let etag = meta.etag.filter(|etag| !etag.starts_with("W/"));
    let etag = etag.map(|etag| Checksum::ETag(ETag(etag.trim_matches('"').to_owned())));
    match scheme {
        "http" | "https" => time,
        _ => etag.or(time),
    }
}

/// The time of a local file, in whole seconds and not before it. Readers compute a tag of it with quotes and compare it with what is
/// left of a tag without them, so that no tag of a file holds.
fn local_time(url: &str) -> Option<Checksum> {
    let path = Url::parse(url).ok()?.to_file_path().ok()?;
    let time = std::fs::metadata(path).ok()?.modified().ok()?;
    let since = time.duration_since(UNIX_EPOCH).ok()?;
    let seconds = since.as_secs() + u64::from(since.subsec_nanos() > 0);
    let seconds = u32::try_from(seconds).ok()?;
    Some(Checksum::LastModified(SecondsSinceEpoch(seconds)))
}

/// `s3://bucket` of a URL in a bucket.
fn bucket(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let name = rest.split('/').next()?;
    ["gs", "s3"]
        .contains(&scheme)
        .then(|| format!("{scheme}://{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_web_server_is_held_to_its_time_and_a_bucket_to_its_tag() {
        let meta = ObjectMeta {
            size: None,
            last_modified: Some(7),
            etag: Some("\"abc\"".to_owned()),
        };
        let time = Checksum::LastModified(SecondsSinceEpoch(7));
        assert_eq!(checksum("https", meta.clone()), Some(time.clone()));
        let tag = Checksum::ETag(ETag("abc".to_owned()));
        assert_eq!(checksum("s3", meta.clone()), Some(tag));
        let weak = ObjectMeta {
            etag: Some("W/\"abc\"".to_owned()),
            ..meta
        };
        assert_eq!(checksum("s3", weak), Some(time));
    }
}
