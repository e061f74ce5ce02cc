//! Cut and changed messages: an error or values, never a panic, and no memory beyond what section 3 says.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use gik_core::grib::field::{FieldError, Message, decode_into, decode_rows, prefix_needed};
use gik_core::grib::grid::Grid;
use gik_core::grib::scan::Piece;
use gik_core::grib::unpack::{Scratch, UnpackError};
use gik_core::grib::{Header, messages};
use gik_tests::fixture;

use super::against::File;

/// Points that a changed message may claim at most: more is refused by the limit.
const POINTS: usize = 1 << 20;

#[test]
fn cut_and_changed_messages_are_errors_or_values() {
    let mut paths = encoded();
    if let Some(folder) = fixture::shared("data/grib") {
        paths.extend(small(&fixture::files(&folder)));
    }
    let (mut cuts, mut changes) = (0, 0);
    let mut panics = Vec::new();
    for path in &paths {
        let file = File::open(path);
        let mut scratch = Scratch::with_limit(POINTS);
        for header in file.fields.values() {
            cuts += cut(&file.message(header), &mut scratch);
        }
        for at in 0..file.octets.len() {
            for change in [0x01, 0x80, 0xff] {
                let mut changed = file.octets.clone();
                changed[at] ^= change;
                let attempt = AssertUnwindSafe(|| decode_all(&changed));
                if catch_unwind(attempt).is_err() {
                    panics.push(format!("{}: octet {at} ^ {change:#x}", path.display()));
                }
                changes += 1;
            }
        }
    }
    println!(
        "{} files, {cuts} cuts, {changes} changed octets",
        paths.len()
    );
    assert!(panics.is_empty(), "{}", panics.join("\n"));
}

/// Decodes a field from every prefix of its message.
fn cut(message: &Message<'_>, scratch: &mut Scratch) -> usize {
    let mut values = Vec::<f32>::new();
    let whole = decode_into(message, &mut values, scratch).is_ok();
    let last = message.header.data.end().unwrap() - message.header.message.offset;
    let last = usize::try_from(last).unwrap();
    for length in 0..last {
        let prefix = Message {
            octets: &message.octets[..length],
            ..*message
        };
        match decode_into(&prefix, &mut values, scratch) {
            // What is padding may be missing.
            Ok(()) => assert!(whole),
            Err(FieldError::NeedMore(span)) => {
                assert_eq!(span.offset, message.header.message.offset + length as u64);
                assert!(span.length > 0 && values.is_empty());
                assert!(span.end() <= message.header.data.end());
            }
            Err(error) => {
                let short = matches!(error, FieldError::Unpack(UnpackError::Short { .. }));
                assert!(!whole || short, "{length}: {error}");
            }
        }
    }
    last
}

fn decode_all(octets: &[u8]) {
    for piece in messages(octets) {
        let Piece::Message { span, fields } = piece else {
            continue;
        };
        let start = usize::try_from(span.offset).unwrap();
        for header in &fields {
            let message = Message {
                header,
                octets: &octets[start..],
            };
            let (mut values, mut scratch) = (Vec::<f32>::new(), Scratch::with_limit(POINTS));
            let whole = decode_into(&message, &mut values, &mut scratch);
            let points = usize::try_from(header.grid.points).unwrap();
            assert!(whole.is_err() == values.is_empty() || points == 0);
            let _ = decode_rows(&message, 1..3, &mut values, &mut scratch);
            assert!(values.capacity() <= points.min(POINTS));
            // Four lists of integers, or the pixels of an image with a row of it; an interval of CCSDS at least.
            assert!(scratch.octets() <= 16 * points.min(POINTS) + (1 << 20));
            let _ = prefix_needed(header, 1..3);
            place(header);
        }
    }
}

fn place(header: &Header) {
    if let Ok(grid) = Grid::parse(&header.grid.octets)
        && grid.points < 1 << 16
    {
        let _ = grid.coordinates();
    }
}

/// Messages that ecCodes wrote: each packing with and without a bitmap.
fn encoded() -> Vec<PathBuf> {
    let folder = super::encoded::folder();
    let names = [
        "simple-12",
        "simple-7",
        "complex-12",
        "complex-4",
        "differenced1-12",
        "differenced2-16",
        "ieee32",
        "ieee64",
        "jpeg-12",
        "png-12",
        "png-8",
        "png-24",
        "ccsds-12",
        "ccsds-32",
        "ccsds-3",
        "ccsds-pad",
        "ccsds-restricted",
    ];
    let data = ["smooth", "rain", "bitmap", "all-missing", "one-point"];
    let pairs = data
        .iter()
        .flat_map(|data| names.iter().map(move |name| (data, name)));
    let path = pairs.map(|(data, name)| folder.join(format!("{data}--{name}.grib2")));
    path.filter(|path| path.exists()).collect()
}

/// Real files that are small and whose fields are.
fn small(paths: &[PathBuf]) -> Vec<PathBuf> {
    let small = paths.iter().filter(|path| {
        std::fs::metadata(path).unwrap().len() < 3_000 && {
            let file = File::open(path);
            let points = file.fields.values().map(|header| header.grid.points);
            !file.fields.is_empty() && points.max() < Some(20_000)
        }
    });
    small.cloned().collect()
}
