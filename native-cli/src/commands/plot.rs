//! `gik plot`: maps of fields as PNG.

mod fields;
#[cfg(feature = "netcdf")]
mod from_netcdf;
mod from_refs;

use gik_core::plot::colours::ColourMap;
use gik_core::plot::style::{Atlas, Template};
use gik_core::plot::{Extent, Figure, Limits, Lines, Panel, render};
use serde::Serialize;

use crate::cli;
use crate::commands::decode;
use crate::exit::{CommandError, ExitStatus};
use crate::printer::Printer;
use crate::settings::Settings;
use fields::Plotted;

/// Natural Earth, for maps of countries and of the world.
const FINE: &[u8] = include_bytes!("../../../core/maps/lines-50m.bin");
const COARSE: &[u8] = include_bytes!("../../../core/maps/lines-110m.bin");
/// The figure of files with ensemble statistics.
const STATISTICS: &str = "cgan";
/// Letters of an attribution that a line below the maps has room for.
const CREDIT: usize = 190;
/// Degrees from west to east from which on the coarse lines are clear.
const WIDE: f64 = 200.0;

/// Why there is nothing to draw.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum PlotError {
    /// More than one message is what was asked for.
    #[error("{var}: {count} messages are that, such as {first} and {second}")]
    Ambiguous {
        /// What was asked for.
        var: String,
        /// How many messages.
        count: usize,
        /// A key.
        first: String,
        /// Another key.
        second: String,
    },
    /// A grid whose rows are no parallels.
    #[error("{title}: maps need a grid of parallels and meridians")]
    Grid {
        /// The panel.
        title: String,
    },
    /// What selects from references, beside something else.
    #[error(
        "--var, --product, --step and --member select from references; a field of a GRIB2 file is selected as FILE:N"
    )]
    NoReferences,
    /// Fields of several runs, times or members in one figure.
    #[error("{first} and {other} are of different runs, times or members")]
    Mixed {
        /// A panel.
        first: String,
        /// Another one.
        other: String,
    },
    /// NetCDF files, where they cannot be read.
    #[cfg_attr(
        feature = "netcdf",
        expect(dead_code, reason = "for binaries without NetCDF")
    )]
    #[error("{file}: this gik was built without NetCDF")]
    NetCdf {
        /// The file.
        file: String,
    },
    /// None of what was asked for is there.
    #[error("{store}: no message is {wanted}")]
    Nothing {
        /// The references.
        store: String,
        /// What was asked for.
        wanted: String,
    },
    /// A figure that nobody knows.
    #[error("no figure is called {name}; there is {known}")]
    Product {
        /// What was asked for.
        name: String,
        /// Those that there are.
        known: String,
    },
    /// A region that is neither a name nor four numbers.
    #[error("no region is called {text}; expected W,S,E,N, or one of {known}")]
    Region {
        /// What was asked for.
        text: String,
        /// Those that have names.
        known: String,
    },
    /// A message is not what its references say.
    #[error("{key}: the references say {expected}, the message is {found}")]
    Stale {
        /// The key.
        key: String,
        /// What was asked for.
        expected: String,
        /// What is there.
        found: String,
    },
    /// Neither a variable nor a figure was asked for.
    #[error("{store}: {count} messages, and no --var or --product says which")]
    Which {
        /// The references.
        store: String,
        /// How many messages.
        count: usize,
    },
}

/// What `--json` prints.
#[derive(Serialize)]
struct Report {
    out: String,
    width: u32,
    height: u32,
    title: String,
    subtitle: String,
    footer: String,
    panels: Vec<String>,
    gaps: Vec<String>,
}

pub(crate) async fn run(
    typed: &cli::Plot,
    settings: &Settings,
    printer: &Printer,
) -> Result<ExitStatus, CommandError> {
    let atlas = Atlas::builtin()?;
    let template = template(typed, &atlas)?;
    let named = typed.region.as_deref();
    let named = named.or(template.map(|template| template.region.as_str()));
    let region = named.map(|text| region(text, &atlas)).transpose()?;
    let colours = typed.colours.as_deref().map(ColourMap::named);
    let colours = colours.transpose().map_err(CommandError::usage)?;

    let read = fields::read(typed, template, settings).await?;
    let mut panels = Vec::new();
    for plotted in &read.fields {
        let mut panel = panel(plotted, &atlas)?;
        if let Some(colours) = &colours {
            panel.colours.clone_from(colours);
        }
        if let Some(range) = typed.limits {
            let (low, high) = (range.low, range.high);
            panel.limits = Limits::Given { low, high };
        }
        panels.push(panel);
    }
    let figure = figure(typed, template, region, panels, &read)?;
    let lines = match figure.extent.width() >= WIDE {
        true => Lines::parse(COARSE)?,
        false => Lines::parse(FINE)?,
    };
    let picture = render(&figure, &lines, typed.width)?;
    decode::put(&typed.out, &picture.png()?)?;

    for gap in &read.gaps {
        printer.warning(format!("not drawn: {gap}"));
    }
    let out = typed.out.display().to_string();
    if printer.wants_json() {
        printer.json(&Report {
            out,
            width: picture.width,
            height: picture.height,
            title: figure.title,
            subtitle: figure.subtitle,
            footer: figure.footer,
            panels: figure.panels.into_iter().map(|panel| panel.title).collect(),
            gaps: read.gaps.clone(),
        })?;
    } else {
        printer.note(format!(
            "{out}: {} x {} pixels",
            picture.width, picture.height
        ));
    }
    Ok(match read.gaps.is_empty() {
        true => ExitStatus::Success,
        false => ExitStatus::Gaps,
    })
}

/// The figure that `--product` names.
fn template<'a>(typed: &cli::Plot, atlas: &'a Atlas) -> Result<Option<&'a Template>, CommandError> {
    let statistics = typed.place.file.ends_with(".nc") && typed.var.is_empty();
    let name = match &typed.product {
        Some(name) => name,
        // The figure that such files are made for.
        None if statistics => STATISTICS,
        None => return Ok(None),
    };
    let found = atlas.figure(name).ok_or_else(|| PlotError::Product {
        name: name.to_owned(),
        known: atlas.figures().collect::<Vec<_>>().join(", "),
    });
    Ok(Some(found.map_err(CommandError::usage)?))
}

/// A region by its name or its edges.
fn region(text: &str, atlas: &Atlas) -> Result<Extent, CommandError> {
    if let Some(extent) = atlas.region(text) {
        return Ok(extent);
    }
    let edges: Result<Vec<f64>, _> = text.split(',').map(|edge| edge.trim().parse()).collect();
    let edges = edges
        .ok()
        .and_then(|edges| <[f64; 4]>::try_from(edges).ok());
    match edges {
        Some(edges) => Extent::new(edges).map_err(CommandError::usage),
        None => Err(CommandError::usage(PlotError::Region {
            text: text.to_owned(),
            known: atlas.regions().collect::<Vec<_>>().join(", "),
        })),
    }
}

/// A field in the units, with the colours and the limits of its variable.
fn panel(plotted: &Plotted, atlas: &Atlas) -> Result<Panel, CommandError> {
    let style = atlas.style(&plotted.var, &plotted.units);
    let colours = plotted.colours.as_deref().unwrap_or(&style.colours);
    let scale = style.scale;
    Ok(Panel {
        title: plotted.title.clone(),
        units: style.units.unwrap_or_else(|| plotted.units.clone()),
        #[expect(
            clippy::cast_possible_truncation,
            reason = "colours need no more digits"
        )]
        values: match scale == 1.0 {
            true => plotted.values.clone(),
            false => {
                let scaled = plotted.values.iter().map(|value| f64::from(*value) * scale);
                scaled.map(|value| value as f32).collect()
            }
        },
        latitudes: plotted.latitudes.clone(),
        longitudes: plotted.longitudes.clone(),
        colours: ColourMap::named(colours)?,
        limits: match style.symmetric && plotted.colours.is_none() {
            true => Limits::Symmetric,
            false => Limits::Data,
        },
    })
}

/// As many whole sentences of an attribution as a line has room for: whose data they are and their licence come first.
fn credit(attribution: &str) -> String {
    let ends = attribution.match_indices(". ").map(|(at, _)| at + 1);
    let ends = ends.chain([attribution.len()]);
    let last = ends.take_while(|end| *end <= CREDIT).last();
    let credit = last.and_then(|end| attribution.get(..end));
    credit.unwrap_or_default().to_owned()
}

/// The panels under a heading; a single one gives its own title to it.
fn figure(
    typed: &cli::Plot,
    template: Option<&Template>,
    region: Option<Extent>,
    mut panels: Vec<Panel>,
    read: &fields::Read,
) -> Result<Figure, CommandError> {
    let whole = panels
        .first()
        .and_then(|panel| Extent::of(&panel.latitudes, &panel.longitudes));
    let extent = region.or(whole).ok_or_else(|| PlotError::Grid {
        title: panels
            .first()
            .map(|panel| panel.title.clone())
            .unwrap_or_default(),
    })?;
    let title = match (&typed.title, panels.as_mut_slice()) {
        (Some(title), _) => title.clone(),
        (None, [only]) => std::mem::take(&mut only.title),
        (None, _) => read.title.clone(),
    };
    Ok(Figure {
        title,
        subtitle: read.subtitle.clone(),
        footer: credit(&read.attribution),
        extent,
        columns: template.map_or_else(|| columns(panels.len()), |template| template.columns),
        panels,
    })
}

/// Panels beside each other where nobody says how many.
fn columns(panels: usize) -> usize {
    match panels {
        0 | 1 => 1,
        2..=4 => 2,
        5..=9 => 3,
        _ => 4,
    }
}
