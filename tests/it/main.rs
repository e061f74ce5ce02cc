//! Integration tests: one binary, a module per theme.

// Each theme is a line here, sorted.
mod catalog;
mod grib;
mod kerchunk;
mod names;
