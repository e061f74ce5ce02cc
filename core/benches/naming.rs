//! Tables of names: reading them, and looking up a message.
#![allow(clippy::expect_used, missing_docs, reason = "a bench may panic")]
#![expect(clippy::expect_used, reason = "a bench has no caller to tell")]

use criterion::{Criterion, criterion_group, criterion_main};
use gik_core::grib::naming::{Key, Keys, Tables, Value};

fn naming(criterion: &mut Criterion) {
    criterion.bench_function("read the tables of names", |bencher| {
        bencher.iter(|| Tables::builtin().expect("whole tables"));
    });
    let tables = Tables::builtin().expect("whole tables");
    let mut keys = Keys::default();
    for (key, value) in [
        (Key::Centre, 98),
        (Key::TablesVersion, 32),
        (Key::Discipline, 0),
        (Key::ParameterCategory, 0),
        (Key::ParameterNumber, 0),
        (Key::ProductDefinitionTemplateNumber, 1),
        (Key::IndicatorOfUnitOfTimeRange, 1),
        (Key::ForecastTime, 6),
        (Key::TypeOfFirstFixedSurface, 103),
        (Key::ScaleFactorOfFirstFixedSurface, 0),
        (Key::ScaledValueOfFirstFixedSurface, 2),
        (Key::TypeOfSecondFixedSurface, 255),
    ] {
        keys.set(key, Value::Number(value));
    }
    criterion.bench_function("names of a message", |bencher| {
        bencher.iter(|| tables.names(&keys));
    });
}

criterion_group!(benches, naming);
criterion_main!(benches);
