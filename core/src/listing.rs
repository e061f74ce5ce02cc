//! The messages that the indexes of a run list, kind by kind.

use std::collections::HashMap;

use crate::identity::{Key, KeyHash, When, Word};
use crate::index::Record;
use crate::span::ByteSpan;
use crate::time::{Step, StepRange};

/// The messages that the indexes of a run list, kind by kind.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// The kinds of messages, in the order in which they were first seen.
    pub kinds: Vec<Kind>,
    /// The messages, in the order of the indexes.
    pub messages: Vec<Listed>,
    /// The kinds of each stream, by key.
    by_key: Vec<(String, HashMap<Key<'static>, usize, KeyHash>)>,
}

/// A kind of message, as the index names it.
#[derive(Clone, Debug, PartialEq)]
pub struct Kind {
    /// Its key, see [`kind_of`].
    pub key: Key<'static>,
    /// The catalogue's stream in whose files it is.
    pub stream: String,
    /// Parameter and level as the index writes them.
    pub label: String,
    /// A line of the index that has this key, without run, member and place: parsed, it gives the key again.
    pub example: String,
}

/// One line of an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Index into [`Listing::kinds`].
    pub kind: usize,
    /// The step that the message is filed under.
    pub step: Step,
    /// The window, where the index says it.
    pub window: Option<StepRange>,
    /// Where the message lies.
    pub location: Location,
    /// Line of the index.
    pub line: usize,
    /// Whose message it is: index into the members asked for.
    pub member: u16,
}

/// Where a record of an index belongs.
#[derive(Clone, Copy, Debug)]
pub struct Filed<'a> {
    /// The catalogue's stream of the file.
    pub stream: &'a str,
    /// The step of the file.
    pub step: Step,
    /// Whose message it is: index into the members asked for.
    pub member: u16,
    /// Where the message lies.
    pub location: Location,
}

/// Where a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Location {
    /// Index into the list of objects that were read.
    pub object: u32,
    /// The message's bytes.
    pub span: ByteSpan,
}

impl Listing {
    /// Adds a message of a kind that no index named, and returns the kind's number.
    pub fn insert(&mut self, kind: Kind, filed: Filed<'_>, window: Option<StepRange>) -> usize {
        let known = self.kinds.iter().position(|known| known.key == kind.key);
        let kind = known.unwrap_or_else(|| {
            self.kinds.push(kind);
            self.kinds.len() - 1
        });
        self.messages.push(Listed {
            kind,
            step: filed.step,
            window,
            location: filed.location,
            line: self.messages.len() + 1,
            member: filed.member,
        });
        kind
    }

    /// Adds a record.
    pub fn push(&mut self, record: &Record<'_>, filed: Filed<'_>) {
        let key = kind_of(record.key.clone());
        let stream = self.stream(filed.stream);
        let known = self
            .by_key
            .get(stream)
            .and_then(|(_, kinds)| kinds.get(&key));
        let kind = match known {
            Some(kind) => *kind,
            None => self.kind(
                stream,
                Kind {
                    key: key.into_owned(),
                    stream: filed.stream.to_owned(),
                    label: label(record),
                    example: record.example(),
                },
            ),
        };
        let windowed = record.key.statistic.is_some();
        self.messages.push(Listed {
            kind,
            step: filed.step,
            window: record
                .key
                .when
                .steps()
                .filter(|range| windowed || range.start != range.end),
            location: filed.location,
            line: record.line,
            member: filed.member,
        });
    }

    /// Adds what another one lists, behind what is here.
    pub fn append(&mut self, other: Self) {
        let kinds = other.kinds.into_iter().map(|kind| {
            let stream = self.stream(&kind.stream);
            let known = self
                .by_key
                .get(stream)
                .and_then(|(_, kinds)| kinds.get(&kind.key).copied());
            known.unwrap_or_else(|| self.kind(stream, kind))
        });
        let kinds: Vec<usize> = kinds.collect();
        let messages = other.messages.into_iter().map(|listed| Listed {
            kind: kinds.get(listed.kind).copied().unwrap_or(listed.kind),
            ..listed
        });
        self.messages.extend(messages);
    }

    /// The place of a stream among those that were seen.
    fn stream(&mut self, id: &str) -> usize {
        let known = self.by_key.iter().position(|(known, _)| known == id);
        known.unwrap_or_else(|| {
            self.by_key.push((id.to_owned(), HashMap::default()));
            self.by_key.len() - 1
        })
    }

    /// Adds a kind that was not seen before in the stream at this place, and returns its number.
    fn kind(&mut self, stream: usize, kind: Kind) -> usize {
        let number = self.kinds.len();
        if let Some((_, kinds)) = self.by_key.get_mut(stream) {
            kinds.insert(kind.key.clone(), number);
        }
        self.kinds.push(kind);
        number
    }
}

/// A key without what changes from member to member and from step to step.
///
/// What was done over a window stays: an accumulation and an instant of one parameter are two kinds.
#[must_use]
pub fn kind_of(key: Key<'_>) -> Key<'_> {
    let mut kind = key.without_member();
    // All messages of an archive share these; a new experiment or a keyword added to the index changes no message.
    if let Some(mars) = &mut kind.mars {
        mars.expver = Word::EMPTY;
        mars.domain = Word::EMPTY;
        mars.model = None;
    }
    kind.when = match kind.when {
        When::Window { how, .. } if !how.is_empty() => When::Text(how),
        When::Text(text) => When::Text(text),
        When::Analysis | When::Instant(_) | When::Window { .. } | When::Unstated => When::Unstated,
    };
    kind
}

/// What messages call a kind: parameter and level, in the words of the index.
pub fn label(record: &Record<'_>) -> String {
    match record.key.mars_text() {
        Some(_) => {
            let mut key = record.key.clone().without_member();
            key.when = When::Unstated;
            let text = key.mars_text().unwrap_or_default();
            text.trim_end_matches(':').to_owned()
        }
        None => {
            let attrs = record.attrs();
            let parts: Vec<&str> = attrs.splitn(3, ':').take(2).collect();
            parts.join(":")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::{self, Dialect, example_key};

    #[test]
    fn an_example_has_the_key_of_its_line() {
        for (dialect, line) in [
            (
                Dialect::Noaa,
                "1:0:d=2025080100:TMP:2 m above ground:15 hour fcst:ENS=+1",
            ),
            (Dialect::Noaa, "1:0:d=2025080100:PRMSL:mean sea level:anl:"),
            (
                Dialect::Noaa,
                "1:0:d=2025080100:TMP:2 m above ground:9 hour fcst:ens mean",
            ),
            (
                Dialect::Noaa,
                "1:0:d=2025080100:APCP:surface:0-6 hour acc fcst:ENS=+1:prob >0.254",
            ),
            (
                Dialect::Ecmwf,
                r#"{"domain": "g", "date": "20260702", "time": "0000", "expver": "0001", "class": "od", "type": "pf", "stream": "enfo", "step": "24", "levtype": "pl", "levelist": "850", "number": "1", "param": "u", "_offset": 0, "_length": 655849}"#,
            ),
        ] {
            let text = format!("{line}\n");
            let record = &index::parse(dialect, text.as_bytes()).unwrap()[0];
            let example = record.example();
            let key = kind_of(example_key(dialect, &example).unwrap());
            assert_eq!(key, kind_of(record.key.clone()).into_owned(), "{example}");
        }
    }
}
