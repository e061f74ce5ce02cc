//! Decodes the committed messages and compares their values with those of ecCodes: `cargo xtask wasm --test` runs it in a browser.
//!
//! It imports nothing and has no way to print: the exit code is 0, or the number of the first vector that is wrong.

use std::process::ExitCode;

use gik_core::grib::field::{Message, check, decode_into};
use gik_core::grib::messages;
use gik_core::grib::scan::Piece;
use gik_core::grib::unpack::Scratch;

/// A message, and its values as little-endian `f64`, NaN where missing.
struct Vector {
    #[cfg_attr(
        target_arch = "wasm32",
        expect(dead_code, reason = "there is no way to print it")
    )]
    name: &'static str,
    message: &'static [u8],
    values: &'static [u8],
}

macro_rules! vectors {
    ($($name:literal)*) => {
        [$(Vector {
            name: $name,
            message: include_bytes!(concat!("../../tests/fixtures/vectors/", $name, ".grib2")),
            values: include_bytes!(concat!("../../tests/fixtures/vectors/", $name, ".f64")),
        }),*]
    };
}

const VECTORS: [Vector; 24] = vectors![
    "ccsds-16" "ccsds-32" "ccsds-bitmap" "ccsds-pad" "ccsds-restricted" "complex" "complex-managed"
    "differenced1-bitmap" "differenced2" "differenced2-managed" "ieee32" "ieee64-bitmap" "jpeg-12"
    "jpeg-bitmap" "png-8" "png-24" "second-order" "simple-1" "simple-8" "simple-12" "simple-16" "simple-24" "simple-bitmap" "simple-constant"
];

fn main() -> ExitCode {
    for (number, vector) in (1..).zip(&VECTORS) {
        if !vector.is_right() {
            #[cfg(not(target_arch = "wasm32"))]
            #[expect(clippy::print_stderr, reason = "run by hand it says which one")]
            {
                eprintln!("{} is not what ecCodes decodes", vector.name);
            }
            return ExitCode::from(number);
        }
    }
    ExitCode::SUCCESS
}

impl Vector {
    fn is_right(&self) -> bool {
        let Some(Piece::Message { fields, .. }) = messages(self.message).next() else {
            return false;
        };
        let [header] = fields.as_slice() else {
            return false;
        };
        let message = Message {
            header,
            octets: self.message,
        };
        let (mut wide, mut single) = (Vec::<f64>::new(), Vec::<f32>::new());
        let mut scratch = Scratch::default();
        if decode_into(&message, &mut single, &mut scratch).is_err()
            || check(&message, &mut wide, &mut scratch).is_err()
        {
            return false;
        }
        let expected = self.values.as_chunks::<8>().0;
        let expected: Vec<f64> = expected
            .iter()
            .map(|octets| f64::from_le_bytes(*octets))
            .collect();
        expected.len() == wide.len()
            && expected.len() == single.len()
            && expected
                .iter()
                .zip(wide.iter().zip(&single))
                .all(|(expected, (wide, single))| is_near(*expected, *wide, *single))
    }
}

/// The same in both precisions, but for the last digit of single precision.
#[expect(
    clippy::cast_possible_truncation,
    reason = "single precision is what is compared"
)]
fn is_near(expected: f64, wide: f64, single: f32) -> bool {
    if expected.is_nan() {
        return wide.is_nan() && single.is_nan();
    }
    let (low, high) = (expected.min(wide) as f32, expected.max(wide) as f32);
    (low == high || low.next_up() == high) && single.to_bits() == (wide as f32).to_bits()
}
