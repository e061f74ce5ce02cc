//! What kerchunk and the published archives hold, read as they read it themselves.

mod per_hour;
mod series;
mod stores;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use gik_core::index::{self, Dialect};
use gik_core::keys::RawReference;
use gik_core::merge::chunk_index::{self, Chunk};
use gik_core::table::Table;
use gik_core::template::mapping;
use gik_core::time::Run;
use gik_tests::fixture;
use gik_tests::oracle::{self, Stack};
use serde_json::{Value, json};

/// Every parquet file below a folder of ../shared with one of these endings.
fn parquets(folder: &str) -> Option<Vec<PathBuf>> {
    let mut files = fixture::files(&fixture::shared(folder)?);
    files.retain(|file| file.extension().is_some_and(|kind| kind == "parquet"));
    Some(files)
}

/// Rows as pandas reads them.
fn frames(files: &[PathBuf]) -> Vec<Vec<Value>> {
    let arguments: Vec<&str> = files.iter().map(|file| file.to_str().unwrap()).collect();
    let printed = oracle::run(Stack::Zarr2, "dump_frames.py", &arguments);
    let rows = |line: &str| {
        let mut frame: Value = serde_json::from_str(line).unwrap();
        serde_json::from_value(frame["rows"].take()).unwrap()
    };
    printed.lines().map(rows).collect()
}

/// Integers and doubles alike as numbers that compare.
fn number(value: &Value) -> Option<f64> {
    value.as_f64()
}

#[test]
#[expect(clippy::print_stderr, reason = "the count is the proof")]
fn every_published_parquet_holds_what_pandas_reads() {
    let Some(mut files) = parquets("data/kerchunk") else {
        return;
    };
    let mut golden = parquets("oracle/golden").unwrap();
    golden.retain(|file| {
        let name = file.file_name().unwrap().to_str().unwrap();
        name.starts_with("gefs-time") || name.starts_with("k027_mapping")
    });
    files.extend(golden);
    let (mut mappings, mut indexes, mut rows) = (0, 0, 0);
    for (file, frame) in files.iter().zip(frames(&files)) {
        let bytes = Bytes::from(std::fs::read(file).unwrap());
        let name = file.display();
        rows += frame.len();
        if Table::open(bytes.clone()).unwrap().has("attrs") {
            mappings += 1;
            let mapping = mapping::read(bytes).unwrap();
            assert_eq!(mapping.rows.len(), frame.len(), "{name}");
            for (row, wanted) in mapping.rows.iter().zip(&frame) {
                compare_mapping(&format!("{name}: {}", row.attrs), row, wanted);
            }
        } else {
            indexes += 1;
            let chunks = chunk_index::read(bytes).unwrap();
            assert_eq!(chunks.len(), frame.len(), "{name}");
            for (chunk, wanted) in chunks.iter().zip(&frame) {
                compare_chunk(&name.to_string(), chunk, wanted);
            }
        }
    }
    eprintln!("{mappings} mappings and {indexes} chunk indexes, {rows} rows");
    assert!(mappings >= 10 && indexes >= 8 && rows > 6_000);
}

fn compare_mapping(place: &str, row: &mapping::MappingRow, wanted: &Value) {
    let text = |found: Option<&str>, column: &str| {
        assert_eq!(json!(found), wanted[column], "{place}: {column}");
    };
    assert_eq!(
        row.attrs,
        wanted["attrs"].as_str().unwrap().trim_end_matches('\n')
    );
    text(row.date.as_deref(), "date");
    text(row.idx_uri.as_deref(), "idx_uri");
    text(row.grib_uri.as_deref(), "grib_uri");
    assert_eq!(json!(row.span.offset), wanted["offset_idx"], "{place}");
    assert_eq!(json!(row.span.length), wanted["length_idx"], "{place}");
    assert_eq!(json!(row.number), wanted["idx"], "{place}");
    let message = row.message.as_ref();
    text(message.map(|message| message.var_name.as_str()), "varname");
    let Some(message) = message else { return };
    text(Some(&message.type_of_level), "typeOfLevel");
    text(Some(&message.step_type), "stepType");
    text(Some(&message.name), "name");
    let seconds = |found: Option<i64>, column: &str| {
        let wanted = number(&wanted[column]);
        assert_eq!(found.map(|found| found as f64), wanted, "{place}: {column}");
    };
    seconds(message.step.map(|step| step.as_seconds()), "step");
    seconds(message.time.map(|time| time.as_seconds()), "time");
    seconds(
        message.valid_time.map(|time| time.as_seconds()),
        "valid_time",
    );
    assert_eq!(message.written_level, number(&wanted["level"]), "{place}");
    let level = message.level.map(|level| level.value);
    let wrong = row.attrs.contains(":ENS=") || message.written_level.is_none();
    assert!(
        level == message.written_level || wrong,
        "{place}: level {level:?}"
    );
    compare_reference(place, message.reference.as_ref().unwrap(), wanted, "_grib");
}

fn compare_chunk(place: &str, chunk: &Chunk, wanted: &Value) {
    assert_eq!(chunk.var_name, wanted["varname"], "{place}");
    assert_eq!(chunk.type_of_level, wanted["typeOfLevel"], "{place}");
    assert_eq!(chunk.step_type, wanted["stepType"], "{place}");
    assert_eq!(chunk.name, wanted["name"], "{place}");
    assert_eq!(chunk.level, number(&wanted["level"]), "{place}");
    let seconds = |column: &str| number(&wanted[column]).unwrap();
    assert_eq!(chunk.step.as_seconds() as f64, seconds("step"), "{place}");
    assert_eq!(chunk.time.as_seconds() as f64, seconds("time"), "{place}");
    let valid = chunk.valid_time().as_seconds() as f64;
    assert_eq!(valid, seconds("valid_time"), "{place}");
    compare_reference(place, &chunk.reference, wanted, "");
}

fn compare_reference(place: &str, found: &RawReference, wanted: &Value, suffix: &str) {
    let column = |name: &str| number(&wanted[format!("{name}{suffix}")]);
    match found {
        RawReference::Range { url, span } => {
            assert_eq!(*url, wanted["uri"], "{place}");
            assert_eq!(Some(span.offset as f64), column("offset"), "{place}");
            assert_eq!(Some(span.length as f64), column("length"), "{place}");
        }
        RawReference::Inline(_) => {
            assert!(wanted["inline_value"].is_string(), "{place}");
            assert_eq!(column("offset"), Some(-1.0), "{place}");
        }
        RawReference::Object { .. } => panic!("{place}: a whole object"),
    }
}

/// A mapping, the index of another run or of its own, the run, and the size of the GRIB file where that matters.
const MAPPED: [(&str, &str, &str, u64); 7] = [
    (
        "data/kerchunk/gfs.pgrb2.0p25/20221014/gfs.t00z.pgrb2.0p25.f000.test-limit-10.idx_grib_mapping.parquet",
        "data/index/fsspec__kerchunk/tests__grib_idx_fixtures__20231104__gfs.t00z.pgrb2.0p25.f000.test-limit-10.idx",
        "2023-11-04T00",
        5_000_000,
    ),
    (
        "data/kerchunk/gfs.pgrb2.0p25/20221014/gfs.t00z.pgrb2.0p25.f000.test-limit-10.idx_grib_mapping.blob-9423941.parquet",
        "data/index/fsspec__kerchunk/tests__grib_idx_fixtures__20231104__gfs.t00z.pgrb2.0p25.f000.test-limit-10.idx",
        "2023-11-04T00",
        5_000_000,
    ),
    (
        "data/kerchunk/gfs.pgrb2.0p25/20221014/gfs.t06z.pgrb2.0p25.f021.test-limit-10.idx_grib_mapping.parquet",
        "data/index/fsspec__kerchunk/gfs.t06z.pgrb2.0p25.f021.idx",
        "2022-10-14T06",
        600_000_000,
    ),
    (
        "data/kerchunk/hrrr.wrfsfcf/20221014/hrrr.t01z.wrfsfcf00.grib2.test-limit-10.idx_grib_mapping.parquet",
        "data/index/fsspec__kerchunk/hrrr.t01z.wrfsfcf00.grib2.idx",
        "2022-10-14T01",
        200_000_000,
    ),
    (
        "data/kerchunk/hrrr.wrfsfcf/20221014/hrrr.t09z.wrfsfcf05.grib2.test-limit-10.idx_grib_mapping.parquet",
        "data/index/fsspec__kerchunk/hrrr.t09z.wrfsfcf05.grib2.idx",
        "2022-10-14T09",
        200_000_000,
    ),
    (
        "data/kerchunk/hrrr.wrfsubhf/20221014/hrrr.t03z.wrfsubhf09.grib2.test-limit-10.idx_grib_mapping.blob-f1e3bb6.parquet",
        "data/index/fsspec__kerchunk/hrrr.t03z.wrfsubhf09.grib2.idx",
        "2022-10-14T03",
        200_000_000,
    ),
    (
        "oracle/golden/gefs-time-20241112-gep01-rt003.parquet",
        "oracle/golden/gep01.t00z.pgrb2s.0p25.f003.idx",
        "2025-09-18T00",
        71_500,
    ),
];

fn read(path: &Path) -> Bytes {
    Bytes::from(std::fs::read(path).unwrap())
}

/// The mapping of one run times the index of another, as the library makes it.
fn mapped(mapping: &Path, index: &Path, run: Run, size: u64) -> chunk_index::Mapped {
    let mapping = mapping::read(read(mapping)).unwrap();
    let text = read(index);
    let mut records = index::parse(Dialect::Noaa, &text).unwrap();
    index::close(&mut records, Some(size)).unwrap();
    let mut seen = BTreeSet::new();
    records.retain(|record| seen.insert(record.attrs().into_owned()));
    chunk_index::map_from_index(run, &mapping, &records, "grib").unwrap()
}

#[test]
#[expect(clippy::print_stderr, reason = "the count is the proof")]
fn a_mapping_times_an_index_is_what_kerchunk_makes_of_them() {
    if fixture::shared("data/kerchunk").is_none() {
        return;
    }
    let (mut rows, mut levels) = (0, 0);
    for (mapping, index, run, size) in MAPPED {
        let [mapping, index] = [mapping, index].map(|path| fixture::shared(path).unwrap());
        let found = mapped(&mapping, &index, run.parse().unwrap(), size);
        let [mapping, index] = [&mapping, &index].map(|path| path.to_str().unwrap());
        let arguments = [mapping, index, run, &size.to_string()];
        let wanted = oracle::run(Stack::Zarr2, "map_from_index.py", &arguments);
        let mut wanted: Vec<Value> = serde_json::from_str(&wanted).unwrap();
        assert_eq!(found.chunks.len(), wanted.len(), "{mapping}");
        for (chunk, wanted) in found.chunks.iter().zip(&mut wanted) {
            // kerchunk's level is the member, or is missing: see the test of the levels.
            if number(&wanted["level"]) != chunk.level {
                levels += 1;
                let layer = wanted["level"].is_null();
                assert!(
                    layer || mapping.contains("golden"),
                    "{mapping}: {}",
                    chunk.var_name
                );
                wanted["level"] = json!(chunk.level);
            }
            compare_chunk(mapping, chunk, wanted);
        }
        rows += wanted.len();
    }
    eprintln!(
        "{} mappings, {rows} rows, {levels} levels mended",
        MAPPED.len()
    );
    assert!(rows >= 68);
}

/// kerchunk's fixture: the index of the second run as a scan of its GRIB file gives it.
#[test]
fn a_mapping_times_an_index_is_the_scan_of_the_other_run() {
    let folder = "data/kerchunk/gfs.pgrb2.0p25/20231104/gfs.t00z.pgrb2.0p25.f000.test-limit-10";
    for (generation, ending) in ["kindex.parquet", "kindex.blob-dfea9e4.parquet"]
        .iter()
        .enumerate()
    {
        let Some(fixture) = fixture::shared(&format!("{folder}.{ending}")) else {
            return;
        };
        let (mapping, index, run, size) = MAPPED[generation];
        let [mapping, index] = [mapping, index].map(|path| fixture::shared(path).unwrap());
        let found = mapped(&mapping, &index, run.parse().unwrap(), size);
        assert_eq!(
            found.unmatched,
            [11],
            "kerchunk cannot name the second field of a message"
        );
        let identity = |chunk: &Chunk| (chunk.var_name.clone(), chunk.level.map(f64::to_bits));
        let by_identity = |chunks: Vec<Chunk>| -> BTreeMap<_, Chunk> {
            chunks
                .into_iter()
                .map(|chunk| (identity(&chunk), chunk))
                .collect()
        };
        let scanned = by_identity(chunk_index::read(read(&fixture)).unwrap());
        let found = by_identity(found.chunks);
        assert_eq!(found.len(), 10);
        assert!(found.keys().eq(scanned.keys()));
        for (found, scanned) in found.values().zip(scanned.values()) {
            let span = |chunk: &Chunk| match chunk.reference {
                RawReference::Range { span, .. } => span,
                _ => panic!("{}: no range", chunk.var_name),
            };
            assert_eq!(span(found), span(scanned));
            let reference = found.reference.clone();
            assert_eq!(
                *found,
                Chunk {
                    reference,
                    ..scanned.clone()
                }
            );
        }
    }
}
