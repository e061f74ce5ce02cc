//! The published kinds of stores, as `tests/fixtures/make_stores.py` writes them.

use std::collections::BTreeSet;
use std::path::PathBuf;

use bytes::Bytes;
use gik_core::keys::archive::{Entry, entries, gunzip};
use gik_core::keys::{RawReference, StoreKeys, parse_json, read_parquet};
use gik_core::span::ByteSpan;
use gik_core::template::mapping;
use gik_tests::fixture;

use super::read;

/// More than any of the files holds.
const LIMIT: u64 = 10_000_000;

fn store(name: &str) -> PathBuf {
    fixture::workspace()
        .join("tests/fixtures/stores")
        .join(name)
}

fn parquet(name: &str) -> StoreKeys {
    read_parquet(read(&store(name))).unwrap()
}

fn unpacked(name: &str) -> Vec<Entry> {
    entries(&read(&store(name)), LIMIT, |_| true).unwrap()
}

#[test]
fn a_deflated_store_is_the_same_in_every_packing() {
    let packed = gunzip(&read(&store("zarr_tree_store.json.gz")), LIMIT).unwrap();
    let deflated = parse_json(&packed).unwrap();
    assert_eq!(deflated.keys.len(), 915);
    assert_eq!(
        parquet("gefs-deflated-store-template-20250918.parquet"),
        deflated
    );
    assert_eq!(parquet("gep01_failed.par"), deflated);
    let archive = unpacked("gik-fmrc-gefs-20250918.tar.gz");
    let entry = archive.iter().find(|entry| entry.path.contains("deflated"));
    let inside = read_parquet(entry.unwrap().bytes.clone().into()).unwrap();
    assert_eq!(inside, deflated);
    let array = deflated.document("tp/accum/surface/tp/.zarray").unwrap();
    assert_eq!(array["shape"].as_array().unwrap().len(), 4);
}

#[test]
fn references_printed_by_python_are_those_of_the_json() {
    let json = parse_json(&read(&store("gep01.json"))).unwrap();
    let printed = parquet("gep01.par");
    assert_eq!(printed, json);
    let path = "t2m/instant/heightAboveGround";
    let RawReference::Range { url, span } = &json.keys[&format!("{path}/t2m/0.1.0.0")] else {
        panic!("no range")
    };
    assert!(url.ends_with("/gep01.t00z.pgrb2s.0p25.f003"), "{url}");
    assert!(span.length > 500);
    let hours: Vec<u8> = [0_f64, 3.0, 6.0]
        .iter()
        .flat_map(|hour| hour.to_le_bytes())
        .collect();
    assert_eq!(
        json.keys[&format!("{path}/step/0")],
        RawReference::Inline(hours)
    );
    let array = json.document(&format!("{path}/t2m/.zarray")).unwrap();
    assert_eq!(array["fill_value"], "NaN", "kerchunk writes a bare NaN");
    // The faults that our own files do not have: the level is the member, under a key that no reader asks for.
    let level = RawReference::Inline(1_f64.to_le_bytes().to_vec());
    assert_eq!(json.keys[&format!("{path}/heightAboveGround/")], level);
}

#[test]
fn flat_keys_and_archives_of_the_ensemble_are_read() {
    let stage3 = parquet("stage3_ens_01_final.parquet");
    let url =
        "s3://ecmwf-forecasts/20250601/00z/ifs/0p25/enfo/20250601000000-3h-enfo-ef".to_owned();
    let span = ByteSpan::new(6_000_001_000, 1_000);
    let key = "step_003/u/pl/850/ens01/0.0.0";
    assert_eq!(stage3.keys[key], RawReference::Range { url, span });
    assert_eq!(stage3.document(".zgroup").unwrap()["zarr_format"], 2);
    let archive = unpacked("gik-fmrc-v2ecmwf_fmrc.tar.gz");
    let paths: BTreeSet<&str> = archive.iter().map(|entry| entry.path.as_str()).collect();
    let folder = "gik-fmrc/v2ecmwf_fmrc";
    let wanted = [
        format!("{folder}/ens_01/ecmwf-2024052900-ens01-rt000.par"),
        format!("{folder}/ens_control/ecmwf-2024052900-control-rt000.par"),
    ];
    assert_eq!(paths, wanted.iter().map(String::as_str).collect());
    for entry in archive {
        let member = read_parquet(entry.bytes.into()).unwrap();
        assert_eq!(member.text("zarr_consolidated_format"), Some("1"));
        let number = if entry.path.contains("control") { 0 } else { 1 };
        assert_eq!(
            member.document("t2m/surface/.zattrs").unwrap()["ens_number"],
            number
        );
    }
}

#[test]
fn mappings_of_an_archive_have_the_levels_of_their_lines() {
    let wanted = |path: &str| path.contains("-time-");
    let archive = entries(
        &read(&store("gik-fmrc-gefs-20250918.tar.gz")),
        LIMIT,
        wanted,
    )
    .unwrap();
    assert_eq!(archive.len(), 3);
    for entry in archive {
        let mapping = mapping::read(entry.bytes.into()).unwrap();
        let level = |attrs: &str| {
            let row = mapping
                .rows
                .iter()
                .find(|row| row.attrs.starts_with(attrs))
                .unwrap();
            let message = row.message.as_ref().unwrap();
            (message.level.unwrap().value, message.written_level.unwrap())
        };
        assert_eq!(level("TMP:2 m above ground:"), (2.0, 1.0), "{}", entry.path);
        assert_eq!(
            level("UGRD:10 m above ground:"),
            (10.0, 1.0),
            "{}",
            entry.path
        );
        assert_eq!(level("PRES:surface:"), (0.0, 0.0), "{}", entry.path);
        assert!(mapping.wrong_levels().count() > 10, "{}", entry.path);
    }
}

#[test]
fn any_cut_of_any_file_is_an_error_and_no_panic() {
    for file in fixture::files(&store("")) {
        let bytes = read(&file);
        let name = file.display();
        for end in (0..bytes.len()).step_by(bytes.len() / 60 + 1) {
            let part = bytes.slice(..end);
            assert!(parse_json(&part).is_err(), "{name} cut at {end}");
            assert!(read_parquet(part.clone()).is_err(), "{name} cut at {end}");
            assert!(mapping::read(part.clone()).is_err(), "{name} cut at {end}");
            assert!(gunzip(&part, LIMIT).is_err(), "{name} cut at {end}");
            if name.to_string().ends_with("tar.gz") {
                let cut = entries(&part, LIMIT, |_| true);
                assert!(cut.is_err(), "{name} cut at {end}");
            }
        }
    }
}

#[test]
fn kerchunks_own_examples_are_read_also_where_they_are_packed_with_zstd() {
    let Some(folder) = fixture::shared("data/kerchunk") else {
        return;
    };
    let json = |name: &str| parse_json(&read(&folder.join(name))).unwrap();
    let plain = json("example_jsons/multizarr_notemplates_example.json");
    assert_eq!(json("example_jsons/multizarr_example.json"), plain);
    assert!(plain.keys.len() > 50, "{}", plain.keys.len());
    assert!(json("example_jsons/single_example.json").keys.len() > 30);
    let zstd =
        Bytes::from(std::fs::read(folder.join("kerchunk/combined.parq/T2/refs.0.parq")).unwrap());
    let table = gik_core::table::Table::open(zstd).unwrap();
    let paths = table.texts("path").unwrap();
    assert!(!paths.is_empty());
}

#[test]
fn a_flipped_bit_gives_rows_or_an_error() {
    let names = [
        "gep01.par",
        "stage3_ens_01_final.parquet",
        "gik-fmrc-v2ecmwf_fmrc.tar.gz",
    ];
    let mut files: Vec<Vec<u8>> = names
        .iter()
        .map(|name| read(&store(name)).to_vec())
        .collect();
    let archive = unpacked("gik-fmrc-gefs-20250918.tar.gz");
    let mapping = archive
        .into_iter()
        .find(|entry| entry.path.ends_with("rt003.parquet"));
    files.push(mapping.unwrap().bytes);
    for bytes in files {
        for at in 0..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << (at % 8);
            let flipped = Bytes::from(flipped);
            let _ = read_parquet(flipped.clone());
            let _ = mapping::read(flipped.clone());
            let _ = entries(&flipped, LIMIT, |_| true);
        }
    }
}
