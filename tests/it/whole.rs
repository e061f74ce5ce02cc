//! Whole runs: all members from one read, places that keep what they have, clouds, and faults on the way.
#![expect(clippy::print_stderr, reason = "the counts are the proof")]

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use gik_tests::fixture::{files, workspace};
use gik_tests::gik::{self, Run};
use gik_tests::oracle::{self, Stack};
use gik_tests::scratch::Scratch;
use gik_tests::server::{Behaviour, Fault, Server};
use serde_json::{Value, json};

const ENS: &str = "refs ifs-ens --date 20250601 --members all --steps 0-6 --template scan";

fn sample() -> std::path::PathBuf {
    workspace().join("tests/fixtures/sample")
}

fn from() -> String {
    format!("--from {}", sample().join("ecmwf-forecasts").display())
}

fn run(folder: &Path, words: &str) -> Run {
    gik::run(folder, &words.split_whitespace().collect::<Vec<_>>())
}

/// The files below a folder, by their path inside of it.
fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let inside = |path: &Path| path.strip_prefix(folder).unwrap().display().to_string();
    let read = |path: std::path::PathBuf| (inside(&path), fs::read(&path).unwrap());
    files(folder).into_iter().map(read).collect()
}

#[test]
fn each_index_is_read_once_whatever_the_members() {
    let scratch = Scratch::new();
    let server = Server::start(&sample());
    let words = format!(
        "{ENS} --from {}/ecmwf-forecasts --out out --json",
        server.url()
    );
    let told = run(scratch.path(), &words);
    // The sample has three members of 51: the others are gaps.
    assert_eq!(told.code, 3, "{}", told.stderr);
    let told: Value = serde_json::from_str(&told.stdout).unwrap();
    assert_eq!(server.stats().count("GET", ".index"), 3);
    assert_eq!(server.stats().count("HEAD", ".grib2"), 3);
    assert_eq!(told["report"]["requests"]["gets"], 3);
    assert_eq!(told["outputs"].as_array().unwrap().len(), 6);
    assert!(told["seconds"].as_f64().unwrap() > 0.0);
    assert!(told["peak_memory_bytes"].as_u64().unwrap() > 1_000_000);
}

#[test]
fn a_busy_archive_changes_no_byte() {
    let scratch = Scratch::new();
    let words = format!("{ENS} --members 0-2 --format kv-parquet --uri-base s3://b");
    let words = words.replacen("--members all ", "", 1);
    assert_eq!(
        run(scratch.path(), &format!("{words} {} --out calm", from())).code,
        0
    );
    let server = Server::with(
        &sample(),
        Behaviour {
            faults: vec![
                Fault::Storm { requests: 3 },
                Fault::Busy { share: 0.05 },
                Fault::Cut { share: 0.02 },
            ],
            seed: 7,
            ..Behaviour::default()
        },
    );
    let words = format!(
        "{words} --from {}/ecmwf-forecasts --out busy --json",
        server.url()
    );
    let told = run(scratch.path(), &words);
    assert_eq!(told.code, 0, "{}", told.stderr);
    let refused = server.stats().status(503);
    assert!(refused > 3);
    let retries = told.json()["retries"].as_u64().unwrap();
    assert!(retries >= refused, "{retries} retries, {refused} refusals");
    let (calm, busy) = (
        contents(&scratch.path().join("calm")),
        contents(&scratch.path().join("busy")),
    );
    assert_eq!(calm, busy);
    eprintln!("{:?}", server.stats().statuses);
}

#[test]
fn what_is_missing_or_stale_is_a_gap_and_the_rest_is_written() {
    let scratch = Scratch::new();
    let server = Server::with(
        &sample(),
        Behaviour {
            faults: vec![
                Fault::Missing {
                    path: "-3h-enfo-ef.index".to_owned(),
                },
                Fault::Stale {
                    path: "-6h-enfo-ef.index".to_owned(),
                    by: Duration::from_secs(86_400),
                },
            ],
            ..Behaviour::default()
        },
    );
    let words = format!(
        "refs ifs-ens --date 20250601 --members 1 --steps 0-6 --template scan --from {}/ecmwf-forecasts --out out --json",
        server.url()
    );
    let told = run(scratch.path(), &words);
    assert_eq!(told.code, 3, "{}", told.stderr);
    let told: Value = serde_json::from_str(&told.stdout).unwrap();
    assert_eq!(told["gaps"][0]["why"]["reason"], "not-found");
    assert_eq!(
        told["gaps"].as_array().unwrap().len(),
        1,
        "the step that is there is whole"
    );
    assert_eq!(
        told["report"]["suspects"], 1,
        "and the old index was looked into"
    );
}

#[test]
fn an_index_that_comes_late_is_waited_for() {
    let scratch = Scratch::new();
    let inside = "20250601/00z/ifs/0p25/enfo/20250601000000-3h-enfo-ef";
    let read =
        |end: &str| fs::read(sample().join(format!("ecmwf-forecasts/{inside}.{end}"))).unwrap();
    scratch.write(&format!("archive/{inside}.grib2"), read("grib2"));
    let words = "refs ifs-ens --date 20250601 --members 1 --steps 3 --template scan --from archive --out out --wait 50s";
    let child = gik::command(scratch.path())
        .args(words.split_whitespace())
        .stderr(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_millis(500));
    scratch.write(&format!("archive/{inside}.index"), read("index"));
    let output = child.wait_with_output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{told}");
    assert!(told.contains("waiting for"), "{told}");
    let words = words.replace("20250601", "20250602").replace("50s", "1s");
    let told = run(scratch.path(), &words);
    assert_eq!(told.code, 1, "it gives up: {}", told.stderr);
}

#[test]
fn a_result_that_is_there_is_kept_or_an_error_that_names_both() {
    let scratch = Scratch::new();
    let words = format!(
        "refs ifs-ens --date 20250601 --members 1 --template scan {} --format kv-parquet,kerchunk-parquet --out out",
        from()
    );
    assert_eq!(run(scratch.path(), &format!("{words} --steps 0-6")).code, 0);
    let first = contents(&scratch.path().join("out"));
    let again = run(scratch.path(), &format!("{words} --steps 0-6 --json")).json();
    let kept = again["outputs"].as_array().unwrap().iter();
    assert!(kept.into_iter().all(|one| one["kept"] == json!(true)));
    let other = run(scratch.path(), &format!("{words} --steps 0-3"));
    assert_eq!(other.code, 1);
    for part in [
        "ens01.parquet",
        "3 index files, now there are 2",
        r#""6""#,
        "--force",
    ] {
        assert!(other.stderr.contains(part), "{part}: {}", other.stderr);
    }
    assert_eq!(
        contents(&scratch.path().join("out")),
        first,
        "nothing is touched"
    );
    let forced = run(scratch.path(), &format!("{words} --steps 0-3 --force"));
    assert_eq!(forced.code, 0, "{}", forced.stderr);
    assert_ne!(contents(&scratch.path().join("out")), first);
}

#[test]
fn two_runs_never_share_a_name() {
    let scratch = Scratch::new();
    let words = format!(
        "refs ifs-ens --date 20250601..20250602 --members 1 --steps 0 {}",
        from()
    );
    let told = run(
        scratch.path(),
        &format!("{words} --template scan --out flat"),
    );
    assert_eq!(told.code, 2);
    assert!(told.stderr.contains("{date}"), "{}", told.stderr);
    let told = run(
        scratch.path(),
        &format!("{words} --template scan --out o/{{date}}{{run}}/{{member}}/ --json"),
    );
    assert_eq!(told.code, 1, "the second day is not there");
    let told: Value = serde_json::from_str(&told.stdout).unwrap();
    assert_eq!(told["runs"].as_array().unwrap().len(), 2);
    assert!(
        scratch
            .path()
            .join("o/2025060100/ens01/ens01.parquet")
            .exists()
    );
    assert!(
        told["runs"][1]["error"]
            .as_str()
            .unwrap()
            .contains("20250602")
    );
}

#[test]
fn a_run_that_is_killed_leaves_no_half_file_and_loses_no_whole_one() {
    let scratch = Scratch::new();
    let words = format!(
        "refs ifs-ens --date 20250601 --members 0-2 --steps 0-6 --template scan {} \
         --format kerchunk-parquet,kv-parquet,kerchunk-json --out",
        from()
    );
    assert_eq!(run(scratch.path(), &format!("{words} clean")).code, 0);
    let clean = contents(&scratch.path().join("clean"));
    let mut random = 12_345_u64;
    let mut partial = 0;
    for _ in 0..20 {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let mut child = gik::command(scratch.path())
            .args(format!("{words} killed").split_whitespace())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(random >> 33 & 0xFF));
        let _ = child.kill();
        let _ = child.wait();
        let there = match scratch.path().join("killed").exists() {
            true => contents(&scratch.path().join("killed")),
            false => BTreeMap::new(),
        };
        let shown = there.iter().filter(|(path, _)| !hidden(path));
        for (path, bytes) in shown {
            assert_eq!(clean.get(path), Some(bytes), "{path} is whole");
        }
        let count = there.keys().filter(|path| !hidden(path)).count();
        partial += usize::from(count > 0 && count < clean.len());
    }
    let told = run(scratch.path(), &format!("{words} killed"));
    assert_eq!(told.code, 0, "{}", told.stderr);
    let shown = |folder: &str| {
        let all = contents(&scratch.path().join(folder)).into_iter();
        all.filter(|(path, _)| !hidden(path))
            .collect::<BTreeMap<_, _>>()
    };
    assert_eq!(shown("killed"), clean);
    eprintln!("20 kills, {partial} in the middle of the writing");
}

/// What a process that was killed leaves for the next one to clean.
fn hidden(path: &str) -> bool {
    path.rsplit('/').next().unwrap().starts_with('.') && !path.ends_with(".zmetadata")
        || path.contains(".partial")
}

#[test]
fn one_gik_writes_to_a_folder_at_a_time() {
    let scratch = Scratch::new();
    let lock = scratch.write("out/.gik.lock", "");
    let held = fs::File::open(lock).unwrap();
    held.lock().unwrap();
    let words = format!(
        "refs ifs-ens --date 20250601 --members 1 --steps 0 --template scan {} --out out",
        from()
    );
    let told = run(scratch.path(), &words);
    assert_eq!(told.code, 1);
    assert!(told.stderr.contains("another gik"), "{}", told.stderr);
    drop(held);
    assert_eq!(run(scratch.path(), &words).code, 0);
}

#[test]
fn mirrors_are_tried_in_turn() {
    let scratch = Scratch::new();
    let server = Server::start(&sample());
    let catalog = format!(
        "{}\n",
        fs::read_to_string(workspace().join("core/catalog/ifs-ens.toml"))
            .unwrap()
            .replace("s3://ecmwf-forecasts", &format!("{}/nothing", server.url()))
            .replace(
                "gs://ecmwf-open-data",
                &format!("{}/ecmwf-forecasts", server.url())
            )
    );
    scratch.write("catalog.toml", catalog);
    let words = "--catalog catalog.toml refs ifs-ens --date 20250601 --members 1 --steps 0-3 --template scan --format kerchunk-json";
    let told = run(scratch.path(), &format!("{words} --out out"));
    assert_eq!(told.code, 0, "{}", told.stderr);
    let text = fs::read_to_string(scratch.path().join("out/ens01.json")).unwrap();
    let url = format!("{}/ecmwf-forecasts/20250601", server.url());
    assert!(
        text.contains(&url),
        "references name the mirror that was read"
    );
    let told = run(scratch.path(), &format!("{words} --mirror aws --out two"));
    assert_eq!(
        told.code, 1,
        "the one mirror that was asked for has nothing"
    );
    let told = run(scratch.path(), &format!("{words} --mirror moon --out two"));
    assert_eq!(told.code, 2);
    assert!(told.stderr.contains("aws, gcs, ecmwf"), "{}", told.stderr);
}

/// moto, a signed S3 API, ended on drop.
struct Moto {
    child: Child,
    url: String,
}

impl Moto {
    fn start() -> Self {
        let script = workspace().join("tests/python/moto_server.py");
        let mut child = Command::new(oracle::python(Stack::Zarr2))
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut url = String::new();
        let mut told = BufReader::new(child.stdout.take().unwrap());
        told.read_line(&mut url).unwrap();
        child.stdout = Some(told.into_inner());
        let url = url.trim().to_owned();
        assert!(url.starts_with("http://"), "moto says where it is: {url}");
        Self { child, url }
    }

    /// Keys and sizes below a prefix.
    fn listed(&mut self, prefix: &str) -> String {
        writeln!(self.child.stdin.as_mut().unwrap(), "{prefix}").unwrap();
        let mut line = String::new();
        let stdout = self.child.stdout.as_mut().unwrap();
        BufReader::new(stdout).read_line(&mut line).unwrap();
        line.trim().to_owned()
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn results_go_to_a_signed_bucket_while_archives_are_read_unsigned() {
    let scratch = Scratch::new();
    let mut moto = Moto::start();
    let archive = Server::start(&sample());
    let cloud = |words: &str, url: &str, signed: bool| {
        let mut command = gik::command(scratch.path());
        command
            .env("AWS_ENDPOINT_URL", url)
            .env("AWS_ALLOW_HTTP", "true")
            .args(words.split_whitespace());
        if signed {
            command
                .env("AWS_ACCESS_KEY_ID", "key")
                .env("AWS_SECRET_ACCESS_KEY", "secret");
        }
        Run::of(&mut command)
    };
    let words = format!(
        "refs ifs-ens --date 20250601 --members 0-1 --steps 0-3 --template scan --from {}/ecmwf-forecasts --uri-base \
         s3://ecmwf-forecasts --format kv-parquet,kerchunk-parquet --out",
        archive.url()
    );
    assert_eq!(run(scratch.path(), &format!("{words} local")).code, 0);
    let told = cloud(
        &format!("{words} s3://results/{{date}}/{{run}}/"),
        &moto.url,
        true,
    );
    assert_eq!(told.code, 0, "{}", told.stderr);
    let listed: BTreeMap<String, usize> = moto
        .listed("20250601/00/")
        .split(' ')
        .map(|one| one.rsplit_once(':').unwrap())
        .map(|(key, size)| {
            (
                key["20250601/00/".len()..].to_owned(),
                size.parse().unwrap(),
            )
        })
        .collect();
    let local = contents(&scratch.path().join("local"));
    let local: BTreeMap<String, usize> = local
        .into_iter()
        .map(|(path, bytes)| (path, bytes.len()))
        .collect();
    assert_eq!(listed, local);
    let again = cloud(
        &format!("{words} s3://results/{{date}}/{{run}}/"),
        &moto.url,
        true,
    );
    assert_eq!(again.code, 0, "{}", again.stderr);
    assert!(
        again.stdout.lines().all(|line| line.ends_with("kept")),
        "{}",
        again.stdout
    );
    let other = cloud(
        &format!("{words} s3://results/{{date}}/{{run}}/").replace("0-3", "0-6"),
        &moto.url,
        true,
    );
    assert_eq!(other.code, 1);
    assert!(
        other.stderr.contains("is there already"),
        "{}",
        other.stderr
    );
    let read = cloud(
        "verify s3://results/20250601/00/ens01.parquet --sample 3 --json",
        &moto.url,
        true,
    );
    let read: Value = serde_json::from_str(&read.stdout).unwrap();
    assert_eq!(read["checked"], 3, "the store is read back from the bucket");
    let words = "convert s3://results/20250601/00/ens01.kerchunk --to kv-parquet --out converted";
    let told = cloud(words, &moto.url, true);
    assert_eq!(told.code, 0, "{}", told.stderr);
    let same = |folder: &str| fs::read(scratch.path().join(folder).join("ens01.parquet")).unwrap();
    assert!(
        same("converted") == same("local"),
        "kerchunk's folder is read back"
    );
    let words = format!(
        "stream --refs s3://results/20250601/00/ --from {}/ecmwf-forecasts --vars t2m,u@700 --steps 0-3 --stats mean,std \
         --format netcdf,zarr --out s3://results/values/ --json",
        archive.url()
    );
    let told = cloud(&words, &moto.url, true);
    assert_eq!(told.code, 0, "{}", told.stderr);
    let listed = moto.listed("values/");
    for part in [
        ".nc:",
        ".zarr/zarr.json:",
        ".zarr/t2m_ensemble_mean/zarr.json:",
    ] {
        assert!(listed.contains(part), "{part}: {listed}");
    }
}

#[test]
fn results_go_to_google_s_store_and_are_created_only() {
    let scratch = Scratch::new();
    let server = Server::start(scratch.path());
    let google = |words: &str| {
        let mut command = gik::command(scratch.path());
        command
            .env("GIK_GCS_ENDPOINT", server.url())
            .env("GIK_GCS_SIGN", "never")
            .args(words.split_whitespace());
        Run::of(&mut command)
    };
    let words = format!(
        "refs ifs-ens --date 20250601 --members 1 --steps 0-3 --template scan {} --format kv-parquet --out gs://results/refs",
        from()
    );
    let told = google(&words);
    assert_eq!(told.code, 0, "{}", told.stderr);
    let path = scratch.path().join("results/refs/ens01.parquet");
    let bytes = fs::read(&path).unwrap();
    assert!(google(&words).stdout.contains("kept"));
    let other = google(&words.replace("0-3", "0"));
    assert_eq!(other.code, 1, "{}", other.stderr);
    assert_eq!(
        fs::read(&path).unwrap(),
        bytes,
        "nothing is replaced unasked"
    );
    assert_eq!(
        google(&format!("{} --force", words.replace("0-3", "0"))).code,
        0
    );
    assert_ne!(fs::read(&path).unwrap(), bytes);
}
