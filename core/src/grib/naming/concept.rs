//! How a concept picks its entry: all conditions hold, most conditions win, the last one on a tie.

use super::key::{Key, Keys};
use super::level::Heights;
use super::table::{Concept, File, FolderId, Parameter, Rule, StepsKind, Tables, Triple, Want};

/// The folder of the definitions that serve everyone.
const MASTER: FolderId = 0;
/// The last master tables before the migration of parameters ("MTG2").
const LAST_TABLES_BEFORE: i64 = 33;
/// Classes `mc` and `cr` of code table `mars/class`, whose chemical constituents are parameters of their own.
const CHEMICAL_CLASSES: [i64; 2] = [19, 36];
/// What ecCodes calls a field whose loops over time it does not follow.
const MULTIPLE_STEPS: &str = "multiple steps";

/// A message's keys, with those that ecCodes computes, and where its concepts are looked up.
pub(super) struct Message<'t> {
    tables: &'t Tables,
    keys: Keys,
    triple: Option<Triple>,
    /// The folders of the first look-up; on a tie the later one wins.
    folders: [Option<FolderId>; 2],
    /// The folders of the second and third.
    fallback: [Option<FolderId>; 2],
    file: File,
    /// Whether the template of section 4 is known; where it is not, ecCodes has no keys and no names.
    known: bool,
    pub(super) steps: StepsKind,
    pub(super) step_type: Option<&'static str>,
    pub(super) level: Option<Heights>,
}

/// What the first match of each of the four concepts of a parameter gives.
#[derive(Default)]
pub(super) struct Found {
    pub(super) id: Option<u32>,
    pub(super) short_name: Option<&'static str>,
    pub(super) name: Option<&'static str>,
    pub(super) units: Option<&'static str>,
}

impl<'t> Message<'t> {
    pub(super) fn new(tables: &'t Tables, keys: &Keys) -> Self {
        let mut message = Self {
            tables,
            keys: keys.clone(),
            triple: triple(keys),
            folders: [None, Some(MASTER)],
            fallback: [tables.folder_of("ecmf"), Some(MASTER)],
            file: File::Default,
            known: false,
            steps: StepsKind::None,
            step_type: None,
            level: None,
        };
        message.set_template_keys();
        message.set_folders();
        message.set_file();
        message.set_step_type();
        message.set_level();
        message
    }

    pub(super) fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Where parameters are looked up, in ecCodes' order: (centre and master), (ecmf and master), legacy.
    pub(super) fn lookups(&self) -> [([Option<FolderId>; 2], File); 3] {
        [
            (self.folders, self.file),
            (self.fallback, self.file),
            (self.fallback, File::Legacy),
        ]
    }

    /// The best of each look-up, until each concept has one.
    pub(super) fn parameter(&self) -> Found {
        let mut found = Found::default();
        if !self.known {
            return found;
        }
        for (folders, file) in self.lookups() {
            let best = self.best_of_file(folders, file);
            found.id = found.id.or_else(|| best[0]?.id);
            found.short_name = found.short_name.or_else(|| best[1]?.short_name);
            found.name = found.name.or_else(|| best[2]?.name);
            found.units = found.units.or_else(|| best[3]?.units);
        }
        found
    }

    pub(super) fn standard_name(&self) -> Option<&'static str> {
        self.concept(Concept::CfName, self.folders)
            .or_else(|| self.concept(Concept::CfName, self.fallback))
            .or_else(|| self.concept(Concept::CfNameLegacy, self.fallback))
    }

    pub(super) fn cf_var_name(&self) -> Option<&'static str> {
        self.concept(Concept::CfVarName, self.folders)
    }

    pub(super) fn type_of_level(&self) -> Option<&'static str> {
        self.concept(Concept::TypeOfLevel, self.folders)
    }

    /// The best entry of each of paramId, shortName, name and units.
    fn best_of_file(
        &self,
        folders: [Option<FolderId>; 2],
        file: File,
    ) -> [Option<&'t Parameter>; 4] {
        let mut best: [(usize, Option<&Parameter>); 4] = [(0, None); 4];
        for folder in folders
            .into_iter()
            .flatten()
            .filter_map(|id| self.tables.folder(id))
        {
            // Ranks rise within a folder but for those without numbers: two lists, merged by rank.
            let mut ranks = [0; 4];
            for entry in folder.candidates(self.triple.unwrap_or_default()) {
                let exact = entry.rule.weight >= best.iter().map(|b| b.0).min().unwrap_or_default();
                if entry.files & file.bit() == 0 || !exact || !self.holds(&entry.rule) {
                    continue;
                }
                let Some(parameter) = self.tables.parameters.get(entry.parameter) else {
                    continue;
                };
                let has = [
                    parameter.id.is_some(),
                    parameter.short_name.is_some(),
                    parameter.name.is_some(),
                    parameter.units.is_some(),
                ];
                for ((best, rank), has) in best.iter_mut().zip(&mut ranks).zip(has) {
                    let better = entry.rule.weight > best.0
                        || (entry.rule.weight == best.0 && entry.rank >= *rank);
                    if has && better {
                        *best = (entry.rule.weight, Some(parameter));
                        *rank = entry.rank;
                    }
                }
            }
        }
        best.map(|(_, parameter)| parameter)
    }

    /// The value of a concept in those folders.
    fn concept(&self, concept: Concept, folders: [Option<FolderId>; 2]) -> Option<&'static str> {
        if !self.known {
            return None;
        }
        let mut best: Option<&Rule> = None;
        for folder in folders.into_iter().flatten() {
            for rule in self
                .tables
                .concepts
                .get(&(concept, folder))
                .into_iter()
                .flatten()
            {
                let better = best.is_none_or(|best| rule.weight >= best.weight);
                if better && self.holds(rule) {
                    best = Some(rule);
                }
            }
        }
        best.map(|rule| rule.value)
    }

    fn holds(&self, rule: &Rule) -> bool {
        self.tables
            .conditions(rule)
            .iter()
            .all(|condition| match &condition.want {
                Want::Number(number) => self.keys.number(condition.key) == Some(*number),
                Want::Array(numbers) => self.keys.all(condition.key) == *numbers,
            })
    }

    fn set_template_keys(&mut self) {
        let keys = &mut self.keys;
        keys.set(Key::Always, 1_u8);
        for flag in [
            Key::IsAerosol,
            Key::IsAerosolOptical,
            Key::IsChemical,
            Key::IsChemicalSrcsink,
        ] {
            if keys.get(flag).is_none() {
                keys.set(flag, 0_u8);
            }
        }
        let general_height = keys.number(Key::TypeOfFirstFixedSurface) == Some(150);
        keys.set(Key::GenVertHeightCoords, u8::from(general_height));
        let template = keys.number(Key::ProductDefinitionTemplateNumber);
        if template.is_none() {
            // Keys of an index have no template: what they say is all there is.
            self.known = true;
            self.steps = if keys.get(Key::TypeOfStatisticalProcessing).is_some() {
                StepsKind::Window
            } else {
                StepsKind::Instant
            };
        }
        if let Some(product) = template.and_then(|number| self.tables.products.get(&number)) {
            self.known = true;
            self.steps = product.steps;
            for &flag in &product.flags {
                keys.set(flag, 1_u8);
            }
            if product.is_of_aerosol
                && let Some(kind) = keys.get(Key::ConstituentType)
            {
                keys.set(Key::AerosolType, kind);
            }
        }
    }

    /// A project's folder comes after the master's, a centre's before it.
    fn set_folders(&mut self) {
        let dataset = self.concept(Concept::DatasetForLocal, [Some(MASTER), None]);
        self.folders = match dataset {
            Some(name) => [Some(MASTER), self.tables.folder_of(name)],
            None => {
                let centre = self.keys.number(Key::Centre);
                let mut centres = self.tables.centres.iter();
                let folder = centres.find(|(number, _)| Some(*number) == centre);
                [folder.map(|(_, folder)| *folder), Some(MASTER)]
            }
        };
    }

    /// ecCodes' `MTG2Switch`: by the folder's own rule, or by the version of the master tables.
    fn set_file(&mut self) {
        let by_rule = self.concept(Concept::Mtg2Switch, self.folders);
        self.file = match by_rule {
            Some("0") => File::Before,
            Some("2") => File::Chemical,
            Some(_) => File::Default,
            None => {
                let by_version = self.concept(Concept::Mtg2SwitchViaTablesVersion, self.folders);
                let version = self.keys.number(Key::TablesVersion).unwrap_or_default();
                let class = self.keys.number(Key::MarsClass);
                match by_version {
                    None | Some("0") => File::Default,
                    _ if version <= LAST_TABLES_BEFORE => File::Before,
                    _ if class.is_some_and(|class| CHEMICAL_CLASSES.contains(&class)) => {
                        File::Chemical
                    }
                    _ => File::Default,
                }
            }
        };
        let switch: u8 = match self.file {
            File::Before => 0,
            File::Chemical => 2,
            File::Default | File::Legacy => 1,
        };
        self.keys.set(Key::Mtg2Switch, switch);
    }

    fn set_step_type(&mut self) {
        let loops = self.keys.number(Key::NumberOfTimeRanges);
        let has_template = self
            .keys
            .get(Key::ProductDefinitionTemplateNumber)
            .is_some();
        self.step_type = match (self.steps, loops) {
            (StepsKind::Window, None) if !has_template => {
                self.concept(Concept::StepType, [Some(MASTER), None])
            }
            (StepsKind::Window, Some(1 | 2)) => {
                self.concept(Concept::StepType, [Some(MASTER), None])
            }
            (StepsKind::Window, _) => Some(MULTIPLE_STEPS),
            _ => self.known.then_some("instant"),
        };
        let accumulated = self.step_type == Some("accum");
        self.keys.set(Key::StepType, u8::from(accumulated));
    }

    fn set_level(&mut self) {
        self.level = Heights::of(&self.keys);
        if let Some(level) = &self.level {
            self.keys
                .set(Key::PressureUnits, level.pressure.as_number());
        }
    }
}

fn triple(keys: &Keys) -> Option<Triple> {
    let octet = |key| u8::try_from(keys.number(key)?).ok();
    Some((
        octet(Key::Discipline)?,
        octet(Key::ParameterCategory)?,
        octet(Key::ParameterNumber)?,
    ))
}
