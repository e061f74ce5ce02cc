//! Finished references into a repository: the members of a run as one, run after run.

use std::collections::BTreeMap;

use gik_core::refs::RefStore;
use gik_core::source::Catalog;

use crate::appended::Appended;
use crate::cli::Convert;
use crate::cloud::Cloud;
use crate::commands::refs::one_store;
use crate::destination::Destination;
use crate::exit::CommandError;
use crate::lock::Lock;
use crate::repository::{Pins, Place, Repository};
use crate::settings::Settings;

/// Appends the runs of stores to the repository, oldest first.
pub(super) async fn append(
    typed: &Convert,
    stores: &[RefStore],
    cloud: &Cloud,
    (settings, catalog): (&Settings, &Catalog),
) -> Result<Vec<Appended>, CommandError> {
    let out = typed.out.to_string_lossy();
    let destination = Destination::parse(&out).map_err(CommandError::usage)?;
    let _lock = destination.folder().map(Lock::take).transpose()?;
    let mut runs: BTreeMap<(i64, &str, &str), Vec<RefStore>> = BTreeMap::new();
    for store in stores {
        let provenance = &store.provenance;
        let run = provenance.run.seconds_since_epoch();
        let key = (run, provenance.source.as_str(), provenance.era.as_str());
        runs.entry(key).or_default().push(store.clone());
    }
    let place = Place::new(destination, settings, catalog);
    let mut repository = Repository::open(place, typed.icechunk.spec_version).await?;
    let mut appended = Vec::new();
    for members in runs.values() {
        let store = one_store(members)?;
        let objects = store.objects.iter().map(|url| (url.clone(), None));
        let pins = Pins::of(cloud, objects).await;
        appended.push(repository.append(&store, &pins, typed.force).await?);
    }
    Ok(appended)
}
