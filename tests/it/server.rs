//! The test server does what its documentation says: tests that use it rely on that.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use gik_tests::scratch::Scratch;
use gik_tests::server::{Behaviour, Cors, Fault, Server};

struct Reply {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Reply {
    fn header(&self, name: &str) -> Option<&str> {
        let start = format!("{name}: ");
        self.head
            .lines()
            .find_map(|line| line.strip_prefix(start.as_str()))
    }
}

/// One request on a connection of its own.
fn ask(server: &Server, method: &str, path: &str, headers: &str) -> Reply {
    let mut stream =
        TcpStream::connect(server.url().trim_start_matches("http://")).expect("it listens");
    let request =
        format!("{method} {path} HTTP/1.1\r\nHost: here\r\nConnection: close\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).expect("a request");
    let mut octets = Vec::new();
    stream.read_to_end(&mut octets).expect("an answer");
    let end = octets
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .expect("a head");
    let head = String::from_utf8(octets[..end].to_vec()).expect("text");
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    Reply {
        status: status.expect("a status"),
        head,
        body: octets[end + 4..].to_vec(),
    }
}

fn get(server: &Server, path: &str) -> Reply {
    ask(server, "GET", path, "")
}

fn folder() -> Scratch {
    let folder = Scratch::new();
    folder.write("bucket/a/digits", "0123456789");
    folder
}

fn with(fault: Fault) -> (Scratch, Server) {
    let folder = folder();
    let faults = vec![fault];
    let server = Server::with(
        folder.path(),
        Behaviour {
            faults,
            ..Behaviour::default()
        },
    );
    (folder, server)
}

#[test]
fn objects_ranges_and_listings() {
    let folder = folder();
    let server = Server::start(folder.path());
    let whole = get(&server, "/bucket/a/digits");
    assert_eq!(
        (whole.status, whole.body.as_slice()),
        (200, &b"0123456789"[..])
    );
    let etag = whole.header("ETag").expect("an ETag").to_owned();
    let part = ask(&server, "GET", "/bucket/a/digits", "Range: bytes=3-5\r\n");
    assert_eq!((part.status, part.body.as_slice()), (206, &b"345"[..]));
    assert_eq!(part.header("Content-Range"), Some("bytes 3-5/10"));
    assert_eq!(
        ask(&server, "GET", "/bucket/a/digits", "Range: bytes=10-12\r\n").status,
        416
    );
    let head = ask(&server, "HEAD", "/bucket/a/digits", "");
    assert_eq!(
        (head.status, head.header("Content-Length"), head.body.len()),
        (200, Some("10"), 0)
    );
    let condition = format!("If-Match: {etag}\r\n");
    assert_eq!(
        ask(&server, "GET", "/bucket/a/digits", &condition).status,
        200
    );
    assert_eq!(
        ask(&server, "GET", "/bucket/a/digits", "If-Match: \"0\"\r\n").status,
        412
    );
    for path in [
        "/bucket/none",
        "/bucket",
        "/",
        "/../x",
        "/bucket/%2e%2e/%2e%2e/x",
    ] {
        assert_eq!(get(&server, path).status, 404, "{path}");
    }
    let listing = get(&server, "/bucket?list-type=2&prefix=a%2F");
    let listing = String::from_utf8(listing.body).expect("text");
    assert!(
        listing.contains("<Key>a/digits</Key><Size>10</Size>"),
        "{listing}"
    );
    let stats = server.stats();
    assert_eq!(
        (
            stats.of("GET", "/bucket/a/digits"),
            stats.count("HEAD", "digits")
        ),
        (5, 1)
    );
    assert_eq!((stats.bytes, stats.status(404)), (23, 5));
    server.reset();
    assert_eq!(server.stats().bytes, 0);
}

#[test]
fn objects_are_put_once_where_that_is_asked_for() {
    let folder = folder();
    let server = Server::start(folder.path());
    let put = |condition: &str| {
        let mut stream =
            TcpStream::connect(server.url().trim_start_matches("http://")).expect("it listens");
        let request = format!(
            "PUT /bucket/new/x HTTP/1.1\r\nContent-Length: 3\r\nConnection: close\r\n{condition}\r\nabc"
        );
        stream.write_all(request.as_bytes()).expect("a request");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer[9..12].to_owned()
    };
    assert_eq!(put("If-None-Match: *\r\n"), "200");
    assert_eq!(put("If-None-Match: *\r\n"), "412");
    assert_eq!(put(""), "200");
    assert_eq!(get(&server, "/bucket/new/x").body, b"abc");
}

#[test]
fn pages_of_other_sites_see_what_cors_lets_them() {
    let folder = folder();
    for (cors, preflight, origin, exposed) in [
        (Cors::Off, 403, false, false),
        (Cors::NoExpose, 200, true, false),
        (Cors::On, 200, true, true),
    ] {
        let server = Server::with(
            folder.path(),
            Behaviour {
                cors,
                ..Behaviour::default()
            },
        );
        assert_eq!(
            ask(&server, "OPTIONS", "/bucket/a/digits", "").status,
            preflight
        );
        let reply = get(&server, "/bucket/a/digits");
        assert_eq!(
            reply.header("Access-Control-Allow-Origin").is_some(),
            origin,
            "{cors:?}"
        );
        assert_eq!(
            reply.header("Access-Control-Expose-Headers").is_some(),
            exposed,
            "{cors:?}"
        );
    }
}

#[test]
fn a_busy_server_draws_the_same_every_time_and_a_storm_ends() {
    let folder = folder();
    let behaviour = Behaviour {
        faults: vec![Fault::Busy { share: 0.5 }],
        seed: 5,
        ..Behaviour::default()
    };
    let server = Server::with(folder.path(), behaviour.clone());
    let statuses = || {
        (0..20)
            .map(|_| get(&server, "/bucket/a/digits").status)
            .collect::<Vec<_>>()
    };
    let first = statuses();
    assert!(first.contains(&503) && first.contains(&200), "{first:?}");
    server.behave(behaviour);
    assert_eq!(statuses(), first);
    server.behave(Behaviour {
        faults: vec![Fault::Storm { requests: 3 }],
        ..Behaviour::default()
    });
    assert_eq!(statuses()[..5], [503, 503, 503, 200, 200]);
}

#[test]
fn bodies_are_cut_and_ranges_ignored() {
    let (_folder, server) = with(Fault::Cut { share: 1.0 });
    let reply = get(&server, "/bucket/a/digits");
    assert_eq!(
        (reply.header("Content-Length"), reply.body.as_slice()),
        (Some("10"), &b"01234"[..])
    );
    assert_eq!(server.stats().cut, 1);
    let (_folder, server) = with(Fault::IgnoreRange);
    let reply = ask(&server, "GET", "/bucket/a/digits", "Range: bytes=3-5\r\n");
    assert_eq!((reply.status, reply.body.len()), (200, 10));
}

#[test]
fn objects_vanish_age_and_are_replaced() {
    let (_folder, server) = with(Fault::Missing {
        path: "a/d".to_owned(),
    });
    assert_eq!(get(&server, "/bucket/a/digits").status, 404);
    let (_folder, server) = with(Fault::Stale {
        path: "digits".to_owned(),
        by: Duration::from_secs(u64::from(u32::MAX)),
    });
    let reply = get(&server, "/bucket/a/digits");
    let modified = reply.header("Last-Modified").expect("a time");
    assert!(
        modified.contains(" 18") || modified.contains(" 19"),
        "{modified}"
    );
    let (_folder, server) = with(Fault::Replaced {
        path: "/bucket/a/digits".to_owned(),
        after: 2,
        with: b"other".to_vec(),
    });
    let replies = [(); 3].map(|()| get(&server, "/bucket/a/digits"));
    assert_eq!(replies[1].body, b"0123456789");
    assert_eq!(replies[2].body, b"other");
    let [first, second, third] = replies.map(|reply| reply.header("ETag").map(str::to_owned));
    assert_eq!(first, second);
    assert_ne!(second, third);
}

#[test]
fn answers_wait_and_bytes_have_their_pace() {
    let folder = folder();
    folder.write("bucket/large", vec![0; 200_000]);
    let behaviour = Behaviour {
        latency: Duration::from_millis(30),
        bytes_per_second: Some(1_000_000),
        ..Behaviour::default()
    };
    let server = Server::with(folder.path(), behaviour);
    let start = Instant::now();
    assert_eq!(get(&server, "/bucket/large").body.len(), 200_000);
    // 30 ms, and 200 ms less the burst; how much longer is the machine's business.
    assert!(
        start.elapsed() >= Duration::from_millis(200),
        "{:?}",
        start.elapsed()
    );
}

#[test]
fn a_server_is_gone_with_its_handle() {
    let folder = folder();
    let server = Server::start(folder.path());
    let url = server.url();
    let mut kept = TcpStream::connect(url.trim_start_matches("http://")).expect("it listens");
    drop(server);
    assert_eq!(kept.read(&mut [0]).unwrap_or(0), 0, "open connections end");
    assert!(TcpStream::connect(url.trim_start_matches("http://")).is_err());
}
