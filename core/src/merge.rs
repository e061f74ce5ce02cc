//! Stage 2: index records on a template: which message is which variable, and where it lies.

use crate::span::ByteSpan;
use crate::time::{Step, StepRange};

/// One message with its place in the template and in its object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mapped {
    /// Index into [`crate::template::Template::rows`].
    pub row: usize,
    /// The step that it is filed under.
    pub step: Step,
    /// The time that it speaks of, where that is known.
    pub window: Option<StepRange>,
    /// Where it lies.
    pub location: Location,
}

/// Where a message lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Location {
    /// Index into the list of objects that were read.
    pub object: u32,
    /// The message's bytes.
    pub span: ByteSpan,
}
