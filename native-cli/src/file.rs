//! An object to look into: its size is known, and its GRIB messages come one after the other.

use bytes::Bytes;
use gik_core::grib::scan::{Piece, Scanner};
use gik_core::span::ByteSpan;
use gik_core::store::Store;

use crate::catalog;
use crate::cloud::Cloud;
use crate::exit::CommandError;
use crate::settings::Settings;

/// A store that tells no sizes.
#[derive(Debug, thiserror::Error)]
#[error("{url}: the server does not tell its size")]
pub(crate) struct NoSize {
    /// The object.
    url: String,
}

/// The store of an address; the catalogue, which knows regions and public buckets, is read for buckets only.
pub(crate) fn store(url: &str, settings: &Settings) -> Result<Cloud, CommandError> {
    let cloud = Cloud::new(settings);
    if url.starts_with("s3://") || url.starts_with("gs://") {
        return Ok(catalog::public(cloud, &catalog::read(settings)?));
    }
    Ok(cloud)
}

/// An object of a store.
pub(crate) struct File<'a> {
    pub(crate) store: &'a Cloud,
    pub(crate) url: String,
    /// Its bytes.
    pub(crate) size: u64,
}

impl<'a> File<'a> {
    /// Asks the store how long the object is.
    pub(crate) async fn open(store: &'a Cloud, url: String) -> Result<Self, CommandError> {
        match store.head(&url).await?.size {
            Some(size) => Ok(Self { store, url, size }),
            None => Err(NoSize { url }.into()),
        }
    }

    /// Some of its bytes.
    pub(crate) async fn bytes(&self, span: ByteSpan) -> Result<Bytes, CommandError> {
        Ok(self.store.get_range(&self.url, span).await?)
    }

    /// Its messages, and what lies between them.
    pub(crate) fn pieces(&'a self) -> Pieces<'a> {
        Pieces {
            file: self,
            scanner: Scanner::new(self.size),
        }
    }
}

/// The pieces of a file, read as the scanner wants them: headers, and no data.
pub(crate) struct Pieces<'a> {
    file: &'a File<'a>,
    scanner: Scanner,
}

impl Pieces<'_> {
    /// The next one; `None` at the end of the file.
    pub(crate) async fn next(&mut self) -> Result<Option<Piece>, CommandError> {
        loop {
            if let Some(piece) = self.scanner.next_piece() {
                return Ok(Some(piece));
            }
            let Some(wanted) = self.scanner.wanted() else {
                return Ok(None);
            };
            let bytes = self.file.bytes(wanted).await?;
            self.scanner.feed(wanted.offset, &bytes);
        }
    }
}
