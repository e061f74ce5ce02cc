//! Datasets to files: whole under their names and read back, or not there at all.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};
use bytes::Bytes;
use gik_core::dataset::Dataset;
use gik_core::output::{Artifact, zarr3};
use serde::Serialize;

use crate::cli::{Stream, StreamFormat};
use crate::cloud::Cloud;
use crate::destination::Destination;
use crate::exit::CommandError;
use crate::put::{Put, put_by};

/// What was put: a file, or all files of a store.
#[derive(Clone, Debug, Serialize)]
pub(in crate::commands) struct Written {
    pub(in crate::commands) path: String,
    pub(in crate::commands) bytes: u64,
    /// Whether it was there already.
    pub(in crate::commands) kept: bool,
}

/// What cannot be written, before anything is read.
pub(super) fn refuse(typed: &Stream) -> Result<(), CommandError> {
    Destination::parse(&typed.out.to_string_lossy()).map_err(CommandError::usage)?;
    if cfg!(not(feature = "netcdf")) && typed.format.contains(&StreamFormat::Netcdf) {
        return Err(CommandError::usage(anyhow!(
            "this gik was built without NetCDF: use --format zarr"
        )));
    }
    Ok(())
}

/// Writes all formats. What is there already is kept where it is the same, and replaced only where `--force` says so.
///
/// What goes to a bucket is made in a folder first, since NetCDF is written by a library that knows files only.
pub(super) async fn write(
    typed: &Stream,
    cloud: &Cloud,
    dataset: &Dataset,
    name: &str,
) -> Result<Vec<Written>, CommandError> {
    let out = typed.out.to_string_lossy();
    let Some((scheme, rest)) = out
        .split_once("://")
        .filter(|(scheme, _)| *scheme != "file")
    else {
        return files(typed, &typed.out, dataset, name);
    };
    let (root, last) = match rest.strip_suffix('/') {
        Some(root) => (root, ""),
        None => rest.rsplit_once('/').unwrap_or((rest, "")),
    };
    let destination = Destination::parse(&format!("{scheme}://{root}"));
    let destination = destination.map_err(CommandError::usage)?;
    let local = Local::new()?;
    let out = match last {
        // The slash says that it is a folder.
        "" => PathBuf::from(format!("{}/", local.0.display())),
        last => local.0.join(last),
    };
    let mut outputs = Vec::new();
    for Written { path, .. } in files(typed, &out, dataset, name)? {
        let (mut size, mut kept) = (0, true);
        for file in below(Path::new(&path))? {
            let inside = file.strip_prefix(&local.0).unwrap_or(&file);
            let name = inside.display().to_string();
            let bytes = Bytes::from(fs::read(&file)?);
            size += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
            let put = destination.put(cloud, (&name, &bytes), typed.force);
            kept &= put.await? == Put::Kept;
        }
        let inside = Path::new(&path).strip_prefix(&local.0);
        let inside = inside.map_or_else(|_| path.clone(), |inside| inside.display().to_string());
        outputs.push(Written {
            path: destination.place(&inside),
            bytes: size,
            kept,
        });
    }
    Ok(outputs)
}

/// A folder of this process, gone with it.
struct Local(PathBuf);

impl Local {
    fn new() -> io::Result<Self> {
        let folder = std::env::temp_dir().join(format!("gik-stream-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for Local {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A file, or all files below a folder; metadata last, so that what can be opened is whole.
fn below(path: &Path) -> io::Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(path)? {
        found.extend(below(&entry?.path())?);
    }
    found.sort_by_key(|path| (path.ends_with("zarr.json"), path.clone()));
    Ok(found)
}

fn files(
    typed: &Stream,
    out: &Path,
    dataset: &Dataset,
    name: &str,
) -> Result<Vec<Written>, CommandError> {
    let mut outputs = Vec::new();
    for format in &typed.format {
        let ending = match format {
            StreamFormat::Netcdf => "nc",
            StreamFormat::Zarr => "zarr",
        };
        let (folder, file) = place(out, name, ending)?;
        let (path, put) = match format {
            StreamFormat::Netcdf => netcdf(typed, dataset, (&folder, &file))?,
            StreamFormat::Zarr => zarr(typed, dataset, (&folder, &file))?,
        };
        outputs.push(Written {
            bytes: size(&path)?,
            path: path.display().to_string(),
            kept: put == Put::Kept,
        });
    }
    Ok(outputs)
}

/// Folder and name of a file.
fn place(out: &Path, name: &str, ending: &str) -> Result<(PathBuf, String), CommandError> {
    let is_folder =
        out.to_string_lossy().ends_with('/') || out.is_dir() && out.extension().is_none();
    if is_folder {
        return Ok((out.to_owned(), format!("{name}.{ending}")));
    }
    let folder = out.parent().map(Path::to_owned).unwrap_or_default();
    let named = out.file_name().and_then(|name| name.to_str());
    let named = named.with_context(|| format!("{}: not the name of a file", out.display()));
    let named = named.map_err(CommandError::usage)?;
    let own = out.extension().and_then(|it| it.to_str());
    let stem = match own {
        Some("nc" | "zarr") => named.rsplit_once('.').map_or(named, |(stem, _)| stem),
        _ => named,
    };
    Ok((folder, format!("{stem}.{ending}")))
}

#[cfg(feature = "netcdf")]
fn netcdf(
    typed: &Stream,
    dataset: &Dataset,
    (folder, file): (&Path, &str),
) -> Result<(PathBuf, Put), CommandError> {
    use crate::cli::LayoutName;
    use crate::netcdf::{Packing, write};
    let packing = match typed.layout {
        LayoutName::Cf => Packing::Fields,
        LayoutName::Seed => Packing::Whole,
    };
    let force = typed.force;
    Ok(put_by(folder, file, force, |path| {
        write(path, dataset, packing)
    })?)
}

#[cfg(not(feature = "netcdf"))]
fn netcdf(_: &Stream, _: &Dataset, _: (&Path, &str)) -> Result<(PathBuf, Put), CommandError> {
    Err(CommandError::usage(anyhow!(
        "this gik was built without NetCDF"
    )))
}

fn zarr(
    typed: &Stream,
    dataset: &Dataset,
    (folder, file): (&Path, &str),
) -> Result<(PathBuf, Put), CommandError> {
    let artifacts = zarr3::write(dataset)?;
    let force = typed.force;
    Ok(put_by(folder, file, force, |path| store(path, &artifacts))?)
}

/// Writes the files of a store, and reads each back.
fn store(folder: &Path, artifacts: &[Artifact]) -> io::Result<()> {
    for artifact in artifacts {
        let path = folder.join(&artifact.path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(&path, &artifact.bytes)?;
        if fs::read(&path)? != artifact.bytes {
            let text = format!(
                "{}: what was read back is not what was written",
                artifact.path
            );
            return Err(io::Error::new(io::ErrorKind::InvalidData, text));
        }
    }
    Ok(())
}

fn size(path: &Path) -> io::Result<u64> {
    let about = fs::metadata(path)?;
    if !about.is_dir() {
        return Ok(about.len());
    }
    let mut sum = 0;
    for entry in fs::read_dir(path)? {
        sum += size(&entry?.path())?;
    }
    Ok(sum)
}
