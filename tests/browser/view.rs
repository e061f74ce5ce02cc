//! The view: a link names it, the keyboard changes it, the way back brings it again.

use fantoccini::key::Key;
use serde_json::json;

use crate::driver::with_browser;
use crate::page::{Page, site};

#[test]
fn a_link_opens_the_same_view() {
    with_browser(async |browser| {
        let site = site();
        let page = Page::open(&browser.client, &format!("{}/", site.url())).await;
        page.until("#verdict", |text| text.starts_with("Complete"))
            .await;
        page.find("#filter")
            .await
            .send_keys("tmp")
            .await
            .expect("keys");
        page.rows_once(|rows| !rows.is_empty() && rows.iter().all(|row| row[0] == "TMP"))
            .await;
        page.click("[role=columnheader]:last-child button").await;
        page.click("[role=columnheader]:last-child button").await;
        let rows = page.rows_once(descends).await;
        page.click("#rows .line:nth-child(2)").await;
        page.find("#rows [aria-selected=true]").await;
        let link = browser.client.current_url().await.expect("an address");
        let again = Page::open(&browser.client, "about:blank").await;
        drop(again);
        let page = Page::open(&browser.client, link.as_str()).await;
        let same = page.rows_once(descends).await;
        assert_eq!(rows, same);
        page.find("#rows [aria-selected=true]").await;
        // Another tab, and back again.
        page.click("#tab-coverage").await;
        page.find(".matrix").await;
        browser.client.back().await.expect("back");
        page.find("#filter").await;
    });
}

fn descends(rows: &[Vec<String>]) -> bool {
    let lengths: Vec<u64> = rows
        .iter()
        .filter_map(|row| row[6].replace('\u{202f}', "").parse().ok())
        .collect();
    lengths.len() > 2 && lengths.is_sorted_by(|a, b| a >= b)
}

#[test]
fn everything_can_be_done_with_the_keyboard() {
    with_browser(async |browser| {
        let site = site();
        let page = Page::open(&browser.client, &format!("{}/", site.url())).await;
        page.until("#verdict", |text| text.starts_with("Complete"))
            .await;
        // Every part that reacts is reached by Tab, in the order of the page.
        let mut reached = Vec::new();
        for _ in 0..60 {
            page.keys(&Key::Tab).await;
            let script = "const one = document.activeElement;
                return one === document.body ? '' : one.id || one.className || one.textContent";
            let now = page.run(script, json!([])).await;
            let now = now.as_str().unwrap_or_default().to_owned();
            if now.is_empty() || reached.contains(&now) {
                break;
            }
            reached.push(now);
        }
        for wanted in [
            "skip",
            "from",
            "sample",
            "member",
            "steps",
            "vars",
            "open",
            "files",
            "tab-inventory",
            "filter",
            "facet-variable",
            "facet-level",
            "facet-step",
            "rows",
        ] {
            assert!(
                reached.iter().any(|one| one == wanted),
                "{wanted} is not in {reached:?}"
            );
        }
        // The rows: down, to the end, and open one.
        page.run("document.getElementById('rows').focus()", json!([]))
            .await;
        page.keys(&Key::End).await;
        page.keys(&Key::Up).await;
        page.find("#rows .active").await;
        page.keys(&Key::Enter).await;
        page.find("#rows [aria-selected=true].active").await;
        let link = browser.client.current_url().await.expect("an address");
        assert!(
            link.fragment()
                .is_some_and(|text| text.contains("message=")),
            "{link}"
        );
        // The tabs: arrows go on.
        page.run(
            "document.getElementById('tab-inventory').focus()",
            json!([]),
        )
        .await;
        page.keys(&Key::Right).await;
        page.find("#tab-map[aria-selected=true]").await;
        page.keys(&Key::Right).await;
        page.find("#tab-coverage[aria-selected=true]").await;
        page.keys(&Key::End).await;
        page.find("#language").await;
        // Another language.
        page.run("document.getElementById('language').focus()", json!([]))
            .await;
        page.type_text("Kis").await;
        page.until("#tab-inventory", |text| text == "Orodha").await;
        let language = page
            .run("return document.documentElement.lang", json!([]))
            .await;
        assert_eq!(language, json!("sw"));
    });
}

#[test]
fn the_sample_opens_without_a_network() {
    with_browser(async |browser| {
        let site = site();
        let address = format!("{}/", site.url());
        let page = Page::open(&browser.client, &address).await;
        page.until("#verdict", |text| text.starts_with("Complete"))
            .await;
        // The second visit is the first one that the service worker sees.
        page.run(
            "return navigator.serviceWorker.ready.then(() => 1)",
            json!([]),
        )
        .await;
        browser.client.refresh().await.expect("the page");
        page.until("#verdict", |text| text.starts_with("Complete"))
            .await;
        page.settled().await;
        drop(site);
        browser.client.refresh().await.expect("the kept page");
        page.until("#verdict", |text| text.starts_with("Complete"))
            .await;
    });
}
