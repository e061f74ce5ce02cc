//! Reading of the embedded tables: `core/tables/README.md` says what their columns are.

use std::collections::HashMap;

use super::{
    Concept, Condition, Entry, File, Folder, FolderId, Parameter, Product, Rule, StepsKind,
    TableError, TableTexts, Tables, Triple, Want,
};
use crate::grib::naming::key::{Key, Value};
use crate::grib::naming::reverse::Numbers;

#[cfg(feature = "tables")]
impl TableTexts {
    /// The texts that are part of this crate.
    pub(super) const BUILTIN: Self = Self {
        names: include_str!("../../../../tables/names.tsv"),
        concepts: include_str!("../../../../tables/concepts.tsv"),
        ncep: include_str!("../../../../tables/ncep.tsv"),
        products: include_str!("../../../../tables/products.tsv"),
    };
}

/// What an empty place of a table's row is written as: the concept's file has no such entry.
const NO_ENTRY: &str = "\\";

impl Tables {
    pub(super) fn read(&mut self, texts: TableTexts) -> Result<(), TableError> {
        self.read_names(texts.names)?;
        self.read_concepts(texts.concepts)?;
        self.read_products(texts.products)?;
        self.read_abbreviations(texts.ncep)
    }

    fn read_names(&mut self, text: &'static str) -> Result<(), TableError> {
        let mut keys = HashMap::new();
        let mut folder = 0;
        for line in lines("names.tsv", text) {
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

    fn read_concepts(&mut self, text: &'static str) -> Result<(), TableError> {
        let mut keys = HashMap::new();
        for line in lines("concepts.tsv", text) {
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

    fn read_products(&mut self, text: &'static str) -> Result<(), TableError> {
        for line in lines("products.tsv", text) {
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

    fn read_abbreviations(&mut self, text: &'static str) -> Result<(), TableError> {
        for line in lines("ncep.tsv", text) {
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
