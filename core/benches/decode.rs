//! Decoding of 721x1440 messages, one for each packing, written by `tests/python/bench_decode.py write DIR`.
//!
//! `GIK_BENCH_MESSAGES=DIR cargo bench -p gik-core --bench decode`; without the variable nothing is measured.
//! What is measured is CPU time, so that a busy machine does not matter more than it must.
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    missing_docs,
    reason = "a bench is no part of the library"
)]

use criterion::measurement::{Measurement, ValueFormatter, WallTime};
use criterion::{Criterion, criterion_group, criterion_main};
use gik_core::grib::Header;
use gik_core::grib::field::{Message, decode_into, decode_rows};
use gik_core::grib::header::Parsed;
use gik_core::grib::unpack::Scratch;

fn bench(criterion: &mut Criterion<CpuTime>) {
    let Some(folder) = std::env::var_os("GIK_BENCH_MESSAGES") else {
        eprintln!("not measured: GIK_BENCH_MESSAGES names no folder");
        return;
    };
    let entries = std::fs::read_dir(folder).expect("a readable folder");
    let mut paths: Vec<_> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    for path in paths {
        let octets = std::fs::read(&path).expect("a readable file");
        let name = path
            .file_stem()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        let Ok(Parsed::Fields(fields)) = Header::parse_prefix(&octets, 0) else {
            panic!("{name} is not one message");
        };
        let message = Message {
            header: &fields[0],
            octets: &octets,
        };
        let (mut values, mut scratch) = (Vec::<f32>::new(), Scratch::default());
        let mut group = criterion.benchmark_group("decode");
        group.bench_function(&name, |bencher| {
            bencher.iter(|| decode_into(&message, &mut values, &mut scratch).expect("values"));
        });
        group.bench_function(format!("{name}, rows 260-416"), |bencher| {
            bencher.iter(|| {
                decode_rows(&message, 260..416, &mut values, &mut scratch).expect("values");
            });
        });
    }
}

/// Nanoseconds that the scheduler gave to this thread, as Linux counts them.
struct CpuTime;

impl CpuTime {
    fn now() -> f64 {
        let stat = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux");
        let time = stat.split(' ').next().expect("a number");
        time.parse().expect("a number")
    }
}

impl Measurement for CpuTime {
    type Intermediate = f64;
    type Value = f64;

    fn start(&self) -> f64 {
        Self::now()
    }

    fn end(&self, start: f64) -> f64 {
        Self::now() - start
    }

    fn add(&self, one: &f64, other: &f64) -> f64 {
        one + other
    }

    fn zero(&self) -> f64 {
        0.0
    }

    fn to_f64(&self, value: &f64) -> f64 {
        *value
    }

    fn formatter(&self) -> &dyn ValueFormatter {
        WallTime.formatter()
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().with_measurement(CpuTime);
    targets = bench
}
criterion_main!(benches);
