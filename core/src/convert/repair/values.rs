//! Values of inline chunks.

/// Little-endian integers.
pub(super) fn integers(octets: &[u8]) -> Vec<i64> {
    let cells = octets
        .chunks_exact(size_of::<i64>())
        .filter_map(|cell| cell.try_into().ok());
    cells.map(i64::from_le_bytes).collect()
}

/// Little-endian doubles.
pub(super) fn doubles(octets: &[u8]) -> Vec<f64> {
    let cells = octets
        .chunks_exact(size_of::<f64>())
        .filter_map(|cell| cell.try_into().ok());
    cells.map(f64::from_le_bytes).collect()
}

/// Seconds of hours, where they are whole and of a forecast's size.
pub(super) fn seconds(hours: f64) -> Option<i64> {
    let seconds = hours * 3_600.0;
    let whole = seconds.fract() == 0.0 && seconds.abs() < 1e12;
    #[expect(clippy::as_conversions, reason = "whole, and far below 2^53")]
    whole.then_some(seconds as i64)
}

/// A level as whole thousandths, to be compared: 0.1 m is the finest that archives have.
pub(super) fn thousandths(level: f64) -> i64 {
    #[expect(
        clippy::as_conversions,
        reason = "saturates, and such a level equals none"
    )]
    let thousandths = (level * 1_000.0).round() as i64;
    thousandths
}

/// The level again.
pub(super) fn of_thousandths(level: i64) -> f64 {
    #[expect(clippy::as_conversions, reason = "exact for any level of an archive")]
    let level = level as f64;
    level / 1_000.0
}
