//! `gik merge`: what shards left, put together where it belongs.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context as _, anyhow};
use futures_util::stream::{self, StreamExt};
use gik_core::output::Artifact;
use gik_core::pipeline::Gap;
use gik_core::pipeline::stream::part::{Part, join};
use gik_core::store::Store;
use gik_core::time::Run;
use gik_core::work::union::{Union, ranges};
use gik_core::work::{Kind, bundle, sha256};
use serde_json::json;

use super::run::list_gaps;
use super::shard::{Manifest, ManifestFile, ManifestOfRun};
use crate::catalog;
use crate::cli::Merge;
use crate::cloud::{Cloud, absolute};
use crate::exit::{CommandError, ExitStatus};
use crate::printer::Printer;
use crate::settings::Settings;
use crate::workplace::Workplace;

/// Files that are looked at at once.
const LOOKS: usize = 32;

pub(crate) async fn run(
    typed: &Merge,
    settings: &Settings,
    printer: &Printer,
) -> Result<ExitStatus, CommandError> {
    let catalog = catalog::read(settings)?;
    let cloud = catalog::public(Cloud::new(settings), &catalog);
    let place = Workplace::open(&typed.plan, settings, cloud).await?;
    let union = place.union().await?;
    let missing = union.missing();
    if !missing.is_empty() && !typed.partial {
        return Err(anyhow!(
            "{} of {} shards are missing: {}; --partial puts together what there is",
            missing.len(),
            place.shards(),
            ranges(&missing)
        )
        .into());
    }
    let (outputs, gaps) = match place.hashed.plan.job.kind {
        Kind::Refs => references(&place, &union, typed.read_back).await?,
        Kind::Stream => values(&place, &union, settings, printer).await?,
    };
    let bytes: u64 = outputs.iter().map(|(_, bytes)| bytes).sum();
    if printer.wants_json() {
        let outputs = outputs
            .iter()
            .map(|(path, bytes)| json!({ "path": path, "bytes": bytes }));
        printer.json(&json!({
            "plan": place.hashed.sha256,
            "shards": place.shards(),
            "missing": missing,
            "gaps": gaps,
            "outputs": outputs.collect::<Vec<_>>(),
        }))?;
    } else {
        for (path, bytes) in &outputs {
            printer.line(format!("{path}  {bytes} bytes"))?;
        }
        printer.note(format!("{} files, {} MB", outputs.len(), bytes >> 20));
        list_gaps(printer, &gaps);
        if !missing.is_empty() {
            printer.note(format!("shards that are missing: {}", ranges(&missing)));
        }
    }
    Ok(match gaps.is_empty() && missing.is_empty() {
        true => ExitStatus::Success,
        false => ExitStatus::Gaps,
    })
}

type Merged = (Vec<(String, u64)>, Vec<Gap>);

/// Every file is there, and a list of all of them beside the shards' own.
async fn references(
    place: &Workplace,
    union: &Union,
    read_back: bool,
) -> Result<Merged, CommandError> {
    let mut runs: Vec<ManifestOfRun> = Vec::new();
    for verdict in union.verdicts() {
        let bytes = place.result(verdict).await?;
        let manifest: Manifest = serde_json::from_slice(&bytes)
            .with_context(|| format!("{}: not a list of files", verdict.result.name))?;
        runs.extend(manifest.runs);
    }
    runs.sort_by(|one, other| one.run.cmp(&other.run));
    let files: Vec<&ManifestFile> = runs.iter().flat_map(|run| &run.files).collect();
    let looks = files.iter().map(|file| look(place, file, read_back));
    let mut looks = stream::iter(looks).buffered(LOOKS);
    while let Some(looked) = looks.next().await {
        looked?;
    }
    drop(looks);
    let outputs = files.iter().map(|file| (file.path.clone(), file.bytes));
    let outputs: Vec<(String, u64)> = outputs.collect();
    let gaps = runs.iter().flat_map(|run| run.gaps.clone()).collect();
    let list = serde_json::to_vec_pretty(&Manifest { runs })?;
    let name = format!("{}/merged.json", place.hashed.folder());
    place.replace(&name, &list).await?;
    if union.missing().is_empty() {
        tidy(&outputs);
    }
    Ok((outputs, gaps))
}

/// Removes what shards left that were killed while they wrote: nobody writes any more.
fn tidy(outputs: &[(String, u64)]) {
    let paths = outputs.iter().filter(|(path, _)| !path.contains("://"));
    let folders: BTreeSet<&Path> = paths
        .filter_map(|(path, _)| Path::new(path).parent())
        .collect();
    for folder in folders {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with('.') && name.ends_with(".partial") {
                let _ = std::fs::remove_file(entry.path());
            }
        }
    }
}

async fn look(place: &Workplace, file: &ManifestFile, read_back: bool) -> Result<(), CommandError> {
    let url = absolute(&file.path).map_err(CommandError::usage)?;
    let gone = || {
        format!(
            "{}: a shard wrote it, and it is not there as it was",
            file.path
        )
    };
    let same = if read_back {
        let bytes = place.cloud.get(&url).await.with_context(gone)?.bytes;
        sha256(&bytes) == file.sha256
    } else {
        let meta = place.cloud.head(&url).await.with_context(gone)?;
        meta.size.is_none_or(|size| size == file.bytes)
    };
    match same {
        true => Ok(()),
        false => Err(anyhow!(gone()).into()),
    }
}

/// The result of each run whose parts are all there.
async fn values(
    place: &Workplace,
    union: &Union,
    settings: &Settings,
    printer: &Printer,
) -> Result<Merged, CommandError> {
    let plan = &place.hashed.plan;
    let mut of_run: BTreeMap<(Run, &str), BTreeSet<usize>> = BTreeMap::new();
    for (number, shard) in plan.shards.iter().enumerate() {
        for unit in &shard.units {
            let shards = of_run.entry((unit.run, &unit.base)).or_default();
            shards.insert(number);
        }
    }
    let (mut outputs, mut gaps) = (Vec::new(), Vec::new());
    // A shard may have parts of several runs: what is read is kept until its last run.
    let mut read: BTreeMap<usize, Vec<Artifact>> = BTreeMap::new();
    let mut left: Vec<_> = of_run.into_iter().rev().collect();
    while let Some(((run, base), shards)) = left.pop() {
        let verdicts: Option<Vec<_>> = shards.iter().map(|shard| union.verdict(*shard)).collect();
        let Some(verdicts) = verdicts else {
            printer.note(format!(
                "{run}: shards of it are missing, so it is left out"
            ));
            continue;
        };
        let mut parts = Vec::new();
        for verdict in verdicts {
            let files = match read.entry(verdict.shard) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => new.insert(bundle::unpack(&place.result(verdict).await?)?),
            };
            parts.push(part(files, run)?);
        }
        let joined = join(&parts).with_context(|| {
            format!(
                "shards {}",
                ranges(&shards.iter().copied().collect::<Vec<_>>())
            )
        })?;
        gaps.extend(joined.gaps);
        let typed = place.stream(run, base)?;
        let product = plan.job.product.clone();
        let written = super::stream::finish((&typed, product), run, &joined.value, settings);
        let written = written.await?.into_iter();
        outputs.extend(written.map(|one| (one.path, one.bytes)));
        read.retain(|shard, _| left.iter().any(|(_, shards)| shards.contains(shard)));
    }
    Ok((outputs, gaps))
}

fn part(files: &[Artifact], run: Run) -> Result<Part, CommandError> {
    let file = |name: &str| {
        let path = format!("{run}/{name}");
        let found = files.iter().find(|file| file.path == path);
        found.with_context(|| format!("the result of a shard has no {path}"))
    };
    Ok(Part {
        frame: serde_json::from_slice(&file("frame.json")?.bytes)?,
        content: serde_json::from_slice(&file("content.json")?.bytes)?,
        values: file("values.f32")?.bytes.clone(),
    })
}
