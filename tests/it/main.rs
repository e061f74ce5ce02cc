//! Integration tests: one binary, a module per theme.

// Each theme is a line here, sorted.
mod catalog;
mod cli;
mod coordinates;
mod decode;
mod grib;
mod index;
mod inspect;
mod kerchunk;
mod names;
mod refs;
mod store;
mod supported;
mod unpack;
