//! References that were written before: read, repaired where that is possible, and written in another format.
//!
//! Three kinds of stores are told apart. What gik wrote says so (its provenance) and is passed on as it is: the same bytes come out
//! of a round trip. A Zarr store of kerchunk's machinery is repaired key by key. Flat keys `step_NNN/...` hold byte ranges and no
//! array: an index is made of them, and the store is built anew from it as `gik refs` builds one. What cannot be repaired is
//! refused with the reason, and the rest is converted.

mod flat;
mod origin;
mod read;
mod repair;
mod store;

use serde::Serialize;

use crate::error::Error;
use crate::grib::naming::Tables;
use crate::keys::{KeysError, StoreKeys};
use crate::output::{self, Artifact, Output, OutputError};
use crate::pipeline::Gap;
use crate::provenance::Provenance;
use crate::refs::RefStore;
use crate::source::Catalog;
use crate::store::Store;

pub use flat::collapsed;
pub use read::{Name, Published, read_file, read_folder};

/// Why a store cannot be converted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConvertError {
    /// The references cannot be built anew.
    #[error("the references cannot be built")]
    Build(#[from] Box<Error>),
    /// The file cannot be read as a store.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// The store does not fit together.
    #[error("the store cannot be written")]
    Output(#[from] OutputError),
    /// It does not say which run it is of.
    #[error(
        "what run the references are of does not stand in them: gik writes it, repaired stores of others lack it"
    )]
    NoRun,
    /// Nothing is left that could be referred to.
    #[error("nothing can be converted: {because}")]
    Nothing {
        /// The first reason.
        because: String,
    },
    /// References of more than one run or member in one store.
    #[error("{what} {first} and {second} in one store")]
    Several {
        /// What there should be one of.
        what: &'static str,
        /// One.
        first: String,
        /// Another.
        second: String,
    },
    /// URLs of an archive that the catalogue does not have.
    #[error("{url}: no source of the catalogue has such an object")]
    UnknownArchive {
        /// One of the URLs.
        url: String,
    },
}

/// What a conversion may look at besides the store itself.
#[derive(Debug)]
pub struct Context<'a, S> {
    /// Sources, to recognise URLs.
    pub catalog: &'a Catalog,
    /// Names of ecCodes.
    pub tables: &'a Tables,
    /// Where the GRIB objects can be read, as a store and the root that they lie below: headers then prove names and grids.
    /// Without it both come from the catalogue.
    pub archive: Option<(&'a S, &'a str)>,
}

/// A store that was converted.
#[derive(Clone, Debug)]
pub struct Converted {
    store: Kept,
    /// What was repaired, each kind once.
    pub repairs: Vec<Repair>,
    /// What cannot be repaired and is not in the result.
    pub refused: Vec<Refused>,
    /// What the run should have and this store does not; known only of stores that were built anew.
    pub gaps: Vec<Gap>,
}

#[derive(Clone, Debug)]
enum Kept {
    Keys(StoreKeys, String),
    Refs(Box<RefStore>),
}

/// One kind of repair.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Repair {
    /// What was wrong, and what was done.
    pub what: &'static str,
    /// How often.
    pub count: usize,
    /// One place of it.
    pub example: String,
}

/// One kind of reference that cannot be repaired.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refused {
    /// Why.
    pub because: String,
    /// How many references, or arrays.
    pub count: usize,
    /// One of them.
    pub example: String,
}

/// Converts one store.
///
/// # Errors
/// [`ConvertError`] where nothing of it can be used, or it contradicts itself.
pub async fn convert<S: Store>(
    published: Published,
    context: &Context<'_, S>,
) -> Result<Converted, ConvertError> {
    if let Some(provenance) = &published.provenance {
        let text = serde_json::to_string(provenance).unwrap_or_default();
        return Ok(Converted {
            store: Kept::Keys(published.keys, text),
            repairs: Vec::new(),
            refused: Vec::new(),
            gaps: Vec::new(),
        });
    }
    if flat::is_flat(&published.keys) {
        return flat::rebuild(&published.keys, context).await;
    }
    repair::repair(published.keys, context)
}

impl Converted {
    /// Writes it under the name `stem` with the format's ending.
    ///
    /// # Errors
    /// [`OutputError`] where its documents and chunks do not fit together.
    pub fn write(&self, output: Output, stem: &str) -> Result<Vec<Artifact>, OutputError> {
        match &self.store {
            Kept::Keys(keys, provenance) => output::write_keys(output, keys, provenance, stem),
            Kept::Refs(store) => output::write(output, store, stem),
        }
    }

    /// The store as keys.
    ///
    /// # Errors
    /// What writing it would fail with.
    pub fn into_keys(self) -> Result<StoreKeys, ConvertError> {
        match self.store {
            Kept::Keys(keys, _) => Ok(keys),
            Kept::Refs(store) => {
                let written = output::write(Output::KerchunkJson, &store, "store")?;
                let document = written.first().map(|artifact| artifact.bytes.clone());
                Ok(crate::keys::parse_json(&document.unwrap_or_default())?)
            }
        }
    }

    /// The store with its arrays and where it comes from, as [`crate::pipeline::refs`] builds it.
    ///
    /// # Errors
    /// [`ConvertError::NoRun`] where it does not say which run it is of; otherwise what contradicts itself.
    pub fn into_store(self) -> Result<RefStore, ConvertError> {
        match self.store {
            Kept::Keys(keys, text) => {
                let provenance = provenance(&text).ok_or(ConvertError::NoRun)?;
                store::of_keys(&keys, provenance)
            }
            Kept::Refs(store) => Ok(*store),
        }
    }

    /// How many byte ranges it refers to.
    pub fn references(&self) -> usize {
        match &self.store {
            Kept::Keys(keys, _) => keys.references(),
            Kept::Refs(store) => store.references(),
        }
    }
}

/// What is said of a store that gik did not make.
#[derive(Serialize)]
struct Stamp<'a> {
    converted: &'a [Repair],
    gik: &'static str,
}

fn stamp(repairs: &[Repair]) -> String {
    let stamp = Stamp {
        converted: repairs,
        gik: env!("CARGO_PKG_VERSION"),
    };
    // Through a value, so that members are sorted as they are in every format.
    serde_json::to_value(&stamp)
        .map(|it| it.to_string())
        .unwrap_or_default()
}

/// Repairs and refusals, counted by kind.
#[derive(Debug, Default)]
struct Notes {
    repairs: Vec<Repair>,
    refused: Vec<Refused>,
}

impl Notes {
    fn repaired(&mut self, what: &'static str, example: &str) {
        match self.repairs.iter_mut().find(|repair| repair.what == what) {
            Some(repair) => repair.count += 1,
            None => self.repairs.push(Repair {
                what,
                count: 1,
                example: example.to_owned(),
            }),
        }
    }

    fn refused(&mut self, because: String, example: &str) {
        match self
            .refused
            .iter_mut()
            .find(|refused| refused.because == because)
        {
            Some(refused) => refused.count += 1,
            None => self.refused.push(Refused {
                because,
                count: 1,
                example: example.to_owned(),
            }),
        }
    }

    /// An error where nothing is left.
    fn nothing(&self) -> ConvertError {
        let because = self.refused.first().map(|refused| refused.because.clone());
        ConvertError::Nothing {
            because: because.unwrap_or_else(|| "it has no references".to_owned()),
        }
    }
}

/// The provenance that a store says of itself.
fn provenance(text: &str) -> Option<Provenance> {
    serde_json::from_str(text).ok()
}
