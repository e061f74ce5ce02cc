//! Parts of the page that several pages use, or that stand above them all.

pub mod drop_zone;
pub mod message_panel;
pub mod problem;
pub mod progress;
pub mod source_form;
pub mod tabs;
pub mod verdict;
