//! Stores of every published kind, by their first bytes.

use bytes::Bytes;
use serde::Deserialize;
use serde_json::Value;

use super::provenance;
use crate::keys::{self, KeysError, StoreKeys, archive};
use crate::provenance::Provenance;
use crate::table::Table;

/// Largest JSON that a `.gz` may hold.
const UNPACKED: u64 = 2 << 30;

/// A store as it was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Published {
    /// Its name inside the file, where that holds several.
    pub name: Option<Name>,
    /// The store.
    pub keys: StoreKeys,
    /// Where it comes from, where gik wrote it.
    pub provenance: Option<Provenance>,
}

/// Which of the stores of an aggregate, in the words of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// The date.
    pub date: String,
    /// The member.
    pub member: String,
}

/// Reads a file: parquet of every generation, kerchunk's JSON, or such JSON packed with gzip. A monthly aggregate has several stores.
///
/// # Errors
/// [`KeysError`] where it is none of these, or damaged.
pub fn read_file(bytes: Bytes) -> Result<Vec<Published>, KeysError> {
    if bytes.starts_with(b"PAR1") {
        return parquet(bytes);
    }
    let unpacked;
    let json = if bytes.starts_with(&[0x1f, 0x8b]) {
        unpacked = archive::gunzip(&bytes, UNPACKED)?;
        unpacked.as_slice()
    } else {
        &bytes
    };
    Ok(vec![Published {
        name: None,
        keys: keys::parse_json(json)?,
        provenance: member_gik(json),
    }])
}

/// Reads kerchunk's folder of parquet files; see [`keys::read_folder`].
///
/// # Errors
/// [`KeysError`] where a file of it is damaged, and what `file` fails with.
pub fn read_folder<E: From<KeysError>>(
    metadata: &[u8],
    file: impl FnMut(&str) -> Result<Option<Bytes>, E>,
) -> Result<Published, E> {
    Ok(Published {
        name: None,
        keys: keys::read_folder(metadata, file)?,
        provenance: member_gik(metadata),
    })
}

fn parquet(bytes: Bytes) -> Result<Vec<Published>, KeysError> {
    let table = Table::open(bytes.clone())?;
    if table.has("date") && table.has("member") {
        let published = |part: keys::Dated| Published {
            name: Some(Name {
                date: part.date,
                member: part.member,
            }),
            keys: part.keys,
            provenance: None,
        };
        return Ok(keys::read_dated(bytes)?
            .into_iter()
            .map(published)
            .collect());
    }
    Ok(vec![Published {
        name: None,
        provenance: table.footer("gik").and_then(provenance),
        keys: keys::read_parquet(bytes)?,
    }])
}

/// The member `gik` of a JSON document.
fn member_gik(json: &[u8]) -> Option<Provenance> {
    #[derive(Deserialize)]
    struct Head {
        gik: Option<Value>,
    }
    let head: Head = serde_json::from_slice(json).ok()?;
    serde_json::from_value(head.gik?).ok()
}
