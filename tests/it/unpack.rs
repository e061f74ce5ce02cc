//! Values of real files, against what ecCodes decodes.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use gik_core::grib::field::{Message, decode_into};
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
    let mut count = Count::default();
    let mut open: Option<(String, File)> = None;
    let (mut wrong, mut verdicts) = (Vec::new(), Vec::new());
    let (mut values, mut scratch) = (Vec::<f64>::new(), Scratch::default());
    for known in Oracle::of(&folder) {
        if open.as_ref().is_none_or(|(name, _)| *name != known.file) {
            open = Some((known.file.clone(), File::open(&known.path)));
            count.files += 1;
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
        match (ours, known.values) {
            (Ok(()), Ok(theirs)) => match compare(&values, &theirs, &mut count) {
                Ok(()) => count.fields += 1,
                Err(difference) => wrong.push(format!("{place}: {difference}")),
            },
            (Err(error), Ok(_)) => {
                verdicts.push(format!("{place}: ecCodes decodes, we say: {error}"))
            }
            (Ok(()), Err(error)) => {
                verdicts.push(format!("{place}: we decode, ecCodes says: {error}"))
            }
            (Err(ours), Err(theirs)) => {
                verdicts.push(format!("{place}: {ours}; ecCodes says: {theirs}"))
            }
        }
    }
    println!("{count:#?}");
    println!("{}", verdicts.join("\n"));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
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
