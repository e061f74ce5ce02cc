//! Where results are put: a folder or a bucket, whole or not at all, and never over something else unasked.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use gik_core::convert;
use gik_core::provenance::Provenance;
use gik_core::store::{Store, StoreError};
use serde_json::Value;

use crate::cloud::Cloud;
pub(crate) use crate::put::Put;
use crate::put::{PutError, put, put_new};

/// A folder or a prefix of a bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Destination {
    /// `s3://bucket/prefix` or `gs://bucket/prefix`, without a slash at the end.
    Bucket(String),
    /// A folder.
    Folder(PathBuf),
}

/// Why something was not put.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum DestinationError {
    /// Something else is there.
    #[error("{place} is there already, and is another result: {difference}")]
    Other {
        /// The object.
        place: String,
        /// What differs.
        difference: String,
    },
    /// The folder refuses.
    #[error(transparent)]
    Put(#[from] PutError),
    /// What is there cannot be read.
    #[error("{place}: cannot read what is there")]
    Read {
        /// The file.
        place: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// Results are not put onto web servers.
    #[error("{place}: results are put into a folder, s3:// or gs://")]
    Scheme {
        /// What was typed.
        place: String,
    },
    /// The bucket refuses.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Destination {
    /// The place that was typed.
    pub(crate) fn parse(typed: &str) -> Result<Self, DestinationError> {
        let scheme = || DestinationError::Scheme {
            place: typed.to_owned(),
        };
        match typed.split_once("://") {
            Some(("s3" | "gs", _)) => Ok(Self::Bucket(typed.trim_end_matches('/').to_owned())),
            Some(("file", path)) => Ok(Self::Folder(PathBuf::from(path))),
            Some(_) => Err(scheme()),
            None => Ok(Self::Folder(PathBuf::from(typed))),
        }
    }

    /// The folder, where it is one.
    pub(crate) fn folder(&self) -> Option<&Path> {
        match self {
            Self::Bucket(_) => None,
            Self::Folder(folder) => Some(folder),
        }
    }

    /// What an object of it is called.
    pub(crate) fn place(&self, name: &str) -> String {
        match self {
            Self::Bucket(root) => format!("{root}/{name}"),
            Self::Folder(folder) => folder.join(name).display().to_string(),
        }
    }

    /// Puts one object. What is there already is kept where it is the same, and replaced only where `force` says so.
    pub(crate) async fn put(
        &self,
        cloud: &Cloud,
        (name, bytes): (&str, &Bytes),
        force: bool,
    ) -> Result<Put, DestinationError> {
        match self {
            Self::Bucket(_) => {
                let url = self.place(name);
                if cloud.put(&url, bytes.clone(), !force).await? {
                    return Ok(Put::Written);
                }
                let there = cloud.get(&url).await?.bytes;
                same(&url, &there, bytes)
            }
            Self::Folder(folder) => {
                let path = folder.join(name);
                if !force && (path.exists() || !put_new(folder, name, bytes)?) {
                    let place = path.display().to_string();
                    let there = std::fs::read(&path).map_err(|source| DestinationError::Read {
                        place: place.clone(),
                        source,
                    })?;
                    return same(&place, &there.into(), bytes);
                }
                if force {
                    put(folder, name, bytes)?;
                }
                Ok(Put::Written)
            }
        }
    }
}

fn same(place: &str, there: &Bytes, new: &Bytes) -> Result<Put, DestinationError> {
    if there == new {
        return Ok(Put::Kept);
    }
    Err(DestinationError::Other {
        place: place.to_owned(),
        difference: difference(there, new),
    })
}

/// What two results were made from, as far as it differs.
fn difference(there: &Bytes, new: &Bytes) -> String {
    let (Some(there), Some(new)) = (provenance(there), provenance(new)) else {
        return "what it was made from does not stand in it".to_owned();
    };
    let indexes = |one: &Provenance| one.indexes.len();
    let counts = (indexes(&there), indexes(&new));
    let as_map = |one: &Provenance| serde_json::to_value(one).unwrap_or_default();
    let (there, new) = (as_map(&there), as_map(&new));
    let mut told = Vec::new();
    for (name, value) in new.as_object().into_iter().flatten() {
        let other = there.get(name).unwrap_or(&Value::Null);
        if other == value {
            continue;
        }
        told.push(match name.as_str() {
            "indexes" if counts.0 == counts.1 => "it was made from other index files".to_owned(),
            "indexes" => format!(
                "it was made from {} index files, now there are {}",
                counts.0, counts.1
            ),
            _ => format!("its {name} is {other}, the new one's {value}"),
        });
    }
    if told.is_empty() {
        return "it was made from the same input, with other bytes".to_owned();
    }
    told.join("; ")
}

fn provenance(bytes: &Bytes) -> Option<Provenance> {
    let published = convert::read_file(bytes.clone()).ok()?;
    published.into_iter().next()?.provenance
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_folder_or_a_bucket() {
        let bucket = Destination::parse("s3://b/refs/").unwrap();
        assert_eq!(bucket.place("gep01.parquet"), "s3://b/refs/gep01.parquet");
        let folder = Destination::parse("out").unwrap();
        assert_eq!(folder.place("gep01.parquet"), "out/gep01.parquet");
        assert!(Destination::parse("https://host/out").is_err());
    }
}
