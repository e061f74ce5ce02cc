//! Zarr stores as plain maps of keys: what kerchunk and the published archives hold, before it is understood.
//!
//! [`parse_json`] reads kerchunk's JSON of both versions, [`read_parquet`] the key/value files of the archives of all three
//! generations, [`archive::entries`] what is packed into a `.tar.gz`. All of them give [`StoreKeys`].
//!
//! Input is untrusted: any bytes give keys or an error, in memory proportional to the input and the limits that are passed.

pub mod archive;
pub mod contents;
mod folder;
mod json;
pub mod literal;
mod loose;
mod parquet;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::span::ByteSpan;
use crate::table::TableError;

pub use folder::read_folder;
pub use json::parse_json;
pub use loose::parse_loose;
pub use parquet::{Dated, read_dated, read_parquet};

/// A Zarr store, key by key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoreKeys {
    /// What each key stands for, such as `t2m/instant/heightAboveGround/t2m/0.0.0`.
    pub keys: BTreeMap<String, RawReference>,
}

/// What one key of a store stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RawReference {
    /// Octets that the store itself holds: a document, or a small chunk. Base64 is decoded.
    Inline(Vec<u8>),
    /// A whole object.
    Object {
        /// Where it is.
        url: String,
    },
    /// A part of an object.
    Range {
        /// Where the object is.
        url: String,
        /// The part.
        span: ByteSpan,
    },
}

/// Why bytes are no store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeysError {
    /// Not a readable archive.
    #[error("not a readable archive")]
    Archive {
        /// What the library says.
        source: std::io::Error,
    },
    /// Text after `base64:` that is none.
    #[error("key {key}: what stands after `base64:` is not base64")]
    Base64 {
        /// The key.
        key: String,
    },
    /// The same key twice, with no telling which holds.
    #[error("key {key} stands there twice")]
    Duplicate {
        /// The key.
        key: String,
    },
    /// A document of the store is missing.
    #[error("there is no key {key}")]
    Missing {
        /// The key.
        key: String,
    },
    /// Not JSON, even with NaN and Infinity allowed.
    #[error("{what} is not JSON")]
    Json {
        /// The document.
        what: String,
        /// What serde says.
        source: serde_json::Error,
    },
    /// Larger than the limit that the caller set.
    #[error("{what} is larger than {limit} bytes")]
    Large {
        /// The file.
        what: String,
        /// The limit.
        limit: u64,
    },
    /// Not a literal of Python.
    #[error("key {key}: not a literal of Python")]
    Literal {
        /// The key.
        key: String,
        /// Where, and what is wrong.
        source: literal::LiteralError,
    },
    /// A value that is neither text nor a reference.
    #[error("key {key}: {found} is not a reference: expected text, [url] or [url, offset, length]")]
    Reference {
        /// The key.
        key: String,
        /// What was found.
        found: String,
    },
    /// Something that is not a store of references.
    #[error("not a store of references: expected {expected}, found {found}")]
    Shape {
        /// What was expected.
        expected: &'static str,
        /// What was found.
        found: String,
    },
    /// The parquet file cannot be read.
    #[error(transparent)]
    Table(#[from] TableError),
    /// A reference uses a template that the file does not define, or that needs more than putting text in.
    #[error("key {key}: {found} names no simple template of this file")]
    Template {
        /// The key.
        key: String,
        /// What was found.
        found: String,
    },
    /// References that must be generated: `gen` of version 1.
    #[error("the references have a `gen` section: generated references are not supported")]
    Generated,
}

impl StoreKeys {
    /// The text of a key that the store itself holds.
    pub fn text(&self, key: &str) -> Option<&str> {
        match self.keys.get(key)? {
            RawReference::Inline(octets) => std::str::from_utf8(octets).ok(),
            RawReference::Object { .. } | RawReference::Range { .. } => None,
        }
    }

    /// How many byte ranges and objects the store refers to.
    pub fn references(&self) -> usize {
        let held = |reference: &&RawReference| matches!(reference, RawReference::Inline(_));
        self.keys
            .values()
            .filter(|reference| !held(reference))
            .count()
    }

    /// A document: JSON, where bare NaN and Infinity become their texts.
    pub fn document(&self, key: &str) -> Result<Value, KeysError> {
        let missing = || KeysError::Missing {
            key: key.to_owned(),
        };
        let text = self.text(key).ok_or_else(missing)?;
        parse_loose(text).map_err(|source| KeysError::Json {
            what: key.to_owned(),
            source,
        })
    }

    /// Adds a key that must not be there yet.
    pub(crate) fn add(&mut self, key: String, reference: RawReference) -> Result<(), KeysError> {
        if self.keys.contains_key(&key) {
            return Err(KeysError::Duplicate { key });
        }
        self.keys.insert(key, reference);
        Ok(())
    }
}

impl RawReference {
    /// A text that the store holds; after `base64:` stand octets.
    pub(crate) fn of_text(key: &str, text: &str) -> Result<Self, KeysError> {
        use base64::Engine as _;
        let Some(encoded) = text.strip_prefix("base64:") else {
            return Ok(Self::Inline(text.as_bytes().to_vec()));
        };
        let decoded = base64::engine::general_purpose::STANDARD.decode(encoded);
        decoded.map(Self::Inline).map_err(|_| KeysError::Base64 {
            key: key.to_owned(),
        })
    }

    /// `[url]` or `[url, offset, length]`.
    fn of_list(key: &str, list: &[Value]) -> Result<Self, KeysError> {
        match list {
            [Value::String(url)] => Ok(Self::Object { url: url.clone() }),
            [Value::String(url), offset, length] => {
                let span = offset.as_u64().zip(length.as_u64());
                let span = span.map(|(offset, length)| ByteSpan::new(offset, length));
                span.filter(|span| span.end().is_some())
                    .map(|span| Self::Range {
                        url: url.clone(),
                        span,
                    })
                    .ok_or_else(|| not_a_reference(key, list))
            }
            _ => Err(not_a_reference(key, list)),
        }
    }
}

fn not_a_reference(key: &str, list: &[Value]) -> KeysError {
    KeysError::Reference {
        key: key.to_owned(),
        found: Value::from(list).to_string(),
    }
}
