//! Exact URLs of every era of every source, the days on which eras change, members and numbers of steps.

use super::inventory::Row;
use super::{Catalog, Era, IndexRule, Mirror, ObjectRef, Source, SourceError};
use crate::identity::Member;
use crate::time::Run;

/// The era of a run, and the run.
fn era<'a>(catalog: &'a Catalog, source: &str, run: &str) -> (&'a Era, Run) {
    let run = run.parse().unwrap();
    (catalog.source(source).unwrap().era_of(run).unwrap(), run)
}

fn objects(source: &str, run: &str, members: &str, steps: &str) -> Vec<ObjectRef> {
    let catalog = Catalog::builtin().unwrap();
    let (era, run) = era(&catalog, source, run);
    let members = era.parse_members(members).unwrap();
    let steps = era.steps(run, &members).unwrap().select(steps).unwrap();
    era.objects(run, &members, steps.iter()).unwrap()
}

/// Data and index URL at the first mirror.
fn urls(source: &str, run: &str, member: &str, step: &str) -> (String, String) {
    let catalog = Catalog::builtin().unwrap();
    let mirror = &catalog.source(source).unwrap().mirrors[0];
    match objects(source, run, member, step).as_slice() {
        [one] => (mirror.url(&one.data_path), mirror.url(&one.index_path)),
        others => panic!("{} objects", others.len()),
    }
}

/// The rows of a table of words.
fn table<const N: usize>(text: &str) -> impl Iterator<Item = [&str; N]> {
    let rows = text.lines().filter(|line| !line.is_empty());
    rows.map(|line| {
        let words: Vec<&str> = line.split(' ').collect();
        words.try_into().unwrap()
    })
}

/// Source, run, member, step, and URL of the data; the index has `.idx` at its end in addition.
const NOAA: &str = "
gefs 2020-09-23T12 gep30 240 s3://noaa-gefs-pds/gefs.20200923/12/atmos/pgrb2sp25/gep30.t12z.pgrb2s.0p25.f240
gefs 2022-10-18T06 control 0 s3://noaa-gefs-pds/gefs.20221018/06/atmos/pgrb2sp25/gec00.t06z.pgrb2s.0p25.f000
gefs 2022-10-18T12 1 3 s3://noaa-gefs-pds/gefs.20221018/12/atmos/pgrb2sp25/gep01.t12z.pgrb2s.0p25.f003
gefs 2025-08-01T00 geavg 9 s3://noaa-gefs-pds/gefs.20250801/00/atmos/pgrb2sp25/geavg.t00z.pgrb2s.0p25.f009
gefs 2025-08-01T00 gespr 9 s3://noaa-gefs-pds/gefs.20250801/00/atmos/pgrb2sp25/gespr.t00z.pgrb2s.0p25.f009
gefs-a 2017-01-01T00 gec00 6 s3://noaa-gefs-pds/gefs.20170101/00/gec00.t00z.pgrb2af006
gefs-a 2018-07-26T18 gep20 384 s3://noaa-gefs-pds/gefs.20180726/18/gep20.t18z.pgrb2af384
gefs-a 2018-07-27T00 gec00 6 s3://noaa-gefs-pds/gefs.20180727/00/pgrb2a/gec00.t00z.pgrb2af06
gefs-a 2020-09-23T06 gep20 102 s3://noaa-gefs-pds/gefs.20200923/06/pgrb2a/gep20.t06z.pgrb2af102
gefs-a 2020-09-23T12 gep30 3 s3://noaa-gefs-pds/gefs.20200923/12/atmos/pgrb2ap5/gep30.t12z.pgrb2a.0p50.f003
gefs-a 2024-10-10T00 geavg 840 s3://noaa-gefs-pds/gefs.20241010/00/atmos/pgrb2ap5/geavg.t00z.pgrb2a.0p50.f840
gefs-b 2017-01-01T00 gec00 330 s3://noaa-gefs-pds/gefs.20170101/00/gec00.t00z.pgrb2bf330
gefs-b 2019-01-01T00 gep05 6 s3://noaa-gefs-pds/gefs.20190101/00/pgrb2b/gep05.t00z.pgrb2bf06
gefs-b 2025-08-01T06 gep05 384 s3://noaa-gefs-pds/gefs.20250801/06/atmos/pgrb2bp5/gep05.t06z.pgrb2b.0p50.f384
gfs 2021-03-22T06 all 240 s3://noaa-gfs-bdp-pds/gfs.20210322/06/gfs.t06z.pgrb2.0p25.f240
gfs 2021-03-22T12 all 0 s3://noaa-gfs-bdp-pds/gfs.20210322/12/atmos/gfs.t12z.pgrb2.0p25.f000
gfs 2025-08-01T00 all 7 s3://noaa-gfs-bdp-pds/gfs.20250801/00/atmos/gfs.t00z.pgrb2.0p25.f007
hrrr 2015-05-01T03 fc 15 s3://noaa-hrrr-bdp-pds/hrrr.20150501/conus/hrrr.t03z.wrfsfcf15.grib2
hrrr 2017-05-01T03 fc 18 s3://noaa-hrrr-bdp-pds/hrrr.20170501/conus/hrrr.t03z.wrfsfcf18.grib2
hrrr 2019-05-01T06 fc 36 s3://noaa-hrrr-bdp-pds/hrrr.20190501/conus/hrrr.t06z.wrfsfcf36.grib2
hrrr 2025-08-01T00 fc 8 s3://noaa-hrrr-bdp-pds/hrrr.20250801/conus/hrrr.t00z.wrfsfcf08.grib2
cfs 2018-10-31T00 01 0 s3://noaa-cfs-pds/cfs.20181031/00/6hrly_grib_01/flxf2018103100.01.2018103100.grb2
cfs 2021-08-21T12 01 1218 s3://noaa-cfs-pds/cfs.20210821/12/6hrly_grib_01/flxf2021101106.01.2021082112.grb2
cfs 2024-12-31T18 4 6 s3://noaa-cfs-pds/cfs.20241231/18/6hrly_grib_04/flxf2025010100.04.2024123118.grb2
";

/// Source, run, member, step, and URL without `.grib2` and `.index`.
const ECMWF: &str = "
ifs-ens 2023-01-18T00 ens50 360 s3://ecmwf-forecasts/20230118/00z/0p4-beta/enfo/20230118000000-360h-enfo-ef
ifs-ens 2024-01-31T18 control 144 s3://ecmwf-forecasts/20240131/18z/0p4-beta/enfo/20240131180000-144h-enfo-ef
ifs-ens 2024-02-01T00 ens01 0 s3://ecmwf-forecasts/20240201/00z/0p25/enfo/20240201000000-0h-enfo-ef
ifs-ens 2024-02-28T00 ens01 0 s3://ecmwf-forecasts/20240228/00z/0p25/enfo/20240228000000-0h-enfo-ef
ifs-ens 2024-02-29T00 ens01 3 s3://ecmwf-forecasts/20240229/00z/ifs/0p25/enfo/20240229000000-3h-enfo-ef
ifs-ens 2025-01-14T06 ens01 3 s3://ecmwf-forecasts/20250114/06z/ifs/0p25/enfo/20250114060000-3h-enfo-ef
ifs-ens 2026-05-12T00 control 3 s3://ecmwf-forecasts/20260512/00z/ifs/0p25/enfo/20260512000000-3h-enfo-ef
ifs-ens 2026-05-12T06 control 3 s3://ecmwf-forecasts/20260512/06z/ifs/0p25/oper/20260512060000-3h-oper-fc
ifs-ens 2026-05-12T06 ens50 144 s3://ecmwf-forecasts/20260512/06z/ifs/0p25/enfo/20260512060000-144h-enfo-ef
ifs-oper 2022-01-26T00 all 240 s3://ecmwf-forecasts/20220126/00z/0p4-beta/oper/20220126000000-240h-oper-fc
ifs-oper 2023-06-01T06 all 90 s3://ecmwf-forecasts/20230601/06z/0p4-beta/scda/20230601060000-90h-scda-fc
ifs-oper 2024-02-10T12 all 240 s3://ecmwf-forecasts/20240210/12z/0p25/oper/20240210120000-240h-oper-fc
ifs-oper 2024-02-10T18 all 90 s3://ecmwf-forecasts/20240210/18z/0p25/scda/20240210180000-90h-scda-fc
ifs-oper 2024-11-12T00 all 240 s3://ecmwf-forecasts/20241112/00z/ifs/0p25/oper/20241112000000-240h-oper-fc
ifs-oper 2024-11-12T06 all 144 s3://ecmwf-forecasts/20241112/06z/ifs/0p25/scda/20241112060000-144h-scda-fc
ifs-oper 2024-11-12T12 all 360 s3://ecmwf-forecasts/20241112/12z/ifs/0p25/oper/20241112120000-360h-oper-fc
ifs-oper 2026-05-11T18 all 144 s3://ecmwf-forecasts/20260511/18z/ifs/0p25/scda/20260511180000-144h-scda-fc
ifs-oper 2026-05-12T18 all 3 s3://ecmwf-forecasts/20260512/18z/ifs/0p25/oper/20260512180000-3h-oper-fc
ifs-oper 2026-08-12T00 fc 24 s3://ecmwf-forecasts/20260812/00z/ifs/0p25/oper/20260812000000-24h-oper-fc
aifs-single 2024-02-29T00 fc 0 s3://ecmwf-forecasts/20240229/00z/aifs/0p25/oper/20240229000000-0h-oper-fc
aifs-single 2025-02-24T00 fc 6 s3://ecmwf-forecasts/20250224/00z/aifs/0p25/oper/20250224000000-6h-oper-fc
aifs-single 2025-02-24T06 fc 6 s3://ecmwf-forecasts/20250224/06z/aifs-single/0p25/experimental/oper/20250224060000-6h-oper-fc
aifs-single 2025-02-25T06 fc 6 s3://ecmwf-forecasts/20250225/06z/aifs-single/0p25/oper/20250225060000-6h-oper-fc
aifs-single 2025-03-01T12 fc 360 s3://ecmwf-forecasts/20250301/12z/aifs-single/0p25/oper/20250301120000-360h-oper-fc
aifs-ens 2025-07-02T00 control 0 s3://ecmwf-forecasts/20250702/00z/aifs-ens/0p25/enfo/20250702000000-0h-enfo-cf
aifs-ens 2026-03-10T18 ens07 360 s3://ecmwf-forecasts/20260310/18z/aifs-ens/0p25/enfo/20260310180000-360h-enfo-pf
";

#[test]
fn exact_urls() {
    for [source, run, member, step, url] in table(NOAA) {
        let found = urls(source, run, member, step);
        assert_eq!(found, (url.to_owned(), format!("{url}.idx")));
    }
    for [source, run, member, step, url] in table(ECMWF) {
        let found = urls(source, run, member, step);
        assert_eq!(found, (format!("{url}.grib2"), format!("{url}.index")));
    }
}

#[test]
fn every_era_has_an_exact_url() {
    let catalog = Catalog::builtin().unwrap();
    for source in catalog.sources() {
        for wanted in &source.eras {
            let tested = table(NOAA).chain(table(ECMWF)).any(|[id, run, _, _, _]| {
                id == source.id && source.era_of(run.parse().unwrap()).unwrap() == wanted
            });
            assert!(tested, "{} {}", source.id, wanted.id);
        }
    }
}

#[test]
fn eras_follow_each_other_without_a_gap() {
    for source in Catalog::builtin().unwrap().sources() {
        for pair in source.eras.windows(2) {
            assert_eq!(pair[0].until, Some(pair[1].from), "{}", source.id);
        }
        assert_eq!(source.eras.last().unwrap().until, None, "{}", source.id);
    }
}

/// Source, last run before a change, first run after it, and the ids of both eras.
const CHANGES: &str = "
gefs 2022-10-18T06 2022-10-18T12 v12-first v12
gefs-a 2018-07-26T18 2018-07-27T00 v11-root v11-folders
gefs-b 2020-09-23T06 2020-09-23T12 v11-folders v12
gfs 2021-03-22T06 2021-03-22T12 v15 v16
hrrr 2018-07-12T11 2018-07-12T12 v2 v3
hrrr 2020-12-02T11 2020-12-02T12 v3 v4
ifs-ens 2024-01-31T18 2024-02-01T00 0p4-beta 0p25
ifs-ens 2024-02-28T00 2024-02-28T06 0p25 ifs-9l
ifs-ens 2025-01-14T00 2025-01-14T06 ifs-9l ifs-13l
ifs-ens 2026-05-12T00 2026-05-12T06 ifs-13l 50r1
ifs-oper 2024-11-12T00 2024-11-12T06 ifs-10d 49r1-9l
ifs-oper 2026-05-12T00 2026-05-12T06 49r1-13l 50r1
aifs-single 2024-03-13T00 2024-03-13T06 aifs-n320 aifs
aifs-single 2025-02-24T00 2025-02-24T06 aifs experimental
aifs-single 2025-02-25T00 2025-02-25T06 experimental aifs-single
";

#[test]
fn eras_change_with_the_run() {
    let catalog = Catalog::builtin().unwrap();
    for [source, before, after, first, second] in table(CHANGES) {
        let found = [before, after].map(|run| era(&catalog, source, run).0.id.as_str());
        assert_eq!(found, [first, second], "{source}");
    }
}

#[test]
fn a_run_outside_every_era_names_the_nearest() {
    let catalog = Catalog::builtin().unwrap();
    let source = catalog.source("gefs").unwrap();
    let error = source.era_of("2020-09-23T06".parse().unwrap()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "gefs has no run 2020-09-23T06: era v12-first begins with 2020-09-23T12"
    );
}

/// Source, run, members, and how many steps all of these have.
const STEPS: &str = "
gefs 2025-09-18T00 all 81
gefs-a 2017-06-01T00 all 65
gefs-a 2025-09-18T00 all 181
gefs-b 2025-09-18T06 all 105
gfs 2021-03-01T00 all 173
gfs 2025-09-18T18 all 209
hrrr 2015-06-01T00 all 16
hrrr 2025-09-18T06 all 49
hrrr 2025-09-18T07 all 19
cfs 2025-09-18T00 01 1081
cfs 2025-09-18T06 02 181
cfs 2025-09-18T06 all 181
ifs-ens 2025-05-29T00 all 85
ifs-ens 2025-05-29T06 all 49
ifs-ens 2026-07-06T12 all 85
ifs-oper 2023-06-01T00 all 65
ifs-oper 2023-06-01T18 all 31
ifs-oper 2025-05-29T12 all 85
ifs-oper 2025-05-29T18 all 49
aifs-single 2025-05-29T06 all 61
aifs-ens 2025-08-01T18 all 61
";

#[test]
fn numbers_of_steps() {
    let catalog = Catalog::builtin().unwrap();
    for [source, run, member, count] in table(STEPS) {
        let (era, run) = era(&catalog, source, run);
        let members = era.parse_members(member).unwrap();
        let steps = era.steps(run, &members).unwrap();
        assert_eq!(steps.len().to_string(), count, "{source} {run} {member}");
    }
}

#[test]
fn members_of_the_ensembles() {
    let catalog = Catalog::builtin().unwrap();
    for (source, run, count) in [
        ("gefs", "2025-09-18T00", 31),
        ("gefs-a", "2019-09-18T00", 21),
        ("gefs-b", "2025-09-18T00", 31),
        ("gfs", "2025-09-18T00", 1),
        ("cfs", "2025-09-18T00", 4),
        ("ifs-ens", "2023-09-18T00", 51),
        ("ifs-ens", "2026-09-18T00", 51),
        ("aifs-ens", "2026-09-18T00", 51),
    ] {
        let members = era(&catalog, source, run).0.parse_members("all").unwrap();
        assert_eq!(members.len(), count, "{source}");
    }
    let (era, _) = era(&catalog, "ifs-ens", "2026-09-18T00");
    let first: Vec<_> = era.parse_members("0-2").unwrap();
    let names: Vec<_> = first
        .iter()
        .map(|id| (id.name.as_str(), id.number()))
        .collect();
    assert_eq!(
        names,
        [("control", Some(0)), ("ens01", Some(1)), ("ens02", Some(2))]
    );
    assert!(era.parse_members("gep01").is_err());
}

#[test]
fn a_file_of_several_members_is_listed_once() {
    let before = objects("ifs-ens", "2026-05-12T00", "all", "0-6");
    assert_eq!(before.len(), 3);
    assert!(before.iter().all(|o| o.members.len() == 51 && !o.exclusive));

    let after = objects("ifs-ens", "2026-05-12T06", "all", "0-6");
    let streams: Vec<_> = after
        .iter()
        .map(|o| (o.stream.as_str(), o.members.len()))
        .collect();
    assert_eq!(streams, [("oper", 1), ("enfo", 50)].repeat(3));
    assert!(after[0].exclusive && after[0].members[0].member == Some(Member::Control));

    let per_file = objects("gefs", "2025-09-18T00", "all", "0-6");
    assert_eq!(per_file.len(), 3 * 31);
    assert!(per_file.iter().all(|o| o.members.len() == 1 && o.exclusive));
}

#[test]
fn what_a_run_does_not_have_is_an_error() {
    let catalog = Catalog::builtin().unwrap();
    let (gefs, run) = era(&catalog, "gefs", "2025-09-18T03");
    let members = gefs.parse_members("gep01").unwrap();
    assert_eq!(
        gefs.steps(run, &members).unwrap_err().to_string(),
        "no run at 03 UTC: expected one of 00, 06, 12, 18"
    );
    let run = "2025-09-18T00".parse().unwrap();
    let error = gefs
        .objects(run, &members, [crate::time::Step::hours(4)])
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "step 4 is not made: expected one of 0-240:3"
    );

    let (cfs, run) = era(&catalog, "cfs", "2025-09-18T06");
    let members = cfs.parse_members("01,02").unwrap();
    let late = [crate::time::Step::hours(1086)];
    assert!(matches!(
        cfs.objects(run, &members, late),
        Err(SourceError::StepNotMade { .. })
    ));
}

#[test]
fn the_users_own_folder_keeps_the_layout() {
    let object = &objects("gefs", "2025-09-18T00", "gep01", "3")[0];
    assert_eq!(
        Mirror::at("./archive/noaa-gefs-pds/").url(&object.index_path),
        "./archive/noaa-gefs-pds/gefs.20250918/00/atmos/pgrb2sp25/gep01.t00z.pgrb2s.0p25.f003.idx"
    );
}

#[test]
fn mirrors_that_begin_later_are_left_out() {
    let catalog = Catalog::builtin().unwrap();
    let source = catalog.source("ifs-ens").unwrap();
    let ids = |run: &str| -> Vec<&str> {
        let mirrors = source.mirrors_of(run.parse().unwrap());
        mirrors.map(|mirror| mirror.id.as_str()).collect()
    };
    assert_eq!(ids("2022-06-01T00"), ["ecmwf"]);
    assert_eq!(ids("2023-01-18T00"), ["aws", "ecmwf"]);
    assert_eq!(ids("2025-06-01T00"), ["aws", "gcs", "ecmwf"]);
}

#[test]
fn attribution_names_the_year() {
    let catalog = Catalog::builtin().unwrap();
    let words = |id: &str| {
        catalog
            .source(id)
            .unwrap()
            .attribution_of("2025-06-01T00".parse().unwrap())
    };
    assert!(words("ifs-ens").starts_with("Copyright © 2025 European Centre"));
    assert!(words("gefs").contains("NOAA"));
}

#[test]
fn the_catalogue_survives_json() {
    for source in Catalog::builtin().unwrap().sources() {
        let text = serde_json::to_string(source).unwrap();
        assert_eq!(&serde_json::from_str::<Source>(&text).unwrap(), source);
    }
}

#[test]
fn inventories_are_readable_and_belong_to_their_eras() {
    let catalog = Catalog::builtin().unwrap();
    let mut listed = 0;
    for source in catalog.sources() {
        for era in &source.eras {
            for name in era.streams.iter().filter_map(|s| s.inventory.as_ref()) {
                let inventory = catalog.inventory(name).unwrap();
                let in_era = |row: &&Row| {
                    era.contains(row.from) || row.to.is_some_and(|to| era.contains(to))
                };
                assert!(
                    inventory.rows().iter().any(|row| in_era(&row)),
                    "{} {}",
                    source.id,
                    era.id
                );
                listed += 1;
            }
        }
    }
    assert_eq!(listed, 6);
    assert!(catalog.inventory("gfs").is_err());
}

/// From 50r1 on the control is a file of the deterministic forecast, which holds more than a member of the ensemble.
#[test]
fn the_control_has_the_inventory_of_its_own_stream() {
    let of = |members| {
        objects("ifs-ens", "2026-07-06T00", members, "0")[0]
            .inventory
            .clone()
    };
    assert_eq!(of("control").as_deref(), Some("ifs-oper"));
    assert_eq!(of("ens01").as_deref(), Some("ifs-ens"));
}

#[test]
fn an_index_rule_that_does_not_fit_has_no_path() {
    let rule = IndexRule::Replace {
        from: ".grib2".to_owned(),
        to: ".index".to_owned(),
    };
    assert_eq!(rule.path("a.grib2").as_deref(), Some("a.index"));
    assert_eq!(rule.path("a.grb2"), None);
}
