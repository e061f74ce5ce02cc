//! Harness of the integration tests: the built `gik`, servers, real files and the Python oracles.

pub mod archive;
pub mod fixture;
pub mod gik;
pub mod measured;
pub mod oracle;
pub mod scratch;
pub mod server;
pub mod serving;
pub mod site;
