//! How the page looks: on a phone and on a desk, light and dark. The pictures are for people; what a machine can see is checked.

use gik_tests::fixture::workspace;
use serde_json::json;

use crate::cdp;
use crate::driver::with_browser;
use crate::page::{Page, site};

const TABS: [&str; 4] = ["inventory", "coverage", "build", "about"];

#[test]
fn nothing_is_wider_than_the_screen() {
    with_browser(async |browser| {
        let site = site();
        let client = &browser.client;
        let pictures = workspace().join(".cache/pictures");
        std::fs::create_dir_all(&pictures).expect("a folder");
        for (width, height) in [(360, 740), (1440, 900)] {
            cdp::screen(client, width, height).await;
            for scheme in ["light", "dark"] {
                cdp::scheme(client, scheme).await;
                for tab in TABS {
                    let address = format!("{}/?{width}{scheme}#tab={tab}", site.url());
                    let page = Page::open(client, &address).await;
                    page.until("#verdict", |text| text.starts_with("Complete"))
                        .await;
                    page.settled().await;
                    let overflow = page
                        .run(
                            "return [...document.querySelectorAll('body, body > *')]
                                .filter(one => one.scrollWidth > innerWidth && getComputedStyle(one).overflowX != 'auto')
                                .map(one => one.outerHTML.slice(0, 80))",
                            json!([]),
                        )
                        .await;
                    assert_eq!(overflow, json!([]), "{tab} at {width}");
                    let picture = client.screenshot().await.expect("a picture");
                    let name = format!("{width}-{scheme}-{tab}.png");
                    std::fs::write(pictures.join(name), picture).expect("a picture");
                }
            }
        }
    });
}
