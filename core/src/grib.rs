//! GRIB2 messages: framing, typed sections, names.

pub mod grid;
pub mod header;
pub mod identification;
pub mod malformed;
pub mod product;
pub mod reader;
pub mod representation;
