//! An S3-like range server on a free local port, stopped on drop.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::fixture::shared;
use crate::oracle::{Stack, python};

/// A running server.
#[derive(Debug)]
pub struct Server {
    child: Child,
    port: u16,
}

impl Server {
    /// Serves the files below a folder, with the options of `serve_s3.py`; `None` where that script is not there.
    ///
    /// # Panics
    /// Where the server does not start.
    pub fn start(root: &Path, options: &[&str]) -> Option<Self> {
        let script = shared("oracle/serve_s3.py")?;
        let mut child = Command::new(python(Stack::Zarr2))
            .arg(script)
            .arg(root)
            .args(["--port", "0"])
            .args(options)
            .stdout(Stdio::piped())
            // It tells of every client that hangs up.
            .stderr(Stdio::null())
            .spawn()
            .expect("python starts");
        let stdout = child.stdout.take().expect("a pipe");
        let mut line = String::new();
        let read = BufReader::new(stdout).read_line(&mut line);
        let port = line.trim_end().rsplit(' ').next();
        let port = port.and_then(|port| port.parse().ok());
        match (read, port) {
            (Ok(_), Some(port)) => Some(Self { child, port }),
            _ => panic!("the server did not tell its port: {line:?}"),
        }
    }

    /// Its address, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// How often it was asked for what, and the bytes of objects that it sent.
    ///
    /// # Panics
    /// Where it does not answer.
    pub fn stats(&self) -> Value {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("the server listens");
        let request = "GET /__stats HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        stream.write_all(request.as_bytes()).expect("a request");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        let (_, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
        serde_json::from_str(body).expect("JSON")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
