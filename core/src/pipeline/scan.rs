//! References of GRIB2 objects that have no index: names, levels and places are all read from headers.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Event, Gap, Outcome, Why};
use crate::error::Error;
use crate::grib::Header;
use crate::grib::naming::{Keys, Names, Tables};
use crate::grib::scan::{Piece, Scanner};
use crate::identity::{self, Key, Parameter, ParameterNumbers, Statistic, When};
use crate::index::Dialect;
use crate::listing::{Filed, Kind, Listing, Location};
use crate::merge::{self, Mapped};
use crate::provenance::Provenance;
use crate::refs::RefStore;
use crate::refs::build::{self, Codec, Horizontal, Parts};
use crate::store::Store;
use crate::template::build::{About, Seen};
use crate::template::select::{self, Selector};
use crate::template::{Evidence, Level, Template, TemplateGrid, variable};
use crate::time::{Run, Step, StepRange};
use crate::tree;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScanJob {
    /// GRIB2 objects of one run.
    pub urls: Vec<String>,
    /// Variables; empty for all.
    pub variables: Vec<Selector>,
    /// Codec of the data arrays.
    pub codec: Codec,
}

/// What was made.
#[derive(Clone, Debug, PartialEq)]
pub struct Scanned {
    /// The run of all messages.
    pub run: Run,
    /// A store for each member; `None` where messages are of no ensemble.
    pub stores: Vec<(Option<u32>, RefStore)>,
    /// Messages that were read.
    pub messages: usize,
}

/// Reads the headers of whole objects and builds the references of each member in them.
///
/// # Errors
/// Objects of several runs; messages that contradict each other, or that are the same variable, level, step and member.
pub async fn scan(
    store: &impl Store,
    tables: &Tables,
    job: &ScanJob,
    events: &mut dyn FnMut(Event),
) -> Result<Outcome<Scanned>, Error> {
    let mut found = Found::default();
    for (url, number) in job.urls.iter().zip(0..) {
        object(store, tables, (url, number), &mut found).await?;
        let bytes = store.head(url).await?.size.unwrap_or_default();
        events(Event::Index {
            url: url.clone(),
            bytes,
        });
    }
    let Some((run, _)) = found.run else {
        let because = found.gaps.first().map(|gap| match &gap.why {
            Why::Refused { because, .. } => because.clone(),
            _ => gap.what.clone(),
        });
        return Err(Error::NoMessage {
            url: job.urls.first().cloned().unwrap_or_default(),
            because: because.unwrap_or_else(|| "nothing in it starts as one".to_owned()),
        });
    };
    let stores = found.build(job, run)?;
    Ok(Outcome {
        value: Scanned {
            run,
            stores,
            messages: found.listing.messages.len(),
        },
        gaps: found.gaps,
    })
}

/// The messages of all objects.
#[derive(Default)]
struct Found {
    listing: Listing,
    seen: Vec<Seen>,
    /// The run, and the object that said it first.
    run: Option<(Run, String)>,
    members: Vec<Option<u32>>,
    gaps: Vec<Gap>,
}

async fn object(
    store: &impl Store,
    tables: &Tables,
    (url, number): (&str, u32),
    found: &mut Found,
) -> Result<(), Error> {
    let size = store.head(url).await?.size.unwrap_or(u64::MAX);
    let mut scanner = Scanner::new(size);
    while let Some(wanted) = scanner.wanted() {
        let bytes = store.get_range(url, wanted).await?;
        scanner.feed(wanted.offset, &bytes);
        while let Some(piece) = scanner.next_piece() {
            match piece {
                Piece::Gap { .. } => {}
                Piece::Message { span, fields } => {
                    let location = Location {
                        object: number,
                        span,
                    };
                    for (header, field) in fields.iter().zip(1_u16..) {
                        found.add(tables, url, header, (location, field))?;
                    }
                }
                Piece::Refused { span, error } => {
                    found.refuse(url, format!("bytes {}", span.offset), error.to_string());
                }
            }
        }
    }
    Ok(())
}

impl Found {
    fn refuse(&mut self, url: &str, what: String, because: String) {
        self.gaps.push(Gap {
            what,
            step: None,
            member: None,
            why: Why::Refused {
                url: url.to_owned(),
                line: 0,
                because,
            },
        });
    }

    fn add(
        &mut self,
        tables: &Tables,
        url: &str,
        header: &Header,
        (location, field): (Location, u16),
    ) -> Result<(), Error> {
        let names = tables.names(&Keys::from(header));
        let what = names.short_name.to_string();
        if field > 1 {
            let because = format!(
                "field {field} of a message that holds several: the codecs decode the first one only"
            );
            self.refuse(url, what, because);
            return Ok(());
        }
        let (Some(steps), Some(run)) = (names.steps, header.identification.reference.run()) else {
            let because = "its time cannot be computed".to_owned();
            self.refuse(url, what, because);
            return Ok(());
        };
        match &self.run {
            None => self.run = Some((run, url.to_owned())),
            Some((known, _)) if *known == run => {}
            Some((known, first)) => {
                return Err(Error::TwoRuns {
                    first: (*known, first.clone()),
                    second: (run, url.to_owned()),
                });
            }
        }
        let number = names.number.and_then(|number| u32::try_from(number).ok());
        let place = self.members.iter().position(|known| *known == number);
        let place = place.unwrap_or_else(|| {
            self.members.push(number);
            self.members.len() - 1
        });
        let range = StepRange {
            start: steps.start,
            end: steps.end,
        };
        let window = (names.step_type != Some("instant")).then_some(range);
        let key = key(header, &names);
        let label = label(&names);
        let filed = Filed {
            stream: "",
            step: steps.end,
            member: u16::try_from(place).unwrap_or(u16::MAX),
            location,
        };
        let kind = self.listing.insert(
            Kind {
                key,
                stream: String::new(),
                label,
                example: String::new(),
            },
            filed,
            window,
        );
        let grid =
            TemplateGrid::parse(header.grid.octets.clone()).map_err(|source| Error::Section {
                url: url.to_owned(),
                offset: header.message.offset,
                source,
            })?;
        self.seen.push(Seen {
            kind,
            step: steps.end,
            level: names.level.map(|level| Level {
                value: level.value,
                bounds: level.bounds,
            }),
            window,
            variable: variable(names),
            grid,
            packing: Some(header.representation.template),
            disputed: false,
            evidence: Evidence::Header,
        });
        Ok(())
    }

    fn build(&self, job: &ScanJob, run: Run) -> Result<Vec<(Option<u32>, RefStore)>, Error> {
        let about = About {
            source: "scan",
            era: "",
            dialect: Dialect::Noaa,
            run: Some(run),
        };
        let template = crate::template::build::build(about, &self.listing, &self.seen)?;
        let tree = tree::build(&template)?;
        select::known(&template.rows.iter().collect::<Vec<_>>(), &job.variables)?;
        let chosen = select::select(&template, &job.variables);
        let mapped = merge::map(
            &self.listing.kinds,
            self.listing.messages.clone(),
            &template,
        )
        .messages;
        let selected = |message: &&Mapped| chosen.get(message.row).copied().unwrap_or(false);
        let steps: BTreeSet<Step> = mapped.iter().map(|message| message.step).collect();
        let steps: Vec<Step> = steps.into_iter().collect();
        let grids = template.grids.iter().map(|grid| {
            Horizontal::of(grid.grid()).map_err(|source| Error::Grid {
                label: grid.to_string(),
                source,
            })
        });
        let grids = grids.collect::<Result<Vec<_>, _>>()?;
        let mut by_member: BTreeMap<Option<u32>, Vec<Mapped>> = BTreeMap::new();
        for message in mapped.iter().filter(selected) {
            let number = self.members.get(usize::from(message.member)).copied();
            by_member
                .entry(number.flatten())
                .or_default()
                .push(*message);
        }
        let stores = by_member.into_iter().map(|(number, messages)| {
            let parts = Parts {
                tree: &tree,
                grids: &grids,
                messages: &messages,
                objects: &job.urls,
                run,
                steps: &steps,
                number,
                codec: job.codec,
            };
            let provenance = provenance(&template, job, (run, number), &steps);
            Ok((number, build::build(parts, provenance)?))
        });
        stores.collect()
    }
}

/// Everything of a message that is the same at every step and of every member.
fn key(header: &Header, names: &Names) -> Key<'static> {
    let product = &header.product;
    let parameter = product.parameter;
    let identification = &header.identification;
    let surfaces = product.surfaces;
    let ranges = product.statistics.iter().flat_map(|known| &known.ranges);
    Key {
        parameter: Parameter::Numbers(ParameterNumbers {
            discipline: header.discipline,
            category: parameter.map_or(u8::MAX, |parameter| parameter.category),
            number: parameter.map_or(u8::MAX, |parameter| parameter.number),
            center: Some(identification.centre),
            master_table: Some(identification.tables_version),
            local_table: Some(identification.local_tables_version),
        }),
        level: match surfaces {
            Some(surfaces) => identity::Level::Surfaces {
                first: surfaces.first.normalized(),
                second: Some(surfaces.second.normalized()),
            },
            None => identity::Level::Text("".into()),
        },
        when: When::Unstated,
        statistic: ranges.map(|range| Statistic(range.statistic)).next(),
        member: None,
        mars: None,
        // What is derived from an ensemble or stands for a part of a spectrum is another kind than a plain field.
        extra: format!(
            "{} {:?} {:?} {:?} {:?} {:?} {:?} {:?}",
            names.short_name,
            product.derived,
            product.probability,
            product.quantile,
            product.spatial,
            product.constituent,
            product.size,
            product.wavelength
        )
        .into(),
        occurrence: 0,
    }
}

fn label(names: &Names) -> String {
    match names.level {
        Some(level) => format!("{} {} {}", names.short_name, level.kind, level.value),
        None => names.short_name.to_string(),
    }
}

fn provenance(
    template: &Template,
    job: &ScanJob,
    (run, number): (Run, Option<u32>),
    steps: &[Step],
) -> Provenance {
    Provenance {
        gik: env!("CARGO_PKG_VERSION").to_owned(),
        source: template.source.clone(),
        era: String::new(),
        run,
        member: number.map(|number| number.to_string()).unwrap_or_default(),
        steps: steps.iter().map(Step::to_string).collect(),
        variables: job.variables.iter().map(Selector::to_string).collect(),
        codec: job.codec.id().to_owned(),
        template: template.id(),
        indexes: Vec::new(),
    }
}
