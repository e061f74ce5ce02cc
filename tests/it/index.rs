//! Index files: every line of the real ones, against kerchunk and json; broken ones; round trips.
#![expect(clippy::print_stdout, reason = "a test says how much it has tested")]

mod round_trip;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use gik_core::identity::{Level, Member, Parameter, Surface, When};
use gik_core::index::{
    Dialect, Found, IndexError, Line, Parser, Record, Repeat, close, parse, records, tell_apart,
};
use gik_tests::fixture;
use gik_tests::oracle::{self, Stack};
use serde_json::Value;

/// The rules of the catalogue that the real files need: GFS at step 6.
fn rules() -> Vec<Repeat> {
    ["ACPCP", "APCP"]
        .map(|parameter| Repeat {
            parameter: parameter.into(),
            times: 2,
        })
        .into()
}

fn real(folder: &str) -> Option<Vec<(PathBuf, Vec<u8>)>> {
    let paths = fixture::files(&fixture::shared(folder)?);
    let read = |path: PathBuf| {
        let bytes = std::fs::read(&path).expect("a readable file");
        (path, bytes)
    };
    Some(paths.into_iter().map(read).collect())
}

fn name(path: &Path) -> String {
    path.file_name()
        .expect("a file name")
        .to_string_lossy()
        .into_owned()
}

#[test]
fn every_line_is_what_others_read() {
    let Some(files) = real("data/index") else {
        return;
    };
    let (indexes, refused): (Vec<_>, Vec<_>) = files
        .iter()
        .partition(|(_, bytes)| Dialect::detect(bytes).is_ok());
    for (path, bytes) in &refused {
        let found = Dialect::detect(bytes).unwrap_err().found;
        assert_eq!(found, Found::CfgribIndex, "{}", path.display());
    }
    let paths: Vec<&str> = indexes
        .iter()
        .map(|(path, _)| path.to_str().expect("UTF-8"))
        .collect();
    let expected: Value =
        serde_json::from_str(&oracle::run(Stack::Zarr2, "index_lines.py", &paths)).unwrap();

    let (mut lines, mut by_kerchunk) = (0, 0);
    for (path, bytes) in &indexes {
        let expected = &expected[path.to_str().unwrap()];
        let rows = expected["rows"].as_array().unwrap();
        let dialect = Dialect::detect(bytes).unwrap();
        let mut parsed =
            parse(dialect, bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        close(&mut parsed, expected["size"].as_u64()).unwrap();
        assert_eq!(parsed.len(), rows.len(), "{}", path.display());
        assert_eq!(
            parsed.len(),
            bytes
                .split(|byte| *byte == b'\n')
                .filter(|line| !line.is_empty())
                .count(),
            "no line without a record in {}",
            path.display()
        );
        for (record, row) in parsed.iter().zip(rows) {
            match dialect {
                Dialect::Noaa => compare_noaa(record, row),
                Dialect::Ecmwf => compare_ecmwf(record, row.clone()),
            }
        }
        lines += rows.len();
        by_kerchunk += usize::from(expected["by"] == "kerchunk");
    }
    println!(
        "{} files: {} indexes ({by_kerchunk} of them through kerchunk), {lines} lines, {} refused by name",
        files.len(),
        indexes.len(),
        refused.len()
    );
}

fn compare_noaa(record: &Record<'_>, row: &Value) {
    let number = record.message.unwrap();
    let number = match number.field {
        Some(field) => format!("{}.{field}", number.message),
        None => number.message.to_string(),
    };
    assert_eq!(number, row[0], "{record:?}");
    assert_eq!(record.offset, row[1], "{record:?}");
    assert_eq!(
        format!(
            "d={}{:02}",
            record.date.unwrap(),
            record.run().unwrap().hour
        ),
        row[2]
    );
    assert_eq!(record.attrs(), row[3].as_str().unwrap(), "{record:?}");
    if !row[4].is_null() {
        assert_eq!(record.length.unwrap(), row[4], "{record:?}");
    }
    let parameter = match &record.key.parameter {
        Parameter::Name(name) => name.clone().into_owned(),
        Parameter::Numbers(numbers) => format!(
            "var discipline={} center={} local_table={} parmcat={} parm={}",
            numbers.discipline,
            numbers.center.unwrap(),
            numbers.local_table.unwrap(),
            numbers.category,
            numbers.number
        ),
    };
    assert_eq!(Some(parameter.as_str()), record.attrs().split(':').next());
    assert!(
        matches!(record.key.level, Level::Surfaces { .. }),
        "a phrase for a level without surfaces: {record:?}"
    );
    assert!(
        record.key.when.steps().is_some(),
        "a phrase for a time without steps: {record:?}"
    );
    assert_eq!(record.key.extra, "", "{record:?}");
}

/// Takes every member of the object that the record has, and wants nothing left.
fn compare_ecmwf(record: &Record<'_>, mut row: Value) {
    let row = row.as_object_mut().unwrap();
    for (alias, ours) in [
        ("ensemble_member", "number"),
        ("lead_hours", "step"),
        ("length", "_length"),
        ("level", "levelist"),
        ("offset", "_offset"),
        ("variable", "param"),
    ] {
        if let Some(value) = row.remove(alias) {
            row.insert(ours.into(), value);
        }
    }
    let mut text = |name: &str| {
        row.remove(name)
            .map_or_else(String::new, |value| match value {
                Value::String(text) => text,
                other => other.to_string(),
            })
    };
    let mars = record.key.mars.as_ref().unwrap();
    for (name, ours) in [
        ("class", mars.class),
        ("stream", mars.stream),
        ("type", mars.kind),
        ("expver", mars.expver),
        ("domain", mars.domain),
    ] {
        assert_eq!(ours, *text(name), "{record:?}");
    }
    for (name, ours) in [
        ("model", mars.model.as_deref()),
        ("quantile", mars.quantile.as_deref()),
        ("_path", record.path.as_deref()),
    ] {
        assert_eq!(ours.unwrap_or_default(), text(name), "{record:?}");
    }
    let Level::Mars { levtype, levelist } = &record.key.level else {
        panic!("{record:?}");
    };
    assert_eq!(*levtype, *text("levtype"));
    assert_eq!(levelist.as_deref().unwrap_or_default(), text("levelist"));
    assert_eq!(record.key.parameter, Parameter::Name(text("param").into()));
    assert_eq!(record.key.when.to_string(), text("step"));
    let number = match record.key.member {
        Some(Member::Perturbed(number)) => number.to_string(),
        _ => String::new(),
    };
    assert_eq!(number, text("number").trim_start_matches('0'));
    assert_eq!(record.offset.to_string(), text("_offset"));
    assert_eq!(record.length.unwrap().to_string(), text("_length"));
    let date = record
        .date
        .map_or_else(String::new, |date| date.to_string());
    assert_eq!(date, text("date"));
    let clock = record.clock.map_or_else(String::new, |clock| {
        format!("{:02}{:02}", clock / 3_600, clock / 60 % 60)
    });
    assert_eq!(clock, text("time"));
    row.remove("_short_name");
    assert!(row.is_empty(), "left: {row:?}");
    assert_eq!(record.key.extra, "");
}

#[test]
fn only_the_buckets_of_gfs_need_a_rule() {
    let Some(files) = real("data/index") else {
        return;
    };
    let mut tested = 0;
    for (path, bytes) in &files {
        let Ok(dialect) = Dialect::detect(bytes) else {
            continue;
        };
        let mut parsed = parse(dialect, bytes).unwrap();
        let without = tell_apart(&mut parsed, &[]);
        if name(path) == "gfs.t00z.pgrb2.0p25.f006.test-limit-100.idx" {
            let Err(IndexError::Duplicate { first, second }) = without else {
                panic!("{without:?}");
            };
            assert!(first.text.ends_with(":APCP:surface:0-6 hour acc fcst:"));
            assert_eq!(second.number, first.number + 1);
            tell_apart(&mut parsed, &rules()).unwrap();
            let numbered = parsed.iter().filter(|record| record.key.occurrence == 1);
            assert_eq!(numbered.count(), 2);
        } else {
            assert_eq!(without, Ok(()), "{}", path.display());
        }
        tested += 1;
    }
    println!("{tested} indexes without a key that occurs twice, or with a rule for it");
}

/// The phrases for levels against the fixed surfaces that `spec/inventory.tsv` has from headers.
#[test]
fn phrases_for_levels_are_the_surfaces_of_the_headers() {
    let Some(path) = fixture::shared("spec/inventory.tsv") else {
        return;
    };
    let table = std::fs::read_to_string(path).expect("a readable table");
    let mut tested = 0;
    for row in table.lines().skip(1) {
        let columns: Vec<&str> = row.split('\t').collect();
        let (phrase, first, second) = (columns[6], columns[13], columns[14]);
        if columns[7] != "-" || !columns[0].starts_with("gefs") {
            continue;
        }
        let line = format!("1:0:d=2025080100:{}:{phrase}:anl:", columns[5]);
        let record = records(Dialect::Noaa, line.as_bytes()).next();
        let key = record.expect("a line").expect("a record").key;
        let Level::Surfaces {
            first: our_first,
            second: our_second,
        } = key.level
        else {
            panic!("{phrase}");
        };
        same_surface(phrase, our_first, first);
        match our_second {
            Some(surface) => same_surface(phrase, surface, second),
            None => assert!(second.starts_with("255:"), "{phrase}"),
        }
        tested += 1;
    }
    assert!(tested > 0);
    println!("{tested} rows of the inventory");
}

/// A phrase without a number does not say the zero that NCEP's headers have there.
fn same_surface(phrase: &str, ours: Surface, theirs: &str) {
    let mut numbers = theirs.split(':').map(|number| number.parse::<i32>().ok());
    let mut next = || numbers.next().flatten();
    let theirs = Surface {
        kind: u8::try_from(next().expect("a kind")).expect("one octet"),
        scale_factor: next().and_then(|factor| i8::try_from(factor).ok()),
        scaled_value: next(),
    };
    assert_eq!(ours.kind, theirs.kind, "{phrase}");
    match ours.scaled_value {
        Some(_) => assert_eq!(ours, theirs.normalized(), "{phrase}"),
        None => assert!(matches!(theirs.value(), None | Some(0.0)), "{phrase}"),
    }
}

#[test]
fn real_files_in_pieces_are_the_same_records() {
    let Some(files) = real("data/index") else {
        return;
    };
    let mut read = 0;
    for (path, bytes) in &files {
        let Ok(dialect) = Dialect::detect(bytes) else {
            continue;
        };
        let mut whole = records(dialect, bytes).map(|record| record.expect("a good line"));
        let mut parser = Parser::new(dialect);
        let mut same = |record: Record<'_>| {
            assert_eq!(Some(record), whole.next(), "{}", path.display());
            read += 1;
        };
        for piece in bytes.chunks(997) {
            parser.feed(piece, &mut same).expect("good lines");
        }
        let summary = parser.finish(&mut same).expect("a good line");
        assert!(summary.complete);
        assert!(whole.next().is_none());
    }
    println!("{read} records in pieces of 997 bytes");
}

/// wgrib2 printouts that are no index files, but show what its lines may say.
#[test]
fn every_line_of_an_inventory_is_a_record_or_refused() {
    let Some(mut files) = real("data/inventory") else {
        return;
    };
    let inventories = real("data/grib").unwrap_or_default();
    files.extend(
        inventories
            .into_iter()
            .filter(|(path, _)| path.extension().is_some_and(|ending| ending == "inv")),
    );
    let (mut typed, mut refused) = (0, 0);
    let mut texts = BTreeSet::new();
    for (path, bytes) in &files {
        Dialect::detect(bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        for record in records(Dialect::Noaa, bytes) {
            let record = match record {
                Ok(record) => record,
                Err(IndexError::Edition1 { .. }) => {
                    refused += 1;
                    continue;
                }
                // Written by a wgrib2 that counts in 32 bits, over a file of 5 GB.
                Err(IndexError::Field {
                    field: "offset", ..
                }) if name(path) == "ref_rrfs.t18z.prslev.f000.grib2.inv" => {
                    refused += 1;
                    continue;
                }
                Err(error) => panic!("{}: {error}", path.display()),
            };
            typed += 1;
            if let Level::Text(text) = &record.key.level {
                texts.insert(format!("level `{text}`"));
            }
            if let When::Text(text) = &record.key.when {
                texts.insert(format!("time `{text}`"));
            }
        }
    }
    println!(
        "{} files: {typed} records, {refused} lines refused; kept as text: {texts:?}",
        files.len()
    );
    assert!(texts.is_empty());
}

/// All that can be done with bytes that may be an index.
fn read(bytes: &[u8]) {
    for dialect in [Dialect::Ecmwf, Dialect::Noaa] {
        let detected = Dialect::detect(bytes).is_ok_and(|found| found == dialect);
        let Ok(mut parsed) = parse(dialect, bytes) else {
            continue;
        };
        if detected {
            let _ = close(&mut parsed, Some(1 << 33));
            let _ = tell_apart(&mut parsed, &rules());
            for record in &parsed {
                let _ = (record.attrs(), record.run(), record.span());
            }
        }
    }
}

/// Places to cut or flip: all of a small file, 300 of a big one.
fn places(bytes: &[u8]) -> impl Iterator<Item = usize> + use<> {
    let step = if bytes.len() < 12_000 {
        1
    } else {
        bytes.len() / 300
    };
    (0..bytes.len()).step_by(step)
}

#[test]
fn a_cut_or_damaged_index_never_panics() {
    let Some(files) = real("data/index") else {
        return;
    };
    let mut tested = 0;
    for (_, bytes) in &files {
        // Of a very big one, the start is enough: all its lines have one shape.
        let bytes = &bytes[..bytes.len().min(100_000)];
        let mut damaged = bytes.to_vec();
        for place in places(bytes) {
            read(&bytes[..place]);
            let bit = 1 << (place % 8);
            damaged[place] ^= bit;
            read(&damaged);
            damaged[place] ^= bit;
            tested += 2;
        }
    }
    println!("{tested} cut or damaged indexes of {} files", files.len());
}

#[test]
fn a_long_line_is_shown_by_its_start() {
    let line = Line::new(4, &"é".repeat(1_000));
    assert_eq!(line.text.chars().count(), 201);
    assert!(line.to_string().starts_with("line 4: `éé"));
}
