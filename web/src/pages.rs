//! The pages, one for each tab.

pub mod about;
pub mod build;
pub mod bytes;
pub mod coverage;
pub mod inventory;
pub mod map;
