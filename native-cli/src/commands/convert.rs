//! `gik convert`: references that were written before, in another format and repaired.

#[cfg(feature = "icechunk")]
mod icechunk;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use gik_core::convert::{self, Context, Converted, Published};
use gik_core::grib::naming::Tables;
use gik_core::keys::KeysError;
use gik_core::store::Store;
use serde_json::{Value, json};

#[cfg(not(feature = "icechunk"))]
use crate::appended::Appended;
use crate::catalog;
use crate::cli::{Convert, Icechunk};
use crate::cloud::{Cloud, absolute};
use crate::exit::{CommandError, ExitStatus};
use crate::printer::Printer;
use crate::put::put;
use crate::settings::Settings;

/// Why a file cannot be converted.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InputError {
    /// It cannot be read as a store of references.
    #[error("{path}: not a readable store of references")]
    Keys {
        /// What was typed.
        path: String,
        /// What is wrong with it.
        source: KeysError,
    },
    /// The system does not give it.
    #[error("{}: cannot be read", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
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

impl From<KeysError> for InputError {
    fn from(source: KeysError) -> Self {
        let path = String::new();
        Self::Keys { path, source }
    }
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
        for published in read(input, &cloud).await? {
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

/// The stores of a file or of kerchunk's folder.
async fn read(input: &str, cloud: &Cloud) -> Result<Vec<Published>, CommandError> {
    let folder = Path::new(input);
    if folder.is_dir() {
        let metadata = folder.join(".zmetadata");
        let bytes = fs::read(&metadata).map_err(|source| unreadable(&metadata, source))?;
        let file = |path: &str| {
            let path = folder.join(path);
            match fs::read(&path) {
                Ok(bytes) => Ok(Some(bytes.into())),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
                Err(error) => Err(unreadable(&path, error)),
            }
        };
        let published = convert::read_folder(&bytes, file);
        return Ok(vec![published.map_err(|error| named(input, error))?]);
    }
    let url = absolute(input).map_err(CommandError::usage)?;
    let bytes = cloud.get(&url).await?.bytes;
    Ok(convert::read_file(bytes).map_err(|error| named(input, error.into()))?)
}

fn unreadable(path: &Path, source: io::Error) -> InputError {
    let path = path.to_owned();
    InputError::Read { path, source }
}

fn named(input: &str, error: InputError) -> InputError {
    match error {
        InputError::Keys { source, .. } => InputError::Keys {
            path: input.to_owned(),
            source,
        },
        other => other,
    }
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
