//! Objects in files that the user opened or dropped: `file:///NAME`. A part of a file is read when it is asked for.

use std::cell::RefCell;

use bytes::Bytes;
use gik_core::span::ByteSpan;
use gik_core::store::{Object, ObjectMeta, StoreError};
use js_sys::Uint8Array;
use wasm_bindgen_futures::JsFuture;

/// What addresses of files start with.
pub const SCHEME: &str = "file:///";

/// The files.
#[derive(Default)]
pub struct Local {
    files: RefCell<Vec<web_sys::File>>,
}

impl Local {
    /// Takes other files instead.
    pub fn replace(&self, files: Vec<web_sys::File>) {
        *self.files.borrow_mut() = files;
    }

    /// The address of each file, in order.
    pub fn urls(&self) -> Vec<String> {
        let files = self.files.borrow();
        files
            .iter()
            .map(|file| format!("{SCHEME}{}", file.name()))
            .collect()
    }

    /// What the browser says of a file.
    pub fn head(&self, url: &str) -> Result<ObjectMeta, StoreError> {
        let file = self.file(url)?;
        Ok(ObjectMeta {
            size: Some(file.size() as u64),
            // A copy's time is that of the copying.
            last_modified: None,
            etag: None,
        })
    }

    /// A whole file.
    pub async fn get(&self, url: &str) -> Result<Object, StoreError> {
        let meta = self.head(url)?;
        let length = meta.size.unwrap_or_default();
        let bytes = self.get_range(url, ByteSpan::new(0, length)).await?;
        Ok(Object { bytes, meta })
    }

    /// A part of a file.
    pub async fn get_range(&self, url: &str, span: ByteSpan) -> Result<Bytes, StoreError> {
        let file = self.file(url)?;
        let size = file.size() as u64;
        let end = span.end().filter(|end| *end <= size);
        let Some(end) = end else {
            return Err(StoreError::Short {
                url: url.to_owned(),
                offset: span.offset,
                wanted: span.length,
                found: size.saturating_sub(span.offset),
            });
        };
        let failed = |_| StoreError::Denied {
            url: url.to_owned(),
        };
        let part = file
            .slice_with_f64_and_f64(span.offset as f64, end as f64)
            .map_err(failed)?;
        let buffer = JsFuture::from(part.array_buffer()).await.map_err(failed)?;
        Ok(Bytes::from(Uint8Array::new(&buffer).to_vec()))
    }

    fn file(&self, url: &str) -> Result<web_sys::File, StoreError> {
        let files = self.files.borrow();
        let named = |file: &&web_sys::File| url.strip_prefix(SCHEME) == Some(&file.name());
        let found = files.iter().find(named).cloned();
        found.ok_or_else(|| StoreError::NotFound {
            url: url.to_owned(),
        })
    }
}
