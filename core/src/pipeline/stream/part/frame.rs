//! What all parts of a result share, as JSON in which every bit of a coordinate survives.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::super::plan::Plan;
use super::PartError;
use crate::dataset::{self, Attribute, Attributes, Dataset, Values};
use crate::pipeline::Gap;

/// What all parts of a result share.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Frame {
    /// The run, as `2026-07-06T00:00:00`.
    pub run: String,
    pub(super) dimensions: Vec<(String, usize)>,
    pub(super) attributes: Vec<(String, Said)>,
    pub(super) arrays: Vec<Array>,
    pub(super) fields: Vec<Fields>,
    /// Each variable at each step that the run has: places in `fields` and among the steps.
    pub(super) outputs: Vec<(usize, usize)>,
    /// Gaps that were found before values were read.
    pub(super) gaps: Vec<Gap>,
}

/// The arrays of a variable.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fields {
    pub(super) name: String,
    /// One for each statistic; none where the layout leaves it out. One for all where members themselves are the result.
    pub(super) arrays: Vec<Option<String>>,
    /// Members, where they themselves are the result.
    pub(super) members: Option<usize>,
}

/// An array without values, or with those that all parts know.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Array {
    pub(super) name: String,
    pub(super) dimensions: Vec<String>,
    pub(super) attributes: Vec<(String, Said)>,
    pub(super) fill: bool,
    pub(super) values: Held,
}

/// Values in base64, least octet first, so that each bit survives.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Held {
    F64(String),
    I64(String),
    /// 32-bit reals that parts have.
    Parts32,
    /// How many members each step is of.
    Used,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Said {
    Integer(i64),
    Number(f64),
    Text(String),
}

impl Frame {
    pub(super) fn new(
        dataset: Dataset,
        plan: &Plan,
        (members, gaps, run): (Option<usize>, Vec<Gap>, &str),
    ) -> Self {
        let fields = plan.variables.iter().map(|variable| {
            let names: Vec<String> = match members {
                Some(_) => vec![variable.name.clone()],
                None => {
                    let statistics = variable.statistics.iter();
                    statistics.map(|it| it.name(&variable.name)).collect()
                }
            };
            let known = |name: String| dataset.variable(&name).is_some().then_some(name);
            Fields {
                name: variable.name.clone(),
                arrays: names.into_iter().map(known).collect(),
                members,
            }
        });
        Self {
            run: run.to_owned(),
            fields: fields.collect(),
            outputs: plan
                .outputs
                .iter()
                .map(|it| (it.variable, it.place))
                .collect(),
            gaps,
            dimensions: dataset
                .dimensions
                .into_iter()
                .map(|it| (it.name, it.length))
                .collect(),
            attributes: said(dataset.attributes),
            arrays: dataset.variables.into_iter().map(Array::of).collect(),
        }
    }

    pub(super) fn name(&self, field: usize) -> String {
        let field = self.fields.get(field);
        field.map(|field| field.name.clone()).unwrap_or_default()
    }

    pub(super) fn length(&self, dimensions: &[String]) -> usize {
        let of = |name: &String| {
            let known = self.dimensions.iter().find(|(known, _)| known == name);
            known.map_or(0, |(_, length)| *length)
        };
        dimensions.iter().map(of).product()
    }
}

impl Array {
    pub(super) fn of(variable: dataset::Variable) -> Self {
        Self {
            name: variable.name,
            dimensions: variable.dimensions,
            attributes: said(variable.attributes),
            fill: variable.fill,
            values: match variable.values {
                Values::F32(_) => Held::Parts32,
                Values::I32(_) => Held::Used,
                Values::F64(values) => Held::F64(text(values.iter().map(|it| it.to_le_bytes()))),
                Values::I64(values) => Held::I64(text(values.iter().map(|it| it.to_le_bytes()))),
            },
        }
    }
}

pub(super) fn text(octets: impl Iterator<Item = [u8; 8]>) -> String {
    STANDARD.encode(octets.flatten().collect::<Vec<u8>>())
}

pub(super) fn numbers<T>(text: &str, number: fn([u8; 8]) -> T) -> Result<Vec<T>, PartError> {
    let octets = STANDARD.decode(text).map_err(|_| PartError::Damaged {
        what: "its coordinates are not base64",
    })?;
    let (chunks, rest) = octets.as_chunks();
    match rest {
        [] => Ok(chunks.iter().copied().map(number).collect()),
        _ => Err(PartError::Damaged {
            what: "its coordinates are cut",
        }),
    }
}

pub(super) fn said(attributes: Attributes) -> Vec<(String, Said)> {
    let each = attributes.into_iter().map(|(name, value)| {
        let value = match value {
            Attribute::Integer(number) => Said::Integer(number),
            Attribute::Number(number) => Said::Number(number),
            Attribute::Text(text) => Said::Text(text),
        };
        (name, value)
    });
    each.collect()
}

pub(super) fn attributes(said: &[(String, Said)]) -> Attributes {
    let each = said.iter().map(|(name, value)| {
        let value = match value {
            Said::Integer(number) => Attribute::Integer(*number),
            Said::Number(number) => Attribute::Number(*number),
            Said::Text(text) => Attribute::Text(text.clone()),
        };
        (name.clone(), value)
    });
    each.collect()
}
