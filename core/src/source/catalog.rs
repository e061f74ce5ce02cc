//! TOML to sources: the catalogue that is built in, and files of the user's.

use std::collections::{BTreeMap, BTreeSet};

use super::inventory::{Inventory, InventoryError};
use super::{IndexRule, Members, Source};

mod builtin {
    include!(concat!(env!("OUT_DIR"), "/catalog.rs"));
}

/// Every source that can be asked for, by its id.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    sources: BTreeMap<String, Source>,
}

/// Why a file of the catalogue cannot be used.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CatalogError {
    /// An inventory that cannot be read.
    #[error("{file} is no inventory")]
    Inventory {
        /// The file.
        file: String,
        /// Line and column.
        #[source]
        source: InventoryError,
    },
    /// An inventory that is not there.
    #[error("no inventory `{name}`: expected one of {known}")]
    NoInventory {
        /// What was asked for.
        name: String,
        /// The inventories that there are.
        known: String,
    },
    /// A source that no file describes.
    #[error("no source `{id}`: expected one of {known}")]
    NoSource {
        /// What was asked for.
        id: String,
        /// The sources that there are.
        known: String,
    },
    /// Values that contradict each other.
    #[error("{file}: {place}: {rule}")]
    Rule {
        /// The file.
        file: String,
        /// Where in it.
        place: String,
        /// What does not hold.
        rule: Rule,
    },
    /// Not TOML, an unknown key, or a value of a wrong kind; the source says which and where.
    #[error("{file} is no description of a source")]
    Toml {
        /// The file.
        file: String,
        /// Key, line and column.
        #[source]
        source: Box<toml::de::Error>,
    },
}

/// What a description of a source must fulfil.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Rule {
    /// Eras follow each other.
    #[error("an era ends after it begins, before the next one, and only the last one is open")]
    EraOrder,
    /// Ids are typed by users and become names of files.
    #[error("`{0}` is no id: expected small letters, digits and dashes")]
    Id(String),
    /// The index of this path has no spelling.
    #[error("the path does not end on `{0}`, which the index replaces")]
    IndexEnd(String),
    /// A stream asks for an inventory that is not there.
    #[error("there is no inventory `{0}`")]
    Inventory(String),
    /// Lists that must have something in them.
    #[error("there is none")]
    Missing,
    /// Two streams with one member, so that it is not known which is meant.
    #[error("member {member} is in two streams of the runs at {run_hour:02} UTC")]
    MemberTwice {
        /// Name of the member.
        member: String,
        /// Hour of the runs.
        run_hour: u8,
    },
    /// `kind` and path contradict each other.
    #[error("a path names the member where, and only where, `kind` is `per-file`")]
    MemberPath,
    /// Perturbed members need names and numbers.
    #[error("`perturbed` and `numbers` go together, and names differ")]
    MemberNames,
    /// A file that several runs or steps would share.
    #[error("a path is relative, and names date, run, and step or valid time")]
    Path,
    /// An hour that no day has, or one that is listed twice.
    #[error("runs are hours from 0 to 23, each once")]
    RunHours,
}

impl Catalog {
    /// The sources that are built in.
    ///
    /// # Errors
    /// None for a released catalogue: a test reads every file.
    pub fn builtin() -> Result<Self, CatalogError> {
        builtin::SOURCES
            .iter()
            .try_fold(Self::default(), |catalog, (file, text)| {
                catalog.with_file(file, text)
            })
    }

    /// Adds the source that a file describes; one of the same id takes its place.
    ///
    /// # Errors
    /// [`CatalogError::Toml`] for what is no description of a source, unknown keys included, and [`CatalogError::Rule`]
    /// where its values contradict each other. `file` is only named, never opened.
    pub fn with_file(mut self, file: &str, text: &str) -> Result<Self, CatalogError> {
        let source: Source = toml::from_str(text).map_err(|error| CatalogError::Toml {
            file: file.to_owned(),
            source: Box::new(error),
        })?;
        check(&source).map_err(|(place, rule)| CatalogError::Rule {
            file: file.to_owned(),
            place,
            rule,
        })?;
        self.sources.insert(source.id.clone(), source);
        Ok(self)
    }

    /// The source of that id.
    ///
    /// # Errors
    /// [`CatalogError::NoSource`] with those that there are.
    pub fn source(&self, id: &str) -> Result<&Source, CatalogError> {
        self.sources.get(id).ok_or_else(|| CatalogError::NoSource {
            id: id.to_owned(),
            known: self.ids().collect::<Vec<_>>().join(", "),
        })
    }

    /// The messages that files of a stream are expected to hold, by the name that the stream gives.
    ///
    /// # Errors
    /// [`CatalogError::NoInventory`] with those that there are; none for a name that a stream gives, which is looked up
    /// when its file is read.
    pub fn inventory(&self, name: &str) -> Result<Inventory, CatalogError> {
        let Some((file, text)) = inventory_file(name) else {
            let files = builtin::INVENTORIES.iter().map(|(file, _)| *file);
            let known: Vec<&str> = files.filter_map(|file| file.strip_suffix(".tsv")).collect();
            return Err(CatalogError::NoInventory {
                name: name.to_owned(),
                known: known.join(", "),
            });
        };
        Inventory::parse(text).map_err(|source| CatalogError::Inventory {
            file: file.to_owned(),
            source,
        })
    }

    /// Every source, by id.
    pub fn sources(&self) -> impl Iterator<Item = &Source> {
        self.sources.values()
    }

    /// Every id, sorted.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.sources.keys().map(String::as_str)
    }
}

fn inventory_file(name: &str) -> Option<(&'static str, &'static str)> {
    let is_named = |(file, _): &&(&'static str, _)| file.strip_suffix(".tsv") == Some(name);
    builtin::INVENTORIES.iter().find(is_named).copied()
}

type Broken = (String, Rule);

fn check(source: &Source) -> Result<(), Broken> {
    let broken = |place: &str, rule| Err((place.to_owned(), rule));
    let is_id = |id: &str| {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        !id.is_empty() && id.bytes().all(allowed)
    };
    if !is_id(&source.id) {
        return broken("id", Rule::Id(source.id.clone()));
    }
    for (place, missing) in [
        ("mirror", source.mirrors.is_empty()),
        ("era", source.eras.is_empty()),
    ] {
        if missing {
            return broken(place, Rule::Missing);
        }
    }
    for (at, era) in source.eras.iter().enumerate() {
        let place = format!("era `{}`", era.id);
        let next = source.eras.get(at + 1);
        let ends_after_begin = era.until.is_none_or(|until| era.from < until);
        let ends_before_next =
            next.is_none_or(|next| era.until.is_some_and(|until| until <= next.from));
        if !ends_after_begin || !ends_before_next {
            return broken(&place, Rule::EraOrder);
        }
        check_streams(era).map_err(|(inner, rule)| (format!("{place}, {inner}"), rule))?;
    }
    for occurrence in &source.occurrences {
        if occurrence.names.len() < 2 || occurrence.parameters.is_empty() {
            return broken("occurrence: names, parameters", Rule::Missing);
        }
    }
    Ok(())
}

fn check_streams(era: &super::Era) -> Result<(), Broken> {
    if era.streams.is_empty() {
        return Err(("stream".to_owned(), Rule::Missing));
    }
    let mut placed = BTreeSet::new();
    for stream in &era.streams {
        let broken = |rule| Err((format!("stream `{}`", stream.id), rule));
        let path = stream.path.to_string();
        if path.starts_with('/') || path.contains("..") || !stream.path.names_run_and_step() {
            return broken(Rule::Path);
        }
        if let IndexRule::Replace { from, .. } = &era.index
            && !path.ends_with(from)
        {
            return broken(Rule::IndexEnd(from.clone()));
        }
        let inventory = stream.inventory.as_ref();
        if let Some(name) = inventory.filter(|name| inventory_file(name).is_none()) {
            return broken(Rule::Inventory(name.clone()));
        }
        let per_file = matches!(stream.members, Members::PerFile(_));
        if stream.path.names_member() != per_file {
            return broken(Rule::MemberPath);
        }
        let ids = stream.members.ids();
        let names: BTreeSet<&str> = ids.iter().map(|id| id.name.as_str()).collect();
        let complete = match &stream.members {
            Members::InFile(roster) | Members::PerFile(roster) => {
                roster.perturbed.is_some() != (roster.numbers == super::Numbers::default())
            }
            Members::Single { .. } => true,
        };
        if !complete || ids.is_empty() || names.len() != ids.len() || names.contains("all") {
            return broken(Rule::MemberNames);
        }
        let mut hours = BTreeSet::new();
        for run_hour in stream.steps.iter().flat_map(|steps| &steps.runs) {
            if *run_hour > 23 || !hours.insert(*run_hour) {
                return broken(Rule::RunHours);
            }
            for id in &ids {
                if !placed.insert((*run_hour, id.name.clone())) {
                    return broken(Rule::MemberTwice {
                        member: id.name.clone(),
                        run_hour: *run_hour,
                    });
                }
            }
        }
        if hours.is_empty() || stream.steps.iter().any(|steps| steps.steps.is_empty()) {
            return broken(Rule::Missing);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A model that no file of the catalogue describes.
    const MODEL: &str = r#"
id = "my-model"
title = "A model of the user's"
centre = "here"
licence = "mine"
attribution = "me, {year}"
dialect = "noaa"

[[mirror]]
id = "disk"
root = "/data/models"
evidence = "it is mine"

[[era]]
id = "only"
from = "2024-01-01T00"
evidence = "I wrote it"
grid = { kind = "regular-lat-lon", ni = 2, nj = 2, first_lat = 1.0, first_lon = 0.0, last_lat = 0.0, last_lon = 1.0, increment = 1.0 }
index = { append = ".idx" }

[[era.stream]]
id = "main"
path = "{date}/{run}/run.{member}.{step:04}.grib2"
steps = [{ runs = [0, 12], steps = "0-6" }]
members = { kind = "per-file", perturbed = "m{number}", numbers = "1-3" }
"#;

    fn broken(was: &str, is: &str) -> CatalogError {
        assert!(MODEL.contains(was), "{was}");
        let text = MODEL.replacen(was, is, 1);
        Catalog::default().with_file("my.toml", &text).unwrap_err()
    }

    #[test]
    fn a_model_is_data() {
        let catalog = Catalog::builtin()
            .unwrap()
            .with_file("my.toml", MODEL)
            .unwrap();
        let source = catalog.source("my-model").unwrap();
        let run = "2025-09-18T12".parse().unwrap();
        let era = source.era_of(run).unwrap();
        let members = era.parse_members("all").unwrap();
        let steps = era.steps(run, &members).unwrap();
        let urls: Vec<String> = era
            .objects(run, &members, steps.iter())
            .unwrap()
            .iter()
            .map(|object| source.mirrors[0].url(&object.index_path))
            .collect();
        assert_eq!(urls.len(), 21);
        assert_eq!(urls[1], "/data/models/20250918/12/run.m2.0000.grib2.idx");
    }

    #[test]
    fn a_file_of_the_user_takes_the_place_of_one_that_is_built_in() {
        let text = MODEL.replace("my-model", "gfs");
        let built_in = Catalog::builtin().unwrap();
        let count = built_in.ids().count();
        let catalog = built_in.with_file("gfs.toml", &text).unwrap();
        assert_eq!(catalog.ids().count(), count);
        assert_eq!(catalog.source("gfs").unwrap().centre, "here");
    }

    #[test]
    fn unknown_keys_are_named_with_file_and_key() {
        for (was, is) in [
            ("dialect =", "colour = \"red\"\ndialect ="),
            ("root =", "colour = 1\nroot ="),
            ("index =", "colour = 1\nindex ="),
            ("path =", "colour = 1\npath ="),
            ("numbers = \"1-3\"", "numbers = \"1-3\", colour = 1"),
            ("ni = 2", "ni = 2, colour = 1"),
            ("steps = \"0-6\"", "steps = \"0-6\", colour = 1"),
        ] {
            match broken(was, is) {
                CatalogError::Toml { file, source } => {
                    assert_eq!(file, "my.toml");
                    assert!(source.to_string().contains("`colour`"), "{was}: {source}");
                }
                other => panic!("{was}: {other}"),
            }
        }
    }

    #[test]
    fn values_that_contradict_each_other_are_named() {
        let rule = |was, is| match broken(was, is) {
            CatalogError::Rule { rule, .. } => rule,
            other => panic!("{was}: {other}"),
        };
        assert_eq!(
            rule("my-model", "My Model"),
            Rule::Id("My Model".to_owned())
        );
        assert_eq!(
            rule(
                "from = \"2024-01-01T00\"",
                "from = \"2024-01-01T00\"\nuntil = \"2023-01-01T00\""
            ),
            Rule::EraOrder
        );
        assert_eq!(rule("run.{member}", "run"), Rule::MemberPath);
        assert_eq!(rule(".{step:04}", ""), Rule::Path);
        assert_eq!(rule("\"{date}/", "\"/{date}/"), Rule::Path);
        assert_eq!(rule("[0, 12]", "[0, 24]"), Rule::RunHours);
        assert_eq!(rule("m{number}", "m"), Rule::MemberNames);
        assert_eq!(rule(", numbers = \"1-3\"", ""), Rule::MemberNames);
        assert_eq!(
            rule("path =", "inventory = \"none\"\npath ="),
            Rule::Inventory("none".to_owned())
        );
        assert_eq!(
            rule(
                "{ append = \".idx\" }",
                "{ replace = { from = \".grb2\", to = \".idx\" } }"
            ),
            Rule::IndexEnd(".grb2".to_owned())
        );
    }

    #[test]
    fn a_member_is_in_one_stream() {
        let (_, stream) = MODEL.split_once("[[era.stream]]").unwrap();
        let twice = format!(
            "{MODEL}\n[[era.stream]]\n{}",
            stream.replace("main", "other")
        );
        let error = Catalog::default().with_file("my.toml", &twice).unwrap_err();
        assert_eq!(
            error.to_string(),
            "my.toml: era `only`, stream `other`: member m1 is in two streams of the runs at 00 UTC"
        );
    }

    #[test]
    fn an_unknown_source_is_named_with_the_known_ones() {
        let catalog = Catalog::default().with_file("my.toml", MODEL).unwrap();
        assert_eq!(
            catalog.source("your-model").unwrap_err().to_string(),
            "no source `your-model`: expected one of my-model"
        );
    }
}
