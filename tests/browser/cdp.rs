//! What only Chromium's own protocol can do: sizes of a phone, a dark system, files that are dropped.

use fantoccini::Client;
use fantoccini::wd::WebDriverCompatibleCommand;
use serde_json::{Value, json};

/// A command of Chromium's protocol.
#[derive(Debug)]
struct Cdp {
    name: &'static str,
    parameters: Value,
}

impl WebDriverCompatibleCommand for Cdp {
    fn endpoint(
        &self,
        base: &url::Url,
        session: Option<&str>,
    ) -> Result<url::Url, url::ParseError> {
        let session = session.unwrap_or_default();
        base.join(&format!("session/{session}/goog/cdp/execute"))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        let body = json!({ "cmd": self.name, "params": self.parameters });
        (http::Method::POST, Some(body.to_string()))
    }
}

/// Runs a command.
pub(crate) async fn run(client: &Client, name: &'static str, parameters: Value) -> Value {
    let command = Cdp { name, parameters };
    client.issue_cmd(command).await.expect(name)
}

/// What the browser's console says.
#[derive(Debug)]
struct Console;

impl WebDriverCompatibleCommand for Console {
    fn endpoint(
        &self,
        base: &url::Url,
        session: Option<&str>,
    ) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/se/log", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        let body = json!({ "type": "browser" });
        (http::Method::POST, Some(body.to_string()))
    }
}

/// What the browser's console said since it was asked last.
pub(crate) async fn console(client: &Client) -> Vec<String> {
    let said = client.issue_cmd(Console).await.expect("a console");
    let lines = said.as_array().cloned().unwrap_or_default();
    let message = |line: &Value| line["message"].as_str().map(str::to_owned);
    lines.iter().filter_map(message).collect()
}

/// A screen of that width and height.
pub(crate) async fn screen(client: &Client, width: u32, height: u32) {
    let metrics = json!({
        "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600,
    });
    run(client, "Emulation.setDeviceMetricsOverride", metrics).await;
}

/// A system that is dark or light.
pub(crate) async fn scheme(client: &Client, name: &str) {
    let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": name }] });
    run(client, "Emulation.setEmulatedMedia", features).await;
}
