//! The page: not built yet.
//!
//! The viewer comes with its own issue, on the same `gik-core` as the terminal. Until then this crate holds nothing but its
//! place: it is built for wasm32 in every test run, and `www/` serves a page that says so.
