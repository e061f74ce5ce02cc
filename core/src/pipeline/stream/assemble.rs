//! Puts fields together in the order of their jobs, whatever the order in which they arrive.

use std::collections::BTreeMap;

use super::inputs::Inputs;
use super::plan::{Output, Plan, Variable};
use super::{Cutout, Field, StreamJob, gap};
use crate::ensemble::stats::Accumulator;
use crate::pipeline::{Gap, Why};

/// What has come so far.
pub(super) struct Assembly<'a> {
    plan: &'a Plan,
    inputs: &'a Inputs,
    min_members: usize,
    /// Whether the members themselves are the result.
    each: bool,
    /// Fields that came before their turn.
    early: BTreeMap<usize, Cutout>,
    next: usize,
    /// The variable and step that is being put together.
    current: Option<Accumulator>,
    terms: Vec<Vec<f32>>,
    failed: bool,
    used: usize,
    /// One for each output of the plan that is complete, in order.
    pub(super) results: Vec<Completed>,
    pub(super) messages: usize,
    pub(super) bytes_messages: u64,
}

/// A variable at a step, put together.
#[derive(Debug, Default)]
pub(super) struct Completed {
    /// How many members it is of.
    pub(super) used: usize,
    /// One array for each statistic, or for each member; none where too few members came.
    pub(super) arrays: Vec<Option<Vec<f32>>>,
}

impl<'a> Assembly<'a> {
    pub(super) fn new(plan: &'a Plan, inputs: &'a Inputs, job: &StreamJob) -> Self {
        Self {
            plan,
            inputs,
            min_members: job.min_members.unwrap_or(inputs.members.len()).max(1),
            each: job.statistics.is_empty(),
            early: BTreeMap::new(),
            next: 0,
            current: None,
            terms: Vec::new(),
            failed: false,
            used: 0,
            results: Vec::new(),
            messages: 0,
            bytes_messages: 0,
        }
    }

    /// Takes the field of a job, and all that waited for it.
    pub(super) fn arrived(&mut self, at: usize, field: Cutout, gaps: &mut Vec<Gap>) {
        self.early.insert(at, field);
        while let Some(field) = self.early.remove(&self.next) {
            self.feed(field, gaps);
            self.next += 1;
        }
    }

    fn feed(&mut self, field: Cutout, gaps: &mut Vec<Gap>) {
        let plan = self.plan;
        let Some(job) = plan.jobs.get(self.next) else {
            return;
        };
        let Some(output) = plan.outputs.get(job.output) else {
            return;
        };
        let Some(variable) = plan.variables.get(output.variable) else {
            return;
        };
        if self.next == output.first && !self.each {
            self.current = Some(Accumulator::new(plan.cut.points(), &variable.statistics));
        }
        if self.next == output.first {
            self.results.push(Completed::default());
            self.used = 0;
        }
        match field {
            Ok(Field { values, length }) => {
                self.messages += 1;
                self.bytes_messages = self.bytes_messages.saturating_add(length);
                self.terms.push(values);
            }
            Err(why) => {
                self.failed = true;
                self.report(variable, output, (job.member, why), gaps);
            }
        }
        let count = output.terms.len();
        let in_output = self.next - output.first + 1;
        if in_output.is_multiple_of(count) {
            self.member(variable, output);
        }
        if in_output == count * self.inputs.members.len() {
            self.complete(variable, output, gaps);
        }
    }

    /// A message that is not there was reported where it was looked for, unless nobody did.
    fn report(
        &self,
        variable: &Variable,
        output: &Output,
        (member, why): (usize, Why),
        gaps: &mut Vec<Gap>,
    ) {
        let name = self.inputs.members.get(member).map(|it| it.name.as_str());
        if matches!(why, Why::NotInRun) {
            let told = self.inputs.gaps.iter().any(|gap| {
                let same = gap.member.is_none() || gap.member.as_deref() == name;
                same && (gap.step.is_none()
                    || output.terms.iter().any(|it| gap.step == Some(it.step)))
            });
            if told {
                return;
            }
        }
        gaps.push(gap(&variable.name, output.step, name, why));
    }

    /// All terms of a member are there, or one of them failed.
    fn member(&mut self, variable: &Variable, output: &Output) {
        let terms = std::mem::take(&mut self.terms);
        let failed = std::mem::take(&mut self.failed);
        let values = (!failed).then(|| variable.combine(output, terms));
        self.used += usize::from(values.is_some());
        if self.each {
            if let Some(completed) = self.results.last_mut() {
                completed.arrays.push(values);
            }
        } else if let (Some(values), Some(current)) = (values, &mut self.current) {
            current.push(&values);
        }
    }

    fn complete(&mut self, variable: &Variable, output: &Output, gaps: &mut Vec<Gap>) {
        let Some(completed) = self.results.last_mut() else {
            return;
        };
        completed.used = self.used;
        let Some(current) = self.current.take() else {
            return;
        };
        if self.used >= self.min_members {
            completed.arrays = current.finish().into_iter().map(Some).collect();
            return;
        }
        completed.arrays = vec![None; variable.statistics.len()];
        let why = Why::TooFew {
            found: self.used,
            wanted: self.min_members,
        };
        gaps.push(gap(&variable.name, output.step, None, why));
    }
}

impl Variable {
    /// Sums of fields, in the unit that was asked for.
    fn combine(&self, output: &Output, terms: Vec<Vec<f32>>) -> Vec<f32> {
        let plain = self.conversion == crate::ensemble::units::Conversion::NONE;
        let as_it_is = plain && self.wanted.floor.is_none();
        let single = output.terms.iter().all(|term| !term.minus) && output.terms.len() == 1;
        if as_it_is && single {
            return terms.into_iter().next().unwrap_or_default();
        }
        let points = terms.first().map_or(0, Vec::len);
        let mut sums = vec![0.0_f64; points];
        for (term, values) in output.terms.iter().zip(&terms) {
            let sign = if term.minus { -1.0 } else { 1.0 };
            for (sum, value) in sums.iter_mut().zip(values) {
                *sum += sign * f64::from(*value);
            }
        }
        let floor = self.wanted.floor.unwrap_or(f64::NEG_INFINITY);
        let converted = sums.into_iter().map(|sum| {
            let value = sum * self.conversion.scale + self.conversion.offset;
            // NaN stays: `max` would make the floor of it.
            if value < floor { floor } else { value }
        });
        converted.map(single_of).collect()
    }
}

#[expect(clippy::as_conversions, reason = "what is written has 32 bits")]
fn single_of(value: f64) -> f32 {
    value as f32
}
