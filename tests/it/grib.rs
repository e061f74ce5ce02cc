//! GRIB2 headers of real files, against what ecCodes reads.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use gik_core::grib::describe::{Line, Reading, describe};
use gik_core::grib::header::Parsed;
use gik_core::grib::scan::{Piece, Scanner};
use gik_core::grib::{GribError, Header, messages};
use gik_core::span::ByteSpan;
use gik_tests::{fixture, oracle};
use serde_json::Value;

/// What ecCodes reads past the end of a section, and we refuse.
const REFUSED: [(&str, &str); 1] = [(
    "jedarden__gribtract/pdt8_accum_3x2.grib2",
    "section 4 at byte 109 ends inside of its template", // 54 octets of template 4.8, which has 58
)];
/// Keys that ecCodes has twice, once computed: the coded value is the last.
const TWICE: [&str; 2] = ["numberOfCodedValues", "numberOfValues"];
/// Keys that ecCodes reads without a sign where WMO regulation 92.1.5 has one (-2 PV units are 2147483650 there).
const UNSIGNED: [&str; 2] = [
    "scaledValueOfFirstFixedSurface",
    "scaledValueOfSecondFixedSurface",
];
/// A key of ours that stands for another key of ecCodes.
const ALIASES: [(&str, &str); 1] = [(
    "generatingProcessIdentifier",
    "observationGeneratingProcessIdentifier",
)];

type Keys = BTreeMap<String, Vec<Option<i64>>>;

/// One file that ecCodes read.
struct Known {
    file: String,
    path: PathBuf,
    /// Offset, total length and edition of each message.
    messages: Vec<(u64, u64, u64)>,
    /// The coded keys of each field of edition 2.
    fields: Vec<Keys>,
}

/// Every file of ../shared/data/grib that holds GRIB, as ecCodes reads it; `None` where the folder is not there.
fn known() -> Option<Vec<Known>> {
    let folder = fixture::shared("data/grib")?;
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR")).join("grib");
    std::fs::create_dir_all(&scratch).unwrap();
    let layouts = layouts();
    let arguments = [&layouts, &scratch, &folder].map(|path| path.to_str().unwrap());
    let printed = oracle::run(oracle::Stack::Zarr2, "dump_keys.py", &arguments);
    Some(printed.lines().map(parse).collect())
}

fn layouts() -> PathBuf {
    fixture::workspace().join("core/tables/sections.csv")
}

fn parse(line: &str) -> Known {
    let value: Value = serde_json::from_str(line).unwrap();
    let list = |name: &str| value[name].as_array().unwrap().iter();
    let number = |value: &Value| value.as_u64().unwrap();
    let integers = |values: &Value| {
        let values = values.as_array().unwrap().iter();
        values.map(Value::as_i64).collect()
    };
    let field = |keys: &Value| {
        let keys = keys.as_object().unwrap().iter();
        keys.map(|(key, values)| (key.clone(), integers(values)))
            .collect()
    };
    Known {
        file: value["file"].as_str().unwrap().to_owned(),
        path: value["path"].as_str().unwrap().into(),
        messages: list("messages")
            .map(|m| (number(&m[0]), number(&m[1]), number(&m[2])))
            .collect(),
        fields: list("fields").map(field).collect(),
    }
}

#[test]
#[expect(clippy::print_stdout, reason = "says what was tested")]
fn messages_fields_and_every_coded_key_are_those_of_eccodes() {
    let Some(files) = known() else { return };
    let product_keys = product_keys();
    let (mut messages_read, mut fields_read, mut values_read, mut hidden) = (0, 0, 0, 0);
    let (mut wrong, mut templates, mut unknown) = (Vec::new(), BTreeSet::new(), BTreeMap::new());
    for known in &files {
        let bytes = std::fs::read(&known.path).unwrap();
        let pieces: Vec<Piece> = messages(&bytes).collect();
        assert_eq!(fetch(&bytes).0, pieces, "{}", known.file);
        if let Some((_, reason)) = REFUSED.iter().find(|(file, _)| *file == known.file) {
            let Some(Piece::Refused { error, .. }) = pieces.first() else {
                panic!("{}: {pieces:?}", known.file);
            };
            assert_eq!(error.to_string(), *reason);
            continue;
        }
        let (found, headers) = read(known, &pieces, &mut wrong);
        if found != known.messages || headers.len() != known.fields.len() {
            let (found, expected) = (found.len(), known.messages.len());
            wrong.push(format!(
                "{}: {found} messages, ecCodes {expected}",
                known.file
            ));
            continue;
        }
        messages_read += found.len();
        fields_read += headers.len();
        for (header, keys) in headers.iter().zip(&known.fields) {
            let place = format!("{} byte {}", known.file, header.message.offset);
            templates.insert(header.product.template);
            hidden += u32::from(!keys.contains_key("bitsPerValue"));
            for (key, expected) in keys {
                let values = header.key(key);
                values_read += values.len();
                let lacking = values.is_empty() && !product_keys.contains(key.as_str());
                if !lacking && !agree(header, key, &values, expected) {
                    wrong.push(format!("{place} {key}: {values:?}, ecCodes {expected:?}"));
                }
            }
            wrong.extend(typed(header, keys).map(|key| format!("{place} {key}: typed otherwise")));
            let lines = describe(header);
            if let Err(problem) = covered(header, &lines) {
                wrong.push(format!("{place}: {problem}"));
            }
            for line in lines.iter().filter(|line| line.key == "unknown") {
                let template = [(3, header.grid.template), (4, header.product.template)];
                let template = template
                    .iter()
                    .find(|(section, _)| *section == line.section);
                let template = template.map_or(header.representation.template, |found| found.1);
                *unknown.entry((line.section, template)).or_insert(0) += line.last + 1 - line.first;
            }
        }
    }
    println!(
        "{} files, {messages_read} messages, {fields_read} fields, {values_read} values equal to ecCodes ({hidden} fields have a section that ecCodes cannot read), product templates {templates:?}",
        files.len()
    );
    println!("octets without a key, by section and template: {unknown:?}");
    let differ = wrong.len();
    assert!(wrong.is_empty(), "{differ} differ\n{}", wrong.join("\n"));
}

/// The keys of product templates: what ecCodes has of them, we must have.
fn product_keys() -> BTreeSet<String> {
    let text = std::fs::read_to_string(layouts()).unwrap();
    let rows = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
    rows.filter(|row| row[0].starts_with("4.") && !matches!(row[1], "include" | "repeat" | "if"))
        .map(|row| row[3].to_owned())
        .collect()
}

/// The messages of a file as ecCodes lists them, and their headers.
fn read<'a>(
    known: &Known,
    pieces: &'a [Piece],
    wrong: &mut Vec<String>,
) -> (Vec<(u64, u64, u64)>, Vec<&'a Header>) {
    let (mut found, mut headers) = (Vec::new(), Vec::new());
    for piece in pieces {
        let ByteSpan { offset, length } = piece.span();
        match piece {
            Piece::Message { fields, .. } => {
                found.push((offset, length, 2));
                headers.extend(fields);
            }
            Piece::Refused {
                error: GribError::Edition { edition, .. },
                ..
            } => found.push((offset, length, u64::from(*edition))),
            Piece::Refused { error, .. } => wrong.push(format!("{}: {error}", known.file)),
            Piece::Gap { .. } => {}
        }
    }
    (found, headers)
}

fn agree(header: &Header, key: &str, values: &[Option<i64>], expected: &[Option<i64>]) -> bool {
    if let Some((_, ours)) = ALIASES.iter().find(|(theirs, _)| *theirs == key)
        && values.is_empty()
    {
        return header.key(ours) == expected;
    }
    if key == "numberOfSection" || key == "bitMapIndicator" || key == "section6Length" {
        return true; // one of each section
    }
    if TWICE.contains(&key) {
        return expected.ends_with(values);
    }
    let signed = |value: &Option<i64>| match value {
        Some(value) if UNSIGNED.contains(&key) && *value > 1 << 31 => Some((1 << 31) - value),
        value => *value,
    };
    expected.iter().map(signed).eq(values.iter().copied())
}

/// Keys whose field of [`gik_core::grib::product::Product`] or of section 1 says something else.
fn typed(header: &Header, keys: &Keys) -> impl Iterator<Item = &'static str> {
    let (product, section_1) = (&header.product, &header.identification);
    let range = product.statistics.as_ref().and_then(|s| s.ranges.first());
    let surfaces = product.surfaces;
    let pairs: [(&str, Option<i64>); 20] = [
        ("centre", Some(section_1.centre.into())),
        ("tablesVersion", Some(section_1.tables_version.into())),
        ("year", Some(section_1.reference.year.into())),
        ("second", Some(section_1.reference.second.into())),
        ("typeOfProcessedData", Some(section_1.data_kind.into())),
        ("numberOfDataPoints", Some(header.grid.points.into())),
        (
            "gridDefinitionTemplateNumber",
            Some(header.grid.template.into()),
        ),
        (
            "dataRepresentationTemplateNumber",
            Some(header.representation.template.into()),
        ),
        (
            "productDefinitionTemplateNumber",
            Some(product.template.into()),
        ),
        ("NV", Some(product.coordinate_count.into())),
        (
            "parameterCategory",
            product.parameter.map(|p| p.category.into()),
        ),
        (
            "parameterNumber",
            product.parameter.map(|p| p.number.into()),
        ),
        (
            "typeOfGeneratingProcess",
            product.process.map(|p| p.kind.into()),
        ),
        (
            "forecastTime",
            product.forecast_time.map(|f| f.value.into()),
        ),
        (
            "typeOfFirstFixedSurface",
            surfaces.map(|s| s.first.kind.into()),
        ),
        (
            "scaleFactorOfSecondFixedSurface",
            surfaces.and_then(|s| s.second.scale_factor).map(Into::into),
        ),
        (
            "perturbationNumber",
            product.ensemble.and_then(|e| e.number).map(Into::into),
        ),
        ("derivedForecast", product.derived.map(|d| d.kind.into())),
        ("lengthOfTimeRange", range.map(|range| range.length.into())),
        (
            "satelliteNumber",
            product.bands.first().map(|band| band.satellite.into()),
        ),
    ];
    // A section that ecCodes cannot read hides those behind it.
    let differ = move |(key, value): &(&str, Option<i64>)| match keys.get(*key) {
        Some(values) => values.first().copied().flatten() != *value,
        None => value.is_some() && keys.contains_key("bitsPerValue"),
    };
    pairs.into_iter().filter(differ).map(|(key, _)| key)
}

/// Whether the dump of a field has each octet of each section once.
fn covered(header: &Header, lines: &[Line]) -> Result<(), String> {
    for section in 0..=8 {
        let mut next = 1;
        for line in lines.iter().filter(|line| line.section == section) {
            if line.first != next || line.last < line.first {
                return Err(format!("section {section}: octet {next}, then {line:?}"));
            }
            next = line.last + 1;
        }
        let length = match section {
            6 => Some(header.bitmap_section().length),
            7 => Some(header.data.length),
            8 => Some(4),
            _ => header.section(section).map(|octets| octets.len() as u64),
        };
        if length.unwrap_or(0) != next - 1 {
            return Err(format!(
                "section {section}: {} of {length:?} octets",
                next - 1
            ));
        }
    }
    let mut raw = lines.iter().filter(|line| line.key == "unknown");
    match raw.find(|line| header.product.known && line.section == 4) {
        Some(Line {
            value: Reading::Octets(octets),
            ..
        }) if octets.bytes().any(|b| b != b'0') => {
            Err(format!("section 4: {octets} is not explained"))
        }
        _ => Ok(()),
    }
}

/// The pieces of an object whose bytes are fetched as the scanner wants them, and how many were.
fn fetch(object: &[u8]) -> (Vec<Piece>, u64) {
    let mut scanner = Scanner::new(object.len() as u64);
    let (mut pieces, mut fetched) = (Vec::new(), 0);
    while let Some(ByteSpan { offset, length }) = scanner.wanted() {
        scanner.feed(offset, &object[offset as usize..(offset + length) as usize]);
        fetched += length;
        pieces.extend(std::iter::from_fn(|| scanner.next_piece()));
    }
    (pieces, fetched)
}

/// The smallest files that hold a message of edition 2.
fn small(count: usize) -> Option<Vec<Vec<u8>>> {
    let folder = fixture::shared("data/grib")?;
    let files = fixture::files(&folder).into_iter();
    let mut files: Vec<Vec<u8>> = files.map(|path| std::fs::read(path).unwrap()).collect();
    files.retain(|bytes| messages(bytes).any(|piece| matches!(piece, Piece::Message { .. })));
    files.sort_by_key(Vec::len);
    files.truncate(count);
    Some(files)
}

/// Reads damaged bytes in every way; what comes of it covers them, and keeps no more octets than there are.
fn survives(bytes: &[u8]) {
    let mut at = 0;
    for piece in messages(bytes) {
        let span = piece.span();
        assert!(span.offset == at && span.length > 0);
        at = span.end().unwrap();
        if let Piece::Message { fields, .. } = piece {
            for header in fields {
                let kept = (0..=6).filter_map(|section| header.section(section));
                assert!(kept.map(|octets| octets.len()).sum::<usize>() <= bytes.len());
                assert!(describe(&header).len() <= bytes.len() + 8);
            }
        }
    }
    assert_eq!(at, bytes.len() as u64);
    if let Ok(Parsed::NeedMore(span)) = Header::parse_prefix(bytes, 0) {
        assert!(span.offset >= bytes.len() as u64 && span.length > 0);
    }
}

#[test]
#[expect(clippy::print_stdout, reason = "says what was tested")]
fn every_prefix_and_every_flipped_byte_is_read_or_refused() {
    let Some(files) = small(30) else { return };
    let mut inputs = 0_u64;
    for file in &files {
        for length in 0..file.len() {
            survives(&file[..length]);
            inputs += 1;
        }
        for at in 0..file.len() {
            for mask in [0x01, 0x80, 0xff] {
                let mut flipped = file.clone();
                flipped[at] ^= mask;
                survives(&flipped);
                inputs += 1;
            }
        }
    }
    println!("{} files, {inputs} damaged inputs", files.len());
}

#[test]
#[expect(clippy::print_stdout, reason = "says what was tested")]
fn headers_are_a_small_part_of_a_file() {
    let Some(folder) = fixture::shared("data/grib") else {
        return;
    };
    let (mut files, mut bytes, mut fetched) = (0, 0, 0);
    for path in fixture::files(&folder) {
        let object = std::fs::read(path).unwrap();
        if object.len() > 500_000 && object.starts_with(b"GRIB") {
            files += 1;
            bytes += object.len() as u64;
            fetched += fetch(&object).1;
        }
    }
    println!("{files} files, {bytes} bytes, {fetched} fetched");
    assert!(fetched * 2 < bytes);
}
