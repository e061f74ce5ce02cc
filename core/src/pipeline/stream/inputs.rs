//! Where messages are: from the indexes of a run, or from references that were written before.

mod written;

use std::collections::{BTreeMap, BTreeSet};

pub use written::from_refs;

use super::StreamJob;
use super::fetch::Identity;
use crate::ensemble::windows::{Term, recipe};
use crate::error::Error;
use crate::grib::naming::Tables;
use crate::keys::StoreKeys;
use crate::pipeline::plan::{Plan, Request};
use crate::pipeline::refs::{self, RefsJob, Structure};
use crate::pipeline::{Event, Gap, Why};
use crate::product::Wanted;
use crate::refs::build::Codec;
use crate::source::{Catalog, Source};
use crate::span::ByteSpan;
use crate::store::{Requests, Store};
use crate::template::Template;
use crate::template::select::Selector;
use crate::time::{Moment, Step, StepRange};

/// Messages with their places.
#[derive(Clone, Debug)]
pub struct Inputs {
    pub(super) run: Moment,
    pub(super) members: Vec<MemberOf>,
    /// Steps of the result.
    pub(super) steps: Vec<Step>,
    pub(super) candidates: Vec<Candidate>,
    /// By variable, step and member.
    pub(super) messages: BTreeMap<(usize, Step, usize), Located>,
    pub(super) urls: Vec<String>,
    pub(super) gaps: Vec<Gap>,
    pub(super) about: About,
    pub(super) requests: Requests,
    /// What was asked for and is nowhere: selectors and names.
    pub(super) missing: BTreeSet<String>,
}

/// A member of the result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct MemberOf {
    pub(super) name: String,
    pub(super) number: Option<i64>,
}

/// A variable that may be read.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) name: String,
    pub(super) wanted: Wanted,
    pub(super) identity: Identity,
}

/// A message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Located {
    pub(super) url: usize,
    pub(super) span: ByteSpan,
    pub(super) window: Option<StepRange>,
    pub(super) level_unknown: bool,
}

/// Where values come from, for whoever reads them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct About {
    pub(super) source: String,
    pub(super) title: String,
    pub(super) centre: String,
    pub(super) licence: String,
    pub(super) attribution: String,
    pub(super) made_from: String,
}

/// References of one member.
#[derive(Clone, Debug)]
pub struct MemberStore {
    /// What it was read from.
    pub name: String,
    /// The references.
    pub keys: StoreKeys,
    /// Why some of what the file refers to is not in them.
    pub refused: Vec<String>,
    /// References that name no level.
    pub collapsed: Vec<Collapsed>,
    /// Catalogue id of the source, where the file says it.
    pub source: Option<String>,
}

/// A reference whose key names a variable, but not its level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collapsed {
    /// The variable, as the key has it.
    pub parameter: String,
    /// The step.
    pub step: Step,
    /// The object.
    pub url: String,
    /// The message.
    pub span: ByteSpan,
}

impl Inputs {
    /// Windows of a variable by the step that they are filed under.
    pub(super) fn windows(&self, variable: usize) -> Vec<(Step, StepRange)> {
        let mut windows: BTreeMap<Step, StepRange> = BTreeMap::new();
        let own = self
            .messages
            .range((variable, Step::seconds(i64::MIN), 0)..)
            .take_while(|((at, _, _), _)| *at == variable);
        for ((_, step, _), message) in own {
            if let Some(window) = message.window {
                windows.entry(*step).or_insert(window);
            }
        }
        windows.into_iter().collect()
    }

    pub(super) fn has(&self, variable: usize, step: Step) -> bool {
        let mut own = self.messages.range((variable, step, 0)..);
        own.next()
            .is_some_and(|((at, found, _), _)| (*at, *found) == (variable, step))
    }

    /// The window that a variable must speak of at a step; `None` where it is taken as it is.
    pub(super) fn wanted_window(
        &self,
        wanted: &Wanted,
        job: &StreamJob,
        windows: &[(Step, StepRange)],
        step: Step,
    ) -> Option<StepRange> {
        window_of(wanted, job, &self.steps, (windows, step))
    }
}

/// The window that a variable must speak of at a step; `None` where it is taken as it is.
fn window_of(
    wanted: &Wanted,
    job: &StreamJob,
    steps: &[Step],
    (windows, step): (&[(Step, StepRange)], Step),
) -> Option<StepRange> {
    let ending = |seconds: i64| StepRange {
        start: Step::seconds(step.as_seconds().saturating_sub(seconds)),
        end: step,
    };
    if let Some(hours) = wanted.accumulate_hours {
        return Some(ending(i64::from(hours) * 3_600));
    }
    let windowed = windows.iter().any(|(_, window)| window.start != window.end);
    if !job.deaccumulate || !windowed {
        return None;
    }
    let at = steps.iter().position(|known| *known == step)?;
    // The first amount is as long as the second one.
    let (before, after) = match at.checked_sub(1) {
        Some(before) => (steps.get(before)?, steps.get(at)?),
        None => (steps.first()?, steps.get(1)?),
    };
    Some(ending(
        after.as_seconds().saturating_sub(before.as_seconds()),
    ))
}

/// What is read of a run, and what tells names and grid.
#[derive(Clone, Copy, Debug)]
pub struct Sought<'a> {
    /// The run, the members and the steps of the result.
    pub request: &'a Request,
    /// What tells names and grid where no template is given.
    pub structure: Structure,
    /// A template of the user's.
    pub template: Option<&'a Template>,
}

/// Reads the indexes of a run.
///
/// # Errors
/// Whatever [`refs::run`] refuses; selectors that are none, or that mean several things.
pub async fn from_source(
    store: &impl Store,
    (catalog, tables): (&Catalog, &Tables),
    sought: Sought<'_>,
    job: &StreamJob,
    events: &mut dyn FnMut(Event),
) -> Result<Inputs, Error> {
    let request = sought.request;
    let selectors = selectors(job)?;
    let plan = Plan::new(catalog, request)?;
    let steps = plan.steps.clone();
    refuse_steps(job, &steps)?;
    let needed = needed(&plan, tables, job, &steps)?;
    let hours = needed.iter().filter_map(|step| step.whole_hours());
    let hours: Vec<String> = hours.map(|hours| hours.to_string()).collect();
    let about = about(plan.source, plan.request.run);
    let members = plan.members.iter().map(|member| MemberOf {
        name: member.name.clone(),
        number: member.number().map(i64::from),
    });
    let mut inputs = Inputs {
        run: request.run.into(),
        members: members.collect(),
        steps,
        candidates: Vec::new(),
        messages: BTreeMap::new(),
        urls: Vec::new(),
        gaps: Vec::new(),
        about,
        requests: Requests::default(),
        missing: BTreeSet::new(),
    };
    let asked = RefsJob {
        request: Request {
            steps: Some(hours.join(",")),
            ..request.clone()
        },
        variables: selectors.clone(),
        codec: Codec::Grib,
        uri_base: None,
        structure: sought.structure,
    };
    let outcome = refs::run(store, catalog, tables, &asked, sought.template, events).await?;
    let built = outcome.value;
    inputs.gaps = outcome.gaps;
    inputs.urls = built.objects;
    inputs.requests = built.report.requests;
    inputs.about.made_from = format!(
        "{} indexes of {}, template {}",
        built.report.indexes, built.report.run, built.report.template.id
    );
    for (wanted, selector) in job.variables.iter().zip(&selectors) {
        // A kind of message may have a row for each run of steps.
        let mut kinds: Vec<(Identity, Vec<usize>)> = Vec::new();
        let there: BTreeSet<usize> = built.messages.iter().map(|message| message.row).collect();
        for (at, row) in built.template.rows.iter().enumerate() {
            if !selector.matches(row) || !there.contains(&at) {
                continue;
            }
            let identity = Identity {
                var_name: Some(row.variable.var_name.clone()),
                short_name: Some(row.variable.short_name.clone()),
                step_type: Some(row.variable.step_type.clone()),
                type_of_level: Some(row.variable.type_of_level.clone()),
                level: row.level.map(|level| level.value),
            };
            match kinds.iter_mut().find(|(known, _)| *known == identity) {
                Some((_, rows)) => rows.push(at),
                None => kinds.push((identity, vec![at])),
            }
        }
        let kinds_found = kinds.len();
        for (identity, rows) in kinds {
            let at = inputs.candidate(wanted, identity, kinds_found)?;
            for message in built.messages.iter().filter(|it| rows.contains(&it.row)) {
                let located = Located {
                    url: usize::try_from(message.location.object).unwrap_or(usize::MAX),
                    span: message.location.span,
                    window: message.window,
                    level_unknown: false,
                };
                let place = (at, message.step, usize::from(message.member));
                inputs.locate(place, located)?;
            }
        }
    }
    inputs.finish()
}

impl Inputs {
    /// The number of a new variable, whose name says its level where that was asked for, or where there are several.
    fn candidate(
        &mut self,
        wanted: &Wanted,
        identity: Identity,
        kinds: usize,
    ) -> Result<usize, Error> {
        let level = wanted
            .select
            .split_once('@')
            .map(|(_, level)| level.to_owned());
        let level = level.or_else(|| {
            let level = identity.level.filter(|_| kinds > 1)?;
            Some(level.to_string())
        });
        let base = wanted.select.split('@').next().unwrap_or_default();
        let base = identity.var_name.as_deref().unwrap_or(base);
        let name = match &wanted.name {
            Some(name) => name.clone(),
            None => format!("{base}{}", level.unwrap_or_default()),
        };
        if let Some(known) = self.candidates.iter().find(|known| known.name == name) {
            let words = |identity: &Identity| {
                let text = |word: &Option<String>| word.clone().unwrap_or_default();
                let level = identity.level.map(|it| it.to_string()).unwrap_or_default();
                format!(
                    "{}/{} {level}",
                    text(&identity.step_type),
                    text(&identity.type_of_level)
                )
            };
            return Err(Error::Ambiguous {
                first: words(&known.identity),
                second: words(&identity),
                name,
            });
        }
        self.candidates.push(Candidate {
            name,
            wanted: wanted.clone(),
            identity,
        });
        Ok(self.candidates.len() - 1)
    }

    fn locate(&mut self, place: (usize, Step, usize), located: Located) -> Result<(), Error> {
        match self.messages.insert(place, located) {
            Some(other) if other != located => Err(Error::TwoMessages {
                what: self
                    .candidates
                    .get(place.0)
                    .map(|it| it.name.clone())
                    .unwrap_or_default(),
                step: place.1,
                first: other.span.offset,
                second: located.span.offset,
            }),
            _ => Ok(()),
        }
    }

    fn url(&mut self, url: &str, numbers: &mut BTreeMap<String, usize>) -> usize {
        if let Some(known) = numbers.get(url) {
            return *known;
        }
        self.urls.push(url.to_owned());
        numbers.insert(url.to_owned(), self.urls.len() - 1);
        self.urls.len() - 1
    }

    fn finish(self) -> Result<Self, Error> {
        if self.candidates.is_empty() {
            let because = self.gaps.first().map(|gap| match &gap.why {
                Why::Unusable { because } => format!("{}: {because}", gap.what),
                _ => format!("{} is missing", gap.what),
            });
            return Err(Error::NoValues {
                because: because.unwrap_or_else(|| "nothing was asked for".to_owned()),
            });
        }
        Ok(self)
    }
}

fn selectors(job: &StreamJob) -> Result<Vec<Selector>, Error> {
    let each = job.variables.iter().map(|wanted| wanted.select.parse());
    Ok(each.collect::<Result<_, _>>()?)
}

/// Amounts between steps need two of them.
fn refuse_steps(job: &StreamJob, steps: &[Step]) -> Result<(), Error> {
    if job.deaccumulate && steps.len() < 2 {
        return Err(Error::OneStep);
    }
    Ok(())
}

/// The steps whose indexes are read: those of the result, and those that its windows are put together from.
fn needed(
    plan: &Plan<'_>,
    tables: &Tables,
    job: &StreamJob,
    steps: &[Step],
) -> Result<BTreeSet<Step>, Error> {
    let mut needed: BTreeSet<Step> = steps.iter().copied().collect();
    let combined = |wanted: &&Wanted| wanted.accumulate_hours.is_some() || job.deaccumulate;
    let combined: Vec<&Wanted> = job.variables.iter().filter(combined).collect();
    if combined.is_empty() {
        return Ok(needed);
    }
    let last = steps.last().copied().unwrap_or(Step::ZERO);
    let made = plan.era.steps(plan.request.run, &plan.members)?;
    let made: Vec<Step> = made.iter().filter(|step| *step <= last).collect();
    let Some(template) = plan.builtin(tables)? else {
        // Nobody knows the windows before the indexes are read.
        needed.extend(made);
        return Ok(needed);
    };
    for wanted in combined {
        let selector: Selector = wanted.select.parse()?;
        let rows = template.rows.iter().filter(|row| selector.matches(row));
        let mut windows: Vec<(Step, StepRange)> = Vec::new();
        for row in rows {
            let (first, last) = row.steps;
            let own = made.iter().filter(|step| (first..=last).contains(*step));
            windows.extend(own.filter_map(|step| Some((*step, row.window?.range(*step)))));
        }
        for step in steps {
            let Some(range) = window_of(wanted, job, steps, (&windows, *step)) else {
                continue;
            };
            match recipe(&windows, range) {
                Some(terms) => needed.extend(terms.iter().map(|term: &Term| term.step)),
                None => needed.extend(&made),
            }
        }
    }
    Ok(needed)
}

fn about(source: &Source, run: crate::time::Run) -> About {
    About {
        source: source.id.clone(),
        title: source.title.clone(),
        centre: source.centre.clone(),
        licence: source.licence.clone(),
        attribution: source.attribution_of(run),
        made_from: String::new(),
    }
}
