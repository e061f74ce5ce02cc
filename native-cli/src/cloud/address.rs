//! What an address names: a file, an object of a bucket, something on a web server.

use std::path::{Component, Path, PathBuf};

use gik_core::store::StoreError;
use url::Url;

use super::bucket::Bucket;

/// What a URL names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Address {
    /// A local file.
    File(PathBuf),
    /// Something on a web server; the URL is its name.
    Http,
    /// An object of a bucket.
    Object {
        /// The bucket.
        bucket: Bucket,
        /// The key, literally: `%20` in a bucket's URL is three letters, as all clouds' own tools take it.
        key: object_store::path::Path,
    },
}

impl Address {
    /// What a URL names.
    pub(super) fn parse(url: &str) -> Result<Self, StoreError> {
        let wrong = |reason| StoreError::Address {
            url: url.to_owned(),
            reason,
        };
        if let Some(bucket) = Bucket::of(url) {
            let (_, rest) = url.split_once("://").unwrap_or_default();
            let (_, key) = rest.split_once('/').unwrap_or_default();
            if key.is_empty() {
                return Err(wrong("the key of an object is missing after the bucket"));
            }
            let key = object_store::path::Path::parse(key)
                .map_err(|_| wrong("not the key of an object"))?;
            return Ok(Self::Object { bucket, key });
        }
        match scheme(url) {
            Some("gs" | "s3") => Err(wrong("the bucket is missing")),
            Some("http" | "https") => match Url::parse(url) {
                Ok(_) => Ok(Self::Http),
                Err(_) => Err(wrong("not a URL")),
            },
            Some("file") => Url::parse(url)
                .ok()
                .and_then(|url| url.to_file_path().ok())
                .map(Self::File)
                .ok_or_else(|| wrong("not the URL of a local file: expected file:///…")),
            Some(_) => Err(wrong("no store for this kind of address")),
            None => Err(wrong("not an absolute address")),
        }
    }
}

/// The absolute URL of what a user typed: a path becomes `file:///…`, percent-encoded; a URL stays as it is.
pub(crate) fn absolute(typed: &str) -> Result<String, StoreError> {
    if scheme(typed).is_some() {
        return Ok(typed.to_owned());
    }
    let wrong = |reason| StoreError::Address {
        url: typed.to_owned(),
        reason,
    };
    if typed.is_empty() {
        return Err(wrong("an address is missing"));
    }
    let mut path = std::path::absolute(typed).map_err(|_| wrong("no working directory"))?;
    if path.components().any(|part| part == Component::ParentDir) {
        // Only the file system knows where `..` of a linked folder leads.
        path = resolve(&path);
    }
    match Url::from_file_path(&path) {
        Ok(url) => Ok(url.into()),
        Err(()) => Err(wrong("not a path")),
    }
}

fn resolve(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// The scheme of a URL; a single letter is a drive.
fn scheme(text: &str) -> Option<&str> {
    let (scheme, _) = text.split_once("://")?;
    let letters = |letter: char| letter.is_ascii_alphanumeric() || "+-.".contains(letter);
    (scheme.len() > 1 && scheme.chars().all(letters)).then_some(scheme)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(url: &str) -> &'static str {
        match Address::parse(url) {
            Err(StoreError::Address { reason, .. }) => reason,
            other => panic!("{url}: {other:?}"),
        }
    }

    #[test]
    fn buckets_and_keys_are_taken_literally() {
        assert_eq!(
            Address::parse("s3://noaa-gefs-pds/gefs.20250918/00/a%20b.idx").unwrap(),
            Address::Object {
                bucket: Bucket::S3("noaa-gefs-pds".to_owned()),
                key: object_store::path::Path::parse("gefs.20250918/00/a%20b.idx").unwrap(),
            }
        );
    }

    #[test]
    fn what_is_no_object_is_refused_with_the_reason() {
        assert_eq!(
            reason("s3://bucket"),
            "the key of an object is missing after the bucket"
        );
        assert_eq!(
            reason("s3://bucket/"),
            "the key of an object is missing after the bucket"
        );
        assert_eq!(reason("gs:///key"), "the bucket is missing");
        assert_eq!(reason("s3://bucket/a//b"), "not the key of an object");
        assert_eq!(reason("s3://bucket/a/../b"), "not the key of an object");
        assert_eq!(reason("http://"), "not a URL");
        assert_eq!(reason("ftp://host/x"), "no store for this kind of address");
        assert_eq!(
            reason("file://host/x"),
            "not the URL of a local file: expected file:///…"
        );
        assert_eq!(reason("data/x"), "not an absolute address");
    }

    #[test]
    fn odd_letters_of_a_path_survive_the_way_through_a_url() {
        for path in [
            "/data/a b#1?c%20d.idx",
            "/data/Größe [1].grib2",
            "/data/a+b&c=d;e",
        ] {
            let url = absolute(path).unwrap();
            assert!(url.starts_with("file:///data/"), "{url}");
            assert!(!url.contains([' ', '#', '?']), "{url}");
            assert_eq!(
                Address::parse(&url).unwrap(),
                Address::File(PathBuf::from(path))
            );
        }
    }

    #[test]
    fn a_relative_path_starts_in_the_working_directory() {
        let folder = std::env::current_dir().unwrap();
        let file = |path: &str| Address::parse(&absolute(path).unwrap()).unwrap();
        assert_eq!(file("./x.idx"), Address::File(folder.join("x.idx")));
        assert_eq!(
            file("src/../Cargo.toml"),
            Address::File(folder.join("Cargo.toml"))
        );
    }
}
