//! A portion of a result, made by one machine of many, and the whole that portions are joined to.
//!
//! A part has the frame of the whole result: names, coordinates and attributes, from all indexes of the run. So parts that saw
//! another archive have another frame and are refused, and what is joined is bit for bit what one machine makes.

mod frame;
mod whole;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::assemble::Completed;
use super::plan::{Output, Variable};
use super::{Decoder, Inputs, Read, Stamp, StreamJob, layout, read};
use crate::dataset::Dataset;
use crate::error::Error;
use crate::grib::naming::Tables;
use crate::pipeline::{Event, Gap, Outcome};
use crate::store::Store;
use crate::time::Step;
pub use frame::Frame;
use whole::Whole;

/// What of a job is read: steps, and variables by their place in [`StreamJob::variables`] (all where a list is empty).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Portion(pub Vec<(Step, Vec<usize>)>);

/// A portion of a result.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// What all parts of a result share.
    pub frame: Frame,
    /// What is in this one.
    pub content: Content,
    /// Values of its arrays, one after another: 32-bit reals, least octet first.
    pub values: Bytes,
}

/// What is in a part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Content {
    outputs: Vec<Made>,
    /// Gaps that were found while values were read.
    pub gaps: Vec<Gap>,
    /// Messages that were decoded.
    pub messages: usize,
    /// Bytes of messages that were read.
    pub bytes_fetched: u64,
}

/// A variable at a step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Made {
    field: usize,
    place: usize,
    used: usize,
    /// Which of its arrays have values.
    there: Vec<bool>,
}

/// Why parts are no whole.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PartError {
    /// Bytes that are no part.
    #[error("damaged: {what}")]
    Damaged {
        /// What is wrong.
        what: &'static str,
    },
    /// Documents that are no part.
    #[error("not a part of a result")]
    Json(#[from] serde_json::Error),
    /// Parts of something are missing.
    #[error("{missing} of {all} fields are missing, the first is {name} at step number {place}")]
    Missing {
        /// How many.
        missing: usize,
        /// Of how many.
        all: usize,
        /// A variable.
        name: String,
        /// The place of its step, from 0.
        place: usize,
    },
    /// There is no part at all.
    #[error("there is no part")]
    None,
    /// Parts that saw different indexes.
    #[error("parts of {run} were made from different indexes: make them again")]
    OtherFrame {
        /// The run.
        run: String,
    },
    /// The same field twice.
    #[error("{name} at step number {place} is in two parts")]
    Twice {
        /// The variable.
        name: String,
        /// The place of its step, from 0.
        place: usize,
    },
}

impl Portion {
    pub(super) fn has(&self, job: &StreamJob, output: &Output, variable: &Variable) -> bool {
        let wanted = |at: &usize| job.variables.get(*at) == Some(&variable.wanted);
        self.0.iter().any(|(step, variables)| {
            *step == output.step && (variables.is_empty() || variables.iter().any(wanted))
        })
    }
}

/// Reads, decodes and puts together a portion of what [`super::run`] does. The same inputs give the same part.
///
/// # Errors
/// As [`super::run`].
pub async fn run(
    store: &impl Store,
    tables: &Tables,
    inputs: Inputs,
    (job, stamp, portion): (&StreamJob, &Stamp, &Portion),
    decoder: &impl Decoder,
    events: &mut dyn FnMut(Event),
) -> Result<Outcome<Part>, Error> {
    let whole = |plan: &super::Plan| -> Vec<Completed> {
        let each = plan.outputs.iter().map(|_| Completed {
            used: 1,
            arrays: Vec::new(),
        });
        each.collect()
    };
    let Read {
        plan: mut all,
        all: every,
        results,
        shared,
        mut gaps,
        report,
    } = read(
        store,
        tables,
        (&inputs, job),
        Some(portion),
        decoder,
        events,
    )
    .await?;
    let kept = std::mem::replace(&mut all.outputs, every);
    let dataset = layout::dataset(&all, &inputs, job, (whole(&all), stamp));
    let own = gaps.split_off(shared);
    let members = job.statistics.is_empty().then_some(inputs.members.len());
    let frame = Frame::new(dataset, &all, (members, gaps.clone(), &report.run));
    let mut content = Content {
        outputs: Vec::new(),
        gaps: own.clone(),
        messages: report.messages,
        bytes_fetched: report.bytes_fetched,
    };
    let mut values = Vec::new();
    for (output, completed) in kept.iter().zip(results) {
        content.outputs.push(Made {
            field: output.variable,
            place: output.place,
            used: completed.used,
            there: completed.arrays.iter().map(Option::is_some).collect(),
        });
        for value in completed.arrays.iter().flatten().flatten() {
            values.extend_from_slice(&value.to_le_bytes());
        }
    }
    gaps.extend(own);
    Ok(Outcome {
        value: Part {
            frame,
            content,
            values: values.into(),
        },
        gaps,
    })
}

/// Puts parts together: bit for bit what one machine makes, and all gaps. The order of the parts does not matter.
///
/// # Errors
/// [`PartError`]: parts of different results, a field that is in none or in two.
pub fn join(parts: &[Part]) -> Result<Outcome<Dataset>, PartError> {
    let frame = &parts.first().ok_or(PartError::None)?.frame;
    if parts.iter().any(|part| part.frame != *frame) {
        return Err(PartError::OtherFrame {
            run: frame.run.clone(),
        });
    }
    let mut whole = Whole::new(frame)?;
    for part in parts {
        whole.add(part)?;
    }
    let missing: Vec<&(usize, usize)> = frame
        .outputs
        .iter()
        .filter(|output| !whole.seen.contains(output))
        .collect();
    if let Some((field, place)) = missing.first() {
        return Err(PartError::Missing {
            missing: missing.len(),
            all: frame.outputs.len(),
            name: frame.name(*field),
            place: *place,
        });
    }
    let mut ordered: Vec<&Part> = parts.iter().collect();
    ordered.sort_by_key(|part| {
        part.content
            .outputs
            .first()
            .map(|made| (made.place, made.field))
    });
    let mut gaps = frame.gaps.clone();
    gaps.extend(ordered.iter().flat_map(|part| part.content.gaps.clone()));
    Ok(Outcome {
        value: whole.dataset(),
        gaps,
    })
}

#[cfg(test)]
mod tests {
    use super::frame::{Array, Fields, Held, Said, text};
    use super::*;
    use crate::dataset::Values;

    fn frame() -> Frame {
        let array = |name: &str, dimensions: &[&str], values| Array {
            name: name.to_owned(),
            dimensions: dimensions.iter().map(|it| (*it).to_owned()).collect(),
            attributes: vec![("level".to_owned(), Said::Number(700.0))],
            fill: true,
            values,
        };
        let grid = ["valid_time", "latitude", "longitude"];
        let field = |name: &str| Fields {
            name: name.to_owned(),
            arrays: vec![Some(format!("{name}_mean"))],
            members: None,
        };
        let lengths = [("valid_time", 2), ("latitude", 1), ("longitude", 2)];
        Frame {
            run: "2026-07-06T00:00:00".to_owned(),
            dimensions: lengths
                .map(|(name, length)| (name.to_owned(), length))
                .to_vec(),
            attributes: Vec::new(),
            arrays: vec![
                array(
                    "bounds",
                    &["valid_time"],
                    Held::F64(text([f64::NAN, 0.1].iter().map(|it| it.to_le_bytes()))),
                ),
                array("a_mean", &grid, Held::Parts32),
                array("a_members_used", &["valid_time"], Held::Used),
                array("b_mean", &grid, Held::Parts32),
            ],
            fields: vec![field("a"), field("b")],
            outputs: vec![(0, 0), (1, 0), (0, 1)],
            gaps: Vec::new(),
        }
    }

    fn part(outputs: &[(usize, usize, usize)]) -> Part {
        let made = outputs.iter().map(|(field, place, used)| Made {
            field: *field,
            place: *place,
            used: *used,
            there: vec![*used > 0],
        });
        let own = outputs.iter().filter(|(_, _, used)| *used > 0);
        let values = own.flat_map(|(field, place, _)| {
            let first = f32::from(u8::try_from(10 * field + place).unwrap());
            [first, first + 0.5].map(f32::to_le_bytes)
        });
        Part {
            frame: frame(),
            content: Content {
                outputs: made.collect(),
                gaps: Vec::new(),
                messages: 0,
                bytes_fetched: 0,
            },
            values: values.flatten().collect::<Vec<u8>>().into(),
        }
    }

    #[test]
    fn parts_in_any_order_are_the_whole_and_what_is_empty_is_left_out() {
        let parts = [part(&[(0, 1, 3)]), part(&[(0, 0, 2), (1, 0, 0)])];
        let whole = join(&parts).unwrap().value;
        let names: Vec<&str> = whole.variables.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names, ["bounds", "a_mean", "a_members_used"]);
        assert_eq!(
            whole.variables[1].values,
            Values::F32(vec![0.0, 0.5, 1.0, 1.5])
        );
        assert_eq!(whole.variables[2].values, Values::I32(vec![2, 3]));
        let Values::F64(bounds) = &whole.variables[0].values else {
            panic!("reals");
        };
        assert!(bounds[0].is_nan() && bounds[1] == 0.1);
        let [one, other] = parts;
        let turned = join(&[other, one]).unwrap().value;
        assert_eq!(turned.variables[1..], whole.variables[1..]);
    }

    #[test]
    fn what_is_no_whole_is_refused() {
        let missing = join(&[part(&[(0, 0, 1), (1, 0, 1)])]).unwrap_err();
        assert_eq!(
            missing.to_string(),
            "1 of 3 fields are missing, the first is a at step number 1"
        );
        let whole = part(&[(0, 0, 1), (1, 0, 1), (0, 1, 1)]);
        let twice = join(&[whole.clone(), part(&[(0, 1, 1)])]);
        assert!(matches!(twice, Err(PartError::Twice { .. })));
        let mut other = part(&[(0, 1, 1)]);
        other.frame.outputs.pop();
        let foreign = join(&[part(&[(0, 0, 1), (1, 0, 1)]), other]);
        assert!(matches!(foreign, Err(PartError::OtherFrame { .. })));
        for length in [0, 7, 8, 25] {
            let mut cut = whole.clone();
            cut.values = vec![0; length].into();
            assert!(matches!(join(&[cut]), Err(PartError::Damaged { .. })));
        }
        assert!(matches!(join(&[]), Err(PartError::None)));
    }

    #[test]
    fn a_frame_survives_its_text() {
        let text = serde_json::to_string(&frame()).unwrap();
        assert_eq!(serde_json::from_str::<Frame>(&text).unwrap(), frame());
    }
}
