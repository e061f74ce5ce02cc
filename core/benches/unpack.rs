//! Decoding of 721x1440 messages, one for each packing, written by `tests/python/bench_decode.py write DIR`.
//!
//! `GIK_BENCH_MESSAGES=DIR cargo bench -p gik-core --bench unpack`; without the variable nothing is measured.
//! What is measured is CPU time, so that a busy machine does not matter more than it must.
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    missing_docs,
    reason = "a bench is no part of the library"
)]

use criterion::measurement::{Measurement, ValueFormatter, WallTime};
use criterion::{Criterion, criterion_group, criterion_main};
use gik_core::grib::grid::Grid;
use gik_core::grib::representation::Representation;
use gik_core::grib::unpack::{Bitmap, Packed, Scratch, unpack, unpack_range};

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
        let message = std::fs::read(&path).expect("a readable file");
        let name = path
            .file_stem()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        let [three, five, six, seven] = [3, 5, 6, 7].map(|number| section(&message, number));
        let representation = Representation::parse(five).expect("section 5");
        let grid = Grid::parse(three).expect("section 3");
        let packed = Packed {
            representation: &representation,
            points: usize::try_from(grid.points).expect("points"),
            bitmap: Bitmap::parse(six, None).expect("section 6"),
            data: &seven[5..],
        };
        let (mut values, mut scratch) = (Vec::<f32>::new(), Scratch::default());
        let mut group = criterion.benchmark_group("unpack");
        group.bench_function(&name, |bencher| {
            bencher.iter(|| unpack(&packed, &mut values, &mut scratch).expect("values"));
        });
        group.bench_function(format!("{name} rows 260-416"), |bencher| {
            let points = 260 * 1440..416 * 1440;
            bencher.iter(|| {
                unpack_range(&packed, points.clone(), &mut values, &mut scratch).expect("values");
            });
        });
    }
}

fn section(message: &[u8], number: u8) -> &[u8] {
    let mut rest = &message[16..];
    loop {
        let length = u32::from_be_bytes(rest[..4].try_into().expect("four octets"));
        let (section, after) = rest.split_at(usize::try_from(length).expect("a length"));
        if section[4] == number {
            return section;
        }
        rest = after;
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
