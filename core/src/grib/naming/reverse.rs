//! From a name back to keys: for index files whose messages are not there to ask.

use std::fmt;

use super::concept::Message;
use super::key::{Key, Keys, Value};
use super::table::{Entry, Tables, Want};

/// What an index calls a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Wanted<'a> {
    /// ecCodes' `paramId`, as MARS-style indexes have it: `129`.
    ParamId(u32),
    /// ecCodes' `shortName`: `2t`.
    ShortName(&'a str),
}

/// Discipline, category and number of a parameter: code tables 0.0, 4.1 and 4.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Numbers {
    /// Discipline, code table 0.0.
    pub discipline: u8,
    /// Category within the discipline, code table 4.1.
    pub category: u8,
    /// Number within the category, code table 4.2; from 192 on NCEP's own.
    pub number: u8,
}

/// One way to encode a parameter: the keys that give it its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The keys, in the order of the definitions.
    pub conditions: Vec<(Key, Value)>,
    /// The loops of statistical processing, from the outermost, where more than one is asked for.
    pub statistics: Vec<u8>,
}

/// Why a name does not say which keys a message has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LookupError {
    /// Several encodings have that name, and nothing that is known tells them apart.
    #[error("`{name}` is ambiguous: {}", list(candidates))]
    Ambiguous {
        /// The name.
        name: String,
        /// All of them.
        candidates: Vec<Candidate>,
    },
    /// Several parameters have that abbreviation.
    #[error("`{name}` is ambiguous: {}", list(numbers))]
    AmbiguousNumbers {
        /// The abbreviation.
        name: String,
        /// All of them, WMO's own first.
        numbers: Vec<Numbers>,
    },
    /// The tables have no such name.
    #[error("no parameter is called `{name}`")]
    Unknown {
        /// The name.
        name: String,
    },
}

impl Tables {
    /// The keys of a message from its name: those that are known, and those that its name implies.
    ///
    /// ```
    /// use gik_core::grib::naming::{Key, Keys, Tables, Value, Wanted};
    /// let tables = Tables::builtin()?;
    /// let mut known = Keys::default();
    /// known.set(Key::Centre, 98_u16);
    /// known.set(Key::TablesVersion, 32_u8);
    /// let keys = tables.keys_of(Wanted::ShortName("10u"), &known)?;
    /// assert_eq!(keys.get(Key::ScaledValueOfFirstFixedSurface), Some(Value::Number(10)));
    /// assert!(tables.keys_of(Wanted::ShortName("tp"), &known).is_err(), "0.1.52, or local 0.1.193");
    /// known.set(Key::LocalTablesVersion, 1_u8);
    /// known.set(Key::ParameterNumber, 193_u8);
    /// assert!(tables.keys_of(Wanted::ShortName("tp"), &known).is_ok());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The name is unknown, or several encodings have it that do not contradict what is known.
    pub fn keys_of(&self, wanted: Wanted<'_>, known: &Keys) -> Result<Keys, LookupError> {
        let candidates = self.candidates(wanted, known);
        let name = wanted.to_string();
        let mut keys = candidates
            .iter()
            .map(|candidate| candidate.applied_to(known));
        let first = keys.next();
        // Entries that ask for nothing but what is known differ in words only.
        match first {
            None => Err(LookupError::Unknown { name }),
            Some(first) if keys.all(|other| other == first) => Ok(first),
            Some(_) => Err(LookupError::Ambiguous { name, candidates }),
        }
    }

    /// Every encoding that ecCodes gives that name, and that does not contradict what is known of the message.
    pub fn candidates(&self, wanted: Wanted<'_>, known: &Keys) -> Vec<Candidate> {
        let message = Message::new(self, known);
        let mut found: Vec<Candidate> = Vec::new();
        for (folders, file) in message.lookups() {
            for folder in folders
                .into_iter()
                .flatten()
                .filter_map(|id| self.folder(id))
            {
                let entries = folder.exact.iter().chain(&folder.loose);
                for entry in entries.filter(|entry| entry.files & file.bit() != 0) {
                    if !self.gives(entry, wanted) {
                        continue;
                    }
                    let candidate = self.candidate(entry);
                    let fits = candidate.fits(known) && !found.contains(&candidate);
                    if fits && self.is_called(&candidate.applied_to(known), wanted) {
                        found.push(candidate);
                    }
                }
            }
        }
        found
    }

    /// The numbers of NCEP's abbreviation, as wgrib2 writes it: `TMP`, `APCP`, `4LFTX`.
    ///
    /// # Errors
    /// It is unknown, or several parameters have it: `DSWRF` is 0.4.7, and 0.4.192 in NCEP's own numbering.
    pub fn abbreviation(&self, name: &str) -> Result<Numbers, LookupError> {
        match self.abbreviations(name) {
            [] => Err(LookupError::Unknown {
                name: name.to_owned(),
            }),
            [only] => Ok(*only),
            several => Err(LookupError::AmbiguousNumbers {
                name: name.to_owned(),
                numbers: several.to_vec(),
            }),
        }
    }

    /// All parameters that NCEP abbreviates so, WMO's own numbers first; none where it is unknown.
    pub fn abbreviations(&self, name: &str) -> &[Numbers] {
        self.abbreviations.get(name).map_or(&[], Vec::as_slice)
    }

    fn gives(&self, entry: &Entry, wanted: Wanted<'_>) -> bool {
        let parameter = self.parameters.get(entry.parameter);
        parameter.is_some_and(|parameter| match wanted {
            Wanted::ParamId(id) => parameter.id == Some(id),
            Wanted::ShortName(name) => parameter.short_name == Some(name),
        })
    }

    fn is_called(&self, keys: &Keys, wanted: Wanted<'_>) -> bool {
        let found = Message::new(self, keys).parameter();
        match wanted {
            Wanted::ParamId(id) => found.id == Some(id),
            Wanted::ShortName(name) => found.short_name == Some(name),
        }
    }

    fn candidate(&self, entry: &Entry) -> Candidate {
        let mut conditions = Vec::new();
        let mut statistics = Vec::new();
        if entry.is_exact {
            let (discipline, category, number) = entry.triple;
            conditions.push((Key::Discipline, discipline.into()));
            conditions.push((Key::ParameterCategory, category.into()));
            conditions.push((Key::ParameterNumber, number.into()));
        }
        for condition in self.conditions(&entry.rule) {
            match &condition.want {
                Want::Number(number) => conditions.push((condition.key, Value::of(*number))),
                Want::Array(numbers) => {
                    statistics = numbers
                        .iter()
                        .filter_map(|n| u8::try_from(*n).ok())
                        .collect();
                }
            }
        }
        Candidate {
            conditions,
            statistics,
        }
    }
}

impl Candidate {
    fn fits(&self, known: &Keys) -> bool {
        let loops: Vec<u8> = known
            .time_ranges()
            .iter()
            .map(|range| range.statistic)
            .collect();
        let same =
            |(key, value): &(Key, Value)| known.get(*key).is_none_or(|known| known == *value);
        self.conditions.iter().all(same)
            && (self.statistics.is_empty() || loops.is_empty() || self.statistics == loops)
    }

    /// What is known, with these keys.
    fn applied_to(&self, known: &Keys) -> Keys {
        let mut keys = known.clone();
        for &(key, value) in &self.conditions {
            keys.set(key, value);
        }
        if keys.time_ranges().is_empty() && !self.statistics.is_empty() {
            keys.set_statistics(&self.statistics);
        }
        keys
    }
}

impl fmt::Display for Wanted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ParamId(id) => write!(f, "{id}"),
            Self::ShortName(name) => f.write_str(name),
        }
    }
}

/// `discipline=0 parameterCategory=1 parameterNumber=52`.
impl fmt::Display for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut gap = "";
        for (key, value) in &self.conditions {
            write!(f, "{gap}{}=", key.name())?;
            match value {
                Value::Missing => f.write_str("missing")?,
                Value::Number(number) => write!(f, "{number}")?,
            }
            gap = " ";
        }
        if !self.statistics.is_empty() {
            write!(f, "{gap}typeOfStatisticalProcessing={:?}", self.statistics)?;
        }
        Ok(())
    }
}

/// `0.4.192`.
impl fmt::Display for Numbers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.discipline, self.category, self.number)
    }
}

fn list(items: &[impl fmt::Display]) -> String {
    let items: Vec<String> = items.iter().map(ToString::to_string).collect();
    items.join("; or ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ecmwf() -> Keys {
        let mut known = Keys::default();
        known.set(Key::Centre, 98_u16);
        known.set(Key::TablesVersion, 32_u8);
        known
    }

    #[test]
    fn a_short_name_gives_the_keys_that_its_definition_asks_for() {
        let tables = Tables::builtin().unwrap();
        let keys = tables
            .keys_of(Wanted::ShortName("mx2t3"), &ecmwf())
            .unwrap();
        let names = tables.names(&keys);
        assert_eq!(
            (&*names.short_name, names.step_type),
            ("mx2t3", Some("max"))
        );
        assert_eq!(keys.get(Key::LengthOfTimeRange), Some(Value::Number(3)));
        let same = tables.keys_of(Wanted::ParamId(228_026), &ecmwf());
        assert_eq!(same, Ok(keys));
    }

    #[test]
    fn what_is_ambiguous_is_an_error_that_lists_all() {
        let tables = Tables::builtin().unwrap();
        let error = tables
            .keys_of(Wanted::ShortName("ssr"), &ecmwf())
            .unwrap_err();
        let text = error.to_string();
        assert!(
            text.contains("discipline=0 parameterCategory=4 parameterNumber=9"),
            "{text}"
        );
        assert!(
            text.contains("discipline=192 parameterCategory=180"),
            "{text}"
        );
        let mut known = ecmwf();
        known.set(Key::Discipline, 0_u8);
        assert!(tables.keys_of(Wanted::ShortName("ssr"), &known).is_ok());
        known.set(Key::Discipline, 3_u8);
        let unknown = LookupError::Unknown {
            name: "ssr".to_owned(),
        };
        assert_eq!(
            tables.keys_of(Wanted::ShortName("ssr"), &known),
            Err(unknown)
        );
    }

    #[test]
    fn abbreviations_of_ncep() {
        let tables = Tables::builtin().unwrap();
        let text = |name| tables.abbreviation(name).map(|numbers| numbers.to_string());
        assert_eq!(text("MSLET"), Ok("0.3.192".to_owned()));
        assert_eq!(text("CLWMR"), text("CLMR"));
        assert_eq!(tables.abbreviations("DSWRF").len(), 2);
        let error = text("DSWRF").unwrap_err().to_string();
        assert_eq!(error, "`DSWRF` is ambiguous: 0.4.7; or 0.4.192");
        assert_eq!(
            text("tmp").unwrap_err().to_string(),
            "no parameter is called `tmp`"
        );
    }
}
