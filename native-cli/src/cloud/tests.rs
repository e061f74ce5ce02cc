//! The store of the terminal passes the suite of all stores, over files and over a real server with its faults.

use gik_core::span::ByteSpan;
use gik_core::store::{Store, StoreError, conformance};
use gik_tests::scratch::Scratch;
use gik_tests::server::{Behaviour, Fault, Server};

use super::*;
use crate::cli::Global;

/// A folder with the suite's objects in `bucket/`.
fn objects() -> Scratch {
    let folder = Scratch::new();
    for (name, bytes) in conformance::OBJECTS {
        folder.write(&format!("bucket/{name}"), bytes);
    }
    folder
}

/// A store in an environment that says only this.
fn cloud(variables: &[(&str, &str)]) -> Cloud {
    let folder = Scratch::new();
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let environment = Environment::new(variables.iter().map(owned).collect(), folder.path());
    let settings = Settings::within(
        &Global::default(),
        environment.unwrap(),
        folder.path().to_owned(),
    );
    Cloud::new(&settings.unwrap())
}

/// An S3 whose server is this one.
fn s3(server: &Server, more: &[(&str, &str)]) -> Cloud {
    let url = server.url();
    let mut variables = vec![
        ("AWS_ENDPOINT_URL", url.as_str()),
        ("AWS_ALLOW_HTTP", "true"),
    ];
    variables.extend(more);
    cloud(&variables)
}

#[tokio::test]
async fn files_are_a_store_as_all_others() {
    let folder = objects();
    let base = absolute(folder.path().join("bucket").to_str().unwrap()).unwrap();
    assert_eq!(conformance::check(&cloud(&[]), &base).await, Ok(()));
    let error = cloud(&[]).get(&base).await.unwrap_err();
    assert!(
        matches!(error, StoreError::Transport { .. }),
        "a folder is no file: {error}"
    );
}

#[tokio::test]
async fn a_web_server_is_a_store_as_all_others() {
    let folder = objects();
    let server = Server::start(folder.path());
    let base = format!("{}/bucket", server.url());
    assert_eq!(conformance::check(&cloud(&[]), &base).await, Ok(()));
}

#[tokio::test]
async fn an_s3_bucket_is_a_store_as_all_others() {
    let folder = objects();
    let server = Server::start(folder.path());
    assert_eq!(
        conformance::check(&s3(&server, &[]), "s3://bucket").await,
        Ok(())
    );
}

#[tokio::test]
async fn a_server_that_is_busy_or_cuts_is_asked_again() {
    let folder = objects();
    let behaviour = Behaviour {
        faults: vec![Fault::Busy { share: 0.3 }, Fault::Cut { share: 0.3 }],
        seed: 7,
        ..Behaviour::default()
    };
    let server = Server::with(folder.path(), behaviour);
    let checked = conformance::check(&s3(&server, &[("GIK_RETRIES", "20")]), "s3://bucket").await;
    assert_eq!(checked, Ok(()));
}

#[tokio::test]
async fn retries_come_to_an_end() {
    let folder = objects();
    let busy = Behaviour {
        faults: vec![Fault::Busy { share: 1.0 }],
        ..Behaviour::default()
    };
    let server = Server::with(folder.path(), busy);
    let store = s3(&server, &[("GIK_RETRIES", "1")]);
    let error = store.get("s3://bucket/digits").await.unwrap_err();
    assert!(matches!(error, StoreError::Transport { .. }), "{error}");
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(
        source.contains("503") && source.contains("SlowDown"),
        "{source}"
    );
}

#[tokio::test]
async fn a_whole_object_is_no_range() {
    let folder = objects();
    let ignoring = Behaviour {
        faults: vec![Fault::IgnoreRange],
        ..Behaviour::default()
    };
    let server = Server::with(folder.path(), ignoring);
    let web = format!("{}/bucket/digits", server.url());
    for (store, url) in [
        (cloud(&[]), web.as_str()),
        (s3(&server, &[]), "s3://bucket/digits"),
    ] {
        assert_eq!(store.get(url).await.unwrap().bytes, "0123456789");
        let error = store.get_range(url, ByteSpan::new(3, 4)).await.unwrap_err();
        let named = StoreError::RangeIgnored {
            url: url.to_owned(),
            offset: 3,
        };
        assert_eq!(format!("{error:?}"), format!("{named:?}"));
    }
}

#[tokio::test]
async fn a_server_without_tls_is_spoken_to_only_where_that_is_meant() {
    let folder = objects();
    let server = Server::start(folder.path());
    let store = cloud(&[("AWS_ENDPOINT_URL", &server.url()), ("GIK_RETRIES", "0")]);
    let error = store.get("s3://bucket/digits").await.unwrap_err();
    let hint = crate::hint::of(&error.into()).unwrap();
    assert!(hint.contains("AWS_ALLOW_HTTP"), "{hint}");
}

#[tokio::test]
async fn a_server_that_is_not_there_is_a_failed_transfer_with_a_hint() {
    let store = cloud(&[("GIK_RETRIES", "0")]);
    let error = store.get("http://127.0.0.1:9/x").await.unwrap_err();
    assert!(matches!(error, StoreError::Transport { .. }), "{error}");
    let hint = crate::hint::of(&error.into()).unwrap();
    assert!(hint.contains("could not be reached"), "{hint}");
}

#[tokio::test]
async fn a_bucket_has_one_client() {
    let store = cloud(&[]);
    let bucket = || Bucket::of("s3://noaa-gefs-pds").unwrap();
    let first = store.bucket(bucket()).unwrap();
    let second = store.bucket(bucket()).unwrap();
    assert!(Arc::ptr_eq(&first, &second));
}

#[tokio::test]
async fn odd_names_are_found_in_folders_and_in_buckets() {
    let folder = Scratch::new();
    let name = "a b+c%41#1 ü.idx";
    folder.write(&format!("bucket/{name}"), b"odd");
    let path = folder.path().join("bucket").join(name);
    let url = absolute(path.to_str().unwrap()).unwrap();
    assert_eq!(cloud(&[]).get(&url).await.unwrap().bytes, "odd");
    let server = Server::start(folder.path());
    let url = format!("s3://bucket/{name}");
    assert_eq!(s3(&server, &[]).get(&url).await.unwrap().bytes, "odd");
    let url = format!("{}/bucket/a%20b+c%2541%231%20%C3%BC.idx?a=b", server.url());
    assert_eq!(cloud(&[]).get(&url).await.unwrap().bytes, "odd");
}

/// A server that answers every request with a status, and what it was asked.
fn listener(status: &'static str) -> (String, std::sync::mpsc::Receiver<String>) {
    use std::io::{Read, Write};
    let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", socket.local_addr().unwrap());
    let (asked, requests) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for stream in socket.incoming() {
            let mut stream = stream.unwrap();
            let mut head = Vec::new();
            let mut byte = [0];
            while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap_or(0) > 0 {
                head.push(byte[0]);
            }
            let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
            let answer =
                format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            let _ = stream.write_all(answer.as_bytes());
            if asked.send(head).is_err() {
                return;
            }
        }
    });
    (url, requests)
}

#[tokio::test]
async fn servers_are_told_who_asks_and_public_archives_get_no_signature() {
    let (url, requests) = listener("404 Not Found");
    let variables = [
        ("AWS_ENDPOINT_URL", url.as_str()),
        ("AWS_ALLOW_HTTP", "true"),
        ("AWS_ACCESS_KEY_ID", "key"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
    ];
    let store = cloud(&variables).with_public([("s3://public", Some("eu-central-1"))]);
    for (object, signed) in [("s3://public/x", false), ("s3://own/x", true)] {
        let error = store.get(object).await.unwrap_err();
        assert!(matches!(error, StoreError::NotFound { .. }), "{error}");
        let request = requests.recv().unwrap();
        let agent = format!("user-agent: gik/{}", env!("CARGO_PKG_VERSION"));
        assert!(request.contains(&agent), "{request}");
        assert_eq!(request.contains("authorization:"), signed, "{request}");
    }
    let store = cloud(&[&variables[..], &[("AWS_NO_SIGN_REQUEST", "YES")]].concat());
    store.get("s3://own/x").await.unwrap_err();
    assert!(!requests.recv().unwrap().contains("authorization:"));
}

#[tokio::test]
async fn a_refusal_is_told_from_an_absence() {
    for status in ["403 Forbidden", "401 Unauthorized"] {
        let (url, _requests) = listener(status);
        let store = cloud(&[
            ("AWS_ENDPOINT_URL", &url),
            ("AWS_ALLOW_HTTP", "true"),
            ("GOOGLE_BASE_URL", &url),
        ]);
        for object in [
            "s3://bucket/x".to_owned(),
            "gs://bucket/x".to_owned(),
            format!("{url}/x"),
        ] {
            let error = store.get(&object).await.unwrap_err();
            assert!(
                matches!(error, StoreError::Denied { .. }),
                "{object}: {error:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_bucket_in_another_region_is_a_failed_transfer_with_a_hint() {
    let (url, _requests) = listener("301 Moved Permanently");
    let store = cloud(&[("AWS_ENDPOINT_URL", &url), ("AWS_ALLOW_HTTP", "true")]);
    let error = store.get("s3://bucket/x").await.unwrap_err();
    let hint = crate::hint::of(&error.into()).unwrap();
    assert!(hint.contains("AWS_REGION"), "{hint}");
}
