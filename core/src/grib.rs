//! GRIB2 messages: framing, typed sections, names.

pub mod header;
pub mod identification;
pub mod product;
pub mod reader;
