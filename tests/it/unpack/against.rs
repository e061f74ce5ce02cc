//! Values that we decode beside those that ecCodes decodes.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use gik_core::grib::field::{Message, decode_into};
use gik_core::grib::representation::Representation;
use gik_core::grib::scan::Piece;
use gik_core::grib::unpack::{Packed, Scratch, unpack};
use gik_core::grib::{Header, messages};
use gik_tests::{fixture, oracle};
use serde_json::Value;

/// What came of a comparison.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) count: Count,
    /// Fields whose values differ.
    pub(super) wrong: Vec<String>,
    /// Fields that only one of the two decodes, or none.
    pub(super) verdicts: Vec<String>,
    /// Fields that are decoded here and that ecCodes does not even find.
    pub(super) unseen: BTreeSet<(String, u64, usize)>,
}

/// The values of a field without its grid, in the order of the message.
pub(super) fn alone(message: &Message<'_>) -> Result<Vec<f64>, Box<dyn std::error::Error>> {
    let header = message.header;
    let data = usize::try_from(header.data.offset - header.message.offset)?;
    let length = usize::try_from(header.data.length)?;
    let representation = Representation::parse(&header.representation.octets)?;
    let packed = Packed {
        representation: &representation,
        points: usize::try_from(header.grid.points)?,
        bitmap: None,
        data: &message.octets[data + 5..data + length],
        length: length - 5,
    };
    let mut values = Vec::new();
    unpack(&packed, &mut values, &mut Scratch::default())?;
    Ok(values)
}

/// Decodes every field that ecCodes finds in the files of a folder.
pub(super) fn against(folder: &PathBuf) -> Outcome {
    let mut outcome = Outcome::default();
    let mut open: Option<(String, File)> = None;
    let (mut values, mut scratch) = (Vec::<f64>::new(), Scratch::default());
    for known in Oracle::of(folder) {
        if open.as_ref().is_none_or(|(name, _)| *name != known.file) {
            let file = File::open(&known.path);
            for (offset, field) in file.fields.keys() {
                outcome.unseen.insert((known.file.clone(), *offset, *field));
            }
            open = Some((known.file.clone(), file));
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
        let header = file.fields.get(&(*offset, *field));
        let ours = match header {
            Some(header) => decode_into(&file.message(header), &mut values, &mut scratch)
                .map_err(|error| error.to_string()),
            None => Err("no such message".to_owned()),
        };
        outcome.unseen.remove(&(name.clone(), *offset, *field));
        let verdict = match (ours, known.values) {
            (Ok(()), Ok(theirs)) => {
                match compare(&values, &theirs, &mut outcome.count) {
                    Ok(()) => outcome.count.fields += 1,
                    Err(difference) => outcome.wrong.push(format!("{place}: {difference}")),
                }
                continue;
            }
            (Err(error), Ok(theirs)) => {
                let alone = header.map(|header| alone(&file.message(header)));
                let equal = alone.is_some_and(|alone| {
                    alone.is_ok_and(|alone| compare(&alone, &theirs, &mut Count::default()).is_ok())
                });
                let remark = if equal {
                    ", but the values alone are equal"
                } else {
                    ""
                };
                format!("ecCodes decodes, we say: {error}{remark}")
            }
            (Ok(()), Err(error)) => format!("we decode, ecCodes says: {error}"),
            (Err(ours), Err(theirs)) => format!("{ours}; ecCodes says: {theirs}"),
        };
        outcome.verdicts.push(format!("{place}: {verdict}"));
    }
    outcome
}

pub(super) fn compare(ours: &[f64], theirs: &[f64], count: &mut Count) -> Result<(), String> {
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

/// What was compared.
#[derive(Debug, Default)]
pub(super) struct Count {
    pub(super) files: usize,
    pub(super) fields: usize,
    pub(super) values: usize,
    pub(super) missing: usize,
    /// Values whose `f64` differs from that of ecCodes, though it rounds to the same `f32` or the next.
    pub(super) rounded: usize,
}

/// What ecCodes says of one field.
pub(super) struct Known {
    pub(super) file: String,
    pub(super) path: PathBuf,
    pub(super) offset: u64,
    pub(super) field: usize,
    pub(super) values: Result<Vec<f64>, String>,
}

/// The fields of a folder, one after the other as `dump_values.py` prints them.
pub(super) struct Oracle {
    child: Child,
    printed: BufReader<std::process::ChildStdout>,
}

impl Oracle {
    pub(super) fn of(folder: &PathBuf) -> Self {
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
pub(super) struct File {
    pub(super) octets: Vec<u8>,
    pub(super) fields: BTreeMap<(u64, usize), Header>,
}

impl File {
    pub(super) fn open(path: &Path) -> Self {
        Self::parse(std::fs::read(path).unwrap())
    }

    pub(super) fn parse(octets: Vec<u8>) -> Self {
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

    pub(super) fn message<'a>(&'a self, header: &'a Header) -> Message<'a> {
        let start = usize::try_from(header.message.offset).unwrap();
        Message {
            header,
            octets: &self.octets[start..],
        }
    }
}
