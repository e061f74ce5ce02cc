//! The page as a user sees it: what is on it, and what can be done.

use std::path::{Path, PathBuf};
use std::time::Duration;

use fantoccini::actions::{InputSource as _, KeyAction, KeyActions};
use fantoccini::elements::Element;
use fantoccini::key::Key;
use fantoccini::{Client, Locator};
use gik_tests::fixture::workspace;
use gik_tests::scratch::Scratch;
use gik_tests::serving::Serving;
use gik_tests::site::Site;
use serde_json::{Value, json};

use crate::cdp;

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

/// The same by `gik serve`, whose relay reads buckets at another address.
pub(crate) fn served(scratch: &Scratch, s3: &str) -> Serving {
    drop(site());
    Serving::start(scratch.path(), &dist(), s3)
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
        let script = "return document.body.innerText.replace(/\\n+/g, ' | ')";
        let text = self.run(script, json!([])).await;
        let console = cdp::console(&self.client).await;
        let console: Vec<&str> = console
            .iter()
            .map(|line| line.get(..400).unwrap_or(line))
            .collect();
        let console = console.join("\n");
        format!("{}\nconsole: {console}", text.as_str().unwrap_or_default())
    }

    /// Runs a script in the page.
    pub(crate) async fn run(&self, script: &str, arguments: Value) -> Value {
        let arguments = arguments.as_array().cloned().unwrap_or_default();
        let done = self.client.execute(script, arguments).await;
        done.expect("a script")
    }

    /// Waits until nothing is under way.
    pub(crate) async fn settled(&self) {
        for _ in 0..200 {
            let busy = self.all("[aria-busy=true]").await;
            if busy.is_empty() {
                // One frame more, so that all is drawn.
                tokio::time::sleep(Duration::from_millis(60)).await;
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("the page is still busy: {}", self.text().await);
    }

    /// The title of the document, once it is another one.
    pub(crate) async fn title_other_than(&self, before: &str) -> String {
        let end = std::time::Instant::now() + PATIENCE;
        loop {
            let title = self.client.title().await.expect("a title");
            if title != before {
                return title;
            }
            assert!(
                std::time::Instant::now() < end,
                "the title is still {title}"
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Presses a key.
    pub(crate) async fn keys(&self, key: &Key) {
        self.type_text(&char::from(*key).to_string()).await;
    }

    /// Types text where the focus is.
    pub(crate) async fn type_text(&self, text: &str) {
        let actions =
            text.chars()
                .fold(KeyActions::new("keyboard".to_owned()), |actions, letter| {
                    actions
                        .then(KeyAction::Down { value: letter })
                        .then(KeyAction::Up { value: letter })
                });
        self.client.perform_actions(actions).await.expect("keys");
    }

    /// Chooses a file in the page's field.
    pub(crate) async fn choose(&self, file: &Path) {
        let field = self.find("#files").await;
        let path = file.to_str().unwrap_or_default();
        field.send_keys(path).await.expect("a file");
    }

    /// The rows of the inventory, once they are as they must be.
    pub(crate) async fn rows_once(&self, are: impl Fn(&[Vec<String>]) -> bool) -> Vec<Vec<String>> {
        let mut last = Vec::new();
        let end = std::time::Instant::now() + PATIENCE;
        while std::time::Instant::now() < end {
            last = self.rows().await;
            if are(&last) {
                return last;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("the rows are {last:?}");
    }

    /// The texts of the rows of the inventory that are in the document, cell by cell.
    pub(crate) async fn rows(&self) -> Vec<Vec<String>> {
        let script = "return [...document.querySelectorAll('#rows .line')]
            .map(row => [...row.children].map(cell => cell.textContent))";
        let rows = self.run(script, json!([])).await;
        serde_json::from_value(rows).expect("texts")
    }
}
