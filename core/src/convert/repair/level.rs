//! Levels and members: kerchunk 0.2.7 wrote the one for the other, the catalogue and the URLs know better.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::Store;
use super::values::{self, doubles};
use crate::convert::origin::Origin;
use crate::convert::{Context, ConvertError, Notes};
use crate::source::inventory::Inventory;
use crate::template::{Template, builtin};

const LEVEL: &str = "levels that were the member's number are the catalogue's";
const NUMBER: &str = "`number` is the member that the URLs name";

/// Levels of the catalogue by group path: those of every kind of message of that name.
#[derive(Default)]
pub(super) struct Levels(BTreeMap<String, BTreeSet<i64>>);

impl Levels {
    pub(super) fn of<S>(
        origin: &Origin<'_>,
        context: &Context<'_, S>,
    ) -> Result<Self, ConvertError> {
        let mut inventories: Vec<(String, Inventory)> = Vec::new();
        for stream in &origin.era.streams {
            if let Some(name) = &stream.inventory {
                let inventory = context.catalog.inventory(name);
                let inventory = inventory.map_err(|error| Box::new(error.into()))?;
                inventories.push((stream.id.clone(), inventory));
            }
        }
        let of = (origin.source, origin.era);
        let template = builtin::builtin(of, origin.run, &inventories, context.tables);
        let template = template.map_err(|error| Box::new(error.into()))?;
        Ok(template
            .map(|template| Self::of_template(&template))
            .unwrap_or_default())
    }

    fn of_template(template: &Template) -> Self {
        let mut levels: BTreeMap<String, BTreeSet<i64>> = BTreeMap::new();
        for row in &template.rows {
            let variable = &row.variable;
            let path = format!(
                "{}/{}/{}",
                variable.var_name, variable.step_type, variable.type_of_level
            );
            let known = levels.entry(path).or_default();
            known.extend(row.level.map(|level| values::thousandths(level.value)));
        }
        Self(levels)
    }
}

impl Store {
    /// A scalar level is the catalogue's; where that has several, nothing tells which one it is.
    pub(super) fn level(
        &mut self,
        group: &str,
        levels: &Levels,
        origin: Option<&Origin<'_>>,
        notes: &mut Notes,
    ) -> Result<(), ConvertError> {
        let name = group.rsplit('/').next().unwrap_or(group);
        let array = format!("{group}/{name}");
        let meta = format!("{array}/.zarray");
        if !self.keys.keys.contains_key(&meta)
            || self.keys.document(&meta)?.get("shape") != Some(&json!([]))
        {
            return Ok(());
        }
        let written = self
            .inline(&array, "<f8")
            .map(doubles)
            .and_then(|values| values.first().copied());
        let known: Vec<i64> = levels.0.get(group).into_iter().flatten().copied().collect();
        let number = origin
            .and_then(|origin| origin.member.number())
            .map(f64::from);
        match (known.as_slice(), written) {
            ([], Some(written)) if written != 0.0 && number == Some(written) => {
                notes.refused(
                    "its level is the member's number, and the catalogue does not have the variable".to_owned(),
                    group,
                );
                self.remove(&array)?;
            }
            ([], _) => {}
            ([level], written) if written.map(values::thousandths) != Some(*level) => {
                let value = values::of_thousandths(*level);
                self.scalar(&array, value.to_le_bytes().to_vec())?;
                notes.repaired(LEVEL, &array);
            }
            ([_], _) => {}
            (several, _) => {
                notes.refused(
                    format!(
                        "one level of {} was kept, and nothing tells which",
                        several.len()
                    ),
                    group,
                );
                for array in self.arrays(Some(group)) {
                    self.remove(&array)?;
                }
            }
        }
        Ok(())
    }

    /// `number` without chunks is the member that the URLs name.
    pub(super) fn numbers(
        &mut self,
        origin: &Origin<'_>,
        notes: &mut Notes,
    ) -> Result<(), ConvertError> {
        let Some(number) = origin.member.number() else {
            return Ok(());
        };
        for group in self.groups() {
            let array = format!("{group}/number");
            let lost = self.keys.keys.contains_key(&format!("{array}/.zarray"))
                && self.chunks(&array).next().is_none();
            if lost && self.has_references(&group) {
                self.scalar(&array, i64::from(number).to_le_bytes().to_vec())?;
                notes.repaired(NUMBER, &array);
            }
        }
        Ok(())
    }
}
