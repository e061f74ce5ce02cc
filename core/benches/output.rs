//! How fast references are written: a member of an ensemble of 157 messages in 85 steps, and a large one of the same kind.

#![expect(clippy::unwrap_used, reason = "a bench may panic")]
#![allow(
    missing_docs,
    reason = "criterion_group! writes functions without docs"
)]

use std::collections::BTreeMap;
use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use gik_core::listing::Location;
use gik_core::output::{Output, write};
use gik_core::provenance::Provenance;
use gik_core::refs::{Array, Chunks, RefStore};
use gik_core::span::ByteSpan;
use gik_core::time::Run;
use gik_core::zarr::{ArrayMeta, Attributes, Filter};
use serde_json::json;

const STEPS: u64 = 85;

/// 45 surface arrays and 8 on 14 levels, each in its group with seven coordinates; `members` more of them along a first axis.
fn store(members: u64) -> RefStore {
    let url = |step| {
        let folder = "s3://ecmwf-forecasts/20250601/00z/ifs/0p25/enfo";
        format!("{folder}/20250601000000-{step}h-enfo-ef.grib2")
    };
    let mut store = RefStore {
        objects: (0..STEPS).map(|step| url(step * 3)).collect(),
        groups: BTreeMap::from([(String::new(), Attributes::new())]),
        arrays: BTreeMap::new(),
        provenance: Provenance {
            gik: "0".to_owned(),
            source: "bench".to_owned(),
            era: "bench".to_owned(),
            run: Run::new("20250601".parse().unwrap(), 0).unwrap(),
            member: "ens01".to_owned(),
            steps: Vec::new(),
            variables: Vec::new(),
            codec: "grib".to_owned(),
            template: "bench".to_owned(),
            indexes: Vec::new(),
        },
    };
    for variable in 0..53_u64 {
        let levels = if variable < 45 { 1 } else { 14 };
        let path = format!("variable{variable:02}/instant/heightAboveGround");
        let mut place = path.as_str();
        while let Some((parent, _)) = place.rsplit_once('/') {
            store.groups.insert(place.to_owned(), attributes());
            place = parent;
        }
        store.groups.insert(place.to_owned(), attributes());
        for (name, length) in [
            ("heightAboveGround", levels),
            ("latitude", 721),
            ("longitude", 1_440),
            ("number", members),
            ("step", STEPS),
            ("time", 1),
            ("valid_time", STEPS),
        ] {
            let array = Array {
                meta: ArrayMeta::new(vec![length], vec![length], "<f8", json!("NaN")),
                attributes: attributes().into(),
                chunks: Chunks::Inline(coordinate(length).into()),
            };
            store.arrays.insert(format!("{path}/{name}"), array);
        }
        let mut meta = ArrayMeta::new(
            vec![members, STEPS, levels, 721, 1_440],
            vec![1, 1, 1, 721, 1_440],
            "<f8",
            json!("NaN"),
        );
        meta.filters = Some(vec![Filter {
            dtype: "float64".to_owned(),
            id: "grib".to_owned(),
            var: "t2m".to_owned(),
        }]);
        let array = Array {
            meta,
            attributes: attributes().into(),
            chunks: Chunks::Messages(locations(variable, members, levels)),
        };
        store.arrays.insert(format!("{path}/t2m"), array);
    }
    store
}

fn locations(variable: u64, members: u64, levels: u64) -> Vec<Option<Location>> {
    let mut locations = Vec::new();
    for member in 0..members {
        for step in 0..STEPS {
            for level in 0..levels {
                let seed = ((member * STEPS + step) * 14 + level) * 53 + variable;
                let offset = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 31;
                locations.push(Some(Location {
                    object: u32::try_from(step).unwrap(),
                    span: ByteSpan::new(offset, 400_000 + offset % 300_000),
                }));
            }
        }
    }
    locations
}

fn coordinate(length: u64) -> Vec<u8> {
    let values = (0..u32::try_from(length).unwrap()).map(|at| 90.0 - f64::from(at) * 0.25);
    values.flat_map(f64::to_le_bytes).collect()
}

fn attributes() -> Attributes {
    let mut attributes = Attributes::new();
    for name in [
        "GRIB_cfName",
        "GRIB_cfVarName",
        "GRIB_name",
        "GRIB_shortName",
        "long_name",
        "standard_name",
        "units",
    ] {
        attributes.insert(name.to_owned(), json!("2 metre temperature"));
    }
    attributes.insert(
        "_ARRAY_DIMENSIONS".to_owned(),
        json!(["step", "latitude", "longitude"]),
    );
    attributes
}

fn outputs(criterion: &mut Criterion) {
    for (name, members) in [("member", 1), ("ensemble of 20", 20)] {
        let store = store(members);
        let mut group = criterion.benchmark_group(name);
        group.sample_size(10);
        group.throughput(Throughput::Elements(store.references().try_into().unwrap()));
        for (name, output) in [
            ("kerchunk-json", Output::KerchunkJson),
            ("kerchunk-parquet", Output::KerchunkParquet),
            ("kv-parquet", Output::KvParquet),
        ] {
            group.bench_function(name, |bencher| {
                bencher.iter(|| write(output, black_box(&store), "member").unwrap());
            });
        }
        group.finish();
    }
}

criterion_group!(benches, outputs);
criterion_main!(benches);
