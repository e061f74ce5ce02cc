//! What every job on a run starts with: the catalogue's objects, their indexes, and what messages are.

use serde::{Deserialize, Serialize};

use super::headers::{self, Expected};
use super::listing::{self, Indexed, Wanted};
use super::{Event, Gap, Why};
use crate::error::Error;
use crate::grib::naming::Tables;
use crate::source::inventory::Inventory;
use crate::source::{Catalog, Era, MemberId, ObjectRef, Source};
use crate::store::Store;
use crate::template::build::{self, About};
use crate::template::select::{self, Selector};
use crate::template::{self, Derivation, Row, Template};
use crate::time::{Run, Step};

/// Which messages are spoken of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Catalogue id of the source.
    pub source: String,
    /// The run.
    pub run: Run,
    /// The members, as users type them: `control`, `gep01-gep05`, `0-9`, `all`.
    pub members: String,
    /// Steps as users type them; `None` for all.
    pub steps: Option<String>,
    /// Root that paths of the archive are below; `None` for the source's first mirror.
    pub base: Option<String>,
    /// How many objects are read at once.
    pub concurrency: usize,
}

/// The catalogue's own template for a request, where it has one.
///
/// # Errors
/// What the catalogue does not have; an inventory that contradicts itself.
pub fn builtin(
    catalog: &Catalog,
    request: &Request,
    tables: &Tables,
) -> Result<Option<Template>, Error> {
    Plan::new(catalog, request)?.builtin(tables)
}

/// A request with what the catalogue says of it.
pub(super) struct Plan<'a> {
    pub(super) request: &'a Request,
    pub(super) source: &'a Source,
    pub(super) era: &'a Era,
    pub(super) members: Vec<MemberId>,
    pub(super) steps: Vec<Step>,
    pub(super) objects: Vec<ObjectRef>,
    /// Inventories of the era's streams, by the stream's id.
    inventories: Vec<(String, Inventory)>,
}

impl<'a> Plan<'a> {
    pub(super) fn new(catalog: &'a Catalog, request: &'a Request) -> Result<Self, Error> {
        let source = catalog.source(&request.source)?;
        let era = source.era_of(request.run)?;
        let members = era.parse_members(&request.members)?;
        let made = era.steps(request.run, &members)?;
        let steps = match &request.steps {
            None => made,
            Some(text) => made.select(text)?,
        };
        let objects = era.objects(request.run, &members, steps.iter())?;
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
            members,
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
            members: &self.members,
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

    /// The template that the catalogue's inventories give, where they list this run and all members are forecasts.
    pub(super) fn builtin(&self, tables: &Tables) -> Result<Option<Template>, Error> {
        if !self.members.iter().all(MemberId::is_forecast) {
            return Ok(None);
        }
        let of = (self.source, self.era);
        Ok(template::builtin::builtin(
            of,
            self.request.run,
            &self.inventories,
            tables,
        )?)
    }

    /// Which rows were asked for, and what was asked for that the run does not have: because it lacks it, or because the source
    /// carries it in other eras only.
    ///
    /// # Errors
    /// Names that the source never carries; a run that has nothing of what was asked for.
    pub(super) fn select(
        &self,
        (template, inventory): (&Template, Option<&Template>),
        selectors: &[Selector],
    ) -> Result<(Vec<bool>, Vec<Gap>), Error> {
        let here = |stream: &str| self.objects.iter().any(|object| object.stream == stream);
        let rows = template.rows.iter().filter(|row| here(&row.stream));
        let rows: Vec<&Row> = rows.collect();
        let known = |selector: &&Selector| rows.iter().any(|row| selector.matches(row));
        let listed = |selector: &&Selector| {
            let rows = self
                .inventories
                .iter()
                .flat_map(|(_, inventory)| inventory.rows());
            rows.into_iter().any(|row| selector.is_listed(row))
        };
        let (absent, asked): (Vec<&Selector>, Vec<&Selector>) = selectors
            .iter()
            .partition(|selector| !known(selector) && listed(selector));
        if asked.is_empty() && !absent.is_empty() {
            let absent: Vec<String> = absent.iter().map(ToString::to_string).collect();
            return Err(Error::NotInEra {
                variables: absent.join(", "),
                era: self.era.id.clone(),
            });
        }
        let asked: Vec<Selector> = asked.into_iter().cloned().collect();
        let expected = |selector: &Selector| {
            let mut rows = inventory.iter().flat_map(|inventory| &inventory.rows);
            rows.any(|row| selector.matches(row))
        };
        // What the inventory of this era lists is reported by the verdict, message by message.
        let elsewhere = absent.into_iter().filter(|selector| !expected(selector));
        let gaps = elsewhere.map(|selector| Gap {
            what: selector.to_string(),
            step: None,
            member: None,
            why: Why::NotInEra {
                era: self.era.id.clone(),
            },
        });
        let gaps = gaps.collect();
        select::known(&rows, &asked)?;
        Ok((select::select(template, &asked), gaps))
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
    pub(super) fn expected(&self) -> Expected<'_> {
        Expected {
            run: self.request.run,
            members: &self.members,
            concurrency: self.request.concurrency,
        }
    }

    pub(super) fn base(&self) -> &str {
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
