//! A running `gik serve`, stopped on drop.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Stdio};

use crate::gik;

/// A running `gik serve`.
#[derive(Debug)]
pub struct Serving {
    child: Child,
    address: String,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// As 200.
    pub status: u16,
    /// The first line and the headers, in small letters.
    pub head: String,
    /// The rest.
    pub body: Vec<u8>,
}

impl Serving {
    /// Serves a page from a working folder, with S3 at another address.
    ///
    /// # Panics
    /// Where it does not start.
    pub fn start(folder: &Path, page: &Path, s3: &str) -> Self {
        let mut command = gik::command(folder);
        command.args(["serve", "--listen", "127.0.0.1:0", "--page"]);
        command.arg(page).env("AWS_ENDPOINT_URL", s3);
        let mut child = command.stdout(Stdio::piped()).spawn().expect("it starts");
        let mut line = String::new();
        let told = child.stdout.as_mut().expect("a pipe");
        BufReader::new(told)
            .read_line(&mut line)
            .expect("its address");
        let address = line.trim().trim_start_matches("http://");
        let address = address.trim_end_matches('/').to_owned();
        assert!(!address.is_empty(), "gik serve says where it is");
        Self { child, address }
    }

    /// Its address, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Sends a request as it is written: no client tidies its path.
    ///
    /// # Panics
    /// Where there is no answer.
    pub fn ask(&self, method: &str, path: &str, headers: &str) -> Answer {
        let mut stream = TcpStream::connect(&self.address).expect("a connection");
        let head =
            format!("{method} {path} HTTP/1.1\r\nHost: gik\r\nConnection: close\r\n{headers}\r\n");
        stream.write_all(head.as_bytes()).expect("a request");
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).expect("an answer");
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
        let end = end.expect("a head");
        let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
        let status = head.split(' ').nth(1).and_then(|word| word.parse().ok());
        Answer {
            status: status.expect("a status"),
            head,
            body: bytes[end + 4..].to_vec(),
        }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
