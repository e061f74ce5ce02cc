//! The built page in a real browser: `cargo xtask web` builds the page, `cargo xtask test` builds it and runs this.

mod driver;
mod page;

mod demo;
