//! The variables of the process, and those of a `.env` in the working directory that the process does not have.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::SettingsError;
use super::resolver::Origin;

/// Beginnings of the variables that gik reads.
const PREFIXES: [&str; 4] = ["AWS_", "GCS_", "GIK_", "GOOGLE_"];

/// Variables by name. One that is empty counts as not there.
#[derive(Clone, Debug, Default)]
pub(crate) struct Environment {
    process: BTreeMap<String, String>,
    file: BTreeMap<String, String>,
    path: PathBuf,
}

impl Environment {
    /// What the process was given, over the `.env` of a folder. Variables that are not UTF-8 are not seen.
    pub(crate) fn of_process(folder: &Path) -> Result<Self, SettingsError> {
        let process = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        Self::new(process, folder)
    }

    /// These variables, over the `.env` of a folder.
    pub(crate) fn new(
        process: BTreeMap<String, String>,
        folder: &Path,
    ) -> Result<Self, SettingsError> {
        let path = folder.join(".env");
        let file = read(&path)?;
        Ok(Self {
            process,
            file,
            path,
        })
    }

    /// A variable's text.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        let of = |variables: &'_ BTreeMap<String, String>| variables.contains_key(name);
        let variables = match of(&self.process) {
            true => &self.process,
            false => &self.file,
        };
        variables
            .get(name)
            .map(String::as_str)
            .filter(|text| !text.is_empty())
    }

    /// Where a variable's text comes from.
    pub(super) fn origin(&self, variable: &'static str) -> Origin {
        if self.process.contains_key(variable) {
            Origin::Environment { variable }
        } else {
            Origin::EnvironmentFile {
                variable,
                path: self.path.clone(),
            }
        }
    }

    /// The variables whose names start so, with their texts.
    pub(crate) fn starting_with(&self, prefix: &str) -> Vec<(&str, &str)> {
        let names = self.process.keys().chain(self.file.keys());
        let mut found: Vec<_> = names
            .filter(|name| name.starts_with(prefix))
            .filter_map(|name| Some((name.as_str(), self.text(name)?)))
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    }
}

fn read(path: &Path) -> Result<BTreeMap<String, String>, SettingsError> {
    let unreadable = |source| SettingsError::Read {
        path: path.to_owned(),
        source,
    };
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(error) => return Err(unreadable(error)),
    };
    let mut variables = BTreeMap::new();
    for line in dotenvy::Iter::new(text.as_bytes()) {
        match line {
            Ok((name, value)) => {
                variables.insert(name, value);
            }
            Err(dotenvy::Error::LineParse(..)) => match text.lines().find_map(broken) {
                Some(name) => {
                    return Err(SettingsError::EnvironmentFile {
                        path: path.to_owned(),
                        name: name.to_owned(),
                    });
                }
                // Other programs' lines are none of ours.
                None => continue,
            },
            Err(dotenvy::Error::Io(error)) => return Err(unreadable(error)),
            Err(error) => return Err(unreadable(std::io::Error::other(error))),
        }
    }
    Ok(variables)
}

/// The name in a line that is meant for gik or a cloud, and is no assignment. The rest may be a secret.
fn broken(line: &str) -> Option<&str> {
    let name = line.trim_start();
    let name = name.strip_prefix("export ").unwrap_or(name).trim_start();
    let ours = PREFIXES.iter().any(|prefix| name.starts_with(prefix));
    let fails = || dotenvy::Iter::new(line.as_bytes()).any(|line| line.is_err());
    (ours && fails()).then(|| name.split(['=', ' ']).next().unwrap_or(name))
}
