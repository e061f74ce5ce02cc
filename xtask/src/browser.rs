//! A script in headless Chromium: this process serves it with its modules, and takes the answer that it posts back.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::{apt, command, folder};

/// What Chromium is called, by distribution.
const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// A page that runs the body of an async function and posts what it returns; `main` runs a module's `main`.
const PAGE: &str = r#"<!DOCTYPE html><meta charset="utf-8"><script type="module">
async function module(name) {
  const { instance } = await WebAssembly.instantiateStreaming(fetch("/" + name), {});
  return () => instance.exports.main(0, 0);
}
async function work() {
SCRIPT
}
let report;
try { report = "ok\n" + await work(); } catch (error) { report = "error\n" + (error.stack ?? error); }
await fetch("/report", { method: "POST", body: report });
</script>"#;

/// Runs a script that can load the named wasm modules; returns what it returns.
pub(crate) fn run(script: &str, modules: &[(&str, PathBuf)], limit: Duration) -> Result<String> {
    let chromium = chromium()?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    listener.set_nonblocking(true)?;
    let url = format!("http://{}/", listener.local_addr()?);
    let _browser = Browser::start(chromium, &url)?;
    let page = PAGE.replace("SCRIPT", script);
    let end = Instant::now() + limit;
    while Instant::now() < end {
        match listener.accept() {
            Ok((stream, _)) => {
                if let Some(report) = answer(stream, &page, modules)? {
                    return match report.split_once('\n') {
                        Some(("ok", result)) => Ok(result.to_owned()),
                        _ => bail!("in the browser: {report}"),
                    };
                }
            }
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                std::thread::sleep(Duration::from_millis(20));
            }
            Err(error) => return Err(error.into()),
        }
    }
    bail!("the browser did not answer in {} s", limit.as_secs())
}

/// Chromium's name, installed where it is missing.
fn chromium() -> Result<&'static str> {
    let found = || {
        NAMES.into_iter().find(|name| {
            let mut version = command::program(name);
            command::output(version.arg("--version").stdin(Stdio::null())).is_ok()
        })
    };
    match found() {
        Some(name) => Ok(name),
        None => {
            apt::install(
                &["chromium"],
                "wasm is tested in Chromium, which is missing",
            )?;
            found().context("chromium was installed and does not start")
        }
    }
}

/// A running browser with a profile of its own, stopped on drop.
struct Browser {
    child: Child,
    profile: PathBuf,
}

impl Browser {
    fn start(chromium: &str, url: &str) -> Result<Self> {
        let profile = folder::target().join(format!("chromium-{}", std::process::id()));
        let child = command::program(chromium)
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--disable-dev-shm-usage",
                "--remote-debugging-port=0",
            ])
            .arg(format!("--user-data-dir={}", profile.display()))
            .arg(url)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot start {chromium}"))?;
        Ok(Self { child, profile })
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.profile);
    }
}

/// Answers one request; returns the body of a report.
fn answer(
    mut stream: TcpStream,
    page: &str,
    modules: &[(&str, PathBuf)],
) -> Result<Option<String>> {
    stream.set_nonblocking(false)?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut line = String::new();
    if reader.read_line(&mut line).is_err() {
        // A connection that was opened for later.
        return Ok(None);
    }
    let mut words = line.split(' ');
    let request = (words.next().unwrap_or(""), words.next().unwrap_or(""));
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header)?;
        if header.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = header.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse()?;
        }
    }
    match request {
        ("POST", "/report") => {
            let mut body = vec![0; length];
            reader.read_exact(&mut body)?;
            respond(&mut stream, "204 No Content", "text/plain", b"")?;
            return Ok(Some(String::from_utf8(body)?));
        }
        ("GET", "/") => respond(&mut stream, "200 OK", "text/html", page.as_bytes())?,
        ("GET", path) => match modules.iter().find(|(name, _)| path == format!("/{name}")) {
            Some((_, file)) => {
                let module = std::fs::read(file)
                    .with_context(|| format!("cannot read {}", file.display()))?;
                respond(&mut stream, "200 OK", "application/wasm", &module)?;
            }
            None => respond(&mut stream, "404 Not Found", "text/plain", b"")?,
        },
        _ => respond(&mut stream, "404 Not Found", "text/plain", b"")?,
    }
    Ok(None)
}

fn respond(stream: &mut TcpStream, status: &str, kind: &str, body: &[u8]) -> Result<()> {
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    Ok(stream.write_all(body)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_served_and_reports_taken() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let ask = |request: &'static str| {
            let asking = std::thread::spawn(move || {
                let mut stream = TcpStream::connect(address).unwrap();
                stream.write_all(request.as_bytes()).unwrap();
                let mut text = String::new();
                stream.read_to_string(&mut text).unwrap();
                text
            });
            let report = answer(listener.accept().unwrap().0, "page", &[]).unwrap();
            (asking.join().unwrap(), report)
        };
        let (page, report) = ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        assert!(page.starts_with("HTTP/1.1 200 OK") && page.ends_with("page") && report.is_none());
        assert!(ask("GET /x HTTP/1.1\r\n\r\n").0.contains("404"));
        let (_, report) = ask("POST /report HTTP/1.1\r\ncontent-length: 4\r\n\r\nok\n0");
        assert_eq!(report.as_deref(), Some("ok\n0"));
    }
}
