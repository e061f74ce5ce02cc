//! Values of real files, against what ecCodes decodes.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use gik_core::grib::field::{Message, decode, decode_into};
use gik_core::grib::representation::Representation;
use gik_core::grib::scan::Piece;
use gik_core::grib::unpack::Scratch;
use gik_core::grib::{Header, messages};
use gik_tests::{fixture, oracle};
use serde_json::Value;

/// What ecCodes says of one field.
struct Known {
    file: String,
    path: PathBuf,
    offset: u64,
    field: usize,
    values: Result<Vec<f64>, String>,
}

/// The fields of a folder, one after the other as `dump_values.py` prints them.
struct Oracle {
    child: Child,
    printed: BufReader<std::process::ChildStdout>,
}

impl Oracle {
    fn of(folder: &PathBuf) -> Self {
        let script = fixture::workspace().join("tests/python/dump_values.py");
        let scratch = Path::new(env!("CARGO_TARGET_TMPDIR")).join("unpack");
        std::fs::create_dir_all(&scratch).unwrap();
        let mut child = Command::new(oracle::python(oracle::Stack::Zarr2))
            .arg(script)
            .args([&scratch, folder])
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("python starts");
        let printed = BufReader::with_capacity(1 << 20, child.stdout.take().expect("a pipe"));
        Self { child, printed }
    }
}

impl Iterator for Oracle {
    type Item = Known;

    fn next(&mut self) -> Option<Known> {
        let mut line = String::new();
        if self.printed.read_line(&mut line).expect("a line") == 0 {
            assert!(self.child.wait().expect("python ends").success());
            return None;
        }
        let line: Value = serde_json::from_str(&line).expect("JSON");
        let count = usize::try_from(line["count"].as_u64().unwrap()).unwrap();
        let mut octets = vec![0; count * 8];
        self.printed.read_exact(&mut octets).expect("values");
        let values = octets.as_chunks::<8>().0.iter();
        Some(Known {
            file: line["file"].as_str().unwrap().to_owned(),
            path: line["path"].as_str().unwrap().into(),
            offset: line["offset"].as_u64().unwrap(),
            field: usize::try_from(line["field"].as_u64().unwrap()).unwrap(),
            values: match line.get("error") {
                Some(error) => Err(error.as_str().unwrap().to_owned()),
                None => Ok(values.map(|octets| f64::from_le_bytes(*octets)).collect()),
            },
        })
    }
}

/// The headers of a file, by offset and number of the field.
struct File {
    octets: Vec<u8>,
    fields: BTreeMap<(u64, usize), Header>,
}

impl File {
    fn open(path: &Path) -> Self {
        let octets = std::fs::read(path).unwrap();
        let mut fields = BTreeMap::new();
        for piece in messages(&octets) {
            if let Piece::Message { fields: found, .. } = piece {
                for header in found {
                    fields.insert((header.message.offset, header.field), header);
                }
            }
        }
        Self { octets, fields }
    }

    fn message<'a>(&'a self, header: &'a Header) -> Message<'a> {
        let start = usize::try_from(header.message.offset).unwrap();
        Message {
            header,
            octets: &self.octets[start..],
        }
    }
}

/// What was compared.
#[derive(Debug, Default)]
struct Count {
    files: usize,
    fields: usize,
    values: usize,
    missing: usize,
    /// Values whose `f64` differs from that of ecCodes, though it rounds to the same `f32` or the next.
    rounded: usize,
}

#[test]
fn values_of_real_files_are_those_of_eccodes() {
    let Some(folder) = fixture::shared("data/grib") else {
        return;
    };
    let outcome = against(&folder);
    println!("{:#?}\n{}", outcome.count, outcome.verdicts.join("\n"));
    assert!(outcome.wrong.is_empty(), "{}", outcome.wrong.join("\n"));
}

#[test]
fn every_packing_that_eccodes_writes_comes_back() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("unpack-encoded");
    let _ = std::fs::remove_dir_all(&folder);
    let refused = oracle::run(
        oracle::Stack::Zarr2,
        "encode_values.py",
        &[folder.to_str().unwrap()],
    );
    let mut outcome = against(&folder);
    println!(
        "{:#?}\necCodes refuses to write {}",
        outcome.count,
        refused.lines().count()
    );
    // ecCodes reads uninitialised memory where no value was packed: what it wrote is checked below.
    let unread =
        |line: &String| line.starts_with("all-missing--") && line.contains("-managed.grib2");
    let (unread, wrong): (Vec<_>, Vec<_>) = outcome.wrong.drain(..).partition(unread);
    assert_eq!(unread.len(), 66);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let deep = |line: &&String| !line.contains("images of more than 22 bits");
    let verdicts: Vec<_> = outcome.verdicts.iter().filter(deep).collect();
    assert!(verdicts.is_empty(), "{verdicts:#?}");
    let wrong = originals(&folder);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The messages of a folder that do not decode to the values that were packed, within one step of the packing.
fn originals(folder: &Path) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut count = 0;
    for path in fixture::files(folder) {
        if path
            .extension()
            .is_none_or(|extension| extension != "grib2")
        {
            continue;
        }
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let octets = std::fs::read(path.with_extension("f64")).unwrap();
        let packed = octets.as_chunks::<8>().0.iter();
        let packed: Vec<f64> = packed.map(|octets| f64::from_le_bytes(*octets)).collect();
        let file = File::open(&path);
        let header = file.fields.values().next().unwrap();
        let message = file.message(header);
        let field = match decode::<f64>(&message, &mut Scratch::default()) {
            Ok(field) => field,
            Err(error) if error.to_string().contains("more than 22 bits") => continue,
            Err(error) => {
                wrong.push(format!("{name}: {error}"));
                continue;
            }
        };
        count += 1;
        let representation = Representation::parse(&header.representation.octets).unwrap();
        let step = representation.scaling().map_or(0.0, |scaling| {
            2_f64.powi(scaling.binary.into()) / 10_f64.powi(scaling.decimal.into())
        });
        let greatest = packed
            .iter()
            .fold(0.0_f64, |greatest, value| greatest.max(value.abs()));
        let allowed = step + greatest * 2_f64.powi(-23);
        assert_eq!(field.values.len(), packed.len(), "{name}");
        for (index, (ours, packed)) in field.values.iter().zip(&packed).enumerate() {
            if ours.is_nan() != packed.is_nan() || (ours - packed).abs() > allowed {
                wrong.push(format!(
                    "{name}: value {index} is {ours}, not {packed} ({allowed})"
                ));
                break;
            }
        }
    }
    println!("{count} messages came back as they were packed");
    wrong
}

/// What came of a comparison.
#[derive(Debug, Default)]
struct Outcome {
    count: Count,
    /// Fields whose values differ.
    wrong: Vec<String>,
    /// Fields that only one of the two decodes, or none.
    verdicts: Vec<String>,
}

/// Decodes every field that ecCodes finds in the files of a folder.
fn against(folder: &PathBuf) -> Outcome {
    let mut outcome = Outcome::default();
    let mut open: Option<(String, File)> = None;
    let (mut values, mut scratch) = (Vec::<f64>::new(), Scratch::default());
    for known in Oracle::of(folder) {
        if open.as_ref().is_none_or(|(name, _)| *name != known.file) {
            open = Some((known.file.clone(), File::open(&known.path)));
            outcome.count.files += 1;
        }
        let Known {
            file: name,
            offset,
            field,
            ..
        } = &known;
        let place = format!("{name} at {offset}, field {field}");
        let file = &open.as_ref().unwrap().1;
        let ours = match file.fields.get(&(*offset, *field)) {
            Some(header) => decode_into(&file.message(header), &mut values, &mut scratch)
                .map_err(|error| error.to_string()),
            None => Err("no such message".to_owned()),
        };
        let verdict = match (ours, known.values) {
            (Ok(()), Ok(theirs)) => {
                match compare(&values, &theirs, &mut outcome.count) {
                    Ok(()) => outcome.count.fields += 1,
                    Err(difference) => outcome.wrong.push(format!("{place}: {difference}")),
                }
                continue;
            }
            (Err(error), Ok(_)) => format!("ecCodes decodes, we say: {error}"),
            (Ok(()), Err(error)) => format!("we decode, ecCodes says: {error}"),
            (Err(ours), Err(theirs)) => format!("{ours}; ecCodes says: {theirs}"),
        };
        outcome.verdicts.push(format!("{place}: {verdict}"));
    }
    outcome
}

fn compare(ours: &[f64], theirs: &[f64], count: &mut Count) -> Result<(), String> {
    if ours.len() != theirs.len() {
        return Err(format!("{} values, not {}", ours.len(), theirs.len()));
    }
    let (mut missing, mut rounded) = (0, 0);
    for (index, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
        if ours.is_nan() != theirs.is_nan() {
            return Err(format!("value {index} is {ours}, not {theirs}"));
        }
        if ours.is_nan() {
            missing += 1;
        } else if ours != theirs {
            rounded += 1;
            let (low, high) = (theirs.min(*ours) as f32, theirs.max(*ours) as f32);
            if low != high && low.next_up() != high {
                return Err(format!("value {index} is {ours}, not {theirs}"));
            }
        }
    }
    count.values += ours.len();
    count.missing += missing;
    count.rounded += rounded;
    Ok(())
}
