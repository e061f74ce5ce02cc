//! Datasets to files: whole under their names and read back, or not there at all.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};
use gik_core::dataset::Dataset;
use gik_core::output::{Artifact, zarr3};

use crate::cli::{Stream, StreamFormat};
use crate::exit::CommandError;
use crate::put::put_by;

/// What cannot be written, before anything is read.
pub(super) fn refuse(typed: &Stream) -> Result<(), CommandError> {
    let out = typed.out.to_string_lossy();
    if out.contains("://") {
        return Err(CommandError::usage(anyhow!(
            "--out {out}: values are written to files only; copy them from there"
        )));
    }
    if cfg!(not(feature = "netcdf")) && typed.format.contains(&StreamFormat::Netcdf) {
        return Err(CommandError::usage(anyhow!(
            "this gik was built without NetCDF: use --format zarr"
        )));
    }
    Ok(())
}

/// Writes all formats; paths and sizes.
pub(super) fn write(
    typed: &Stream,
    dataset: &Dataset,
    name: &str,
) -> Result<Vec<(String, u64)>, CommandError> {
    let mut outputs = Vec::new();
    for format in &typed.format {
        let ending = match format {
            StreamFormat::Netcdf => "nc",
            StreamFormat::Zarr => "zarr",
        };
        let (folder, file) = place(&typed.out, name, ending)?;
        let path = match format {
            StreamFormat::Netcdf => netcdf(typed, dataset, (&folder, &file))?,
            StreamFormat::Zarr => zarr(dataset, (&folder, &file))?,
        };
        let size = size(&path)?;
        outputs.push((path.display().to_string(), size));
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
) -> Result<PathBuf, CommandError> {
    use crate::cli::LayoutName;
    use crate::netcdf::{Packing, write};
    let packing = match typed.layout {
        LayoutName::Cf => Packing::Fields,
        LayoutName::Seed => Packing::Whole,
    };
    Ok(put_by(folder, file, |path| write(path, dataset, packing))?)
}

#[cfg(not(feature = "netcdf"))]
fn netcdf(_: &Stream, _: &Dataset, _: (&Path, &str)) -> Result<PathBuf, CommandError> {
    Err(CommandError::usage(anyhow!(
        "this gik was built without NetCDF"
    )))
}

fn zarr(dataset: &Dataset, (folder, file): (&Path, &str)) -> Result<PathBuf, CommandError> {
    let artifacts = zarr3::write(dataset)?;
    Ok(put_by(folder, file, |path| store(path, &artifacts))?)
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
