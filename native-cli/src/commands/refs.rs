//! `gik refs`: the Zarr references of members of runs.

#[cfg(feature = "icechunk")]
mod icechunk;
mod outputs;
mod report;
mod runs;

use std::time::{Duration, Instant};

use anyhow::Context as _;
use bytes::Bytes;
use gik_core::error::Error;
use gik_core::grib::naming::Tables;
use gik_core::pipeline::plan::Request;
use gik_core::pipeline::refs::{self, Built, RefsJob, Structure};
use gik_core::pipeline::{Gap, Outcome, Why};
use gik_core::refs::build::Codec;
use gik_core::source::{Catalog, Source};
use gik_core::store::Store;
use gik_core::template::Template;
use gik_core::template::select::Selector;
use gik_core::time::Run;
use serde_json::json;

use super::run::{base, blame, only_member};
use super::template::cached;
use crate::catalog;
use crate::cli::{CodecName, Icechunk, Refs, TemplateName};
use crate::cloud::{Cloud, absolute};
use crate::exit::{CommandError, ExitStatus};
use crate::printer::Printer;
use crate::progress::Progress;
use crate::settings::Settings;
#[cfg(feature = "icechunk")]
pub(super) use icechunk::one_store;
pub(super) use outputs::tell_apart;

use super::shard::ManifestFile;
use outputs::Outputs;
use report::Done;

/// How long to wait before looking again for an index that is late.
const POLL: Duration = Duration::from_secs(30);

pub(crate) async fn run(
    typed: &Refs,
    settings: &Settings,
    printer: &Printer,
) -> Result<ExitStatus, CommandError> {
    let catalog = catalog::read(settings)?;
    let source = catalog.source(&typed.source).map_err(CommandError::usage)?;
    let work = Work {
        typed,
        source,
        store: catalog::public(Cloud::new(settings), &catalog),
        tables: Tables::builtin()?,
        catalog: &catalog,
        printer,
        out: out(typed, settings)?,
        is_repository: Icechunk::asked(&typed.format)?,
        settings,
        shared: false,
    };
    let runs = work.runs().await?;
    tell_apart(&work.out, &runs, &typed.format)?;
    let mut done = Vec::new();
    let mut failed = None;
    for run in &runs {
        match work.one(*run).await {
            Ok(one) => {
                if !printer.wants_json() {
                    report::tell(printer, &one)?;
                }
                done.push(one);
            }
            // One run of many that fails takes nothing from the others.
            Err(error) if runs.len() > 1 => {
                printer.error(&error);
                failed = Some(json!({ "run": run, "error": format!("{:#}", error.inner()) }));
                done.push(Done::failed(*run, failed.clone().unwrap_or_default()));
            }
            Err(error) => return Err(error),
        }
    }
    if printer.wants_json() {
        let told: Vec<_> = done.iter().map(Done::json).collect();
        match told.as_slice() {
            [only] => printer.json(only)?,
            several => printer.json(&json!({ "runs": several }))?,
        }
    }
    Ok(match (failed, done.iter().all(|one| one.gaps.is_empty())) {
        (Some(_), _) => ExitStatus::Failure,
        (None, true) => ExitStatus::Success,
        (None, false) => ExitStatus::Gaps,
    })
}

/// What a shard of a plan does for a run: references, files with their hashes, gaps.
///
/// Nobody is locked out: whoever does the same shard puts the same bytes.
pub(super) async fn shard(
    typed: &Refs,
    settings: &Settings,
    printer: &Printer,
) -> Result<(u64, Vec<ManifestFile>, Vec<Gap>), CommandError> {
    let catalog = catalog::read(settings)?;
    let source = catalog.source(&typed.source).map_err(CommandError::usage)?;
    let work = Work {
        typed,
        source,
        store: catalog::public(Cloud::new(settings), &catalog),
        tables: Tables::builtin()?,
        catalog: &catalog,
        printer,
        out: out(typed, settings)?,
        is_repository: false,
        settings,
        shared: true,
    };
    let (mut references, mut files, mut gaps) = (0, Vec::new(), Vec::new());
    for run in work.runs().await? {
        let done = work.one(run).await?;
        let report = done.report.map_or(0, |report| report.references);
        references += u64::try_from(report)?;
        gaps.extend(done.gaps);
        for output in done.outputs {
            files.push(ManifestFile {
                path: output.path,
                bytes: u64::try_from(output.bytes)?,
                sha256: output.sha256.unwrap_or_default(),
            });
        }
    }
    Ok((references, files, gaps))
}

/// What all runs of one command share.
struct Work<'a> {
    typed: &'a Refs,
    source: &'a Source,
    store: Cloud,
    tables: Tables,
    catalog: &'a Catalog,
    printer: &'a Printer,
    /// Where results go, with its places for date, run and member.
    out: String,
    /// Whether others may write the same at once.
    shared: bool,
    /// Whether they are appended to a repository.
    is_repository: bool,
    #[cfg_attr(
        not(feature = "icechunk"),
        expect(dead_code, reason = "for repositories")
    )]
    settings: &'a Settings,
}

/// The place that was typed, or that of the variables which the published scripts use.
fn out(typed: &Refs, settings: &Settings) -> Result<String, CommandError> {
    if let Some(out) = &typed.out {
        return Ok(out.clone());
    }
    let text = |name| settings.environment.text(name);
    let Some(bucket) = text("GCS_BUCKET") else {
        return Err(CommandError::usage(anyhow::anyhow!(
            "--out says where to write, or the variable GCS_BUCKET"
        )));
    };
    let prefix = text("GCS_PARQUET_PREFIX").map(|prefix| format!("/{}", prefix.trim_matches('/')));
    let prefix = prefix.unwrap_or_default();
    Ok(format!("gs://{bucket}{prefix}/{{date}}_{{run}}z"))
}

impl Work<'_> {
    /// One run, from its indexes to its outputs.
    async fn one(&self, run: Run) -> Result<Done, CommandError> {
        let start = Instant::now();
        let outputs = Outputs::open(self.typed, &self.out, run, self.shared)?;
        let base = self.base(run).await?;
        let job = self.job(run, base)?;
        let template = self.template(run).await?;
        let (mut outcome, retries) = self.waiting(&job, template.as_ref()).await?;
        let written = outputs.write(&self.store, &mut outcome.value).await?;
        #[cfg(feature = "icechunk")]
        let repository = match self.is_repository {
            true => Some(self.append(&outputs.place(), &outcome.value).await?),
            false => None,
        };
        #[cfg(not(feature = "icechunk"))]
        let repository = None;
        Ok(Done {
            run,
            repository,
            report: Some(outcome.value.report),
            gaps: outcome.gaps,
            outputs: written,
            retries,
            seconds: start.elapsed().as_secs_f64(),
            failure: None,
        })
    }

    /// Builds references, and counts the requests that had to be repeated; where index files are late and waiting was
    /// asked for, again once they are there.
    async fn waiting(
        &self,
        job: &RefsJob,
        template: Option<&Template>,
    ) -> Result<(Outcome<Built>, u64), CommandError> {
        let deadline = self.typed.wait.map(|wait| Instant::now() + wait.0);
        loop {
            let mut progress = Progress::new(self.printer);
            let mut say = |event| progress.tell(&event);
            let (catalog, tables) = (self.catalog, &self.tables);
            let before = self.store.reads();
            let outcome = refs::run(&self.store, catalog, tables, job, template, &mut say).await;
            let sent = self.store.reads() - before;
            drop(progress);
            let counted = |outcome: Outcome<Built>| {
                let asked = outcome.value.report.requests.all();
                (outcome, sent.saturating_sub(asked))
            };
            let missing = match &outcome {
                Ok(outcome) => outcome.gaps.iter().find_map(|gap| match &gap.why {
                    Why::NotFound { url } => Some(url.clone()),
                    _ => None,
                }),
                Err(Error::Nothing { first, .. }) => Some(first.clone()),
                Err(_) => None,
            };
            let (Some(url), Some(deadline)) = (missing, deadline) else {
                return outcome.map(counted).map_err(blame);
            };
            self.printer.note(format!("waiting for {url}"));
            loop {
                let left = deadline.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    return outcome.map(counted).map_err(blame);
                }
                tokio::time::sleep(POLL.min(left)).await;
                if self.store.head(&url).await.is_ok() {
                    break;
                }
            }
        }
    }

    fn job(&self, run: Run, base: String) -> Result<RefsJob, CommandError> {
        let typed = self.typed;
        let members = match &typed.members {
            Some(members) => members.clone(),
            None => only_member(self.source, run)?,
        };
        Ok(RefsJob {
            request: Request {
                source: typed.source.clone(),
                run,
                members,
                steps: typed.steps.clone(),
                base: Some(base),
                concurrency: typed.concurrency,
            },
            variables: variables(&typed.vars, self.source)?,
            codec: match self.is_repository {
                true => Codec::Gribberish,
                false => codec(typed.codec),
            },
            uri_base: self::base(typed.uri_base.as_deref())?,
            structure: match typed.template {
                TemplateName::Scan => Structure::Scan,
                _ => Structure::Builtin,
            },
        })
    }

    async fn template(&self, run: Run) -> Result<Option<Template>, CommandError> {
        match &self.typed.template {
            TemplateName::Builtin | TemplateName::Scan => Ok(None),
            TemplateName::Cache => {
                let era = self.source.era_of(run).map_err(CommandError::usage)?;
                Ok(Some(cached(&self.source.id, &era.id)?))
            }
            TemplateName::File(address) => Ok(Some(read_template(&self.store, address).await?)),
        }
    }
}

/// The template in a file or an object.
pub(super) async fn read_template(store: &Cloud, address: &str) -> Result<Template, CommandError> {
    let url = absolute(address).map_err(CommandError::usage)?;
    let bytes: Bytes = store.get(&url).await?.bytes;
    let template = Template::read(&bytes).with_context(|| format!("{address}: not a template"));
    Ok(template?)
}

pub(super) fn codec(name: CodecName) -> Codec {
    match name {
        CodecName::Grib => Codec::Grib,
        CodecName::Gribberish => Codec::Gribberish,
    }
}

/// The variables that were typed; the name of a list stands for what is in it.
fn variables(typed: &[String], source: &Source) -> Result<Vec<Selector>, CommandError> {
    let mut selectors: Vec<Selector> = Vec::new();
    for word in typed {
        let list = source.variables.get(&word.to_lowercase());
        let words = list.map_or_else(|| vec![word], |list| list.iter().collect());
        for word in words {
            let selector = word.parse().map_err(CommandError::usage)?;
            if !selectors.contains(&selector) {
                selectors.push(selector);
            }
        }
    }
    Ok(selectors)
}
