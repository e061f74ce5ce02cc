//! `gik status`: which shards of a plan are done.

use futures_util::stream::{self, StreamExt};
use gik_core::work::union::{State, ranges};
use serde_json::json;

use crate::catalog;
use crate::cli::Status;
use crate::cloud::Cloud;
use crate::exit::{CommandError, ExitStatus};
use crate::printer::Printer;
use crate::settings::Settings;
use crate::workplace::{Failure, Workplace};

/// Reports that are read at once.
const READS: usize = 32;
/// Failures that are told before the rest is counted.
const LISTED: usize = 5;

pub(crate) async fn run(
    typed: &Status,
    settings: &Settings,
    printer: &Printer,
) -> Result<ExitStatus, CommandError> {
    let catalog = catalog::read(settings)?;
    let cloud = catalog::public(Cloud::new(settings), &catalog);
    let place = Workplace::open(&typed.plan, settings, cloud).await?;
    let union = place.union().await?;
    let open = union.missing();
    let reads = open.iter().map(|shard| place.failure(*shard));
    let reports: Vec<_> = stream::iter(reads).buffered(READS).collect().await;
    let mut failures: Vec<Failure> = Vec::new();
    for report in reports {
        failures.extend(report?);
    }
    let failed: Vec<usize> = failures.iter().map(|failure| failure.shard).collect();
    let missing: Vec<usize> = open
        .iter()
        .copied()
        .filter(|shard| !failed.contains(shard))
        .collect();
    let (done, gaps) = (union.in_state(State::Ok), union.in_state(State::Gaps));
    let status = match (open.is_empty(), gaps.is_empty()) {
        (false, _) => ExitStatus::Failure,
        (true, false) => ExitStatus::Gaps,
        (true, true) => ExitStatus::Success,
    };
    if printer.wants_json() {
        printer.json(&json!({
            "plan": place.hashed.sha256,
            "shards": place.shards(),
            "ok": done,
            "gaps": gaps,
            "failed": failures.iter().map(|it| json!({ "shard": it.shard, "error": it.error })).collect::<Vec<_>>(),
            "missing": missing,
        }))?;
        return Ok(status);
    }
    for (word, shards) in [
        ("ok", &done),
        ("gaps", &gaps),
        ("failed", &failed),
        ("missing", &missing),
    ] {
        printer.line(format!("{word:<8} {:>6}  {}", shards.len(), ranges(shards)).trim_end())?;
    }
    for failure in failures.iter().take(LISTED) {
        printer.note(format!("shard {} failed: {}", failure.shard, failure.error));
    }
    if failures.len() > LISTED {
        printer.note(format!("and {} more", failures.len() - LISTED));
    }
    Ok(status)
}
