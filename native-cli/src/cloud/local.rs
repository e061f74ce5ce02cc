//! Local files, read off the async threads.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::time::UNIX_EPOCH;

use bytes::Bytes;
use gik_core::span::ByteSpan;
use gik_core::store::{Object, ObjectMeta, StoreError};

pub(super) async fn head(url: &str, path: PathBuf) -> Result<ObjectMeta, StoreError> {
    run(url, move || meta_of(&open(&path)?)).await
}

fn meta_of(file: &File) -> io::Result<ObjectMeta> {
    let meta = file.metadata()?;
    let changed = meta.modified()?.duration_since(UNIX_EPOCH);
    Ok(ObjectMeta {
        size: Some(meta.len()),
        last_modified: changed
            .ok()
            .and_then(|time| i64::try_from(time.as_secs()).ok()),
        etag: None,
    })
}

pub(super) async fn get(url: &str, path: PathBuf) -> Result<Object, StoreError> {
    run(url, move || {
        let mut file = open(&path)?;
        let meta = meta_of(&file)?;
        // One byte more than there is: reading to the end then asks for no more room.
        let size = meta.size.and_then(|size| usize::try_from(size).ok());
        let mut bytes = Vec::with_capacity(size.unwrap_or(0).saturating_add(1));
        file.read_to_end(&mut bytes)?;
        Ok(Object {
            bytes: bytes.into(),
            meta,
        })
    })
    .await
}

pub(super) async fn get_range(
    url: &str,
    path: PathBuf,
    span: ByteSpan,
) -> Result<Bytes, StoreError> {
    let short = |found| StoreError::Short {
        url: url.to_owned(),
        offset: span.offset,
        wanted: span.length,
        found,
    };
    let read = run(url, move || {
        let mut file = open(&path)?;
        let size = file.metadata()?.len();
        // Nothing is allocated for a range that cannot be had.
        let wanted = match usize::try_from(span.length) {
            Ok(wanted) if span.end().is_some_and(|end| end <= size) => wanted,
            _ => return Ok(Err(size.saturating_sub(span.offset))),
        };
        file.seek(SeekFrom::Start(span.offset))?;
        let mut bytes = vec![0; wanted];
        match file.read_exact(&mut bytes) {
            Ok(()) => Ok(Ok(bytes)),
            // Cut short between the look at its size and now.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(Err(0)),
            Err(error) => Err(error),
        }
    });
    read.await?.map(Bytes::from).map_err(short)
}

/// Opens a file; a folder opens too, but is none.
fn open(path: &PathBuf) -> io::Result<File> {
    let file = File::open(path)?;
    match file.metadata()?.is_dir() {
        true => Err(io::ErrorKind::IsADirectory.into()),
        false => Ok(file),
    }
}

async fn run<T: Send + 'static>(
    url: &str,
    read: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, StoreError> {
    let url = url.to_owned();
    let done = tokio::task::spawn_blocking(read).await;
    match done.map_err(io::Error::other).flatten() {
        Ok(value) => Ok(value),
        Err(error) => Err(match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => StoreError::NotFound { url },
            io::ErrorKind::PermissionDenied => StoreError::Denied { url },
            _ => StoreError::Transport {
                url,
                source: Box::new(error),
            },
        }),
    }
}
