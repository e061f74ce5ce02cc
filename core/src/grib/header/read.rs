//! Reading of a message's headers from bytes that come piece by piece.

use bytes::Bytes;

use super::{Bitmap, GridSection, Header, Parsed, RepresentationSection};
use crate::grib::GribError;
use crate::grib::identification::Identification;
use crate::grib::layout::Context;
use crate::grib::product::Product;
use crate::grib::reader::{Reader, Short};
use crate::grib::section::{END, END_MARK, END_SECTION, HEAD, Head, INDICATOR, Indicator};
use crate::span::ByteSpan;

/// Reads the headers of one message without its data, and asks for bytes instead of fetching them.
///
/// ```
/// # fn fetch(_: gik_core::span::ByteSpan) -> Vec<u8> { b"GRIB\0\0\0\x01".to_vec() }
/// use gik_core::grib::header::{MessageReader, Parsed};
///
/// let mut reader = MessageReader::new(0, 1_000);
/// let mut wanted = reader.wanted();
/// let result = loop {
///     match reader.read(wanted.offset, &fetch(wanted)) {
///         Ok(Parsed::NeedMore(span)) => wanted = span,
///         other => break other,
///     }
/// };
/// assert_eq!(result.unwrap_err().to_string(), "GRIB edition 1 at byte 0: only edition 2 is read");
/// ```
#[derive(Clone, Debug)]
pub struct MessageReader {
    /// Start of the message in its object.
    offset: u64,
    /// Bytes of the object from there on.
    available: u64,
    /// Length of the message; 0 until section 0 is read.
    total: u64,
    /// Start of the section that is read now, from the start of the message.
    at: u64,
    /// The first octets of that section.
    buffer: Vec<u8>,
    stage: Stage,
    shared: Shared,
    fields: Vec<Header>,
}

#[derive(Clone, Copy, Debug)]
enum Stage {
    Indicator,
    Head { previous: u8 },
    Body(Head),
    Done,
}

/// What later fields of the message may share.
#[derive(Clone, Debug, Default)]
struct Shared {
    discipline: u8,
    indicator: Bytes,
    identification: Option<Identification>,
    local: Option<Bytes>,
    grid: Option<GridSection>,
    product: Option<Product>,
    representation: Option<RepresentationSection>,
    bitmap: Option<(Bitmap, ByteSpan, Bytes)>,
    /// The last bitmap of the message.
    bits: Option<ByteSpan>,
}

impl MessageReader {
    /// A reader of the message at `offset` of an object that has `available` bytes from there on (`u64::MAX` where unknown).
    pub fn new(offset: u64, available: u64) -> Self {
        Self {
            offset,
            available,
            total: 0,
            at: 0,
            buffer: Vec::new(),
            stage: Stage::Indicator,
            shared: Shared::default(),
            fields: Vec::new(),
        }
    }

    /// The message in its object, once section 0 is read.
    pub fn message(&self) -> Option<ByteSpan> {
        (self.total > 0).then_some(ByteSpan::new(self.offset, self.total))
    }

    /// The bytes that are needed next.
    pub fn wanted(&self) -> ByteSpan {
        let have = count(self.buffer.len());
        let from = self.offset.saturating_add(self.at).saturating_add(have);
        ByteSpan::new(from, self.need().saturating_sub(have))
    }

    /// Takes bytes of the object from `offset` on: at or before the start of what is wanted, and of any length.
    ///
    /// # Errors
    ///
    /// The bytes are no GRIB2 message, or its sections are not framed as they must. A reader that failed is of no further use.
    pub fn read(&mut self, offset: u64, bytes: &[u8]) -> Result<Parsed, GribError> {
        loop {
            let wanted = self.wanted();
            let skip = wanted.offset.checked_sub(offset).map(usize::try_from);
            let fresh = match skip {
                Some(Ok(skip)) => bytes.get(skip..).unwrap_or_default(),
                _ => &[],
            };
            let most = usize::try_from(wanted.length).unwrap_or(usize::MAX);
            let taken = fresh.get(..most).unwrap_or(fresh);
            self.buffer.extend_from_slice(taken);
            if count(self.buffer.len()) < self.need() {
                return Ok(Parsed::NeedMore(self.wanted()));
            }
            self.step()?;
            if matches!(self.stage, Stage::Done) {
                return Ok(Parsed::Fields(std::mem::take(&mut self.fields)));
            }
        }
    }

    /// The first octets of a message whose section 0 was refused.
    pub(in crate::grib) fn first_octets(&self) -> &[u8] {
        &self.buffer
    }

    /// Octets of the current section that the current stage needs.
    fn need(&self) -> u64 {
        match self.stage {
            Stage::Indicator => self.available.min(INDICATOR + HEAD),
            // At the end of the message there is no more than its mark, and perhaps nothing of the object behind it.
            Stage::Head { .. } => HEAD.min(self.left()),
            Stage::Body(Head { number: 6, .. }) => HEAD + 1,
            Stage::Body(Head { number: 7, .. }) => HEAD,
            Stage::Body(head) => head.length,
            Stage::Done => 0,
        }
    }

    /// Octets of the message from the current section on.
    fn left(&self) -> u64 {
        self.total.saturating_sub(self.at)
    }

    fn step(&mut self) -> Result<(), GribError> {
        match self.stage {
            Stage::Indicator => {
                let indicator = Indicator::parse(&self.buffer, self.offset, self.available)?;
                self.total = indicator.total;
                self.shared.discipline = indicator.discipline;
                let (indicator, rest) = self.buffer.split_at_checked(16).unwrap_or_default();
                self.shared.indicator = Bytes::copy_from_slice(indicator);
                self.buffer = rest.to_vec();
                self.at = INDICATOR;
                self.stage = Stage::Head { previous: 0 };
            }
            Stage::Head { previous } if self.left() < HEAD => {
                return Err(GribError::SectionOrder {
                    offset: self.offset.saturating_add(self.at),
                    previous,
                    found: END_SECTION,
                });
            }
            Stage::Head { previous } => {
                if self.buffer.starts_with(END_MARK) {
                    return Err(GribError::TotalLength {
                        offset: self.offset,
                        length: self.total,
                        found: self.at.saturating_add(END),
                    });
                }
                let head = Head::parse(&self.buffer).map_err(|source| GribError::Template {
                    section: previous,
                    offset: self.offset.saturating_add(self.at),
                    source,
                })?;
                head.check(previous, (self.offset, self.at, self.total))?;
                self.stage = Stage::Body(head);
            }
            Stage::Body(head) => {
                self.body(head)?;
                self.at = self.at.saturating_add(head.length);
                self.buffer.clear();
                let ends = head.number == 7 && self.at.saturating_add(END) == self.total;
                self.stage = if ends {
                    Stage::Done
                } else {
                    Stage::Head {
                        previous: head.number,
                    }
                };
            }
            Stage::Done => {}
        }
        Ok(())
    }

    fn body(&mut self, head: Head) -> Result<(), GribError> {
        let start = self.offset.saturating_add(self.at);
        let span = ByteSpan::new(start, head.length);
        let octets = Bytes::from(std::mem::take(&mut self.buffer));
        let shared = &mut self.shared;
        let inside = |source: Short| GribError::Template {
            section: head.number,
            offset: start,
            source,
        };
        match head.number {
            1 => shared.identification = Some(Identification::parse(octets).map_err(inside)?),
            2 => shared.local = Some(octets),
            3 => shared.grid = Some(GridSection::parse(octets).map_err(inside)?),
            4 => {
                let mut context = Context::default();
                if let Some(identification) = &shared.identification {
                    context.set("centreForLocal", i64::from(identification.local_centre()));
                }
                shared.product = Some(Product::parse(octets, &context).map_err(inside)?);
            }
            5 => {
                let section = RepresentationSection::parse(octets).map_err(inside)?;
                shared.representation = Some(section);
            }
            6 => shared.bitmap = Some((shared.bitmap(&octets, span)?, span, octets)),
            _ => self.field(span)?,
        }
        Ok(())
    }

    fn field(&mut self, data: ByteSpan) -> Result<(), GribError> {
        let shared = &mut self.shared;
        let sections = (
            shared.identification.clone(),
            shared.grid.clone(),
            shared.product.take(),
            shared.representation.take(),
            shared.bitmap.take(),
        );
        let (Some(identification), Some(grid), Some(product), Some(representation), Some(bitmap)) =
            sections
        else {
            // The order of sections was checked, so that each of them is there.
            return Err(GribError::SectionOrder {
                offset: data.offset,
                previous: 6,
                found: 7,
            });
        };
        self.fields.push(Header {
            message: ByteSpan::new(self.offset, self.total),
            field: self.fields.len().saturating_add(1),
            discipline: shared.discipline,
            identification,
            local: shared.local.clone(),
            grid,
            product,
            representation,
            bitmap: bitmap.0,
            data,
            indicator: shared.indicator.clone(),
            bitmap_section: (bitmap.1, bitmap.2),
        });
        Ok(())
    }
}

impl Shared {
    /// Section 6 at `span`, of which `octets` are the first six.
    fn bitmap(&mut self, octets: &[u8], span: ByteSpan) -> Result<Bitmap, GribError> {
        match octets.last() {
            Some(0) => {
                let head = HEAD + 1;
                let bits = ByteSpan::new(
                    span.offset.saturating_add(head),
                    span.length.saturating_sub(head),
                );
                self.bits = Some(bits);
                Ok(Bitmap::Present {
                    bits,
                    reused: false,
                })
            }
            Some(254) => {
                let offset = span.offset;
                let bits = self.bits.ok_or(GribError::BitmapReuse { offset })?;
                Ok(Bitmap::Present { bits, reused: true })
            }
            Some(255) | None => Ok(Bitmap::Absent),
            Some(number) => Ok(Bitmap::Predefined(*number)),
        }
    }
}

impl GridSection {
    fn parse(octets: Bytes) -> Result<Self, Short> {
        let mut reader = Reader::new(&octets);
        reader.skip(6)?;
        let points = reader.u32()?;
        reader.skip(2)?;
        Ok(Self {
            points,
            template: reader.u16()?,
            octets,
        })
    }
}

impl RepresentationSection {
    fn parse(octets: Bytes) -> Result<Self, Short> {
        let mut reader = Reader::new(&octets);
        reader.skip(5)?;
        Ok(Self {
            values: reader.u32()?,
            template: reader.u16()?,
            octets,
        })
    }
}

/// A number of octets in memory, as octets of an object are counted.
fn count(octets: usize) -> u64 {
    u64::try_from(octets).unwrap_or(u64::MAX)
}

#[cfg(test)]
#[expect(clippy::as_conversions, reason = "sizes of small inputs")]
mod tests {
    use super::*;
    use crate::grib::sample;
    use proptest::prelude::*;

    fn fields(parsed: Result<Parsed, GribError>) -> Vec<Header> {
        match parsed {
            Ok(Parsed::Fields(fields)) => fields,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_header_says_where_its_message_and_its_data_lie() {
        let message = sample::message(&[1_000]);
        let headers = message.len() - 4 - 1_000;
        let read = fields(Header::parse_prefix(&message[..headers], 70));
        let [header] = &read[..] else {
            panic!("one field")
        };
        assert_eq!(header.message, ByteSpan::new(70, message.len() as u64));
        assert_eq!(header.data, ByteSpan::new(70 + headers as u64 - 5, 1_005));
        assert_eq!((header.field, header.discipline), (1, 0));
        assert_eq!((header.grid.template, header.grid.points), (0, 6));
        assert_eq!(
            (header.representation.template, header.representation.values),
            (0, 6)
        );
        assert_eq!(header.bitmap, Bitmap::Absent);
        assert_eq!(header.key("forecastTime"), [Some(6)]);
        assert_eq!(header.key("Nj"), [Some(2)]);
        assert_eq!(header.key("scaledValueOfSecondFixedSurface"), [None]);
        assert_eq!(header.key("shortName"), []);
    }

    #[test]
    fn a_prefix_that_is_too_short_names_the_bytes_it_needs() {
        let message = sample::message(&[1_000]);
        let headers = message.len() - 4 - 1_000;
        for length in 0..headers {
            let Ok(Parsed::NeedMore(span)) = Header::parse_prefix(&message[..length], 70) else {
                panic!("{length} bytes cannot be enough");
            };
            assert_eq!(span.offset, 70 + length as u64);
            assert!(
                span.end().unwrap() <= 70 + headers as u64,
                "{length}: {span:?}"
            );
        }
    }

    #[test]
    fn the_fields_of_a_message_share_what_they_do_not_repeat() {
        let message = sample::Message::default()
            .field(2, 100)
            .bitmap(0, &[0xfc])
            .field(3, 50)
            .bitmap(254, &[])
            .field(4, 50)
            .bitmap(7, &[])
            .build();
        let read = fields(Header::parse_prefix(&message, 0));
        let spans: Vec<_> = read.iter().map(|header| header.bitmap).collect();
        let Bitmap::Present {
            bits,
            reused: false,
        } = spans[0]
        else {
            panic!("{spans:?}")
        };
        assert_eq!(message[bits.offset as usize], 0xfc);
        assert_eq!(bits.length, 1);
        assert_eq!(spans[1], Bitmap::Present { bits, reused: true });
        assert_eq!(spans[2], Bitmap::Predefined(7));
        assert_eq!(
            read.iter().map(|header| header.field).collect::<Vec<_>>(),
            [1, 2, 3]
        );
        assert!(read.iter().all(|header| header.local.is_some()));
        assert_eq!(read[0].grid, read[2].grid);
    }

    #[test]
    fn data_between_fields_are_skipped() {
        let message = sample::message(&[100_000, 100_000]);
        let mut reader = MessageReader::new(0, u64::MAX);
        let (mut wanted, mut bytes) = (reader.wanted(), 0);
        let read = loop {
            let (start, end) = (wanted.offset as usize, wanted.end().unwrap() as usize);
            bytes += end - start;
            match reader.read(wanted.offset, &message[start..end]).unwrap() {
                Parsed::NeedMore(span) => wanted = span,
                Parsed::Fields(fields) => break fields,
            }
        };
        assert_eq!(read, fields(Header::parse_prefix(&message, 0)));
        assert!(bytes < 400, "{bytes}");
    }

    #[test]
    fn an_earlier_bitmap_that_is_not_there_is_an_error() {
        let message = sample::Message::default()
            .field(3, 10)
            .bitmap(254, &[])
            .build();
        let offset = sample::section_start(&message, 6) as u64;
        let error = Header::parse_prefix(&message, 0).unwrap_err();
        assert_eq!(error, GribError::BitmapReuse { offset });
    }

    #[test]
    fn a_total_length_that_its_sections_do_not_fill_is_an_error() {
        let mut message = sample::message(&[10]);
        let length = message.len() as u64;
        message[8..16].copy_from_slice(&(length + 9).to_be_bytes());
        message.extend([0; 9]);
        assert_eq!(
            Header::parse_prefix(&message, 0),
            Err(GribError::TotalLength {
                offset: 0,
                length: length + 9,
                found: length
            })
        );
    }

    proptest! {
        #[test]
        fn bytes_may_come_in_any_pieces(data in proptest::collection::vec(0..200_usize, 1..4), cuts in proptest::collection::vec(1..60_usize, 1..40)) {
            let message = sample::message(&data);
            let whole = fields(Header::parse_prefix(&message, 5));
            prop_assert_eq!(whole.len(), data.len());
            let mut reader = MessageReader::new(5, u64::MAX);
            let mut at = 0;
            for cut in cuts.iter().cycle() {
                let end = (at + cut).min(message.len());
                match reader.read(5 + at as u64, &message[at..end]).unwrap() {
                    Parsed::Fields(fields) => {
                        prop_assert_eq!(fields, whole);
                        break;
                    }
                    Parsed::NeedMore(span) => prop_assert!(span.offset >= 5 + end as u64),
                }
                at = end;
            }
        }
    }
}
