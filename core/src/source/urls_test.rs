//! Exact paths of every era of every source.

use super::Catalog;
use crate::time::Step;

/// The data and index paths of some members at some steps, as text.
fn paths(source: &str, run: &str, members: &str, steps: &str) -> Vec<(String, String)> {
    let catalog = Catalog::builtin().unwrap();
    let run = run.parse().unwrap();
    let era = catalog.source(source).unwrap().era_of(run).unwrap();
    let members = era.parse_members(members).unwrap();
    let steps = era.steps(run, &members).unwrap().select(steps).unwrap();
    let steps: Vec<Step> = steps.iter().collect();
    let objects = era.objects(run, &members, steps).unwrap();
    objects
        .into_iter()
        .map(|object| (object.data_path, object.index_path))
        .collect()
}

#[test]
fn gefs() {
    assert_eq!(
        paths("gefs", "2025-09-18T00", "gep01", "3"),
        [(
            "gefs.20250918/00/atmos/pgrb2sp25/gep01.t00z.pgrb2s.0p25.f003".to_owned(),
            "gefs.20250918/00/atmos/pgrb2sp25/gep01.t00z.pgrb2s.0p25.f003.idx".to_owned()
        )]
    );
}
