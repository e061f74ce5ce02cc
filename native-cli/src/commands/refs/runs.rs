//! Which runs were asked for, and from which mirror each is read.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context as _;
use gik_core::source::{Mirror, ObjectRef};
use gik_core::store::Store;
use gik_core::time::{Date, Run, TimeError};

use super::Work;
use crate::cli::{Dates, Refs};
use crate::exit::CommandError;

const DAY: i64 = 86_400;
/// How many days back the newest run is looked for.
const BACK: i64 = 5;

impl Work<'_> {
    /// The runs that were typed, oldest first.
    pub(super) async fn runs(&self) -> Result<Vec<Run>, CommandError> {
        let hours = hours(self.typed)?;
        let (first, last) = match self.typed.date {
            Dates::Latest => return Ok(vec![self.latest(&hours).await?]),
            Dates::Span(first, last) => (first, last),
            Dates::Today => (today()?, today()?),
        };
        let hours = match hours.is_empty() {
            true => vec![0],
            false => hours,
        };
        let mut runs = Vec::new();
        let days = first.days_since_epoch()..=last.days_since_epoch();
        for date in days.filter_map(Date::from_days_since_epoch) {
            for hour in &hours {
                let run = Run::new(date, *hour).ok_or_else(|| unknown_hour(&hour.to_string()))?;
                runs.push(run);
            }
        }
        Ok(runs)
    }

    /// The newest run whose last file is there.
    async fn latest(&self, hours: &[u8]) -> Result<Run, CommandError> {
        let now = now();
        let mut candidates: Vec<Run> = Vec::new();
        let today = today()?.days_since_epoch();
        for date in (today - BACK..=today).filter_map(Date::from_days_since_epoch) {
            for hour in 0..24 {
                let run = Run::new(date, hour);
                candidates.extend(run.filter(|run| run.seconds_since_epoch() <= now));
            }
        }
        for run in candidates.into_iter().rev() {
            let Ok(era) = self.source.era_of(run) else {
                continue;
            };
            let made = era.run_hours().contains(&run.hour);
            if !made || !(hours.is_empty() || hours.contains(&run.hour)) {
                continue;
            }
            for base in self.bases(run)? {
                if let Some(last) = self.objects(run)?.last()
                    && self.is_there(&base, last).await
                {
                    self.printer
                        .note(format!("the newest complete run is {run}"));
                    return Ok(run);
                }
            }
        }
        Err(CommandError::from(anyhow::anyhow!(
            "{}: no run of the last {BACK} days is complete",
            self.source.id
        )))
    }

    /// Where a run is read from: the base that was typed; else the first mirror that has its last file, or its first one.
    pub(super) async fn base(&self, run: Run) -> Result<String, CommandError> {
        let bases = self.bases(run)?;
        if let [only] = bases.as_slice() {
            return Ok(only.clone());
        }
        let objects = self.objects(run)?;
        for object in [objects.last(), objects.first()].into_iter().flatten() {
            for base in &bases {
                if self.is_there(base, object).await {
                    self.printer.detail(format!("{run} is read from {base}"));
                    return Ok(base.clone());
                }
            }
        }
        // None has it: the first one says so.
        let none = || CommandError::usage(anyhow::anyhow!("{} has no mirrors", self.source.id));
        bases.into_iter().next().ok_or_else(none)
    }

    async fn is_there(&self, base: &str, object: &ObjectRef) -> bool {
        let url = format!("{}/{}", base.trim_end_matches('/'), object.index_path);
        match self.store.head(&url).await {
            Ok(_) => true,
            Err(error) => {
                self.printer.detail(format!("{error}"));
                false
            }
        }
    }

    fn objects(&self, run: Run) -> Result<Vec<ObjectRef>, CommandError> {
        let usage = CommandError::usage;
        let era = self.source.era_of(run).map_err(usage)?;
        let members = match &self.typed.members {
            Some(members) => era.parse_members(members).map_err(usage)?,
            None => era.samples(run),
        };
        let made = era.steps(run, &members).map_err(usage)?;
        let steps = match &self.typed.steps {
            None => made,
            Some(text) => made.select(text).map_err(usage)?,
        };
        era.objects(run, &members, steps.iter()).map_err(usage)
    }

    /// Every base that may have a run, in the order in which they are tried.
    fn bases(&self, run: Run) -> Result<Vec<String>, CommandError> {
        if let Some(from) = &self.typed.from {
            return Ok(super::base(Some(from))?.into_iter().collect());
        }
        let roots =
            |mirrors: Vec<&Mirror>| mirrors.iter().map(|mirror| mirror.root.clone()).collect();
        if !self.typed.mirror.is_empty() {
            let wanted = self.typed.mirror.iter().map(|id| {
                self.source.mirror(id).ok_or_else(|| {
                    let known: Vec<&str> = self
                        .source
                        .mirrors
                        .iter()
                        .map(|one| one.id.as_str())
                        .collect();
                    CommandError::usage(anyhow::anyhow!(
                        "{} has no mirror {id}; there are: {}",
                        self.source.id,
                        known.join(", ")
                    ))
                })
            });
            return Ok(roots(wanted.collect::<Result<_, _>>()?));
        }
        let age_days = (now() - run.seconds_since_epoch()).div_euclid(DAY);
        Ok(roots(by_age(
            self.source.mirrors_of(run).collect(),
            age_days,
        )))
    }
}

/// The mirrors that may have a run of that age: of a run of these days the quickest first, of an older one those that keep all.
fn by_age(mirrors: Vec<&Mirror>, age_days: i64) -> Vec<&Mirror> {
    let keeps = |mirror: &&Mirror| {
        mirror
            .keeps_days
            .is_none_or(|days| age_days <= i64::from(days))
    };
    let mut kept: Vec<&Mirror> = mirrors.into_iter().filter(keeps).collect();
    let fresh = age_days < 1;
    // The sort is stable: the order of the catalogue decides where the rest is equal.
    kept.sort_by_key(|mirror| match fresh {
        true => (false, mirror.lag_minutes.unwrap_or(0)),
        false => (mirror.keeps_days.is_some(), 0),
    });
    kept
}

fn hours(typed: &Refs) -> Result<Vec<u8>, CommandError> {
    let hours = typed.run.iter().map(|text| {
        let hour: Option<u8> = text.trim_end_matches('z').parse().ok();
        hour.filter(|hour| *hour < 24)
            .ok_or_else(|| unknown_hour(text))
    });
    hours.collect()
}

fn unknown_hour(text: &str) -> CommandError {
    CommandError::usage(TimeError::RunHour {
        text: text.to_owned(),
    })
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
    })
}

fn today() -> anyhow::Result<Date> {
    let day = Date::from_days_since_epoch(now().div_euclid(DAY));
    day.context("the clock is beyond the calendar")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mirror(id: &str, keeps_days: Option<u32>, lag_minutes: Option<u32>) -> Mirror {
        Mirror {
            id: id.to_owned(),
            keeps_days,
            lag_minutes,
            ..Mirror::at("s3://b")
        }
    }

    fn order(age_days: i64) -> Vec<String> {
        let mirrors = [
            mirror("slow", None, Some(4)),
            mirror("all", None, None),
            mirror("short", Some(3), None),
        ];
        let found = by_age(mirrors.iter().collect(), age_days);
        found.iter().map(|mirror| mirror.id.clone()).collect()
    }

    #[test]
    fn the_order_of_mirrors_follows_the_age_of_the_run() {
        assert_eq!(order(0), ["all", "short", "slow"], "the quickest first");
        assert_eq!(
            order(2),
            ["slow", "all", "short"],
            "those that keep all first"
        );
        assert_eq!(order(30), ["slow", "all"], "what forgets is not asked");
    }
}
