//! `gik config`: which settings hold, and where each comes from.

use serde_json::json;

use crate::exit::{CommandError, ExitStatus};
use crate::printer::{Align, Printer, Table};
use crate::settings::Settings;

pub(crate) fn run(settings: &Settings, printer: &Printer) -> Result<ExitStatus, CommandError> {
    if printer.wants_json() {
        printer.json(&json!({ "settings": settings.resolved }))?;
        return Ok(ExitStatus::Success);
    }
    let mut table = Table::new(&[
        ("setting", Align::Left),
        ("value", Align::Left),
        ("from", Align::Left),
        ("what it is for", Align::Left),
    ]);
    for row in &settings.resolved {
        table.row([
            row.name.to_owned(),
            row.value.clone().unwrap_or_else(|| "-".to_owned()),
            row.origin.to_string(),
            row.about.to_owned(),
        ]);
    }
    printer.table(&table)?;
    Ok(ExitStatus::Success)
}
