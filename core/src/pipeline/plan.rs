//! What every job on one member starts with: the catalogue's objects, their indexes, and what messages are.

use serde::{Deserialize, Serialize};

use super::Event;
use super::headers::{self, Expected};
use super::listing::{self, Indexed, Wanted};
use crate::error::Error;
use crate::grib::naming::Tables;
use crate::source::inventory::Inventory;
use crate::source::{Catalog, Era, MemberId, ObjectRef, Source};
use crate::store::Store;
use crate::template::build::{self, About};
use crate::template::{Derivation, Template, builtin};
use crate::time::{Run, Step};

/// Which messages are spoken of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Catalogue id of the source.
    pub source: String,
    /// The run.
    pub run: Run,
    /// The member, as users type it.
    pub member: String,
    /// Steps as users type them; `None` for all.
    pub steps: Option<String>,
    /// Root that paths of the archive are below; `None` for the source's first mirror.
    pub base: Option<String>,
    /// How many objects are read at once.
    pub concurrency: usize,
}

/// A request with what the catalogue says of it.
pub(super) struct Plan<'a> {
    pub(super) request: &'a Request,
    pub(super) source: &'a Source,
    pub(super) era: &'a Era,
    pub(super) member: MemberId,
    pub(super) steps: Vec<Step>,
    pub(super) objects: Vec<ObjectRef>,
    /// Inventories of the era's streams, by the stream's id.
    inventories: Vec<(String, Inventory)>,
}

impl<'a> Plan<'a> {
    pub(super) fn new(catalog: &'a Catalog, request: &'a Request) -> Result<Self, Error> {
        let source = catalog.source(&request.source)?;
        let era = source.era_of(request.run)?;
        let mut members = era.parse_members(&request.member)?;
        let count = members.len();
        let member = members
            .pop()
            .filter(|_| count == 1)
            .ok_or(Error::Members { count })?;
        let members = std::slice::from_ref(&member);
        let made = era.steps(request.run, members)?;
        let steps = match &request.steps {
            None => made,
            Some(text) => made.select(text)?,
        };
        let objects = era.objects(request.run, members, steps.iter())?;
        let mut inventories = Vec::new();
        for stream in &era.streams {
            if let Some(name) = &stream.inventory {
                inventories.push((stream.id.clone(), catalog.inventory(name)?));
            }
        }
        let steps = steps.iter().collect();
        Ok(Self {
            request,
            source,
            era,
            member,
            steps,
            objects,
            inventories,
        })
    }

    /// Reads the indexes. One that is not there is a gap; none at all is an error.
    pub(super) async fn read(
        &self,
        store: &impl Store,
        events: &mut dyn FnMut(Event),
    ) -> Result<Indexed, Error> {
        events(Event::Planned {
            indexes: count(self.objects.len()),
        });
        let wanted = Wanted {
            base: self.base(),
            run: self.request.run,
            member: self.member.member,
            occurrences: &self.source.occurrences,
            concurrency: self.request.concurrency,
        };
        let indexed = listing::read(store, wanted, &self.objects, events).await?;
        if indexed.indexes.is_empty() {
            let first = indexed
                .objects
                .first()
                .map(|object| object.index_url.clone());
            let count = self.objects.len();
            return Err(Error::Nothing {
                count,
                first: first.unwrap_or_default(),
            });
        }
        Ok(indexed)
    }

    /// The template that the catalogue's inventories give, where they list this run and this member is a forecast.
    pub(super) fn builtin(&self, tables: &Tables) -> Result<Option<Template>, Error> {
        if !self.member.is_forecast() {
            return Ok(None);
        }
        let of = (self.source, self.era);
        Ok(builtin::builtin(
            of,
            self.request.run,
            &self.inventories,
            tables,
        )?)
    }

    /// Learns from headers what each kind of message is; where the GRIB object is not there, from inventory and tables.
    pub(super) async fn learn(
        &self,
        store: &impl Store,
        tables: &Tables,
        indexed: &Indexed,
        events: &mut dyn FnMut(Event),
    ) -> Result<Template, Error> {
        let chosen = build::representatives(&indexed.listing);
        let (there, absent): (Vec<usize>, Vec<usize>) = chosen
            .into_iter()
            .partition(|at| indexed.object_of(*at).is_some_and(|object| object.present));
        events(Event::Headers {
            ranges: count(there.len()),
        });
        let mut seen = headers::read(store, tables, self.expected(), indexed, &there).await?;
        for listed in absent
            .iter()
            .filter_map(|at| indexed.listing.messages.get(*at))
        {
            let kind = indexed.listing.kinds.get(listed.kind);
            seen.extend(kind.and_then(|kind| {
                let inventory = self.inventories.iter().find(|(id, _)| *id == kind.stream);
                let derivation = Derivation {
                    tables,
                    inventory: inventory.map(|(_, inventory)| inventory),
                    era: self.era,
                    dialect: self.source.dialect,
                    run: self.request.run,
                };
                derivation.seen(kind, listed)
            }));
        }
        let about = About {
            source: &self.source.id,
            era: &self.era.id,
            dialect: self.source.dialect,
            run: Some(self.request.run),
        };
        Ok(build::build(about, &indexed.listing, &seen)?)
    }

    /// What every message must say of itself.
    pub(super) fn expected(&self) -> Expected {
        Expected {
            run: self.request.run,
            number: self.member.number(),
            concurrency: self.request.concurrency,
        }
    }

    fn base(&self) -> &str {
        let mirror = || {
            self.source
                .mirrors
                .first()
                .map(|mirror| mirror.root.as_str())
        };
        self.request
            .base
            .as_deref()
            .or_else(mirror)
            .unwrap_or_default()
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
