//! A run that was built, into a repository.

use std::collections::HashMap;

use gik_core::pipeline::refs::Built;
use gik_core::refs::{RefStore, ensemble};

use super::Work;
use crate::appended::Appended;
use crate::destination::Destination;
use crate::exit::CommandError;
use crate::repository::{Pins, Place, Repository};

impl Work<'_> {
    /// Appends a run to the repository of a place, which is made where there is none.
    pub(super) async fn append(&self, out: &str, built: &Built) -> Result<Appended, CommandError> {
        let destination = Destination::parse(out).map_err(CommandError::usage)?;
        let place = Place::new(destination, self.settings, self.catalog);
        let store = one_store(&built.stores)?;
        // What was said of the objects that were read holds for no others.
        let own = self.typed.uri_base.is_none();
        let known: HashMap<&String, _> = built.objects.iter().zip(&built.metas).collect();
        let objects = store.objects.iter().map(|url| {
            let meta = known.get(url).filter(|_| own);
            (url.clone(), meta.map(|meta| (*meta).clone()))
        });
        let pins = Pins::of(&self.store, objects).await;
        let mut repository = Repository::open(place, self.typed.icechunk.spec_version).await?;
        Ok(repository.append(&store, &pins, self.typed.force).await?)
    }
}

/// The stores of a run as one: members are an axis, even where there is one.
pub(crate) fn one_store(stores: &[RefStore]) -> Result<RefStore, CommandError> {
    let filled = stores.iter().filter(|store| store.references() > 0);
    let filled: Vec<RefStore> = filled.cloned().collect();
    let is_member = |store: &RefStore| store.arrays.keys().any(|path| path.ends_with("/number"));
    match filled.as_slice() {
        [only] if !is_member(only) => Ok(only.clone()),
        several => Ok(ensemble::join(several)?),
    }
}
