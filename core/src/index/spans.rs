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

#[cfg(test)]
mod tests {
    use super::super::{Dialect, parse};
    use super::*;

    const TAIL: &str = "d=2025080100:TMP:surface:anl:";

    fn noaa(lines: &[&str]) -> String {
        lines
            .iter()
            .map(|line| format!("{line}:{TAIL}\n"))
            .collect()
    }

    fn lengths(text: &str, size: Option<u64>) -> Result<Vec<Option<u64>>, IndexError> {
        let dialect = Dialect::detect(text.as_bytes()).unwrap();
        let mut records = parse(dialect, text.as_bytes())?;
        close(&mut records, size)?;
        Ok(records.iter().map(|record| record.length).collect())
    }

    #[test]
    fn a_message_ends_where_the_next_one_starts() {
        let text = noaa(&["1:0", "2:100", "3:250"]);
        assert_eq!(lengths(&text, None), Ok(vec![Some(100), Some(150), None]));
        assert_eq!(
            lengths(&text, Some(300)),
            Ok(vec![Some(100), Some(150), Some(50)])
        );
    }

    #[test]
    fn fields_of_one_message_have_the_whole_message() {
        let text = noaa(&["1.1:0", "1.2:0", "2:100", "3.1:250", "3.2:250"]);
        assert_eq!(
            lengths(&text, Some(300)),
            Ok(vec![Some(100), Some(100), Some(150), Some(50), Some(50)])
        );
    }

    #[test]
    fn lines_in_another_order_have_the_same_lengths() {
        let text = noaa(&["3:250", "1:0", "2:100"]);
        assert_eq!(
            lengths(&text, Some(300)),
            Ok(vec![Some(50), Some(100), Some(150)])
        );
    }

    #[test]
    fn a_gap_in_the_numbers_is_no_length() {
        let text = noaa(&["5:1000", "6:1100", "9:2000"]);
        assert_eq!(
            lengths(&text, Some(2_100)),
            Ok(vec![Some(100), None, Some(100)])
        );
        let renumbered = noaa(&["1:250", "2:0", "3:100"]);
        assert_eq!(
            lengths(&renumbered, Some(300)),
            Ok(vec![Some(50), Some(100), None]),
            "2 and 3 are neighbours, 3 and 1 are not"
        );
    }

    #[test]
    fn a_file_that_ends_before_the_last_message_is_an_error() {
        let text = noaa(&["1:0", "2:100"]);
        for size in [0, 99, 100] {
            let error = lengths(&text, Some(size)).unwrap_err();
            assert!(matches!(error, IndexError::BeyondEnd { .. }), "{error}");
        }
        let text = r#"{"param": "tp", "_offset": 5, "_length": 10}"#;
        assert_eq!(lengths(text, Some(15)), Ok(vec![Some(10)]));
        assert_eq!(
            lengths(text, Some(14)).unwrap_err().to_string(),
            format!("line 1: `{text}`: the message does not end within the file of 14 bytes")
        );
        let text = r#"{"param": "tp", "_offset": 18446744073709551615, "_length": 1}"#;
        assert!(lengths(text, None).is_err());
    }

    #[test]
    fn an_open_length_goes_to_the_end_of_the_file() {
        let text = "{\"param\": \"tp\", \"_offset\": 0, \"_length\": 10}\n{\"param\": \"sp\", \"_offset\": 10, \"_length\": -1}";
        assert_eq!(lengths(text, None), Ok(vec![Some(10), None]));
        assert_eq!(lengths(text, Some(25)), Ok(vec![Some(10), Some(15)]));
    }

    #[test]
    fn messages_that_overlap_are_an_error() {
        let line = |offset: u64, length: u64| {
            format!(r#"{{"param": "p{offset}", "_offset": {offset}, "_length": {length}}}"#)
        };
        let text = [line(10, 10), line(0, 11)].join("\n");
        assert_eq!(
            lengths(&text, None).unwrap_err().to_string(),
            format!(
                "line 1: `{}` overlaps line 2: `{}`",
                line(10, 10),
                line(0, 11)
            )
        );
        let same_start = [line(10, 10), line(10, 11)].join("\n");
        assert!(lengths(&same_start, None).is_err());
        let same = [line(10, 10), line(10, 10), line(20, 1)].join("\n");
        assert!(lengths(&same, None).is_ok());
    }

    #[test]
    fn offsets_in_two_files_have_nothing_to_do_with_each_other() {
        let line = |path: &str| {
            format!(r#"{{"param": "tp", "_offset": 0, "_length": 10, "_path": "{path}"}}"#)
        };
        let text = [line("a"), line("b")].join("\n");
        assert_eq!(lengths(&text, None), Ok(vec![Some(10), Some(10)]));
        assert!(matches!(
            lengths(&text, Some(10)),
            Err(IndexError::OtherFile { .. })
        ));
    }
}
