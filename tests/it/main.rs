//! Integration tests: one binary, a module per theme.

// Each theme is a line here, sorted.
mod catalog;
mod cli;
mod convert;
mod coordinates;
mod ensemble;
mod grib;
mod index;
mod inspect;
mod kerchunk;
mod names;
mod refs;
mod server;
mod store;
mod unpack;
