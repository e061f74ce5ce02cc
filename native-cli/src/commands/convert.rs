//! `gik convert`: references that were written before, in another format and repaired.

#[cfg(feature = "icechunk")]
mod icechunk;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use gik_core::convert::{self, Context, Converted, Published};
use gik_core::grib::naming::Tables;
use serde_json::{Value, json};

#[cfg(not(feature = "icechunk"))]
use crate::appended::Appended;
use crate::catalog;
use crate::cli::{Convert, Icechunk};
use crate::cloud::{Cloud, absolute};
use crate::exit::{CommandError, ExitStatus};
use crate::printer::Printer;
use crate::published;
use crate::put::put;
use crate::settings::Settings;

/// Why a file cannot be converted.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InputError {
    /// The result would replace what it is made from.
    #[error("{}: the result would replace its input: choose another folder", path.display())]
    Replaces {
        /// The file.
        path: PathBuf,
    },
    /// Two results of one name.
    #[error("{first} and {second} would both be written as {name}")]
    SameName {
        /// An input.
        first: String,
        /// Another.
        second: String,
        /// The name.
        name: String,
    },
}

pub(crate) async fn run(
    typed: &Convert,
    settings: &Settings,
    printer: &Printer,
) -> Result<ExitStatus, CommandError> {
    let is_repository = Icechunk::asked(&typed.to)?;
    let catalog = catalog::read(settings)?;
    let tables = Tables::builtin()?;
    let cloud = catalog::public(Cloud::new(settings), &catalog);
    let base = typed.from.as_deref().map(absolute).transpose();
    let base = base.map_err(CommandError::usage)?;
    let context = Context {
        catalog: &catalog,
        tables: &tables,
        archive: base.as_deref().map(|base| (&cloud, base)),
    };
    let mut names: BTreeMap<String, &str> = BTreeMap::new();
    let mut told = Vec::new();
    let mut complete = true;
    let mut runs = Vec::new();
    for input in &typed.inputs {
        for published in published::read(input, &cloud).await? {
            let name = name(input, &published);
            if let Some(first) = names.insert(name.clone(), input)
                && !is_repository
            {
                return Err(CommandError::usage(InputError::SameName {
                    first: first.to_owned(),
                    second: input.clone(),
                    name,
                }));
            }
            let converted = convert::convert(published, &context).await;
            let converted =
                converted.map_err(|error| anyhow::Error::new(error).context(input.clone()))?;
            complete &= converted.refused.is_empty() && converted.gaps.is_empty();
            let outputs = write(typed, input, &converted, &name)?;
            if !printer.wants_json() {
                show(printer, input, &converted, &outputs)?;
            }
            told.push(report(input, &converted, &outputs));
            if is_repository {
                let store = converted.into_store();
                runs.push(store.map_err(|error| anyhow::Error::new(error).context(input.clone()))?);
            }
        }
    }
    #[cfg(feature = "icechunk")]
    let appended = match is_repository {
        true => icechunk::append(typed, &runs, &cloud, (settings, &catalog)).await?,
        false => Vec::new(),
    };
    #[cfg(not(feature = "icechunk"))]
    let appended: Vec<Appended> = Vec::new();
    if printer.wants_json() {
        let mut said = json!({ "converted": told });
        if let Some(said) = said.as_object_mut().filter(|_| is_repository) {
            said.insert("icechunk".to_owned(), json!(appended));
        }
        printer.json(&said)?;
    } else {
        for appended in &appended {
            appended.tell(printer)?;
        }
    }
    Ok(if complete {
        ExitStatus::Success
    } else {
        ExitStatus::Gaps
    })
}

/// The result's name without its ending: that of the input, or date and member of an aggregate.
fn name(input: &str, published: &Published) -> String {
    if let Some(name) = &published.name {
        return format!("{}-{}", name.date, name.member);
    }
    let file = input
        .trim_end_matches('/')
        .rsplit('/')
        .next()
        .unwrap_or(input);
    let ends = [".json.gz", ".json", ".parquet", ".par", ".kerchunk"];
    let stem = ends.iter().find_map(|end| file.strip_suffix(end));
    stem.filter(|stem| !stem.is_empty())
        .unwrap_or(file)
        .to_owned()
}

fn write(
    typed: &Convert,
    input: &str,
    converted: &Converted,
    name: &str,
) -> Result<Vec<(String, usize)>, CommandError> {
    let mut outputs = Vec::new();
    for format in &typed.to {
        let Some(output) = format.output() else {
            continue;
        };
        for artifact in converted.write(output, name)? {
            let target = typed.out.join(&artifact.path);
            if same(&target, Path::new(input)) {
                return Err(CommandError::usage(InputError::Replaces { path: target }));
            }
            let path = put(&typed.out, &artifact.path, &artifact.bytes)?;
            outputs.push((path.display().to_string(), artifact.bytes.len()));
        }
    }
    Ok(outputs)
}

/// Whether a target is the input, or lies in it.
fn same(target: &Path, input: &Path) -> bool {
    let inside = target
        .ancestors()
        .filter_map(|path| path.canonicalize().ok());
    let input = input.canonicalize().ok();
    input.is_some_and(|input| inside.into_iter().any(|path| path == input))
}

fn report(input: &str, converted: &Converted, outputs: &[(String, usize)]) -> Value {
    let outputs: Vec<Value> = outputs
        .iter()
        .map(|(path, bytes)| json!({ "path": path, "bytes": bytes }))
        .collect();
    json!({
        "input": input,
        "references": converted.references(),
        "repairs": converted.repairs,
        "refused": converted.refused,
        "gaps": converted.gaps,
        "outputs": outputs,
    })
}

fn show(
    printer: &Printer,
    input: &str,
    converted: &Converted,
    outputs: &[(String, usize)],
) -> Result<(), CommandError> {
    for (path, bytes) in outputs {
        printer.line(format!("{path}  {bytes} bytes"))?;
    }
    printer.note(format!("{input}: {} references", converted.references()));
    for repair in &converted.repairs {
        printer.note(format!(
            "  repaired {}: {}, such as {}",
            repair.count, repair.what, repair.example
        ));
    }
    for refused in &converted.refused {
        printer.warning(format!(
            "{} refused: {}, such as {}",
            refused.count, refused.because, refused.example
        ));
    }
    if !converted.gaps.is_empty() {
        let first = converted
            .gaps
            .first()
            .map(|gap| gap.what.as_str())
            .unwrap_or_default();
        printer.note(format!(
            "  {} of the run's messages are not in it, such as {first}",
            converted.gaps.len()
        ));
    }
    Ok(())
}
