//! The published layout of Stage 0: files that pandas and kerchunk take for their own, with right levels.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use futures_util::FutureExt;
use gik_core::grib::naming::Tables;
use gik_core::identity::Member;
use gik_core::index::{self, Dialect};
use gik_core::merge::chunk_index::map_from_index;
use gik_core::output::per_hour::{self, Hour};
use gik_core::output::{Artifact, mapping_parquet};
use gik_core::pipeline::plan::Request;
use gik_core::pipeline::template::{TemplateJob, build};
use gik_core::source::Catalog;
use gik_core::store::Memory;
use gik_core::template::{Level, Template, mapping};
use gik_core::time::{Run, Step};
use gik_tests::fixture;
use gik_tests::oracle::{self, Stack};
use gik_tests::scratch::Scratch;
use serde_json::Value;

use super::{compare_chunk, frames, number, parquets, read};

/// The sample archive below `memory:`.
fn archive() -> Memory {
    let sample = fixture::workspace().join("tests/fixtures/sample");
    let mut store = Memory::new();
    for file in fixture::files(&sample) {
        let path = file.strip_prefix(&sample).unwrap().display();
        store.insert(format!("memory:{path}"), std::fs::read(&file).unwrap());
    }
    store
}

fn template(store: &Memory, source: &str, bucket: &str, run: Run, member: &str) -> Template {
    let request = Request {
        source: source.to_owned(),
        run,
        members: member.to_owned(),
        steps: Some("0-6:3".to_owned()),
        base: Some(format!("memory:{bucket}")),
        concurrency: 4,
    };
    let job = TemplateJob {
        request,
        prove: None,
    };
    let (catalog, tables) = (Catalog::builtin().unwrap(), Tables::builtin().unwrap());
    let built = build(store, &catalog, &tables, &job, &mut |_| {}).now_or_never();
    built.unwrap().unwrap().value.template
}

/// A run of the sample, one member, and the words of its files.
struct Sample {
    source: &'static str,
    bucket: &'static str,
    family: &'static str,
    run: &'static str,
    name: &'static str,
    member: Member,
    stream: &'static str,
    dialect: Dialect,
    index: fn(i64) -> String,
    data: fn(i64) -> String,
}

const SAMPLES: [Sample; 2] = [
    Sample {
        source: "gefs",
        bucket: "noaa-gefs-pds",
        family: "gefs",
        run: "2025-09-18T00",
        name: "gep01",
        member: Member::Perturbed(1),
        stream: "pgrb2sp25",
        dialect: Dialect::Noaa,
        index: |hour| {
            format!("gefs.20250918/00/atmos/pgrb2sp25/gep01.t00z.pgrb2s.0p25.f{hour:03}.idx")
        },
        data: |hour| format!("gefs.20250918/00/atmos/pgrb2sp25/gep01.t00z.pgrb2s.0p25.f{hour:03}"),
    },
    Sample {
        source: "ifs-ens",
        bucket: "ecmwf-forecasts",
        family: "ecmwf",
        run: "2025-06-01T00",
        name: "ens01",
        member: Member::Perturbed(1),
        stream: "enfo",
        dialect: Dialect::Ecmwf,
        index: |hour| format!("20250601/00z/ifs/0p25/enfo/20250601000000-{hour}h-enfo-ef.index"),
        data: |hour| format!("20250601/00z/ifs/0p25/enfo/20250601000000-{hour}h-enfo-ef.grib2"),
    },
];

/// The messages of files as ecCodes names them, by file and offset.
fn named(files: &[String]) -> BTreeMap<(String, u64), Value> {
    let arguments: Vec<&str> = files.iter().map(String::as_str).collect();
    let printed = oracle::run(Stack::Zarr2, "dump_names.py", &arguments);
    let mut opened: BTreeMap<String, (Vec<u8>, usize)> = BTreeMap::new();
    let mut found = BTreeMap::new();
    for line in printed.lines() {
        let mut record: Value = serde_json::from_str(line).unwrap();
        let file = record["file"].as_str().unwrap().to_owned();
        let (bytes, offset) = opened
            .entry(file.clone())
            .or_insert_with(|| (std::fs::read(&file).unwrap(), 0));
        found.insert((file, *offset as u64), record["names"].take());
        // Octets 9 to 16 of a message are its length.
        let length = bytes[*offset + 8..*offset + 16].try_into().unwrap();
        *offset += usize::try_from(u64::from_be_bytes(length)).unwrap();
    }
    found
}

#[test]
#[expect(clippy::print_stderr, reason = "the count is the proof")]
fn files_of_each_hour_are_those_of_the_published_layout() {
    const HOURS: [i64; 3] = [0, 3, 6];
    let store = archive();
    let scratch = Scratch::new();
    let root = fixture::workspace().join("tests/fixtures/sample");
    for sample in &SAMPLES {
        let run: Run = sample.run.parse().unwrap();
        let template = template(&store, sample.source, sample.bucket, run, sample.name);
        let local = |path: &str| root.join(sample.bucket).join(path).display().to_string();
        let data = HOURS.map(|hour| local(&(sample.data)(hour)));
        let files = HOURS.map(|hour| {
            let written = write(sample, hour, &template, &local);
            scratch.write(&written.path, &written.bytes)
        });
        let (names, frames) = (named(&data), frames(&files));
        let mut rows = 0;
        for ((data, frame), hour) in data.iter().zip(&frames).zip(HOURS) {
            for row in frame {
                let offset = row["offset_idx"].as_u64().unwrap();
                let wanted = &names[&(data.clone(), offset)];
                let place = format!("{data}: {}", row["attrs"]);
                assert_eq!(row["varname"], wanted["cfVarName"], "{place}");
                assert_eq!(row["typeOfLevel"], wanted["typeOfLevel"], "{place}");
                assert_eq!(row["stepType"], wanted["stepType"], "{place}");
                let level: f64 = wanted["levelAsDouble"].as_str().unwrap().parse().unwrap();
                assert_eq!(number(&row["level"]), Some(level), "{place}");
                assert_eq!(row["offset_grib"], offset, "{place}");
                assert_eq!(number(&row["step"]), Some(hour as f64 * 3_600.0), "{place}");
            }
            rows += frame.len();
        }
        eprintln!("{}: 3 hours, {rows} rows", sample.family);
        assert!(rows > 90);
        if sample.dialect == Dialect::Noaa {
            let index = local(&(sample.index)(6));
            taken_by_kerchunk(&files[2], &index, run, &data[2]);
        }
    }
}

/// The file of one hour, read again.
fn write(
    sample: &Sample,
    hour: i64,
    template: &Template,
    local: &impl Fn(&str) -> String,
) -> Artifact {
    let (index_path, data_path) = ((sample.index)(hour), (sample.data)(hour));
    let text = std::fs::read(local(&index_path)).unwrap();
    let size = std::fs::metadata(local(&data_path)).unwrap().len();
    let mut records = index::parse(sample.dialect, &text).unwrap();
    index::close(&mut records, Some(size)).unwrap();
    index::tell_apart(&mut records, &[]).unwrap();
    let run: Run = sample.run.parse().unwrap();
    let made_of = Hour {
        run,
        step: Step::seconds(hour * 3_600),
        member: Some(sample.member),
        stream: sample.stream,
        index_url: &format!("s3://b/{index_path}"),
        data_url: &format!("s3://b/{data_path}"),
        records: &records,
    };
    let (file, found) = per_hour::write(sample.family, sample.name, made_of, template).unwrap();
    assert_eq!(
        (found.repeated.len(), found.unknown.len()),
        (0, 0),
        "{}",
        file.path
    );
    let (family, member, date) = (sample.family, sample.name, run.date);
    let name = format!("{family}/{member}/{family}-time-{date}-{member}-rt{hour:03}.parquet");
    assert_eq!(file.path, name);
    let mut again = mapping::read(file.bytes.clone()).unwrap();
    for (row, written) in again.rows.iter_mut().zip(&found.mapping.rows) {
        // The columns have no room for the bounds of a layer; the lines of a wgrib2 index tell them again.
        let (row, written) = (
            row.message.as_mut().unwrap(),
            written.message.as_ref().unwrap(),
        );
        let value = |level: Option<Level>| level.map(|level| level.value);
        assert_eq!(value(row.level), value(written.level));
        row.level = written.level;
    }
    assert_eq!(again, found.mapping);
    file
}

/// kerchunk's `map_from_index` takes the file, and gives what ours gives.
fn taken_by_kerchunk(file: &Path, index: &str, run: Run, data: &str) {
    let size = std::fs::metadata(data).unwrap().len();
    let mapping = mapping::read(read(file)).unwrap();
    let text = read(Path::new(index));
    let mut records = index::parse(Dialect::Noaa, &text).unwrap();
    index::close(&mut records, Some(size)).unwrap();
    let ours = map_from_index(run, &mapping, &records, "grib").unwrap();
    let file = file.display().to_string();
    let arguments = [&file, index, &run.to_string(), &size.to_string()];
    let wanted = oracle::run(Stack::Zarr2, "map_from_index.py", &arguments);
    let wanted: Vec<Value> = serde_json::from_str(&wanted).unwrap();
    assert_eq!(ours.chunks.len(), wanted.len());
    assert!(ours.unmatched.is_empty());
    for (chunk, wanted) in ours.chunks.iter().zip(&wanted) {
        compare_chunk(&file, chunk, wanted);
    }
}

/// pandas finds in our files what it finds in those that it wrote itself, types and index included, but for the levels.
#[test]
fn a_file_is_to_pandas_as_the_published_ones() {
    let Some(mut golden) = parquets("oracle/golden") else {
        return;
    };
    golden.retain(|file| file.display().to_string().contains("gefs-time"));
    assert_eq!(golden.len(), 3);
    let scratch = Scratch::new();
    let ours: Vec<PathBuf> = golden
        .iter()
        .map(|file| {
            let mapping = mapping::read(read(file)).unwrap();
            let bytes = mapping_parquet::write(&mapping, "a").unwrap();
            scratch.write(file.file_name().unwrap().to_str().unwrap(), bytes)
        })
        .collect();
    let dumped = |files: &[PathBuf]| -> Vec<Value> {
        let arguments: Vec<&str> = files.iter().map(|file| file.to_str().unwrap()).collect();
        let printed = oracle::run(Stack::Zarr2, "dump_frames.py", &arguments);
        let line = |line: &str| {
            let mut frame: Value = serde_json::from_str(line).unwrap();
            frame["file"].take();
            for row in frame["rows"].as_array_mut().unwrap() {
                row["level"].take();
            }
            frame
        };
        printed.lines().map(line).collect()
    };
    assert_eq!(dumped(&ours), dumped(&golden));
}
