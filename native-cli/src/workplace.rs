//! Where a plan is, and where its shards leave results: objects named after plan and shard, each written once.

use anyhow::Context as _;
use bytes::Bytes;
use clap::{CommandFactory, Parser};
use futures_util::stream::{self, StreamExt};
use gik_core::store::{Store, StoreError};
use gik_core::time::Run;
use gik_core::work::union::{ResultObject, Union, Verdict};
use gik_core::work::{Hashed, Kind};
use serde::{Deserialize, Serialize};

use crate::cli::{Cli, Command, Refs, Stream};
use crate::cloud::{Cloud, absolute};
use crate::destination::Destination;
use crate::exit::CommandError;
use crate::settings::Settings;

/// Verdicts that are read at once.
const READS: usize = 32;

/// A plan and the place of its results.
pub(crate) struct Workplace {
    pub(crate) hashed: Hashed,
    pub(crate) cloud: Cloud,
    destination: Destination,
}

/// What is left of a shard that failed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Failure {
    pub(crate) plan: String,
    pub(crate) shard: usize,
    pub(crate) state: String,
    pub(crate) error: String,
}

impl Workplace {
    /// Reads a plan, and holds it against its hash and this gik.
    pub(crate) async fn open(
        typed: &str,
        settings: &Settings,
        cloud: Cloud,
    ) -> Result<Self, CommandError> {
        let url = absolute(typed).map_err(CommandError::usage)?;
        let bytes = cloud.get(&url).await?.bytes;
        let text = std::str::from_utf8(&bytes).with_context(|| format!("{typed}: not text"));
        let hashed = Hashed::parse(text.map_err(CommandError::usage)?);
        let hashed = hashed.with_context(|| typed.to_owned());
        let hashed = hashed.map_err(CommandError::usage)?;
        let own = env!("CARGO_PKG_VERSION");
        if hashed.plan.gik != own {
            return Err(CommandError::usage(anyhow::anyhow!(
                "{typed} was made by gik {}, and this is {own}: results of two versions may differ",
                hashed.plan.gik
            )));
        }
        let expected = hashed.plan.job.hashes.get("catalog");
        let found = catalog_hash(settings)?;
        if expected != found.as_ref() {
            return Err(CommandError::usage(anyhow::anyhow!(
                "{typed} was made with another --catalog"
            )));
        }
        let destination = Destination::parse(&hashed.plan.job.work);
        Ok(Self {
            destination: destination.map_err(CommandError::usage)?,
            hashed,
            cloud,
        })
    }

    /// How many shards the plan has.
    pub(crate) fn shards(&self) -> usize {
        self.hashed.plan.shards.len()
    }

    fn name(&self, shard: usize, ending: &str) -> String {
        format!("{}/{shard:05}.{ending}", self.hashed.folder())
    }

    /// Where something of the plan is.
    pub(crate) fn place(&self, name: &str) -> String {
        self.destination.place(name)
    }

    async fn read(&self, name: &str) -> Result<Option<Bytes>, CommandError> {
        let url = absolute(&self.destination.place(name)).map_err(CommandError::usage)?;
        match self.cloud.get(&url).await {
            Ok(object) => Ok(Some(object.bytes)),
            Err(StoreError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The verdict of a shard, where there is one.
    pub(crate) async fn verdict(&self, shard: usize) -> Result<Option<Verdict>, CommandError> {
        let name = self.name(shard, "verdict.json");
        let Some(bytes) = self.read(&name).await? else {
            return Ok(None);
        };
        let verdict = serde_json::from_slice(&bytes);
        Ok(verdict.with_context(|| format!("{}: not a verdict", self.place(&name)))?)
    }

    /// Why a shard failed, where it said so.
    pub(crate) async fn failure(&self, shard: usize) -> Result<Option<Failure>, CommandError> {
        let name = self.name(shard, "failed.json");
        let Some(bytes) = self.read(&name).await? else {
            return Ok(None);
        };
        let failure = serde_json::from_slice(&bytes);
        Ok(failure.with_context(|| format!("{}: not a report", self.place(&name)))?)
    }

    /// All verdicts that there are.
    pub(crate) async fn union(&self) -> Result<Union, CommandError> {
        let reads = (0..self.shards()).map(|shard| self.verdict(shard));
        let mut reads = stream::iter(reads).buffered(READS);
        let mut union = Union::empty(&self.hashed.sha256, self.shards());
        while let Some(verdict) = reads.next().await {
            if let Some(verdict) = verdict? {
                union = union.with(verdict)?;
            }
        }
        Ok(union)
    }

    /// The bytes of a result, held against what its verdict says.
    pub(crate) async fn result(&self, verdict: &Verdict) -> Result<Bytes, CommandError> {
        let place = self.place(&verdict.result.name);
        let bytes = self.read(&verdict.result.name).await?;
        let bytes = bytes.with_context(|| format!("{place}: the result of a shard is gone"))?;
        if gik_core::work::sha256(&bytes) != verdict.result.sha256 {
            return Err(anyhow::anyhow!(
                "{place}: its hash is not that of its verdict: do shard {} again with --force",
                verdict.shard
            )
            .into());
        }
        Ok(bytes)
    }

    /// Puts the result of a shard, and only then its verdict.
    pub(crate) async fn conclude(
        &self,
        (shard, ending): (usize, &str),
        bytes: &Bytes,
        force: bool,
        verdict: impl FnOnce(ResultObject) -> Verdict,
    ) -> Result<Verdict, CommandError> {
        let name = self.name(shard, ending);
        let result = ResultObject {
            bytes: u64::try_from(bytes.len())?,
            sha256: gik_core::work::sha256(bytes),
            name: name.clone(),
        };
        let put = self.destination.put(&self.cloud, (&name, bytes), force);
        put.await?;
        let verdict = verdict(result);
        let text = Bytes::from(serde_json::to_vec_pretty(&verdict)?);
        let name = self.name(shard, "verdict.json");
        let put = self.destination.put(&self.cloud, (&name, &text), force);
        put.await?;
        Ok(verdict)
    }

    /// Leaves word of a failure, in the place of that of an earlier one.
    pub(crate) async fn failed(&self, shard: usize, error: String) -> Result<(), CommandError> {
        let failure = Failure {
            plan: self.hashed.sha256.clone(),
            shard,
            state: "failed".to_owned(),
            error,
        };
        let name = self.name(shard, "failed.json");
        self.replace(&name, &serde_json::to_vec_pretty(&failure)?)
            .await
    }

    /// Puts something of the plan, in the place of what is there.
    pub(crate) async fn replace(&self, name: &str, bytes: &[u8]) -> Result<(), CommandError> {
        let bytes = Bytes::copy_from_slice(bytes);
        let put = self.destination.put(&self.cloud, (name, &bytes), true);
        put.await?;
        Ok(())
    }

    /// The command that one machine would do for a run, as typed.
    fn command(&self, run: Run, base: &str) -> Result<Command, CommandError> {
        let job = &self.hashed.plan.job;
        typed(job.kind, (&job.source, run, base), &job.options)
    }

    /// `gik refs` of a run.
    pub(crate) fn refs(&self, run: Run, base: &str) -> Result<Refs, CommandError> {
        match self.command(run, base)? {
            Command::Refs(refs) => Ok(refs),
            _ => Err(anyhow::anyhow!("the plan is not one of references").into()),
        }
    }

    /// `gik stream` of a run.
    pub(crate) fn stream(&self, run: Run, base: &str) -> Result<Stream, CommandError> {
        match self.command(run, base)? {
            Command::Stream(stream) => Ok(stream),
            _ => Err(anyhow::anyhow!("the plan is not one of values").into()),
        }
    }

    /// The words that one machine would type for a run.
    pub(crate) fn words(&self, run: Run) -> String {
        let mut words = Vec::new();
        let mut typed = self.hashed.plan.job.words.iter();
        while let Some(word) = typed.next() {
            let name = word.split('=').next().unwrap_or(word);
            let value = match name {
                "--date" => run.date.to_string(),
                "--run" => format!("{:02}", run.hour),
                _ => {
                    words.push(word.clone());
                    continue;
                }
            };
            if word.contains('=') {
                words.push(format!("{name}={value}"));
            } else {
                typed.next();
                words.extend([word.clone(), value]);
            }
        }
        words.join(" ")
    }
}

/// Options of a plan as a command that clap has accepted.
pub(crate) fn typed(
    kind: Kind,
    (source, run, base): (&str, Run, &str),
    options: &std::collections::BTreeMap<String, Vec<String>>,
) -> Result<Command, CommandError> {
    let verb = match kind {
        Kind::Refs => "refs",
        Kind::Stream => "stream",
    };
    let mut words = vec!["gik".to_owned(), verb.to_owned(), source.to_owned()];
    let command = Cli::command();
    let command = command.find_subcommand(verb);
    for (name, values) in options
        .iter()
        .filter(|(name, _)| *name != "from" && *name != "mirror")
    {
        let known = command.is_some_and(|command| {
            let mut args = command.get_arguments();
            args.any(|arg| arg.get_long() == Some(name))
        });
        if !known {
            return Err(CommandError::usage(anyhow::anyhow!(
                "gik {verb} has no option --{name}"
            )));
        }
        match values.as_slice() {
            [] => words.push(format!("--{name}")),
            values => words.extend(values.iter().map(|value| format!("--{name}={value}"))),
        }
    }
    words.push(format!("--from={base}"));
    words.push(format!("--date={}", run.date));
    words.push(format!("--run={:02}", run.hour));
    let cli = Cli::try_parse_from(words).map_err(CommandError::usage)?;
    Ok(cli.command)
}

/// Hash of the user's catalogue, where there is one.
pub(crate) fn catalog_hash(settings: &Settings) -> Result<Option<String>, CommandError> {
    let path = settings.catalog.as_ref();
    let bytes = path.map(std::fs::read).transpose();
    let bytes = bytes
        .context("the catalogue")
        .map_err(CommandError::usage)?;
    Ok(bytes.map(|bytes| gik_core::work::sha256(&bytes)))
}
