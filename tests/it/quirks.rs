//! What upstream got wrong and this must not (FORMATS §7), each by its number there, on one member of the ensemble.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use gik_tests::archive;
use gik_tests::gik;
use gik_tests::scratch::Scratch;
use serde_json::{Value, json};

const STEPS: &str = "0,3,6,141,144,150,156";

/// The references of member 1, read from an archive of 13 levels.
fn store() -> &'static serde_json::Map<String, Value> {
    static STORE: OnceLock<Value> = OnceLock::new();
    let store = STORE.get_or_init(|| built("20250601", "00", "ens01"));
    store["refs"].as_object().unwrap()
}

fn made(date: &str, run: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let options = match run {
        "00" => format!("--date {date} --hours {STEPS} --grid 18 --members 0-2"),
        run => {
            format!("--date {date} --run {run} --hours 0,3,6 --grid 18 --members 0-1 --vars sfc")
        }
    };
    archive::made(folder, "ecmwf", &options)
}

fn built(date: &str, run: &str, member: &str) -> Value {
    let scratch = Scratch::new();
    let archive = made(date, run).display().to_string();
    let steps = if run == "00" { STEPS } else { "0,3,6" };
    let words = format!(
        "refs ifs-ens --date {date} --run {run} --members {member} --steps {steps} --template scan --format \
         kerchunk-json --out out --from {archive}"
    );
    let told = gik::run(
        scratch.path(),
        &words.split_whitespace().collect::<Vec<_>>(),
    );
    assert!([0, 3].contains(&told.code), "{}", told.stderr);
    let text = std::fs::read_to_string(scratch.path().join(format!("out/{member}.json"))).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The keys of an array's chunks.
fn chunks<'a>(store: &'a serde_json::Map<String, Value>, array: &str) -> Vec<&'a str> {
    let prefix = format!("{array}/");
    let inside = store.keys().filter_map(|key| key.strip_prefix(&prefix));
    inside.filter(|chunk| !chunk.starts_with('.')).collect()
}

fn document(key: &str) -> Value {
    serde_json::from_str(store()[key].as_str().unwrap()).unwrap()
}

#[test]
fn quirk_1_pressure_levels_and_soil_layers_are_kept_apart() {
    assert_eq!(chunks(store(), "u/instant/isobaricInhPa/u").len(), 7 * 13);
    assert_eq!(chunks(store(), "sot/instant/soilLayer/sot").len(), 7 * 4);
    let places: BTreeSet<String> = chunks(store(), "u/instant/isobaricInhPa/u")
        .iter()
        .map(|chunk| store()[&format!("u/instant/isobaricInhPa/u/{chunk}")].to_string())
        .collect();
    assert_eq!(places.len(), 7 * 13, "each has bytes of its own");
}

#[test]
fn quirk_6_the_run_hour_is_in_addresses_and_in_time() {
    let evening = built("20250601", "12", "ens01");
    let refs = evening["refs"].as_object().unwrap();
    let urls = refs.values().filter_map(|value| value.get(0)?.as_str());
    let mut count = 0;
    for url in urls {
        assert!(
            url.contains("/20250601/12z/ifs/0p25/enfo/20250601120000-"),
            "{url}"
        );
        count += 1;
    }
    assert!(count > 50);
    let time = refs["t2m/instant/heightAboveGround/time/0"]
        .as_str()
        .unwrap();
    // 2025-06-01T12:00:00Z, little-endian.
    let wanted = 1_748_779_200_i64.to_le_bytes();
    assert_eq!(time, format!("base64:{}", base64(&wanted)));
}

#[test]
fn quirk_7_addresses_have_their_ending() {
    let urls = store().values().filter_map(|value| value.get(0)?.as_str());
    assert_eq!(
        urls.filter(|url| url.ends_with("-enfo-ef.grib2")).count(),
        1_099
    );
}

#[test]
fn quirk_8_no_array_is_left_over_from_a_template() {
    for key in store().keys().filter(|key| key.ends_with("/.zarray")) {
        let array = key.strip_suffix("/.zarray").unwrap();
        assert!(!chunks(store(), array).is_empty(), "{array} has no chunk");
        let shape = &document(key)["shape"];
        if shape.as_array().unwrap().len() > 2 {
            let plane: Vec<&Value> = shape.as_array().unwrap().iter().rev().take(2).collect();
            assert_eq!(
                plane,
                [&json!(20), &json!(11)],
                "{array}: the grid's own shape"
            );
        }
    }
}

#[test]
fn quirks_9_and_10_time_is_the_run_and_level_is_the_level() {
    let number = |key: &str| store()[key].as_str().unwrap().to_owned();
    let run = number("t2m/instant/heightAboveGround/time/0");
    assert_eq!(
        run,
        format!("base64:{}", base64(&1_748_736_000_i64.to_le_bytes()))
    );
    let level = number("t2m/instant/heightAboveGround/heightAboveGround/0");
    assert_eq!(level, format!("base64:{}", base64(&2_f64.to_le_bytes())));
}

#[test]
fn quirk_11_scalars_have_a_key_and_documents_are_json() {
    for (key, value) in store() {
        assert!(!key.ends_with('/'), "{key}");
        if key.ends_with(".zarray") || key.ends_with(".zattrs") {
            let text = value.as_str().unwrap();
            assert!(serde_json::from_str::<Value>(text).is_ok(), "{key}: {text}");
        }
    }
    let number = store()["t2m/instant/heightAboveGround/number/0"].as_str();
    assert_eq!(
        number.unwrap(),
        format!("base64:{}", base64(&1_i64.to_le_bytes()))
    );
}

#[test]
fn quirk_12_step_144_is_there() {
    let steps = store()["t2m/instant/heightAboveGround/step/0"].as_str();
    let wanted: Vec<u8> = [0_f64, 3.0, 6.0, 141.0, 144.0, 150.0, 156.0]
        .iter()
        .flat_map(|step| step.to_le_bytes())
        .collect();
    assert_eq!(steps.unwrap(), format!("base64:{}", base64(&wanted)));
    assert!(store().contains_key("t2m/instant/heightAboveGround/t2m/4.0.0"));
}

#[test]
fn quirk_13_the_control_is_0_in_every_era() {
    for date in ["20250601", "20260706"] {
        let control = built(date, "00", "control");
        let number = control["refs"]["t2m/instant/heightAboveGround/number/0"].as_str();
        assert_eq!(
            number.unwrap(),
            format!("base64:{}", base64(&0_i64.to_le_bytes())),
            "{date}"
        );
    }
}

fn base64(octets: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in octets.chunks(3) {
        let octet = |at: usize| u32::from(three.get(at).copied().unwrap_or(0));
        let bits = octet(0) << 16 | octet(1) << 8 | octet(2);
        for at in 0..4 {
            match at <= three.len() {
                true => {
                    let place = usize::try_from(bits >> (18 - 6 * at) & 63).unwrap();
                    text.push(char::from(LETTERS[place]));
                }
                false => text.push('='),
            }
        }
    }
    text
}
