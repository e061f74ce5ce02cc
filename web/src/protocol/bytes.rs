//! What is said of the bytes of a file.

use serde::{Deserialize, Serialize};

/// Which bytes of a file are what.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ByteMap {
    /// Number of the file.
    pub file: u32,
    /// Addresses of all files.
    pub files: Vec<String>,
    /// Bytes of the file, where the server says it.
    pub size: Option<u64>,
    /// Bytes from the start to the end of what is known.
    pub extent: u64,
    /// Messages and what lies between, in the order of the file.
    pub stretches: Vec<Stretch>,
    /// Groups of variables, the one with the most bytes first.
    pub groups: Vec<Group>,
    /// Bytes that two messages claim.
    pub overlaps: Vec<Overlap>,
    /// Messages whose length nobody says.
    pub open: u32,
}

/// Bytes of a message, or of none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stretch {
    /// First byte.
    pub offset: u64,
    /// Bytes.
    pub length: u64,
    /// The message; `None` for a gap.
    pub message: Option<u32>,
    /// Number of its group.
    pub group: u32,
    /// What it is called.
    pub label: String,
}

/// Variables that are shown alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// The variable; empty for all others.
    pub name: String,
    /// Messages.
    pub messages: u32,
    /// Their bytes.
    pub bytes: u64,
}

/// Bytes that two messages claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overlap {
    /// First byte.
    pub offset: u64,
    /// Bytes.
    pub length: u64,
    /// The message that begins first.
    pub first: String,
    /// The other one.
    pub second: String,
}
