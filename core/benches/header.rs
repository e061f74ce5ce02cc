//! Scan of 480 messages as an ECMWF member has them: headers alone, with names, and fetched piece by piece.
#![allow(
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a bench is no part of the library"
)]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use gik_core::grib::naming::{Keys, Tables};
use gik_core::grib::scan::{Piece, Scanner};
use gik_core::grib::{Header, messages};
use std::hint::black_box;

const MESSAGES: usize = 480;
/// Octets of data in a message: not read, so that their number does not matter.
const DATA: usize = 20_000;

fn bench(criterion: &mut Criterion) {
    let object = object();
    let mut group = criterion.benchmark_group("header");
    group.throughput(Throughput::Elements(MESSAGES as u64));
    group.bench_function("scan", |bencher| {
        bencher.iter(|| assert_eq!(black_box(headers(&object)).len(), MESSAGES));
    });
    group.bench_function("scan and names", |bencher| {
        let tables = Tables::builtin().expect("the tables of names");
        bencher.iter(|| {
            let headers = headers(&object);
            let names = headers
                .iter()
                .map(|header| tables.names(&Keys::from(header)));
            black_box(names.count())
        });
    });
    group.bench_function("scan of ranges", |bencher| {
        bencher.iter(|| {
            let mut scanner = Scanner::new(object.len() as u64);
            let mut pieces = 0;
            while let Some(wanted) = scanner.wanted() {
                let start = wanted.offset as usize;
                scanner.feed(
                    wanted.offset,
                    &object[start..start + wanted.length as usize],
                );
                pieces += std::iter::from_fn(|| scanner.next_piece()).count();
            }
            assert_eq!(pieces, MESSAGES);
        });
    });
    group.finish();
}

fn headers(object: &[u8]) -> Vec<Header> {
    let fields = messages(object).filter_map(|piece| match piece {
        Piece::Message { fields, .. } => Some(fields),
        _ => None,
    });
    fields.flatten().collect()
}

/// Messages of members 1 to 50 on pressure levels: templates 3.0, 4.1 and 5.42, ECMWF's local section 1.
fn object() -> Vec<u8> {
    let mut object = Vec::new();
    for number in 0..MESSAGES {
        let sections = [
            section(1, "0062000021000107e909120000000001"),
            section(2, "00010001000904 0b30303031"),
            section(
                3,
                "00000fd8a000000000 06ffffffffffffffffffffffffffffff000005a0000002d100000000ffffffff055d4a800aba9500\
                 30855d4a800ab6c4700003d0900003d09000",
            ),
            section(
                4,
                &format!(
                    "00000001 {:02x}{:02x} 04ff91000000 01000000{:02x} 6400000{:05x} ffffffffffff {:02x}{:02x}33",
                    2 + number % 2, number % 6, number % 144, 50_000 + number % 14 * 1_000, 3, number % 51
                ),
            ),
            section(5, "000fd8a0002a43800000800a0000100 00e2000 80"),
            section(6, "ff"),
            [&(DATA as u32 + 5).to_be_bytes()[..], &[7], &[0x5a; DATA]].concat(),
        ]
        .concat();
        object.extend(b"GRIB\xff\xff\0\x02");
        object.extend((sections.len() as u64 + 20).to_be_bytes());
        object.extend(sections);
        object.extend(b"7777");
    }
    object
}

fn section(number: u8, hexadecimal: &str) -> Vec<u8> {
    let digits: Vec<u8> = hexadecimal.bytes().filter(u8::is_ascii_hexdigit).collect();
    let octets = digits.chunks(2).map(|pair| {
        let pair = std::str::from_utf8(pair).expect("digits");
        u8::from_str_radix(pair, 16).expect("two digits")
    });
    let octets: Vec<u8> = octets.collect();
    let length = (octets.len() as u32 + 5).to_be_bytes();
    [&length[..], &[number], &octets].concat()
}

criterion_group!(benches, bench);
criterion_main!(benches);
