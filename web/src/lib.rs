//! The viewer: one member of a run in the browser, on the same core as the terminal.
//!
//! Two modules are built from this crate. `page` draws the document and knows no format; `worker` runs `gik-core` off the
//! thread of the page. They speak [`protocol`].

pub mod address;
pub mod byte_map;
pub mod csv;
pub mod demo;
pub mod escape;
pub mod format;
pub mod graph;
pub mod place;
pub mod protocol;
pub mod siblings;
pub mod snippets;
pub mod state;
pub mod table;
pub mod texts;

#[cfg(target_arch = "wasm32")]
pub mod app;
#[cfg(target_arch = "wasm32")]
pub mod browser;
#[cfg(target_arch = "wasm32")]
pub mod client;
#[cfg(target_arch = "wasm32")]
pub mod components;
#[cfg(target_arch = "wasm32")]
pub mod fetch;
#[cfg(target_arch = "wasm32")]
pub mod local;
#[cfg(target_arch = "wasm32")]
pub mod model;
#[cfg(target_arch = "wasm32")]
pub mod pages;
#[cfg(target_arch = "wasm32")]
pub mod worker;
