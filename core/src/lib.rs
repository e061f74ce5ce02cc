//! GRIB index files and messages to Zarr references, without IO.
pub mod grib;
pub mod identity;
pub mod index;
pub mod source;
pub mod span;
pub mod store;
pub mod time;
