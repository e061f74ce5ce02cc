//! `gik verify`: whether references are what their store says.

use anyhow::Context as _;
use gik_core::grib::naming::Tables;
use gik_core::keys::{self, StoreKeys};
use gik_core::pipeline::verify::{self, VerifyJob, VerifyReport};
use gik_core::store::Store;

use super::run::CONCURRENCY;
use crate::catalog;
use crate::cli::Verify;
use crate::cloud::{Cloud, absolute};
use crate::exit::{CommandError, ExitStatus};
use crate::printer::Printer;
use crate::settings::Settings;

/// What parquet files start with.
const PARQUET: &[u8] = b"PAR1";
/// Faults that are listed before the rest is counted.
const LISTED: usize = 10;

pub(crate) async fn run(
    typed: &Verify,
    settings: &Settings,
    printer: &Printer,
) -> Result<ExitStatus, CommandError> {
    let catalog = catalog::read(settings)?;
    let store = catalog::public(Cloud::new(settings), &catalog);
    let keys = read_store(&store, &typed.store).await?;
    let job = VerifyJob {
        sample: typed.sample,
        values: typed.values,
        concurrency: CONCURRENCY,
    };
    let report = verify::verify(&store, &Tables::builtin()?, &keys, job).await?;
    if report.references == 0 {
        return Err(CommandError::from(anyhow::anyhow!(
            "{}: no array of this store is made of GRIB messages",
            typed.store
        )));
    }
    if printer.wants_json() {
        printer.json(&report)?;
    } else {
        tell(printer, &report)?;
    }
    Ok(match report.faults.as_slice() {
        [] => ExitStatus::Success,
        _ => ExitStatus::Failure,
    })
}

/// The keys of a store in one file.
pub(super) async fn read_store(store: &Cloud, address: &str) -> Result<StoreKeys, CommandError> {
    let url = absolute(address).map_err(CommandError::usage)?;
    let bytes = store.get(&url).await?.bytes;
    let keys = if bytes.starts_with(PARQUET) {
        keys::read_parquet(bytes)
    } else {
        keys::parse_json(&bytes)
    };
    Ok(keys.with_context(|| address.to_owned())?)
}

fn tell(printer: &Printer, report: &VerifyReport) -> Result<(), CommandError> {
    for fault in report.faults.iter().take(LISTED) {
        printer.line(format!(
            "{}: {} {} expected, {} found at bytes {}+{} of {}",
            fault.key,
            fault.what,
            fault.expected,
            fault.found,
            fault.span.offset,
            fault.span.length,
            fault.url
        ))?;
    }
    if report.faults.len() > LISTED {
        printer.line(format!("and {} more", report.faults.len() - LISTED))?;
    }
    printer.note(format!(
        "{} of {} references looked at, in {} of {} arrays: {}",
        report.checked,
        report.references,
        report.arrays_checked,
        report.arrays,
        match report.faults.len() {
            0 => "each is what the store says, whole to its 7777".to_owned(),
            faults => format!("{faults} faults"),
        }
    ));
    if report.values > 0 {
        printer.note(format!(
            "{} values decoded: as many, and as large, as their headers allow",
            report.values
        ));
    }
    Ok(())
}
