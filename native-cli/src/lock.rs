//! A folder that one process writes to. The system lets go of it however the process ends.

use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::exit::CommandError;

/// Held while a process writes to a folder.
pub(crate) struct Lock {
    path: PathBuf,
    _file: File,
}

impl Lock {
    /// Takes a folder, which is made where there is none.
    pub(crate) fn take(folder: &Path) -> Result<Self, CommandError> {
        let shown = || folder.display().to_string();
        std::fs::create_dir_all(folder).with_context(shown)?;
        let path = folder.join(".gik.lock");
        let file = File::create(&path).with_context(|| path.display().to_string())?;
        if file.try_lock().is_err() {
            return Err(CommandError::from(anyhow::anyhow!(
                "{}: another gik is writing here",
                shown()
            )));
        }
        // What a process left that was killed while it wrote: nobody else writes here now.
        for entry in std::fs::read_dir(folder).with_context(shown)?.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with('.') && name.ends_with(".partial") {
                let _ = std::fs::remove_file(entry.path());
            }
        }
        Ok(Self { path, _file: file })
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
        if let Some(folder) = self.path.parent() {
            // A folder that was made for nothing: it goes only where it is empty.
            let _ = std::fs::remove_dir(folder);
        }
    }
}
