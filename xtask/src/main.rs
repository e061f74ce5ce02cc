//! Chores of gik, run as `cargo xtask NAME`.
#![expect(
    clippy::print_stdout,
    reason = "a chore runner talks to its terminal and has no data to keep apart"
)]

mod apt;
mod axe;
mod bench;
mod browser;
mod cmake;
mod command;
mod demo;
mod fixtures;
mod folder;
mod fuzz;
mod python;
mod test;
mod wasm;
mod web;

use std::process::ExitCode;

const HELP: &str = "\
cargo xtask NAME

  demo                          gik on a small archive that is in this repository
  test                          everything that CI runs
  bench [index|header|decode|stream|wasm] [--quick]
                                figures, and those of the Python tools measured in the same run
  fuzz [--minutes N] [TARGET]   fuzzes the parsers of core: every target, or one
  wasm [--check|--test]         builds core and the page for wasm32-unknown-unknown, or decodes messages in Chromium
  fixtures [--check]            writes the synthetic archive again, or says whether it is still the same
  web [--dev] [--serve]         builds the page into www/dist/, says how large it is, and serves it
  help                          this text

What a chore needs and this machine lacks (Python packages, cmake, cargo-fuzz, std for wasm32, Chromium) it installs below .cache/
or through apt, and says so.
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments.split_first() {
        None | Some((&("help" | "--help" | "-h"), _)) => {
            print!("{HELP}");
            Ok(())
        }
        Some((&"bench", rest)) => cmake::ready().and_then(|()| bench::run(rest)),
        Some((&"demo", [])) => cmake::ready().and_then(|()| demo::run()),
        Some((&"fixtures", rest)) => fixtures::run(rest),
        Some((&"fuzz", rest)) => fuzz::run(rest),
        Some((&"test", [])) => cmake::ready().and_then(|()| test::run()),
        Some((&"wasm", rest)) => wasm::run(rest),
        Some((&"web", rest)) => web::run(rest),
        Some((name, rest)) => Err(anyhow::anyhow!(
            "no chore is called `{name} {}`: see `cargo xtask help`",
            rest.join(" ")
        )),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
