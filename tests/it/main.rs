//! Integration tests: one binary, a module per theme.

// Each theme is a line here, sorted.
mod batch;
mod catalog;
mod cli;
mod convert;
mod coordinates;
mod dask;
mod decode;
mod ensemble;
mod grib;
mod icechunk;
mod index;
mod inspect;
mod kerchunk;
mod names;
mod plot;
mod quirks;
mod refs;
mod scan;
mod serve;
mod server;
mod store;
mod stream;
mod supported;
mod template;
mod unpack;
mod verdict;
mod whole;
mod work;
