//! `gik serve`: files of the page with their headers, and a relay that reads what it may and nothing else.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;

use gik_tests::fixture::workspace;
use gik_tests::gik;
use gik_tests::scratch::Scratch;
use gik_tests::server::Server;
use gik_tests::serving::Serving;

/// Serves a small page.
fn serving(scratch: &Scratch, s3: &str) -> Serving {
    scratch.write("page/index.html", "<!doctype html><title>gik</title>");
    scratch.write("page/worker.wasm", b"\0asm1234567890");
    scratch.write(
        "page/_headers",
        "/*\n  Content-Security-Policy: default-src 'none'\n/*.wasm\n  X-Kind: wasm\n",
    );
    scratch.write("secret", "outside of the page");
    Serving::start(scratch.path(), Path::new("page"), s3)
}

#[test]
fn files_come_with_their_headers_and_no_others_are_given() {
    let scratch = Scratch::new();
    let serving = serving(&scratch, "http://127.0.0.1:9");
    let page = serving.ask("GET", "/", "");
    assert_eq!(
        (page.status, page.body.starts_with(b"<!doctype")),
        (200, true)
    );
    for said in ["text/html", "default-src 'none'"] {
        assert!(page.head.contains(said), "{}", page.head);
    }
    let part = serving.ask("GET", "/worker.wasm", "Range: bytes=4-6\r\n");
    assert_eq!((part.status, part.body.as_slice()), (206, &b"123"[..]));
    for said in [
        "application/wasm",
        "x-kind: wasm",
        "content-range: bytes 4-6/14",
    ] {
        assert!(part.head.contains(said), "{}", part.head);
    }
    let head = serving.ask("HEAD", "/worker.wasm", "");
    assert!(head.head.contains("content-length: 14") && head.body.is_empty());
    for path in [
        "/../secret",
        "/%2e%2e/secret",
        "/..%2fsecret",
        "/no",
        "/_headers",
    ] {
        let answer = serving.ask("GET", path, "");
        assert_eq!(answer.status, 404, "{path}");
    }
    assert_eq!(serving.ask("POST", "/", "").status, 405);
}

#[test]
fn the_relay_reads_public_buckets_and_nothing_else() {
    let scratch = Scratch::new();
    let server = Server::start(&workspace().join("tests/fixtures/sample"));
    let serving = serving(&scratch, &server.url());
    let greeting = serving.ask("GET", "/relay/", "");
    assert!(greeting.status == 200 && greeting.body.starts_with(b"gik-relay "));

    let key = object();
    let path = format!("/relay/s3/{key}");
    let whole = std::fs::read(workspace().join("tests/fixtures/sample").join(&key)).unwrap();
    let answer = serving.ask("GET", &path, "");
    assert_eq!((answer.status, answer.body == whole), (200, true));
    let part = serving.ask("GET", &path, "Range: bytes=5-14\r\n");
    assert_eq!((part.status, part.body.as_slice()), (206, &whole[5..15]));
    assert!(part.head.contains("content-range"), "{}", part.head);
    let head = serving.ask("HEAD", &path, "");
    let length = format!("content-length: {}", whole.len());
    assert!(
        head.head.contains(&length) && head.body.is_empty(),
        "{}",
        head.head
    );
    assert!(
        !head.head.contains("access-control"),
        "only for its own page"
    );

    server.reset();
    let bucket = key.split('/').next().unwrap();
    for (status, path) in [
        (403, "/relay/s3/other/k".to_owned()),
        (403, "/relay/s3/127.0.0.1/k".to_owned()),
        (403, format!("/relay/s3/user:secret@{bucket}/k")),
        (403, "/relay/http://10.0.0.1/k".to_owned()),
        (400, format!("/relay/s3/{bucket}/../other/k")),
        (400, format!("/relay/s3/{bucket}/%2e%2e/other/k")),
        (400, format!("/relay/s3/{bucket}?list-type=2")),
        (405, path.clone()),
    ] {
        let method = if status == 405 { "PUT" } else { "GET" };
        assert_eq!(serving.ask(method, &path, "").status, status, "{path}");
    }
    assert_eq!(
        server.stats().requests.len(),
        0,
        "nothing of it was sent on"
    );
    let missing = serving.ask("GET", &format!("/relay/s3/{bucket}/no"), "");
    assert_eq!(missing.status, 404);
}

#[test]
fn the_relay_follows_no_archive_elsewhere() {
    let scratch = Scratch::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
    elsewhere.set_nonblocking(true).unwrap();
    let to = elsewhere.local_addr().unwrap();
    let serving = serving(
        &scratch,
        &format!("http://{}", listener.local_addr().unwrap()),
    );
    let archive = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut asked = [0; 1024];
        assert!(stream.read(&mut asked).unwrap() > 0);
        let answer =
            format!("HTTP/1.1 302 Found\r\nLocation: http://{to}/k\r\nContent-Length: 0\r\n\r\n");
        stream.write_all(answer.as_bytes()).unwrap();
    });
    let bucket = object();
    let bucket = bucket.split('/').next().unwrap();
    let answer = serving.ask("GET", &format!("/relay/s3/{bucket}/k"), "");
    archive.join().unwrap();
    assert_eq!(answer.status, 502);
    assert!(!answer.head.contains("location"), "{}", answer.head);
    assert!(elsewhere.accept().is_err(), "it was asked all the same");
}

#[test]
fn a_page_that_is_not_there_is_an_error_with_its_remedy() {
    let scratch = Scratch::new();
    let run = gik::run(scratch.path(), &["serve", "--page", "nowhere"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("cargo xtask web"), "{}", run.stderr);
}

/// Bucket and key of an object of the sample.
fn object() -> String {
    let root = workspace().join("tests/fixtures/sample");
    let files = gik_tests::fixture::files(&root);
    let index = files
        .iter()
        .find(|path| path.extension().is_some_and(|it| it == "idx"));
    let inside = index.expect("an index").strip_prefix(&root).unwrap();
    inside.display().to_string()
}
