//! Time series over many runs, against kerchunk's own fixtures and kerchunk itself.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use gik_core::keys::archive::gunzip;
use gik_core::keys::{StoreKeys, parse_json, parse_loose};
use gik_core::merge::chunk_index;
use gik_core::refs::aggregate::{Aggregation, aggregate};
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
