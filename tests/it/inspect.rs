//! `gik inspect` on real files: every line of every index, every message of every GRIB file.
#![expect(clippy::print_stderr, reason = "the counts are the proof")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use gik_tests::gik::{self, Run};
use gik_tests::oracle::{self, Stack};
use gik_tests::{fixture, scratch::Scratch};
use serde_json::Value;

/// What ecCodes calls a thing, and what `gik inspect --json` does.
const PAIRS: [(&str, &str); 9] = [
    ("shortName", "shortName"),
    ("cfVarName", "varname"),
    ("name", "name"),
    ("units", "units"),
    ("typeOfLevel", "typeOfLevel"),
    ("level", "level"),
    ("stepType", "stepType"),
    ("stepRange", "stepRange"),
    ("number", "number"),
];

fn inspect(file: &Path, more: &[&str]) -> Run {
    let folder = file.parent().unwrap();
    let mut arguments = vec!["inspect", "--json", file.to_str().unwrap()];
    arguments.extend(more);
    gik::run(folder, &arguments)
}

fn name(file: &Path, folder: &Path) -> String {
    file.strip_prefix(folder).unwrap().display().to_string()
}

/// Every line that is not blank is a message, in its place.
#[test]
fn every_line_of_every_index_is_accounted_for() {
    let Some(folder) = fixture::shared("data/index") else {
        return;
    };
    let (mut files, mut lines, mut named) = (0, 0, 0);
    let mut refused = BTreeSet::new();
    for file in fixture::files(&folder) {
        let run = inspect(&file, &[]);
        if run.code == 1 {
            assert!(run.stdout.is_empty(), "{}", run.stdout);
            assert!(
                run.stderr.contains("an index of cfgrib (a Python pickle)"),
                "{}",
                run.stderr
            );
            assert!(run.stderr.contains("hint: "), "{}", run.stderr);
            refused.insert(name(&file, &folder));
            continue;
        }
        let found = run.json();
        let text = std::fs::read_to_string(&file).unwrap();
        let expected: Vec<(usize, u64)> = text
            .lines()
            .enumerate()
            .filter(|(_, line)| !line.trim().is_empty())
            .map(|(at, line)| (at + 1, offset(line)))
            .collect();
        let messages = found["messages"].as_array().unwrap();
        let read: Vec<(usize, u64)> = messages
            .iter()
            .map(|message| {
                let line = message["line"].as_u64().unwrap();
                (line as usize, message["offset"].as_u64().unwrap())
            })
            .collect();
        assert_eq!(read, expected, "{}", file.display());
        assert_eq!(
            found["refused"],
            Value::Array(Vec::new()),
            "{}",
            file.display()
        );
        files += 1;
        lines += read.len();
        named += messages
            .iter()
            .filter(|message| !message["varname"].is_null())
            .count();
    }
    eprintln!(
        "{files} index files, {lines} lines, {named} of them with names; refused: {refused:?}"
    );
    assert!(files >= 40 && lines > 15_000 && named > 3_000);
    let pickles: BTreeSet<String> = [
        "mpiannucci__gribberish/gfs.t18z.pgrb2.0p25.f186-RH.grib2.5b7b6.idx",
        "mpiannucci__gribberish/hrrr.t06z.wrfsfcf01-TMP.grib2.9093e.idx",
    ]
    .map(str::to_owned)
    .into();
    assert_eq!(refused, pickles);
}

/// The offset of a line, read without gik.
fn offset(line: &str) -> u64 {
    if line.starts_with('{') {
        let line: Value = serde_json::from_str(line.trim_end_matches(',')).unwrap();
        let offset = line.get("_offset").or_else(|| line.get("offset"));
        return offset.unwrap().as_u64().unwrap();
    }
    line.split(':').nth(1).unwrap().parse().unwrap()
}

/// Files that hold GRIB2 and are not read as ecCodes reads them, with the reason.
const REFUSED: [(&str, &str); 1] = [(
    "jedarden__gribtract/pdt8_accum_3x2.grib2",
    "section 4 is shorter than its template; ecCodes reads the rest out of section 5: steps 6 to 1.12431e+15",
)];

/// Levels that differ from ecCodes', with the reason.
const LEVELS: [(&str, &str); 1] = [(
    "NOAA-MDL__grib2io/gfs.grb",
    "-2 PVU: the first bit of the scaled value is a sign (WMO regulation 92.1.5), ecCodes reads 2147483650",
)];

/// Every message that ecCodes 2.50 names has its names.
#[test]
fn every_grib2_message_is_named_as_eccodes_names_it() {
    let Some(folder) = fixture::shared("data/grib") else {
        return;
    };
    let files = fixture::files(&folder);
    let paths: Vec<&str> = files.iter().map(|file| file.to_str().unwrap()).collect();
    let mut wanted: BTreeMap<PathBuf, Vec<Value>> = BTreeMap::new();
    for line in oracle::run(Stack::Zarr2, "inspect_messages.py", &paths).lines() {
        let record: Value = serde_json::from_str(line).unwrap();
        if record["edition"] == 2 {
            let file = PathBuf::from(record["file"].as_str().unwrap());
            wanted.entry(file).or_default().push(record);
        }
    }
    let mut report = Report::default();
    for (file, wanted) in &wanted {
        let place = name(file, &folder);
        let run = inspect(file, &[]);
        if run.code != 0 {
            assert!(
                REFUSED.iter().any(|(file, _)| *file == place),
                "{place}: {}",
                run.stderr
            );
            assert_eq!(run.code, 1);
            report.refused += wanted.len();
            continue;
        }
        report.file(&place, wanted, &run.json());
    }
    report.finish(wanted.len());
}

#[derive(Default)]
struct Report {
    compared: usize,
    named: usize,
    refused: usize,
    excepted: usize,
    wrong: Vec<String>,
}

impl Report {
    fn file(&mut self, place: &str, wanted: &[Value], found: &Value) {
        let messages = found["messages"].as_array().unwrap();
        if found["kind"] != "grib2" || messages.len() != wanted.len() {
            let (kind, found) = (&found["kind"], messages.len());
            let wanted = wanted.len();
            self.wrong.push(format!(
                "{place}: {kind}, {found} messages, ecCodes has {wanted}"
            ));
            return;
        }
        for (wanted, found) in wanted.iter().zip(messages) {
            assert_eq!(wanted["offset"], found["offset"], "{place}");
            self.message(place, &wanted["names"], found);
        }
    }

    fn message(&mut self, place: &str, wanted: &Value, found: &Value) {
        self.compared += 1;
        if wanted["shortName"].is_null() {
            // A template that ecCodes does not know: it has no names at all then.
            return;
        }
        self.named += usize::from(wanted["shortName"] != "unknown");
        for (theirs, ours) in PAIRS {
            let (wanted, ours) = (&wanted[theirs], &found[ours]);
            let unnamed = wanted == "unknown" && theirs != "typeOfLevel";
            // A template of section 3 without a definition stops ecCodes there.
            let unread = wanted.is_null() && (theirs == "typeOfLevel" || theirs == "stepRange");
            if unnamed || unread || wanted == ours || same_number(wanted, ours) {
                continue;
            }
            if theirs == "level" && LEVELS.iter().any(|(file, _)| *file == place) {
                self.excepted += 1;
                continue;
            }
            let offset = &found["offset"];
            self.wrong.push(format!(
                "{place}, byte {offset}: {theirs} {ours}, ecCodes {wanted}"
            ));
        }
    }

    fn finish(self, files: usize) {
        eprintln!(
            "{files} GRIB2 files, {} messages, {} of them named by ecCodes, compared in {} words each; {} refused {REFUSED:?}; {} levels \
             otherwise {LEVELS:?}",
            self.compared,
            self.named,
            PAIRS.len(),
            self.refused,
            self.excepted,
        );
        assert!(self.compared > 2_800, "only {}", self.compared);
        assert!(self.wrong.is_empty(), "{}", self.wrong.join("\n"));
        assert_eq!((self.refused, self.excepted), (1, 6));
    }
}

fn same_number(one: &Value, other: &Value) -> bool {
    matches!((one.as_f64(), other.as_f64()), (Some(one), Some(other)) if one == other)
}

/// Files beside the GRIB2 ones: each is told by its name for what it is.
#[test]
fn what_is_no_grib2_is_refused_by_name() {
    let Some(folder) = fixture::shared("data/grib") else {
        return;
    };
    let (mut compressed, mut editions) = (0, 0);
    for file in fixture::files(&folder) {
        let start = std::fs::read(&file).unwrap();
        let edition_1 = start.starts_with(b"GRIB") && start.get(7) == Some(&1);
        let xz = start.starts_with(b"\xfd7zXZ");
        if !xz && !edition_1 {
            continue;
        }
        let run = inspect(&file, &[]);
        assert_eq!(run.code, 1, "{}: {}", file.display(), run.stderr);
        assert!(run.stdout.is_empty());
        let (words, hint) = match xz {
            true => ("xz data", "unxz"),
            false => ("GRIB edition 1", "grib_set -s edition=2"),
        };
        assert!(run.stderr.contains(words), "{}", run.stderr);
        assert!(run.stderr.contains(hint), "{}", run.stderr);
        compressed += usize::from(xz);
        editions += usize::from(edition_1);
    }
    eprintln!("{compressed} compressed files and {editions} of edition 1, refused by name");
    assert!(compressed > 20 && editions > 0);
}

/// The names that an index leads to are those of the headers it speaks of.
#[test]
fn names_from_an_index_are_those_of_its_grib_file() {
    let folder = fixture::workspace().join("tests/fixtures/sample");
    let mut compared = 0;
    for index in fixture::files(&folder) {
        let data = match index.extension().and_then(|end| end.to_str()) {
            Some("idx") => index.with_extension(""),
            Some("index") => index.with_extension("grib2"),
            _ => continue,
        };
        let (index, data) = (inspect(&index, &[]).json(), inspect(&data, &[]).json());
        let (lines, messages) = (index["messages"].as_array(), data["messages"].as_array());
        let (lines, messages) = (lines.unwrap(), messages.unwrap());
        let by_offset: BTreeMap<u64, &Value> = messages
            .iter()
            .map(|message| (message["offset"].as_u64().unwrap(), message))
            .collect();
        assert_eq!(lines.len(), messages.len());
        for line in lines {
            let message = by_offset[&line["offset"].as_u64().unwrap()];
            for key in ["length", "time", "step"] {
                assert_eq!(line[key], message[key], "{line}\n{message}");
            }
            for (_, key) in PAIRS {
                // What an index does not tell stays open; what it tells is right.
                let open = line[key].is_null() || (key == "number" && message[key].is_null());
                if !open {
                    assert_eq!(line[key], message[key], "{key}: {line}\n{message}");
                    compared += 1;
                }
            }
        }
    }
    eprintln!("{compared} words of index lines equal to those of headers");
    assert!(compared > 1_000, "only {compared}");
}

#[test]
fn one_message_is_shown_octet_by_octet() {
    let folder = fixture::workspace().join("tests/fixtures/sample");
    let files = fixture::files(&folder);
    let is_data = |file: &&PathBuf| {
        let name = file.file_name().and_then(|name| name.to_str()).unwrap();
        name.starts_with("gep01") && name.ends_with("f003")
    };
    let data = files.iter().find(is_data).unwrap();
    let found = inspect(data, &["--message", "2"]).json();
    let message = &found["messages"][0];
    let sections = message["sections"].as_array().unwrap();
    let of = |key: &str| sections.iter().find(|line| line["key"] == key).unwrap();
    assert_eq!(of("editionNumber")["value"], 2);
    assert_eq!(of("centre")["value"], 7);
    assert!(of("centre")["meaning"].as_str().unwrap().contains("NCEP"));
    let total = sections
        .iter()
        .find(|line| line["key"] == "totalLength")
        .unwrap();
    assert_eq!(total["value"], message["length"]);
    assert_eq!((&total["first"], &total["last"]), (&9.into(), &16.into()));

    let text = gik::run(
        &folder,
        &["inspect", data.to_str().unwrap(), "--message", "2"],
    );
    assert_eq!(text.code, 0, "{}", text.stderr);
    assert!(
        text.stdout.contains("productDefinitionTemplateNumber"),
        "{}",
        text.stdout
    );

    let none = gik::run(
        &folder,
        &["inspect", data.to_str().unwrap(), "--message", "4000"],
    );
    assert_eq!(none.code, 2, "{}", none.stderr);
    assert!(none.stderr.contains("no message 4000"), "{}", none.stderr);
}

#[test]
fn a_bad_line_is_told_and_the_others_are_shown() {
    let folder = Scratch::new();
    folder.write(
        "x.idx",
        "1:0:d=2025080100:TMP:2 m above ground:anl:\n2:x:d=2025080100:TMP:surface:anl:\n3:90:d=2025080100:PRES:surface:anl:\n",
    );
    let run = gik::run(folder.path(), &["inspect", "--json", "x.idx"]);
    assert_eq!(run.code, 3, "{}", run.stderr);
    let found: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(found["messages"].as_array().unwrap().len(), 2);
    assert_eq!(
        found["messages"][0]["length"],
        Value::Null,
        "message 2 may lie anywhere"
    );
    assert_eq!(found["refused"][0]["line"], 2);
    assert!(
        run.stderr.contains("warning: line 2: `2:x:"),
        "{}",
        run.stderr
    );
}

#[test]
fn the_grib_file_beside_an_index_closes_its_last_length() {
    let folder = Scratch::new();
    folder.write("a.grib2", [0; 100]);
    folder.write(
        "a.grib2.idx",
        "1:0:d=2025080100:TMP:surface:anl:\n2:60:d=2025080100:PRES:surface:anl:\n",
    );
    let found = gik::run(folder.path(), &["inspect", "--json", "a.grib2.idx"]).json();
    assert_eq!(found["messages"][1]["length"], 40);
    // An index of an earlier file of that name.
    folder.write("a.grib2", [0; 50]);
    let run = gik::run(folder.path(), &["inspect", "--json", "a.grib2.idx"]);
    assert_eq!(run.json()["messages"][1]["length"], Value::Null);
    assert!(
        run.stderr
            .contains("does not end within the file of 50 bytes"),
        "{}",
        run.stderr
    );
}
