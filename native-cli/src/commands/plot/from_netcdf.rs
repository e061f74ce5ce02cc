//! Fields of maps from the ensemble statistics that `gik stream` writes, and from files laid out alike.

use std::path::Path;

use gik_core::plot::style::{Shown, Template};
use gik_core::plot::zone::Zone;
use gik_core::time::{Date, Moment, Step};
use netcdf::{AttributeValue, File, Variable};

use super::PlotError;
use super::fields::{Plotted, Read};
use crate::cli;
use crate::exit::CommandError;
use crate::netcdf::NetcdfError;

/// The fields of a file, in the order of the panels.
pub(super) fn read(typed: &cli::Plot, template: Option<&Template>) -> Result<Read, CommandError> {
    let path = Path::new(&typed.place.file);
    let file = netcdf::open(path).map_err(failed("the file cannot be opened"))?;
    let wanted = wanted(typed, template);
    let (run, times) = (moments(&file, "time")?, moments(&file, "valid_time")?);
    let run = run.first().copied();
    let step = typed.step.or(template.map(|template| template.step));
    let at = chosen(run, &times, step).ok_or_else(|| PlotError::Nothing {
        store: typed.place.file.clone(),
        wanted: format!("step {}", step.unwrap_or_default()),
    })?;
    let axes = (axis(&file, "latitude")?, axis(&file, "longitude")?);
    let mut read = Read {
        fields: Vec::new(),
        title: "Ensemble statistics".to_owned(),
        subtitle: when(run, times.get(at).copied(), &typed.timezone),
        attribution: attribution(&file),
        gaps: Vec::new(),
    };
    for shown in &wanted {
        let name = name(shown);
        match file.variable(&name) {
            None => read.gaps.push(format!("{name}: not in this file")),
            Some(variable) => read.fields.push(field(&variable, shown, at, &axes)?),
        }
    }
    if read.fields.is_empty() {
        return Err(CommandError::from(PlotError::Nothing {
            store: typed.place.file.clone(),
            wanted: read.gaps.join(", "),
        }));
    }
    Ok(read)
}

fn failed(what: &str) -> impl FnOnce(netcdf::Error) -> NetcdfError {
    let what = what.to_owned();
    move |source| NetcdfError::Library { what, source }
}

/// The panels that were asked for: means of variables, or those of a figure.
fn wanted(typed: &cli::Plot, template: Option<&Template>) -> Vec<Shown> {
    if let Some(template) = template {
        return template.panels.clone();
    }
    let typed = typed.var.iter();
    let means = typed.map(|var| Shown {
        var: var.name.clone(),
        level: var.level,
        statistic: Some("mean".to_owned()),
        colours: None,
    });
    means.collect()
}

/// `u700_ensemble_mean`.
fn name(shown: &Shown) -> String {
    let level = shown.level.map(|level| level.to_string());
    let (var, level) = (&shown.var, level.unwrap_or_default());
    match &shown.statistic {
        Some(statistic) => format!("{var}{level}_ensemble_{statistic}"),
        None => format!("{var}{level}"),
    }
}

/// The place of a step; the only time of a file that has one.
fn chosen(run: Option<Moment>, times: &[Moment], step: Option<i32>) -> Option<usize> {
    match step {
        None => (!times.is_empty()).then_some(0),
        Some(step) => {
            let wanted = run?.after(Step::hours(step));
            times.iter().position(|time| *time == wanted)
        }
    }
}

fn field(
    variable: &Variable<'_>,
    shown: &Shown,
    at: usize,
    (latitudes, longitudes): &(Vec<f64>, Vec<f64>),
) -> Result<Plotted, CommandError> {
    let title = title(variable, shown);
    let dimensions = variable.dimensions();
    let names: Vec<String> = dimensions.iter().map(|one| one.name()).collect();
    if names != ["time", "valid_time", "latitude", "longitude"] {
        return Err(PlotError::Grid { title }.into());
    }
    let extents = (0..1, at..at + 1, .., ..);
    let values = variable
        .get_values::<f32, _>(extents)
        .map_err(failed(&variable.name()))?;
    let text = |name| text(variable, name);
    Ok(Plotted {
        var: shown.var.clone(),
        title,
        units: text("units").map_or_else(String::new, |units| eccodes_units(&units)),
        values,
        latitudes: latitudes.clone(),
        longitudes: longitudes.clone(),
        colours: shown.colours.clone(),
        when: String::new(),
    })
}

fn title(variable: &Variable<'_>, shown: &Shown) -> String {
    let statistic = match shown.statistic.as_deref() {
        Some("standard_deviation") => "standard deviation",
        Some(statistic) => statistic,
        None => "",
    };
    let level = shown.level.map(|level| format!(" {level} hPa"));
    let level = level.unwrap_or_default();
    match text(variable, "long_name") {
        Some(long) if !long.is_empty() => long,
        _ => format!("{}{level} {statistic}", shown.var),
    }
}

/// Units as ecCodes writes them, which styles are known by: `J m-2` is `J m**-2`.
fn eccodes_units(units: &str) -> String {
    let part = |part: &str| match part.find(['-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
    {
        Some(at) if at > 0 && !part.contains('*') => {
            let (unit, power) = part.split_at(at);
            format!("{unit}**{power}")
        }
        _ => part.to_owned(),
    };
    let parts: Vec<String> = units.split(' ').map(part).collect();
    parts.join(" ")
}

fn axis(file: &File, name: &str) -> Result<Vec<f64>, CommandError> {
    let title = name.to_owned();
    let variable = file.variable(name).ok_or(PlotError::Grid { title })?;
    let values = variable.get_values::<f64, _>(..);
    Ok(values.map_err(failed(name))?)
}

/// An axis of times, in whatever unit since whenever it counts.
fn moments(file: &File, name: &str) -> Result<Vec<Moment>, CommandError> {
    let values = axis(file, name)?;
    let variable = file.variable(name);
    let units = variable.and_then(|variable| text(&variable, "units"));
    let since = units.as_deref().and_then(since);
    let (unit, start) = since.ok_or_else(|| PlotError::Grid {
        title: format!("{name} in {}", units.unwrap_or_default()),
    })?;
    #[expect(clippy::as_conversions, reason = "times of forecasts, to the second")]
    let moment = |value: f64| Moment::seconds(start + (value * unit).round() as i64);
    Ok(values.into_iter().map(moment).collect())
}

/// `hours since 2026-02-07 12:00:00`: seconds of a unit, and where it counts from.
fn since(units: &str) -> Option<(f64, i64)> {
    let (unit, start) = units.split_once(" since ")?;
    let unit = match unit {
        "days" => 86_400.0,
        "hours" => 3_600.0,
        "minutes" => 60.0,
        "seconds" => 1.0,
        _ => return None,
    };
    let (date, clock) = start.split_once([' ', 'T']).unwrap_or((start, "00:00:00"));
    let date: Date = date.replace('-', "").parse().ok()?;
    let clock = clock.trim_end_matches('Z').split('.').next()?;
    let mut seconds = 0;
    for (part, weight) in clock.split(':').zip([3_600, 60, 1]) {
        seconds += part.parse::<i64>().ok()? * weight;
    }
    Some((unit, date.days_since_epoch() * 86_400 + seconds))
}

fn text(variable: &Variable<'_>, name: &str) -> Option<String> {
    match variable.attribute_value(name)?.ok()? {
        AttributeValue::Str(text) => Some(text),
        AttributeValue::Strs(texts) => texts.into_iter().next(),
        _ => None,
    }
}

/// What the file itself says.
fn attribution(file: &File) -> String {
    let said = file.attribute("attribution");
    match said.and_then(|attribute| attribute.value().ok()) {
        Some(AttributeValue::Str(text)) => text,
        Some(AttributeValue::Strs(texts)) => texts.into_iter().next().unwrap_or_default(),
        _ => String::new(),
    }
}

fn when(run: Option<Moment>, valid: Option<Moment>, zone: &Zone) -> String {
    let mut parts = Vec::new();
    if let Some(run) = run {
        parts.push(format!("run {}", Zone::default().at(run)));
    }
    if let (Some(run), Some(valid)) = (run, valid) {
        let hours = (valid.as_seconds() - run.as_seconds()) / 3_600;
        parts.push(format!("step {hours} h"));
    }
    if let Some(valid) = valid {
        parts.push(format!("valid {}", zone.at(valid)));
    }
    parts.join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_count_from_where_they_say() {
        let start = "2026-02-07".replace('-', "").parse::<Date>().unwrap();
        let start = start.days_since_epoch() * 86_400 + 43_200;
        assert_eq!(
            since("hours since 2026-02-07 12:00:00"),
            Some((3_600.0, start))
        );
        assert_eq!(
            since("days since 2026-02-07"),
            Some((86_400.0, start - 43_200))
        );
        assert_eq!(since("fortnights since 2026-02-07"), None);
        assert_eq!(since("hours"), None);
    }

    #[test]
    fn units_are_those_that_styles_know() {
        for (cf, eccodes) in [
            ("m s-1", "m s**-1"),
            ("J m-2", "J m**-2"),
            ("kg m-2", "kg m**-2"),
            ("m", "m"),
            ("1", "1"),
            ("J m**-2", "J m**-2"),
        ] {
            assert_eq!(eccodes_units(cf), eccodes);
        }
    }
}
