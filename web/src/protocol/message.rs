//! What is said of one message.

use serde::{Deserialize, Serialize};

use super::Row;

/// A message, from the line of its index and the head of its bytes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// The message as the inventory shows it.
    pub row: Row,
    /// The file, as references name it.
    pub url: String,
    /// Where the file is fetched; `None` for a file of the user's.
    pub address: Option<String>,
    /// Its index; empty where there is none.
    pub index: String,
    /// Where its index is fetched.
    pub index_address: Option<String>,
    /// The line of the index.
    pub line: Option<String>,
    /// Its title, from its header.
    pub title: String,
    /// Run, step, valid time and member, from its header.
    pub when: String,
    /// ecCodes' `cfVarName`.
    pub variable: String,
    /// ecCodes' `units`.
    pub units: String,
    /// Which field of the message it is, from 1.
    pub field: u32,
    /// Fields of the message.
    pub fields: u32,
    /// First byte.
    pub offset: u64,
    /// Bytes, as the message says.
    pub length: u64,
    /// Bytes that were fetched to know this.
    pub fetched: u64,
    /// Sections 0 to 6 octet by octet, and where the others lie.
    pub sections: Vec<SectionLine>,
    /// Its first bytes.
    pub head: Vec<u8>,
}

/// Octets of a section and what they say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SectionLine {
    /// Number of the section.
    pub section: u8,
    /// First octet, from 1.
    pub first: u64,
    /// Last octet.
    pub last: u64,
    /// Key, as ecCodes spells it.
    pub key: String,
    /// The number.
    pub value: String,
    /// What it means.
    pub meaning: String,
}

/// A field in five numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Statistics {
    /// Points of its grid.
    pub points: u32,
    /// Points without a value.
    pub missing: u32,
    /// Least, mean and greatest of the others.
    pub values: Option<[f64; 3]>,
}
