//! The proof that every record of an index has a key of its own.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher};

use serde::{Deserialize, Serialize};

use super::Record;
use super::error::{IndexError, Line};
use crate::identity::{KeyHash, Parameter};

/// A rule of the catalogue: messages of a parameter that nothing but their order in the file tells apart.
///
/// GFS writes precipitation of the last bucket, then of the whole run; at step 6 both are `0-6 hour acc fcst`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repeat {
    /// Name of the parameter, as the index writes it.
    pub parameter: String,
    /// How often one key of it may occur in a file.
    pub times: u8,
}

/// Proves that no two records of one reference time have the same key, or says which two have.
///
/// Where a rule allows more than one, they are numbered in the order of the GRIB file in
/// [`Key::occurrence`](crate::identity::Key::occurrence), and so are told apart.
pub fn tell_apart(records: &mut [Record<'_>], repeats: &[Repeat]) -> Result<(), IndexError> {
    for record in records.iter_mut() {
        record.key.occurrence = 0;
    }
    let mut occurrences = occurrences(records, repeats)?;
    occurrences.sort_by_key(|&(first, at)| {
        let record = records.get(at);
        (
            first,
            record.map(|record| (record.offset, record.message, record.line)),
        )
    });
    for same in occurrences.chunk_by(|one, other| one.0 == other.0) {
        for (occurrence, &(_, at)) in (0..=u8::MAX).zip(same) {
            if let Some(record) = records.get_mut(at) {
                record.key.occurrence = occurrence;
            }
        }
    }
    Ok(())
}

/// Records whose key is not the only one, each with the first record of that key.
fn occurrences(
    records: &[Record<'_>],
    repeats: &[Repeat],
) -> Result<Vec<(usize, usize)>, IndexError> {
    let seed = KeyHash::new();
    let mut repeated = Vec::new();
    // The last record of each hash, and from each record the one before it with the same hash.
    let mut last: HashMap<u64, usize, Hashed> =
        HashMap::with_capacity_and_hasher(records.len(), Hashed);
    let mut before: Vec<Option<usize>> = Vec::with_capacity(records.len());
    for (at, record) in records.iter().enumerate() {
        let identity = |record: &Record<'_>| {
            seed.hash_one((&record.path, record.date, record.clock, &record.key))
        };
        let previous = last.insert(identity(record), at);
        before.push(previous);
        let mut same = Vec::new();
        let mut candidate = previous;
        while let Some((other, place)) = candidate.and_then(|at| Some((records.get(at)?, at))) {
            if other.key == record.key
                && (other.date, other.clock, &other.path)
                    == (record.date, record.clock, &record.path)
            {
                same.push((other, place));
            }
            candidate = before.get(place).copied().flatten();
        }
        let Some(&(first, place)) = same.last() else {
            continue;
        };
        if same.len() >= allowed(repeats, &record.key.parameter) {
            return Err(IndexError::Duplicate {
                first: Line::new(first.line, first.text),
                second: Line::new(record.line, record.text),
            });
        }
        if same.len() == 1 {
            repeated.push((place, place));
        }
        repeated.push((place, at));
    }
    Ok(repeated)
}

fn allowed(repeats: &[Repeat], parameter: &Parameter<'_>) -> usize {
    let Parameter::Name(name) = parameter else {
        return 1;
    };
    repeats
        .iter()
        .find(|repeat| repeat.parameter == *name)
        .map_or(1, |repeat| usize::from(repeat.times))
}

/// For keys that are hashes already.
#[derive(Clone, Copy)]
struct Hashed;

impl BuildHasher for Hashed {
    type Hasher = Taken;

    fn build_hasher(&self) -> Taken {
        Taken(0)
    }
}

struct Taken(u64);

impl Hasher for Taken {
    fn write(&mut self, octets: &[u8]) {
        for octet in octets {
            self.0 = self.0.rotate_left(8) ^ u64::from(*octet);
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Dialect, parse};
    use super::*;

    fn numbered(lines: &[&str], repeats: &[Repeat]) -> Result<Vec<u8>, IndexError> {
        let text = lines.join("\n");
        let mut records = parse(Dialect::detect(text.as_bytes()).unwrap(), text.as_bytes())?;
        tell_apart(&mut records, repeats)?;
        Ok(records.iter().map(|record| record.key.occurrence).collect())
    }

    /// Two of the lines of GFS at step 6.
    const BUCKET: &str = "96:447000000:d=2023092800:APCP:surface:0-6 hour acc fcst:";
    const TOTAL: &str = "97:447500000:d=2023092800:APCP:surface:0-6 hour acc fcst:";
    const OTHER: &str = "98:448000000:d=2023092800:ACPCP:surface:0-6 hour acc fcst:";

    fn rule() -> Repeat {
        Repeat {
            parameter: "APCP".into(),
            times: 2,
        }
    }

    #[test]
    fn two_lines_that_say_the_same_are_both_shown() {
        assert_eq!(
            numbered(&[BUCKET, OTHER, TOTAL], &[])
                .unwrap_err()
                .to_string(),
            format!("line 3: `{TOTAL}` says the same as line 1: `{BUCKET}`")
        );
    }

    #[test]
    fn a_rule_numbers_them_in_the_order_of_the_file() {
        assert_eq!(
            numbered(&[BUCKET, TOTAL, OTHER], &[rule()]),
            Ok(vec![0, 1, 0])
        );
        assert_eq!(
            numbered(&[TOTAL, OTHER, BUCKET], &[rule()]),
            Ok(vec![1, 0, 0])
        );
    }

    #[test]
    fn a_rule_is_for_its_parameter_and_its_number() {
        let third = "99:449000000:d=2023092800:APCP:surface:0-6 hour acc fcst:";
        assert!(numbered(&[BUCKET, TOTAL, third], &[rule()]).is_err());
        assert!(numbered(&[OTHER, OTHER], &[rule()]).is_err());
    }

    #[test]
    fn what_the_text_says_otherwise_is_the_same_all_the_same() {
        let days = "1:0:d=2023092800:APCP:surface:0-1 day acc fcst:";
        let hours = "2:9:d=2023092800:APCP:surface:0-24 hour acc fcst";
        assert!(numbered(&[days, hours], &[]).is_err());
    }

    #[test]
    fn no_field_is_lost() {
        let line = |attrs: &str| format!("1:0:d=2023092800:{attrs}");
        let lines: Vec<String> = [
            "APCP:surface:0-6 hour acc fcst:",
            "APCP:surface:6 hour fcst:",
            "APCP:surface:6-6 hour fcst:",
            "APCP:surface:0-6 hour ave fcst:",
            "APCP:surface:0-6 hour acc anl:",
            "APCP:surface:0-6 hour acc@(fcst,dt=1 hour):",
            "APCP:surface:anl:",
            "APCP:surface::",
            "APCP:surface:1 month fcst:",
            "APCP:surface:2 month fcst:",
            "APCP:surface:0-1 month acc fcst:",
            "APCP:surface:0-2 month acc fcst:",
            "APCP:surface:6 hour fcst:ENS=+1",
            "APCP:surface:6 hour fcst:ENS=-1",
            "APCP:surface:6 hour fcst:ens mean",
            "APCP:surface:6 hour fcst:ENS=+1:prob >1",
            "APCP:surface:6 hour fcst:prob >1:prob fcst 1/30",
            "APCP:surface:6 hour fcst:prob >2:prob fcst 1/30",
            "APCP:reserved:6 hour fcst:",
            "APCP:2 m above ground:6 hour fcst:",
            "APCP:2-10 m above ground:6 hour fcst:",
            "APCP:2 m underground:6 hour fcst:",
            "var discipline=0 center=7 local_table=1 parmcat=16 parm=201:surface:anl:",
            "var discipline=0 center=7 local_table=1 parmcat=16 parm=202:surface:anl:",
        ]
        .iter()
        .map(|attrs| line(attrs))
        .collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        assert_eq!(numbered(&lines, &[]), Ok(vec![0; lines.len()]));

        let mars = r#"{"domain": "g", "date": "20250301", "time": "0000", "expver": "0001", "class": "od", "type": "pf", "stream": "enfo", "step": "6", "levelist": "1", "levtype": "sol", "number": "1", "param": "vsw", "model": "a", "quantile": "1:10", "x": "1", "_path": "a", "_offset": 0, "_length": 1}"#;
        let mut lines = vec![mars.to_owned()];
        for (old, new) in [
            (r#""g""#, r#""e""#),
            ("20250301", "20250302"),
            ("0000", "1200"),
            ("0001", "0002"),
            ("od", "ai"),
            ("pf", "fc"),
            ("enfo", "waef"),
            (r#""6""#, r#""9""#),
            (r#""levelist": "1""#, r#""levelist": "2""#),
            ("sol", "sfc"),
            (r#""number": "1""#, r#""number": "2""#),
            ("vsw", "sot"),
            (r#""model": "a""#, r#""model": "b""#),
            ("1:10", "2:10"),
            (r#""x": "1""#, r#""x": "2""#),
            (r#""x""#, r#""y""#),
            (r#""_path": "a""#, r#""_path": "b""#),
        ] {
            let line = mars.replacen(old, new, 1);
            assert_ne!(line, mars);
            lines.push(line);
        }
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        assert_eq!(numbered(&lines, &[]), Ok(vec![0; lines.len()]));
    }
}
