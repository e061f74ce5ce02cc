//! `cargo xtask demo`: gik on the synthetic archive of this repository, from index to xarray.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::python::{self, Stack};
use crate::{command, folder};

const SAMPLE: &str = "tests/fixtures/sample";

/// One member of one run of the sample.
struct Run {
    title: &'static str,
    /// A file of the run to look into first.
    index: Option<&'static str>,
    /// Arguments of `gik refs`, but for where from and where to.
    refs: &'static str,
    bucket: &'static str,
    /// What `open_refs.py` compares with.
    formulas: &'static str,
}

const RUNS: [Run; 3] = [
    Run {
        title: "GEFS, member gep01",
        index: Some(
            "noaa-gefs-pds/gefs.20250918/00/atmos/pgrb2sp25/gep01.t00z.pgrb2s.0p25.f003.idx",
        ),
        refs: "gefs --date 20250918 --run 00 --members gep01 --steps 0-12:3",
        bucket: "noaa-gefs-pds",
        formulas: "--field gefs --date 20250918 --member 1 --grid 10",
    },
    Run {
        title: "IFS ensemble with 13 levels, member 1",
        index: None,
        refs: "ifs-ens --date 20250601 --run 00 --members 1 --steps 0-6:3",
        bucket: "ecmwf-forecasts",
        formulas: "--field ecmwf --date 20250601 --member 1 --grid 18",
    },
    Run {
        title: "IFS cycle 50r1, the control, which is in oper/ since then",
        index: None,
        refs: "ifs-ens --date 20260706 --run 00 --members control --steps 0-3:3",
        bucket: "ecmwf-forecasts",
        formulas: "--field ecmwf --date 20260706 --member 0 --grid 18",
    },
];

pub(crate) fn run() -> Result<()> {
    println!(
        "The archive in {SAMPLE} is synthetic: paths, keys and packings of the public buckets, invented values."
    );
    build()?;
    let python = python::interpreter(Stack::Zarr2);
    if let Err(reason) = &python {
        println!("The results will not be opened with xarray: {reason:#}");
    }
    let out = folder::target().join("demo");
    if out.exists() {
        fs::remove_dir_all(&out)?;
    }
    for (number, run) in RUNS.iter().enumerate() {
        println!("\n== {}", run.title);
        if let Some(index) = run.index {
            command::run(gik("inspect").arg(format!("{SAMPLE}/{index}")))?;
        }
        let place = out.join(format!("{}", number + 1));
        command::run(
            gik("refs")
                .args(run.refs.split_whitespace())
                // The built-in templates are those of the real grids, and refuse these coarse ones.
                .args(["--template", "scan"])
                .args(["--from", &format!("{SAMPLE}/{}", run.bucket), "--out"])
                .arg(&place),
        )?;
        let store = store(&place)?;
        if let Ok(python) = &python {
            open(python, &store, run.formulas)?;
        }
    }
    println!("\nNext:");
    let gik = command::shown(&command::program(binary()));
    for (arguments, what) in [
        ("sources", "what can be read"),
        (
            "inspect FILE_OR_URL",
            "a table of any .idx, .index or GRIB2 file",
        ),
        (
            "refs gefs --date YYYYMMDD --run 00 --members gep01 --out out/",
            "a real run, from its bucket",
        ),
    ] {
        println!("  {gik} {arguments}\n      {what}");
    }
    if python.is_ok() {
        println!("  tests/python/open_refs.py\n      how the stores were opened above");
    } else {
        println!(
            "  cargo xtask demo\n      again, with Python 3.11 to 3.13, to see what xarray makes of it"
        );
    }
    Ok(())
}

/// Builds the binary, in the profile that the tests have too.
pub(crate) fn build() -> Result<()> {
    command::run(&mut command::cargo("build --locked --package gik-cli"))
}

/// Where [`build`] puts it.
pub(crate) fn binary() -> PathBuf {
    folder::target().join("debug/gik")
}

fn gik(subcommand: &str) -> Command {
    let mut command = command::program(binary());
    command.arg(subcommand);
    command
}

/// The Parquet store in a folder; an error where there is not exactly one.
fn store(folder: &Path) -> Result<PathBuf> {
    let entries = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    let paths: Vec<PathBuf> = entries
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    let mut stores = paths
        .into_iter()
        .filter(|path| path.extension().is_some_and(|kind| kind == "parquet"));
    match (stores.next(), stores.next()) {
        (Some(store), None) => Ok(store),
        _ => bail!("not one Parquet store in {}", folder.display()),
    }
}

fn open(python: &Path, store: &Path, formulas: &str) -> Result<()> {
    command::run(
        command::program(python)
            .arg(folder::workspace().join("tests/python/open_refs.py"))
            .arg(store)
            .args(formulas.split_whitespace()),
    )
}
