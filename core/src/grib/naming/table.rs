//! The tables of ecCodes' definitions, parsed once into an index by discipline, category and number.

use std::collections::{BTreeMap, HashMap};

use super::key::{Key, Value};
use super::reverse::Numbers;

const NAMES: &str = include_str!("../../../tables/names.tsv");
const CONCEPTS: &str = include_str!("../../../tables/concepts.tsv");
const NCEP: &str = include_str!("../../../tables/ncep.tsv");
const PRODUCTS: &str = include_str!("../../../tables/products.tsv");

/// What an empty place of a table's row is written as: the concept's file has no such entry.
const NO_ENTRY: &str = "\\";

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

impl Tables {
    /// The tables that are part of this crate.
    ///
    /// # Errors
    /// Where an embedded table is damaged; the crate's tests prove that it is not.
    pub fn builtin() -> Result<Self, TableError> {
        let mut tables = Self {
            parameters: Vec::new(),
            folders: vec![Folder::new("-")],
            concepts: BTreeMap::new(),
            centres: Vec::new(),
            products: BTreeMap::new(),
            abbreviations: HashMap::new(),
            conditions: Vec::new(),
        };
        tables.read_names()?;
        tables.read_concepts()?;
        tables.read_products()?;
        tables.read_abbreviations()?;
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

    fn read_names(&mut self) -> Result<(), TableError> {
        let mut keys = HashMap::new();
        let mut folder = 0;
        for line in lines("names.tsv", NAMES) {
            let mut parts = line.text.split('\t');
            let mut part = |what| parts.next().ok_or(line.expected(what));
            match part("a word")? {
                "key" => {
                    keys.insert(part("a short name")?, line.key(part("a key")?)?);
                }
                "folder" => folder = self.folder_id(part("a folder")?),
                "parameter" => {
                    let id = entry(part("a paramId")?).map(|id| line.number(id));
                    self.parameters.push(Parameter {
                        id: id.transpose()?,
                        units: entry(part("units")?),
                        short_name: entry(part("a shortName")?),
                        name: entry(part("a name")?),
                    });
                }
                files => {
                    let parameter = line.number(part("a parameter")?)?;
                    let triple = part("discipline, category, number")?;
                    let rest = parts.next().unwrap_or_default();
                    let (triple, loose) = self.triple(&line, triple)?;
                    let rule = self.rule(&line, "", &loose, rest, &keys)?;
                    let list = self
                        .folders
                        .get_mut(folder)
                        .ok_or(line.expected("a folder"))?;
                    let list = if triple.is_some() {
                        &mut list.exact
                    } else {
                        &mut list.loose
                    };
                    let weight = rule.weight + if triple.is_some() { 3 } else { 0 };
                    list.push(Entry {
                        triple: triple.unwrap_or_default(),
                        is_exact: triple.is_some(),
                        files: line.files(files)?,
                        rank: u32::try_from(line.number).unwrap_or(u32::MAX),
                        parameter,
                        rule: Rule { weight, ..rule },
                    });
                }
            }
        }
        for folder in &mut self.folders {
            folder.exact.sort_by_key(|entry| entry.triple);
        }
        Ok(())
    }

    fn read_concepts(&mut self) -> Result<(), TableError> {
        let mut keys = HashMap::new();
        for line in lines("concepts.tsv", CONCEPTS) {
            let mut parts = line.text.split('\t');
            let mut part = |what| parts.next().ok_or(line.expected(what));
            match part("a word")? {
                "key" => {
                    keys.insert(part("a short name")?, line.key(part("a key")?)?);
                }
                "centre" => {
                    let number = line.number(part("a centre")?)?;
                    let folder = self.folder_id(part("a folder")?);
                    self.centres.push((number, folder));
                }
                concept => {
                    let concept = Concept::from_name(concept).ok_or(line.expected("a concept"))?;
                    let folder = self.folder_id(part("a folder")?);
                    let value = part("a value")?;
                    let rule = self.rule(&line, value, &[], part("conditions")?, &keys)?;
                    self.concepts
                        .entry((concept, folder))
                        .or_default()
                        .push(rule);
                }
            }
        }
        Ok(())
    }

    fn read_products(&mut self) -> Result<(), TableError> {
        for line in lines("products.tsv", PRODUCTS) {
            let mut parts = line.text.split('\t');
            let mut part = |what| parts.next().ok_or(line.expected(what));
            let number = line.number(part("a template")?)?;
            let steps = match part("steps")? {
                "instant" => StepsKind::Instant,
                "window" => StepsKind::Window,
                "-" => StepsKind::None,
                _ => return Err(line.expected("instant, window or -")),
            };
            let words = parts.next().unwrap_or_default();
            let is_of_aerosol = words.ends_with("aerosolType");
            let flags = words.trim_end_matches("aerosolType").split_terminator(',');
            let flags = flags.map(|key| line.key(key)).collect::<Result<_, _>>()?;
            let product = Product {
                steps,
                flags,
                is_of_aerosol,
            };
            self.products.insert(number, product);
        }
        Ok(())
    }

    fn read_abbreviations(&mut self) -> Result<(), TableError> {
        for line in lines("ncep.tsv", NCEP) {
            let mut parts = line.text.split('\t');
            let name = parts.next().ok_or(line.expected("an abbreviation"))?;
            let numbers = parts.map(|part| match self.triple(&line, part)? {
                (Some((discipline, category, number)), _) => Ok(Numbers {
                    discipline,
                    category,
                    number,
                }),
                (None, _) => Err(line.expected("discipline, category, number")),
            });
            let numbers = numbers.collect::<Result<Vec<_>, _>>()?;
            self.abbreviations.insert(name, numbers);
        }
        Ok(())
    }

    fn folder_id(&mut self, name: &'static str) -> FolderId {
        self.folder_of(name).unwrap_or_else(|| {
            self.folders.push(Folder::new(name));
            self.folders.len() - 1
        })
    }

    /// `0.1.8` as a triple, or as what `*.1.8` asks for.
    fn triple(&self, line: &Line, text: &str) -> Result<(Option<Triple>, Asked), TableError> {
        const KEYS: [Key; 3] = [
            Key::Discipline,
            Key::ParameterCategory,
            Key::ParameterNumber,
        ];
        let mut asked = Vec::new();
        for (part, key) in text.split('.').zip(KEYS) {
            if part != "*" {
                asked.push((key, line.number::<u8>(part)?));
            }
        }
        if let [(_, discipline), (_, category), (_, number)] = asked[..] {
            return Ok((Some((discipline, category, number)), Vec::new()));
        }
        let loose = asked.into_iter().map(|(key, want)| (key, i64::from(want)));
        Ok((None, loose.collect()))
    }

    fn rule(
        &mut self,
        line: &Line,
        value: &'static str,
        more: &[(Key, i64)],
        text: &'static str,
        keys: &HashMap<&'static str, Key>,
    ) -> Result<Rule, TableError> {
        let start = self.conditions.len();
        let mut weight = more.len();
        for &(key, want) in more {
            let want = Want::Number(want);
            self.conditions.push(Condition { key, want });
        }
        for condition in text.split_terminator(' ') {
            let (key, want) = condition
                .split_once('=')
                .ok_or(line.expected("key=value"))?;
            let key = *keys.get(key).ok_or(line.expected("a key of the head"))?;
            let want = match want
                .strip_prefix('[')
                .and_then(|want| want.strip_suffix(']'))
            {
                Some(list) => Want::Array(
                    list.split(',')
                        .map(|number| line.number(number))
                        .collect::<Result<_, _>>()?,
                ),
                None if want == "?" => Want::Number(Value::Missing.as_number()),
                None => Want::Number(line.number(want)?),
            };
            weight += match &want {
                Want::Array(list) => list.len(),
                Want::Number(_) => 1,
            };
            self.conditions.push(Condition { key, want });
        }
        let conditions = (start, self.conditions.len());
        Ok(Rule {
            value,
            weight,
            conditions,
        })
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

impl Concept {
    fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "cfName" => Self::CfName,
            "cfName.legacy" => Self::CfNameLegacy,
            "cfVarName" => Self::CfVarName,
            "datasetForLocal" => Self::DatasetForLocal,
            "MTG2Switch" => Self::Mtg2Switch,
            "MTG2SwitchViaTablesVersion" => Self::Mtg2SwitchViaTablesVersion,
            "stepType" => Self::StepType,
            "typeOfLevel" => Self::TypeOfLevel,
            _ => return None,
        })
    }
}

/// Conditions on some of discipline, category and number.
type Asked = Vec<(Key, i64)>;

/// A line of a table that is no comment.
struct Line {
    table: &'static str,
    number: usize,
    text: &'static str,
}

fn lines(table: &'static str, text: &'static str) -> impl Iterator<Item = Line> {
    text.lines()
        .zip(1..)
        .filter(|(text, _)| !text.starts_with('#'))
        .map(move |(text, number)| Line {
            table,
            number,
            text,
        })
}

impl Line {
    fn expected(&self, expected: &'static str) -> TableError {
        TableError {
            table: self.table,
            line: self.number,
            expected,
        }
    }

    fn number<T: std::str::FromStr>(&self, text: &str) -> Result<T, TableError> {
        text.parse().map_err(|_| self.expected("a number"))
    }

    fn key(&self, name: &str) -> Result<Key, TableError> {
        Key::from_name(name).ok_or(self.expected("a key that Keys has"))
    }

    fn files(&self, letters: &str) -> Result<u8, TableError> {
        letters.chars().try_fold(0, |bits, letter| {
            let file = match letter {
                'l' => File::Before,
                'p' => File::Default,
                'c' => File::Chemical,
                'g' => File::Legacy,
                _ => return Err(self.expected("the files l, p, c, g")),
            };
            Ok(bits | file.bit())
        })
    }
}

fn entry(text: &'static str) -> Option<&'static str> {
    (text != NO_ENTRY).then_some(text)
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

    #[test]
    fn a_damaged_line_is_an_error_with_its_place() {
        let line = Line {
            table: "names.tsv",
            number: 7,
            text: "",
        };
        let error = line.files("px").unwrap_err();
        assert_eq!(
            error.to_string(),
            "names.tsv, line 7: the files l, p, c, g expected"
        );
    }
}
