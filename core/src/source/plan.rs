//! From run, members and steps to the objects that hold them.

use std::collections::BTreeSet;

use serde::Serialize;

use super::members::{self, MemberId, Members};
use super::pattern::Values;
use super::steps::{Steps, hours_of};
use super::{Era, RunSteps, SourceError, Stream};
use crate::time::{Run, Step};

/// One data file and its index, both below the root of a mirror.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ObjectRef {
    /// Path of the data.
    pub data_path: String,
    /// Path of the index.
    pub index_path: String,
    /// The step of the file.
    pub step: Step,
    /// The stream that the file belongs to.
    pub stream: String,
    /// The list of the messages that are expected in it, where there is one: a name for `Catalog::inventory`.
    pub inventory: Option<String>,
    /// Those of the members asked for that are in it.
    pub members: Vec<MemberId>,
    /// Whether every message of the file belongs to the one member; otherwise the index numbers them.
    pub exclusive: bool,
}

impl Era {
    /// Whether the run is in the era.
    pub fn contains(&self, run: Run) -> bool {
        self.from <= run && self.until.is_none_or(|until| run < until)
    }

    /// The hours of the day at which there is a run, in order.
    pub fn run_hours(&self) -> Vec<u8> {
        let steps = self.streams.iter().flat_map(|stream| &stream.steps);
        let hours: BTreeSet<u8> = steps.flat_map(|steps| &steps.runs).copied().collect();
        hours.into_iter().collect()
    }

    /// Every member of the era, those that come by name only included.
    pub fn members(&self) -> Vec<MemberId> {
        let mut ids: Vec<MemberId> = Vec::new();
        for id in self.streams.iter().flat_map(|stream| stream.members.ids()) {
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        // Control first wherever its stream stands; means and spreads last.
        ids.sort_by_key(|id| (!id.is_forecast(), id.number()));
        ids
    }

    /// Few members whose messages are of every kind: of each stream that holds a run's forecasts the first perturbed one, or the one
    /// that it has.
    pub fn samples(&self, run: Run) -> Vec<MemberId> {
        let members = self.members();
        let mut found: Vec<(&str, MemberId)> = Vec::new();
        for id in members.iter().filter(|id| id.is_forecast()) {
            let Ok((stream, _)) = self.stream_of(run, id) else {
                continue;
            };
            match found.iter_mut().find(|(known, _)| *known == stream.id) {
                None => found.push((&stream.id, id.clone())),
                Some((_, known)) if known.number() == Some(0) => *known = id.clone(),
                Some(_) => {}
            }
        }
        found.into_iter().map(|(_, id)| id).collect()
    }

    /// Picks members as users type them: `all`, `control`, `gep01-gep05`, `0-9`, `1,2,5`.
    ///
    /// `all` are the control and the perturbed; means and spreads come by their name only.
    ///
    /// # Errors
    /// [`SourceError::MemberUnknown`] with the members that there are.
    pub fn parse_members(&self, text: &str) -> Result<Vec<MemberId>, SourceError> {
        members::parse(text, &self.members())
    }

    /// The steps that a run has of every one of these members.
    ///
    /// # Errors
    /// [`SourceError::RunHourNotMade`], [`SourceError::MemberNotMade`].
    pub fn steps(&self, run: Run, members: &[MemberId]) -> Result<Steps, SourceError> {
        let mut common: Option<Steps> = None;
        for id in members {
            let (_, steps) = self.stream_of(run, id)?;
            common = Some(match common {
                Some(common) => common.intersection(steps),
                None => steps.clone(),
            });
        }
        Ok(common.unwrap_or_default())
    }

    /// The files that hold these members at these steps: by step, then in the order of the streams and the members.
    ///
    /// A file of several members is listed once. The order of `members` and `steps` is kept.
    ///
    /// # Errors
    /// [`SourceError::RunHourNotMade`], [`SourceError::MemberNotMade`], [`SourceError::StepNotMade`] where one of the
    /// members does not have one of the steps.
    pub fn objects(
        &self,
        run: Run,
        members: &[MemberId],
        steps: impl IntoIterator<Item = Step>,
    ) -> Result<Vec<ObjectRef>, SourceError> {
        let placed = members
            .iter()
            .map(|id| {
                let (stream, made) = self.stream_of(run, id)?;
                Ok((id, stream, made))
            })
            .collect::<Result<Vec<_>, SourceError>>()?;
        let mut objects = Vec::new();
        for step in steps {
            for stream in &self.streams {
                let here: Vec<&MemberId> = placed
                    .iter()
                    .filter(|(_, found, _)| std::ptr::eq(*found, stream))
                    .map(|(id, _, made)| {
                        if made.contains(step) {
                            Ok(*id)
                        } else {
                            Err(SourceError::StepNotMade {
                                step: step.to_string(),
                                made: made.to_string(),
                            })
                        }
                    })
                    .collect::<Result<_, _>>()?;
                match &stream.members {
                    Members::InFile(_) if here.is_empty() => {}
                    Members::InFile(_) => {
                        objects.push(self.object(stream, run, step, &here)?);
                    }
                    Members::PerFile(_) | Members::Single { .. } => {
                        for id in here {
                            objects.push(self.object(stream, run, step, &[id])?);
                        }
                    }
                }
            }
        }
        Ok(objects)
    }

    /// The stream that has the member at this hour of the day, and the steps that it has then.
    fn stream_of(&self, run: Run, id: &MemberId) -> Result<(&Stream, &Steps), SourceError> {
        let hours = self.run_hours();
        if !hours.contains(&run.hour) {
            let hours: Vec<String> = hours.iter().map(|hour| format!("{hour:02}")).collect();
            return Err(SourceError::RunHourNotMade {
                run_hour: run.hour,
                made: hours.join(", "),
            });
        }
        let found = self.streams.iter().find_map(|stream| {
            let steps = stream.steps_of(run.hour)?;
            let holds = stream.members.ids().contains(id);
            holds.then_some((stream, steps))
        });
        found.ok_or_else(|| SourceError::MemberNotMade {
            member: id.name.clone(),
            run_hour: run.hour,
        })
    }

    fn object(
        &self,
        stream: &Stream,
        run: Run,
        step: Step,
        members: &[&MemberId],
    ) -> Result<ObjectRef, SourceError> {
        let values = Values {
            run: Some(run),
            step_hours: hours_of(step),
            member: members.first().map(|id| id.name.as_str()),
            number: members.first().and_then(|id| id.number()),
        };
        let paths = stream.path.fill(values).and_then(|data| {
            let index = self.index.path(&data)?;
            Some((data, index))
        });
        let (data_path, index_path) = paths.ok_or_else(|| SourceError::Path {
            pattern: stream.path.to_string(),
            run: run.to_string(),
            step: step.to_string(),
        })?;
        Ok(ObjectRef {
            data_path,
            index_path,
            step,
            stream: stream.id.clone(),
            inventory: stream.inventory.clone(),
            members: members.iter().map(|id| (*id).clone()).collect(),
            exclusive: stream.holds_one_member_per_file(),
        })
    }
}

impl Stream {
    /// The steps of a run that starts at that hour of the day, where there is one.
    pub fn steps_of(&self, run_hour: u8) -> Option<&Steps> {
        let has = |steps: &&RunSteps| steps.runs.contains(&run_hour);
        self.steps.iter().find(has).map(|found| &found.steps)
    }

    fn holds_one_member_per_file(&self) -> bool {
        match &self.members {
            Members::InFile(_) => self.members.ids().len() == 1,
            Members::PerFile(_) | Members::Single { .. } => true,
        }
    }
}
