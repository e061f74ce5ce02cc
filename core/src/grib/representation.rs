//! Section 5: how the values of section 7 are packed (data representation templates, WMO code table 5.0).

mod second_order;

use super::malformed::{self, Malformed};
use super::reader::{Reader, Short};
pub use second_order::SecondOrder;

const SECTION: u8 = 5;

/// Section 5, typed.
///
/// A template that this crate does not know keeps its number and is [`Packing::Other`].
#[derive(Clone, Debug, PartialEq)]
pub struct Representation {
    /// Number of packed values (octets 6-9): all points of the grid, or those that the bitmap keeps.
    pub values: u32,
    /// Number of the template (octets 10-11).
    pub template: u16,
    /// The template's fields.
    pub packing: Packing,
}

/// What the templates hold. Named after WMO code table 5.0.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Packing {
    /// 5.0: one integer of a fixed width for each value.
    Simple(Scaling),
    /// 5.2: integers in groups, each with its own reference and width.
    Complex(Grouping),
    /// 5.3: complex packing of first or second differences.
    Differenced(Differencing),
    /// 5.4: IEEE 754 numbers.
    Ieee(Precision),
    /// 5.40, and 5.40000 of NCEP before the WMO number: a JPEG 2000 code stream.
    Jpeg2000(Scaling),
    /// 5.41, and 5.40010 of NCEP before the WMO number: a PNG image.
    Png(Scaling),
    /// 5.42: CCSDS 121.0-B lossless coding.
    Ccsds(Ccsds),
    /// 5.61: simple packing of logarithms.
    Logarithmic(Logarithmic),
    /// 5.200: run lengths of levels.
    RunLength(RunLength),
    /// 5.50001 and 5.50002: second-order packing of ECMWF.
    SecondOrder(SecondOrder),
    /// Any other template; its number stands in [`Representation::template`].
    Other,
}

/// The scale of packed integers: value = (reference + integer x 2^binary) / 10^decimal (regulation 92.9.4).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scaling {
    /// Reference value R, an IEEE number of 32 bits (octets 12-15).
    pub reference: f32,
    /// Binary scale factor E (octets 16-17).
    pub binary: i16,
    /// Decimal scale factor D (octets 18-19).
    pub decimal: i16,
    /// Bits of each packed integer, or of each group reference; 0 when all values are the reference (octet 20).
    pub bits: u8,
    /// Type of the original values: 0 floating point, 1 integer (octet 21, code table 5.1).
    pub original: u8,
}

/// Template 5.2, and the first part of 5.3.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grouping {
    /// The scale of values and the width of group references.
    pub scaling: Scaling,
    /// How groups were cut: 0 row by row, 1 general (octet 22, code table 5.4).
    pub splitting: u8,
    /// Which missing values are marked among the packed integers (octet 23, code table 5.5).
    pub missing: Missing,
    /// Substitute of primary missing values, as stored (octets 24-27).
    pub primary: u32,
    /// Substitute of secondary missing values, as stored (octets 28-31).
    pub secondary: u32,
    /// Number of groups (octets 32-35).
    pub groups: u32,
    /// Added to every group width (octet 36).
    pub width_reference: u8,
    /// Bits of each group width (octet 37).
    pub width_bits: u8,
    /// Added to every group length (octets 38-41).
    pub length_reference: u32,
    /// Factor of every group length (octet 42).
    pub length_increment: u8,
    /// True length of the last group (octets 43-46).
    pub last_length: u32,
    /// Bits of each group length (octet 47).
    pub length_bits: u8,
}

/// Code table 5.5.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// 0: none.
    None,
    /// 1: primary missing values, marked by all bits set.
    Primary,
    /// 2: primary, and secondary marked by all bits set but the last.
    PrimaryAndSecondary,
}

/// Template 5.3.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Differencing {
    /// The part that 5.2 has too.
    pub grouping: Grouping,
    /// Order of the differences: 1 or 2 (octet 48, code table 5.6).
    pub order: u8,
    /// Octets of each first value and of the overall minimum in section 7 (octet 49).
    pub octets: u8,
}

/// Template 5.4, code table 5.7.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// 1: 32 bits.
    Single,
    /// 2: 64 bits.
    Double,
    /// 3: 128 bits.
    Quadruple,
}

/// Template 5.42.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ccsds {
    /// The scale of values.
    pub scaling: Scaling,
    /// Flags of the coder (octet 22): 1 signed, 2 three octets, 4 most significant first, 8 preprocess, 16 restricted, 32 pad each interval.
    pub flags: u8,
    /// Samples of a block (octet 23).
    pub block: u8,
    /// Blocks between reference samples (octets 24-25).
    pub interval: u16,
}

/// Template 5.61.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Logarithmic {
    /// The scale of the logarithms. Octet 21 is no type here but the first of `offset`.
    pub scaling: Scaling,
    /// Added to the values before the logarithm was taken (octets 21-24).
    pub offset: f32,
}

/// Template 5.200.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunLength {
    /// Bits of each packed integer (octet 12).
    pub bits: u8,
    /// Highest level in this field (octets 13-14).
    pub highest: u16,
    /// Highest level that the table knows (octets 15-16).
    pub levels: u16,
    /// Decimal scale factor of the level values (octet 17).
    pub decimal: i8,
    /// Scaled value of each level from level 1 on (octets 18-).
    pub values: Vec<u16>,
}

impl Representation {
    /// Reads a whole section 5, its five opening octets included.
    pub fn parse(section: &[u8]) -> Result<Self, Malformed> {
        let mut reader = malformed::open(SECTION, section)?;
        let short = Malformed::short(SECTION);
        let values = reader.u32().map_err(&short)?;
        let template = reader.u16().map_err(&short)?;
        let packing = match template {
            0 => Packing::Simple(Scaling::read(&mut reader).map_err(&short)?),
            2 => Packing::Complex(Grouping::read(&mut reader)?),
            3 => Packing::Differenced(Differencing::read(&mut reader)?),
            4 => Packing::Ieee(Precision::read(&mut reader)?),
            40 | 40_000 => Packing::Jpeg2000(Scaling::read(&mut reader).map_err(&short)?),
            41 | 40_010 => Packing::Png(Scaling::read(&mut reader).map_err(&short)?),
            42 => Packing::Ccsds(Ccsds::read(&mut reader).map_err(&short)?),
            61 => Packing::Logarithmic(Logarithmic::read(&mut reader).map_err(&short)?),
            200 => Packing::RunLength(RunLength::read(&mut reader).map_err(&short)?),
            50_001 | 50_002 => {
                let flags = template == 50_002;
                Packing::SecondOrder(SecondOrder::read(&mut reader, flags).map_err(&short)?)
            }
            _ => Packing::Other,
        };
        Ok(Self {
            values,
            template,
            packing,
        })
    }

    /// The scale of the packed integers, where the template has one.
    pub fn scaling(&self) -> Option<Scaling> {
        match &self.packing {
            Packing::Simple(scaling) | Packing::Jpeg2000(scaling) | Packing::Png(scaling) => {
                Some(*scaling)
            }
            Packing::Complex(grouping) => Some(grouping.scaling),
            Packing::Differenced(differencing) => Some(differencing.grouping.scaling),
            Packing::Ccsds(ccsds) => Some(ccsds.scaling),
            Packing::Logarithmic(logarithmic) => Some(logarithmic.scaling),
            Packing::SecondOrder(packing) => Some(packing.scaling),
            Packing::Ieee(_) | Packing::RunLength(_) | Packing::Other => None,
        }
    }
}

impl Scaling {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Short> {
        let (reference, binary, decimal, bits) = Self::read_numbers(reader)?;
        Ok(Self {
            reference,
            binary,
            decimal,
            bits,
            original: reader.u8()?,
        })
    }

    fn read_numbers(reader: &mut Reader<'_>) -> Result<(f32, i16, i16, u8), Short> {
        Ok((reader.f32()?, reader.i16()?, reader.i16()?, reader.u8()?))
    }
}

impl Grouping {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let short = Malformed::short(SECTION);
        let scaling = Scaling::read(reader).map_err(&short)?;
        let splitting = reader.u8().map_err(&short)?;
        let missing = match reader.u8().map_err(&short)? {
            // 255 is "missing" in code table 5.5: no management is told, so none is done.
            0 | 255 => Missing::None,
            1 => Missing::Primary,
            2 => Missing::PrimaryAndSecondary,
            found => {
                return Err(Malformed::Value {
                    section: SECTION,
                    octet: 23,
                    what: "missing value management",
                    found: u64::from(found),
                });
            }
        };
        let mut rest = || -> Result<Self, Short> {
            Ok(Self {
                scaling,
                splitting,
                missing,
                primary: reader.u32()?,
                secondary: reader.u32()?,
                groups: reader.u32()?,
                width_reference: reader.u8()?,
                width_bits: reader.u8()?,
                length_reference: reader.u32()?,
                length_increment: reader.u8()?,
                last_length: reader.u32()?,
                length_bits: reader.u8()?,
            })
        };
        rest().map_err(short)
    }
}

impl Differencing {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let short = Malformed::short(SECTION);
        let grouping = Grouping::read(reader)?;
        let order = reader.u8().map_err(&short)?;
        if !(1..=2).contains(&order) {
            return Err(Malformed::Value {
                section: SECTION,
                octet: 48,
                what: "order of spatial differencing",
                found: u64::from(order),
            });
        }
        Ok(Self {
            grouping,
            order,
            octets: reader.u8().map_err(&short)?,
        })
    }
}

impl Precision {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        match reader.u8().map_err(Malformed::short(SECTION))? {
            1 => Ok(Self::Single),
            2 => Ok(Self::Double),
            3 => Ok(Self::Quadruple),
            found => Err(Malformed::Value {
                section: SECTION,
                octet: 12,
                what: "precision of floating point numbers",
                found: u64::from(found),
            }),
        }
    }
}

impl Ccsds {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Short> {
        Ok(Self {
            scaling: Scaling::read(reader)?,
            flags: reader.u8()?,
            block: reader.u8()?,
            interval: reader.u16()?,
        })
    }
}

impl Logarithmic {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Short> {
        let (reference, binary, decimal, bits) = Scaling::read_numbers(reader)?;
        Ok(Self {
            scaling: Scaling {
                reference,
                binary,
                decimal,
                bits,
                original: 0,
            },
            offset: reader.f32()?,
        })
    }
}

impl RunLength {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Short> {
        let bits = reader.u8()?;
        let highest = reader.u16()?;
        let levels = reader.u16()?;
        let decimal = reader.i8()?;
        let values = (0..levels)
            .map(|_| reader.u16())
            .collect::<Result<_, _>>()?;
        Ok(Self {
            bits,
            highest,
            levels,
            decimal,
            values,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ccsds_section_as_ecmwf_writes_it() {
        let section = [
            0, 0, 0, 25, 5, 0, 0x0f, 0xd7, 0xa0, 0, 42, // 1,038,240 values
            0x43, 0x5e, 0x12, 0, 0x80, 10, 0, 0, 16, 0, 14, 32, 0, 128,
        ];
        let parsed = Representation::parse(&section).unwrap();
        assert_eq!((parsed.values, parsed.template), (1_038_240, 42));
        let Packing::Ccsds(ccsds) = parsed.packing else {
            panic!("{:?}", parsed.packing)
        };
        assert_eq!(ccsds.scaling.binary, -10);
        assert_eq!(
            (ccsds.scaling.bits, ccsds.flags, ccsds.block, ccsds.interval),
            (16, 14, 32, 128)
        );
    }

    #[test]
    fn an_unknown_template_keeps_its_number() {
        let parsed = Representation::parse(&[0, 0, 0, 11, 5, 0, 0, 0, 9, 0xab, 0xcd]).unwrap();
        assert_eq!(
            (parsed.values, parsed.template, parsed.packing),
            (9, 0xabcd, Packing::Other)
        );
    }

    #[test]
    fn every_shorter_section_is_refused_with_its_octet() {
        let mut section = [
            0, 0, 0, 21, 5, 0, 0, 0, 4, 0, 0, 0x43, 0x5e, 0x12, 0, 0x80, 10, 0, 0, 16, 0,
        ];
        assert!(Representation::parse(&section).is_ok());
        for length in 0..21_u8 {
            section[3] = length;
            assert!(Representation::parse(&section[..usize::from(length)]).is_err());
        }
        section[3] = 19;
        assert_eq!(
            Representation::parse(&section[..19]),
            Err(Malformed::Short {
                section: 5,
                source: Short {
                    at: 20,
                    wanted: 1,
                    left: 0
                }
            })
        );
    }

    #[test]
    fn differences_of_the_third_order_do_not_exist() {
        let mut section = [0_u8; 49];
        section[3] = 49;
        section[4] = 5;
        section[10] = 3;
        section[47] = 3;
        assert_eq!(
            Representation::parse(&section),
            Err(Malformed::Value {
                section: 5,
                octet: 48,
                what: "order of spatial differencing",
                found: 3
            })
        );
        section[47] = 2;
        assert!(Representation::parse(&section).is_ok());
    }
}
