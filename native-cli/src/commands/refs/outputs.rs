//! Where results of a run go: names, formats, a lock for folders.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream::{self, StreamExt};
use gik_core::output::mapped_index::{self, Mapping};
use gik_core::output::{self, Artifact, Output};
use gik_core::pipeline::refs::Built;
use gik_core::refs::{RefStore, ensemble};
use gik_core::store::Store;
use gik_core::time::Run;
use gik_core::work::sha256;
use serde::Serialize;

use crate::cli::{Format, Layout, Refs};
use crate::cloud::Cloud;
use crate::destination::{Destination, DestinationError, Put};
use crate::exit::CommandError;
use crate::lock::Lock;

/// Objects that are put at once.
const PUTS: usize = 8;

/// One object that was put.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Written {
    pub(super) path: String,
    pub(super) bytes: usize,
    /// Whether it was there already.
    pub(super) kept: bool,
    /// Its hash, where others may write the same at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) sha256: Option<String>,
}

/// The place for the results of one run.
pub(super) struct Outputs<'a> {
    typed: &'a Refs,
    out: &'a str,
    run: Run,
    /// Held until the run is done.
    _lock: Option<Lock>,
    /// Whether others may write the same at once.
    shared: bool,
}

/// Two runs must not write the same names.
pub(in crate::commands) fn tell_apart(
    out: &str,
    runs: &[Run],
    formats: &[Format],
) -> Result<(), CommandError> {
    if formats.contains(&Format::Icechunk) {
        return Ok(());
    }
    let mut places: Vec<String> = runs.iter().map(|run| place(out, *run, None)).collect();
    places.sort_unstable();
    places.dedup();
    if places.len() == runs.len() {
        return Ok(());
    }
    Err(CommandError::usage(anyhow::anyhow!(
        "{} runs would write the same names into {out}: put {{date}} and {{run}} into --out",
        runs.len()
    )))
}

/// The files of a store.
fn encode(
    formats: &[Output],
    store: &RefStore,
    name: &str,
) -> Result<Vec<Artifact>, output::OutputError> {
    let mut artifacts = Vec::new();
    for format in formats {
        artifacts.extend(output::write(*format, store, name)?);
    }
    Ok(artifacts)
}

/// The place that was typed, for a run and a member.
fn place(out: &str, run: Run, member: Option<&str>) -> String {
    let place = out
        .replace("{date}", &run.date.to_string())
        .replace("{run}", &format!("{:02}", run.hour));
    match member {
        Some(member) => place.replace("{member}", member),
        None => place,
    }
}

impl<'a> Outputs<'a> {
    /// Takes the folder of a run for this process, unless it is shared.
    pub(super) fn open(
        typed: &'a Refs,
        out: &'a str,
        run: Run,
        shared: bool,
    ) -> Result<Self, CommandError> {
        let whole = place(out, run, None);
        let common = whole.split("{member}").next().unwrap_or_default();
        let destination = Destination::parse(match common {
            "" => ".",
            common => common,
        });
        let destination = destination.map_err(CommandError::usage)?;
        let folder = destination.folder().filter(|_| !shared);
        let lock = folder.map(Lock::take).transpose()?;
        Ok(Self {
            typed,
            out,
            run,
            _lock: lock,
            shared,
        })
    }

    /// The place of this run.
    #[cfg(feature = "icechunk")]
    pub(super) fn place(&self) -> String {
        place(self.out, self.run, None)
    }

    /// Writes all stores in all formats; they are taken, and each goes as soon as it is written.
    pub(super) async fn write(
        &self,
        cloud: &Cloud,
        built: &mut Built,
    ) -> Result<Vec<Written>, CommandError> {
        if self.typed.format == [Format::Icechunk] {
            return Ok(self.mapped_index(cloud, built).await?.into_iter().collect());
        }
        if self.typed.mapped_index.is_none() {
            // A million messages that nobody asks for any more.
            built.messages = Vec::new();
        }
        let stores = std::mem::take(&mut built.stores).into_iter();
        let filled = stores.filter(|store| store.references() > 0);
        let named: Vec<(String, RefStore)> = match self.typed.layout {
            Layout::Ensemble => {
                let members: Vec<RefStore> = filled.collect();
                vec![("ensemble".to_owned(), ensemble::join(&members)?)]
            }
            Layout::Member => filled
                .map(|store| (store.provenance.member.clone(), store))
                .collect(),
        };
        let formats = self.typed.format.iter();
        let formats: Arc<[Output]> = formats.filter_map(|one| one.output()).collect();
        let puts = named.into_iter().map(|(name, store)| {
            let formats = Arc::clone(&formats);
            async move {
                let place = place(self.out, self.run, Some(&name));
                let destination = Destination::parse(&place).map_err(CommandError::usage)?;
                // On all cores, while those before it are put.
                let encoded = cloud.aside(move || encode(&formats, &store, &name));
                self.put(cloud, &destination, encoded.await?).await
            }
        });
        let mut written = Vec::new();
        let mut puts = stream::iter(puts).buffered(PUTS);
        while let Some(put) = puts.next().await {
            written.extend(put?);
        }
        written.extend(self.mapped_index(cloud, built).await?);
        Ok(written)
    }

    async fn put(
        &self,
        cloud: &Cloud,
        destination: &Destination,
        artifacts: Vec<Artifact>,
    ) -> Result<Vec<Written>, CommandError> {
        // Who opens a folder starts with its metadata: where it is, all else is.
        let (last, first): (Vec<Artifact>, Vec<Artifact>) = artifacts
            .into_iter()
            .partition(|artifact| artifact.path.ends_with("/.zmetadata"));
        let mut written = self.put_all(cloud, destination, &first).await?;
        written.extend(self.put_all(cloud, destination, &last).await?);
        Ok(written)
    }

    async fn put_all(
        &self,
        cloud: &Cloud,
        destination: &Destination,
        artifacts: &[Artifact],
    ) -> Result<Vec<Written>, CommandError> {
        let force = self.typed.force;
        let puts = artifacts.iter().map(|artifact| async move {
            let (name, bytes) = (artifact.path.as_str(), &artifact.bytes);
            let put = destination.put(cloud, (name, bytes), force).await?;
            Ok::<_, DestinationError>(Written {
                path: destination.place(name),
                bytes: bytes.len(),
                kept: put == Put::Kept,
                sha256: self.shared.then(|| sha256(bytes)),
            })
        });
        let put: Vec<_> = stream::iter(puts).buffered(PUTS).collect().await;
        Ok(put.into_iter().collect::<Result<_, _>>()?)
    }

    async fn mapped_index(
        &self,
        cloud: &Cloud,
        built: &Built,
    ) -> Result<Option<Written>, CommandError> {
        let Some(path) = &self.typed.mapped_index else {
            return Ok(None);
        };
        let path = place(&path.display().to_string(), self.run, None);
        let mapping = Mapping {
            template: &built.template,
            objects: &built.objects,
            numbers: &built.numbers,
            run: self.run,
        };
        let bytes = Bytes::from(mapped_index::write(&built.messages, mapping, &path)?);
        let (folder, name) = match path.rsplit_once('/') {
            Some((folder, name)) => (folder, name),
            None => (".", path.as_str()),
        };
        let destination = Destination::parse(folder).map_err(CommandError::usage)?;
        let put = destination.put(cloud, (name, &bytes), self.typed.force);
        Ok(Some(Written {
            kept: put.await? == Put::Kept,
            bytes: bytes.len(),
            sha256: self.shared.then(|| sha256(&bytes)),
            path,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_runs_have_two_places() {
        let runs = ["2025-09-01T00", "2025-09-01T12"].map(|run| run.parse().unwrap());
        assert!(tell_apart("out/{date}{run}/", &runs, &[]).is_ok());
        assert!(tell_apart("out/{date}/", &runs, &[]).is_err());
        assert!(tell_apart("out/", &runs[..1], &[]).is_ok());
        let one = tell_apart("repo", &runs, &[Format::Icechunk]);
        assert!(one.is_ok(), "a repository has all runs");
        assert_eq!(
            place("o/{date}_{run}/{member}", runs[1], Some("gep01")),
            "o/20250901_12/gep01"
        );
    }
}
