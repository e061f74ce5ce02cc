//! Some rows of a field, decoded from the first bytes of its message.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use gik_core::grib::field::order::Order;
use gik_core::grib::field::{FieldError, Message, decode_into, decode_rows, prefix_needed};
use gik_core::grib::grid::{Grid, Shape};
use gik_core::grib::unpack::Scratch;
use gik_tests::fixture;

use super::against::File;

/// How often a prefix was not enough, by data representation template.
type Tries = BTreeMap<u16, (usize, usize)>;

/// Rows of East Africa on a global grid of a quarter of a degree, and the part of a message of template 5.42 that they
/// may need in the mean.
const REGION: (usize, Range<usize>, f64) = (721, 260..416, 0.62);

#[test]
fn a_region_needs_a_part_of_the_bytes() {
    let Some(folder) = fixture::shared("data/grib") else {
        return;
    };
    let (rows, region, most) = REGION;
    let (mut shares, mut values, mut scratch) = (Vec::new(), Vec::<f32>::new(), Scratch::default());
    for path in fixture::files(&folder) {
        let file = File::open(&path);
        for header in file.fields.values() {
            let shape = Grid::parse(&header.grid.octets).map(|grid| grid.shape());
            let global = matches!(shape, Ok(Ok(Shape::Rows { rows: found, .. })) if found == rows);
            if header.representation.template != 42 || !global {
                continue;
            }
            let message = file.message(header);
            let mut length = prefix_needed(header, region.clone()).unwrap().length;
            loop {
                let octets = &message.octets[..usize::try_from(length).unwrap()];
                let prefix = Message { header, octets };
                match decode_rows(&prefix, region.clone(), &mut values, &mut scratch) {
                    Err(FieldError::NeedMore(span)) => {
                        length = span.end().unwrap() - header.message.offset;
                    }
                    decoded => break decoded.unwrap(),
                }
            }
            shares.push(length as f64 / header.message.length as f64);
        }
    }
    let mean = shares.iter().sum::<f64>() / shares.len() as f64;
    println!(
        "rows {region:?} of {} fields need {mean:.3} of their bytes: {shares:.2?}",
        shares.len()
    );
    assert!(shares.len() >= 4 && mean <= most);
}

#[test]
fn rows_of_real_fields_need_a_prefix_only() {
    let Some(folder) = fixture::shared("data/grib") else {
        return;
    };
    println!(
        "template: (fields, prefixes that were too short)\n{:?}",
        check(&folder)
    );
}

#[test]
fn rows_of_every_packing_need_a_prefix_only() {
    let folder = super::encoded::folder();
    println!(
        "template: (fields, prefixes that were too short)\n{:?}",
        check(&folder)
    );
}

/// Decodes three ranges of rows of every field in the files of a folder from a prefix of its message.
fn check(folder: &Path) -> Tries {
    let mut tries = Tries::new();
    let (mut all, mut values, mut scratch) =
        (Vec::<f32>::new(), Vec::<f32>::new(), Scratch::default());
    for path in fixture::files(folder) {
        if path.extension().is_some_and(|extension| extension == "f64") {
            continue;
        }
        let file = File::open(&path);
        // One field of many that are alike tells as much.
        for header in file.fields.values().take(3) {
            let message = file.message(header);
            if decode_into(&message, &mut all, &mut scratch).is_err() {
                continue;
            }
            let order = Order::of(&Grid::parse(&header.grid.octets).unwrap()).unwrap();
            let rows = match order.shape() {
                Shape::Flat { points } => *points,
                Shape::Rows { rows, .. } => *rows,
                Shape::Reduced { rows } => rows.len(),
            };
            let place = format!("{} at {}", path.display(), header.message.offset);
            for range in [0..rows.div_ceil(2), rows / 3..2 * rows / 3, rows - 1..rows] {
                let wanted = &all[order.arranged(&range)];
                let needed = prefix_needed(header, range.clone()).unwrap();
                let mut length = usize::try_from(needed.length).unwrap();
                let mut repeats = 0;
                loop {
                    assert!(length <= message.octets.len(), "{place}: {length}");
                    let prefix = Message {
                        header,
                        octets: &message.octets[..length],
                    };
                    match decode_rows(&prefix, range.clone(), &mut values, &mut scratch) {
                        Ok(()) => break,
                        Err(FieldError::NeedMore(span)) => {
                            assert!(!needed.sure, "{place}: {span:?} over {needed:?}");
                            assert_eq!(
                                span.offset,
                                header.message.offset + length as u64,
                                "{place}"
                            );
                            length = usize::try_from(span.end().unwrap() - header.message.offset)
                                .unwrap();
                            repeats += 1;
                            assert!(repeats < 6, "{place}: {length}");
                        }
                        Err(error) => panic!("{place}: {error}"),
                    }
                }
                let equal = values.len() == wanted.len()
                    && values
                        .iter()
                        .zip(wanted)
                        .all(|(ours, whole)| ours.to_bits() == whole.to_bits());
                assert!(equal, "{place}: rows {range:?}");
                let count = tries.entry(header.representation.template).or_default();
                count.0 += 1;
                count.1 += repeats;
            }
        }
    }
    tries
}
