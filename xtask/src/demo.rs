//! `cargo xtask demo`: gik on the synthetic archive of this repository, all stages, from index to xarray.

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
    source: &'static str,
    /// Date, run and steps, for `gik template build` and `gik refs`.
    run: &'static str,
    /// Whose references are built.
    member: &'static str,
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
        source: "gefs",
        run: "--date 20250918 --run 00 --steps 0-12:3",
        member: "gep01",
        bucket: "noaa-gefs-pds",
        formulas: "--field gefs --date 20250918 --member 1 --grid 10",
    },
    Run {
        title: "IFS ensemble with 13 levels, member 1",
        index: None,
        source: "ifs-ens",
        run: "--date 20250601 --run 00 --steps 0-6:3",
        member: "ens01",
        bucket: "ecmwf-forecasts",
        formulas: "--field ecmwf --date 20250601 --member 1 --grid 18",
    },
    Run {
        title: "IFS cycle 50r1, the control, which is in oper/ since then",
        index: None,
        source: "ifs-ens",
        run: "--date 20260706 --run 00 --steps 0-3:3",
        member: "control",
        bucket: "ecmwf-forecasts",
        formulas: "--field ecmwf --date 20260706 --member 0 --grid 18",
    },
];

pub(crate) fn run() -> Result<()> {
    println!(
        "The archive in {SAMPLE} is synthetic: paths, keys and packings of the public buckets, invented values."
    );
    build()?;
    show()
}

/// The same with a binary that is there.
pub(crate) fn show() -> Result<()> {
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
        let from = format!("{SAMPLE}/{}", run.bucket);
        println!(
            "\nStage 0: what the messages are, from headers; the grid is coarse, so the built-in template will not do"
        );
        let samples = match number {
            0 => vec!["--members", run.member],
            _ => Vec::new(),
        };
        command::run(
            gik("template")
                .args(["build", run.source])
                .args(run.run.split_whitespace())
                .args(samples)
                .args(["--from", &from, "--out"])
                .arg(&place),
        )?;
        let template = place.join(format!("{}.parquet", run.source));
        println!("\nStages 1 to 3: tree, mapped index, references");
        let stores = place.join("refs");
        command::run(
            gik("refs")
                .arg(run.source)
                .args(run.run.split_whitespace())
                .args(["--members", run.member, "--from", &from, "--template"])
                .arg(&template)
                .arg("--mapped-index")
                .arg(place.join("mapped-index.parquet"))
                .arg("--out")
                .arg(&stores),
        )?;
        let store = store(&stores)?;
        println!("\nProof: headers at the referenced bytes");
        command::run(gik("verify").arg(&store).args(["--sample", "40"]))?;
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
            "a real run, from its bucket, with the built-in template",
        ),
        (
            "verify out/gep01.parquet --sample 20",
            "whether its references are what they say",
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
