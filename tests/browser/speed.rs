//! How long whole members take, and whether the page stays alive meanwhile. Times are printed, not asserted: machines differ.
#![expect(
    clippy::print_stdout,
    reason = "figures are for whoever reads the output"
)]

use std::path::{Path, PathBuf};

use gik_tests::archive;
use gik_tests::server::{Behaviour, Cors, Server};
use serde_json::json;

use crate::driver::with_browser;
use crate::page::{Page, site};

fn open_to_all() -> Behaviour {
    Behaviour {
        cors: Cors::NoExpose,
        ..Behaviour::default()
    }
}

/// Apart from the archives of other themes, which have the same runs on other grids.
fn target() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("speed")
}

/// Opens a run with a click and waits for its verdict; seconds from click to verdict, and the longest task of the page meanwhile.
async fn timed(page: &Page) -> (f64, f64) {
    let script = "const done = arguments[arguments.length - 1];
        const long = [];
        const observer = new PerformanceObserver(list => long.push(...list.getEntries().map(one => one.duration)));
        observer.observe({ type: 'longtask' });
        const start = performance.now();
        document.getElementById('open').click();
        const verdict = document.getElementById('verdict');
        const wait = () => {
            if (document.getElementById('progress') || !verdict.dataset.verdict) return requestAnimationFrame(wait);
            const took = performance.now() - start;
            setTimeout(() => done([took / 1000, Math.max(0, ...long)]), 200);
        };
        setTimeout(wait, 20);";
    let found = page.client.execute_async(script, Vec::new()).await;
    serde_json::from_value(found.expect("a script")).expect("two numbers")
}

#[test]
fn whole_members_are_quick_and_the_page_stays_alive() {
    with_browser(async |browser| {
        let site = site();
        let client = &browser.client;
        for (system, options, run, member) in [
            (
                "gefs",
                "--date 20241112 --members 1 --hours 0-240:3 --grid 10",
                "source=gefs&date=20241112&run=00&names=headers",
                "gep01",
            ),
            (
                "ecmwf",
                "--date 20250601 --index-only",
                "source=ifs-ens&date=20250601&run=00",
                "ens01",
            ),
        ] {
            let bucket = archive::made(&target(), system, options);
            let server = Server::with(bucket.parent().expect("a folder"), open_to_all());
            let name = bucket.file_name().and_then(|name| name.to_str());
            let base = format!("{}/{}", server.url(), name.expect("a name"));
            // Nothing is opened but what the click opens.
            let address = format!("{}/?{system}#from=files&tab=build", site.url());
            let page = Page::open(client, &address).await;
            page.find("#open").await;
            let fragment = format!("#{run}&member=nobody&from={base}&tab=coverage");
            page.run("location.hash = arguments[0]", json!([fragment]))
                .await;
            page.find("#problem").await;
            let member = json!([member]);
            page.run(
                "const field = document.getElementById('member');
                field.value = arguments[0];
                field.dispatchEvent(new Event('input', { bubbles: true }));",
                member,
            )
            .await;
            let (seconds, longest) = timed(&page).await;
            let verdict = page.until("#verdict", |text| !text.is_empty()).await;
            let heap = page
                .run(
                    "return Number(document.getElementById('verdict').dataset.heap)",
                    json!([]),
                )
                .await;
            let stats = server.stats();
            println!(
                "{system}: {seconds:.2} s from click to verdict, {} index files, {:.1} MB; longest task of the page {longest:.0} ms, \
                 {:.1} MB of memory of the worker; {verdict}",
                stats.count("GET", "idx") + stats.count("GET", "index"),
                stats.bytes as f64 / 1e6,
                heap.as_f64().unwrap_or_default() / 1e6,
            );
            page.click("#tab-inventory").await;
            page.until("#rows-summary", |text| text.contains("messages"))
                .await;
        }
    });
}

#[test]
fn a_hundred_thousand_rows_scroll() {
    with_browser(async |browser| {
        let site = site();
        let bucket = archive::made(&target(), "ecmwf", "--date 20250601 --index-only");
        let server = Server::with(bucket.parent().expect("a folder"), open_to_all());
        let base = format!("{}/ecmwf-forecasts", server.url());
        let address = format!(
            "{}/#source=ifs-ens&date=20250601&run=00&member=all&steps=0-36:3&from={base}&tab=inventory",
            site.url()
        );
        let page = Page::open(&browser.client, &address).await;
        // The count grows while indexes are read.
        let count = |text: &str| -> Option<u64> {
            let number = text.split(" messages").next()?.replace('\u{202f}', "");
            number.parse().ok()
        };
        let all = |text: &str| count(text).is_some_and(|count| count > 100_000);
        let summary = page.until("#rows-summary", all).await;
        page.settled().await;
        let total = count(&page.until("#rows-summary", all).await).expect("a number");
        page.settled().await;
        let script = "const done = arguments[arguments.length - 1];
            const long = [];
            new PerformanceObserver(list => long.push(...list.getEntries().map(one => one.duration))).observe({ type: 'longtask' });
            const grid = document.getElementById('rows');
            let times = 0;
            const next = () => {
                if (times++ === 60) return setTimeout(() => done(Math.max(0, ...long)), 200);
                grid.scrollTop = (times * 7919 % 60) / 60 * grid.scrollHeight;
                requestAnimationFrame(next);
            };
            next();";
        let longest = browser.client.execute_async(script, Vec::new()).await;
        let longest = longest.expect("a script").as_f64().expect("a number");
        println!("{summary}: longest task while scrolling {longest:.0} ms");
        page.run(
            "const grid = document.getElementById('rows'); grid.scrollTop = grid.scrollHeight",
            json!([]),
        )
        .await;
        page.find(&format!("#row-{}", total - 1)).await;
        let drawn = page.all("#rows .line").await.len();
        assert!(drawn < 200, "{drawn} rows are in the document");
    });
}
