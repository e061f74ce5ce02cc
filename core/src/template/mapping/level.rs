//! The level that an index line speaks of, where a mapping's own column cannot be trusted.

use crate::grib::naming::level_of_surfaces;
use crate::identity;
use crate::index::parse_attrs;
use crate::template::Level;

/// The level of a message, in the unit of its `typeOfLevel`.
///
/// What `attrs` say comes first. Where they do not tell, the written level counts if `trusted`, or if the message is of no member:
/// kerchunk's fault needs a member's number. Otherwise there is none.
pub(super) fn level(attrs: &str, written: Option<f64>, trusted: bool) -> Option<Level> {
    let trusted = trusted || !(attrs.contains(":ENS=") || attrs.contains("number="));
    let written = written.filter(|_| trusted).map(|value| Level {
        value,
        bounds: None,
    });
    stated(attrs).or(written)
}

fn stated(attrs: &str) -> Option<Level> {
    if let Some(hectopascal) = pressure_level(attrs) {
        return Some(Level {
            value: hectopascal,
            bounds: None,
        });
    }
    let identity::Level::Surfaces { first, second } = parse_attrs(attrs)?.level else {
        return None;
    };
    let (value, bounds) = level_of_surfaces(first, second)?;
    Some(Level { value, bounds })
}

/// `u:pl:850:24:number=7`, the text of a MARS message.
fn pressure_level(attrs: &str) -> Option<f64> {
    let mut parts = attrs.split(':').skip(1);
    (parts.next()? == "pl")
        .then(|| parts.next()?.parse().ok())
        .flatten()
        .filter(|level: &f64| level.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(attrs: &str, written: f64, trusted: bool) -> Option<f64> {
        level(attrs, Some(written), trusted).map(|level| level.value)
    }

    #[test]
    fn the_line_is_right_where_the_column_is_the_member() {
        for (attrs, wanted) in [
            ("TMP:2 m above ground:3 hour fcst:ENS=+1", 2.0),
            ("UGRD:850 mb:3 hour fcst:ENS=+1", 850.0),
            ("TSOIL:0-0.1 m below ground:3 hour fcst:ENS=+1", 0.0),
            ("CAPE:180-0 mb above ground:3 hour fcst:ENS=+1", 18_000.0),
            ("PRMSL:mean sea level:3 hour fcst:ENS=+1", 0.0),
            ("u:pl:850:24:number=1", 850.0),
        ] {
            assert_eq!(value(attrs, 1.0, false), Some(wanted), "{attrs}");
        }
        let soil = level("TSOIL:0.1-0.4 m below ground:anl:", None, false).unwrap();
        assert_eq!(soil.bounds, Some((0.1, 0.4)));
    }

    #[test]
    fn a_line_that_does_not_tell_leaves_the_column_only_where_it_is_trusted() {
        assert_eq!(value("VAR:no such level:anl:", 7.0, false), Some(7.0));
        assert_eq!(value("VAR:no such level:anl:ENS=+7", 7.0, false), None);
        assert_eq!(value("VAR:no such level:anl:ENS=+7", 7.0, true), Some(7.0));
        assert_eq!(value("2t:sfc:24:number=7", 7.0, false), None);
        assert_eq!(value("2t:sfc:24:number=7", 2.0, true), Some(2.0));
    }
}
