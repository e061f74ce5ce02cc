//! Parts of the page that several pages use, or that stand above them all.

pub mod drop_zone;
pub mod map_canvas;
pub mod map_choice;
pub mod map_legend;
pub mod message_panel;
pub mod problem;
pub mod progress;
pub mod series;
pub mod source_form;
pub mod tabs;
pub mod verdict;
