//! Time series over many runs, against kerchunk's own fixtures and kerchunk itself.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use gik_core::index::{self, Dialect};
use gik_core::keys::archive::{entries, gunzip};
use gik_core::keys::{RawReference, StoreKeys, parse_json, parse_loose};
use gik_core::merge::chunk_index;
use gik_core::refs::aggregate::{Aggregation, aggregate};
use gik_core::template::mapping;
use gik_core::time::{Moment, Run, Step};
use gik_tests::fixture;
use gik_tests::oracle::{self, Stack};

use super::read;

fn moments(texts: &[&str]) -> Vec<Moment> {
    texts
        .iter()
        .map(|text| Moment::from(text.parse::<Run>().unwrap()))
        .collect()
}

/// Every hour from one hour of 2023-09-28 to another.
fn hourly(last: i64) -> Vec<Moment> {
    let start = moments(&["2023-09-28T00"])[0];
    (0..=last)
        .map(|hour| start.after(Step::seconds(hour * 3_600)))
        .collect()
}

fn steps(last: i64, minutes: i64) -> Vec<Step> {
    let every = usize::try_from(minutes).unwrap();
    (0..=last)
        .step_by(every)
        .map(|minute| Step::seconds(minute * 60))
        .collect()
}

/// The axes of kerchunk's own tests.
fn aggregations() -> Vec<(&'static str, Aggregation)> {
    vec![
        (
            "horizon",
            Aggregation::Horizon {
                horizons: vec![vec![Step::hours(0)], vec![Step::hours(1)]],
                valid_times: hourly(3),
            },
        ),
        (
            "valid_time",
            Aggregation::ValidTime {
                valid_times: moments(&["2023-09-28T02", "2023-09-28T04"]),
                steps: steps(300, 60),
            },
        ),
        (
            "run_time",
            Aggregation::RunTime {
                times: moments(&["2023-09-28T00", "2023-09-28T02"]),
                steps: steps(120, 15),
            },
        ),
        (
            "best_available",
            Aggregation::BestAvailable {
                valid_times: hourly(10),
                as_of: moments(&["2023-09-28T02"])[0],
            },
        ),
    ]
}

/// The folders of kerchunk's fixtures that have a deflated store, with their chunk indexes.
fn deflated() -> Option<Vec<(PathBuf, StoreKeys, Vec<PathBuf>)>> {
    let root = fixture::shared("data/kerchunk")?;
    let folders = ["gfs.pgrb2.0p25", "hrrr.wrfsfcf"].map(|name| root.join(name));
    let with_store = folders.into_iter().map(|folder| {
        let packed = read(&folder.join("zarr_tree_store.json.gz"));
        let store = parse_json(&gunzip(&packed, 10_000_000).unwrap()).unwrap();
        let mut indexes = fixture::files(&folder);
        indexes.retain(|file| {
            file.file_name()
                .unwrap()
                .to_str()
                .unwrap()
                .starts_with("test_reinflate")
        });
        assert_eq!(indexes.len(), 2, "{}", folder.display());
        (folder, store, indexes)
    });
    Some(with_store.collect())
}

#[test]
#[expect(clippy::print_stderr, reason = "the count is the proof")]
fn series_have_the_keys_of_kerchunks_fixtures() {
    let Some(deflated) = deflated() else { return };
    let (mut lists, mut keys) = (0, 0);
    for (folder, store, indexes) in &deflated {
        for index in indexes {
            let chunks = chunk_index::read(read(index)).unwrap();
            for (name, aggregation) in aggregations() {
                let series = aggregate(&aggregation, &chunks, store).unwrap();
                let expected = folder.join("reinflate").join(name);
                for list in fixture::files(&expected) {
                    let text = std::fs::read_to_string(&list).unwrap();
                    let wanted: Vec<String> = serde_json::from_str(&text).unwrap();
                    let array = list.strip_prefix(&expected).unwrap().to_str().unwrap();
                    let array = format!("{}/", array.strip_suffix("_chunks.json").unwrap());
                    let found = series.keys.keys().filter(|key| key.starts_with(&array));
                    let found: BTreeSet<&String> = found.collect();
                    assert_eq!(found, wanted.iter().collect(), "{name} {array}");
                    lists += 1;
                    keys += wanted.len();
                }
            }
        }
    }
    eprintln!("{lists} lists of {keys} keys");
    assert!(lists >= 40);
}

#[test]
#[expect(clippy::print_stderr, reason = "the count is the proof")]
fn series_hold_what_kerchunk_writes_but_for_its_faults() {
    let Some(deflated) = deflated() else { return };
    let (mut same, mut mended) = (0, BTreeMap::<&str, usize>::new());
    for (folder, store, indexes) in &deflated {
        let index = indexes.last().unwrap();
        let arguments = [folder, index].map(|path| path.to_str().unwrap());
        let printed = oracle::run(Stack::Zarr2, "reinflate.py", &arguments);
        let chunks = chunk_index::read(read(index)).unwrap();
        for (line, (name, aggregation)) in printed.lines().zip(aggregations()) {
            let line = parse_loose(line).unwrap();
            assert_eq!(line["aggregation"], name);
            let wanted = parse_json(line["refs"].to_string().as_bytes()).unwrap();
            let series = aggregate(&aggregation, &chunks, store).unwrap();
            for (key, wanted) in &wanted.keys {
                if key.ends_with('/') {
                    *mended.entry("scalar level").or_default() += 1;
                    assert_eq!(series.keys.get(&format!("{key}0")), Some(wanted), "{key}");
                    continue;
                }
                let Some(found) = series.keys.get(key) else {
                    panic!("{name}: no {key}");
                };
                if !key.contains("/.z") && !key.starts_with(".z") {
                    assert_eq!(found, wanted, "{name}: {key}");
                    same += 1;
                    continue;
                }
                let document = |keys: &StoreKeys| keys.document(key).unwrap();
                let (found, wanted) = (
                    document(&series),
                    document(&StoreKeys {
                        keys: BTreeMap::from([(key.clone(), wanted.clone())]),
                    }),
                );
                assert_eq!(found, wanted, "{name}: {key}");
                same += 1;
            }
            let mut more = series
                .keys
                .keys()
                .filter(|key| !wanted.keys.contains_key(*key));
            assert!(
                more.all(
                    |key| key.ends_with("/0") && wanted.keys.contains_key(&key[..key.len() - 1])
                )
            );
        }
    }
    eprintln!("{same} keys alike, mended: {mended:?}");
    assert!(same > 600);
}

/// One member of the sample, as kerchunk 0.2.7 made `gep01.json` of it, but for what that is wrong in.
#[test]
fn a_series_of_an_ensemble_has_its_levels_and_no_array_without_meaning() {
    let fixtures = fixture::workspace().join("tests/fixtures");
    let stores = fixtures.join("stores");
    let wanted = parse_json(&read(&stores.join("gep01.json"))).unwrap();
    let packed = read(&stores.join("zarr_tree_store.json.gz"));
    let deflated = parse_json(&gunzip(&packed, 10_000_000).unwrap()).unwrap();
    let packed = read(&stores.join("gik-fmrc-gefs-20250918.tar.gz"));
    let archive = entries(&packed, 10_000_000, |path| path.contains("-time-")).unwrap();
    let run: Run = "2025-09-18T00".parse().unwrap();
    let mut chunks = Vec::new();
    for (entry, hour) in archive.into_iter().zip([0, 3, 6]) {
        let mapping = mapping::read(entry.bytes.into()).unwrap();
        let grib = format!("gefs.20250918/00/atmos/pgrb2sp25/gep01.t00z.pgrb2s.0p25.f{hour:03}");
        let local = fixtures.join("sample/noaa-gefs-pds").join(&grib);
        let text = read(&PathBuf::from(format!("{}.idx", local.display())));
        let mut records = index::parse(Dialect::Noaa, &text).unwrap();
        let size = std::fs::metadata(&local).unwrap().len();
        index::close(&mut records, Some(size)).unwrap();
        let url = format!("s3://noaa-gefs-pds/{grib}");
        let mapped = chunk_index::map_from_index(run, &mapping, &records, &url).unwrap();
        assert_eq!(mapped.unmatched, Vec::<usize>::new());
        chunks.extend(mapped.chunks);
    }
    chunks.retain(|chunk| ["t2m", "sp", "tp"].contains(&chunk.var_name.as_str()));
    let aggregation = Aggregation::RunTime {
        times: vec![run.into()],
        steps: [0, 3, 6].map(Step::hours).to_vec(),
    };
    let series = aggregate(&aggregation, &chunks, &deflated).unwrap();
    let mut differ = Vec::new();
    for (key, wanted) in &wanted.keys {
        let group = key.split('/').take(3).collect::<Vec<_>>().join("/");
        if key.starts_with(&format!("{group}/number/")) {
            assert!(!series.keys.contains_key(key), "{key} has no chunk");
        } else if key.ends_with('/') {
            let level = if key.starts_with("t2m") { 2_f64 } else { 0.0 };
            let level = RawReference::Inline(level.to_le_bytes().to_vec());
            assert_eq!(series.keys[&format!("{key}0")], level);
        } else if key.contains(".z") {
            let document = |keys: &StoreKeys| keys.document(key).unwrap();
            let kept = StoreKeys {
                keys: BTreeMap::from([(key.clone(), wanted.clone())]),
            };
            if document(&series) != document(&kept) {
                differ.push(key.as_str());
            }
        } else {
            assert_eq!(&series.keys[key], wanted, "{key}");
        }
    }
    // The list of coordinates, without `number`.
    let groups = [
        "sp/instant/surface",
        "t2m/instant/heightAboveGround",
        "tp/accum/surface",
    ];
    assert_eq!(differ, groups.map(|group| format!("{group}/.zattrs")));
    assert!(series.keys.contains_key("tp/accum/surface/tp/0.1.0.0"));
    assert!(
        !series.keys.contains_key("tp/accum/surface/tp/0.0.0.0"),
        "there is no total at the start"
    );
}
