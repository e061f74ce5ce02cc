//! Numbers as people read them.

/// `1.9 MB`: three digits and a unit of 1000.
pub fn bytes(count: u64) -> String {
    const UNITS: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];
    let mut value = count as f64;
    let mut unit = 0;
    while value >= 999.5 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    match unit {
        0 => format!("{count} B"),
        _ if value < 9.995 => format!("{value:.2} {}", UNITS[unit]),
        _ if value < 99.95 => format!("{value:.1} {}", UNITS[unit]),
        _ => format!("{value:.0} {}", UNITS[unit]),
    }
}

/// `12 345`: groups of three with a narrow space.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

/// `4 s`, `2 min`: how long something takes.
pub fn seconds(seconds: f64) -> String {
    match seconds {
        s if s < 1.0 => "< 1 s".to_owned(),
        s if s < 90.0 => format!("{s:.0} s"),
        s => format!("{:.0} min", s / 60.0),
    }
}

/// `1.5°S 36.25°E`.
pub fn place(latitude: f64, longitude: f64) -> String {
    let side = |degrees: f64, [above, below]: [char; 2]| {
        let size = (degrees.abs() * 1000.0).round() / 1000.0;
        let letter = if degrees < 0.0 { below } else { above };
        format!("{size}°{letter}")
    };
    format!(
        "{} {}",
        side(latitude, ['N', 'S']),
        side(longitude, ['E', 'W'])
    )
}

/// All digits that a number has, and no more: `287.25`, `1.5e-7`.
pub fn number(value: f64) -> String {
    let size = value.abs();
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
    fn numbers_are_short() {
        let shown = [0, 999, 1000, 1_900_000, 162_000_000, 99_960].map(bytes);
        assert_eq!(
            shown,
            ["0 B", "999 B", "1.00 kB", "1.90 MB", "162 MB", "100 kB"]
        );
        assert_eq!(count(1_234_567), "1\u{202f}234\u{202f}567");
        assert_eq!(count(12), "12");
        assert_eq!(place(-1.5, 36.25), "1.5°S 36.25°E");
        assert_eq!([0.1, -3.0, 2.5e-7].map(number), ["0.1", "-3", "2.5e-7"]);
        assert_eq!([0.2, 59.0, 120.0].map(seconds), ["< 1 s", "59 s", "2 min"]);
    }
}
