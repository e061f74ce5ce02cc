//! The page as a user sees it: what is on it, and what can be done.

use std::path::PathBuf;
use std::time::Duration;

use fantoccini::elements::Element;
use fantoccini::{Client, Locator};
use gik_tests::fixture::workspace;
use gik_tests::site::Site;
use serde_json::{Value, json};

/// How long anything may take before the test gives up.
const PATIENCE: Duration = Duration::from_secs(30);

/// The built page, served.
///
/// # Panics
/// Where it is not built.
pub(crate) fn site() -> Site {
    let dist = dist();
    assert!(
        dist.join("page_bg.wasm").exists(),
        "the page is not built: run `cargo xtask web` (or `cargo xtask web --dev`) first"
    );
    Site::start(&dist)
}

fn dist() -> PathBuf {
    workspace().join("www/dist")
}

/// The page in a browser.
pub(crate) struct Page {
    pub(crate) client: Client,
}

impl Page {
    /// Opens an address.
    pub(crate) async fn open(client: &Client, address: &str) -> Self {
        client.goto(address).await.expect("the page opens");
        Self {
            client: client.clone(),
        }
    }

    /// An element, once it is there.
    pub(crate) async fn find(&self, selector: &str) -> Element {
        let wait = self.client.wait().at_most(PATIENCE);
        match wait.for_element(Locator::Css(selector)).await {
            Ok(element) => element,
            Err(error) => panic!(
                "no {selector} ({error}); the page says:\n{}",
                self.text().await
            ),
        }
    }

    /// All elements that are there now.
    pub(crate) async fn all(&self, selector: &str) -> Vec<Element> {
        let found = self.client.find_all(Locator::Css(selector)).await;
        found.expect("a selector")
    }

    pub(crate) async fn click(&self, selector: &str) {
        let element = self.find(selector).await;
        element.click().await.expect("a click");
    }

    /// The text of an element, once it has some that is as it must be.
    pub(crate) async fn until(&self, selector: &str, is: impl Fn(&str) -> bool) -> String {
        let mut last = String::new();
        let end = std::time::Instant::now() + PATIENCE;
        while std::time::Instant::now() < end {
            if let Some(element) = self.all(selector).await.into_iter().next() {
                // It may be drawn anew meanwhile.
                last = element.text().await.unwrap_or_default();
                if is(&last) {
                    return last;
                }
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!(
            "{selector} says `{last}`; the page says:\n{}",
            self.text().await
        );
    }

    /// Everything that is to be read.
    pub(crate) async fn text(&self) -> String {
        let text = self.run("return document.body.innerText", json!([])).await;
        text.as_str().unwrap_or_default().to_owned()
    }

    /// Runs a script in the page.
    pub(crate) async fn run(&self, script: &str, arguments: Value) -> Value {
        let arguments = arguments.as_array().cloned().unwrap_or_default();
        let done = self.client.execute(script, arguments).await;
        done.expect("a script")
    }

    /// The texts of the rows of the inventory that are in the document, cell by cell.
    pub(crate) async fn rows(&self) -> Vec<Vec<String>> {
        let script = "return [...document.querySelectorAll('#rows [role=row]')]
            .map(row => [...row.children].map(cell => cell.textContent))";
        let rows = self.run(script, json!([])).await;
        serde_json::from_value(rows).expect("texts")
    }
}
