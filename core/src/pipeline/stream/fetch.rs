//! Reads ranges of objects, proves that the messages in them are those that were meant, and has them decoded.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::{Bytes, BytesMut};
use futures_util::future;

use super::decode::{DecodeJob, Decoder};
use super::plan::{Job, Plan, Range};
use super::{Cutout, Field, Why};
use crate::error::Error;
use crate::grib::Header;
use crate::grib::field::FieldError;
use crate::grib::header::{MessageReader, Parsed};
use crate::grib::naming::{Keys, Names, Tables};
use crate::pipeline::headers;
use crate::span::ByteSpan;
use crate::store::{Store, StoreError};
use crate::time::{Moment, Step, StepRange};

/// Sections 0 to 6 of nearly every message.
const HEADER: u64 = 512;

/// What reads.
pub(super) struct Fetcher<'a, S, D> {
    pub(super) store: &'a S,
    pub(super) tables: &'a Tables,
    pub(super) run: Moment,
    pub(super) decoder: &'a D,
}

/// What a message must be. What nobody said is `None`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Identity {
    pub(super) var_name: Option<String>,
    pub(super) short_name: Option<String>,
    pub(super) step_type: Option<String>,
    pub(super) type_of_level: Option<String>,
    pub(super) level: Option<f64>,
}

impl<S: Store, D: Decoder> Fetcher<'_, S, D> {
    /// The header of a message and its names; the reason where it cannot be read.
    pub(super) async fn probe(
        &self,
        url: &str,
        span: ByteSpan,
    ) -> Result<Result<(Header, Names), Why>, Error> {
        match headers::header(self.store, url, span).await {
            Ok(header) => {
                let names = self.tables.names(&Keys::from(&header));
                Ok(Ok((header, names)))
            }
            Err(Error::Store(error)) => Ok(Err(lost(url, &error))),
            Err(error) => Ok(Err(failed(url, &error))),
        }
    }

    /// The fields of a range, each with the number of its job.
    pub(super) async fn range(
        &self,
        plan: &Plan,
        range: &Range,
    ) -> Result<Vec<(usize, Cutout)>, Error> {
        let jobs = range
            .jobs
            .iter()
            .filter_map(|at| Some((*at, plan.jobs.get(*at)?)));
        let Some(url) = plan.url(range.url) else {
            return Ok(jobs.map(|(at, _)| (at, Err(Why::NotInRun))).collect());
        };
        let bytes = match self.store.get_range(url, enough(plan, range)).await {
            Ok(bytes) => bytes,
            Err(error) => {
                // One damaged range must not take its neighbours along.
                if range.jobs.len() == 1 {
                    return Ok(jobs.map(|(at, _)| (at, Err(lost(url, &error)))).collect());
                }
                let each = jobs.map(|(at, job)| async move {
                    let octets = self.store.get_range(url, job.read).await;
                    match octets {
                        Ok(octets) => Ok((at, self.field(plan, job, url, octets).await?)),
                        Err(error) => Ok((at, Err(lost(url, &error)))),
                    }
                });
                return future::try_join_all(each).await;
            }
        };
        let each = jobs.map(|(at, job)| {
            let from = job.span.offset.saturating_sub(range.span.offset);
            let octets = slice(&bytes, from, job.span.length);
            async move { Ok((at, self.field(plan, job, url, octets).await?)) }
        });
        future::try_join_all(each).await
    }

    /// The field of a message, whose first bytes these are.
    async fn field(
        &self,
        plan: &Plan,
        job: &Job,
        url: &str,
        octets: Bytes,
    ) -> Result<Cutout, Error> {
        let header = match self.header(job, url, &octets).await {
            Ok(header) => Arc::new(header),
            Err(why) => return Ok(Err(why)),
        };
        if let Some(why) = self.check(plan, job, url, &header)? {
            return Ok(Err(why));
        }
        let (mut octets, mut longer) = (octets, false);
        loop {
            let work = DecodeJob {
                header: Arc::clone(&header),
                octets: octets.clone(),
                cut: Arc::clone(&plan.cut),
            };
            match self.decoder.decode(work).await {
                Ok(values) => {
                    let length = job.span.length;
                    if let Some(variable) = plan.variable_of(job).filter(|_| longer) {
                        let have = u64::try_from(octets.len()).unwrap_or(u64::MAX);
                        let share = have.saturating_mul(1_000).div_ceil(length.max(1));
                        variable.learned.fetch_max(share, Ordering::Relaxed);
                    }
                    return Ok(Ok(Field { values, length }));
                }
                Err(FieldError::NeedMore(more)) => match self.more(job, url, &octets, more).await {
                    Ok(more) => (octets, longer) = (more, true),
                    Err(why) => return Ok(Err(why)),
                },
                Err(error) => return Ok(Err(failed(url, &error))),
            }
        }
    }

    async fn header(&self, job: &Job, url: &str, octets: &Bytes) -> Result<Header, Why> {
        let mut reader = MessageReader::new(job.span.offset, job.span.length);
        let (mut at, mut fed) = (job.span.offset, octets.clone());
        loop {
            match reader.read(at, &fed).map_err(|error| failed(url, &error))? {
                Parsed::Fields(fields) => {
                    let several = fields.len() > 1;
                    return match fields.into_iter().next() {
                        Some(header) if !several => Ok(header),
                        _ => Err(Why::Failed {
                            url: url.to_owned(),
                            because: "not a message of one field".to_owned(),
                        }),
                    };
                }
                Parsed::NeedMore(more) => {
                    at = more.offset;
                    let from = more.offset.saturating_sub(job.span.offset);
                    let held = slice(octets, from, more.length);
                    let whole = u64::try_from(held.len()) == Ok(more.length);
                    fed = if whole && !held.is_empty() {
                        held
                    } else {
                        let bytes = self.store.get_range(url, more).await;
                        bytes.map_err(|error| lost(url, &error))?
                    };
                }
            }
        }
    }

    /// The bytes that there are, and as many more as are wanted.
    async fn more(
        &self,
        job: &Job,
        url: &str,
        octets: &Bytes,
        more: ByteSpan,
    ) -> Result<Bytes, Why> {
        let end = job.span.end().unwrap_or(u64::MAX);
        let have = u64::try_from(octets.len()).unwrap_or(u64::MAX);
        let from = job.span.offset.saturating_add(have);
        // A little more than what is missing: rows ask for it piece by piece.
        let wanted = more.length.max(job.span.length / 64).max(HEADER);
        let wanted = wanted.min(end.saturating_sub(from));
        if wanted == 0 {
            return Err(Why::Failed {
                url: url.to_owned(),
                because: format!("the message at byte {} is too short", job.span.offset),
            });
        }
        let rest = self.store.get_range(url, ByteSpan::new(from, wanted)).await;
        let rest = rest.map_err(|error| lost(url, &error))?;
        let mut longer = BytesMut::with_capacity(octets.len() + rest.len());
        longer.extend_from_slice(octets);
        longer.extend_from_slice(&rest);
        Ok(longer.freeze())
    }

    /// The message is the one that was meant: an error where it is another one, a reason where nobody knew and it is another level.
    fn check(
        &self,
        plan: &Plan,
        job: &Job,
        url: &str,
        header: &Header,
    ) -> Result<Option<Why>, Error> {
        let Some(variable) = plan.variable_of(job) else {
            return Ok(None);
        };
        let wrong = |what: &'static str, expected: String, found: String| {
            Err(Error::OtherMessage {
                url: url.to_owned(),
                offset: job.span.offset,
                what,
                expected,
                found,
            })
        };
        let names = self.tables.names(&Keys::from(header));
        let level = names.level.map(|level| level.value);
        if job.level_unknown && level != variable.identity.level {
            let words = |level: Option<f64>| level.map_or("none".to_owned(), |it| it.to_string());
            return Ok(Some(Why::Failed {
                url: url.to_owned(),
                because: format!(
                    "the reference names no level, and its message is at {}, not at {}",
                    words(level),
                    words(variable.identity.level)
                ),
            }));
        }
        if let Some((what, expected, found)) = variable.identity.differs(&names) {
            return wrong(what, expected, found);
        }
        if header.message.length != job.span.length {
            let (says, found) = (job.span.length, header.message.length);
            return wrong("a length of", says.to_string(), found.to_string());
        }
        let run = header.identification.reference.run().map(Moment::from);
        if run != Some(self.run) {
            let found = run.map_or("another time".to_owned(), |run| run.to_string());
            return wrong("run", self.run.to_string(), found);
        }
        if let (Some(number), Some(found)) = (job.number, names.number)
            && number != found
        {
            return wrong("member", number.to_string(), found.to_string());
        }
        if let Some(steps) = names.steps {
            let found = StepRange {
                start: steps.start,
                end: steps.end,
            };
            // At step 0 ECMWF files windows that lie ahead (ecmwf-opendata issue 76).
            let ahead = job.step == Step::ZERO && found.start == Step::ZERO;
            let other = job.window.is_some_and(|window| window != found);
            if !ahead && (found.end != job.step || other) {
                let says = job.window.unwrap_or(StepRange::instant(job.step));
                return wrong("step", says.to_string(), found.to_string());
            }
        }
        if header.grid.octets != variable.grid {
            let words = "that of the first message of its variable".to_owned();
            return wrong("the grid", words, "another one".to_owned());
        }
        Ok(None)
    }
}

impl Identity {
    /// What differs, what was expected and what was found.
    pub(super) fn differs(&self, names: &Names) -> Option<(&'static str, String, String)> {
        let none = || "none".to_owned();
        let text = |what, says: &Option<String>, found: Option<&str>| {
            let says = says.as_deref()?;
            let differs = found != Some(says);
            differs.then(|| {
                (
                    what,
                    says.to_owned(),
                    found.map_or_else(none, str::to_owned),
                )
            })
        };
        let level = || {
            let says = self.level?;
            let found = names.level.map(|level| level.value);
            let words = found.map_or_else(none, |level| level.to_string());
            (found != Some(says)).then(|| ("level", says.to_string(), words))
        };
        text("variable", &self.var_name, Some(&names.var_name))
            .or_else(|| text("shortName", &self.short_name, Some(&names.short_name)))
            .or_else(|| text("stepType", &self.step_type, names.step_type))
            .or_else(|| {
                let kind = names.level.map(|level| level.kind);
                text("typeOfLevel", &self.type_of_level, kind)
            })
            .or_else(level)
    }
}

/// The range of a single message, as long as earlier ones of its variable turned out to need: each second look decodes it again.
fn enough(plan: &Plan, range: &Range) -> ByteSpan {
    let [only] = range.jobs.as_slice() else {
        return range.span;
    };
    let job = plan.jobs.get(*only);
    let known = job.and_then(|job| Some((job, plan.variable_of(job)?)));
    let Some((job, variable)) = known else {
        return range.span;
    };
    let learned = variable.learned.load(Ordering::Relaxed);
    let needed = job.span.length.saturating_mul(learned).div_ceil(1_000);
    let length = range.span.length.max(needed.min(job.span.length));
    ByteSpan::new(range.span.offset, length)
}

/// As many bytes as there are from `from` on, at most `length`.
fn slice(bytes: &Bytes, from: u64, length: u64) -> Bytes {
    let from = usize::try_from(from).unwrap_or(usize::MAX).min(bytes.len());
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    let end = from.saturating_add(length).min(bytes.len());
    bytes.slice(from..end)
}

/// Why bytes were not had.
fn lost(url: &str, error: &StoreError) -> Why {
    match error {
        StoreError::NotFound { url } => Why::NotFound { url: url.clone() },
        error => failed(url, error),
    }
}

fn failed(url: &str, error: &dyn std::error::Error) -> Why {
    let mut because = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        because.push_str(": ");
        because.push_str(&error.to_string());
        cause = error.source();
    }
    Why::Failed {
        url: url.to_owned(),
        because,
    }
}
