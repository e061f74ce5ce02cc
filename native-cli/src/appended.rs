//! What came of a run that was appended to a repository, and how it is said.

use serde::Serialize;

use crate::exit::CommandError;
use crate::printer::Printer;

/// What came of one run.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Appended {
    pub(crate) repository: String,
    /// The group that the run is in.
    pub(crate) group: String,
    /// Its place along `time`.
    pub(crate) time: usize,
    /// The snapshot that was committed; nothing where the run was there already.
    pub(crate) snapshot: Option<String>,
    pub(crate) references: usize,
    /// Objects that told neither an ETag nor a time: references to them hold whatever becomes of them.
    pub(crate) unpinned: Vec<String>,
    /// Prefixes that a reader has to allow.
    pub(crate) containers: Vec<String>,
    /// Why the run is not in the first group of its era.
    pub(crate) apart: Option<String>,
    /// How long it took, from the references to the commit.
    pub(crate) seconds: f64,
    /// Whether the run is older than the one before it.
    pub(crate) unordered: bool,
}

impl Appended {
    /// Says it in words.
    pub(crate) fn tell(&self, printer: &Printer) -> Result<(), CommandError> {
        let snapshot = match &self.snapshot {
            Some(snapshot) => format!("snapshot {snapshot}"),
            None => "kept".to_owned(),
        };
        let (repository, group) = (&self.repository, &self.group);
        printer.line(format!("{repository}  {group}[{}]  {snapshot}", self.time))?;
        printer.note(format!("  containers {}", self.containers.join(", ")));
        if let Some(first) = self.unpinned.first() {
            printer.warning(format!(
                "{} objects told neither an ETag nor a time: a reader will not see that they changed, such as {first}",
                self.unpinned.len()
            ));
        }
        if let Some(apart) = &self.apart {
            printer.warning(format!("the run has a group of its own: {apart}"));
        }
        if self.unordered {
            printer.warning(
                "the run is older than the one before it: `time` does not ascend".to_owned(),
            );
        }
        Ok(())
    }
}
