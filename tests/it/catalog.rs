//! The catalogue against real index files, the archive generator and the source code.

#![expect(
    clippy::print_stdout,
    reason = "a test on real files says how many it saw"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use gik_core::identity::Statistic;
use gik_core::source::inventory::Expected;
use gik_core::source::{Catalog, Era};
use gik_core::time::{Run, Step};
use gik_tests::fixture::{files, shared, workspace};
use gik_tests::oracle::{Stack, run};

/// A real index file, and what it is in the catalogue.
struct RealIndex {
    path: &'static str,
    source: &'static str,
    run: &'static str,
    member: &'static str,
    step: i32,
}

const fn real(
    path: &'static str,
    source: &'static str,
    run: &'static str,
    member: &'static str,
    step: i32,
) -> RealIndex {
    RealIndex {
        path,
        source,
        run,
        member,
        step,
    }
}

#[rustfmt::skip]
const REAL: &[RealIndex] = &[
    real("dynamical-org__reformatters/geavg.t00z.pgrb2s.0p25.f000.idx", "gefs", "2025-08-01T00", "geavg", 0),
    real("dynamical-org__reformatters/geavg.t00z.pgrb2s.0p25.f009.idx", "gefs", "2025-08-01T00", "geavg", 9),
    real("dynamical-org__reformatters/gep01.t00z.pgrb2s.0p25.f015.idx", "gefs", "2025-08-01T00", "gep01", 15),
    real("dynamical-org__reformatters/gec00.t00z.pgrb2a.0p50.f432.idx", "gefs-a", "2025-08-01T00", "gec00", 432),
    real("D0ubleD0uble__fieldglass/gefs_p01_0p50.idx", "gefs-a", "2026-09-04T00", "gep01", 0),
    real("FahrenheitResearch__arwen/gfs.t12z.pgrb2.0p25.f000.idx", "gfs", "2026-07-30T12", "fc", 0),
    real("dynamical-org__reformatters/gfs.t00z.pgrb2.0p25.f000.idx", "gfs", "2025-08-01T00", "fc", 0),
    real("dynamical-org__reformatters/gfs.t00z.pgrb2.0p25.f007.idx", "gfs", "2025-08-01T00", "fc", 7),
    real("fsspec__kerchunk/gfs.t06z.pgrb2.0p25.f021.idx", "gfs", "2022-10-14T06", "fc", 21),
    real("fsspec__kerchunk/gfs.t00z.pgrb2.0p25.f006.test-limit-100.idx", "gfs", "2023-09-28T00", "fc", 6),
    real("blaylockbk__Herbie/hrrr.t00z.wrfsfcf00.grib2.idx", "hrrr", "2023-12-01T00", "fc", 0),
    real("dynamical-org__reformatters/hrrr.t00z.wrfsfcf08.grib2.idx", "hrrr", "2025-08-01T00", "fc", 8),
    real("fsspec__kerchunk/hrrr.t09z.wrfsfcf05.grib2.idx", "hrrr", "2022-10-14T09", "fc", 5),
    real("dynamical-org__reformatters/aifs_single_20250301_00z_0h.index", "aifs-single", "2025-03-01T00", "fc", 0),
    real("FahrenheitResearch__rusty-weather/ifs.20260812.t00z.f024.oper.index", "ifs-oper", "2026-08-12T00", "fc", 24),
    real("FahrenheitResearch__rusty-weather/ifs.20260812.t00z.f024.oper.index", "ifs-ens", "2026-08-12T00", "control", 24),
];

/// A line of an index, cut here and not by the parser that is tested elsewhere: what stands after the run, as text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Line {
    parameter: String,
    level: String,
    /// `levelist` of ECMWF, time of NOAA.
    detail: String,
}

fn lines(path: &Path) -> Vec<Line> {
    let text = fs::read_to_string(path).unwrap();
    let cut = |line: &str| {
        if line.starts_with('{') {
            let fields: serde_json::Value = serde_json::from_str(line).unwrap();
            let field = |name: &str| fields[name].as_str().unwrap_or_default().to_owned();
            return Line {
                parameter: field("param"),
                level: field("levtype"),
                detail: field("levelist"),
            };
        }
        let mut fields = line.split(':').skip(3).map(str::to_owned);
        let mut next = || fields.next().unwrap_or_default();
        Line {
            parameter: next(),
            level: next(),
            detail: next(),
        }
    };
    let lines = text.lines().filter(|line| !line.is_empty());
    lines.map(cut).collect()
}

/// The line that a message of the inventory has in an index.
fn expected_line(expected: &Expected<'_>, step: i32) -> Line {
    let row = expected.row;
    let is_noaa = !["pl", "sfc", "sol"].contains(&row.index_level.as_str());
    Line {
        parameter: row.index_name.clone(),
        level: row.index_level.clone(),
        detail: match (is_noaa, expected.level) {
            (true, _) => noaa_time(expected, step),
            (false, Some(level)) => level.to_string(),
            (false, None) => String::new(),
        },
    }
}

fn noaa_time(expected: &Expected<'_>, step: i32) -> String {
    let Some((statistic, _)) = expected.row.statistic else {
        return match step {
            0 => "anl".to_owned(),
            hours => format!("{hours} hour fcst"),
        };
    };
    let word = match statistic {
        Statistic::ACCUMULATION => "acc",
        Statistic::AVERAGE => "ave",
        Statistic::MAXIMUM => "max",
        Statistic::MINIMUM => "min",
        other => panic!("{other:?}"),
    };
    let hours = |step: Step| step.whole_hours().unwrap();
    let (start, end) = (hours(expected.range.start), hours(expected.range.end));
    // wgrib2 counts in days where both ends are whole days.
    if start % 24 == 0 && end % 24 == 0 {
        format!("{}-{} day {word} fcst", start / 24, end / 24)
    } else {
        format!("{start}-{end} hour {word} fcst")
    }
}

#[test]
fn real_lines_are_those_that_the_inventory_expects() {
    let Some(folder) = shared("data/index") else {
        return;
    };
    let catalog = Catalog::builtin().unwrap();
    let mut files = 0;
    for index in REAL {
        let run: Run = index.run.parse().unwrap();
        let era = catalog.source(index.source).unwrap().era_of(run).unwrap();
        let members = era.parse_members(index.member).unwrap();
        let objects = era
            .objects(run, &members, [Step::hours(index.step)])
            .unwrap();
        let Some(inventory) = &objects[0].inventory else {
            continue;
        };
        let inventory_of = catalog.inventory(inventory).unwrap();
        if !inventory_of.covers(run) {
            continue;
        }
        let mut found = lines(&folder.join(index.path));
        let expected = inventory_of.expected(run, Step::hours(index.step));
        let mut wanted: Vec<Line> = expected
            .iter()
            .map(|message| expected_line(message, index.step))
            .collect();
        println!(
            "{}: {} lines, {} expected",
            index.path,
            found.len(),
            wanted.len()
        );
        found.sort();
        wanted.sort();
        let unexpected: Vec<_> = found.iter().filter(|line| !wanted.contains(line)).collect();
        let missing: Vec<_> = wanted.iter().filter(|line| !found.contains(line)).collect();
        assert!(
            found == wanted,
            "{}: unexpected {unexpected:?}, missing {missing:?}",
            index.path
        );
        files += 1;
    }
    println!("{files} real index files");
    assert_eq!(files, 5);
}

#[test]
fn real_names_are_those_that_the_catalogue_spells() {
    let catalog = Catalog::builtin().unwrap();
    let mut tested = 0;
    for index in REAL {
        let (_, name) = index.path.rsplit_once('/').unwrap();
        let name = name.replace(".test-limit-100", "");
        // Some collections renamed their copies.
        let renamed = name.contains("f024.oper")
            || name.starts_with("aifs_single")
            || name.starts_with("gefs_p01");
        if renamed {
            continue;
        }
        let run: Run = index.run.parse().unwrap();
        let era = catalog.source(index.source).unwrap().era_of(run).unwrap();
        let members = era.parse_members(index.member).unwrap();
        let objects = era
            .objects(run, &members, [Step::hours(index.step)])
            .unwrap();
        let (_, spelt) = objects[0].index_path.rsplit_once('/').unwrap();
        assert_eq!(spelt, name);
        tested += 1;
    }
    println!("{tested} names of real files");
    assert!(tested > 10);
}

#[test]
fn real_levels_are_those_of_the_era() {
    let Some(folder) = shared("data/index") else {
        return;
    };
    let catalog = Catalog::builtin().unwrap();
    let mut tested = 0;
    for index in REAL.iter().filter(|index| !index.path.contains("limit")) {
        let source = catalog.source(index.source).unwrap();
        let era = source.era_of(index.run.parse().unwrap()).unwrap();
        let found = levels(&lines(&folder.join(index.path)));
        let known: BTreeMap<String, Vec<String>> = era
            .levels
            .iter()
            .map(|(kind, levels)| (kind.clone(), levels.iter().map(f64::to_string).collect()))
            .collect();
        assert_eq!(found, known, "{}", index.path);
        tested += 1;
    }
    println!("levels of {tested} real index files");
}

/// Levels by level type, ascending.
fn levels(lines: &[Line]) -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for line in lines {
        let (kind, level) = match line.level.split_once(' ') {
            Some((level, "mb")) => ("mb", level),
            _ if ["pl", "sol"].contains(&line.level.as_str()) => {
                (line.level.as_str(), line.detail.as_str())
            }
            _ => continue,
        };
        // `30-0 mb above ground` is a layer and no level.
        if let Ok(level) = level.parse() {
            found.entry(kind.to_owned()).or_default().push(level);
        }
    }
    let sorted = |mut levels: Vec<f64>| {
        levels.sort_by(f64::total_cmp);
        levels.dedup();
        levels.iter().map(f64::to_string).collect()
    };
    found
        .into_iter()
        .map(|(kind, levels)| (kind, sorted(levels)))
        .collect()
}

#[test]
fn lines_that_are_equal_are_told_apart_by_their_order() {
    let Some(folder) = shared("data/index") else {
        return;
    };
    let catalog = Catalog::builtin().unwrap();
    let mut equal = 0;
    for index in REAL {
        let source = catalog.source(index.source).unwrap();
        let mut counts: BTreeMap<Line, usize> = BTreeMap::new();
        for line in lines(&folder.join(index.path)) {
            *counts.entry(line).or_default() += 1;
        }
        for (line, count) in counts.into_iter().filter(|(_, count)| *count > 1) {
            let rule = source.occurrences.iter().find(|rule| {
                rule.parameters.contains(&line.parameter)
                    && rule.level == line.level
                    && line.detail.contains(&format!(" {} ", rule.statistic))
                    && rule.steps.contains(Step::hours(index.step))
            });
            let rule = rule.unwrap_or_else(|| panic!("{}: {line:?} has no rule", index.path));
            assert_eq!(rule.names.len(), count, "{}: {line:?}", index.path);
            equal += 1;
        }
    }
    println!("{equal} keys that real files list twice");
    assert_eq!(equal, 2);
}

#[test]
fn the_archive_generator_writes_where_the_catalogue_looks() {
    let Some(oracle) = shared("oracle") else {
        return;
    };
    let printed = run(
        Stack::Zarr2,
        "archive_paths.py",
        &[oracle.to_str().unwrap()],
    );
    let catalog = Catalog::builtin().unwrap();
    let mut eras: BTreeMap<(&str, &str), (&Era, Run)> = BTreeMap::new();
    let mut tested = 0;
    for line in printed.lines() {
        let [id, when, member, step, path] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("{line}");
        };
        let source = catalog.source(id).unwrap();
        let (era, run) = *eras.entry((id, when)).or_insert_with(|| {
            let run: Run = when.parse().unwrap();
            (source.era_of(run).unwrap(), run)
        });
        let members = era.parse_members(member).unwrap();
        let step = Step::hours(step.parse().unwrap());
        let objects = era.objects(run, &members, [step]).unwrap();
        let url = source.mirrors[0].url(&objects[0].data_path);
        assert_eq!(url.strip_prefix("s3://"), Some(path), "{line}");
        tested += 1;
    }
    println!("{tested} paths of the archive generator");
    assert!(tested > 10_000);
}

#[test]
fn the_committed_inventories_are_the_document() {
    let Some(document) = shared("spec/inventory.tsv") else {
        return;
    };
    let document = fs::read_to_string(document).unwrap();
    let rows: BTreeSet<&str> = document.lines().skip(1).collect();
    let mut found = BTreeSet::new();
    for path in files(&workspace().join("core/catalog/inventory")) {
        if path.extension().is_some_and(|extension| extension == "tsv") {
            let source = path.file_stem().unwrap().to_str().unwrap();
            found.extend(uncut(source, &fs::read_to_string(&path).unwrap()));
        }
    }
    println!("{} rows", rows.len());
    assert!(found.iter().map(String::as_str).eq(rows.iter().copied()));
}

/// The rows of the document from which a file was cut.
fn uncut(source: &str, text: &str) -> Vec<String> {
    let mut legend = BTreeMap::new();
    let mut rows = Vec::new();
    for line in text.lines() {
        if let Some((number, text)) = line.strip_prefix('#').and_then(|l| l.split_once('\t')) {
            legend.insert(number, text);
        } else if !line.starts_with("era_from\t") {
            let (cells, evidence) = line.rsplit_once('\t').unwrap();
            let texts: Vec<&str> = evidence.split(' ').map(|number| legend[number]).collect();
            rows.push(format!("{source}\t{cells}\t{}", texts.join("; ")));
        }
    }
    rows
}

/// A model is data: code that knows one by name would have to change with it.
#[test]
fn no_code_of_the_core_names_a_model() {
    let catalog = Catalog::builtin().unwrap();
    let mut names: BTreeSet<String> = catalog
        .ids()
        .flat_map(|id| id.split('-'))
        .filter(|part| part.len() > 1 && !["ens", "oper", "single"].contains(part))
        .map(str::to_owned)
        .collect();
    for (source, era) in catalog
        .sources()
        .flat_map(|s| s.eras.iter().map(move |e| (s, e)))
    {
        names.extend(
            era.members()
                .into_iter()
                .map(|id| id.name)
                .filter(|name| name.len() > 2 && !["control", "fc"].contains(&name.as_str())),
        );
        names.extend(source.mirrors.iter().filter_map(|mirror| {
            let (_, bucket) = mirror.root.split_once("://")?;
            Some(bucket.to_owned())
        }));
    }
    let mut code_files = 0;
    for path in files(&workspace().join("core/src")) {
        let text = fs::read_to_string(&path).unwrap();
        if path.extension().is_none_or(|extension| extension != "rs") || is_test(&path, &text) {
            continue;
        }
        code_files += 1;
        for (number, line) in (1..).zip(code(&text)) {
            let place = format!("{}:{number}: {line}", path.display());
            let words = line
                .split(|c: char| !c.is_ascii_alphanumeric())
                .map(str::to_lowercase);
            let named: Vec<String> = words.filter(|word| names.contains(word)).collect();
            assert!(named.is_empty(), "{place} names {named:?}");
            let compound = names.iter().filter(|name| name.contains(['-', '.']));
            for name in compound {
                assert!(!line.contains(name.as_str()), "{place} names {name}");
            }
        }
    }
    println!("{code_files} files of code, {} names", names.len());
    assert!(code_files > 10 && names.contains("gefs") && names.contains("gep01"));
}

fn is_test(path: &Path, text: &str) -> bool {
    let stem = path
        .file_stem()
        .and_then(|stem| stem.to_str())
        .unwrap_or_default();
    stem == "tests" || stem.ends_with("_test") || text.starts_with("#![cfg(test)]")
}

/// The lines up to the unit tests, without comments.
fn code(text: &str) -> impl Iterator<Item = &str> {
    let before_tests = text
        .split("#[cfg(test)]\nmod tests {")
        .next()
        .unwrap_or(text);
    before_tests.lines().map(|line| match line.trim_start() {
        comment if comment.starts_with("//") => "",
        _ => line,
    })
}
