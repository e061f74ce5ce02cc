//! An archive on another origin: what a server lets the page see, what it refuses, and what the page says of it.

use std::time::Duration;

use gik_tests::fixture::workspace;
use gik_tests::gik;
use gik_tests::scratch::Scratch;
use gik_tests::server::{Behaviour, Cors, Fault, Server};

use crate::driver::with_browser;
use crate::page::{Page, served, site};

/// A server of the sample's buckets.
fn server(behaviour: Behaviour) -> Server {
    Server::with(&workspace().join("tests/fixtures/sample"), behaviour)
}

fn open_to_all() -> Behaviour {
    Behaviour {
        cors: Cors::NoExpose,
        ..Behaviour::default()
    }
}

/// A link to the sample's GEFS run on a server; names and grid come from headers, as its grid is coarse.
fn link(site: &str, server: &Server) -> String {
    let base = format!("{}/noaa-gefs-pds", server.url());
    format!(
        "{site}/#source=gefs&date=20250918&run=00&member=gep01&steps=0-12:3&names=headers&from={base}&tab=build"
    )
}

#[test]
fn headers_that_a_server_hides_are_not_needed() {
    with_browser(async |browser| {
        let site = site();
        for cors in [Cors::On, Cors::NoExpose] {
            let server = server(Behaviour {
                cors,
                ..Behaviour::default()
            });
            let page = Page::open(&browser.client, &link(&site.url(), &server)).await;
            page.until("#verdict", |text| text.starts_with("Complete"))
                .await;
            assert!(server.stats().status(206) > 0, "ranges were read");
            assert_eq!(server.stats().count("OPTIONS", ""), 0, "no preflight");
        }
    });
}

#[test]
fn refusals_are_explained_and_another_try_reads_only_what_is_missing() {
    with_browser(async |browser| {
        let site = site();
        let server = server(Behaviour::default());
        let page = Page::open(&browser.client, &link(&site.url(), &server)).await;
        let said = page.until("#problem", |text| text.contains("CORS")).await;
        assert!(said.contains("gik serve"), "{said}");
        // The same view, once the server lets it.
        server.reset();
        server.behave(Behaviour {
            faults: vec![Fault::Missing {
                path: "f006.idx".to_owned(),
            }],
            ..open_to_all()
        });
        page.click("#problem button").await;
        page.until("#verdict", |text| text.starts_with("Holes"))
            .await;
        page.until("#gaps", |text| {
            text.contains("f006.idx") && text.contains("not there")
        })
        .await;
        let read = |step: &str| {
            server
                .stats()
                .count("GET", &format!("gep01.t00z.pgrb2s.0p25.{step}.idx"))
        };
        assert_eq!((read("f003"), read("f006")), (1, 1));
        server.behave(open_to_all());
        page.click("#retry").await;
        page.until("#verdict", |text| text.starts_with("Complete"))
            .await;
        assert_eq!(
            (read("f003"), read("f006")),
            (1, 2),
            "what was read is kept"
        );
        // What was kept can be thrown away.
        page.click("#tab-about").await;
        page.click("#clear-cache").await;
        page.until(".about", |text| text.contains("browser: 0"))
            .await;
    });
}

#[test]
fn a_run_that_is_not_there_and_a_server_that_is_busy_are_told_apart() {
    with_browser(async |browser| {
        let site = site();
        let server = server(Behaviour {
            faults: vec![Fault::Missing {
                path: "noaa-gefs-pds".to_owned(),
            }],
            ..open_to_all()
        });
        let page = Page::open(&browser.client, &link(&site.url(), &server)).await;
        let said = page.until("#problem", |text| text.contains("404")).await;
        assert!(said.contains("published"), "{said}");
        server.behave(Behaviour {
            faults: vec![Fault::Busy { share: 1.0 }],
            ..open_to_all()
        });
        page.click("#problem button").await;
        page.until("#problem", |text| text.contains("503")).await;
        // A storm that passes is waited out.
        server.behave(Behaviour {
            faults: vec![Fault::Storm { requests: 8 }],
            ..open_to_all()
        });
        page.click("#problem button").await;
        page.until("#verdict", |text| text.starts_with("Complete"))
            .await;
    });
}

#[test]
fn reading_can_be_given_up() {
    with_browser(async |browser| {
        let site = site();
        let server = server(Behaviour {
            latency: Duration::from_millis(300),
            ..open_to_all()
        });
        let page = Page::open(&browser.client, &link(&site.url(), &server)).await;
        page.click("#cancel").await;
        page.until("#problem", |text| text.starts_with("Cancelled"))
            .await;
        tokio::time::sleep(Duration::from_millis(700)).await;
        let before = server.stats();
        tokio::time::sleep(Duration::from_millis(700)).await;
        assert_eq!(
            server.stats().requests,
            before.requests,
            "nothing is fetched any more"
        );
        server.behave(open_to_all());
        page.click("#problem button").await;
        page.until("#verdict", |text| text.starts_with("Complete"))
            .await;
    });
}

#[test]
fn a_template_that_does_not_fit_builds_nothing() {
    with_browser(async |browser| {
        let site = site();
        let server = server(open_to_all());
        let address = link(&site.url(), &server).replace("&names=headers", "");
        let page = Page::open(&browser.client, &address).await;
        let said = page
            .until("#problem", |text| text.contains("template"))
            .await;
        assert!(said.contains("Nothing was built"), "{said}");
        // The inventory is there all the same.
        page.click("#tab-inventory").await;
        page.until("#rows-summary", |text| text.contains("messages"))
            .await;
    });
}

#[test]
fn references_through_a_relay_name_the_bucket() {
    with_browser(async |browser| {
        let sample = workspace().join("tests/fixtures/sample");
        // The archive refuses pages of other sites, as a bucket without CORS does.
        let archive = Server::start(&sample);
        let (written, scratch) = (Scratch::new(), Scratch::new());
        let serving = served(&scratch, &archive.url());
        let address = format!(
            "{}/#source=gefs&date=20250918&run=00&member=gep01&steps=0-12:3&names=headers&from=aws&tab=build",
            serving.url()
        );
        let page = Page::open(&browser.client, &address).await;
        page.until("#verdict", |text| text.starts_with("Complete"))
            .await;
        page.click("#download-json").await;
        let ours = browser.downloaded("gep01.json").await;
        let from = sample.join("noaa-gefs-pds");
        let run = gik::run(
            written.path(),
            &[
                "refs",
                "gefs",
                "--date",
                "20250918",
                "--run",
                "00",
                "--steps",
                "0-12:3",
                "--members",
                "gep01",
                "--from",
                from.to_str().expect("a path"),
                "--uri-base",
                "s3://noaa-gefs-pds",
                "--template",
                "scan",
                "--out",
                "refs",
            ],
        );
        assert_eq!(run.code, 0, "{}", run.stderr);
        let theirs = std::fs::read(written.path().join("refs/gep01.json")).expect("references");
        assert!(ours == theirs, "{} and {} bytes", ours.len(), theirs.len());
    });
}
