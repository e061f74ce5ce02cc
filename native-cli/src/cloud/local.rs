//! Local files, read off the async threads.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
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
        let mut buffer = Buffer::take();
        buffer.0.reserve_exact(size.unwrap_or(0).saturating_add(1));
        file.read_to_end(&mut buffer.0)?;
        Ok(Object {
            bytes: Bytes::from_owner(buffer),
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
        let mut buffer = Buffer::take();
        buffer.0.reserve_exact(wanted);
        let found = file.take(span.length).read_to_end(&mut buffer.0)?;
        // Cut short between the look at its size and now.
        Ok(match found == wanted {
            true => Ok(Bytes::from_owner(buffer)),
            false => Err(0),
        })
    });
    read.await?.map_err(short)
}

/// Largest buffer that is kept.
const KEPT: usize = 4 << 20;
/// Buffers that are kept at once.
const BUFFERS: usize = 16;

/// Bytes of a file. Their room goes from one file to the next: new memory has to be cleared, which took longer than the reading.
struct Buffer(Vec<u8>);

static SPARE: Mutex<Vec<Vec<u8>>> = Mutex::new(Vec::new());

impl Buffer {
    fn take() -> Self {
        let mut spare = SPARE.lock().unwrap_or_else(PoisonError::into_inner);
        Self(spare.pop().unwrap_or_default())
    }
}

impl AsRef<[u8]> for Buffer {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let mut bytes = std::mem::take(&mut self.0);
        bytes.clear();
        let mut spare = SPARE.lock().unwrap_or_else(PoisonError::into_inner);
        if bytes.capacity() <= KEPT && spare.len() < BUFFERS {
            spare.push(bytes);
        }
    }
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
