//! `gik run`: shards of a plan, whoever else does them.

mod number;

use std::collections::BTreeMap;

use anyhow::{Context as _, anyhow};
use bytes::Bytes;
use gik_core::output::Artifact;
use gik_core::pipeline::Gap;
use gik_core::pipeline::stream::part::Portion;
use gik_core::time::Run;
use gik_core::work::bundle;
use gik_core::work::union::{State, Verdict};
use gik_core::work::{Kind, Shard, sha256};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::run::list_gaps;
use super::{refs, stream};
use crate::catalog;
use crate::cli::{RunShard, TemplateName};
use crate::cloud::{Cloud, absolute};
use crate::exit::{CommandError, ExitStatus};
use crate::printer::Printer;
use crate::settings::Settings;
use crate::workplace::Workplace;

/// The result of a shard of references: what it wrote, and what is missing.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Manifest {
    pub(super) runs: Vec<ManifestOfRun>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct ManifestOfRun {
    pub(super) run: String,
    pub(super) references: u64,
    pub(super) files: Vec<ManifestFile>,
    pub(super) gaps: Vec<Gap>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct ManifestFile {
    pub(super) path: String,
    pub(super) bytes: u64,
    pub(super) sha256: String,
}

/// What a shard made.
struct Made {
    ending: &'static str,
    bytes: Bytes,
    counts: BTreeMap<String, u64>,
    gaps: Vec<Gap>,
}

pub(crate) async fn run(
    typed: &RunShard,
    settings: &Settings,
    printer: &Printer,
) -> Result<ExitStatus, CommandError> {
    let catalog = catalog::read(settings)?;
    let cloud = catalog::public(Cloud::new(settings), &catalog);
    let place = Workplace::open(&typed.plan, settings, cloud).await?;
    let asked = (typed.shard.as_deref(), typed.count_from);
    let shards = number::shards(asked, place.shards(), |name| {
        settings.environment.text(name)
    });
    let shards = shards.map_err(CommandError::usage)?;
    if shards.is_empty() {
        printer.note(format!("nothing to do: the plan has {}", place.shards()));
    }
    let (mut verdicts, mut failed) = (Vec::new(), false);
    for number in &shards {
        match one(&place, *number, typed.force, (settings, printer)).await {
            Ok(verdict) => {
                if !printer.wants_json() {
                    let result = &verdict.result;
                    let path = place.place(&result.name);
                    printer.line(format!("{path}  {} bytes", result.bytes))?;
                }
                verdicts.push(verdict);
            }
            // A shard of several that fails takes nothing from the others.
            Err(error) if shards.len() > 1 => {
                printer.error(&error);
                failed = true;
            }
            Err(error) => return Err(error),
        }
    }
    if printer.wants_json() {
        match verdicts.as_slice() {
            [only] if shards.len() == 1 => printer.json(only)?,
            several => printer.json(&json!({ "shards": several }))?,
        }
    }
    let gaps = verdicts.iter().any(|one| one.state == State::Gaps);
    Ok(match (failed, gaps && !typed.gaps_ok) {
        (true, _) => ExitStatus::Failure,
        (false, true) => ExitStatus::Gaps,
        (false, false) => ExitStatus::Success,
    })
}

/// Does a shard that is not done yet.
async fn one(
    place: &Workplace,
    number: usize,
    force: bool,
    (settings, printer): (&Settings, &Printer),
) -> Result<Verdict, CommandError> {
    let known = match force {
        true => None,
        false => place.verdict(number).await?,
    };
    if let Some(verdict) = known {
        printer.note(format!("shard {number} is done already"));
        return Ok(verdict);
    }
    let done = once(place, number, force, (settings, printer)).await;
    if let Err(error) = &done {
        // Word of it is left for `gik status`; that it cannot be left takes nothing from the reason.
        let text = format!("{:#}", error.inner());
        if let Err(second) = place.failed(number, text).await {
            printer.error(&second);
        }
    }
    done
}

async fn once(
    place: &Workplace,
    number: usize,
    force: bool,
    tools: (&Settings, &Printer),
) -> Result<Verdict, CommandError> {
    let plan = &place.hashed.plan;
    let shard = plan.shards.get(number).context("a shard of the plan")?;
    let made = match plan.job.kind {
        Kind::Refs => references(place, shard, force, tools).await?,
        Kind::Stream => values(place, shard, tools).await?,
    };
    list_gaps(tools.1, &made.gaps);
    let verdict = |result| Verdict {
        plan: place.hashed.sha256.clone(),
        shard: number,
        of: place.shards(),
        state: match made.gaps.is_empty() {
            true => State::Ok,
            false => State::Gaps,
        },
        result,
        counts: made.counts,
    };
    let concluded = place.conclude((number, made.ending), &made.bytes, force, verdict);
    concluded.await
}

async fn references(
    place: &Workplace,
    shard: &Shard,
    force: bool,
    (settings, printer): (&Settings, &Printer),
) -> Result<Made, CommandError> {
    let mut runs = Vec::new();
    let mut all = Vec::new();
    for unit in &shard.units {
        let mut typed = place.refs(unit.run, &unit.base)?;
        typed.force = force;
        same_template(place, &typed.template).await?;
        let (references, files, gaps) = refs::shard(&typed, settings, printer).await?;
        all.extend(gaps.clone());
        runs.push(ManifestOfRun {
            run: unit.run.to_string(),
            references,
            files,
            gaps,
        });
    }
    let sum = |of: fn(&ManifestOfRun) -> u64| runs.iter().map(of).sum::<u64>();
    let counts = [
        (
            "bytes",
            sum(|run| run.files.iter().map(|file| file.bytes).sum()),
        ),
        ("files", sum(|run| count(run.files.len()))),
        ("gaps", sum(|run| count(run.gaps.len()))),
        ("references", sum(|run| run.references)),
        ("runs", count(runs.len())),
    ];
    let counts = counts.map(|(name, count)| (name.to_owned(), count));
    let mut text = serde_json::to_vec_pretty(&Manifest { runs })?;
    text.push(b'\n');
    Ok(Made {
        ending: "json",
        bytes: text.into(),
        counts: counts.into(),
        gaps: all,
    })
}

async fn values(
    place: &Workplace,
    shard: &Shard,
    (settings, printer): (&Settings, &Printer),
) -> Result<Made, CommandError> {
    let mut by_run: BTreeMap<(Run, &str), Portion> = BTreeMap::new();
    for unit in &shard.units {
        let portion = by_run.entry((unit.run, &unit.base)).or_default();
        let step = unit.step.context("a unit of values has a step")?;
        portion.0.push((step, unit.variables.clone()));
    }
    let (mut files, mut all) = (Vec::new(), Vec::new());
    let (mut messages, mut fetched) = (0, 0);
    for ((run, base), portion) in by_run {
        let typed = place.stream(run, base)?;
        same_template(place, &typed.template).await?;
        let product = place.hashed.plan.job.product.clone();
        let words = place.words(run);
        let asked = (&typed, product, words.as_str());
        let outcome = stream::part(asked, &portion, settings, printer).await?;
        let part = outcome.value;
        messages += count(part.content.messages);
        fetched += part.content.bytes_fetched;
        all.extend(outcome.gaps);
        let contents = [
            ("frame.json", serde_json::to_vec(&part.frame)?.into()),
            ("content.json", serde_json::to_vec(&part.content)?.into()),
            ("values.f32", part.values),
        ];
        files.extend(contents.map(|(name, bytes)| Artifact {
            path: format!("{run}/{name}"),
            bytes,
        }));
    }
    let counts = [
        ("bytes_fetched", fetched),
        ("gaps", count(all.len())),
        ("messages", messages),
    ];
    Ok(Made {
        ending: "tar",
        bytes: bundle::pack(&files)?,
        counts: counts.map(|(name, count)| (name.to_owned(), count)).into(),
        gaps: all,
    })
}

/// A template file that is another one than when it was planned makes another result.
async fn same_template(place: &Workplace, name: &TemplateName) -> Result<(), CommandError> {
    use gik_core::store::Store as _;
    let TemplateName::File(address) = name else {
        return Ok(());
    };
    let url = absolute(address).map_err(CommandError::usage)?;
    let bytes = place.cloud.get(&url).await?.bytes;
    let found = sha256(&bytes);
    match place.hashed.plan.job.hashes.get("template") {
        Some(expected) if *expected == found => Ok(()),
        _ => Err(CommandError::usage(anyhow!(
            "{address} is another template than the one that was planned with"
        ))),
    }
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
