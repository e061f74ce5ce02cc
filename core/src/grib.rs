//! GRIB2 messages: framing, typed sections, names.
//!
//! A message is read without its data: [`messages`] walks a file in memory, [`scan::Scanner`] one that is elsewhere and says
//! which bytes it wants next, and [`Header::parse_prefix`] reads one message whose place is known. Input is untrusted:
//! nothing here panics, and memory is proportional to the headers that were given.

pub mod caption;
pub mod describe;
pub mod field;
pub mod grid;
pub mod header;
pub mod identification;
mod layout;
pub mod malformed;
pub mod naming;
pub mod product;
pub mod reader;
pub mod representation;
#[cfg(test)]
mod sample;
pub mod scan;
mod section;
pub mod supported;
pub mod table;
pub mod unpack;

pub use header::Header;
pub use scan::messages;

use reader::Short;

/// Why octets are no GRIB2 message that can be read. Offsets count from the start of the object.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GribError {
    /// Section 6 refers to an earlier bitmap of the message, and there is none.
    #[error(
        "section 6 at byte {offset} refers to an earlier bitmap of its message, which has none"
    )]
    BitmapReuse {
        /// Where section 6 starts.
        offset: u64,
    },
    /// The message is of another edition of GRIB.
    #[error("GRIB edition {edition} at byte {offset}: only edition 2 is read")]
    Edition {
        /// The edition.
        edition: u8,
        /// Where the message starts.
        offset: u64,
    },
    /// The message does not end with `7777` where its total length says.
    #[error("message at byte {offset} does not end with 7777 after its {length} bytes")]
    EndMark {
        /// Where the message starts.
        offset: u64,
        /// Its total length, as it says.
        length: u64,
    },
    /// There is no GRIB message at that offset.
    #[error("no GRIB message at byte {offset}")]
    NotGrib {
        /// Where one was looked for.
        offset: u64,
    },
    /// A section is too short for its number, or runs past the end of its message.
    #[error(
        "section {section} at byte {offset} has a length of {length} bytes, expected {least} to {most}"
    )]
    SectionLength {
        /// Number of the section.
        section: u8,
        /// Where the section starts.
        offset: u64,
        /// Its length, as it says.
        length: u64,
        /// The least length that a section of this number has.
        least: u64,
        /// The length up to the end mark of the message.
        most: u64,
    },
    /// Sections do not follow each other as they must.
    #[error("section {found} at byte {offset} after section {previous}")]
    SectionOrder {
        /// Where the section starts.
        offset: u64,
        /// Number of the section before.
        previous: u8,
        /// Number that was found.
        found: u8,
    },
    /// A section ends inside of its template.
    #[error("section {section} at byte {offset} ends inside of its template")]
    Template {
        /// Number of the section.
        section: u8,
        /// Where the section starts.
        offset: u64,
        /// The value that did not fit, in octets of the section.
        source: Short,
    },
    /// The sections end before or after the total length of the message.
    #[error(
        "message at byte {offset} has a total length of {length} bytes, its sections end after {found}"
    )]
    TotalLength {
        /// Where the message starts.
        offset: u64,
        /// Its total length, as it says.
        length: u64,
        /// Where its sections end, counted from its start.
        found: u64,
    },
    /// The object ends inside of the message.
    #[error("message at byte {offset} has {length} bytes, its object ends after {available}")]
    Truncated {
        /// Where the message starts.
        offset: u64,
        /// Its total length, as it says.
        length: u64,
        /// How many bytes the object has from there on.
        available: u64,
    },
}
