//! The built page in a real browser: `cargo xtask web` builds the page, `cargo xtask test` builds it and runs this.

mod cdp;
mod driver;
mod page;

// Each theme is a line here, sorted.
mod access;
mod archive;
mod demo;
mod files;
mod looks;
mod map;
mod speed;
mod store;
mod view;
