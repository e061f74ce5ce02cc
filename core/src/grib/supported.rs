#![doc = include_str!("supported.md")]

use std::fmt::Write;

use super::grid::{Definition, Grid};
use super::malformed::Malformed;
use super::representation::{Packing, Representation};
use super::table::Tables;

/// What is done with a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Support {
    /// Number of the template.
    pub template: u16,
    /// Its name: the WMO's, or that of the packing whose local number it is.
    pub name: &'static str,
    /// What is done, with its limits; `None` where it is refused by name.
    pub how: Option<&'static str>,
}

/// The data representation templates (section 5) that have a name, in the order of their numbers.
pub fn representations() -> Vec<Support> {
    let how = |template| match Representation::parse(&probe(5, 9, template)) {
        Ok(representation) => packing(&representation.packing),
        // A template that is read has values that it must not have: zeros.
        Err(Malformed::Value { .. }) => Some(match template {
            4 => IEEE,
            _ => DIFFERENCED,
        }),
        Err(_) => None,
    };
    rows("5.0", how)
}

/// The grid definition templates (section 3) that have a name, in the order of their numbers.
///
/// Values on any grid are decoded; what is told here is whether their points are placed.
pub fn grids() -> Vec<Support> {
    rows("3.1", |template| {
        let grid = Grid::parse(&probe(3, 12, template)).ok()?;
        definition(&grid.definition)
    })
}

/// Both lists as Markdown: the documentation of this module.
pub fn markdown() -> String {
    let mut text = String::from(
        "What is decoded: templates of GRIB2 by number. Written by a test from what the code does; do not edit.\n",
    );
    let lists = [
        (
            "Data representations (section 5)",
            5,
            representations(),
            "refused by name",
        ),
        (
            "Grids (section 3)",
            3,
            grids(),
            "values are flat, without coordinates",
        ),
    ];
    for (title, section, rows, refused) in lists {
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "\n# {title}\n\n| template | name | |\n|---|---|---|\n"
        );
        for row in rows {
            let how = row.how.unwrap_or(refused);
            let _ = writeln!(
                text,
                "| {section}.{} | {} | {how} |",
                row.template, row.name
            );
        }
    }
    text.push_str(
        "\nAny other number is refused in section 5, and gives flat values in section 3. Grids and bitmaps that a centre \
         predefines (code tables 3.0 and 6.0) are refused; bitmaps in the message, or an earlier one of it, are applied.\n",
    );
    text
}

const IEEE: &str = "32 and 64 bits";
const DIFFERENCED: &str = "orders 1 and 2; missing-value management 0, 1, 2";

/// What is done with a packing; `None` where it is refused.
fn packing(packing: &Packing) -> Option<&'static str> {
    Some(match packing {
        Packing::Simple(_) => "up to 32 bits",
        Packing::Complex(_) => "missing-value management 0, 1, 2",
        Packing::Differenced(_) => DIFFERENCED,
        Packing::Ieee(_) => IEEE,
        Packing::Jpeg2000(_) => "feature `jpeg2000`; up to 22 bits",
        Packing::Png(_) => "feature `png`; up to 32 bits",
        Packing::Ccsds(_) => "1 to 32 bits; all flags but signed samples",
        Packing::RunLength(_) => "level 0 is missing",
        Packing::SecondOrder(_) => "differences of orders 0 to 3; boustrophedonic rows",
        Packing::Logarithmic(_) | Packing::Other => return None,
    })
}

/// Whether the points of a grid are placed; `None` where they are not.
fn definition(definition: &Definition) -> Option<&'static str> {
    Some(match definition {
        Definition::LatLon(_) | Definition::Gaussian(_) => {
            "regular and reduced, sub-regions; flat where rows are staggered"
        }
        Definition::RotatedLatLon(_)
        | Definition::Mercator(_)
        | Definition::PolarStereographic(_)
        | Definition::Lambert(_) => "flat where rows are staggered",
        Definition::SpaceView(_) => "points beside the earth are nowhere",
        Definition::Other => return None,
    })
}

/// A section of zeros of that template, long enough for any.
fn probe(section: u8, template_at: usize, template: u16) -> Vec<u8> {
    const LENGTH: u8 = 200;
    let mut octets = vec![0; usize::from(LENGTH)];
    let template = template.to_be_bytes();
    for (at, octet) in [(3, LENGTH), (4, section)]
        .into_iter()
        .chain((template_at..).zip(template))
    {
        if let Some(place) = octets.get_mut(at) {
            *place = octet;
        }
    }
    octets
}

/// Every number that a code table names, and local ones that are read.
fn rows(table: &str, how: impl Fn(u16) -> Option<&'static str>) -> Vec<Support> {
    let name = |template: u16| {
        let code = Tables::MASTER.code(table, u64::from(template));
        code.map(|code| code.meaning)
    };
    (0..u16::MAX)
        .filter_map(|template| {
            let how = how(template);
            let name = match name(template) {
                Some(name) => name,
                None if how.is_some() => "local number of NCEP before the WMO's",
                None => return None,
            };
            Some(Support {
                template,
                name,
                how,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_that_of_the_code() {
        let written = include_str!("supported.md");
        assert_eq!(
            written,
            markdown(),
            "UPDATE_GOLDEN=1 cargo test -p gik-tests supported"
        );
    }

    #[test]
    fn what_the_archives_use_is_decoded_and_spectra_are_refused() {
        let decoded = |template| {
            let rows = representations();
            let row = rows.into_iter().find(|row| row.template == template);
            row.unwrap().how.is_some()
        };
        assert!([0, 2, 3, 4, 40, 41, 42, 200].into_iter().all(decoded));
        assert!(
            [1, 50, 51, 53, 61]
                .into_iter()
                .all(|template| !decoded(template))
        );
        let placed: Vec<u16> = grids()
            .iter()
            .filter(|row| row.how.is_some())
            .map(|row| row.template)
            .collect();
        assert_eq!(placed, [0, 1, 10, 20, 30, 40, 90]);
    }
}
