//! Where the fields of maps come from: references, a message of a GRIB2 file, NetCDF.

use gik_core::grib::Header;
use gik_core::grib::caption;
use gik_core::grib::field::{Message, decode};
use gik_core::grib::grid::Coordinates;
use gik_core::grib::naming::{Keys, Tables};
use gik_core::grib::unpack::Scratch;
use gik_core::plot::style::Template;
use gik_core::plot::zone::Zone;
use gik_core::span::ByteSpan;

use super::{PlotError, from_refs};
use crate::cli;
use crate::cloud;
use crate::commands::decode::source;
use crate::exit::CommandError;
use crate::file::{self, File};
use crate::settings::Settings;

/// What a figure is drawn of.
pub(super) struct Read {
    pub(super) fields: Vec<Plotted>,
    /// What all fields share.
    pub(super) title: String,
    /// Run, valid time and member.
    pub(super) subtitle: String,
    /// Whose data they are; empty where nothing tells.
    pub(super) attribution: String,
    /// What was asked for and is not there.
    pub(super) gaps: Vec<String>,
}

/// A field to draw, in its own units.
pub(super) struct Plotted {
    /// ecCodes' `cfVarName`: what its style is known by.
    pub(super) var: String,
    pub(super) title: String,
    /// As ecCodes writes them.
    pub(super) units: String,
    /// NaN where there is none; row by row.
    pub(super) values: Vec<f32>,
    pub(super) latitudes: Vec<f64>,
    pub(super) longitudes: Vec<f64>,
    /// A colour map instead of the style's.
    pub(super) colours: Option<String>,
    /// Run, valid time and member.
    pub(super) when: String,
}

/// Reads what was asked for.
pub(super) async fn read(
    typed: &cli::Plot,
    template: Option<&Template>,
    settings: &Settings,
) -> Result<Read, CommandError> {
    match kind(typed, settings).await? {
        Kind::Grib => {
            let selects = typed.step.is_some() || typed.member.is_some();
            if selects || !typed.var.is_empty() || template.is_some() {
                return Err(CommandError::usage(PlotError::NoReferences));
            }
            let found = source::read(&typed.place, settings).await?;
            let plotted = plotted(&found.header, &found.octets, &typed.timezone)?;
            Ok(Read {
                title: String::new(),
                subtitle: plotted.when.clone(),
                attribution: String::new(),
                fields: vec![plotted],
                gaps: Vec::new(),
            })
        }
        Kind::NetCdf => netcdf(typed, template),
        Kind::References => from_refs::read(typed, template, settings).await,
    }
}

/// What a file is, by its first bytes.
enum Kind {
    Grib,
    NetCdf,
    References,
}

async fn kind(typed: &cli::Plot, settings: &Settings) -> Result<Kind, CommandError> {
    if typed.place.span.is_some() || typed.place.number.is_some() {
        return Ok(Kind::Grib);
    }
    let url = cloud::absolute(&typed.place.file).map_err(CommandError::usage)?;
    let store = file::store(&url, settings)?;
    let file = File::open(&store, url).await?;
    let start = file.bytes(ByteSpan::new(0, file.size.min(4))).await?;
    Ok(match &*start {
        b"GRIB" => Kind::Grib,
        b"\x89HDF" | [b'C', b'D', b'F', _] => Kind::NetCdf,
        _ => Kind::References,
    })
}

/// Fields of a NetCDF file, by the panels of a figure.
#[cfg(feature = "netcdf")]
fn netcdf(typed: &cli::Plot, template: Option<&Template>) -> Result<Read, CommandError> {
    super::from_netcdf::read(typed, template)
}

/// Fields of a NetCDF file: this binary cannot read any.
#[cfg(not(feature = "netcdf"))]
fn netcdf(typed: &cli::Plot, _template: Option<&Template>) -> Result<Read, CommandError> {
    let file = typed.place.file.clone();
    Err(CommandError::usage(PlotError::NetCdf { file }))
}

/// Decodes a field and says what it is; all of it is what its own header says.
pub(super) fn plotted(
    header: &Header,
    octets: &[u8],
    zone: &Zone,
) -> Result<Plotted, CommandError> {
    let names = Tables::builtin()?.names(&Keys::from(header));
    let title = caption::title(&names);
    let field = decode::<f32>(&Message { header, octets }, &mut Scratch::default())?;
    let Coordinates::Axes {
        latitudes,
        longitudes,
    } = field.grid.coordinates()?
    else {
        return Err(PlotError::Grid { title }.into());
    };
    Ok(Plotted {
        when: caption::when(header, &names, |moment| zone.at(moment)),
        var: names.var_name.into_owned(),
        title,
        units: names.units.unwrap_or_default().to_owned(),
        values: field.values,
        latitudes,
        longitudes,
        colours: None,
    })
}
