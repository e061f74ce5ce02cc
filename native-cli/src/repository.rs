//! Icechunk repositories: runs appended along `time`, one commit for each.
//!
//! A repository has one writer at a time. Another one that commits in between makes this one's commit fail, whole.

mod group;
mod place;
mod write;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Instant;

use ::icechunk::config::{
    CompressionConfig, ManifestSplitCondition, ManifestSplitDim, ManifestSplitDimCondition,
    ManifestSplittingConfig, RepositoryConfig,
};
use ::icechunk::format::format_constants::SpecVersionBin;
use ::icechunk::virtual_chunks::VirtualChunkContainer;
use gik_core::output::OutputError;
use gik_core::output::series::{Slice, TIME};
use gik_core::refs::RefStore;
use serde_json::{Value, json};

use crate::appended::Appended;
use group::{Fit, Group};
pub(crate) use place::{Pins, Place};
use write::Writer;

/// The branch that runs are appended to.
const BRANCH: &str = "main";
/// How hard zstd tries: the logs of changes are half as long as at 8, manifests a tenth shorter than at the usual 3.
const COMPRESSION: u8 = 9;
/// Groups of one era that are tried before a run is refused.
const MOST_GROUPS: usize = 100;
/// References of one array that a manifest should hold: below it several runs share one.
const MANIFEST: f64 = 5_000.0;
/// Runs that share a manifest at most.
const MOST_RUNS: f64 = 16.0;
/// Runs of which a manifest holds the small coordinates.
const SMALL: u32 = 64;

/// What went wrong with a repository.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum RepositoryError {
    /// A place that holds something else.
    #[error("{place}: there is something, and it is no Icechunk repository")]
    Foreign {
        /// The place.
        place: String,
    },
    /// Icechunk refuses.
    #[error("{place}: {what}")]
    Icechunk {
        /// The repository.
        place: String,
        /// What was tried.
        what: &'static str,
        /// What it says.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A node that gik has not written, or not so.
    #[error("{place}: {path} is not what gik writes: {found}")]
    Node {
        /// The repository.
        place: String,
        /// The node.
        path: String,
        /// What is wrong with it.
        found: String,
    },
    /// The run is there already, with other references.
    #[error("{place}: {run} is in {group} already, and is another result: {difference}")]
    Other {
        /// The repository.
        place: String,
        /// The run.
        run: String,
        /// The group.
        group: String,
        /// What differs.
        difference: String,
    },
    /// The store does not fit into a series of runs.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// Another version of the format.
    #[error(
        "{place}: the repository has version {found} of the format, --spec-version says {wanted}"
    )]
    Version {
        /// The repository.
        place: String,
        /// Its version.
        found: u8,
        /// What was typed.
        wanted: u8,
    },
    /// A place that no repository can be in, or an address that no reference can name.
    #[error("{place}: {reason}")]
    Place {
        /// The place.
        place: String,
        /// Why not.
        reason: String,
    },
}

/// A repository that is open for writing.
pub(crate) struct Repository {
    inner: ::icechunk::Repository,
    place: Place,
}

impl Repository {
    /// Opens the repository of a place, or makes it.
    pub(crate) async fn open(place: Place, version: Option<u8>) -> Result<Self, RepositoryError> {
        let failed = |source| place.failed("cannot be opened", source);
        let storage = place.storage().await?;
        let exists = ::icechunk::Repository::exists(storage.clone(), None);
        let exists = exists.await.map_err(|error| failed(error.into()))?;
        let inner = if exists {
            let opened = ::icechunk::Repository::open(storage).execute().await;
            opened.map_err(|error| failed(error.into()))?
        } else {
            place.check_empty()?;
            let version = match version.unwrap_or(1) {
                1 => SpecVersionBin::V1,
                _ => SpecVersionBin::V2,
            };
            let config = RepositoryConfig {
                compression: Some(CompressionConfig {
                    algorithm: None,
                    level: Some(COMPRESSION),
                }),
                manifest: Some(::icechunk::config::ManifestConfig {
                    splitting: Some(ManifestSplittingConfig {
                        split_sizes: Some(vec![small_coordinates()]),
                    }),
                    ..Default::default()
                }),
                ..Default::default()
            };
            let made = ::icechunk::Repository::create(storage)
                .spec_version(version)
                // What else may be there was looked at; a lock is.
                .check_clean_root(!place.is_folder())
                .config(config)
                .execute()
                .await;
            made.map_err(|error| place.failed("cannot be made", error.into()))?
        };
        let found = match inner.spec_version() {
            SpecVersionBin::V1 => 1,
            SpecVersionBin::V2 => 2,
        };
        if let Some(wanted) = version.filter(|wanted| *wanted != found) {
            let place = place.to_string();
            return Err(RepositoryError::Version {
                place,
                found,
                wanted,
            });
        }
        Ok(Self { inner, place })
    }

    /// Appends the run of a store. One that is there already is kept where it is the same, and replaced only where `force` says so.
    pub(crate) async fn append(
        &mut self,
        store: &RefStore,
        pins: &Pins,
        force: bool,
    ) -> Result<Appended, RepositoryError> {
        let start = Instant::now();
        let slice = Slice::of(store)?;
        let provenance = &store.provenance;
        let era = format!("{}/{}", provenance.source, provenance.era);
        let session = self.inner.writable_session(BRANCH).await;
        let session = session.map_err(|error| self.failed("cannot be read", error.into()))?;
        let (group, apart) = self.group(&session, &era, &slice).await?;
        drop(session);
        let containers = self.prepare(&group, store, &slice).await?;
        let mut appended = Appended {
            repository: self.place.to_string(),
            group: group.path.clone(),
            time: group.times.len(),
            snapshot: None,
            references: slice.references(),
            unpinned: pins.unpinned(store),
            containers,
            apart,
            seconds: 0.0,
            unordered: group.times.last().is_some_and(|last| *last > slice.time),
        };
        let session = self.inner.writable_session(BRANCH).await;
        let session = session.map_err(|error| self.failed("cannot be read", error.into()))?;
        let mut writer = Writer {
            repository: &self.inner,
            place: &self.place,
            group: &group,
            slice: &slice,
            objects: pins.references(store, &self.place)?,
        };
        let mut stale = Vec::new();
        if let Some(time) = group.times.iter().position(|time| *time == slice.time) {
            appended.time = time;
            appended.unordered = false;
            let found = writer.compare(time).await?;
            match found.difference {
                None => return Ok(appended),
                Some(difference) if !force => {
                    return Err(RepositoryError::Other {
                        place: self.place.to_string(),
                        run: format!("{} {}", provenance.source, provenance.run),
                        group: group.path.clone(),
                        difference,
                    });
                }
                Some(_) => stale = found.stale,
            }
        }
        let (message, properties) = said(store, &appended);
        let snapshot = writer.write(session, appended.time, stale);
        let snapshot = snapshot.await?.commit(message, properties).await?;
        appended.snapshot = Some(snapshot);
        appended.seconds = start.elapsed().as_secs_f64();
        Ok(appended)
    }

    /// The first group of an era that takes the run, and why those before it do not.
    async fn group(
        &self,
        session: &::icechunk::session::Session,
        era: &str,
        slice: &Slice<'_>,
    ) -> Result<(Group, Option<String>), RepositoryError> {
        let mut apart = None;
        for at in 1..=MOST_GROUPS {
            let path = match at {
                1 => era.to_owned(),
                at => format!("{era}-{at}"),
            };
            let Some(mut group) = Group::read(session, &self.place, &path).await? else {
                return Ok((Group::new(path, slice), apart));
            };
            match group.fit(session, &self.place, slice).await? {
                Fit::Takes(places) => {
                    group.places = places;
                    return Ok((group, apart));
                }
                Fit::Differs(why) => {
                    apart.get_or_insert_with(|| format!("{path} does not take it: {why}"));
                }
            }
        }
        Err(RepositoryError::Place {
            place: self.place.to_string(),
            reason: format!("{MOST_GROUPS} groups of {era} do not take the run"),
        })
    }

    /// Makes the configuration ready for a run: containers of its objects, and how the manifests of its group are split.
    async fn prepare(
        &mut self,
        group: &Group,
        store: &RefStore,
        slice: &Slice<'_>,
    ) -> Result<Vec<String>, RepositoryError> {
        let known: HashMap<String, VirtualChunkContainer> = self
            .inner
            .config()
            .virtual_chunk_containers()
            .map(|one| (one.url_prefix().to_owned(), one.clone()))
            .collect();
        let mut config = self.inner.config().clone();
        let mut changed = false;
        let mut used = BTreeSet::new();
        // An object lies beside its index.
        let index = store.provenance.indexes.first();
        let depth = index.map_or(0, |index| index.path.matches('/').count());
        for url in &store.objects {
            if let Some(prefix) = known.keys().chain(&used).find(|it| url.starts_with(*it)) {
                used.insert(prefix.clone());
                continue;
            }
            let container = self.place.container(url, depth)?;
            used.insert(container.url_prefix().to_owned());
            let set = config.set_virtual_chunk_container(container);
            set.map_err(|reason| self.misplaced(url, reason))?;
            changed = true;
        }
        if group.is_new() {
            let mut manifest = config.manifest().clone();
            let mut rules = manifest.splitting().split_sizes.clone().unwrap_or_default();
            rules.push(data_arrays(&group.path, slice));
            manifest.splitting = Some(ManifestSplittingConfig {
                split_sizes: Some(rules),
            });
            config.manifest = Some(manifest);
            changed = true;
        }
        if changed {
            let reopened = self.inner.reopen(Some(config), None).await;
            let reopened =
                reopened.map_err(|error| self.failed("cannot be configured", error.into()))?;
            let saved = reopened.save_config().await;
            saved.map_err(|error| self.failed("cannot be configured", error.into()))?;
            // Opened anew: the version of the configuration is another one now.
            let storage = self.place.storage().await?;
            let opened = ::icechunk::Repository::open(storage).execute().await;
            self.inner = opened.map_err(|error| self.failed("cannot be opened", error.into()))?;
        }
        Ok(used.into_iter().collect())
    }

    fn failed(
        &self,
        what: &'static str,
        source: Box<dyn std::error::Error + Send + Sync>,
    ) -> RepositoryError {
        self.place.failed(what, source)
    }

    fn misplaced(&self, place: &str, reason: String) -> RepositoryError {
        let place = place.to_owned();
        RepositoryError::Place { place, reason }
    }
}

type Rule = (ManifestSplitCondition, Vec<ManifestSplitDim>);

/// Coordinates that grow with the runs are small: many runs share a manifest.
fn small_coordinates() -> Rule {
    let regex = "^(time|valid_time|step_bounds|step_bounds_total)$".to_owned();
    (ManifestSplitCondition::NameMatches { regex }, along(SMALL))
}

/// Manifests of data are split along `time`, so that appending a run writes its own references only. Where a run has few,
/// some runs share one: a snapshot lists all manifests, and is written anew with each run.
fn data_arrays(group: &str, slice: &Slice<'_>) -> Rule {
    use gik_core::output::series::Content;
    let arrays = slice.arrays.values();
    let arrays = arrays.filter(|array| matches!(array.content, Content::Messages(_)));
    let arrays = u32::try_from(arrays.count()).unwrap_or(u32::MAX).max(1);
    let references = u32::try_from(slice.references()).unwrap_or(u32::MAX).max(1);
    let each = f64::from(references) / f64::from(arrays);
    let runs = (MANIFEST / each).sqrt().round().clamp(1.0, MOST_RUNS);
    let runs = (1..=16).rfind(|count| f64::from(*count) <= runs);
    let regex = format!("^/{}/", escaped(group));
    (
        ManifestSplitCondition::PathMatches { regex },
        along(runs.unwrap_or(1)),
    )
}

fn along(num_chunks: u32) -> Vec<ManifestSplitDim> {
    vec![ManifestSplitDim {
        condition: ManifestSplitDimCondition::DimensionName(format!("^{TIME}$")),
        num_chunks,
    }]
}

/// A text as a regular expression that matches it.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        if !(letter.is_alphanumeric() || matches!(letter, '/' | '-' | '_')) {
            out.push('\\');
        }
        out.push(letter);
    }
    out
}

/// The message of a commit, and its properties: where the run comes from.
fn said(store: &RefStore, appended: &Appended) -> (String, BTreeMap<String, Value>) {
    let provenance = &store.provenance;
    let message = format!(
        "{} {}: {} references in {}, by gik {}",
        provenance.source, provenance.run, appended.references, appended.group, provenance.gik
    );
    let mut said = serde_json::to_value(provenance).unwrap_or_default();
    if let Some(said) = said.as_object_mut() {
        // Thousands of index files would stand in every snapshot: one hash stands for all.
        said.insert(
            "indexes".to_owned(),
            json!({
                "count": provenance.indexes.len(),
                "sha256": provenance.indexes_sha256(),
            }),
        );
        said.insert("run".to_owned(), json!(provenance.run.to_string()));
        said.insert("codec".to_owned(), json!("gribberish"));
        said.insert("group".to_owned(), json!(appended.group));
        said.insert("references".to_owned(), json!(appended.references));
        said.insert("unpinned".to_owned(), json!(appended.unpinned.len()));
    }
    (message, [("gik".to_owned(), said)].into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_matched_letter_by_letter() {
        assert_eq!(escaped("ifs-ens/50r1.a+"), r"ifs-ens/50r1\.a\+");
    }
}
