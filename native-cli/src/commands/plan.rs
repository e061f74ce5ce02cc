//! `gik plan`: the work of many runs in shards, from the catalogue alone.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, anyhow};
use gik_core::pipeline::plan::Request;
use gik_core::product::Product;
use gik_core::source::{Catalog, Source};
use gik_core::store::Store;
use gik_core::time::{Date, Run};
use gik_core::work::estimate::{Estimate, Estimator};
use gik_core::work::{Kind, Shard, Unit, WorkJob, WorkPlan, balance, sha256};

use super::run::CONCURRENCY;
use super::stream;
use crate::catalog;
use crate::cli::{Command, Dates, Format, Plan, Planned, Sharding, TemplateName};
use crate::cloud::{Cloud, absolute};
use crate::exit::{CommandError, ExitStatus};
use crate::printer::Printer;
use crate::settings::Settings;
use crate::workplace::{catalog_hash, typed};

/// Options that a plan of its own makes no sense of, and why.
const REFUSED: [(&str, &str); 3] = [
    ("force", "say it to `gik run`"),
    (
        "refs",
        "shards read values from the source: name it, and no references are needed",
    ),
    ("wait", "plan runs that are there"),
];
/// Options of this command, which are no words of the work.
const OWN: [&str; 4] = ["--groups", "--shard-bytes", "--shards", "--work"];

pub(crate) async fn run(
    typed: &Plan,
    settings: &Settings,
    printer: &Printer,
) -> Result<ExitStatus, CommandError> {
    let work = match typed {
        Plan::Refs(planned) => Asked::new(planned, Kind::Refs),
        Plan::Stream(planned) => Asked::new(planned, Kind::Stream),
    };
    let work = work?;
    let catalog = catalog::read(settings)?;
    let source = catalog.source(&work.source).map_err(CommandError::usage)?;
    let (units, costs, product) = work.units(&catalog, source)?;
    let hashes = work.hashes(settings, &catalog, product.as_ref());
    let hashes = hashes.await?;
    let count = work.shards(&costs)?;
    let dealt = balance::deal(
        &costs.iter().map(|cost| cost.cost()).collect::<Vec<_>>(),
        count,
    );
    let shards = dealt.into_iter().map(|places| {
        let own = places.iter().filter_map(|at| costs.get(*at));
        let cost = own.fold(Estimate::default(), |sum, cost| sum.and(*cost));
        let units = places.iter().filter_map(|at| units.get(*at).cloned());
        Shard {
            bytes: cost.bytes,
            requests: cost.requests,
            units: units.collect(),
        }
    });
    let job = WorkJob {
        kind: work.kind,
        source: work.source.clone(),
        options: work.options.clone(),
        words: work.words(),
        work: work.place()?,
        product,
        hashes,
    };
    let shards: Vec<Shard> = shards.collect();
    let most = shards.iter().map(|shard| shard.bytes).max();
    let all: u64 = shards.iter().map(|shard| shard.bytes).sum();
    printer.note(format!(
        "{} shards of {} units, about {} MB in all and {} MB at most in one",
        shards.len(),
        units.len(),
        all >> 20,
        most.unwrap_or(0) >> 20
    ));
    let plan = WorkPlan::new(env!("CARGO_PKG_VERSION"), job, shards).hashed()?;
    printer.line(plan.to_text()?.trim_end())?;
    Ok(ExitStatus::Success)
}

/// Units with what each costs, and the product.
type Units = (Vec<Unit>, Vec<Estimate>, Option<Product>);

/// What was asked for, whichever command it is the work of.
struct Asked<'a> {
    kind: Kind,
    source: String,
    runs: Vec<Run>,
    options: &'a BTreeMap<String, Vec<String>>,
    sharding: &'a Sharding,
}

impl<'a> Asked<'a> {
    fn new<T>(planned: &'a Planned<T>, kind: Kind) -> Result<Self, CommandError> {
        for (name, because) in REFUSED {
            if planned.options.contains_key(name) {
                return Err(CommandError::usage(anyhow!("--{name}: {because}")));
            }
        }
        let source = planned.source.clone();
        Ok(Self {
            kind,
            source: source.context("a source").map_err(CommandError::usage)?,
            runs: runs(planned.dates, &planned.hours)?,
            options: &planned.options,
            sharding: &planned.sharding,
        })
    }

    fn option(&self, name: &str) -> Option<&str> {
        let values = self.options.get(name)?;
        values.first().map(String::as_str)
    }

    /// Where a run is read: what was typed, or what the catalogue says; never who answers first, which is no part of a plan.
    fn base(&self, source: &Source, run: Run) -> Result<String, CommandError> {
        if let Some(from) = self.option("from") {
            return Ok(from.to_owned());
        }
        let usage = |text: String| CommandError::usage(anyhow!(text));
        if let Some(ids) = self.options.get("mirror") {
            let [id] = ids.as_slice() else {
                return Err(usage("--mirror: a plan reads one mirror".to_owned()));
            };
            let mirror = source.mirror(id);
            let mirror =
                mirror.ok_or_else(|| usage(format!("{} has no mirror {id}", source.id)))?;
            return Ok(mirror.root.clone());
        }
        let mut mirrors = source.mirrors_of(run);
        let keeping = mirrors.find(|mirror| mirror.keeps_days.is_none());
        let mirror = keeping.or(source.mirrors.first());
        let mirror = mirror.ok_or_else(|| usage(format!("{} has no mirrors", source.id)))?;
        Ok(mirror.root.clone())
    }

    /// All units, what each costs, and the product.
    fn units(&self, catalog: &Catalog, source: &Source) -> Result<Units, CommandError> {
        let first = self.runs.first().context("there is no run")?;
        let base = self.base(source, *first)?;
        let command = typed(self.kind, (&self.source, *first, &base), self.options)?;
        let (members, steps, variables, product) = match &command {
            Command::Refs(refs) => {
                if refs.format.contains(&Format::Icechunk) {
                    return Err(CommandError::usage(anyhow!(
                        "a repository has one writer: plan --format kv-parquet, then `gik convert ... --to icechunk`"
                    )));
                }
                let places: Vec<Run> = self.runs.clone();
                super::refs::tell_apart(
                    refs.out.as_deref().unwrap_or_default(),
                    &places,
                    &refs.format,
                )?;
                if refs.out.is_none() {
                    return Err(CommandError::usage(anyhow!("--out says where to write")));
                }
                let members = match &refs.members {
                    Some(members) => members.clone(),
                    None => super::run::only_member(source, *first)?,
                };
                (members, refs.steps.clone(), 0, None)
            }
            Command::Stream(stream) => {
                let asked = stream::asked(stream, None, Some(source))?;
                self.tell_apart(&stream.out.to_string_lossy(), asked.product.as_ref())?;
                let members = stream.members.clone().unwrap_or_else(|| "all".to_owned());
                (
                    members,
                    asked.steps,
                    asked.job.variables.len(),
                    asked.product,
                )
            }
            _ => return Err(anyhow!("neither references nor values").into()),
        };
        let mut estimator = Estimator::new(catalog, &self.source, self.kind);
        let estimator = estimator
            .as_mut()
            .map_err(|error| CommandError::usage(anyhow!("{error}")))?;
        let groups = groups(variables, self.sharding.groups);
        let (mut units, mut costs) = (Vec::new(), Vec::new());
        for run in &self.runs {
            let request = Request {
                source: self.source.clone(),
                run: *run,
                members: members.clone(),
                steps: steps.clone(),
                base: None,
                concurrency: CONCURRENCY,
            };
            let of_run = estimator.run(&request).map_err(CommandError::usage)?;
            let unit = Unit {
                run: *run,
                step: None,
                variables: Vec::new(),
                base: self.base(source, *run)?,
            };
            if self.kind == Kind::Refs {
                units.push(unit);
                costs.push(of_run.indexes);
                continue;
            }
            // Who reads one step reads all indexes of the run, so that all parts of it agree on what it has.
            for step in &of_run.steps {
                for group in &groups {
                    let fields = u64::try_from(of_run.members * group.len())?;
                    units.push(Unit {
                        step: Some(*step),
                        variables: match groups.len() {
                            1 => Vec::new(),
                            _ => group.clone(),
                        },
                        ..unit.clone()
                    });
                    costs.push(of_run.indexes.and(Estimate {
                        bytes: of_run.message.bytes.saturating_mul(fields),
                        requests: of_run.message.requests.saturating_mul(fields),
                    }));
                }
            }
        }
        Ok((units, costs, product))
    }

    /// Values of two runs must not have the same name.
    fn tell_apart(&self, out: &str, product: Option<&Product>) -> Result<(), CommandError> {
        let files = product.map(|product| {
            let of = |run: &Run| product.file_of(&self.source, *run);
            self.runs.iter().map(of).collect::<BTreeSet<_>>()
        });
        let same = files.is_some_and(|files| files.len() < self.runs.len());
        if self.runs.len() > 1 && (same || !out.ends_with('/')) {
            return Err(CommandError::usage(anyhow!(
                "{} runs would write the same names into {out}: --out must be a folder, with / at its end, and the product's file \
                 needs {{date}} and {{run}}",
                self.runs.len()
            )));
        }
        Ok(())
    }

    /// How many shards, where each has something to do.
    fn shards(&self, costs: &[Estimate]) -> Result<usize, CommandError> {
        let units = costs.len();
        let count = match (self.sharding.shards, self.sharding.shard_bytes) {
            (Some(count), _) => count,
            (None, Some(bytes)) => {
                let all: u64 = costs.iter().map(|cost| cost.bytes).sum();
                let count = usize::try_from(all.div_ceil(bytes.max(1)))?;
                return Ok(count.clamp(1, units.max(1)));
            }
            (None, None) => units,
        };
        if count == 0 || count > units {
            return Err(CommandError::usage(anyhow!(
                "--shards {count}: there are {units} units to share out{}",
                match self.kind {
                    Kind::Refs => ", one for each run",
                    Kind::Stream => ", one for each step of a run: --groups makes more",
                }
            )));
        }
        Ok(count)
    }

    async fn hashes(
        &self,
        settings: &Settings,
        catalog: &Catalog,
        product: Option<&Product>,
    ) -> Result<BTreeMap<String, String>, CommandError> {
        let mut hashes = BTreeMap::new();
        hashes.extend(catalog_hash(settings)?.map(|hash| ("catalog".to_owned(), hash)));
        if let Some(product) = product {
            let text = serde_json::to_string(product)?;
            hashes.insert("product".to_owned(), sha256(text.as_bytes()));
        }
        let name = self.option("template").map(str::parse::<TemplateName>);
        if let Some(Ok(name)) = name {
            match name {
                TemplateName::File(address) => {
                    let cloud = catalog::public(Cloud::new(settings), catalog);
                    let url = absolute(&address).map_err(CommandError::usage)?;
                    let bytes = cloud.get(&url).await?.bytes;
                    hashes.insert("template".to_owned(), sha256(&bytes));
                }
                TemplateName::Cache => {
                    let because =
                        "--template cache: other machines have other caches; name the file";
                    return Err(CommandError::usage(anyhow!(because)));
                }
                TemplateName::Builtin | TemplateName::Scan => {}
            }
        }
        Ok(hashes)
    }

    /// Where shards leave results: beside those of the command.
    fn place(&self) -> Result<String, CommandError> {
        if let Some(work) = &self.sharding.work {
            return Ok(work.trim_end_matches('/').to_owned());
        }
        let out = self.option("out").context("--out says where to write");
        let out = out.map_err(CommandError::usage)?;
        let fixed = out.split('{').next().unwrap_or_default();
        let folder = match fixed.rsplit_once('/') {
            Some((folder, _)) => format!("{folder}/"),
            None => String::new(),
        };
        Ok(format!("{folder}_gik"))
    }

    /// The words that one machine would type for the first run.
    fn words(&self) -> Vec<String> {
        if self.kind == Kind::Refs {
            return Vec::new();
        }
        let mut words = Vec::new();
        let mut skip = false;
        for word in std::env::args().skip(1) {
            if skip {
                skip = false;
                continue;
            }
            let name = word.split('=').next().unwrap_or_default();
            if OWN.contains(&name) {
                skip = !word.contains('=');
            } else if !(word == "plan" && words.is_empty()) {
                words.push(word);
            }
        }
        words
    }
}

/// Runs of all days and hours, oldest first.
fn runs(dates: Dates, hours: &[String]) -> Result<Vec<Run>, CommandError> {
    let Dates::Span(first, last) = dates else {
        return Err(CommandError::usage(anyhow!(
            "--date: a plan has its own days, YYYYMMDD or A..B, and is the same tomorrow"
        )));
    };
    let default = ["00".to_owned()];
    let hours = if hours.is_empty() { &default } else { hours };
    let mut runs = Vec::new();
    let days = first.days_since_epoch()..=last.days_since_epoch();
    for date in days.filter_map(Date::from_days_since_epoch) {
        for text in hours {
            let hour = text.trim_end_matches('z').parse().ok();
            let run = hour.and_then(|hour| Run::new(date, hour));
            let run = run.with_context(|| format!("--run {text}: expected an hour, 00 to 23"));
            runs.push(run.map_err(CommandError::usage)?);
        }
    }
    runs.sort_unstable();
    runs.dedup();
    Ok(runs)
}

/// Neighbours in groups of about one size.
fn groups(variables: usize, groups: usize) -> Vec<Vec<usize>> {
    let size = variables.div_ceil(groups.max(1)).max(1);
    let all: Vec<usize> = (0..variables).collect();
    all.chunks(size).map(<[usize]>::to_vec).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_those_of_all_days_and_hours() {
        let dates = "20250630..20250701".parse().unwrap();
        let hours = ["12".to_owned(), "00".to_owned()];
        let found: Vec<String> = runs(dates, &hours)
            .unwrap()
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(
            found,
            [
                "2025-06-30T00",
                "2025-06-30T12",
                "2025-07-01T00",
                "2025-07-01T12"
            ]
        );
        assert!(runs(Dates::Latest, &[]).is_err());
        assert!(runs(dates, &["24".to_owned()]).is_err());
    }

    #[test]
    fn variables_are_in_groups_of_about_one_size() {
        assert_eq!(groups(5, 2), [vec![0, 1, 2], vec![3, 4]]);
        assert_eq!(groups(2, 9), [[0], [1]]);
        assert_eq!(groups(3, 1).len(), 1);
    }
}
