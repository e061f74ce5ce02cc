//! Harness of the integration tests: where real files and the Python oracles are.

pub mod fixture;
pub mod oracle;
