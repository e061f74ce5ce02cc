//! Places of messages from references that were written before.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    About, Identity, Inputs, Located, MemberOf, MemberStore, StreamJob, about, refuse_steps,
    selectors,
};
use crate::error::Error;
use crate::pipeline::{Gap, Why};
use crate::product::Wanted;
use crate::source::{Catalog, Steps};
use crate::store::Requests;
use crate::template::select::Selector;
use crate::time::{Moment, Step};

/// Takes references that were written before, of one run.
///
/// # Errors
/// Stores that cannot be read or are of several runs; two of one member; selectors that mean several things; references that name no
/// level where one is asked for and nothing else is left.
pub fn from_refs(
    stores: &[MemberStore],
    steps: Option<&str>,
    job: &StreamJob,
    catalog: &Catalog,
) -> Result<Inputs, Error> {
    let selectors = selectors(job)?;
    let mut found: Vec<Referring<'_>> = Vec::new();
    let mut run: Option<(Moment, &str)> = None;
    for store in stores {
        let contents = store.keys.contents()?;
        let mut number = None;
        for message in &contents.messages {
            number = number.or(message.number);
            match (run, message.run) {
                (Some((first, of)), Some(found)) if first != found => {
                    return Err(Error::Runs {
                        first: (of.to_owned(), first),
                        second: (store.name.clone(), found),
                    });
                }
                (None, Some(found)) => run = Some((found, &store.name)),
                _ => {}
            }
        }
        found.push(Referring {
            store,
            contents,
            number,
        });
    }
    found.sort_by(|a, b| (a.number, &a.store.name).cmp(&(b.number, &b.store.name)));
    for pair in found.windows(2) {
        if let [a, b] = pair
            && a.number.is_some()
            && a.number == b.number
        {
            return Err(Error::SameMember {
                first: a.store.name.clone(),
                second: b.store.name.clone(),
                number: a.number.unwrap_or_default(),
            });
        }
    }
    let Some((run, _)) = run else {
        let reasons = stores.iter().flat_map(|store| &store.refused);
        let because = reasons.clone().next().cloned();
        return Err(Error::NoValues {
            because: because.unwrap_or_else(|| "the references tell no run".to_owned()),
        });
    };
    let mut inputs = Inputs {
        run,
        members: found
            .iter()
            .map(|it| MemberOf {
                name: it.store.name.clone(),
                number: it.number,
            })
            .collect(),
        steps: Vec::new(),
        candidates: Vec::new(),
        messages: BTreeMap::new(),
        urls: Vec::new(),
        gaps: Vec::new(),
        about: About::default(),
        requests: Requests::default(),
        missing: BTreeSet::new(),
    };
    let said = stores.iter().find_map(|store| store.source.as_deref());
    let first = found.iter().find_map(|it| it.contents.messages.first());
    if let Some(message) = first {
        inputs.about = about_of(catalog, (said, &message.url), run);
    }
    inputs.about.made_from = format!("references of {} members", stores.len());
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    for (wanted, selector) in job.variables.iter().zip(&selectors) {
        inputs.select(&found, (wanted, selector), job, &mut numbers)?;
    }
    let there: BTreeSet<Step> = inputs.messages.keys().map(|(_, step, _)| *step).collect();
    inputs.steps = match steps {
        None => there.into_iter().collect(),
        Some(text) => {
            let hours = there.iter().filter_map(|step| step.whole_hours());
            let hours: Vec<String> = hours.map(|hours| hours.to_string()).collect();
            let made: Steps = hours.join(",").parse()?;
            made.select(text)?.iter().collect()
        }
    };
    refuse_steps(job, &inputs.steps)?;
    inputs.finish()
}

/// A message of a member at a step.
type Placed = (usize, Located, Step);

/// A store and what is in it.
struct Referring<'a> {
    store: &'a MemberStore,
    contents: crate::keys::contents::Contents,
    number: Option<i64>,
}

impl Inputs {
    /// The messages of a variable, of all members.
    fn select(
        &mut self,
        found: &[Referring<'_>],
        (wanted, selector): (&Wanted, &Selector),
        job: &StreamJob,
        numbers: &mut BTreeMap<String, usize>,
    ) -> Result<(), Error> {
        let mut kinds: Vec<(Identity, Vec<Placed>)> = Vec::new();
        let mut refused: Option<String> = None;
        for (member, referring) in found.iter().enumerate() {
            for message in &referring.contents.messages {
                let Some(array) = referring.contents.arrays.get(message.array) else {
                    continue;
                };
                let names = [&array.var_name, &array.short_name];
                let last = array.path.rsplit('/').next();
                let named = names
                    .iter()
                    .any(|it| it.as_deref() == Some(selector.name()))
                    || last == Some(selector.name());
                let Some(step) = message.step.filter(|_| named) else {
                    continue;
                };
                let unknown = selector.level().is_some() && message.level.is_none();
                if unknown && !job.verify_level {
                    refused.get_or_insert_with(|| unknowable(&message.key));
                    continue;
                }
                if !unknown && selector.level().is_some_and(|it| message.level != Some(it)) {
                    continue;
                }
                let identity = Identity {
                    var_name: array.var_name.clone(),
                    short_name: array.short_name.clone(),
                    step_type: array.step_type.clone(),
                    type_of_level: array.type_of_level.clone(),
                    level: selector.level().or(message.level),
                };
                let url = self.url(&message.url, numbers);
                let located = Located {
                    url,
                    span: message.span,
                    window: message.window,
                    level_unknown: unknown,
                };
                push(&mut kinds, identity, (member, located, step));
            }
            if !job.verify_level {
                continue;
            }
            for message in &referring.store.collapsed {
                let Some(level) = selector
                    .level()
                    .filter(|_| message.parameter == selector.name())
                else {
                    continue;
                };
                let identity = Identity {
                    short_name: Some(message.parameter.clone()),
                    type_of_level: Some("isobaricInhPa".to_owned()),
                    level: Some(level),
                    ..Identity::default()
                };
                let located = Located {
                    url: self.url(&message.url, numbers),
                    span: message.span,
                    window: None,
                    level_unknown: true,
                };
                push(&mut kinds, identity, (member, located, message.step));
            }
        }
        if kinds.is_empty() {
            let mut collapsed = found.iter().flat_map(|it| &it.store.collapsed);
            let own = collapsed.find(|message| message.parameter == selector.name());
            refused = refused.or_else(|| {
                own.map(|message| unknowable(&format!("{} {}", message.url, message.parameter)))
            });
            let reasons = found.iter().flat_map(|it| &it.store.refused);
            let because = refused.or_else(|| reasons.clone().next().cloned());
            let because =
                because.unwrap_or_else(|| "the references have no such variable".to_owned());
            self.missing.insert(selector.to_string());
            self.gaps.push(Gap {
                what: selector.to_string(),
                step: None,
                member: None,
                why: Why::Unusable { because },
            });
            return Ok(());
        }
        let kinds_found = kinds.len();
        for (identity, messages) in kinds {
            let at = self.candidate(wanted, identity, kinds_found)?;
            for (member, located, step) in messages {
                self.locate((at, step, member), located)?;
            }
        }
        Ok(())
    }
}

fn push<T>(kinds: &mut Vec<(Identity, Vec<T>)>, identity: Identity, message: T) {
    match kinds.iter_mut().find(|(known, _)| *known == identity) {
        Some((_, messages)) => messages.push(message),
        None => kinds.push((identity, vec![message])),
    }
}

fn unknowable(key: &str) -> String {
    format!(
        "{key}: the references name no level, and only their messages tell which one is left: see --verify-level"
    )
}

/// What the catalogue says of a source, or of the archive that an object is in.
fn about_of(catalog: &Catalog, (said, url): (Option<&str>, &str), run: Moment) -> About {
    let mut sources = catalog.sources().filter(|source| {
        if let Some(said) = said {
            return source.id == said;
        }
        let mut roots = source.mirrors.iter().map(|mirror| mirror.root.as_str());
        roots.any(|root| url.starts_with(root))
    });
    let run = crate::time::Date::from_days_since_epoch(run.as_seconds().div_euclid(86_400))
        .and_then(|date| crate::time::Run::new(date, 0));
    match (sources.next(), run) {
        (Some(source), Some(run)) => {
            let mut about = about(source, run);
            // Several sources may share a bucket: only what they share is known.
            if sources.next().is_some() {
                about.source = String::new();
                about.title = format!("objects of {}", source.centre);
            }
            about
        }
        _ => About::default(),
    }
}
