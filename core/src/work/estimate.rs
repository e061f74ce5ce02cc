//! What a run costs, as the catalogue lets expect: members, steps, kinds of messages, points of a grid. No index is read.
//!
//! Estimates balance shards and tell the size of a job; nothing else depends on them.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::Kind;
use crate::index::Dialect;
use crate::pipeline::plan::Request;
use crate::source::inventory::Inventory;
use crate::source::{Catalog, CatalogError, Era, Grid, Source, SourceError};
use crate::time::Step;

/// Kinds of messages at a step where the catalogue lists none.
const KINDS: u64 = 80;
/// Headers that prove a template.
const HEADERS: u64 = 30;
/// Bytes that are read for a header.
const HEADER_BYTES: u64 = 1 << 10;
/// Octets of a packed value in tenths: 609,046 octets for 1,038,240 points, as measured.
const TENTHS_OF_OCTETS: u64 = 6;
/// What a request takes, as bytes that could be read meanwhile.
const REQUEST_BYTES: u64 = 64 << 10;

/// What is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Estimate {
    /// Bytes.
    pub bytes: u64,
    /// Requests.
    pub requests: u64,
}

impl Estimate {
    /// One number to compare by: bytes, and for each request what could be read meanwhile.
    pub fn cost(self) -> u64 {
        let requests = self.requests.saturating_mul(REQUEST_BYTES);
        self.bytes.saturating_add(requests).max(1)
    }

    /// Both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            bytes: self.bytes.saturating_add(other.bytes),
            requests: self.requests.saturating_add(other.requests),
        }
    }
}

/// Why nothing can be said of a run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EstimateError {
    /// The catalogue does not have it.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// The source does not have it.
    #[error(transparent)]
    Source(#[from] SourceError),
}

/// The runs of one request, whose catalogue is asked once for each era and hour.
#[derive(Debug)]
pub struct Estimator<'a> {
    catalog: &'a Catalog,
    source: &'a Source,
    kind: Kind,
    known: BTreeMap<(&'a str, u8), OfRun>,
}

/// What runs of an era and hour are like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfRun {
    /// Steps of the result.
    pub steps: Vec<Step>,
    /// Members.
    pub members: usize,
    /// Reading and proving the indexes of all steps.
    pub indexes: Estimate,
    /// One message of a field.
    pub message: Estimate,
}

impl<'a> Estimator<'a> {
    /// For runs of a source.
    ///
    /// # Errors
    /// [`EstimateError::Catalog`] where it does not have the source.
    pub fn new(catalog: &'a Catalog, source: &str, kind: Kind) -> Result<Self, EstimateError> {
        Ok(Self {
            catalog,
            source: catalog.source(source)?,
            kind,
            known: BTreeMap::new(),
        })
    }

    /// What a run is like.
    ///
    /// # Errors
    /// [`EstimateError`]: no such run, member or step.
    pub fn run(&mut self, request: &Request) -> Result<&OfRun, EstimateError> {
        let era = self.source.era_of(request.run)?;
        let key = (era.id.as_str(), request.run.hour);
        Ok(match self.known.entry(key) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => {
                let asked = Asked {
                    catalog: self.catalog,
                    source: self.source,
                    kind: self.kind,
                };
                place.insert(asked.of(era, request)?)
            }
        })
    }
}

/// What is asked of whom.
struct Asked<'a> {
    catalog: &'a Catalog,
    source: &'a Source,
    kind: Kind,
}

impl Asked<'_> {
    fn of(&self, era: &Era, request: &Request) -> Result<OfRun, EstimateError> {
        let run = request.run;
        let members = era.parse_members(&request.members)?;
        let made = era.steps(run, &members)?;
        let steps = match &request.steps {
            None => made,
            Some(text) => made.select(text)?,
        };
        let objects = era.objects(run, &members, steps.iter())?;
        let mut lines = 0_u64;
        let mut inventories: BTreeMap<&str, Inventory> = BTreeMap::new();
        let mut last: Option<(Option<&str>, Step, u64)> = None;
        for object in &objects {
            let name = object.inventory.as_deref();
            let known = last.filter(|last| (last.0, last.1) == (name, object.step));
            let kinds = match (known, name) {
                (Some((_, _, kinds)), _) => kinds,
                (None, None) => KINDS,
                (None, Some(name)) => {
                    if !inventories.contains_key(name) {
                        inventories.insert(name, self.catalog.inventory(name)?);
                    }
                    let inventory = inventories.get(name);
                    let expected = inventory.map_or(0, |it| it.expected(run, object.step).len());
                    if expected == 0 {
                        KINDS
                    } else {
                        number(expected)
                    }
                }
            };
            last = Some((name, object.step, kinds));
            // An index lists all members of its file, whoever is asked for.
            let stream = era.streams.iter().find(|one| one.id == object.stream);
            let all = match object.exclusive {
                true => 1,
                false => stream.map_or(1, |stream| stream.members.ids().len()),
            };
            lines = lines.saturating_add(kinds.saturating_mul(number(all)));
        }
        let requests = number(objects.len());
        Ok(OfRun {
            steps: steps.iter().collect(),
            members: members.len(),
            indexes: Estimate {
                bytes: lines
                    .saturating_mul(line_bytes(self.source.dialect))
                    .saturating_add(HEADERS * HEADER_BYTES),
                requests: requests.saturating_mul(2).saturating_add(HEADERS),
            },
            message: Estimate {
                bytes: match self.kind {
                    Kind::Refs => 0,
                    Kind::Stream => points(&era.grid).saturating_mul(TENTHS_OF_OCTETS) / 10,
                },
                requests: 1,
            },
        })
    }
}

/// Bytes of a line, as measured.
fn line_bytes(dialect: Dialect) -> u64 {
    match dialect {
        Dialect::Ecmwf => 216,
        Dialect::Noaa => 60,
    }
}

fn points(grid: &Grid) -> u64 {
    let product = |columns: u32, rows: u32| u64::from(columns).saturating_mul(rows.into());
    match grid {
        Grid::Lambert { nx, ny, .. } => product(*nx, *ny),
        // About 4n points on the longest of 2n parallels, and three quarters of that on average.
        Grid::ReducedGaussian { n } => product(*n, *n).saturating_mul(6),
        Grid::RegularGaussian { ni, nj, .. } | Grid::RegularLatLon { ni, nj, .. } => {
            product(*ni, *nj)
        }
    }
}

fn number(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(source: &str, run: &str) -> Request {
        Request {
            source: source.to_owned(),
            run: run.parse().unwrap(),
            members: "all".to_owned(),
            steps: None,
            base: None,
            concurrency: 1,
        }
    }

    #[test]
    fn a_run_costs_what_its_indexes_are_long() {
        let catalog = Catalog::builtin().unwrap();
        let of = |source, run| {
            let mut estimator = Estimator::new(&catalog, source, Kind::Refs).unwrap();
            estimator.run(&request(source, run)).unwrap().clone()
        };
        let ensemble = of("ifs-ens", "2025-06-01T00");
        assert_eq!((ensemble.steps.len(), ensemble.members), (85, 51));
        assert_eq!(ensemble.indexes.requests, 85 * 2 + HEADERS);
        // 680,595 lines of 85 real indexes are 147 MB.
        let megabytes = ensemble.indexes.bytes / 1_000_000;
        assert!((130..165).contains(&megabytes), "{megabytes} MB");
        assert!(of("ifs-ens", "2025-06-01T06").indexes.cost() < ensemble.indexes.cost());
        let short = of("gefs", "2025-09-18T00");
        assert!(short.indexes.bytes < ensemble.indexes.bytes);
        assert_eq!(short.members, 31);
    }

    #[test]
    fn what_the_catalogue_does_not_have_is_an_error() {
        let catalog = Catalog::builtin().unwrap();
        assert!(Estimator::new(&catalog, "nothing", Kind::Refs).is_err());
        let mut estimator = Estimator::new(&catalog, "ifs-ens", Kind::Refs).unwrap();
        let early = request("ifs-ens", "1999-06-01T00");
        assert!(matches!(
            estimator.run(&early),
            Err(EstimateError::Source(_))
        ));
    }
}
