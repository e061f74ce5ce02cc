//! Templates that are kept on this machine, one for each source and era.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use gik_core::template::Template;
use serde_json::json;

use crate::exit::{CommandError, ExitStatus};
use crate::printer::Printer;
use crate::put::put;

/// Keeps a template.
pub(super) fn keep(template: &Template, printer: &Printer) -> Result<ExitStatus, CommandError> {
    let name = name(&template.source, &template.era);
    let path = put(&folder()?, &name, &template.write()?)?;
    printer.line(path.display())?;
    printer.note(format!(
        "{}: used by `gik refs {} --template cache`",
        template.id(),
        template.source
    ));
    Ok(ExitStatus::Success)
}

/// Lists what is kept.
pub(super) fn list(printer: &Printer) -> Result<ExitStatus, CommandError> {
    let folder = folder()?;
    let mut kept = Vec::new();
    for source in entries(&folder)? {
        for file in entries(&source)? {
            let template = read(&file)?;
            kept.push((file.display().to_string(), template));
        }
    }
    if printer.wants_json() {
        let told: Vec<_> = kept
            .iter()
            .map(|(path, template)| {
                json!({ "path": path, "id": template.id(), "run": template.run })
            })
            .collect();
        printer.json(&told)?;
    } else {
        for (path, template) in &kept {
            let of = template.run.map(|run| run.to_string());
            let of = of.unwrap_or_else(|| "the catalogue".to_owned());
            printer.line(format!("{}  of {of}  {path}", template.id()))?;
        }
        printer.note(format!("{} templates in {}", kept.len(), folder.display()));
    }
    Ok(ExitStatus::Success)
}

/// The template that is kept for a source and an era.
pub(in crate::commands) fn cached(source: &str, era: &str) -> Result<Template, CommandError> {
    let path = folder()?.join(name(source, era));
    if !path.exists() {
        return Err(CommandError::usage(anyhow::anyhow!(
            "no template of {source}/{era} is kept: see `gik template fetch`"
        )));
    }
    read(&path)
}

fn name(source: &str, era: &str) -> String {
    format!("{source}/{era}.parquet")
}

fn read(path: &Path) -> Result<Template, CommandError> {
    let shown = || path.display().to_string();
    let bytes = std::fs::read(path).with_context(shown)?;
    let template = Template::read(&bytes.into());
    Ok(template.with_context(|| format!("{}: not a template", shown()))?)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, CommandError> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Ok(Vec::new());
    };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    Ok(paths)
}

/// The folder that the system's user has for what can be made again.
fn folder() -> Result<PathBuf, CommandError> {
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    let caches = variable("XDG_CACHE_HOME").map(PathBuf::from);
    let caches = caches.or_else(|| Some(PathBuf::from(variable("HOME")?).join(".cache")));
    let caches = caches.context("neither XDG_CACHE_HOME nor HOME says where caches are kept");
    Ok(caches?.join("gik/templates"))
}
