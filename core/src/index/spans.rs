//! Lengths of messages that an index gives only as the start of the next one.

use super::Record;
use super::error::{IndexError, Line};

/// Gives the lengths that only the size of the GRIB file can give, and proves that no two messages overlap and that all of them
/// are within the file.
///
/// wgrib2 does not write the length of the last message, ECMWF's `_length` of -1 means all that follows. Without a size those stay
/// `None`, and only the overlaps are checked. Lengths of messages that are followed by a gap in wgrib2's numbers stay `None` too:
/// the message itself says how long it is.
///
/// Two records may share a span only wholly: they are fields of one message.
pub fn close(records: &mut [Record<'_>], size: Option<u64>) -> Result<(), IndexError> {
    fill(records);
    if let Some(size) = size {
        one_file(records)?;
        let last = records.iter().map(|record| record.offset).max();
        for record in records.iter_mut() {
            if record.length.is_none() && Some(record.offset) == last {
                record.length = size.checked_sub(record.offset).filter(|length| *length > 0);
                if record.length.is_none() {
                    return Err(beyond(record, size));
                }
            }
        }
    }
    let size = size.unwrap_or(u64::MAX);
    let order = by_offset(records);
    let ordered = || order.iter().filter_map(|&at| records.get(at));
    let mut ahead: Option<(&Record<'_>, u64)> = None;
    for record in ordered() {
        let Some(span) = record.span() else { continue };
        let end = span
            .end()
            .filter(|end| *end <= size)
            .ok_or_else(|| beyond(record, size))?;
        if let Some((first, first_end)) = ahead
            && first.path == record.path
            && record.offset < first_end
            && (first.offset, first_end) != (record.offset, end)
        {
            return Err(IndexError::Overlap {
                first: Line::new(first.line, first.text),
                second: Line::new(record.line, record.text),
            });
        }
        ahead = Some((record, end));
    }
    Ok(())
}

/// Gives the lengths of wgrib2 lines, as far as the index tells them.
///
/// A message ends where the next one starts, but only if no message between them was left out: so the message at the next larger
/// offset must have the next number. Where it has not (a part of an index, a shuffled and renumbered one) the length stays `None`,
/// as does that of the message at the largest offset. The fields of one message all have the span of the whole message.
///
/// An index that was cut into parts *and* renumbered cannot be told from a whole one.
pub(super) fn fill(records: &mut [Record<'_>]) {
    let order = by_offset(records);
    // From the end: the offset and the smallest number of the message that follows, and of the one that the lines at hand are in.
    let mut follows: Option<(u64, u64)> = None;
    let mut current: Option<(u64, u64)> = None;
    for &at in order.iter().rev() {
        let Some(record) = records.get_mut(at) else {
            continue;
        };
        let Some(number) = record.message.map(|number| number.message) else {
            continue;
        };
        match &mut current {
            Some((offset, smallest)) if *offset == record.offset => {
                *smallest = number.min(*smallest);
            }
            _ => {
                follows = current;
                current = Some((record.offset, number));
            }
        }
        if let (None, Some((offset, following))) = (record.length, follows)
            && number.checked_add(1) == Some(following)
        {
            record.length = offset.checked_sub(record.offset);
        }
    }
}

/// Places of the records in the order of the file.
fn by_offset(records: &[Record<'_>]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..records.len()).collect();
    let place = |at: &usize| {
        records
            .get(*at)
            .map(|record| (record.path.as_deref(), record.offset))
    };
    if !order.is_sorted_by_key(place) {
        order.sort_by_key(place);
    }
    order
}

fn one_file(records: &[Record<'_>]) -> Result<(), IndexError> {
    let Some(first) = records.first() else {
        return Ok(());
    };
    match records.iter().find(|record| record.path != first.path) {
        None => Ok(()),
        Some(other) => Err(IndexError::OtherFile {
            first: Line::new(first.line, first.text),
            line: Line::new(other.line, other.text),
        }),
    }
}

fn beyond(record: &Record<'_>, size: u64) -> IndexError {
    IndexError::BeyondEnd {
        line: Line::new(record.line, record.text),
        size,
    }
}
