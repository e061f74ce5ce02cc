//! References that were written before: a file, or kerchunk's folder of parquet files, on disk or in a bucket.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use gik_core::convert::{self, Published};
use gik_core::keys::KeysError;
use gik_core::store::{Store, StoreError};

use crate::cloud::{Cloud, absolute};

/// Objects of a folder that are read at once.
const READS: usize = 16;
/// How the names of kerchunk's folders end.
const FOLDER: &str = ".kerchunk";
/// What all documents of such a folder are in.
const METADATA: &str = ".zmetadata";

/// Why references cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PublishedError {
    /// It is no store of references.
    #[error("{path}: not a readable store of references")]
    Keys {
        /// What was typed.
        path: String,
        /// What is wrong with it.
        source: KeysError,
    },
    /// The system does not give it.
    #[error("{}: cannot be read", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The bucket or server does not give it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<KeysError> for PublishedError {
    fn from(source: KeysError) -> Self {
        let path = String::new();
        Self::Keys { path, source }
    }
}

/// The stores of a file or of kerchunk's folder.
pub(crate) async fn read(input: &str, cloud: &Cloud) -> Result<Vec<Published>, PublishedError> {
    let named = |error| match error {
        PublishedError::Keys { source, .. } => PublishedError::Keys {
            path: input.to_owned(),
            source,
        },
        other => other,
    };
    let path = Path::new(input);
    if path.is_dir() {
        return Ok(vec![on_disk(path).map_err(named)?]);
    }
    let url = absolute(input)?;
    let url = url.trim_end_matches('/');
    if url.ends_with(FOLDER) {
        return Ok(vec![in_bucket(url, cloud).await.map_err(named)?]);
    }
    let bytes = cloud.get(url).await?.bytes;
    convert::read_file(bytes).map_err(|source| named(source.into()))
}

fn on_disk(folder: &Path) -> Result<Published, PublishedError> {
    let read = |name: &str| {
        let path = folder.join(name);
        fs::read(&path).map_err(|source| (source.kind(), PublishedError::Read { path, source }))
    };
    let metadata = read(METADATA).map_err(|(_, error)| error)?;
    convert::read_folder(&metadata, |name: &str| match read(name) {
        Ok(bytes) => Ok(Some(Bytes::from(bytes))),
        Err((io::ErrorKind::NotFound, _)) => Ok(None),
        Err((_, error)) => Err(error),
    })
}

/// All objects of the folder are read before any is looked into: which of them are needed only their contents tell.
async fn in_bucket(folder: &str, cloud: &Cloud) -> Result<Published, PublishedError> {
    let metadata = cloud.get(&format!("{folder}/{METADATA}")).await?.bytes;
    let names = cloud.below(&format!("{folder}/")).await?;
    let names = names.into_iter().filter(|name| name.ends_with(".parq"));
    let reads = names.map(|name| async move {
        let object = cloud.get(&format!("{folder}/{name}")).await?;
        Ok::<_, StoreError>((name, object.bytes))
    });
    let reads = stream::iter(reads).buffer_unordered(READS);
    let files: HashMap<String, Bytes> = reads.try_collect().await?;
    convert::read_folder(&metadata, |name: &str| Ok(files.get(name).cloned()))
}
