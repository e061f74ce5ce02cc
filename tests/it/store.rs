//! Remote files through the built `gik`: web servers and S3, whole and with the faults that networks have.

use gik_tests::fixture;
use gik_tests::gik::{self, Run};
use gik_tests::scratch::Scratch;
use gik_tests::server::{Behaviour, Fault, Server};
use serde_json::Value;

/// A folder with one GEFS file and its index in `bucket/`.
fn archive() -> Scratch {
    let folder = Scratch::new();
    let sample = fixture::workspace().join("tests/fixtures/sample");
    for file in fixture::files(&sample) {
        let name = file.file_name().and_then(|name| name.to_str()).unwrap();
        if name.starts_with("gep01") && name.contains(".f003") {
            folder.write(&format!("bucket/{name}"), std::fs::read(&file).unwrap());
        }
    }
    folder
}

const DATA: &str = "gep01.t00z.pgrb2s.0p25.f003";

fn s3(folder: &Scratch, server: &Server, arguments: &[&str]) -> Run {
    let mut command = gik::command(folder.path());
    command.env("AWS_ENDPOINT_URL", server.url());
    command.env("AWS_ALLOW_HTTP", "true");
    command.env("GIK_RETRIES", "8");
    Run::of(command.args(arguments))
}

fn messages(run: &Run) -> Value {
    run.json()["messages"].clone()
}

#[test]
fn the_same_messages_come_from_a_folder_a_web_server_and_s3() {
    let folder = archive();
    let server = Server::start(folder.path());
    for name in [DATA.to_owned(), format!("{DATA}.idx")] {
        let local = gik::run(
            folder.path(),
            &["inspect", "--json", &format!("bucket/{name}")],
        );
        let web = format!("{}/bucket/{name}", server.url());
        let web = gik::run(folder.path(), &["inspect", "--json", &web]);
        let s3 = s3(
            &folder,
            &server,
            &["inspect", "--json", &format!("s3://bucket/{name}")],
        );
        assert_eq!(messages(&local), messages(&web));
        assert_eq!(messages(&local), messages(&s3));
        assert!(messages(&local).as_array().unwrap().len() > 10);
    }
}

/// The first message of a GRIB2 file, with that many more octets of data.
fn with_data(file: &[u8], more: usize) -> Vec<u8> {
    let length = |at: usize| {
        let octets = file[at..at + 4].try_into().unwrap();
        usize::try_from(u32::from_be_bytes(octets)).unwrap()
    };
    let mut at = 16;
    while file[at + 4] != 7 {
        at += length(at);
    }
    let end = at + length(at);
    let mut message = file[..end].to_vec();
    message.extend(std::iter::repeat_n(0, more));
    message.extend(b"7777");
    let section = u32::try_from(length(at) + more).unwrap();
    message[at..at + 4].copy_from_slice(&section.to_be_bytes());
    let total = u64::try_from(message.len()).unwrap();
    message[8..16].copy_from_slice(&total.to_be_bytes());
    message
}

#[test]
fn only_headers_are_fetched() {
    let folder = archive();
    let path = folder.path().join("bucket").join(DATA);
    let message = with_data(&std::fs::read(&path).unwrap(), 3_000_000);
    std::fs::write(&path, message.repeat(3)).unwrap();
    let server = Server::start(folder.path());
    let name = format!("s3://bucket/{DATA}");
    let run = s3(&folder, &server, &["inspect", "--json", &name]);
    assert_eq!(messages(&run).as_array().unwrap().len(), 3);
    let bytes = server.stats().bytes;
    assert!(bytes < 20_000, "{bytes} bytes for three headers");
}

#[test]
fn a_message_need_not_be_at_byte_0() {
    let folder = archive();
    let path = folder.path().join("bucket").join(DATA);
    let data = std::fs::read(&path).unwrap();
    let heading = b"\r\r\n001\r\r\nYTXX99 KWBC 180000\r\r\n";
    let bulletin = [heading, &data[..]].concat();
    let bulletin = folder.write("bucket/bulletin.bin", bulletin);
    let bulletin = gik::run(
        folder.path(),
        &["inspect", "--json", bulletin.to_str().unwrap()],
    );
    let plain = gik::run(
        folder.path(),
        &["inspect", "--json", path.to_str().unwrap()],
    );
    let (bulletin, plain) = (messages(&bulletin), messages(&plain));
    assert_eq!(bulletin[0]["offset"], heading.len());
    assert_eq!(
        bulletin.as_array().unwrap().len(),
        plain.as_array().unwrap().len()
    );
}

#[test]
fn a_busy_server_and_cut_transfers_change_nothing() {
    let folder = archive();
    let behaviour = Behaviour {
        faults: vec![Fault::Busy { share: 0.2 }, Fault::Cut { share: 0.2 }],
        seed: 3,
        ..Behaviour::default()
    };
    let server = Server::with(folder.path(), behaviour);
    let name = format!("s3://bucket/{DATA}");
    let remote = s3(&folder, &server, &["inspect", "--json", &name]);
    let local = gik::run(
        folder.path(),
        &["inspect", "--json", &format!("bucket/{DATA}")],
    );
    assert_eq!(messages(&local), messages(&remote));
}

#[test]
fn a_server_that_ignores_ranges_is_an_error_and_not_wrong_bytes() {
    let folder = archive();
    let ignoring = Behaviour {
        faults: vec![Fault::IgnoreRange],
        ..Behaviour::default()
    };
    let server = Server::with(folder.path(), ignoring);
    let web = format!("{}/bucket/{DATA}", server.url());
    let web = gik::run(folder.path(), &["inspect", &web]);
    let s3 = s3(
        &folder,
        &server,
        &["inspect", &format!("s3://bucket/{DATA}")],
    );
    for run in [web, s3] {
        assert_eq!(run.code, 1);
        assert!(run.stdout.is_empty());
        assert!(
            run.stderr.contains("was ignored by the server"),
            "{}",
            run.stderr
        );
        assert!(
            run.stderr.contains("hint: the server cannot send parts"),
            "{}",
            run.stderr
        );
    }
}

#[test]
fn what_is_not_there_is_named_with_a_hint() {
    let folder = archive();
    let server = Server::start(folder.path());
    let run = s3(
        &folder,
        &server,
        &["inspect", "s3://bucket/gefs.20259918/nothing"],
    );
    assert_eq!(run.code, 1);
    assert!(
        run.stderr
            .starts_with("error: s3://bucket/gefs.20259918/nothing: not found\n"),
        "{}",
        run.stderr
    );
    assert!(
        run.stderr.contains("hint: dates are written YYYYMMDD"),
        "{}",
        run.stderr
    );
    assert_eq!(run.stderr.lines().count(), 2, "{}", run.stderr);
}
