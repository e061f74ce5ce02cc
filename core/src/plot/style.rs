//! What maps show by default: regions, styles of variables and figures, from `core/maps/maps.toml`.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Extent, PlotError};

const TABLES: &str = include_str!("../../maps/maps.toml");

/// The tables of maps.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Atlas {
    regions: BTreeMap<String, [f64; 4]>,
    styles: Vec<Style>,
    figures: BTreeMap<String, Template>,
}

/// How a variable is shown.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Style {
    vars: Vec<String>,
    from: Option<String>,
    /// Units that the map shows; those of the data where there are none.
    pub units: Option<String>,
    /// What the values are multiplied by.
    #[serde(default = "one")]
    pub scale: f64,
    /// Name of its colour map.
    pub colours: String,
    /// Whether the limits are as far below zero as above it.
    #[serde(default)]
    pub symmetric: bool,
}

/// A figure of several panels.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// Panels beside each other.
    pub columns: usize,
    /// Name of its region.
    pub region: String,
    /// Hours from the run.
    pub step: i32,
    /// Panels of ensemble statistics.
    pub panels: Vec<Shown>,
    /// Panels of one member.
    pub members: Vec<Shown>,
}

/// What a panel of a figure shows.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Shown {
    /// ecCodes' `cfVarName` or `shortName`.
    pub var: String,
    /// The level, where it has one.
    pub level: Option<f64>,
    /// `mean` or `standard_deviation`.
    pub statistic: Option<String>,
    /// A colour map instead of the variable's own.
    pub colours: Option<String>,
}

impl Atlas {
    /// The built-in tables.
    ///
    /// # Errors
    /// [`PlotError::Tables`].
    pub fn builtin() -> Result<Self, PlotError> {
        toml::from_str(TABLES).map_err(|error| PlotError::Tables {
            what: error.message().to_owned(),
        })
    }

    /// A region by its name.
    pub fn region(&self, name: &str) -> Option<Extent> {
        self.regions
            .get(name)
            .and_then(|edges| Extent::new(*edges).ok())
    }

    /// Names of the regions.
    pub fn regions(&self) -> impl Iterator<Item = &str> {
        self.regions.keys().map(String::as_str)
    }

    /// A figure by its name.
    pub fn figure(&self, name: &str) -> Option<&Template> {
        self.figures.get(name)
    }

    /// Names of the figures.
    pub fn figures(&self) -> impl Iterator<Item = &str> {
        self.figures.keys().map(String::as_str)
    }

    /// How a variable in these units is shown; units that no style knows are not converted.
    pub fn style(&self, var: &str, units: &str) -> Style {
        let known = self
            .styles
            .iter()
            .filter(|style| style.vars.iter().any(|name| name == var));
        let mut known = known.cloned().collect::<Vec<_>>();
        let exact = known
            .iter()
            .position(|style| style.from.as_deref().is_none_or(|from| from == units));
        match exact {
            Some(at) => known.swap_remove(at),
            // The colours hold in other units too; the conversion does not.
            None => Style {
                vars: Vec::new(),
                from: None,
                units: None,
                scale: 1.0,
                symmetric: known.first().is_some_and(|style| style.symmetric),
                colours: known
                    .first()
                    .map_or_else(|| "viridis".to_owned(), |style| style.colours.clone()),
            },
        }
    }
}

fn one() -> f64 {
    1.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plot::colours::ColourMap;

    #[test]
    fn the_tables_hold_together() {
        let atlas = Atlas::builtin().unwrap();
        for name in atlas.regions() {
            assert!(atlas.region(name).is_some(), "{name}");
        }
        assert_eq!(
            atlas.region("east-africa").unwrap().edges(),
            [19.0, -14.0, 55.0, 25.0]
        );
        for style in &atlas.styles {
            assert!(ColourMap::named(&style.colours).is_ok(), "{style:?}");
            assert_eq!(style.units.is_some(), style.scale != 1.0, "{style:?}");
        }
        for figure in atlas.figures.values() {
            assert!(atlas.region(&figure.region).is_some());
            assert_eq!((figure.panels.len(), figure.members.len()), (12, 12));
        }
    }

    #[test]
    fn units_are_converted_where_they_are_known() {
        let atlas = Atlas::builtin().unwrap();
        let metres = atlas.style("tp", "m");
        assert_eq!(
            (metres.scale, metres.units.as_deref()),
            (1000.0, Some("mm"))
        );
        let kilograms = atlas.style("tp", "kg m**-2");
        assert_eq!((kilograms.scale, kilograms.units), (1.0, None));
        let hectopascal = atlas.style("sp", "hPa");
        assert_eq!((hectopascal.scale, hectopascal.units), (1.0, None));
        assert_eq!(atlas.style("unheard", "1").colours, "viridis");
        assert!(atlas.style("v", "m s**-1").symmetric);
    }
}
