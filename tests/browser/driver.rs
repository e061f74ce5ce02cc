//! A browser: chromedriver and Chromium, started for one test and gone after it.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::Duration;

use fantoccini::{Client, ClientBuilder};
use gik_tests::scratch::Scratch;
use serde_json::{Map, Value, json};

/// What tests say where they are told to do without a browser.
const SKIP: &str = "GIK_SKIP_BROWSER";

/// Two browsers at once make each other late on a small machine.
static ONE: Mutex<()> = Mutex::new(());

/// A browser of one test.
pub(crate) struct Browser {
    pub(crate) client: Client,
    /// Downloads land here.
    pub(crate) folder: Scratch,
    _driver: Driver,
}

/// Runs a test in a browser of its own; nothing happens where `GIK_SKIP_BROWSER=1` is set.
#[expect(clippy::print_stderr, reason = "a test that did not run must say so")]
pub(crate) fn with_browser(test: impl AsyncFnOnce(&Browser)) {
    if std::env::var_os(SKIP).is_some() {
        eprintln!("not tested: {SKIP} is set");
        return;
    }
    let _one = ONE
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let browser = Browser::start().await;
        test(&browser).await;
        // Where the test panicked the driver takes Chromium along.
        let _ = browser.client.clone().close().await;
    });
}

impl Browser {
    async fn start() -> Self {
        let folder = Scratch::new();
        let driver = Driver::start();
        let client = ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new())
            .capabilities(capabilities(folder.path()))
            .connect(&format!("http://127.0.0.1:{}", driver.port))
            .await
            .expect("chromedriver starts Chromium");
        Self {
            client,
            folder,
            _driver: driver,
        }
    }

    /// The content of a file that is being downloaded.
    pub(crate) async fn downloaded(&self, name: &str) -> Vec<u8> {
        let path = self.folder.path().join("downloads").join(name);
        for _ in 0..200 {
            // Chromium writes to another name first.
            if let Ok(bytes) = std::fs::read(&path) {
                return bytes;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{name} was not downloaded");
    }
}

fn capabilities(folder: &Path) -> Map<String, Value> {
    let downloads = folder.join("downloads");
    std::fs::create_dir_all(&downloads).expect("a folder");
    let arguments = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-dev-shm-usage",
        "--hide-scrollbars",
        "--lang=en",
        "--window-size=1440,900",
    ];
    let mut arguments: Vec<String> = arguments.map(str::to_owned).to_vec();
    arguments.push(format!(
        "--user-data-dir={}",
        folder.join("profile").display()
    ));
    let capabilities = json!({
        "browserName": "chrome",
        "goog:loggingPrefs": { "browser": "ALL" },
        "goog:chromeOptions": {
            "args": arguments,
            "prefs": {
                "download.default_directory": downloads,
                "download.prompt_for_download": false,
            },
        },
    });
    match capabilities {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// chromedriver with all that it started.
struct Driver {
    child: Child,
    port: u16,
}

impl Driver {
    fn start() -> Self {
        let started = Command::new("chromedriver")
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // A group of its own, so that Chromium ends with it.
            .process_group(0)
            .spawn();
        let mut child = started.unwrap_or_else(|error| {
            panic!(
                "chromedriver does not start ({error}): install it (Debian: chromium-driver), run `cargo xtask test`, \
                 which does that, or set {SKIP}=1"
            )
        });
        let output = child.stdout.take().expect("a pipe");
        let mut lines = BufReader::new(output).lines().map_while(Result::ok);
        let port = lines.find_map(|line| {
            let (_, rest) = line.split_once("successfully on port ")?;
            rest.trim_end_matches('.').parse().ok()
        });
        // What it says later must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        Self {
            port: port.expect("chromedriver says its port"),
            child,
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let group = format!("-{}", self.child.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
        let _ = self.child.wait();
    }
}
