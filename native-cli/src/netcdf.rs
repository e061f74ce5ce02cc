//! A dataset as NetCDF-4, through netCDF-C: written, closed, opened again and compared.

use std::path::Path;

use gik_core::dataset::{Attribute, Dataset, Values, Variable};
use netcdf::{AttributeValue, FileMut, Options};

/// Why a file was not written, or not as it was meant.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NetcdfError {
    /// netCDF-C refuses.
    #[error("netCDF: {what}")]
    Library {
        /// What was being written or read.
        what: String,
        /// What it says.
        source: netcdf::Error,
    },
    /// What was read back is not what was written.
    #[error("{variable}: what was read back is not what was written")]
    Differs {
        /// The variable.
        variable: String,
    },
    /// A variable on a dimension that is not there.
    #[error("{variable}: its dimensions are not those of the file")]
    Shape {
        /// The variable.
        variable: String,
    },
    /// The disk.
    #[error("the file cannot be made to last")]
    Disk(#[from] std::io::Error),
}

/// How data are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Packing {
    /// Deflate of level 1, a chunk for each field.
    Fields,
    /// Deflate of level 4, one chunk for each variable, as ICPAC's own program has it.
    Whole,
}

/// Writes a file that must not be there yet, and reads it back.
pub(crate) fn write(path: &Path, dataset: &Dataset, packing: Packing) -> Result<(), NetcdfError> {
    let failed = |what: &str| {
        let what = what.to_owned();
        move |source| NetcdfError::Library { what, source }
    };
    let mut file = netcdf::create_with(path, Options::NETCDF4 | Options::NOCLOBBER)
        .map_err(failed("the file cannot be made"))?;
    for dimension in &dataset.dimensions {
        file.add_dimension(&dimension.name, dimension.length)
            .map_err(failed(&dimension.name))?;
    }
    for (name, value) in &dataset.attributes {
        file.add_attribute(name, attribute(value))
            .map_err(failed(name))?;
    }
    for variable in &dataset.variables {
        let lengths = dataset.shape(variable);
        let lengths = lengths.ok_or_else(|| NetcdfError::Shape {
            variable: variable.name.clone(),
        })?;
        define(&mut file, variable, &lengths, packing).map_err(failed(&variable.name))?;
    }
    file.close().map_err(failed("the file cannot be closed"))?;
    std::fs::File::open(path)?.sync_all()?;
    check(path, dataset)
}

fn define(
    file: &mut FileMut,
    variable: &Variable,
    lengths: &[usize],
    packing: Packing,
) -> Result<(), netcdf::Error> {
    let names: Vec<&str> = variable.dimensions.iter().map(String::as_str).collect();
    let name = &variable.name;
    let mut made = match &variable.values {
        Values::F32(_) => file.add_variable::<f32>(name, &names)?,
        Values::F64(_) => file.add_variable::<f64>(name, &names)?,
        Values::I32(_) => file.add_variable::<i32>(name, &names)?,
        Values::I64(_) => file.add_variable::<i64>(name, &names)?,
    };
    let inner = lengths.len().saturating_sub(2);
    if inner > 0 {
        let chunk: Vec<usize> = match packing {
            Packing::Whole => lengths.to_vec(),
            Packing::Fields => {
                let each = lengths.iter().enumerate();
                each.map(|(at, length)| if at < inner { 1 } else { *length })
                    .collect()
            }
        };
        made.set_chunking(&chunk)?;
        made.set_compression(if packing == Packing::Whole { 4 } else { 1 }, true)?;
    }
    match &variable.values {
        Values::F32(_) if variable.fill => made.set_fill_value(f32::NAN)?,
        Values::F64(_) if variable.fill => made.set_fill_value(f64::NAN)?,
        _ => {}
    }
    for (name, value) in &variable.attributes {
        made.put_attribute(name, attribute(value))?;
    }
    match &variable.values {
        Values::F32(values) => made.put_values(values, ..),
        Values::F64(values) => made.put_values(values, ..),
        Values::I32(values) => made.put_values(values, ..),
        Values::I64(values) => made.put_values(values, ..),
    }
}

fn attribute(value: &Attribute) -> AttributeValue {
    match value {
        Attribute::Integer(number) => (*number).into(),
        Attribute::Number(number) => (*number).into(),
        // Characters are ASCII to HDF5; only strings are UTF-8.
        Attribute::Text(text) if !text.is_ascii() => AttributeValue::Strs(vec![text.clone()]),
        Attribute::Text(text) => text.as_str().into(),
    }
}

/// Every value of every variable, bit by bit.
fn check(path: &Path, dataset: &Dataset) -> Result<(), NetcdfError> {
    let failed = |what: &str| {
        let what = what.to_owned();
        move |source| NetcdfError::Library { what, source }
    };
    let file = netcdf::open(path).map_err(failed("the file cannot be read back"))?;
    for variable in &dataset.variables {
        let differs = || NetcdfError::Differs {
            variable: variable.name.clone(),
        };
        let found = file.variable(&variable.name).ok_or_else(differs)?;
        let failed = failed(&variable.name);
        let same = match &variable.values {
            Values::F32(values) => {
                let found = found.get_values::<f32, _>(..).map_err(failed)?;
                found.len() == values.len()
                    && found
                        .iter()
                        .zip(values)
                        .all(|(a, b)| a.to_bits() == b.to_bits())
            }
            Values::F64(values) => {
                let found = found.get_values::<f64, _>(..).map_err(failed)?;
                found.len() == values.len()
                    && found
                        .iter()
                        .zip(values)
                        .all(|(a, b)| a.to_bits() == b.to_bits())
            }
            Values::I32(values) => &found.get_values::<i32, _>(..).map_err(failed)? == values,
            Values::I64(values) => &found.get_values::<i64, _>(..).map_err(failed)? == values,
        };
        if !same {
            return Err(differs());
        }
    }
    Ok(())
}
