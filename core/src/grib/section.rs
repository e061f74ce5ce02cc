//! Framing of one message: which section starts where, how long it is, and what may follow it.

use super::GribError;
use super::reader::{Reader, Short};

/// Octets of section 0.
pub(super) const INDICATOR: u64 = 16;
/// Octets of a section's length and number.
pub(super) const HEAD: u64 = 5;
/// Octets of section 8, the end mark.
pub(super) const END: u64 = 4;
/// Number of the end mark's section.
pub(super) const END_SECTION: u8 = 8;
/// The octets of section 8.
pub(super) const END_MARK: &[u8] = b"7777";

/// Section 0 of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Indicator {
    /// Discipline, code table 0.0.
    pub(super) discipline: u8,
    /// Length of the whole message, sections 0 and 8 included.
    pub(super) total: u64,
}

/// Length and number of a section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) length: u64,
    pub(super) number: u8,
}

impl Indicator {
    /// Reads section 0 and looks at the head of section 1, so that a stray `GRIB` in other bytes is not a message.
    ///
    /// `octets` are the first of the message, at `offset` of an object that has `available` bytes from there on: 21 of them
    /// or, where the object ends before, what there is.
    pub(super) fn parse(octets: &[u8], offset: u64, available: u64) -> Result<Self, GribError> {
        let not_grib = GribError::NotGrib { offset };
        let cut = |_: Short| truncated(octets, offset, available);
        let mut reader = Reader::new(octets);
        if reader.take(4).map_err(cut)? != b"GRIB" {
            return Err(not_grib);
        }
        reader.skip(2).map_err(cut)?;
        let (discipline, edition) = (reader.u8().map_err(cut)?, reader.u8().map_err(cut)?);
        match edition {
            2 => {}
            0 | 1 | 3 => return Err(GribError::Edition { edition, offset }),
            _ => return Err(not_grib),
        }
        let total = reader.u64().map_err(cut)?;
        match Head::parse(reader.rest()) {
            Ok(head) if head.number != 1 || head.length < least(1) => return Err(not_grib),
            Ok(_) => {}
            Err(_) if available < INDICATOR + HEAD => {}
            Err(_) => return Err(not_grib),
        }
        if total > available {
            return Err(GribError::Truncated {
                offset,
                length: total,
                available,
            });
        }
        if total < INDICATOR + HEAD + END {
            return Err(not_grib);
        }
        Ok(Self { discipline, total })
    }
}

/// Length of a message of edition 1, or `None` where its first eight octets are not all there.
pub(super) fn edition_1_length(octets: &[u8]) -> Option<u64> {
    let mut reader = Reader::new(octets);
    reader.skip(4).ok()?;
    reader.unsigned(3).ok()
}

/// A message that starts in the last bytes of its object, too few for its own length.
fn truncated(octets: &[u8], offset: u64, available: u64) -> GribError {
    if octets.starts_with(b"GRIB") {
        GribError::Truncated {
            offset,
            length: INDICATOR + HEAD + END,
            available,
        }
    } else {
        GribError::NotGrib { offset }
    }
}

impl Head {
    /// Reads the first five octets of a section.
    pub(super) fn parse(octets: &[u8]) -> Result<Self, Short> {
        let mut reader = Reader::new(octets);
        Ok(Self {
            length: u64::from(reader.u32()?),
            number: reader.u8()?,
        })
    }

    /// Whether a section of this number and length may follow section `previous` at byte `at` of a message at `offset`.
    pub(super) fn check(
        self,
        previous: u8,
        (offset, at, total): (u64, u64, u64),
    ) -> Result<(), GribError> {
        let place = offset.saturating_add(at);
        let follows = match previous {
            0 => self.number == 1,
            1 => matches!(self.number, 2 | 3),
            7 => matches!(self.number, 2..=4),
            _ => Some(self.number) == previous.checked_add(1),
        };
        if !follows {
            return Err(GribError::SectionOrder {
                offset: place,
                previous,
                found: self.number,
            });
        }
        let most = total.saturating_sub(END).saturating_sub(at);
        let least = least(self.number);
        if self.length < least || self.length > most {
            return Err(GribError::SectionLength {
                section: self.number,
                offset: place,
                length: self.length,
                least,
                most,
            });
        }
        Ok(())
    }
}

/// Octets that each section has before its template.
fn least(section: u8) -> u64 {
    match section {
        1 => 21,
        3 => 14,
        4 => 9,
        5 => 11,
        6 => 6,
        _ => HEAD,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(total: u64, edition: u8, section: [u8; 5]) -> Vec<u8> {
        let mut octets = b"GRIB\xff\xff\x00".to_vec();
        octets.push(edition);
        octets.extend(total.to_be_bytes());
        octets.extend(section);
        octets
    }

    const ONE: [u8; 5] = [0, 0, 0, 21, 1];

    #[test]
    fn a_total_length_has_64_bits() {
        let total = 5 << 32;
        let parsed = Indicator::parse(&start(total, 2, ONE), 7, u64::MAX);
        assert_eq!(
            parsed,
            Ok(Indicator {
                discipline: 0,
                total
            })
        );
    }

    #[test]
    fn other_editions_are_refused_by_name() {
        for edition in [0, 1, 3] {
            let refused = Indicator::parse(&start(100, edition, ONE), 7, 100);
            assert_eq!(refused, Err(GribError::Edition { edition, offset: 7 }));
        }
    }

    #[test]
    fn grib_in_other_bytes_is_no_message() {
        let none = Err(GribError::NotGrib { offset: 3 });
        assert_eq!(Indicator::parse(b"GRIB is a format. 7777777", 3, 25), none);
        assert_eq!(
            Indicator::parse(&start(100, 2, [0, 0, 0, 21, 2]), 3, 100),
            none
        );
        assert_eq!(
            Indicator::parse(&start(100, 2, [0, 0, 0, 20, 1]), 3, 100),
            none
        );
        assert_eq!(Indicator::parse(&start(16, 2, ONE), 3, 100), none);
        assert_eq!(Indicator::parse(b"GRUB", 3, 4), none);
    }

    #[test]
    fn a_message_beyond_the_end_of_its_object_is_truncated() {
        let cut = |length, available| GribError::Truncated {
            offset: 0,
            length,
            available,
        };
        let octets = start(200, 2, ONE);
        assert_eq!(Indicator::parse(&octets, 0, 199), Err(cut(200, 199)));
        assert_eq!(Indicator::parse(&octets[..18], 0, 18), Err(cut(200, 18)));
        assert_eq!(Indicator::parse(&octets[..6], 0, 6), Err(cut(25, 6)));
    }

    #[test]
    fn sections_follow_in_order_and_fields_repeat_from_2_3_or_4() {
        let may = |previous, number| {
            let head = Head { length: 50, number };
            head.check(previous, (0, 100, 1000)).is_ok()
        };
        let pairs = (0..8).flat_map(|previous| (0..=9).map(move |number| (previous, number)));
        let follow: Vec<_> = pairs.filter(|(a, b)| may(*a, *b)).collect();
        let expected = [
            (0, 1),
            (1, 2),
            (1, 3),
            (2, 3),
            (3, 4),
            (4, 5),
            (5, 6),
            (6, 7),
            (7, 2),
            (7, 3),
            (7, 4),
        ];
        assert_eq!(follow, expected);
    }

    #[test]
    fn a_section_ends_before_the_end_mark() {
        let check = |length| Head { length, number: 7 }.check(6, (0, 100, 200));
        assert_eq!(check(96), Ok(()));
        let error = GribError::SectionLength {
            section: 7,
            offset: 100,
            length: 97,
            least: 5,
            most: 96,
        };
        assert_eq!(check(97), Err(error));
        assert!(check(4).is_err());
    }
}
