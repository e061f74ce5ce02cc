//! Archives that are not as they should be: each fault is named, and nothing wrong is written.
#![expect(clippy::print_stderr, reason = "the counts are the proof")]

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use gik_tests::fixture::workspace;
use gik_tests::gik::{self, Run};
use gik_tests::scratch::Scratch;
use serde_json::{Value, json};

const GEFS: &str = "noaa-gefs-pds/gefs.20250918/00/atmos/pgrb2sp25/gep01.t00z.pgrb2s.0p25.f";
const ECMWF: &str = "ecmwf-forecasts/20250601/00z/ifs/0p25/enfo/20250601000000-";

/// Files of the sample in a folder of the test's own.
struct Archive {
    scratch: Scratch,
}

impl Archive {
    fn of(names: &[String]) -> Self {
        let scratch = Scratch::new();
        for name in names {
            let bytes = fs::read(workspace().join("tests/fixtures/sample").join(name));
            scratch.write(name, bytes.expect("a file of the sample"));
        }
        Self { scratch }
    }

    fn gefs(steps: &[&str]) -> Self {
        let names = steps
            .iter()
            .flat_map(|step| [format!("{GEFS}{step}"), format!("{GEFS}{step}.idx")]);
        Self::of(&names.collect::<Vec<_>>())
    }

    fn ecmwf(steps: &[&str]) -> Self {
        let names = steps
            .iter()
            .flat_map(|step| ["grib2", "index"].map(|end| format!("{ECMWF}{step}h-enfo-ef.{end}")));
        Self::of(&names.collect::<Vec<_>>())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.scratch.path().join(name)
    }

    fn change(&self, name: &str, change: impl FnOnce(String) -> String) {
        let text = fs::read_to_string(self.path(name)).unwrap();
        fs::write(self.path(name), change(text)).unwrap();
    }

    fn run(&self, words: &str) -> Run {
        let arguments: Vec<&str> = words.split_whitespace().collect();
        gik::run(self.scratch.path(), &arguments)
    }

    fn refs(&self, words: &str) -> (i32, Value) {
        let told = self.run(&format!("refs {words} --force --out out --json"));
        let report = serde_json::from_str(&told.stdout).unwrap_or_else(|_| json!(told.stderr));
        (told.code, report)
    }

    fn store(&self, name: &str) -> Value {
        let text = fs::read_to_string(self.path("out").join(name)).unwrap();
        serde_json::from_str(&text).unwrap()
    }
}

const GEP01: &str = "gefs --date 20250918 --members gep01 --from noaa-gefs-pds";
const ENS: &str = "ifs-ens --date 20250601 --from ecmwf-forecasts";

#[test]
fn member_1_never_takes_10_to_19() {
    let archive = Archive::ecmwf(&["3"]);
    let index = format!("{ECMWF}3h-enfo-ef.index");
    let own: BTreeSet<u64> = fs::read_to_string(archive.path(&index))
        .unwrap()
        .lines()
        .filter(|line| line.contains(r#""number": "1""#))
        .map(|line| {
            let line: Value = serde_json::from_str(line).unwrap();
            line["_offset"].as_u64().unwrap()
        })
        .collect();
    assert!(own.len() > 100);
    // Without the GRIB object nothing but the index tells members apart.
    fs::remove_file(archive.path(&format!("{ECMWF}3h-enfo-ef.grib2"))).unwrap();
    archive.change(&index, |text| {
        let mut more = text.clone();
        for (number, far) in (10_u64..20).zip(1_u64..) {
            for line in text
                .lines()
                .filter(|line| line.contains(r#""number": "1""#))
            {
                let mut line: Value = serde_json::from_str(line).unwrap();
                line["number"] = json!(number.to_string());
                line["_offset"] = json!(line["_offset"].as_u64().unwrap() + far * 10_000_000);
                more.push_str(&format!("{line}\n"));
            }
        }
        more
    });
    let (_, report) = archive.refs(&format!("{ENS} --members 1 --steps 3 --template builtin"));
    assert_eq!(report["report"]["references"], own.len());
    let store = archive.store("ens01.json");
    let refs = store["refs"].as_object().unwrap().values();
    let offsets: BTreeSet<u64> = refs.filter_map(|value| value.get(1)?.as_u64()).collect();
    assert_eq!(offsets, own);
}

#[test]
fn an_index_that_was_cut_is_a_list_of_gaps_and_its_last_length_is_not_believed() {
    let archive = Archive::gefs(&["000", "003", "006"]);
    let built = archive.run(
        "template build gefs --date 20250918 --members gep01 --steps 0-6 --from noaa-gefs-pds --out t",
    );
    assert_eq!(built.code, 0, "{}", built.stderr);
    let index = format!("{GEFS}003.idx");
    let text = fs::read_to_string(archive.path(&index)).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    for kept in 1..lines.len() {
        let cut: String = lines[..kept]
            .iter()
            .map(|line| format!("{line}\n"))
            .collect();
        fs::write(archive.path(&index), cut).unwrap();
        let (code, report) = archive.refs(&format!(
            "{GEP01} --steps 3,6 --template t/gefs.parquet --format kerchunk-json"
        ));
        assert_eq!(code, 3, "{kept} lines: {report}");
        let gaps = report["gaps"].as_array().unwrap();
        let of = |reason: &str| {
            let found = gaps.iter().filter(|gap| gap["why"]["reason"] == reason);
            found.count()
        };
        assert_eq!(of("not-in-index"), lines.len() - kept);
        assert_eq!(of("refused"), 1, "the last message that is listed");
        assert_eq!(gaps.len(), lines.len() - kept + 1);
        assert_eq!(report["report"]["references"], 2 * lines.len() - gaps.len());
    }
    eprintln!("{} cuts", lines.len() - 1);
}

#[test]
fn an_index_of_shifted_offsets_is_caught_by_headers_and_by_verify() {
    let archive = Archive::gefs(&["003"]);
    let data = archive.path(&format!("{GEFS}003"));
    let bytes = fs::read(&data).unwrap();
    let built = archive.run(
        "template build gefs --date 20250918 --members gep01 --steps 3 --from noaa-gefs-pds --out t",
    );
    assert_eq!(built.code, 0, "{}", built.stderr);
    // Built while the GRIB object is away, so that nothing can be proven.
    fs::remove_file(&data).unwrap();
    let (_, report) = archive.refs(&format!("{GEP01} --steps 3"));
    assert_eq!(report["report"]["proven"], 0);
    let shifted = [vec![0; 8], bytes].concat();
    // As old as its index: only what it holds tells that it is another one.
    let index = fs::metadata(data.with_extension("f003.idx")).unwrap();
    let replace = || {
        fs::write(&data, &shifted).unwrap();
        let file = File::options().write(true).open(&data).unwrap();
        file.set_modified(index.modified().unwrap()).unwrap();
    };
    replace();
    let told = archive.run("verify out/gep01.parquet --sample 20 --json");
    assert_eq!(told.code, 1, "{}", told.stderr);
    // A template of that very run says nothing of what is there now.
    fs::remove_file(&data).unwrap();
    let (_, report) = archive.refs(&format!("{GEP01} --steps 3 --template t/gefs.parquet"));
    assert_eq!(report["report"]["proven"], 0, "{report}");
    replace();
    let told: Value = serde_json::from_str(&told.stdout).unwrap();
    assert_eq!(told["faults"].as_array().unwrap().len(), 20);
    let told = archive.run("verify out/gep01.parquet --sample 20");
    assert!(told.stdout.contains("message a GRIB2 message expected"));
    let (code, told) = archive.refs(&format!("{GEP01} --steps 3 --template scan"));
    assert_eq!(code, 1, "{told}");
}

#[test]
fn verify_tells_messages_that_stand_in_each_others_place() {
    let archive = Archive::ecmwf(&["3"]);
    let (code, _) = archive.refs(&format!("{ENS} --members 1 --steps 3 --template scan"));
    assert_eq!(code, 0);
    let whole = archive.store("ens01.json");
    let (wind, level) = (
        "u/instant/isobaricInhPa/u/0.8.0.0",
        "u/instant/isobaricInhPa/u/0.9.0.0",
    );
    let (mean, warm) = (
        "v/instant/isobaricInhPa/v/0.8.0.0",
        "t2m/instant/heightAboveGround/t2m/0.0.0",
    );
    for (one, other, what) in [
        (wind, level, ["level", "level"]),
        (wind, mean, ["variable", "variable"]),
    ] {
        let mut store = whole.clone();
        let (a, b) = (store["refs"][one].clone(), store["refs"][other].clone());
        (store["refs"][one], store["refs"][other]) = (b, a);
        fs::write(archive.path("swapped.json"), store.to_string()).unwrap();
        let told = archive.run("verify swapped.json --json");
        assert_eq!(told.code, 1);
        let told: Value = serde_json::from_str(&told.stdout).unwrap();
        let found: Vec<&Value> = told["faults"]
            .as_array()
            .unwrap()
            .iter()
            .map(|fault| &fault["what"])
            .collect();
        assert_eq!(found, what);
    }
    let mut store = whole.clone();
    let length = store["refs"][warm][2].as_u64().unwrap();
    store["refs"][warm][2] = json!(length - 1);
    fs::write(archive.path("short.json"), store.to_string()).unwrap();
    let told = archive.run("verify short.json --json");
    let told: Value = serde_json::from_str(&told.stdout).unwrap();
    assert_eq!(told["faults"][0]["key"], warm);
}

#[test]
fn a_key_that_is_there_twice_is_an_error_with_both_lines() {
    let archive = Archive::ecmwf(&["3"]);
    archive.change(&format!("{ECMWF}3h-enfo-ef.index"), |text| {
        let mut line: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
        line["_offset"] = json!(50_000_000);
        fs::remove_file(archive.path(&format!("{ECMWF}3h-enfo-ef.grib2"))).unwrap();
        format!("{text}{line}\n")
    });
    let (code, told) = archive.refs(&format!("{ENS} --members 2 --steps 3"));
    assert_eq!(code, 1);
    let told = told.as_str().unwrap();
    assert!(told.contains("line 1") && told.contains("same"), "{told}");
}

#[test]
fn levels_that_change_between_steps_are_named() {
    let archive = Archive::ecmwf(&["0", "3", "6"]);
    let built = archive.run(
        "template build ifs-ens --date 20250601 --members 1 --steps 0-6 --from ecmwf-forecasts --out t",
    );
    assert_eq!(built.code, 0, "{}", built.stderr);
    // At step 6 the wind of 700 hPa calls itself another level, which no template knows.
    archive.change(&format!("{ECMWF}6h-enfo-ef.index"), |text| {
        let other = |line: &str| {
            let wind = line.contains(r#""param": "u""#) && line.contains(r#""number": "1""#);
            match wind {
                true => line.replace(r#""levelist": "700""#, r#""levelist": "690""#),
                false => line.to_owned(),
            }
        };
        text.lines().map(|line| other(line) + "\n").collect()
    });
    let (code, told) = archive.refs(&format!(
        "{ENS} --members 1 --steps 0-6 --vars u --template t/ifs-ens.parquet --format kerchunk-json"
    ));
    assert_eq!(code, 3, "{told}");
    let reasons: BTreeSet<(&str, &str)> = told["gaps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|gap| {
            (
                gap["what"].as_str().unwrap(),
                gap["why"]["reason"].as_str().unwrap(),
            )
        })
        .collect();
    let wanted = [
        ("u:pl:690", "not-in-template"),
        ("u:pl:700", "not-in-index"),
    ];
    assert_eq!(reasons, BTreeSet::from(wanted));
    let store = archive.store("ens01.json");
    let keys: Vec<&String> = store["refs"].as_object().unwrap().keys().collect();
    let winds = keys
        .iter()
        .filter(|key| key.starts_with("u/instant/isobaricInhPa/u/") && !key.contains("/."));
    assert_eq!(winds.count(), 3 * 13 - 1, "no other level takes its place");
}

#[test]
fn what_was_not_asked_for_and_is_not_known_is_extra_and_no_gap() {
    let archive = Archive::ecmwf(&["3"]);
    archive.change(&format!("{ECMWF}3h-enfo-ef.index"), |text| {
        text.replace(r#""param": "ro""#, r#""param": "new""#)
    });
    let words = format!("{ENS} --members 1 --steps 3 --template builtin");
    fs::remove_file(archive.path(&format!("{ECMWF}3h-enfo-ef.grib2"))).unwrap();
    let (code, told) = archive.refs(&format!("{words} --vars t2m"));
    assert_eq!(code, 0, "{told}");
    assert_eq!(told["report"]["extra"][0]["label"], "new:sfc");
    let (code, told) = archive.refs(&words);
    assert_eq!(code, 3, "all were asked for");
    let gaps = told["gaps"].as_array().unwrap();
    assert_eq!(gaps.len(), 2, "the one, and the other that it was: {told}");
}

#[test]
fn a_variable_of_another_era_is_a_gap_and_the_others_are_written() {
    let archive = Archive::ecmwf(&["3"]);
    let words = format!("{ENS} --members 1 --steps 3 --template scan");
    let (code, told) = archive.refs(&format!("{words} --vars cgan"));
    assert_eq!(code, 3);
    let gaps: Vec<(&Value, &Value)> = told["gaps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|gap| (&gap["what"], &gap["why"]["reason"]))
        .collect();
    let era = json!("not-in-era");
    assert_eq!(gaps, [(&json!("sf"), &era), (&json!("tcc"), &era)]);
    assert_eq!(told["report"]["references"], 10);
    let (code, told) = archive.refs(&format!("{words} --vars sf"));
    assert_eq!(code, 2, "{told}");
    assert!(told.as_str().unwrap().contains("not carried in the era"));
}

#[test]
fn an_object_newer_than_its_index_is_looked_into() {
    let archive = Archive::gefs(&["003", "006"]);
    let later = SystemTime::now() + Duration::from_secs(3_600);
    let touch = |path: &Path| {
        let file = File::options().append(true).open(path).unwrap();
        file.set_modified(later).unwrap();
    };
    let data = archive.path(&format!("{GEFS}003"));
    touch(&data);
    let words = format!("{GEP01} --steps 3,6 --template scan");
    let (code, told) = archive.refs(&words);
    assert_eq!((code, &told["report"]["suspects"]), (0, &json!(1)));
    // Packed anew: as long as before, with another message in front.
    let bytes = fs::read(&data).unwrap();
    let first = usize::try_from(u64::from_be_bytes(bytes[8..16].try_into().unwrap())).unwrap();
    let (head, rest) = bytes.split_at(first);
    fs::write(&data, [rest, head].concat()).unwrap();
    touch(&data);
    let (code, told) = archive.refs(&words);
    assert_eq!(code, 3, "{told}");
    let gaps = told["gaps"].as_array().unwrap();
    assert_eq!(gaps.len(), 1);
    assert_eq!(gaps[0]["why"]["reason"], "stale");
    assert_eq!(told["report"]["objects"], 1, "nothing of it is referred to");
}

#[test]
fn the_built_in_template_knows_every_line_of_a_run() {
    let steps = ["000", "003", "006", "009", "012"];
    let archive = Archive::gefs(&steps);
    for step in steps {
        fs::remove_file(archive.path(&format!("{GEFS}{step}"))).unwrap();
    }
    let (code, told) = archive.refs(&format!("{GEP01} --steps 0-12 --template builtin"));
    assert_eq!(code, 3, "the last length of each index is not known");
    let gaps = told["gaps"].as_array().unwrap();
    assert_eq!(gaps.len(), steps.len(), "{gaps:?}");
    assert!(gaps.iter().all(|gap| gap["why"]["reason"] == "refused"));
}
