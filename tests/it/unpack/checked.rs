//! Fields held against their headers, as `gik verify --values` does.

use std::collections::BTreeMap;
use std::path::Path;

use gik_core::grib::field::{CheckError, check};
use gik_core::grib::unpack::Scratch;
use gik_tests::fixture;

use super::against::File;

#[test]
fn real_fields_are_what_their_headers_say() {
    if let Some(folder) = fixture::shared("data/grib") {
        assert_eq!(contradictions(&folder), Vec::<String>::new());
    }
}

#[test]
fn fields_of_every_packing_are_what_their_headers_say() {
    assert_eq!(
        contradictions(&super::encoded::folder()),
        Vec::<String>::new()
    );
}

/// The fields of a folder that can be decoded and contradict their headers.
fn contradictions(folder: &Path) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut bounded = BTreeMap::<u16, (usize, usize)>::new();
    let (mut values, mut scratch) = (Vec::new(), Scratch::default());
    for path in fixture::files(folder) {
        if path.extension().is_some_and(|extension| extension == "f64") {
            continue;
        }
        let file = File::open(&path);
        for header in file.fields.values() {
            match check(&file.message(header), &mut values, &mut scratch) {
                Ok(checked) => {
                    let count = bounded.entry(header.representation.template).or_default();
                    count.0 += 1;
                    count.1 += usize::from(checked.range.is_some());
                }
                Err(CheckError::Field(_)) => {}
                Err(error) => wrong.push(format!(
                    "{} at {}, field {}: {error}",
                    path.display(),
                    header.message.offset,
                    header.field
                )),
            }
        }
    }
    println!("template: (fields checked, with a range)\n{bounded:?}");
    assert!(bounded.len() >= 7, "{bounded:?}");
    wrong
}
