//! The arrays of the result with names, coordinates and what is said of them: CF's words, or those of the program that was there before.

use super::StreamJob;
use super::assemble::Completed;
use super::inputs::Inputs;
use super::plan::{Plan, Variable};
use crate::dataset::{self, Attribute, Attributes, Dataset, Dimension, Values};
use crate::ensemble::stats::Statistic;
use crate::product::Seed;
use crate::time::{Date, Moment, Step};

/// How a result is laid out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Layout {
    /// CF conventions, with all that is known.
    #[default]
    Cf,
    /// The file of ICPAC's own program, attribute for attribute.
    Seed,
}

/// What is written about a result besides what is known from its messages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stamp {
    /// How it is laid out.
    pub layout: Layout,
    /// `title`.
    pub title: String,
    /// `history`: what was run.
    pub history: String,
    /// The words of the program that was there before.
    pub seed: Option<Seed>,
}

const DAY: i64 = 86_400;
const HOUR: i64 = 3_600;
const CALENDAR: &str = "proleptic_gregorian";
const GRID: [&str; 2] = ["latitude", "longitude"];

/// Puts arrays and words together.
pub(super) fn dataset(
    plan: &Plan,
    inputs: &Inputs,
    job: &StreamJob,
    (results, stamp): (Vec<Completed>, &Stamp),
) -> Dataset {
    let writer = Writer {
        plan,
        inputs,
        job,
        seed: stamp.layout == Layout::Seed,
    };
    let mut dataset = Dataset {
        dimensions: writer.dimensions(),
        variables: writer.coordinates(),
        attributes: writer.about(stamp),
    };
    dataset.variables.extend(writer.values(results));
    dataset
}

struct Writer<'a> {
    plan: &'a Plan,
    inputs: &'a Inputs,
    job: &'a StreamJob,
    seed: bool,
}

impl Writer<'_> {
    /// Whether the members themselves are the result.
    fn each(&self) -> bool {
        self.job.statistics.is_empty()
    }

    fn dimensions(&self) -> Vec<Dimension> {
        let cut = &self.plan.cut;
        let mut lengths = vec![("time", 1)];
        if self.each() {
            lengths.push(("number", self.inputs.members.len()));
        }
        lengths.push(("valid_time", self.inputs.steps.len()));
        lengths.push((GRID[0], cut.latitudes.len()));
        lengths.push((GRID[1], cut.longitudes.len()));
        if !self.seed {
            lengths.push(("bnds", 2));
        }
        let each = lengths.into_iter().map(|(name, length)| Dimension {
            name: name.to_owned(),
            length,
        });
        each.collect()
    }

    fn coordinates(&self) -> Vec<dataset::Variable> {
        let run = self.inputs.run;
        let steps = &self.inputs.steps;
        let whole = steps.iter().all(|step| step.whole_hours().is_some());
        let (unit, seconds) = if whole {
            ("hours", HOUR)
        } else {
            ("seconds", 1)
        };
        let first = steps.first().copied().unwrap_or(Step::ZERO);
        let origin = if self.seed { run.after(first) } else { run };
        let time = |name: &str, values: Vec<i64>, unit: &str, since: Moment| {
            let since = since.to_string().replace('T', " ");
            array(
                name,
                &[name],
                Values::I64(values),
                texts(&[
                    ("units", &format!("{unit} since {since}")),
                    ("calendar", CALENDAR),
                ]),
            )
        };
        let valid = steps
            .iter()
            .map(|step| run.after(*step).since(origin).as_seconds() / seconds);
        let mut coordinates = vec![
            time("time", vec![0], "days", run),
            time("valid_time", valid.collect(), unit, origin),
        ];
        let cut = &self.plan.cut;
        let axes = [
            (GRID[0], &cut.latitudes, "degrees_north", "Y"),
            (GRID[1], &cut.longitudes, "degrees_east", "X"),
        ];
        for (name, values, units, axis) in axes {
            let mut attributes = Vec::new();
            if !self.seed {
                attributes = texts(&[("units", units), ("standard_name", name), ("axis", axis)]);
            }
            let values = Values::F64(values.clone());
            coordinates.push(dataset::Variable {
                fill: self.seed,
                ..array(name, &[name], values, attributes)
            });
        }
        if self.seed {
            return coordinates;
        }
        let named = ["forecast_reference_time", "time"];
        for (coordinate, standard_name) in coordinates.iter_mut().zip(named) {
            let name = ("standard_name".to_owned(), standard_name.into());
            coordinate.attributes.insert(0, name);
        }
        let periods = steps.iter().map(|step| hours(*step)).collect();
        let about = texts(&[("standard_name", "forecast_period"), ("units", "hours")]);
        let valid_time = ["valid_time"];
        coordinates.push(array("step", &valid_time, Values::F64(periods), about));
        if self.each() {
            coordinates.push(self.numbers());
        }
        coordinates
    }

    fn numbers(&self) -> dataset::Variable {
        let members = &self.inputs.members;
        let numbers = (0_i64..).zip(members);
        let numbers = numbers.map(|(place, member)| member.number.unwrap_or(place));
        let names: Vec<&str> = members.iter().map(|member| member.name.as_str()).collect();
        let about = texts(&[
            ("standard_name", "realization"),
            ("member_names", &names.join(" ")),
        ]);
        array("number", &["number"], Values::I64(numbers.collect()), about)
    }

    fn values(&self, results: Vec<Completed>) -> Vec<dataset::Variable> {
        let steps = self.inputs.steps.len();
        let mut by_variable: Vec<Vec<Option<Completed>>> = Vec::new();
        for _ in &self.plan.variables {
            by_variable.push((0..steps).map(|_| None).collect());
        }
        for (output, completed) in self.plan.outputs.iter().zip(results) {
            let own = by_variable.get_mut(output.variable);
            if let Some(place) = own.and_then(|own| own.get_mut(output.place)) {
                *place = Some(completed);
            }
        }
        let mut arrays = Vec::new();
        for ((at, variable), completed) in self.plan.variables.iter().enumerate().zip(by_variable) {
            // What has no values at all is no variable of the file.
            let empty = |it: &Option<Completed>| it.as_ref().is_none_or(|it| it.used == 0);
            if completed.iter().all(empty) {
                continue;
            }
            if self.each() {
                arrays.push(self.members(variable, &completed));
            } else {
                for (place, statistic) in variable.statistics.iter().enumerate() {
                    if !self.seed || statistic.is_of_seed() {
                        arrays.push(self.statistic(variable, (place, statistic), &completed));
                    }
                }
            }
            if !self.seed {
                arrays.extend(self.beside(at, variable, &completed));
            }
        }
        arrays
    }

    fn statistic(
        &self,
        variable: &Variable,
        (place, statistic): (usize, &Statistic),
        completed: &[Option<Completed>],
    ) -> dataset::Variable {
        let points = self.plan.cut.points();
        let mut values = Vec::with_capacity(points * completed.len());
        for completed in completed {
            let own = completed
                .as_ref()
                .and_then(|it| it.arrays.get(place)?.as_ref());
            match own {
                Some(own) => values.extend_from_slice(own),
                None => values.resize(values.len() + points, f32::NAN),
            }
        }
        let attributes = if self.seed {
            let word = match statistic {
                Statistic::StandardDeviation => "standard deviation",
                _ => "mean",
            };
            let long_name = format!("{} ensemble {word}", variable.name);
            texts(&[("long_name", &long_name), ("units", "varies")])
        } else {
            variable.said(statistic, self.window_words(variable).as_deref())
        };
        let dimensions = ["time", "valid_time", GRID[0], GRID[1]];
        let name = statistic.name(&variable.name);
        filled(&name, &dimensions, values, attributes)
    }

    fn members(&self, variable: &Variable, completed: &[Option<Completed>]) -> dataset::Variable {
        let points = self.plan.cut.points();
        let members = self.inputs.members.len();
        let mut values = Vec::with_capacity(points * completed.len() * members);
        for member in 0..members {
            for completed in completed {
                let own = completed
                    .as_ref()
                    .and_then(|it| it.arrays.get(member)?.as_ref());
                match own {
                    Some(own) => values.extend_from_slice(own),
                    None => values.resize(values.len() + points, f32::NAN),
                }
            }
        }
        let mut attributes = texts(&[("long_name", &variable.long_name())]);
        attributes.extend(variable.units_and_name(true));
        if let Some(words) = self.window_words(variable) {
            attributes.push(("cell_methods".to_owned(), words.into()));
        }
        attributes.extend(texts(&[("coordinates", "step")]));
        attributes.extend(variable.grib());
        let dimensions = ["time", "number", "valid_time", GRID[0], GRID[1]];
        filled(&variable.name, &dimensions, values, attributes)
    }

    /// CF's cell method over time, where there are windows.
    fn window_words(&self, variable: &Variable) -> Option<String> {
        let at = self.place_of(variable)?;
        let windowed =
            |output: &&super::plan::Output| output.variable == at && output.window.is_some();
        self.plan.outputs.iter().find(windowed)?;
        let word = match variable.names.step_type? {
            "accum" => "sum",
            "avg" => "mean",
            "max" => "maximum",
            "min" => "minimum",
            _ => return None,
        };
        Some(format!("valid_time: {word}"))
    }

    fn place_of(&self, variable: &Variable) -> Option<usize> {
        let name = |known: &Variable| known.name == variable.name;
        self.plan.variables.iter().position(name)
    }

    /// How many members each step is of, and the window that it speaks of.
    fn beside(
        &self,
        at: usize,
        variable: &Variable,
        completed: &[Option<Completed>],
    ) -> Vec<dataset::Variable> {
        let used = completed.iter().map(|completed| {
            let used = completed.as_ref().map_or(0, |completed| completed.used);
            i32::try_from(used).unwrap_or(i32::MAX)
        });
        let words = format!("members that {} is of", variable.name);
        let mut beside = vec![array(
            &format!("{}_members_used", variable.name),
            &["valid_time"],
            Values::I32(used.collect()),
            texts(&[("long_name", &words), ("units", "1")]),
        )];
        let own = self
            .plan
            .outputs
            .iter()
            .filter(|output| output.variable == at);
        let windows: Vec<_> = own
            .filter_map(|output| Some((output.place, output.window?)))
            .collect();
        if windows.is_empty() {
            return beside;
        }
        let bounds = (0..self.inputs.steps.len()).flat_map(|place| {
            let window = windows.iter().find(|(known, _)| *known == place);
            match window {
                Some((_, window)) => [hours(window.start), hours(window.end)],
                None => [f64::NAN; 2],
            }
        });
        let words = format!(
            "start and end of what {} speaks of, from the start of the run",
            variable.name
        );
        beside.push(array(
            &format!("{}_step_bounds", variable.name),
            &["valid_time", "bnds"],
            Values::F64(bounds.collect()),
            texts(&[("long_name", &words), ("units", "hours")]),
        ));
        beside
    }

    fn about(&self, stamp: &Stamp) -> Attributes {
        let members = i64::try_from(self.inputs.members.len()).unwrap_or(i64::MAX);
        let run = self.inputs.run;
        let date = Date::from_days_since_epoch(run.as_seconds().div_euclid(DAY));
        let date = date.map(|date| format!("{date:#}")).unwrap_or_default();
        let hour = format!("{:02}Z", run.as_seconds().rem_euclid(DAY) / HOUR);
        let about = &self.inputs.about;
        if let (true, Some(seed)) = (self.seed, &stamp.seed) {
            let hours = self.inputs.steps.iter().map(ToString::to_string);
            let hours: Vec<String> = hours.collect();
            let mut attributes = texts(&[
                ("title", &seed.title),
                ("institution", &seed.institution),
                ("source", &seed.source),
                ("model_date", &date),
                ("model_run", &hour),
                ("forecast_hours", &format!("[{}]", hours.join(", "))),
            ]);
            attributes.push(("n_ensemble_members".to_owned(), Attribute::Integer(members)));
            attributes.extend(texts(&[("history", &stamp.history)]));
            return attributes;
        }
        let mut attributes = texts(&[
            ("Conventions", "CF-1.11"),
            ("title", &stamp.title),
            ("institution", &about.centre),
            ("source", &about.title),
            ("history", &stamp.history),
            ("model_date", &date),
            ("model_run", &hour),
        ]);
        attributes.push(("n_ensemble_members".to_owned(), Attribute::Integer(members)));
        attributes.extend(texts(&[
            ("standard_deviation", "of the members themselves (ddof 0)"),
            ("attribution", &about.attribution),
            ("licence", &about.licence),
            ("gik_source", &about.source),
            ("gik_made_from", &about.made_from),
            ("gik_version", env!("CARGO_PKG_VERSION")),
        ]));
        attributes.retain(|(_, value)| *value != Attribute::Text(String::new()));
        attributes
    }
}

impl Statistic {
    /// Whether ICPAC's program wrote it.
    fn is_of_seed(&self) -> bool {
        matches!(self, Self::Mean | Self::StandardDeviation)
    }

    fn words(&self) -> String {
        match self {
            Self::Count => "members with a value".to_owned(),
            Self::Maximum => "ensemble maximum".to_owned(),
            Self::Mean => "ensemble mean".to_owned(),
            Self::Minimum => "ensemble minimum".to_owned(),
            Self::Probability {
                compare, threshold, ..
            } => format!("share of members {compare} {threshold}"),
            Self::Quantile(per_cent) => format!("ensemble quantile of {per_cent} %"),
            Self::StandardDeviation => "ensemble standard deviation".to_owned(),
        }
    }
}

impl Variable {
    fn long_name(&self) -> String {
        let own = self.wanted.long_name.as_deref().or(self.names.name);
        own.unwrap_or(&self.name).to_owned()
    }

    /// What is said of a statistic.
    fn said(&self, statistic: &Statistic, window: Option<&str>) -> Attributes {
        let probability = matches!(statistic, Statistic::Probability { .. });
        let mut long_name = format!("{}, {}", self.long_name(), statistic.words());
        if probability {
            long_name = format!("{long_name} {}", self.units);
        }
        let mut attributes = texts(&[("long_name", &long_name)]);
        match statistic {
            Statistic::Count => attributes.extend(texts(&[("units", "1")])),
            Statistic::Probability { .. } => attributes.extend(texts(&[("units", "%")])),
            // Of a deviation CF has no name.
            Statistic::StandardDeviation => attributes.extend(self.units_and_name(false)),
            _ => attributes.extend(self.units_and_name(true)),
        }
        let methods = [window, statistic.cell_method()];
        let methods: Vec<&str> = methods.into_iter().flatten().collect();
        if !methods.is_empty() {
            attributes.extend(texts(&[("cell_methods", &methods.join(" "))]));
        }
        attributes.extend(texts(&[("coordinates", "step")]));
        attributes.extend(self.grib());
        attributes
    }

    fn units_and_name(&self, named: bool) -> Attributes {
        let mut attributes = texts(&[("units", &self.units)]);
        if let Some(name) = self
            .names
            .standard_name
            .filter(|name| named && *name != "unknown")
        {
            attributes.extend(texts(&[("standard_name", name)]));
        }
        attributes
    }

    /// ecCodes' words.
    fn grib(&self) -> Attributes {
        let mut attributes = texts(&[("GRIB_shortName", &self.names.short_name)]);
        if let Some(id) = self.names.param_id {
            attributes.push(("GRIB_paramId".to_owned(), Attribute::Integer(id.into())));
        }
        if let Some(step_type) = self.names.step_type {
            attributes.extend(texts(&[("GRIB_stepType", step_type)]));
        }
        if let Some(level) = self.names.level {
            attributes.extend(texts(&[("GRIB_typeOfLevel", level.kind)]));
        }
        if let Some(level) = self.identity.level {
            attributes.push(("GRIB_level".to_owned(), Attribute::Number(level)));
        }
        attributes
    }
}

fn texts(pairs: &[(&str, &str)]) -> Attributes {
    let each = pairs
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).into()));
    each.collect()
}

fn array(
    name: &str,
    dimensions: &[&str],
    values: Values,
    attributes: Attributes,
) -> dataset::Variable {
    dataset::Variable {
        name: name.to_owned(),
        dimensions: dimensions.iter().map(|name| (*name).to_owned()).collect(),
        values,
        attributes,
        fill: false,
    }
}

fn filled(
    name: &str,
    dimensions: &[&str],
    values: Vec<f32>,
    attributes: Attributes,
) -> dataset::Variable {
    dataset::Variable {
        fill: true,
        ..array(name, dimensions, Values::F32(values), attributes)
    }
}

#[expect(clippy::as_conversions, reason = "seconds of a run are below 2^53")]
fn hours(step: Step) -> f64 {
    step.as_seconds() as f64 / 3_600.0
}
