//! Which messages are read for which variable, step and member, and in which ranges.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use bytes::Bytes;

use super::decode::Decoder;
use super::fetch::{Fetcher, Identity};
use super::inputs::{Candidate, Inputs};
use super::{Reading, SharedCut, StreamJob, gap};
use crate::ensemble::region::{Cut, RegionError};
use crate::ensemble::stats::Statistic;
use crate::ensemble::units::{self, Conversion};
use crate::ensemble::windows::{Term, recipe};
use crate::error::Error;
use crate::grib::field::prefix_needed;
use crate::grib::grid::Grid;
use crate::grib::naming::Names;
use crate::pipeline::{Gap, Why};
use crate::product::Wanted;
use crate::refs::build::Horizontal;
use crate::span::ByteSpan;
use crate::store::Store;
use crate::time::{Step, StepRange};

/// Messages of a variable that are tried for its header.
const PROBES: usize = 3;
/// Jobs ahead that may share a range with the one whose turn it is: what arrives early is kept until its turn.
const AHEAD: usize = 64;

/// All that is read, and what for.
pub(super) struct Plan {
    pub(super) variables: Vec<Variable>,
    pub(super) outputs: Vec<Output>,
    /// In the order in which they are fed: output, member, term.
    pub(super) jobs: Vec<Job>,
    pub(super) cut: SharedCut,
    urls: Vec<String>,
}

/// A variable of the result.
#[derive(Debug)]
pub(super) struct Variable {
    pub(super) name: String,
    pub(super) wanted: Wanted,
    pub(super) identity: Identity,
    pub(super) names: Names,
    /// Unit of the result.
    pub(super) units: String,
    pub(super) conversion: Conversion,
    pub(super) statistics: Vec<Statistic>,
    /// Section 3 of its messages.
    pub(super) grid: Bytes,
    /// Share of a message that is read at first.
    share: f64,
    /// Thousandths of a message that turned out to be needed, where the share was too small.
    pub(super) learned: AtomicU64,
    at: usize,
}

/// A variable at a step of the result.
#[derive(Clone, Debug)]
pub(super) struct Output {
    pub(super) variable: usize,
    /// Place among the steps of the result.
    pub(super) place: usize,
    pub(super) step: Step,
    /// The part of the run that it speaks of, where it is no instant.
    pub(super) window: Option<StepRange>,
    pub(super) terms: Vec<Term>,
    /// Its first job; each member has as many as there are terms.
    pub(super) first: usize,
}

/// A message to read.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) output: usize,
    pub(super) member: usize,
    pub(super) number: Option<i64>,
    pub(super) step: Step,
    pub(super) window: Option<StepRange>,
    pub(super) span: ByteSpan,
    /// The part of the message that is read at first.
    pub(super) read: ByteSpan,
    pub(super) level_unknown: bool,
    /// Where it is; `None` for a message that is not there.
    pub(super) url: Option<usize>,
}

/// Bytes that are asked for at once.
#[derive(Debug)]
pub(super) struct Range {
    pub(super) url: Option<usize>,
    pub(super) span: ByteSpan,
    pub(super) jobs: Vec<usize>,
}

impl Plan {
    /// Reads one header of each variable, to know its names, unit and grid, and lists what is to be read.
    pub(super) async fn new<S: Store, D: Decoder>(
        fetcher: &Fetcher<'_, S, D>,
        inputs: &Inputs,
        job: &StreamJob,
        gaps: &mut Vec<Gap>,
    ) -> Result<Self, Error> {
        let mut variables: Vec<Variable> = Vec::new();
        let mut cut: Option<(SharedCut, String)> = None;
        for (at, candidate) in inputs.candidates.iter().enumerate() {
            let probed = match probe(fetcher, inputs, at).await? {
                Ok(probed) => probed,
                Err(why) => {
                    gaps.push(Gap {
                        what: candidate.name.clone(),
                        step: None,
                        member: None,
                        why,
                    });
                    continue;
                }
            };
            let (header, names) = probed;
            let own = cut_of(&header.grid.octets, job, &candidate.name)?;
            match &cut {
                None => cut = Some((Arc::new(own.clone()), candidate.name.clone())),
                Some((first, _))
                    if (&first.latitudes, &first.longitudes)
                        == (&own.latitudes, &own.longitudes) => {}
                Some((_, first)) => {
                    return Err(Error::Grids {
                        first: first.clone(),
                        second: candidate.name.clone(),
                    });
                }
            }
            let needed = prefix_needed(&header, own.rows.clone());
            let share = needed.map_or(1.0, |prefix| {
                // What is unsure has a margin of a sixteenth; `learned` finds out what each variable needs of it.
                let margin = if prefix.sure { 1.0 } else { 16.0 / 17.0 };
                margin * real(prefix.length) / real(header.message.length).max(1.0)
            });
            variables.push(Variable::new(
                candidate,
                (job, at),
                names,
                header.grid.octets,
                share,
            )?);
        }
        let Some((cut, _)) = cut else {
            return Err(Error::NoValues {
                because: gaps.first().map(|gap| gap.what.clone()).unwrap_or_default(),
            });
        };
        for statistic in &job.statistics {
            if let Statistic::Probability { variable, .. } = statistic
                && !variables.iter().any(|it| it.is_called(variable))
                && !inputs.missing.contains(variable)
            {
                return Err(Error::NoSuchOutput {
                    asked: statistic.to_string(),
                    known: variables
                        .iter()
                        .map(|it| it.name.clone())
                        .collect::<Vec<_>>()
                        .join(", "),
                });
            }
        }
        let mut plan = Self {
            variables,
            outputs: Vec::new(),
            jobs: Vec::new(),
            cut,
            urls: inputs.urls.clone(),
        };
        for (place, step) in inputs.steps.iter().enumerate() {
            for variable in 0..plan.variables.len() {
                plan.add(inputs, job, (variable, place, *step), gaps);
            }
        }
        Ok(plan)
    }

    /// Lists what a variable at a step needs.
    fn add(
        &mut self,
        inputs: &Inputs,
        job: &StreamJob,
        (at, place, step): (usize, usize, Step),
        gaps: &mut Vec<Gap>,
    ) {
        let Some(variable) = self.variables.get(at) else {
            return;
        };
        let windows = inputs.windows(variable.at);
        let (window, terms) = match inputs.wanted_window(&variable.wanted, job, &windows, step) {
            None => {
                let own = windows.iter().find(|(filed, _)| *filed == step);
                (own.map(|(_, window)| *window), vec![Term::of(step)])
            }
            Some(wanted) => match recipe(&windows, wanted) {
                Some(terms) => (Some(wanted), terms),
                None => {
                    let why = Why::NoWindow {
                        window: wanted.to_string(),
                    };
                    gaps.push(gap(&variable.name, step, None, why));
                    return;
                }
            },
        };
        let known = inputs.has(variable.at, step)
            || terms.len() > 1
            || terms.iter().any(|it| it.step != step);
        if !known {
            let told = gaps
                .iter()
                .any(|gap| gap.step == Some(step) || gap.step.is_none());
            if !told {
                gaps.push(gap(&variable.name, step, None, Why::NotInRun));
            }
            return;
        }
        let output = self.outputs.len();
        let first = self.jobs.len();
        for (member, id) in inputs.members.iter().enumerate() {
            for term in &terms {
                let message = inputs.messages.get(&(variable.at, term.step, member));
                let span = message.map_or(ByteSpan::new(0, 0), |message| message.span);
                let length = (real(span.length) * variable.share).ceil();
                let read = ByteSpan::new(span.offset, whole(length).clamp(0, span.length));
                self.jobs.push(Job {
                    output,
                    member,
                    number: id.number,
                    step: term.step,
                    window: message.and_then(|message| message.window),
                    span,
                    read,
                    level_unknown: message.is_some_and(|message| message.level_unknown),
                    url: message.map(|message| message.url),
                });
            }
        }
        self.outputs.push(Output {
            variable: at,
            place,
            step,
            window: window.filter(|window| window.start != window.end),
            terms,
            first,
        });
    }

    /// The ranges to ask for, in the order of the first message of each.
    pub(super) fn ranges(&self, reading: Reading) -> Vec<Range> {
        let mut taken = vec![false; self.jobs.len()];
        let mut ranges = Vec::new();
        for (leader, job) in self.jobs.iter().enumerate() {
            if taken.get(leader).copied().unwrap_or(true) {
                continue;
            }
            // Neighbours in the object, by their place in it.
            let mut near: BTreeMap<u64, (usize, ByteSpan)> = BTreeMap::new();
            if job.url.is_some() {
                for (at, other) in self.jobs.iter().enumerate().skip(leader + 1).take(AHEAD) {
                    if other.url == job.url && taken.get(at) == Some(&false) {
                        near.entry(other.read.offset).or_insert((at, other.read));
                    }
                }
            }
            let (mut start, mut end) = (job.read.offset, job.read.end().unwrap_or(u64::MAX));
            let mut jobs = vec![leader];
            let fits = |start: u64, end: u64| end.saturating_sub(start) <= reading.largest;
            for (offset, (at, span)) in near.range(end..) {
                let reach = span.end().unwrap_or(u64::MAX);
                if offset.saturating_sub(end) > reading.gap || !fits(start, reach) {
                    break;
                }
                (end, _) = (reach, jobs.push(*at));
            }
            for (offset, (at, span)) in near.range(..start).rev() {
                let reach = span.end().unwrap_or(u64::MAX);
                if reach > start || start - reach > reading.gap || !fits(*offset, end) {
                    break;
                }
                (start, _) = (*offset, jobs.push(*at));
            }
            for at in &jobs {
                if let Some(taken) = taken.get_mut(*at) {
                    *taken = true;
                }
            }
            ranges.push(Range {
                url: job.url,
                span: ByteSpan::new(start, end.saturating_sub(start)),
                jobs,
            });
        }
        ranges
    }

    /// Leaves out what a portion of the job does not read.
    pub(super) fn keep(&mut self, mut wanted: impl FnMut(&Output, &Variable) -> bool) {
        let (jobs, outputs) = (
            std::mem::take(&mut self.jobs),
            std::mem::take(&mut self.outputs),
        );
        let mut places = Vec::with_capacity(outputs.len());
        for output in outputs {
            let variable = self.variables.get(output.variable);
            let kept = variable.is_some_and(|variable| wanted(&output, variable));
            places.push(kept.then_some(self.outputs.len()));
            if kept {
                self.outputs.push(output);
            }
        }
        for mut job in jobs {
            let Some(place) = places.get(job.output).copied().flatten() else {
                continue;
            };
            let is_first = self.jobs.last().is_none_or(|last| last.output != place);
            if let Some(output) = self.outputs.get_mut(place).filter(|_| is_first) {
                output.first = self.jobs.len();
            }
            job.output = place;
            self.jobs.push(job);
        }
    }

    pub(super) fn url(&self, at: Option<usize>) -> Option<&str> {
        self.urls.get(at?).map(String::as_str)
    }

    pub(super) fn variable_of(&self, job: &Job) -> Option<&Variable> {
        let output = self.outputs.get(job.output)?;
        self.variables.get(output.variable)
    }
}

impl Variable {
    fn new(
        candidate: &Candidate,
        (job, at): (&StreamJob, usize),
        names: Names,
        grid: Bytes,
        share: f64,
    ) -> Result<Self, Error> {
        let own = names.units.unwrap_or("unknown");
        let wanted = candidate.wanted.units.as_deref();
        let conversion = match wanted {
            None => Conversion::NONE,
            Some(wanted) => units::convert(own, wanted).map_err(|source| Error::Units {
                variable: candidate.name.clone(),
                source,
            })?,
        };
        let mut variable = Self {
            name: candidate.name.clone(),
            wanted: candidate.wanted.clone(),
            identity: candidate.identity.clone(),
            units: units::plain(wanted.unwrap_or(own)),
            names,
            conversion,
            statistics: Vec::new(),
            grid,
            share,
            learned: AtomicU64::new(0),
            at,
        };
        let own = job.statistics.iter().filter(|statistic| match statistic {
            Statistic::Probability { variable: of, .. } => variable.is_called(of),
            _ => true,
        });
        variable.statistics = own.cloned().collect();
        Ok(variable)
    }

    fn is_called(&self, name: &str) -> bool {
        self.name == name || self.wanted.select == name
    }
}

/// Header and names of one of the first messages of a variable.
async fn probe<S: Store, D: Decoder>(
    fetcher: &Fetcher<'_, S, D>,
    inputs: &Inputs,
    at: usize,
) -> Result<Result<(crate::grib::Header, Names), Why>, Error> {
    let candidate = inputs.candidates.get(at);
    let mut reason = Why::NotInRun;
    let own = inputs.messages.range((at, Step::seconds(i64::MIN), 0)..);
    let own = own.take_while(|((variable, _, _), _)| *variable == at);
    for (_, message) in own.take(PROBES) {
        let Some(url) = inputs.urls.get(message.url) else {
            continue;
        };
        match fetcher.probe(url, message.span).await? {
            Ok((header, names)) => {
                let identity = candidate.map(|candidate| &candidate.identity);
                let found = identity
                    .filter(|_| !message.level_unknown)
                    .and_then(|identity| identity.differs(&names));
                if let Some((what, expected, found)) = found {
                    return Err(Error::OtherMessage {
                        url: url.clone(),
                        offset: message.span.offset,
                        what,
                        expected,
                        found,
                    });
                }
                return Ok(Ok((header, names)));
            }
            Err(why) => reason = why,
        }
    }
    Ok(Err(reason))
}

fn cut_of(section: &Bytes, job: &StreamJob, label: &str) -> Result<Cut, Error> {
    let bad = |source| Error::Region {
        variable: label.to_owned(),
        source,
    };
    let grid = Grid::parse(section).map_err(|_| bad(RegionError::NoAxes))?;
    let horizontal = Horizontal::of(&grid).map_err(|source| Error::Grid {
        label: label.to_owned(),
        source,
    })?;
    let (latitudes, longitudes) = horizontal.axes.ok_or_else(|| bad(RegionError::NoAxes))?;
    Cut::of(&latitudes, &longitudes, job.region).map_err(bad)
}

#[expect(clippy::as_conversions, reason = "lengths of messages are below 2^53")]
fn real(length: u64) -> f64 {
    length as f64
}

#[expect(
    clippy::as_conversions,
    reason = "a length that was below 2^53; the conversion saturates"
)]
fn whole(length: f64) -> u64 {
    length as u64
}
