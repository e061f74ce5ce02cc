//! Names of messages, against ecCodes 2.50.

use std::collections::BTreeMap;
use std::path::Path;

use gik_core::grib::naming::{Key, Keys, Names, Tables, TimeRange, Wanted};
use gik_core::grib::scan::Piece;
use gik_core::grib::{Header, messages};
use gik_tests::fixture;
use gik_tests::oracle::{self, Stack};
use serde_json::Value as Json;

/// What ecCodes reads past the end of a section, and we refuse.
const REFUSED: [&str; 1] = ["jedarden__gribtract/pdt8_accum_3x2.grib2"];

/// The committed tables are what their script writes from the pinned ecCodes.
#[test]
fn tables_are_as_generated() {
    let script = "../../core/tables/generate_names.py";
    assert_eq!(oracle::run(Stack::Zarr2, script, &["--check"]), "");
}

/// Every field of every real GRIB2 file that ecCodes opens has ecCodes' names.
#[test]
fn real_messages_are_named_as_eccodes_names_them() {
    let Some(folder) = fixture::shared("data/grib") else {
        return;
    };
    let files = fixture::files(&folder);
    let files: Vec<&str> = files.iter().map(|file| file.to_str().unwrap()).collect();
    let mut known: BTreeMap<String, Vec<Json>> = BTreeMap::new();
    for record in records(&oracle::run(Stack::Zarr2, "dump_names.py", &files)) {
        let of_file = known.entry(record["file"].as_str().unwrap().to_owned());
        of_file.or_default().push(record["names"].clone());
    }
    let tables = Tables::builtin().unwrap();
    let mut report = Report::default();
    for (file, wanted) in &known {
        if REFUSED.iter().any(|refused| file.ends_with(refused)) {
            continue;
        }
        let headers = headers(Path::new(file));
        assert_eq!(headers.len(), wanted.len(), "fields of {file}");
        for (index, (header, wanted)) in headers.iter().zip(wanted).enumerate() {
            report.compare(&tables, &format!("{file} field {index}"), header, wanted);
        }
    }
    report.finish(2_800);
}

/// Messages encoded from the entries of the tables, and others that nearly match, have ecCodes' names.
///
/// `GIK_NAMES_STRIDE=1` takes every entry of every file (some 48,000 messages, a quarter of an hour).
#[test]
fn messages_made_of_the_entries_are_named_as_eccodes_names_them() {
    let stride: usize = setting("GIK_NAMES_STRIDE", 61);
    let report = encoded("encode_names.py", &["0", &stride.to_string(), "1"]);
    report.finish(40_000 / stride);
}

/// Messages with random sections 1 to 4 have ecCodes' names: projects and classes, templates, surfaces, units of time.
///
/// `GIK_NAMES_RANDOM` is how many.
#[test]
fn random_messages_are_named_as_eccodes_names_them() {
    let count: usize = setting("GIK_NAMES_RANDOM", 400);
    let report = encoded("encode_random.py", &[&count.to_string(), "7"]);
    report.finish(count - count / 1_000);
}

fn setting(name: &str, default: usize) -> usize {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

/// Compares the messages that a script writes with what it prints of them.
fn encoded(script: &str, arguments: &[&str]) -> Report {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join(script)
        .with_extension("grib2");
    let arguments = [&[file.to_str().unwrap()], arguments].concat();
    let wanted = records(&oracle::run(Stack::Zarr2, script, &arguments));
    let headers = headers(&file).into_iter();
    let headers: BTreeMap<u64, Header> = headers.map(|h| (h.message.offset, h)).collect();
    std::fs::remove_file(&file).unwrap();
    let tables = Tables::builtin().unwrap();
    let mut report = Report::default();
    for wanted in &wanted {
        // Once in thousands ecCodes writes a section that is shorter than its template; such a message is refused.
        if let Some(header) = headers.get(&wanted["offset"].as_u64().unwrap()) {
            let place = format!("{} {}", wanted["file"], wanted["index"]);
            report.compare(&tables, &place, header, &wanted["names"]);
        }
    }
    assert!(wanted.len() - report.fields <= wanted.len() / 1_000);
    report
}

/// A message of every row of the inventory has its names: as ecCodes encodes it, and from the row's columns without a message.
#[test]
fn rows_of_the_inventory_have_their_names() {
    let Some(inventory) = fixture::shared("spec/inventory.tsv") else {
        return;
    };
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("inventory.grib2");
    let paths = [&inventory, &file].map(|path| path.to_str().unwrap());
    let wanted = records(&oracle::run(Stack::Zarr2, "encode_inventory.py", &paths));
    let headers = headers(&file);
    assert_eq!(headers.len(), wanted.len());
    let text = std::fs::read_to_string(&inventory).unwrap();
    let lines: Vec<Vec<&str>> = text
        .lines()
        .map(|line| line.split('\t').collect())
        .collect();
    let tables = Tables::builtin().unwrap();
    let mut report = Report::default();
    for (header, wanted) in headers.iter().zip(&wanted) {
        let line = usize::try_from(wanted["line"].as_u64().unwrap()).unwrap();
        let level = u32::try_from(wanted["level"].as_u64().unwrap()).unwrap();
        let row = Row {
            head: &lines[0],
            columns: &lines[line - 1],
        };
        let place = format!("line {line}, level {level}");
        report.compare(&tables, &place, header, &wanted["names"]);
        let keys = row.keys(level);
        let name = Wanted::ShortName(row.get("shortName"));
        assert_eq!(tables.keys_of(name, &keys).as_ref(), Ok(&keys), "{place}");
        for names in [tables.names(&Keys::from(header)), tables.names(&keys)] {
            let found = [
                ("shortName", names.short_name.as_ref()),
                ("cfVarName", names.var_name.as_ref()),
                ("typeOfLevel", names.level.unwrap().kind),
                ("stepType", names.step_type.unwrap()),
                ("units", names.units.unwrap()),
            ];
            for (column, found) in found {
                assert_eq!(found, row.get(column), "{column} of {place}");
            }
        }
    }
    report.finish(783);
}

/// A row of inventory.tsv.
struct Row<'a> {
    head: &'a [&'a str],
    columns: &'a [&'a str],
}

impl Row<'_> {
    fn get(&self, column: &str) -> &str {
        self.columns[self.head.iter().position(|name| *name == column).unwrap()]
    }

    fn number(&self, column: &str) -> i64 {
        self.get(column).parse().unwrap()
    }

    /// The keys that the columns say, at a level of the row.
    fn keys(&self, level: u32) -> Keys {
        let mut keys = Keys::default();
        for (key, column) in [
            (Key::Discipline, "discipline"),
            (Key::ParameterCategory, "category"),
            (Key::ParameterNumber, "number"),
            (Key::ProductDefinitionTemplateNumber, "pdt"),
        ] {
            keys.set(key, self.number(column));
        }
        let (master, local) = self.get("tables_version").split_once('/').unwrap();
        keys.set(Key::TablesVersion, master.parse::<u8>().unwrap());
        keys.set(Key::LocalTablesVersion, local.parse::<u8>().unwrap());
        keys.set(
            Key::Centre,
            if self.get("source") == "gefs" {
                7_u16
            } else {
                98
            },
        );
        let surfaces = [
            (
                "first_surface",
                Key::TypeOfFirstFixedSurface,
                Key::ScaleFactorOfFirstFixedSurface,
                Key::ScaledValueOfFirstFixedSurface,
            ),
            (
                "second_surface",
                Key::TypeOfSecondFixedSurface,
                Key::ScaleFactorOfSecondFixedSurface,
                Key::ScaledValueOfSecondFixedSurface,
            ),
        ];
        for (column, kind, factor, value) in surfaces {
            let parts: Vec<&str> = self.get(column).split(':').collect();
            keys.set(kind, parts[0].parse::<u8>().unwrap());
            let number = |text: &str| match text {
                "-" => None,
                "L" => Some(level),
                "L-1" => Some(level - 1),
                "L*100" => Some(level * 100),
                number => Some(number.parse().unwrap()),
            };
            keys.set(factor, number(parts[1]));
            keys.set(value, number(parts[2]));
        }
        if let Some((statistic, window)) = self.get("statistic").split_once(':') {
            let words = ["avg", "accum", "max", "min"];
            let statistic = words.iter().position(|word| *word == statistic);
            keys.set_time_ranges(vec![TimeRange {
                statistic: u8::try_from(statistic.unwrap()).unwrap(),
                increment: 2,
                unit: 1,
                length: match window {
                    "bucket6" => 6,
                    "run" => 24,
                    hours => hours.strip_suffix('h').unwrap().parse().unwrap(),
                },
            }]);
        }
        keys
    }
}

/// What a script printed of the fields that ecCodes could open.
fn records(dump: &str) -> Vec<Json> {
    let records = dump.lines().map(|line| serde_json::from_str(line).unwrap());
    records
        .filter(|record: &Json| record["error"].is_null())
        .collect()
}

/// The headers of a file's fields.
fn headers(file: &Path) -> Vec<Header> {
    let object = std::fs::read(file).unwrap();
    let pieces = messages(&object);
    pieces
        .flat_map(|piece| match piece {
            Piece::Message { fields, .. } => fields,
            _ => Vec::new(),
        })
        .collect()
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
    fn compare(&mut self, tables: &Tables, place: &str, header: &Header, wanted: &Json) {
        self.fields += 1;
        let keys = Keys::from(header);
        let names = tables.names(&keys);
        if wanted["shortName"].is_null() {
            // ecCodes does not know the template of section 3 or 4, and then has no keys at all.
            self.unread += 1;
            return;
        }
        self.named += usize::from(wanted["shortName"] != "unknown");
        for (what, found) in as_eccodes(&names) {
            let mut wanted = wanted[what].clone();
            if let ("levelAsDouble", Some(text)) = (what, wanted.as_str()) {
                wanted = Json::from(text.parse::<f64>().unwrap());
            }
            if matches!(what, "shortName" | "cfVarName") && wanted == "unknown" {
                // What ecCodes cannot name keeps its numbers.
                wanted = Json::from(names.short_name.as_ref());
                assert!(names.short_name.starts_with('d'), "{place}: {names:?}");
            }
            // A level past the range of i64 has no rounded number; what ecCodes gives then depends on the machine.
            let overflows = found == i64::MAX;
            if found != wanted && !overflows {
                let text = format!("{place}: {what} is {found}, ecCodes has {wanted}\n{keys:?}");
                self.differ.push(text);
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
        assert!(self.fields >= at_least, "only {} fields", self.fields);
        let shown = &self.differ[..differences.min(20)];
        assert!(shown.is_empty(), "{}", shown.join("\n"));
    }
}

/// Names as `codes_get` gives them.
fn as_eccodes(names: &Names) -> Vec<(&'static str, Json)> {
    let text = |text: Option<&str>| Json::from(text.unwrap_or("unknown"));
    let steps = match (names.steps, names.step_type) {
        (Some(steps), _) => Json::from(steps.to_string()),
        (None, Some("multiple steps")) => Json::from("unavailable"),
        (None, _) => Json::Null,
    };
    let mut found = vec![
        ("shortName", Json::from(names.short_name.as_ref())),
        ("cfVarName", Json::from(names.var_name.as_ref())),
        ("paramId", Json::from(names.param_id.unwrap_or(0))),
        ("name", text(names.name)),
        ("units", text(names.units)),
        ("cfName", text(names.standard_name)),
        ("stepType", names.step_type.map_or(Json::Null, Json::from)),
        ("stepRange", steps),
        ("number", names.number.map_or(Json::Null, Json::from)),
    ];
    match names.level {
        None => found.push(("level", Json::Null)),
        Some(level) => {
            let (top, bottom) = level.rounded_bounds();
            found.push(("typeOfLevel", Json::from(level.kind)));
            found.push(("level", Json::from(level.rounded())));
            found.push(("levelAsDouble", Json::from(level.value)));
            found.push(("topLevel", Json::from(top)));
            found.push(("bottomLevel", Json::from(bottom)));
        }
    }
    found
}
