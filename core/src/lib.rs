//! GRIB index files and messages to Zarr references, without IO.
mod columns;
pub mod convert;
pub mod dataset;
pub mod ensemble;
pub mod error;
pub mod grib;
pub mod identity;
pub mod index;
pub mod keys;
pub mod listing;
pub mod merge;
pub mod output;
pub mod pipeline;
#[cfg(feature = "plot")]
pub mod plot;
pub mod product;
pub mod provenance;
pub mod refs;
pub mod source;
pub mod span;
pub mod store;
pub mod table;
pub mod template;
pub mod time;
pub mod tree;
pub mod work;
pub mod zarr;
