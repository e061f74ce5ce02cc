//! Integration tests: one binary, a module per theme.

// Each theme is a line here, sorted.
mod catalog;
mod cli;
mod grib;
mod inspect;
mod names;
mod store;
mod unpack;
