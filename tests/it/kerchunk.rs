//! What kerchunk and the published archives hold, read as they read it themselves.

use std::path::PathBuf;

use bytes::Bytes;
use gik_core::keys::RawReference;
use gik_core::merge::chunk_index;
use gik_core::table::Table;
use gik_core::template::mapping;
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

fn compare_chunk(place: &str, chunk: &chunk_index::Chunk, wanted: &Value) {
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
