//! How long it takes to read an index: a full `.index` of ECMWF, and a `.idx` of 38 lines.
//!
//! The texts are made here, in the shape of the real files: 51 members of 157 messages, shuffled; a NOAA file of one member.

#![expect(
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a bench may panic"
)]
#![allow(
    missing_docs,
    reason = "criterion_group! writes functions without docs"
)]

use std::fmt::Write;
use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use gik_core::index::{Dialect, Parser, close, parse, records, tell_apart};

/// 8,007 lines, 1.8 MB.
fn ecmwf() -> String {
    const PRESSURE: [&str; 8] = ["d", "gh", "q", "r", "t", "u", "v", "vo"];
    const LEVELS: [&str; 13] = [
        "50", "100", "150", "200", "250", "300", "400", "500", "600", "700", "850", "925", "1000",
    ];
    const SURFACE: [&str; 45] = [
        "100u", "100v", "10fg", "10u", "10v", "2d", "2t", "asn", "ewss", "lsm", "mn2t3", "mn2t6",
        "msl", "mucape", "mx2t3", "mx2t6", "nsss", "ptype", "ro", "sithick", "skt", "sp", "ssr",
        "ssrd", "str", "strd", "sve", "svn", "tcw", "tcwv", "tp", "tprate", "ttr", "zos", "w",
        "rsn", "sd", "sf", "tcc", "cape", "stl1", "stl2", "stl3", "stl4", "swvl1",
    ];
    let mut messages = Vec::new();
    for member in 0..51 {
        for param in PRESSURE {
            for level in LEVELS {
                messages.push((member, param, "pl", level));
            }
        }
        for param in SURFACE {
            messages.push((member, param, "sfc", ""));
        }
        for param in ["sot", "vsw"] {
            for level in ["1", "2", "3", "4"] {
                messages.push((member, param, "sol", level));
            }
        }
    }
    assert_eq!(messages.len(), 8_007);
    // A shuffle that is the same every time: 3,001 and 8,007 have no common factor.
    let mut text = String::new();
    let mut offset = 0_u64;
    for at in 0..messages.len() {
        let (member, param, levtype, level) = messages[at * 3_001 % messages.len()];
        let length = 400_000 + at as u64 * 37 % 300_000;
        let kind = if member == 0 { "cf" } else { "pf" };
        write!(
            text,
            r#"{{"domain": "g", "date": "20250601", "time": "0000", "expver": "0001", "class": "od", "type": "{kind}", "stream": "enfo", "step": "135", "#
        )
        .unwrap();
        if !level.is_empty() {
            write!(text, r#""levelist": "{level}", "#).unwrap();
        }
        write!(text, r#""levtype": "{levtype}", "#).unwrap();
        if member > 0 {
            write!(text, r#""number": "{member}", "#).unwrap();
        }
        writeln!(
            text,
            r#""param": "{param}", "_offset": {offset}, "_length": {length}}}"#
        )
        .unwrap();
        offset += length;
    }
    text
}

/// 38 lines, 2.5 kB.
fn noaa() -> String {
    const FIELDS: [&str; 19] = [
        "VIS:surface:15 hour fcst",
        "GUST:surface:15 hour fcst",
        "MSLET:mean sea level:15 hour fcst",
        "TSOIL:0-0.1 m below ground:15 hour fcst",
        "WEASD:surface:15 hour fcst",
        "TMP:2 m above ground:15 hour fcst",
        "TMAX:2 m above ground:12-15 hour max fcst",
        "TMIN:2 m above ground:12-15 hour min fcst",
        "UGRD:10 m above ground:15 hour fcst",
        "CPOFP:surface:15 hour fcst",
        "APCP:surface:12-15 hour acc fcst",
        "CSNOW:surface:12-15 hour ave fcst",
        "PWAT:entire atmosphere (considered as a single layer):15 hour fcst",
        "CAPE:180-0 mb above ground:15 hour fcst",
        "TCDC:entire atmosphere:12-15 hour ave fcst",
        "HGT:cloud ceiling:15 hour fcst",
        "DSWRF:surface:12-15 hour ave fcst",
        "ULWRF:top of atmosphere:12-15 hour ave fcst",
        "HLCY:3000-0 m above ground:15 hour fcst",
    ];
    let mut text = String::new();
    for (at, attrs) in FIELDS.iter().cycle().take(38).enumerate() {
        let again = if at < FIELDS.len() { "" } else { "X" };
        writeln!(
            text,
            "{}:{}:d=2025080100:{again}{attrs}:ENS=+1",
            at + 1,
            at * 327_919
        )
        .unwrap();
    }
    text
}

fn index(criterion: &mut Criterion) {
    for (name, dialect, text) in [
        ("ecmwf 8007 lines", Dialect::Ecmwf, ecmwf()),
        ("noaa 38 lines", Dialect::Noaa, noaa()),
    ] {
        let bytes = text.as_bytes();
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Bytes(bytes.len() as u64));
        group.bench_function("records, one at a time", |bench| {
            bench.iter(|| {
                for record in records(dialect, black_box(bytes)) {
                    black_box(record.unwrap());
                }
            });
        });
        group.bench_function("parser, pieces of 64 KiB", |bench| {
            bench.iter(|| {
                let mut parser = Parser::new(dialect);
                for piece in black_box(bytes).chunks(65_536) {
                    parser
                        .feed(piece, |record| {
                            black_box(record);
                        })
                        .unwrap();
                }
                parser
                    .finish(|record| {
                        black_box(record);
                    })
                    .unwrap()
            });
        });
        group.bench_function("parse", |bench| {
            bench.iter(|| parse(dialect, black_box(bytes)).unwrap());
        });
        group.bench_function("parse, close, tell apart", |bench| {
            bench.iter(|| {
                let mut records = parse(dialect, black_box(bytes)).unwrap();
                close(&mut records, Some(1 << 40)).unwrap();
                tell_apart(&mut records, &[]).unwrap();
                records
            });
        });
        group.finish();
    }
}

criterion_group!(benches, index);
criterion_main!(benches);
