//! Puts the contents of parts into the arrays of their frame.

use std::collections::BTreeSet;

use super::frame::{Array, Frame, Held, attributes, numbers};
use super::{Part, PartError};
use crate::dataset::{self, Dataset, Dimension, Values};

/// The whole, as far as parts came.
pub(super) struct Whole<'a> {
    pub(super) frame: &'a Frame,
    pub(super) arrays: Vec<Values>,
    pub(super) seen: BTreeSet<(usize, usize)>,
    /// Fields of which any member came.
    pub(super) any: BTreeSet<usize>,
    /// Points of a field.
    pub(super) points: usize,
    pub(super) steps: usize,
}

impl<'a> Whole<'a> {
    pub(super) fn new(frame: &'a Frame) -> Result<Self, PartError> {
        let each = frame.arrays.iter().map(|array| {
            let length = frame.length(&array.dimensions);
            Ok(match &array.values {
                Held::F64(text) => Values::F64(numbers(text, f64::from_le_bytes)?),
                Held::I64(text) => Values::I64(numbers(text, i64::from_le_bytes)?),
                Held::Parts32 => Values::F32(vec![f32::NAN; length]),
                Held::Used => Values::I32(vec![0; length]),
            })
        });
        let grid = ["latitude".to_owned(), "longitude".to_owned()];
        Ok(Self {
            frame,
            arrays: each.collect::<Result<_, PartError>>()?,
            seen: BTreeSet::new(),
            any: BTreeSet::new(),
            points: frame.length(&grid),
            steps: frame.length(&["valid_time".to_owned()]),
        })
    }

    pub(super) fn add(&mut self, part: &Part) -> Result<(), PartError> {
        let mut values = part.values.as_ref();
        for made in &part.content.outputs {
            let place = (made.field, made.place);
            if !self.seen.insert(place) {
                return Err(PartError::Twice {
                    name: self.frame.name(made.field),
                    place: made.place,
                });
            }
            if made.used > 0 {
                self.any.insert(made.field);
            }
            let field = self.frame.fields.get(made.field);
            let field = field.ok_or(PartError::Damaged {
                what: "it has a field that its frame does not name",
            })?;
            for (at, there) in made.there.iter().enumerate() {
                if !there {
                    continue;
                }
                let size = self.points.saturating_mul(4);
                let (own, rest) = values.split_at_checked(size).ok_or(PartError::Damaged {
                    what: "it has fewer values than it says",
                })?;
                values = rest;
                // Members lie one after another, each with all steps.
                let (name, row) = match field.members {
                    Some(_) => (field.arrays.first(), at * self.steps + made.place),
                    None => (field.arrays.get(at), made.place),
                };
                if let Some(name) = name.and_then(Option::as_deref) {
                    self.fill(name, row, own)?;
                }
            }
            let used = i32::try_from(made.used).unwrap_or(i32::MAX);
            let counted = self.place(&format!("{}_members_used", field.name));
            if let Some(Values::I32(counts)) = counted
                && let Some(count) = counts.get_mut(made.place)
            {
                *count = used;
            }
        }
        match values.is_empty() {
            true => Ok(()),
            false => Err(PartError::Damaged {
                what: "it has more values than it says",
            }),
        }
    }

    pub(super) fn place(&mut self, name: &str) -> Option<&mut Values> {
        let known = |array: &Array| array.name == name;
        let at = self.frame.arrays.iter().position(known)?;
        self.arrays.get_mut(at)
    }

    pub(super) fn fill(&mut self, name: &str, row: usize, octets: &[u8]) -> Result<(), PartError> {
        let points = self.points;
        let outside = || PartError::Damaged {
            what: "a field is outside of its array",
        };
        let Some(Values::F32(all)) = self.place(name) else {
            return Err(outside());
        };
        let start = row * points;
        let own = all.get_mut(start..start + points).ok_or_else(outside)?;
        for (value, octets) in own.iter_mut().zip(octets.as_chunks().0) {
            *value = f32::from_le_bytes(*octets);
        }
        Ok(())
    }

    /// The result. A variable that no part has values of is no variable of it.
    pub(super) fn dataset(self) -> Dataset {
        let mut empty = BTreeSet::new();
        for (at, field) in self.frame.fields.iter().enumerate() {
            if !self.any.contains(&at) {
                empty.extend(field.arrays.iter().flatten().cloned());
                empty.insert(format!("{}_members_used", field.name));
                empty.insert(format!("{}_step_bounds", field.name));
            }
        }
        let each = self.frame.arrays.iter().zip(self.arrays);
        let each = each.filter(|(array, _)| !empty.contains(&array.name));
        let variables = each.map(|(array, values)| dataset::Variable {
            name: array.name.clone(),
            dimensions: array.dimensions.clone(),
            values,
            attributes: attributes(&array.attributes),
            fill: array.fill,
        });
        let dimensions = self.frame.dimensions.iter();
        let dimensions = dimensions.map(|(name, length)| Dimension {
            name: name.clone(),
            length: *length,
        });
        Dataset {
            dimensions: dimensions.collect(),
            variables: variables.collect(),
            attributes: attributes(&self.frame.attributes),
        }
    }
}
