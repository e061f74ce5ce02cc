//! The catalogue: the sources that are built in, and those of the user's file.

use gik_core::source::{Catalog, CatalogError};

use crate::cloud::Cloud;
use crate::exit::CommandError;
use crate::settings::Settings;

/// Why the user's catalogue cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UserCatalogError {
    /// It cannot be read.
    #[error("{path}: cannot read the catalogue, named by {origin}")]
    Read {
        /// The file.
        path: String,
        /// The setting's origin.
        origin: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// It is no catalogue.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
}

/// The built-in sources with those of the settings' file; a source of the same id takes the place of the built-in one.
pub(crate) fn read(settings: &Settings) -> Result<Catalog, CommandError> {
    let catalog = Catalog::builtin()?;
    let Some(path) = &settings.catalog else {
        return Ok(catalog);
    };
    let text = std::fs::read_to_string(path).map_err(|source| UserCatalogError::Read {
        path: path.display().to_string(),
        origin: settings.origin("catalog"),
        source,
    });
    text.and_then(|text| Ok(catalog.with_file(&path.display().to_string(), &text)?))
        .map_err(CommandError::usage)
}

/// A store that knows the public buckets of the catalogue, and their regions.
pub(crate) fn public(store: Cloud, catalog: &Catalog) -> Cloud {
    let mirrors = catalog.sources().flat_map(|source| &source.mirrors);
    store.with_public(mirrors.map(|mirror| (mirror.root.as_str(), mirror.region.as_deref())))
}
