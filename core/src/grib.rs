//! GRIB2 messages: framing, typed sections, names.
pub mod naming;
pub mod reader;
