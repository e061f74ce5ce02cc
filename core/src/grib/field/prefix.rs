//! How much of a message some of its rows need.

use std::ops::Range;

use super::order::Order;
use super::{FieldError, body};
use crate::grib::grid::Grid;
use crate::grib::header::{Bitmap, Header};
use crate::grib::representation::{Grouping, Packing, Precision, Representation};

/// The first bytes of a message that some of its rows need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prefix {
    /// How many they are, counted from the start of the message.
    pub length: u64,
    /// Whether they are enough for sure. If not, decoding may ask for more ([`FieldError::NeedMore`]).
    pub sure: bool,
}

/// How many bytes of its message a field's rows need at most.
///
/// Sure for templates 5.0 and 5.4, and for those that are unpacked as a whole. For 5.2, 5.3 and 5.42 the rows' share
/// of the data and a little more: their rows take the more bytes the less smooth they are.
///
/// # Errors
/// The sections of the header are malformed or contradict each other.
pub fn prefix_needed(header: &Header, rows: Range<usize>) -> Result<Prefix, FieldError> {
    let grid = Grid::parse(&header.grid.octets)?;
    let order = Order::of(&grid)?;
    let representation = Representation::parse(&header.representation.octets)?;
    let data = body(header.data);
    let start = data.offset.saturating_sub(header.message.offset);
    let whole = Prefix {
        length: start.saturating_add(data.length),
        sure: true,
    };
    let Some(points) = order.points(&rows) else {
        return Ok(whole);
    };
    let end = u64::try_from(points.end).unwrap_or(u64::MAX);
    if end >= u64::from(grid.points) {
        return Ok(whole);
    }
    // With a bitmap no more values than points can come first, nor more than there are.
    let values = match header.bitmap {
        Bitmap::Absent => end,
        _ => end.min(u64::from(representation.values)),
    };
    let (length, sure) = match &representation.packing {
        Packing::Simple(scaling) => (octets(values, u64::from(scaling.bits)), true),
        Packing::Ieee(Precision::Single) => (octets(values, 32), true),
        Packing::Ieee(Precision::Double) => (octets(values, 64), true),
        Packing::Ccsds(_) => (share(data.length, end, grid.points), false),
        Packing::Complex(grouping) => {
            let lists = lists(grouping, 0);
            let rest = share(data.length.saturating_sub(lists), end, grid.points);
            (lists.saturating_add(rest), false)
        }
        Packing::Differenced(differencing) => {
            let extra = u64::from(differencing.octets) * (u64::from(differencing.order) + 1);
            let lists = lists(&differencing.grouping, extra);
            let rest = share(data.length.saturating_sub(lists), end, grid.points);
            (lists.saturating_add(rest), false)
        }
        _ => (data.length, true),
    };
    let whole_data = length >= data.length;
    Ok(Prefix {
        length: start.saturating_add(length.min(data.length)),
        sure: sure || whole_data,
    })
}

/// The lists of references, widths and lengths that stand before the groups, and what stands before them.
fn lists(grouping: &Grouping, extra: u64) -> u64 {
    let groups = u64::from(grouping.groups);
    let widths = [
        grouping.scaling.bits,
        grouping.width_bits,
        grouping.length_bits,
    ];
    widths.into_iter().fold(extra, |sum, width| {
        sum.saturating_add(octets(groups, u64::from(width)))
    })
}

/// The share of `end` of `points` in `length`, and a sixteenth more.
fn share(length: u64, end: u64, points: u32) -> u64 {
    let share = length.saturating_mul(end) / u64::from(points).max(1);
    share.saturating_add(share / 16).saturating_add(64)
}

fn octets(count: u64, bits: u64) -> u64 {
    count.saturating_mul(bits).div_ceil(8)
}
