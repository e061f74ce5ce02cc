//! GRIB2 messages: framing, typed sections, names.
pub mod grid;
pub mod malformed;
pub mod reader;
pub mod representation;
pub mod unpack;
