//! What it means: flags, then the environment, then `gik.toml`, then defaults, resolved into plain values.
//!
//! The only room that reads environment variables. Every value remembers where it came from.

mod environment;
mod file;
mod key;
mod resolver;

use std::path::PathBuf;

pub(crate) use environment::Environment;
pub(crate) use key::{KEYS, Signing};
pub(crate) use resolver::{Origin, Resolved};

use crate::cli::Global;
use crate::printer::{Color, Verbosity};
use crate::settings::file::ConfigFile;
use crate::settings::key::*;
use crate::settings::resolver::Resolver;

/// Why the settings make no sense.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum SettingsError {
    /// A line of `.env` that is meant for gik or a cloud, and is no assignment.
    #[error("{}: the line of {name} is not understood", path.display())]
    EnvironmentFile {
        /// The `.env`.
        path: PathBuf,
        /// The variable; its value may be a secret.
        name: String,
    },
    /// A file that cannot be read.
    #[error("{}: cannot read the settings", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A file that is no TOML.
    #[error("{}: not TOML", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// The place and the reason.
        source: Box<toml::de::Error>,
    },
    /// A key that no setting has.
    #[error("{}: unknown key `{key}`", path.display())]
    UnknownKey {
        /// The file.
        path: PathBuf,
        /// The key, with its table.
        key: String,
    },
    /// A value that the setting cannot take.
    #[error("{origin}: `{text}` is no value for {key}: expected {expected}")]
    Value {
        /// Where the value was found.
        origin: Origin,
        /// The setting.
        key: &'static str,
        /// What was found.
        text: String,
        /// What it takes.
        expected: &'static str,
    },
}

/// All that can be set, resolved.
#[derive(Debug)]
pub(crate) struct Settings {
    /// A user's catalogue, added to the built-in sources.
    pub(crate) catalog: Option<PathBuf>,
    /// When to color.
    pub(crate) color: Color,
    /// How much stderr says.
    pub(crate) verbosity: Verbosity,
    /// How the network is used.
    pub(crate) network: Network,
    /// How S3 is spoken to.
    pub(crate) s3: S3,
    /// How Google Cloud Storage is spoken to.
    pub(crate) gcs: Gcs,
    /// Every setting with its value as text and where it came from, in the order of [`KEYS`].
    pub(crate) resolved: Vec<Resolved>,
    /// The variables, for what the clouds' libraries read themselves.
    pub(crate) environment: Environment,
}

/// How the network is used.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Network {
    /// How often a request is repeated that failed for a reason that may pass.
    pub(crate) retries: u32,
    /// Seconds without a byte after which a transfer is given up.
    pub(crate) timeout_seconds: u32,
}

/// How S3 is spoken to.
#[derive(Clone, Debug)]
pub(crate) struct S3 {
    /// Region of buckets whose region is not in the catalogue.
    pub(crate) region: String,
    /// A server other than Amazon's.
    pub(crate) endpoint: Option<String>,
    /// Whether that server may be spoken to without TLS.
    pub(crate) allow_http: bool,
    /// Which requests are signed.
    pub(crate) sign: Signing,
}

/// How Google Cloud Storage is spoken to.
#[derive(Clone, Debug)]
pub(crate) struct Gcs {
    /// A server other than Google's.
    pub(crate) endpoint: Option<String>,
    /// A service account's key file.
    pub(crate) service_account: Option<PathBuf>,
    /// Which requests are signed.
    pub(crate) sign: Signing,
}

impl Settings {
    /// Resolves what was typed with the process's environment and the configuration files.
    pub(crate) fn resolve(typed: &Global) -> Result<Self, SettingsError> {
        let folder = std::env::current_dir().map_err(|source| SettingsError::Read {
            path: PathBuf::from("."),
            source,
        })?;
        Self::within(typed, Environment::of_process(&folder)?, folder)
    }

    /// Resolves what was typed with an environment, in a working directory.
    pub(crate) fn within(
        typed: &Global,
        environment: Environment,
        folder: PathBuf,
    ) -> Result<Self, SettingsError> {
        let files = ConfigFile::all(typed.config.as_deref(), &environment, &folder)?;
        let mut resolver = Resolver::new(&environment, files, folder);
        let path = |path: &PathBuf| path.to_string_lossy().into_owned();
        let verbosity = match (typed.quiet, typed.verbose) {
            (true, _) => Some(("--quiet", "quiet".to_owned())),
            (_, true) => Some(("--verbose", "verbose".to_owned())),
            _ => None,
        };
        let color = typed.color.map(|color| ("--color", color.show()));
        let catalog = typed.catalog.as_ref().map(path).map(|at| ("--catalog", at));
        Ok(Self {
            catalog: resolver.optional(&CATALOG, catalog)?,
            color: resolver.required(&COLOR, color, Color::default())?,
            verbosity: resolver.required(&VERBOSITY, verbosity, Verbosity::default())?,
            network: Network {
                retries: resolver.required(&RETRIES, None, 5)?,
                timeout_seconds: resolver.required(&TIMEOUT_SECONDS, None, 30)?,
            },
            s3: S3 {
                region: resolver.required(&S3_REGION, None, "us-east-1".to_owned())?,
                endpoint: resolver.optional(&S3_ENDPOINT, None)?,
                allow_http: resolver.required(&S3_ALLOW_HTTP, None, false)?,
                sign: resolver.required(&S3_SIGN, None, Signing::default())?,
            },
            gcs: Gcs {
                endpoint: resolver.optional(&GCS_ENDPOINT, None)?,
                service_account: resolver.optional(&GCS_SERVICE_ACCOUNT, None)?,
                sign: resolver.required(&GCS_SIGN, None, Signing::default())?,
            },
            resolved: resolver.resolved,
            environment,
        })
    }

    /// Where the value of a setting comes from, for messages.
    pub(crate) fn origin(&self, name: &str) -> String {
        let found = self.resolved.iter().find(|setting| setting.name == name);
        found.map_or_else(|| "nobody".to_owned(), |setting| setting.origin.to_string())
    }
}

#[cfg(test)]
mod tests;
