//! `gik.toml`: which ones are read, and what they say by key.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{Environment, KEYS, Origin, SettingsError};

const NAME: &str = "gik.toml";

/// What one `gik.toml` says.
#[derive(Debug)]
pub(super) struct ConfigFile {
    path: PathBuf,
    values: BTreeMap<&'static str, String>,
}

impl ConfigFile {
    /// The files that count, the strongest first: the one that was named, or else that of the working directory
    /// and that of the user.
    pub(super) fn all(
        named: Option<&Path>,
        environment: &Environment,
        folder: &Path,
    ) -> Result<Vec<Self>, SettingsError> {
        let named = named.or_else(|| environment.text("GIK_CONFIG").map(Path::new));
        if let Some(named) = named {
            let path = folder.join(named);
            let text = std::fs::read_to_string(&path);
            return match text {
                Ok(text) => Ok(vec![Self::parse(path, &text)?]),
                Err(source) => Err(SettingsError::Read { path, source }),
            };
        }
        let home = || {
            environment
                .text("HOME")
                .map(|home| Path::new(home).join(".config"))
        };
        let users = environment
            .text("XDG_CONFIG_HOME")
            .map(PathBuf::from)
            .or_else(home)
            .map(|folder| folder.join("gik").join(NAME));
        let mut files = Vec::new();
        for path in [Some(folder.join(NAME)), users].into_iter().flatten() {
            match std::fs::read_to_string(&path) {
                Ok(text) => files.push(Self::parse(path, &text)?),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(source) => return Err(SettingsError::Read { path, source }),
            }
        }
        Ok(files)
    }

    /// What the file says of a key.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.values.get(key).map(String::as_str)
    }

    /// The file, as the origin of a value.
    pub(super) fn origin(&self) -> Origin {
        Origin::File {
            path: self.path.clone(),
        }
    }

    /// The folder in which relative paths of the file start.
    pub(super) fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(&self.path)
    }

    fn parse(path: PathBuf, text: &str) -> Result<Self, SettingsError> {
        let table: toml::Table = toml::from_str(text).map_err(|source| SettingsError::Syntax {
            path: path.clone(),
            source: Box::new(source),
        })?;
        let mut file = Self {
            path,
            values: BTreeMap::new(),
        };
        file.take("", &table)?;
        Ok(file)
    }

    fn take(&mut self, prefix: &str, table: &toml::Table) -> Result<(), SettingsError> {
        for (name, value) in table {
            let name = format!("{prefix}{name}");
            let text = match value {
                toml::Value::Boolean(value) => value.to_string(),
                toml::Value::Integer(value) => value.to_string(),
                toml::Value::String(value) => value.clone(),
                toml::Value::Table(table) => {
                    self.take(&format!("{name}."), table)?;
                    continue;
                }
                other => return Err(self.refuse(name, other)),
            };
            match known(&name) {
                Some(key) => self.values.insert(key, text),
                None => return Err(self.unknown(name)),
            };
        }
        Ok(())
    }

    fn refuse(&self, name: String, value: &toml::Value) -> SettingsError {
        match known(&name) {
            Some(key) => SettingsError::Value {
                origin: self.origin(),
                key,
                text: value.type_str().to_owned(),
                expected: "a text, a whole number, true or false",
            },
            None => self.unknown(name),
        }
    }

    fn unknown(&self, key: String) -> SettingsError {
        SettingsError::UnknownKey {
            path: self.path.clone(),
            key,
        }
    }
}

fn known(name: &str) -> Option<&'static str> {
    let key = KEYS.iter().find(|key| key.name == name)?;
    Some(key.name)
}
