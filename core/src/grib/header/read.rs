//! Reading of a message's headers from bytes that come piece by piece.

use bytes::Bytes;

use super::{Bitmap, GridSection, Header, Parsed, RepresentationSection};
use crate::grib::GribError;
use crate::grib::identification::Identification;
use crate::grib::layout::Context;
use crate::grib::product::Product;
use crate::grib::reader::{Reader, Short};
use crate::grib::section::{END, END_MARK, HEAD, Head, INDICATOR, Indicator};
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
    bitmap: Option<(Bitmap, ByteSpan)>,
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

    /// Octets of the current section that the current stage needs.
    fn need(&self) -> u64 {
        match self.stage {
            Stage::Indicator => self.available.min(INDICATOR + HEAD),
            Stage::Head { .. } => HEAD,
            Stage::Body(Head { number: 6, .. }) => HEAD + 1,
            Stage::Body(Head { number: 7, .. }) => HEAD,
            Stage::Body(head) => head.length,
            Stage::Done => 0,
        }
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
            6 => shared.bitmap = Some((shared.bitmap(&octets, span)?, span)),
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
            bitmap_section: bitmap.1,
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
