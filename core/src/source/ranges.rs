//! Lists of whole numbers as people type them: `0-144:3,150`.

use super::SourceError;

/// One part of a list: a number, or all numbers from `first` to `last` by `by`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Range {
    /// First number.
    pub(super) first: u32,
    /// Last number, included where `by` reaches it.
    pub(super) last: u32,
    /// Increment, where it was written.
    pub(super) by: Option<u32>,
}

/// Reads `5`, `0-9`, `0-144:3`, or several of these with commas between.
///
/// # Errors
/// [`SourceError::Range`] with the part that is none of these, also for a range that runs backwards, an increment of
/// zero, or one that does not end on the last number (`0-10:3`: which of 9 and 10 was meant?).
pub(super) fn parse(text: &str) -> Result<Vec<Range>, SourceError> {
    text.split(',')
        .map(|part| parse_part(part.trim()))
        .collect()
}

fn parse_part(part: &str) -> Result<Range, SourceError> {
    let error = || SourceError::Range {
        text: part.to_owned(),
    };
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let value = digits.then(|| text.parse::<u32>().ok()).flatten();
        value.filter(|value| *value <= MAX).ok_or_else(error)
    };
    let Some((first, rest)) = part.split_once('-') else {
        let first = number(part)?;
        return Ok(Range {
            first,
            last: first,
            by: None,
        });
    };
    let (last, by) = match rest.split_once(':') {
        Some((last, by)) => (last, Some(number(by)?)),
        None => (rest, None),
    };
    let (first, last) = (number(first)?, number(last)?);
    let ends_on_last = by.is_none_or(|by| by > 0 && (last.saturating_sub(first)) % by == 0);
    if first > last || !ends_on_last {
        return Err(error());
    }
    Ok(Range { first, last, by })
}

/// Writes sorted numbers as [`parse`] reads them: runs of three or more with one increment become a range.
pub(super) fn write(numbers: &[u32]) -> String {
    let mut parts = Vec::new();
    let mut rest = numbers;
    while let [first, tail @ ..] = rest {
        let by = tail.first().map_or(1, |next| next.abs_diff(*first));
        let mut last = *first;
        let length = 1 + tail
            .iter()
            .take_while(|next| {
                let continues = next.checked_sub(last) == Some(by);
                if continues {
                    last = **next;
                }
                continues
            })
            .count();
        match (length, by) {
            (0..=2, _) => parts.push(first.to_string()),
            (_, 1) => parts.push(format!("{first}-{last}")),
            _ => parts.push(format!("{first}-{last}:{by}")),
        }
        let taken = if length <= 2 { 1 } else { length };
        rest = rest.get(taken..).unwrap_or_default();
    }
    parts.join(",")
}

/// No list of the catalogue or of a user needs larger numbers; what is larger is a typing error, not gigabytes of list.
const MAX: u32 = 100_000;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_spellings() {
        let range = |first, last, by| Range { first, last, by };
        assert_eq!(
            parse("0-144:3, 150,1-4").unwrap(),
            [
                range(0, 144, Some(3)),
                range(150, 150, None),
                range(1, 4, None)
            ]
        );
    }

    #[test]
    fn what_is_no_list_is_named() {
        for text in [
            "", "a", "-1", "3-", "5-1", "0-10:3", "0-9:0", "+1", "1,,2", "1-2-3", "100001",
        ] {
            assert!(
                matches!(parse(text), Err(SourceError::Range { .. })),
                "{text}"
            );
        }
        assert_eq!(
            parse("0,0-10:3").unwrap_err().to_string(),
            "`0-10:3` is no number or range: expected a list such as `0-144:3,150`"
        );
    }

    #[test]
    fn lists_are_written_short() {
        assert_eq!(write(&[0, 3, 6, 9, 15, 21, 27, 28]), "0-9:3,15-27:6,28");
        assert_eq!(write(&[0, 1]), "0,1");
        assert_eq!(write(&[]), "");
    }

    proptest! {
        #[test]
        fn writing_and_reading_are_inverse(set in proptest::collection::btree_set(0_u32..500, 1..60)) {
            let numbers: Vec<u32> = set.into_iter().collect();
            let mut read: Vec<u32> = Vec::new();
            for range in parse(&write(&numbers)).unwrap() {
                read.extend((range.first..=range.last).step_by(usize::try_from(range.by.unwrap_or(1)).unwrap()));
            }
            prop_assert_eq!(read, numbers);
        }
    }
}
