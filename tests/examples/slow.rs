//! Serves a folder behind a slow link until its input ends, and prints its address.
//!
//! `cargo run --release -p gik-tests --example slow -- ROOT MILLISECONDS MEGABYTES_A_SECOND`
#![expect(clippy::print_stdout, reason = "the address is its data")]

use std::io::Read as _;
use std::path::Path;
use std::time::Duration;

use gik_tests::server::{Behaviour, Server};

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [root, latency, rate] = words.as_slice() else {
        panic!("ROOT MILLISECONDS MEGABYTES_A_SECOND");
    };
    let number = |text: &str| -> u64 { text.parse().expect("a number") };
    let behaviour = Behaviour {
        latency: Duration::from_millis(number(latency)),
        bytes_per_second: Some(number(rate) * 1_000_000),
        ..Behaviour::default()
    };
    let server = Server::with(Path::new(root), behaviour);
    println!("{}", server.url());
    let mut rest = Vec::new();
    std::io::stdin().read_to_end(&mut rest).expect("an input");
}
