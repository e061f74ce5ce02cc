//! From the fields of members to what they have in common: a box is cut, windows are combined, members are counted.

pub mod region;
pub mod stats;
pub mod units;
pub mod windows;
