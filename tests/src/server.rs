//! An S3-like range server on a free local port, stopped on drop.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

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
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
