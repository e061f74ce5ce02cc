//! Finds the strongest value of a setting, and notes where it was found.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::file::ConfigFile;
use super::key::{Key, Value, Variable};
use super::{Environment, SettingsError};

/// Where a value was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(crate) enum Origin {
    /// Nobody set it.
    Default,
    /// A variable of the process.
    Environment {
        /// Its name.
        variable: &'static str,
    },
    /// A variable in a `.env`.
    EnvironmentFile {
        /// Its name.
        variable: &'static str,
        /// The `.env`.
        path: PathBuf,
    },
    /// A `gik.toml`.
    File {
        /// The file.
        path: PathBuf,
    },
    /// The command line.
    Flag {
        /// The flag.
        flag: &'static str,
    },
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::Environment { variable } => f.write_str(variable),
            Self::EnvironmentFile { variable, path } => {
                write!(f, "{variable} in {}", path.display())
            }
            Self::File { path } => path.display().fmt(f),
            Self::Flag { flag } => f.write_str(flag),
        }
    }
}

/// A setting as `gik config` shows it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Resolved {
    /// Its name.
    pub(crate) name: &'static str,
    /// Its value as text, if it has one.
    pub(crate) value: Option<String>,
    /// Where the value was found.
    pub(crate) origin: Origin,
    /// What it is for.
    pub(crate) about: &'static str,
}

/// What was typed for a setting: the flag and its text.
pub(super) type Typed = Option<(&'static str, String)>;

/// Looks settings up, strongest place first.
pub(super) struct Resolver<'a> {
    environment: &'a Environment,
    files: Vec<ConfigFile>,
    folder: PathBuf,
    /// What was looked up so far.
    pub(super) resolved: Vec<Resolved>,
}

/// A text, where it was found, and where its relative paths start.
struct Found<'a> {
    text: String,
    origin: Origin,
    folder: &'a Path,
}

impl<'a> Resolver<'a> {
    /// A resolver over an environment and files, the strongest first, in a working directory.
    pub(super) fn new(
        environment: &'a Environment,
        files: Vec<ConfigFile>,
        folder: PathBuf,
    ) -> Self {
        Self {
            environment,
            files,
            folder,
            resolved: Vec::new(),
        }
    }

    /// A setting that may have no value.
    pub(super) fn optional<T: Value>(
        &mut self,
        key: &Key,
        typed: Typed,
    ) -> Result<Option<T>, SettingsError> {
        let (value, origin) = match self.find(key, typed)? {
            Some(found) => (Some(value(key, &found)?), found.origin),
            None => (None, Origin::Default),
        };
        self.note(key, value.as_ref(), origin);
        Ok(value)
    }

    /// A setting that always has a value.
    pub(super) fn required<T: Value>(
        &mut self,
        key: &Key,
        typed: Typed,
        default: T,
    ) -> Result<T, SettingsError> {
        let (value, origin) = match self.find(key, typed)? {
            Some(found) => (value(key, &found)?, found.origin),
            None => (default, Origin::Default),
        };
        self.note(key, Some(&value), origin);
        Ok(value)
    }

    fn note<T: Value>(&mut self, key: &Key, value: Option<&T>, origin: Origin) {
        self.resolved.push(Resolved {
            name: key.name,
            value: value.map(Value::show),
            origin,
            about: key.about,
        });
    }

    fn find(&self, key: &Key, typed: Typed) -> Result<Option<Found<'_>>, SettingsError> {
        if let Some((flag, text)) = typed {
            return Ok(Some(Found {
                text,
                origin: Origin::Flag { flag },
                folder: &self.folder,
            }));
        }
        for variable in key.variables {
            if let Some(found) = self.variable(key, *variable)? {
                return Ok(Some(found));
            }
        }
        Ok(self.files.iter().find_map(|file| {
            Some(Found {
                text: file.text(key.name)?.to_owned(),
                origin: file.origin(),
                folder: file.folder(),
            })
        }))
    }

    fn variable(&self, key: &Key, variable: Variable) -> Result<Option<Found<'_>>, SettingsError> {
        let (Variable::Plain(name) | Variable::IfSet(name, _) | Variable::IfTrue(name, _)) =
            variable;
        let Some(text) = self.environment.text(name) else {
            return Ok(None);
        };
        let found = |text: &str| Found {
            text: text.to_owned(),
            origin: self.environment.origin(name),
            folder: &self.folder,
        };
        match variable {
            Variable::Plain(_) => Ok(Some(found(text))),
            Variable::IfSet(_, meaning) => Ok(Some(found(meaning))),
            Variable::IfTrue(_, meaning) => {
                let said = value::<bool>(key, &found(text))?;
                Ok(said.then(|| found(meaning)))
            }
        }
    }
}

fn value<T: Value>(key: &Key, found: &Found<'_>) -> Result<T, SettingsError> {
    T::parse(&found.text, found.folder).ok_or_else(|| SettingsError::Value {
        origin: found.origin.clone(),
        key: key.name,
        text: found.text.clone(),
        expected: T::EXPECTED,
    })
}
