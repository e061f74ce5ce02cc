//! Values as lines of text: what `gik decode --format csv` writes.

use std::fmt::Write;

/// Lines of latitude, longitude and value under a heading, row by row; a missing value is empty.
pub fn csv(latitudes: &[f64], longitudes: &[f64], values: &[f32]) -> String {
    let mut text = String::from("latitude,longitude,value\n");
    let mut values = values.iter();
    for latitude in latitudes {
        for longitude in longitudes {
            let Some(value) = values.next() else {
                return text;
            };
            let value = if value.is_nan() {
                String::new()
            } else {
                number(*value)
            };
            // A String takes all that is written.
            let _ = writeln!(text, "{latitude},{longitude},{value}");
        }
    }
    text
}

/// The shortest digits that tell a value apart from its neighbours.
fn number(value: f32) -> String {
    let size = f64::from(value).abs();
    if size == 0.0 || (1e-5..1e16).contains(&size) {
        value.to_string()
    } else {
        format!("{value:e}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_value_is_empty() {
        let text = csv(&[1.0, 0.5], &[33.25], &[f32::NAN, 2.5e-7]);
        assert_eq!(
            text,
            "latitude,longitude,value\n1,33.25,\n0.5,33.25,2.5e-7\n"
        );
    }
}
