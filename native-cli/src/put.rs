//! Puts what was made into a folder: whole under its name, or not at all.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// What came of a put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Put {
    /// The same bytes were there.
    Kept,
    /// The object is new, or replaced.
    Written,
}

/// What a writer fails with.
type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why an artifact was not put.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum PutError {
    /// A name that leads out of the folder, or names nothing.
    #[error("`{name}` is no name inside of a folder")]
    Name {
        /// The name.
        name: String,
    },
    /// Another result is there.
    #[error("{} is there already, and is another result: {difference}", path.display())]
    Other {
        /// The file or the folder.
        path: PathBuf,
        /// What differs.
        difference: String,
    },
    /// A step of the writing failed.
    #[error("{}: cannot {step}", path.display())]
    Write {
        /// What was being done.
        step: &'static str,
        /// The file or the folder.
        path: PathBuf,
        /// What the system says.
        source: Cause,
    },
}

/// Writes `bytes` as `folder/name`, making folders that are missing and replacing a file of that name.
///
/// The bytes go to a hidden temporary file beside it, to the disk, and only then to their name: whoever looks finds
/// the old file or the new one, and after a crash never half of one. A failed write leaves nothing behind.
pub(crate) fn put(folder: &Path, name: &str, bytes: &[u8]) -> Result<PathBuf, PutError> {
    let (path, _) = put_by(folder, name, true, |path| {
        let mut out = OpenOptions::new().write(true).create_new(true).open(path)?;
        out.write_all(bytes)?;
        out.sync_all()
    })?;
    Ok(path)
}

/// As [`put`], but never in the place of something else: `false` means that there is a file of that name, whoever was quicker.
pub(crate) fn put_new(folder: &Path, name: &str, bytes: &[u8]) -> Result<bool, PutError> {
    // A link to a finished file appears at once, and only where nothing is.
    if !is_inside(name) {
        return Err(PutError::Name {
            name: name.to_owned(),
        });
    }
    let (inside, file) = match name.rsplit_once('/') {
        Some((inside, file)) => (folder.join(inside), file),
        None => (folder.to_owned(), name),
    };
    let target = folder.join(name);
    let made = Temporary(put(&inside, &hidden(file), bytes)?);
    match fs::hard_link(&made.0, &target) {
        Ok(()) => Ok(true),
        Err(_) if target.exists() => Ok(false),
        // Not every file system has links.
        Err(_) => put(folder, name, bytes).map(|_| true),
    }
}

/// As [`put`], for a file or folder that `write` makes at the path that it is given. Without `force` what is there is kept
/// where it is the same, byte by byte, and is an error where it is not; which of the two it was comes with the path.
pub(crate) fn put_by<E>(
    folder: &Path,
    name: &str,
    force: bool,
    write: impl FnOnce(&Path) -> Result<(), E>,
) -> Result<(PathBuf, Put), PutError>
where
    E: Into<Cause>,
{
    let target = folder.join(name);
    let (Some(parent), Some(file), true) = (target.parent(), target.file_name(), is_inside(name))
    else {
        return Err(PutError::Name {
            name: name.to_owned(),
        });
    };
    let failed = |step, path: &Path| {
        let path = path.to_owned();
        move |source: io::Error| PutError::Write {
            step,
            path,
            source: source.into(),
        }
    };
    fs::create_dir_all(parent).map_err(failed("make the folder", parent))?;

    let temporary = Temporary(parent.join(hidden(&file.to_string_lossy())));

    write(&temporary.0).map_err(|error| PutError::Write {
        step: "write",
        path: target.clone(),
        source: error.into(),
    })?;
    if !force && target.exists() {
        let difference = difference(&target, &temporary.0).map_err(failed("read", &target))?;
        return match difference {
            None => Ok((target, Put::Kept)),
            Some(difference) => Err(PutError::Other {
                path: target,
                difference,
            }),
        };
    }
    if target.is_dir() && temporary.0.is_dir() {
        // A folder cannot take the place of one that has something in it.
        fs::remove_dir_all(&target).map_err(failed("replace", &target))?;
    }
    fs::rename(&temporary.0, &target).map_err(failed("rename to", &target))?;
    drop(temporary);
    sync_folder(parent).map_err(failed("write the folder of", &target))?;
    Ok((target, Put::Written))
}

/// How a file or folder differs from a new one, where it does.
fn difference(there: &Path, new: &Path) -> io::Result<Option<String>> {
    let (old, made) = (below(there, there)?, below(new, new)?);
    if old.is_empty() && made.is_empty() {
        let same = fs::read(there)? == fs::read(new)?;
        return Ok((!same).then(|| "its bytes are others".to_owned()));
    }
    if old != made {
        let more = old.symmetric_difference(&made).next();
        let name = more.map(|name| name.display().to_string());
        return Ok(Some(format!(
            "only one of them has {}",
            name.unwrap_or_default()
        )));
    }
    for name in &old {
        if fs::read(there.join(name))? != fs::read(new.join(name))? {
            return Ok(Some(format!("{} has other bytes", name.display())));
        }
    }
    Ok(None)
}

/// The files below a folder, by their path inside of it; none for a file.
fn below(folder: &Path, root: &Path) -> io::Result<BTreeSet<PathBuf>> {
    let mut found = BTreeSet::new();
    if !folder.is_dir() {
        return Ok(found);
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.append(&mut below(&path, root)?);
        } else {
            found.insert(path.strip_prefix(root).unwrap_or(&path).to_owned());
        }
    }
    Ok(found)
}

/// Whether a name names something, and leads nowhere else.
fn is_inside(name: &str) -> bool {
    let inside = |part: Component<'_>| matches!(part, Component::Normal(_));
    !name.is_empty() && Path::new(name).components().all(inside)
}

/// A name for what is not finished.
///
/// Two processes, or two tasks of one, may write the same name at once, and in containers all of them have the number 1.
fn hidden(file: &str) -> String {
    static PUTS: AtomicU64 = AtomicU64::new(0);
    let number = PUTS.fetch_add(1, Ordering::Relaxed);
    let random = RandomState::new().hash_one(number);
    format!(".{file}.{}-{random:016x}.partial", std::process::id())
}

/// A file or folder that is removed at the end; once it got its name there is none to remove.
struct Temporary(PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Makes a rename last through a power cut, where folders can be synced at all.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        // The parent of a name alone is empty.
        let here = folder.as_os_str().is_empty();
        let folder = if here { Path::new(".") } else { folder };
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("gik-put-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        path
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    #[test]
    fn bytes_are_put_below_folders_that_were_missing_and_replace_old_ones() {
        let folder = folder("replace");
        let path = put(&folder, "a/b.json", b"old").unwrap();
        assert_eq!(path, folder.join("a/b.json"));
        put(&folder, "a/b.json", b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(
            names(&folder.join("a")),
            ["b.json"],
            "no temporary file is left"
        );
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn another_result_stays_unless_it_is_to_be_replaced() {
        let folder = folder("other");
        let put = |bytes: &'static [u8], force| {
            put_by(&folder, "store", force, |path| {
                fs::create_dir(path)?;
                fs::write(path.join("a"), bytes)
            })
        };
        assert_eq!(put(b"one", false).unwrap().1, Put::Written);
        assert_eq!(put(b"one", false).unwrap().1, Put::Kept);
        let told = put(b"two", false).unwrap_err().to_string();
        assert!(
            told.ends_with("another result: a has other bytes"),
            "{told}"
        );
        assert_eq!(fs::read(folder.join("store/a")).unwrap(), b"one");
        assert_eq!(put(b"two", true).unwrap().1, Put::Written);
        assert_eq!(fs::read(folder.join("store/a")).unwrap(), b"two");
        assert_eq!(names(&folder), ["store"]);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_put_that_fails_leaves_nothing_behind() {
        let folder = folder("fails");
        // A folder of that name is in the way, and a rename cannot replace it.
        fs::create_dir_all(folder.join("b.json/x")).unwrap();
        let error = put(&folder, "b.json", b"new").unwrap_err();
        assert!(
            matches!(
                error,
                PutError::Write {
                    step: "rename to",
                    ..
                }
            ),
            "{error}"
        );
        assert_eq!(names(&folder), ["b.json"]);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn what_is_new_takes_nobodys_place() {
        let folder = folder("new");
        assert!(put_new(&folder, "a/b.json", b"first").unwrap());
        assert!(!put_new(&folder, "a/b.json", b"second").unwrap());
        assert_eq!(fs::read(folder.join("a/b.json")).unwrap(), b"first");
        assert_eq!(names(&folder.join("a")), ["b.json"]);
        let error = put_new(&folder, "../b.json", b"").unwrap_err();
        assert!(matches!(error, PutError::Name { .. }));
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn names_that_lead_elsewhere_are_refused() {
        let folder = folder("elsewhere");
        for name in ["", "..", "../x", "a/../../x", "/x", "."] {
            let error = put(&folder, name, b"").unwrap_err();
            assert!(matches!(error, PutError::Name { .. }), "{name}: {error}");
        }
        assert!(!folder.exists());
    }
}
