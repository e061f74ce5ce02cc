//! Decodes one message twenty times: `cargo xtask bench wasm` times it in a browser and beside it as a native program.
//!
//! The message is built in, from the path in `GIK_MESSAGE`, so that the module imports nothing.

use std::process::ExitCode;

use gik_core::grib::field::{Message, decode_into};
use gik_core::grib::messages;
use gik_core::grib::scan::Piece;
use gik_core::grib::unpack::Scratch;

const MESSAGE: &[u8] = include_bytes!(env!("GIK_MESSAGE"));
const TIMES: usize = 20;

fn main() -> ExitCode {
    let Some(Piece::Message { fields, .. }) = messages(MESSAGE).next() else {
        return ExitCode::FAILURE;
    };
    let (mut values, mut scratch) = (Vec::<f32>::new(), Scratch::default());
    for header in std::iter::repeat_n(&fields[0], TIMES) {
        let octets = std::hint::black_box(MESSAGE);
        if decode_into(&Message { header, octets }, &mut values, &mut scratch).is_err() {
            return ExitCode::FAILURE;
        }
        std::hint::black_box(&values);
    }
    ExitCode::SUCCESS
}
