//! References as files to download: the bytes that the terminal writes.

use std::io::{Cursor, Write as _};

use gik_core::output::{self, Artifact, Output};
use js_sys::Uint8Array;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::problem;
use super::session::{References, Session};
use crate::protocol::{Format, Problem, ProblemKind};

/// Files and their names: one file where there is one, else a zip of all.
pub(super) fn write(
    session: &Session,
    format: Format,
) -> Result<(Vec<String>, Vec<Uint8Array>), Problem> {
    let output = match format {
        Format::KerchunkJson => Output::KerchunkJson,
        Format::KerchunkParquet => Output::KerchunkParquet,
        Format::KvParquet => Output::KvParquet,
    };
    let failed = |error: output::OutputError| problem::of(&error);
    let mut artifacts = Vec::new();
    let mut stem = String::new();
    match &*session.references.borrow() {
        References::None => {}
        References::Built(stores) => {
            // As the terminal does: a member without references gets no file.
            for store in stores.iter().filter(|store| store.references() > 0) {
                let name = &store.provenance.member;
                stem = if stem.is_empty() {
                    name.clone()
                } else {
                    "members".to_owned()
                };
                artifacts.extend(output::write(output, store, name).map_err(failed)?);
            }
        }
        References::Read(name, keys) => {
            stem.clone_from(name);
            let provenance = keys.text("gik").unwrap_or("{}");
            artifacts.extend(output::write_keys(output, keys, provenance, name).map_err(failed)?);
        }
    }
    match artifacts.as_slice() {
        [] => Err(Problem {
            kind: ProblemKind::Usage,
            url: None,
            text: "there are no references to write".to_owned(),
        }),
        [only] => Ok((
            vec![only.path.clone()],
            vec![Uint8Array::from(&only.bytes[..])],
        )),
        several => {
            let bytes = zipped(several).map_err(|error| problem::of(&error))?;
            Ok((
                vec![format!("{stem}.zip")],
                vec![Uint8Array::from(&bytes[..])],
            ))
        }
    }
}

/// A zip of files as they are: references in Parquet are compressed already.
fn zipped(artifacts: &[Artifact]) -> Result<Vec<u8>, zip::result::ZipError> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for artifact in artifacts {
        zip.start_file(&*artifact.path, stored)?;
        zip.write_all(&artifact.bytes)?;
    }
    Ok(zip.finish()?.into_inner())
}
