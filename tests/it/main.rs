//! Integration tests: one binary, a module per theme.

// Each theme is a line here, sorted.
mod coordinates;
mod grib;
mod names;
mod unpack;
