//! Icechunk repositories, opened by Python's icechunk 1.1, zarr 3 and xarray.
#![expect(clippy::print_stderr, reason = "the counts are the proof")]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use gik_tests::archive;
use gik_tests::gik::{self, Run};
use gik_tests::oracle::{self, Stack};
use gik_tests::scratch::Scratch;
use gik_tests::server::Server;
use serde_json::{Value, json};

/// gribberish 0.30 takes the codes of missing values (table 5.5) for values: the whole field is wrong, whatever refers to it. Of
/// other fields of 5.3 it misreads a few, such as one of 2025-09-19: the runs here have none of these.
const MISREAD: &str = "sde/instant/surface/sde";

/// An archive with one more run than the samples have.
fn made(system: &str, options: &str) -> PathBuf {
    archive::made(Path::new(env!("CARGO_TARGET_TMPDIR")), system, options)
}

fn gefs() -> PathBuf {
    let options = "--members 0-1 --hours 0,3,6 --grid 10";
    for date in ["20250918", "20250921"] {
        made("gefs", &format!("--date {date} {options}"));
    }
    made("gefs", &format!("--date 20250918 {options}"))
}

/// `gik refs --format icechunk` into the folder `repo`, with names and grid read from the archive itself.
fn refs(scratch: &Scratch, archive: &Path, arguments: &[&str]) -> Run {
    let from = archive.display().to_string();
    let fixed = [
        "--format",
        "icechunk",
        "--out",
        "repo",
        "--template",
        "scan",
    ];
    let words = [
        &["refs"],
        arguments,
        &["--from", &from],
        &fixed,
        &["--json"],
    ]
    .concat();
    gik::run(scratch.path(), &words)
}

/// Opens the repository; `told` names what to compare it with.
fn opened(scratch: &Scratch, group: &str, told: &[&str]) -> Value {
    let repository = scratch.path().join("repo").display().to_string();
    let fixed = ["--group", group, "--json", "--misread", MISREAD];
    let words = [&[repository.as_str()], &fixed[..], told].concat();
    let report = oracle::run(Stack::Zarr3, "open_icechunk.py", &words);
    let report: Value = serde_json::from_str(&report).expect("JSON");
    assert_eq!(report["problems"], json!([]), "{group}");
    report
}

fn array<'a>(report: &'a Value, path: &str) -> &'a Value {
    let arrays = report["arrays"].as_array().expect("arrays");
    let found = arrays.iter().find(|array| array["path"] == path);
    found.unwrap_or_else(|| panic!("no array {path}"))
}

#[test]
fn two_runs_of_gefs_stand_along_time_and_read_as_they_were_made() {
    let scratch = Scratch::new();
    let archive = gefs();
    let gefs = ["gefs", "--members", "all", "--steps", "0-6", "--date"];
    let members = ["--members", "gec00,gep01"];
    let run = |more: &[&str]| refs(&scratch, &archive, &[&gefs[..1], &members, more].concat());
    for (at, date) in ["20250918", "20250921"].iter().enumerate() {
        let told = run(&["--steps", "0-6", "--date", date]).json();
        assert_eq!(told["icechunk"]["time"], at);
        assert_eq!(told["icechunk"]["unpinned"], json!([]));
    }
    let told = [
        "--field",
        "gefs",
        "--date",
        "20250918,20250921",
        "--member",
        "0,1",
        "--grid",
        "10",
    ];
    let group = "gefs/v12";
    let report = opened(&scratch, group, &told);
    let rain = array(&report, "tp/accum/surface/tp");
    let dims = ["time", "number", "step", "latitude", "longitude"];
    assert_eq!(rain["dims"], json!(dims));
    assert_eq!(rain["shape"], json!([2, 2, 3, 19, 36]));
    let commits = report["commits"].as_array().expect("commits");
    assert_eq!(commits.len(), 3, "one for each run, and the empty one");
    assert_eq!(commits[0]["properties"]["gik"]["run"], "2025-09-21T00");
    eprintln!("{} fields of two runs compared", report["checked"]);

    let again = run(&["--steps", "0-6", "--date", "20250918"]).json();
    assert_eq!(again["icechunk"]["snapshot"], Value::Null, "kept");
    assert_eq!(again["icechunk"]["time"], 0);

    let fewer = run(&["--steps", "0-3", "--date", "20250918"]);
    assert_eq!(fewer.code, 1, "{}", fewer.stderr);
    for part in [
        "2025-09-18T00",
        "is another result",
        "there and missing here",
    ] {
        assert!(fewer.stderr.contains(part), "{part}: {}", fewer.stderr);
    }
    let forced = run(&["--steps", "0-3", "--date", "20250918", "--force"]).json();
    assert_eq!(forced["icechunk"]["time"], 0);
    let replaced = opened(&scratch, group, &told);
    assert!(
        replaced["missing"].as_u64() > report["missing"].as_u64(),
        "the step that is gone reads as missing"
    );
}

#[test]
fn levels_are_an_axis_and_a_run_with_other_steps_has_its_own_group() {
    let scratch = Scratch::new();
    let options = "--members 0-2 --hours 0,3 --grid 18";
    for date in ["20250601", "20250602"] {
        made("ecmwf", &format!("--date {date} {options}"));
    }
    let archive = made("ecmwf", &format!("--date 20250601 {options}"));
    let run = |steps: &str, date: &str| {
        let words = [
            "ifs-ens",
            "--members",
            "0-2",
            "--steps",
            steps,
            "--date",
            date,
        ];
        refs(&scratch, &archive, &words).json()
    };
    let first = run("0", "20250601");
    let group = first["icechunk"]["group"]
        .as_str()
        .expect("a group")
        .to_owned();
    let told = [
        "--field", "ecmwf", "--date", "20250601", "--member", "0,1,2", "--grid", "18",
    ];
    let report = opened(&scratch, &group, &told);
    let wind = array(&report, "u/instant/isobaricInhPa/u");
    assert_eq!(wind["shape"], json!([1, 3, 1, 13, 11, 20]));
    assert_eq!(wind["dims"][3], "isobaricInhPa");

    let second = run("0,3", "20250602");
    let own = format!("{group}-2");
    assert_eq!(second["icechunk"]["group"], json!(own));
    let why = second["icechunk"]["apart"].as_str().expect("a reason");
    assert!(why.contains("no step 3 h"), "{why}");
    let told = [
        "--field", "ecmwf", "--date", "20250602", "--member", "0,1,2", "--grid", "18",
    ];
    opened(&scratch, &own, &told);
    assert_eq!(
        run("3", "20250601")["icechunk"]["group"],
        json!(own),
        "the first that takes it"
    );
    assert_eq!(run("0", "20250602")["icechunk"]["time"], 1);
    eprintln!("{} fields compared", report["checked"]);
}

#[test]
fn an_object_that_was_overwritten_is_an_error_of_icechunk() {
    let scratch = Scratch::new();
    let archive = gefs();
    let inside = "gefs.20250918/00/atmos/pgrb2sp25/gep01.t00z.pgrb2s.0p25.f003";
    let copy = scratch.path().join("archive");
    for end in ["", ".idx"] {
        let bytes = fs::read(archive.join(format!("{inside}{end}"))).expect("a file");
        scratch.write(&format!("archive/{inside}{end}"), bytes);
    }
    let words = [
        "gefs",
        "--members",
        "gep01",
        "--steps",
        "3",
        "--date",
        "20250918",
    ];
    let told = refs(&scratch, &copy, &words);
    assert_eq!(told.code, 0, "{}", told.stderr);
    let read = ["--read", "t2m/instant/heightAboveGround/t2m"];
    assert_eq!(opened(&scratch, "gefs/v12", &read)["error"], Value::Null);

    // The same bytes, written later: the object is another, and what it holds nobody has looked at.
    let file = copy.join(inside);
    let bytes = fs::read(&file).expect("a file");
    fs::write(&file, bytes).expect("written");
    let later = SystemTime::now() + Duration::from_secs(5);
    let handle = fs::File::options()
        .append(true)
        .open(&file)
        .expect("a file");
    handle.set_modified(later).expect("a time");
    let report = opened(&scratch, "gefs/v12", &read);
    let text = report["error"]["text"].as_str().expect("an error");
    assert!(text.contains("has changed"), "{text}");

    let again = refs(&scratch, &copy, &words);
    assert_eq!(again.code, 1, "{}", again.stderr);
    assert!(again.stderr.contains("s since 1970"), "{}", again.stderr);
    let forced = refs(&scratch, &copy, &[&words[..], &["--force"]].concat());
    assert_eq!(forced.code, 0, "{}", forced.stderr);
    assert_eq!(opened(&scratch, "gefs/v12", &read)["error"], Value::Null);
}

#[test]
fn an_object_of_a_bucket_is_held_to_its_etag() {
    let scratch = Scratch::new();
    let inside = "gefs.20250918/00/atmos/pgrb2sp25/gep01.t00z.pgrb2s.0p25.f003";
    let archive = gefs();
    for end in ["", ".idx"] {
        let bytes = fs::read(archive.join(format!("{inside}{end}"))).expect("a file");
        scratch.write(&format!("buckets/noaa-gefs-pds/{inside}{end}"), bytes);
    }
    let buckets = scratch.path().join("buckets");
    let server = Server::start(&buckets);
    let words = "refs gefs --members gep01 --steps 3 --date 20250918 --from s3://noaa-gefs-pds --template scan \
                 --format icechunk --out repo --json";
    let mut command = gik::command(scratch.path());
    command
        .env("AWS_ENDPOINT_URL", server.url())
        .env("AWS_ALLOW_HTTP", "true")
        .args(words.split_whitespace());
    let told = Run::of(&mut command).json();
    assert_eq!(told["icechunk"]["unpinned"], json!([]));
    assert_eq!(
        told["icechunk"]["containers"],
        json!(["s3://noaa-gefs-pds/"])
    );
    let read = ["--read", "t2m/instant/heightAboveGround/t2m"];
    assert_eq!(opened(&scratch, "gefs/v12", &read)["error"], Value::Null);

    let file = buckets.join("noaa-gefs-pds").join(inside);
    let mut bytes = fs::read(&file).expect("a file");
    *bytes.last_mut().expect("an octet") ^= 1;
    fs::write(&file, bytes).expect("written");
    let report = opened(&scratch, "gefs/v12", &read);
    let text = report["error"]["text"].as_str().expect("an error");
    assert!(text.contains("has changed"), "{text}");
}

#[test]
fn finished_parquets_become_the_same_repository() {
    let scratch = Scratch::new();
    let archive = gefs();
    let from = archive.display().to_string();
    for date in ["20250918", "20250921"] {
        let words = [
            "refs",
            "gefs",
            "--members",
            "gec00,gep01",
            "--steps",
            "0-6",
            "--date",
            date,
            "--from",
            &from,
            "--template",
            "scan",
            "--format",
            "kv-parquet",
            "--out",
            date,
        ];
        let told = gik::run(scratch.path(), &words);
        assert_eq!(told.code, 0, "{}", told.stderr);
    }
    let files = [
        "20250921/gep01",
        "20250918/gec00",
        "20250918/gep01",
        "20250921/gec00",
    ];
    let files = files.map(|name| format!("{name}.parquet"));
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    // Members of one run have one name each, runs do not: one run after the other.
    let convert = |files: &[&str]| {
        let words = [
            &["convert"],
            files,
            &["--to", "icechunk", "--out", "repo", "--json"],
        ]
        .concat();
        gik::run(scratch.path(), &words).json()
    };
    let told = convert(&files);
    assert_eq!(told["icechunk"].as_array().map(Vec::len), Some(2));
    let told = [
        "--field",
        "gefs",
        "--date",
        "20250918,20250921",
        "--member",
        "0,1",
        "--grid",
        "10",
    ];
    let report = opened(&scratch, "gefs/v12", &told);
    eprintln!("{} fields compared", report["checked"]);

    // The same run from its indexes is the same.
    let words = [
        "gefs",
        "--members",
        "gec00,gep01",
        "--steps",
        "0-6",
        "--date",
        "20250921",
    ];
    let again = refs(&scratch, &archive, &words).json();
    assert_eq!(again["icechunk"]["snapshot"], Value::Null, "kept");
}

#[test]
fn what_a_repository_cannot_be_is_said_before_anything_is_read() {
    let scratch = Scratch::new();
    scratch.write("repo/other.txt", b"other");
    let archive = gefs();
    let words = [
        "gefs",
        "--members",
        "gep01",
        "--steps",
        "3",
        "--date",
        "20250918",
    ];
    let told = refs(&scratch, &archive, &words);
    assert_eq!(told.code, 1);
    assert!(
        told.stderr.contains("no Icechunk repository"),
        "{}",
        told.stderr
    );
    let both = [
        "refs",
        "gefs",
        "--date",
        "20250918",
        "--format",
        "icechunk,kv-parquet",
        "--out",
        "o",
    ];
    let told = gik::run(scratch.path(), &both);
    assert_eq!(told.code, 2);
    assert!(told.stderr.contains("stands alone"), "{}", told.stderr);
}
