//! Whom the page shuts out: axe-core looks at every tab, light and dark, with a message open and with a problem.

use std::path::PathBuf;

use gik_tests::fixture::workspace;
use serde_json::{Value, json};

use crate::cdp;
use crate::driver::with_browser;
use crate::page::{Page, site};

/// Where `cargo xtask test` puts it, see `xtask/src/axe.rs`.
fn axe() -> String {
    let known = std::env::var_os("GIK_AXE").map(PathBuf::from);
    let path =
        known.unwrap_or_else(|| workspace().join(".cache/axe-core-4.14.1/package/axe.min.js"));
    std::fs::read_to_string(&path)
        .unwrap_or_else(|_| panic!("no {}: `cargo xtask test` fetches it", path.display()))
}

/// What axe-core finds fault with: rule, and the elements.
async fn violations(page: &Page, axe: &str) -> Vec<String> {
    // As a script of the driver it is not bound by the page's policy.
    page.run(axe, json!([])).await;
    let script = "const done = arguments[arguments.length - 1];
        axe.run(document, { resultTypes: ['violations'] }).then(
            found => done(found.violations.map(one => one.id + ': ' + one.nodes.map(node => node.html.slice(0, 160) + ' ' + node.failureSummary).join(' | '))),
            error => done(['axe: ' + error]))";
    let found = page.client.execute_async(script, Vec::new()).await;
    let found: Value = found.expect("axe-core runs");
    serde_json::from_value(found).expect("texts")
}

#[test]
fn axe_core_finds_no_violation() {
    with_browser(async |browser| {
        let (site, axe) = (site(), axe());
        let client = &browser.client;
        for (width, height, scheme) in [
            (1440, 900, "light"),
            (1440, 900, "dark"),
            (360, 740, "light"),
        ] {
            cdp::screen(client, width, height).await;
            cdp::scheme(client, scheme).await;
            for view in [
                "tab=inventory&message=3",
                "tab=map&message=10&point=0,30",
                "tab=bytes",
                "tab=coverage",
                "tab=build",
                "tab=about",
                "source=gefs&date=20250918&run=07&member=nobody&tab=inventory",
            ] {
                let address = format!("{}/?{width}{scheme}#{view}", site.url());
                let page = Page::open(client, &address).await;
                if view.contains("nobody") {
                    page.find("#problem").await;
                } else {
                    page.until("#verdict", |text| text.starts_with("Complete"))
                        .await;
                }
                page.settled().await;
                let found = violations(&page, &axe).await;
                assert!(found.is_empty(), "{view}, {width} {scheme}: {found:#?}");
            }
        }
    });
}
