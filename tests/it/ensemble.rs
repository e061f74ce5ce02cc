//! Members of a run as one store, in every format, opened by xarray in both stacks.
#![expect(clippy::print_stderr, reason = "the counts are the proof")]

use std::path::{Path, PathBuf};

use futures_util::FutureExt;
use gik_core::grib::naming::Tables;
use gik_core::output::{Output, write};
use gik_core::pipeline::plan::Request;
use gik_core::pipeline::refs::{self, RefsJob, Structure};
use gik_core::refs::RefStore;
use gik_core::refs::build::Codec;
use gik_core::refs::ensemble::join;
use gik_core::source::Catalog;
use gik_core::store::Memory;
use gik_core::time::Run;
use gik_tests::fixture::{files, workspace};
use gik_tests::oracle::{self, Stack};
use gik_tests::scratch::Scratch;
use serde_json::Value;

/// A part of the sample archive: where it is, how it is read, and how its values are checked.
struct Case {
    root: &'static str,
    source: &'static str,
    field: &'static str,
    date: &'static str,
    steps: &'static str,
    grid: &'static str,
    members: &'static [&'static str],
    /// Opening takes seconds: every format of one case, one format of the others.
    formats: &'static [Output],
}

const GEFS: Case = Case {
    root: "noaa-gefs-pds",
    source: "gefs",
    field: "gefs",
    date: "20250918",
    steps: "0-6",
    grid: "10",
    members: &["1", "0"],
    formats: &[Output::KerchunkParquet],
};

const IFS: Case = Case {
    root: "ecmwf-forecasts",
    source: "ifs-ens",
    field: "ecmwf",
    date: "20250601",
    steps: "0-3",
    grid: "18",
    members: &["2", "0", "1"],
    formats: &[
        Output::KvParquet,
        Output::KerchunkJson,
        Output::KerchunkParquet,
    ],
};

/// The control is in files of its own, with messages that members do not have.
const IFS_50R1: Case = Case {
    date: "20260706",
    members: &["0", "1"],
    formats: &[Output::KvParquet],
    ..IFS
};

#[test]
fn every_format_of_an_ensemble_opens_with_the_values_it_was_made_from() {
    for case in [GEFS, IFS, IFS_50R1] {
        let stores = case.stores();
        let joined = join(&stores).expect("members of one run");
        let references: usize = stores.iter().map(RefStore::references).sum();
        assert_eq!(joined.references(), references);
        let scratch = Scratch::new();
        for output in case.formats {
            for artifact in write(*output, &joined, "ensemble").expect("written") {
                scratch.write(&artifact.path, artifact.bytes);
            }
            case.check(&scratch.path().join(match output {
                Output::KerchunkJson => "ensemble.json",
                Output::KerchunkParquet => "ensemble.kerchunk",
                Output::KvParquet => "ensemble.parquet",
            }));
        }
        eprintln!("{} {}: {references} references", case.source, case.date);
    }
}

#[test]
fn the_order_in_which_members_are_given_changes_no_byte() {
    let mut stores = IFS.stores();
    let bytes = |stores: &[RefStore]| {
        let joined = join(stores).expect("members of one run");
        write(Output::KerchunkParquet, &joined, "ensemble").expect("written")
    };
    let one = bytes(&stores);
    stores.reverse();
    assert_eq!(one, bytes(&stores));
}

impl Case {
    fn stores(&self) -> Vec<RefStore> {
        let root = workspace().join("tests/fixtures/sample").join(self.root);
        let (store, catalog) = (archive(&root), Catalog::builtin().expect("a catalogue"));
        let tables = Tables::builtin().expect("tables");
        let store_of = |member: &&str| {
            let job = RefsJob {
                request: Request {
                    source: self.source.to_owned(),
                    run: Run::new(self.date.parse().expect("a date"), 0).expect("a run"),
                    members: (*member).to_owned(),
                    steps: Some(self.steps.to_owned()),
                    base: Some(url(&root)),
                    concurrency: 4,
                },
                variables: Vec::new(),
                codec: Codec::Grib,
                uri_base: None,
                structure: Structure::Scan,
            };
            let mut quiet = |_| {};
            let run = refs::run(&store, &catalog, &tables, &job, None, &mut quiet);
            let outcome = run.now_or_never().expect("nothing to wait for");
            outcome.expect("references").value.stores.remove(0)
        };
        self.members.iter().map(store_of).collect()
    }

    fn check(&self, store: &Path) {
        let mut members: Vec<&str> = self.members.to_vec();
        members.sort_unstable();
        let (store, members) = (store.display().to_string(), members.join(","));
        let options = [
            store.as_str(),
            "--field",
            self.field,
            "--date",
            self.date,
            "--member",
            &members,
            "--grid",
            self.grid,
            "--samples",
            "4",
            "--json",
        ];
        for stack in [Stack::Zarr2, Stack::Zarr3] {
            let told = oracle::run(stack, "open_refs.py", &options);
            let report: Value = serde_json::from_str(&told).expect("JSON");
            assert_eq!(
                report["problems"],
                serde_json::json!([]),
                "{stack:?} {store}"
            );
            let arrays = report["arrays"].as_array().expect("arrays");
            let data = |array: &&Value| array["dims"].as_array().is_some_and(|dims| dims.len() > 2);
            let mut data = arrays.iter().filter(data).peekable();
            assert!(data.peek().is_some(), "{stack:?} {store}: arrays of data");
            for array in data {
                assert_eq!(array["dims"][0], "number", "{}", array["path"]);
                assert_eq!(array["shape"][0], self.members.len(), "{}", array["path"]);
            }
        }
    }
}

fn url(path: &Path) -> String {
    format!("file://{}", path.display())
}

fn archive(root: &Path) -> Memory {
    let mut store = Memory::new();
    for file in files(root) {
        let bytes = std::fs::read(&file).expect("a sample");
        store.insert(url(&PathBuf::from(&file)), bytes);
    }
    store
}
