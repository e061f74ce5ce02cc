//! What a message is, from its index line alone: for archives whose GRIB objects are not there to tell.

use crate::grib::naming::{Key, Keys, Names, Tables};
use crate::identity::{self, Parameter};
use crate::index::Dialect;
use crate::listing::{Kind, Listed};
use crate::source::inventory::{Expected, Inventory};
use crate::source::{self, Era};
use crate::template::build::Seen;
use crate::template::{Evidence, Level, TemplateGrid, Variable};
use crate::time::Run;

/// What stands in for a header.
#[derive(Clone, Copy, Debug)]
pub struct Derivation<'a> {
    /// ecCodes' names.
    pub tables: &'a Tables,
    /// What the files are expected to hold.
    pub inventory: Option<&'a Inventory>,
    /// Whose grid it is.
    pub era: &'a Era,
    /// Which words the index is in.
    pub dialect: Dialect,
    /// The run.
    pub run: Run,
}

impl Derivation<'_> {
    /// What the inventory says of a message, in ecCodes' words; `None` where it does not list it, or the grid is not known.
    pub fn seen(self, kind: &Kind, listed: &Listed) -> Option<Seen> {
        let expected = self.inventory?.expected(self.run, listed.step);
        let expected = expected.into_iter().find(|expected| is(expected, kind))?;
        let names = self.tables.names(&self.keys(&expected));
        let instant = expected.row.statistic.is_none();
        Some(Seen {
            kind: listed.kind,
            step: listed.step,
            level: names.level.map(|level| Level {
                value: level.value,
                bounds: level.bounds,
            }),
            window: Some(expected.range).filter(|_| !instant),
            variable: variable(names),
            grid: grid(&self.era.grid)?,
            packing: None,
            disputed: expected.row.disputed,
            evidence: Evidence::Derived,
        })
    }

    fn keys(self, expected: &Expected<'_>) -> Keys {
        let mut keys = expected.keys(centre(self.dialect));
        keys.set(Key::TablesVersion, expected.row.tables.0);
        keys.set(Key::LocalTablesVersion, expected.row.tables.1);
        keys
    }
}

/// Whether the inventory speaks of this kind of message.
fn is(expected: &Expected<'_>, kind: &Kind) -> bool {
    let row = expected.row;
    if !matches!(&kind.key.parameter, Parameter::Name(name) if *name == row.index_name) {
        return false;
    }
    match &kind.key.level {
        identity::Level::Mars { levtype, levelist } => {
            let listed = levelist.as_ref().map(|level| level.parse::<i32>());
            let same = match (listed, expected.level) {
                (None, None) => true,
                (Some(Ok(listed)), Some(level)) => listed == level,
                _ => false,
            };
            *levtype == row.index_level.as_str() && same
        }
        identity::Level::Surfaces { .. } | identity::Level::Text(_) => {
            let level = kind.label.split_once(':').map(|(_, level)| level);
            let statistic = row.statistic.map(|(statistic, _)| statistic);
            level == Some(row.index_level.as_str()) && kind.key.statistic == statistic
        }
    }
}

/// The centre whose tables the words of an index are of: wgrib2 writes NCEP's abbreviations, MARS keywords are ECMWF's.
fn centre(dialect: Dialect) -> u16 {
    match dialect {
        Dialect::Ecmwf => 98,
        Dialect::Noaa => 7,
    }
}

/// The catalogue's grid as section 3 says it: spherical earth (6), latitude/longitude, first row in the north.
pub(super) fn grid(grid: &source::Grid) -> Option<TemplateGrid> {
    let source::Grid::RegularLatLon {
        ni,
        nj,
        first_lat,
        first_lon,
        last_lat,
        last_lon,
        increment,
    } = grid
    else {
        return None;
    };
    let mut section = Vec::with_capacity(72);
    section.extend(72_u32.to_be_bytes());
    section.extend([3, 0]);
    section.extend(ni.checked_mul(*nj)?.to_be_bytes());
    section.extend([0; 4]);
    section.push(6);
    section.extend([0; 15]);
    section.extend(ni.to_be_bytes());
    section.extend(nj.to_be_bytes());
    section.extend(0_u32.to_be_bytes());
    section.extend(u32::MAX.to_be_bytes());
    section.extend(angle(*first_lat)?);
    section.extend(angle(*first_lon)?);
    section.push(48);
    section.extend(angle(*last_lat)?);
    section.extend(angle(*last_lon)?);
    section.extend(angle(*increment)?);
    section.extend(angle(*increment)?);
    section.push(0);
    TemplateGrid::parse(section.into()).ok()
}

/// Degrees as section 3 writes them: millionths, the first bit the sign.
fn angle(degrees: f64) -> Option<[u8; 4]> {
    let millionths = (degrees.abs() * 1e6).round();
    if millionths > 360e6 {
        return None;
    }
    #[expect(clippy::as_conversions, reason = "at most 360 million")]
    let magnitude = millionths as u32;
    let sign = if degrees < 0.0 { 0x8000_0000 } else { 0 };
    Some((magnitude | sign).to_be_bytes())
}

/// ecCodes' words for a variable, with its word for "not known" where it has none.
pub fn variable(names: Names) -> Variable {
    let unknown = || "unknown".to_owned();
    Variable {
        name: names
            .name
            .map_or_else(|| names.short_name.to_string(), str::to_owned),
        short_name: names.short_name.into_owned(),
        var_name: names.var_name.into_owned(),
        param_id: names.param_id,
        units: names.units.map_or_else(unknown, str::to_owned),
        standard_name: names.standard_name.map(str::to_owned),
        step_type: names.step_type.map_or_else(unknown, str::to_owned),
        type_of_level: names
            .level
            .map_or_else(unknown, |level| level.kind.to_owned()),
    }
}
