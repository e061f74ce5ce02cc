//! Steps, valid times and runs: what the URLs say decides, since their bytes are what is read.

use std::collections::BTreeSet;

use super::Store;
use super::values::{self, doubles, integers};
use crate::convert::origin::Origin;
use crate::convert::{ConvertError, Notes};
use crate::keys::RawReference;

const TIME: &str =
    "`time` that was the valid time, or another day's, is the run that the URLs name";
const VALID_TIME: &str = "`valid_time` that ignored the run is run plus step";

impl Store {
    /// A reference at a place of one step to an object of another is refused.
    pub(super) fn steps(
        &mut self,
        group: &str,
        origin: Option<&Origin<'_>>,
        notes: &mut Notes,
    ) -> Result<(), ConvertError> {
        let step = format!("{group}/step");
        let (Some(origin), Some(steps)) = (origin, self.inline(&step, "<f8").map(doubles)) else {
            return Ok(());
        };
        let Some(axis) = self.dimensions(&step)?.into_iter().next() else {
            return Ok(());
        };
        let mut wrong = Vec::new();
        for array in self.arrays(Some(group)) {
            let Some(at) = self
                .dimensions(&array)?
                .iter()
                .position(|name| *name == axis)
            else {
                continue;
            };
            for (key, reference) in self.chunks(&array) {
                let RawReference::Range { url, .. } = reference else {
                    continue;
                };
                let place = key
                    .rsplit('/')
                    .next()
                    .and_then(|name| name.split('.').nth(at));
                let index: Option<usize> = place.and_then(|index| index.parse().ok());
                let seconds = index
                    .and_then(|index| steps.get(index))
                    .copied()
                    .and_then(values::seconds);
                let of_object = origin
                    .object(url)
                    .map(|(object, _)| object.step.as_seconds());
                if seconds != of_object {
                    notes.refused("references to an object of another step".to_owned(), key);
                    wrong.push(key.clone());
                }
            }
        }
        for key in wrong {
            self.keys.keys.remove(&key);
        }
        Ok(())
    }

    /// Valid times are run plus step, and `time` is the run: that of the URLs, or where they are unknown, of the valid times.
    pub(super) fn times(
        &mut self,
        group: &str,
        origin: Option<&Origin<'_>>,
        notes: &mut Notes,
    ) -> Result<(), ConvertError> {
        let path = |name: &str| format!("{group}/{name}");
        let of = |name: &str, dtype| self.inline(&path(name), dtype);
        let (Some(times), Some(valid), Some(steps)) = (
            of("time", "<i8").map(integers),
            of("valid_time", "<i8").map(integers),
            of("step", "<f8").map(doubles),
        ) else {
            return Ok(());
        };
        let steps: Option<Vec<i64>> = steps.into_iter().map(values::seconds).collect();
        let Some(steps) = steps.filter(|steps| steps.len() == valid.len()) else {
            return Ok(());
        };
        let run = match origin {
            Some(origin) => origin.run.seconds_since_epoch(),
            None => {
                let runs = valid.iter().zip(&steps).map(|(valid, step)| valid - step);
                let runs: BTreeSet<i64> = runs.collect();
                match (runs.first(), runs.len()) {
                    (Some(run), 1) => *run,
                    _ => return Ok(()),
                }
            }
        };
        let truth: Vec<i64> = steps.iter().map(|step| run + step).collect();
        if valid != truth {
            let octets = truth.iter().flat_map(|time| time.to_le_bytes()).collect();
            let chunk = self
                .chunks(&path("valid_time"))
                .map(|(key, _)| key.clone())
                .next();
            if let Some(chunk) = chunk {
                self.put(&chunk, octets);
                notes.repaired(VALID_TIME, &path("valid_time"));
            }
        }
        if times.iter().any(|time| *time != run) {
            self.scalar(&path("time"), run.to_le_bytes().to_vec())?;
            notes.repaired(TIME, &path("time"));
        }
        Ok(())
    }
}
