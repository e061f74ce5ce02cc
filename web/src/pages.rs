//! The pages, one for each tab.

pub mod about;
pub mod build;
pub mod coverage;
pub mod inventory;
