//! The tables of ecCodes' definitions, parsed once into an index by discipline, category and number.

mod read;

use std::collections::{BTreeMap, HashMap};

use super::key::Key;
use super::reverse::Numbers;

/// A line of an embedded table that does not read as `core/tables/README.md` says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{table}, line {line}: {expected} expected")]
pub struct TableError {
    /// Which table.
    pub table: &'static str,
    /// Line, from 1.
    pub line: usize,
    /// What should have been there.
    pub expected: &'static str,
}

/// The names of messages by their keys, as ecCodes 2.50 defines them.
///
/// Parsing takes milliseconds: build it once and hand it on.
#[derive(Debug)]
pub struct Tables {
    /// What entries give.
    pub(super) parameters: Vec<Parameter>,
    /// Entries by folder, the master folder first.
    pub(super) folders: Vec<Folder>,
    /// Concepts other than the four of `parameters`.
    pub(super) concepts: BTreeMap<(Concept, FolderId), Vec<Rule>>,
    /// Folders of centres, by their number in common code table C-11.
    pub(super) centres: Vec<(i64, FolderId)>,
    /// What the number of a product definition template says by itself.
    pub(super) products: BTreeMap<i64, Product>,
    /// NCEP's abbreviations.
    pub(super) abbreviations: HashMap<&'static str, Vec<Numbers>>,
    conditions: Vec<Condition>,
}

/// A folder of definitions: 0 is the master's.
pub(super) type FolderId = usize;

/// What an entry gives; `None` where its concept's file has no such entry.
#[derive(Debug)]
pub(super) struct Parameter {
    pub(super) id: Option<u32>,
    pub(super) units: Option<&'static str>,
    pub(super) short_name: Option<&'static str>,
    pub(super) name: Option<&'static str>,
}

/// The entries of a folder.
#[derive(Debug)]
pub(super) struct Folder {
    pub(super) name: &'static str,
    /// Those that ask for discipline, category and number: sorted by these.
    pub(super) exact: Vec<Entry>,
    /// The others.
    pub(super) loose: Vec<Entry>,
}

/// An entry: what a message is named when all conditions hold.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) triple: Triple,
    /// Whether it asks for all three of them; where not, `triple` says nothing.
    pub(super) is_exact: bool,
    /// Which files have it.
    pub(super) files: u8,
    /// Its place in the files: on a tie the last one wins.
    pub(super) rank: u32,
    pub(super) parameter: usize,
    pub(super) rule: Rule,
}

/// Discipline, category and number.
pub(super) type Triple = (u8, u8, u8);

/// Conditions, and what they give.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    pub(super) value: &'static str,
    /// How many conditions there are; an array counts once per number.
    pub(super) weight: usize,
    conditions: (usize, usize),
}

/// One condition.
#[derive(Debug)]
pub(super) struct Condition {
    pub(super) key: Key,
    pub(super) want: Want,
}

/// What a key must be.
#[derive(Debug)]
pub(super) enum Want {
    Number(i64),
    Array(Vec<i64>),
}

/// A concept of its own file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Concept {
    CfName,
    CfNameLegacy,
    CfVarName,
    DatasetForLocal,
    Mtg2Switch,
    Mtg2SwitchViaTablesVersion,
    StepType,
    TypeOfLevel,
}

/// What the number of a product definition template says by itself.
#[derive(Debug)]
pub(super) struct Product {
    pub(super) steps: StepsKind,
    /// Keys that are 1 in it.
    pub(super) flags: Vec<Key>,
    /// Whether its `constituentType` is its `aerosolType` too.
    pub(super) is_of_aerosol: bool,
}

/// How a template gives its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StepsKind {
    /// One step.
    Instant,
    /// No `stepRange`.
    None,
    /// Start and end.
    Window,
}

/// The files of `names.tsv`: which of them is read depends on how the message's parameters are encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum File {
    /// `X.lte33.def`: before the migration of master tables version 34.
    Before,
    /// `X.def`.
    Default,
    /// `X.chemsplit.def`: chemical constituents are parameters of their own.
    Chemical,
    /// `X.legacy.def`.
    Legacy,
}

impl File {
    pub(super) const fn bit(self) -> u8 {
        match self {
            Self::Before => 1,
            Self::Default => 2,
            Self::Chemical => 4,
            Self::Legacy => 8,
        }
    }
}

/// The texts of the tables: the files of `core/tables/`, for those who do not want them in their program.
#[derive(Clone, Copy, Debug)]
pub struct TableTexts {
    /// `names.tsv`.
    pub names: &'static str,
    /// `concepts.tsv`.
    pub concepts: &'static str,
    /// `ncep.tsv`.
    pub ncep: &'static str,
    /// `products.tsv`.
    pub products: &'static str,
}

impl Tables {
    /// The tables that are part of this crate.
    ///
    /// # Errors
    /// Where an embedded table is damaged; the crate's tests prove that it is not.
    #[cfg(feature = "tables")]
    pub fn builtin() -> Result<Self, TableError> {
        Self::parse(TableTexts::BUILTIN)
    }

    /// The tables of these texts.
    ///
    /// # Errors
    /// [`TableError`] with the first line that does not read as `core/tables/README.md` says.
    pub fn parse(texts: TableTexts) -> Result<Self, TableError> {
        let mut tables = Self {
            parameters: Vec::new(),
            folders: vec![Folder::new("-")],
            concepts: BTreeMap::new(),
            centres: Vec::new(),
            products: BTreeMap::new(),
            abbreviations: HashMap::new(),
            conditions: Vec::new(),
        };
        tables.read(texts)?;
        Ok(tables)
    }

    pub(super) fn conditions(&self, rule: &Rule) -> &[Condition] {
        self.conditions
            .get(rule.conditions.0..rule.conditions.1)
            .unwrap_or_default()
    }

    pub(super) fn folder(&self, id: FolderId) -> Option<&Folder> {
        self.folders.get(id)
    }

    pub(super) fn folder_of(&self, name: &str) -> Option<FolderId> {
        self.folders.iter().position(|folder| folder.name == name)
    }
}

impl Folder {
    fn new(name: &'static str) -> Self {
        Self {
            name,
            exact: Vec::new(),
            loose: Vec::new(),
        }
    }

    /// The entries that a message of this discipline, category and number can match.
    pub(super) fn candidates(&self, triple: Triple) -> impl Iterator<Item = &Entry> {
        let start = self.exact.partition_point(|entry| entry.triple < triple);
        let exact = self.exact.get(start..).unwrap_or_default().iter();
        exact
            .take_while(move |entry| entry.triple == triple)
            .chain(&self.loose)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_tables_are_whole() {
        let tables = Tables::builtin().unwrap();
        let entries = |folder: &Folder| folder.exact.len() + folder.loose.len();
        let counts: Vec<_> = tables
            .folders
            .iter()
            .map(|f| (f.name, entries(f)))
            .collect();
        assert!(counts.contains(&("kwbc", 319)), "{counts:?}");
        assert!(tables.folders.iter().map(entries).sum::<usize>() > 10_000);
        assert!(tables.parameters.len() > 10_000);
        assert_eq!(tables.products.len(), 197);
        assert_eq!(tables.concepts[&(Concept::StepType, 0)].len(), 17);
    }

    #[test]
    fn an_array_weighs_its_length() {
        let tables = Tables::builtin().unwrap();
        let found = tables.folders[0].candidates((0, 7, 6)).find(|entry| {
            let conditions = tables.conditions(&entry.rule);
            conditions
                .iter()
                .any(|c| matches!(&c.want, Want::Array(list) if list == &[102, 2]))
        });
        assert_eq!(found.unwrap().rule.weight, 8);
    }
}
