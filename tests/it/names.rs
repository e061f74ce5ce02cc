//! Names of messages, against ecCodes 2.50.

use gik_core::grib::naming::{Key, Keys, Names, Tables, TimeRange, Value};
use gik_tests::fixture;
use gik_tests::oracle::{self, Stack};
use serde_json::Value as Json;

/// Every field of every real GRIB2 file that ecCodes opens has ecCodes' names.
#[test]
fn real_messages_are_named_as_eccodes_names_them() {
    let Some(folder) = fixture::shared("data/grib") else {
        return;
    };
    let files = fixture::files(&folder);
    let mut arguments = vec![read_keys()];
    arguments.extend(files.iter().map(|file| file.display().to_string()));
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let dump = oracle::run(Stack::Zarr2, "dump_names.py", &arguments);
    let tables = Tables::builtin().unwrap();
    let mut report = Report::default();
    for record in dump
        .lines()
        .map(|line| serde_json::from_str::<Json>(line).unwrap())
    {
        if record["error"].is_null() {
            let place = format!("{} field {}", record["file"], record["index"]);
            report.compare(&place, &tables.names(&keys(&record)), &record["names"]);
        }
    }
    report.finish(2_800);
}

/// Messages encoded from the entries of the tables, and others that nearly match, have ecCodes' names.
///
/// `GIK_NAMES_STRIDE=1` takes every entry of every file (some 48,000 messages, a quarter of an hour).
#[test]
fn messages_made_of_the_entries_are_named_as_eccodes_names_them() {
    let stride = std::env::var("GIK_NAMES_STRIDE").map_or(61, |text| text.parse().unwrap());
    let file = std::env::temp_dir().join(format!("gik-names-{}.grib2", std::process::id()));
    let out = file.display().to_string();
    let arguments: [&str; 5] = [&read_keys(), &out, "0", &format!("{stride}"), "1"];
    let dump = oracle::run(Stack::Zarr2, "encode_names.py", &arguments);
    std::fs::remove_file(&file).unwrap();
    let tables = Tables::builtin().unwrap();
    let mut report = Report::default();
    for record in dump
        .lines()
        .map(|line| serde_json::from_str::<Json>(line).unwrap())
    {
        if record["error"].is_null() {
            let place = format!("{} {:?}", record["file"], keys(&record));
            report.compare(&place, &tables.names(&keys(&record)), &record["names"]);
        }
    }
    report.finish(40_000 / stride);
}

/// The low-level keys that names depend on.
fn read_keys() -> String {
    let keys = Key::ALL.iter().filter(|key| !key.is_computed());
    keys.map(|key| key.name()).collect::<Vec<_>>().join(",")
}

/// Keys as the script prints them.
fn keys(record: &Json) -> Keys {
    let mut keys = Keys::default();
    for (name, value) in record["keys"].as_object().unwrap() {
        let key = Key::from_name(name).unwrap();
        keys.set(key, value.as_i64().map_or(Value::Missing, Value::Number));
    }
    if let Some(ranges) = record["time_ranges"].as_array() {
        let number = |range: &Json, column: usize| range[column].as_u64().unwrap();
        let range = |range: &Json| TimeRange {
            statistic: u8::try_from(number(range, 0)).unwrap(),
            increment: u8::try_from(number(range, 1)).unwrap(),
            unit: u8::try_from(number(range, 2)).unwrap(),
            length: u32::try_from(number(range, 3)).unwrap(),
        };
        keys.set_time_ranges(ranges.iter().map(range).collect());
    }
    keys
}

/// What differs, and how much was compared.
#[derive(Default)]
struct Report {
    fields: usize,
    unread: usize,
    named: usize,
    differ: Vec<String>,
}

impl Report {
    fn compare(&mut self, place: &str, names: &Names, wanted: &Json) {
        self.fields += 1;
        if wanted["shortName"].is_null() {
            // ecCodes does not know the template of section 3 or 4, and then has no keys at all.
            self.unread += 1;
            return;
        }
        self.named += usize::from(wanted["shortName"] != "unknown");
        for (what, found) in as_eccodes(names) {
            let mut wanted = wanted[what].clone();
            if let ("levelAsDouble", Some(text)) = (what, wanted.as_str()) {
                wanted = Json::from(text.parse::<f64>().unwrap());
            }
            let is_name = what == "shortName" || what == "cfVarName";
            if is_name && wanted == "unknown" {
                // What ecCodes cannot name keeps its numbers.
                wanted = Json::from(names.short_name.as_ref());
            }
            if found != wanted {
                self.differ
                    .push(format!("{place}: {what} is {found}, ecCodes has {wanted}"));
            }
        }
    }

    #[expect(clippy::print_stderr, reason = "the count is the proof")]
    fn finish(self, at_least: usize) {
        let differences = self.differ.len();
        eprintln!(
            "{} fields: {} that ecCodes has no keys of, {} that it names, {differences} differences",
            self.fields, self.unread, self.named
        );
        assert!(
            self.fields >= at_least,
            "only {} fields to compare",
            self.fields
        );
        let shown = &self.differ[..differences.min(40)];
        assert!(shown.is_empty(), "{}", shown.join("\n"));
    }
}

/// Names as `codes_get` gives them.
fn as_eccodes(names: &Names) -> Vec<(&'static str, Json)> {
    let text = |text: Option<&str>| Json::from(text.unwrap_or("unknown"));
    let mut found = vec![
        ("shortName", Json::from(names.short_name.as_ref())),
        ("cfVarName", Json::from(names.var_name.as_ref())),
        ("paramId", Json::from(names.param_id.unwrap_or(0))),
        ("name", text(names.name)),
        ("units", text(names.units)),
        ("cfName", text(names.standard_name)),
        ("stepType", names.step_type.map_or(Json::Null, Json::from)),
        ("number", names.number.map_or(Json::Null, Json::from)),
    ];
    let steps = names.steps.map(|steps| Json::from(steps.to_string()));
    let none = match names.step_type {
        Some("multiple steps") => Json::from("unavailable"),
        _ => Json::Null,
    };
    found.push(("stepRange", steps.unwrap_or(none)));
    let level = names.level;
    found.push((
        "typeOfLevel",
        level.map_or(Json::Null, |level| Json::from(level.kind)),
    ));
    found.push((
        "level",
        level.map_or(Json::Null, |level| Json::from(level.rounded())),
    ));
    found.push((
        "levelAsDouble",
        level.map_or(Json::Null, |level| Json::from(level.value)),
    ));
    found
}
