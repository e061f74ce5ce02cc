//! Templates 7.2 and 7.3: integers in groups, each with its own reference, width and length; in 7.3 the integers are
//! first or second differences.

mod sums;

use super::bits::Fields;
use super::scale::{Real, Scale};
use super::{Fault, bits, sized};
use crate::grib::representation::{Differencing, Grouping, Missing};
use sums::Sums;

/// Integers that are kept until they are scaled; they stay in the first-level cache.
const CHUNK: usize = 4096;

/// What the template says, and where in the data the values stand.
#[derive(Clone, Copy, Debug)]
pub(super) struct Complex<'a> {
    pub(super) data: &'a [u8],
    /// Whether section 7 has no data at all.
    pub(super) no_data: bool,
    pub(super) grouping: &'a Grouping,
    pub(super) differencing: Option<&'a Differencing>,
    pub(super) scale: Scale,
    /// Number of packed values.
    pub(super) count: usize,
    /// Number of the first value wanted.
    pub(super) first: usize,
    /// Number of the first value not wanted any more.
    pub(super) end: usize,
}

/// Scratch space of this packing.
#[derive(Debug, Default)]
pub(super) struct Groups {
    references: Vec<u32>,
    widths: Vec<u32>,
    lengths: Vec<u32>,
    integers: Vec<u32>,
}

/// One group: `length` integers of `width` bits, to which `reference` is added.
#[derive(Clone, Copy, Debug)]
struct Group {
    reference: u32,
    width: usize,
    length: usize,
}

/// Unpacks values `first..first + out.len()`. Those before them are decoded too where differences need them.
pub(super) fn unpack<R: Real>(
    complex: &Complex<'_>,
    out: &mut [R],
    scratch: &mut Groups,
) -> Result<(), Fault> {
    let grouping = complex.grouping;
    if grouping.groups == 0 || grouping.scaling.bits == 0 && complex.no_data {
        // Without integers all are zero, which of no bits is the mark of a missing value too.
        out.fill(match grouping.missing {
            Missing::None => R::nearest(complex.scale.value(0.0)),
            _ => R::MISSING,
        });
        return Ok(());
    }
    let (sums, at) = Sums::read(complex)?;
    let start = Start {
        at: scratch.read(complex, at)?,
        sums,
    };
    let narrow = usize::from(grouping.scaling.bits) < 28 && scratch.widest(grouping) < 28;
    if grouping.missing == Missing::None && narrow && small(complex, start, scratch, out)? {
        return Ok(());
    }
    large(complex, start, scratch, out)
}

/// Where the groups' integers start, and from which sums.
#[derive(Clone, Copy, Debug)]
struct Start {
    at: usize,
    sums: Sums,
}

/// Fields without missing values whose integers are small enough for 32 bits: almost all.
///
/// `false` when a sum is not; `out` is then undefined.
fn small<R: Real>(
    complex: &Complex<'_>,
    start: Start,
    scratch: &Groups,
    out: &mut [R],
) -> Result<bool, Fault> {
    let Start { mut at, mut sums } = start;
    let Some(base) = sums.base() else {
        return Ok(false);
    };
    let mut integers = [0; CHUNK + bits::SLACK];
    let mut filled = 0;
    let mut skip = complex.first;
    let mut rest = out;
    for group in scratch.groups(complex.grouping) {
        let fields = group.fields(base);
        let mut length = group.length;
        while length > 0 {
            let wanted = length.min(CHUNK - filled).min(skip + rest.len() - filled);
            let room = integers.get_mut(filled..).unwrap_or_default();
            at = complex.read(Fields { at, ..fields }, wanted, room)?;
            length -= wanted;
            filled += wanted;
            if filled < CHUNK && filled < skip + rest.len() {
                continue;
            }
            let chunk = integers.get_mut(..filled).unwrap_or_default();
            if !sums.undo(chunk) {
                return Ok(false);
            }
            let chunk = chunk.get(skip..).unwrap_or_default();
            let (front, after) = std::mem::take(&mut rest).split_at_mut(chunk.len());
            complex.scale.unsigned(31, chunk, front);
            rest = after;
            skip -= filled - chunk.len();
            filled = 0;
            if rest.is_empty() {
                return Ok(true);
            }
        }
    }
    // The lengths of the groups were found to add up.
    Ok(rest.is_empty())
}

/// All other fields: one value after the other, in 64 bits.
fn large<R: Real>(
    complex: &Complex<'_>,
    start: Start,
    scratch: &mut Groups,
    out: &mut [R],
) -> Result<(), Fault> {
    let Start { mut at, mut sums } = start;
    let mut integers = std::mem::take(&mut scratch.integers);
    let marks = Marks::new(complex.grouping);
    let mut skip = complex.first;
    let mut rest = out.iter_mut();
    for group in scratch.groups(complex.grouping) {
        if rest.len() == 0 {
            break;
        }
        let length = group.length.min(skip.saturating_add(rest.len()));
        sized(&mut integers, length)?;
        at = complex.read(Fields::new(at, group.width), length, &mut integers)?;
        for &integer in &integers {
            let value = if marks.missing(&group, integer) {
                R::MISSING
            } else {
                let sum = i64::from(group.reference).wrapping_add(i64::from(integer));
                R::nearest(complex.scale.value(float(sums.next(sum))))
            };
            if skip > 0 {
                skip -= 1;
            } else if let Some(out) = rest.next() {
                *out = value;
            }
        }
    }
    scratch.integers = integers;
    if rest.len() > 0 {
        return Err(Fault::header(
            32,
            "the groups hold fewer values than there are",
        ));
    }
    Ok(())
}

impl Complex<'_> {
    /// Reads the next `count` integers of a group to the front of `integers`; see [`bits::read_over`].
    fn read(&self, fields: Fields, count: usize, integers: &mut [u32]) -> Result<usize, Fault> {
        if fields.width > 32 {
            return Err(Fault::header(36, "a group is more than 32 bits wide"));
        }
        bits::read_over(self.data, fields, count, integers).ok_or_else(|| {
            let bits = fields.width.saturating_mul(count);
            Fault::Short {
                octets: fields.at.saturating_add(bits).div_ceil(8),
            }
        })
    }
}

impl Group {
    /// The group's integers, to which its reference and `base` are added; where they start is not said.
    fn fields(&self, base: u32) -> Fields {
        Fields {
            at: 0,
            width: self.width,
            base: base.wrapping_add(self.reference),
        }
    }
}

impl Groups {
    /// Integers that there is room for.
    pub(super) fn capacity(&self) -> usize {
        [
            &self.references,
            &self.widths,
            &self.lengths,
            &self.integers,
        ]
        .iter()
        .fold(0, |sum, list| list.capacity().saturating_add(sum))
    }

    /// Reads the references, widths and lengths of all groups; returns the bit at which the groups' integers start.
    fn read(&mut self, complex: &Complex<'_>, at: usize) -> Result<usize, Fault> {
        let grouping = complex.grouping;
        // A group has a value at least, or it would not be one; this bounds the scratch by the grid.
        let groups = usize::try_from(grouping.groups).unwrap_or(usize::MAX);
        if groups > complex.count.max(1) {
            return Err(Fault::header(32, "there are more groups than values"));
        }
        let lists = [
            (&mut self.references, grouping.scaling.bits),
            (&mut self.widths, grouping.width_bits),
            (&mut self.lengths, grouping.length_bits),
        ];
        let mut at = at;
        for (list, width) in lists {
            sized(list, groups)?;
            let width = usize::from(width);
            let end = at.saturating_add(width.saturating_mul(groups));
            at = bits::read(complex.data, Fields::new(at, width), list)
                .ok_or_else(|| Fault::Short {
                    octets: end.div_ceil(8),
                })?
                .next_multiple_of(8);
        }
        let end = self.end(complex, at)?;
        if end.div_ceil(8) > complex.data.len() {
            return Err(Fault::Short {
                octets: end.div_ceil(8),
            });
        }
        Ok(at)
    }

    /// The bit after the last integer that is wanted, whose groups start at bit `at`. The lengths of all groups must
    /// add up to the number of values.
    fn end(&self, complex: &Complex<'_>, at: usize) -> Result<usize, Fault> {
        let (mut sum, mut end) = (0_usize, at);
        for group in self.groups(complex.grouping) {
            let wanted = complex.end.saturating_sub(sum).min(group.length);
            end = end.saturating_add(wanted.saturating_mul(group.width));
            sum = sum.saturating_add(group.length);
        }
        if sum > complex.count {
            return Err(Fault::header(
                32,
                "the groups hold more values than there are",
            ));
        }
        if sum < complex.count {
            return Err(Fault::header(
                32,
                "the groups hold fewer values than there are",
            ));
        }
        Ok(end)
    }

    fn groups<'a>(&'a self, grouping: &'a Grouping) -> impl Iterator<Item = Group> + 'a {
        let last = self.references.len().saturating_sub(1);
        let lists = self.references.iter().zip(&self.widths).zip(&self.lengths);
        lists
            .enumerate()
            .map(move |(index, ((&reference, &width), &length))| {
                let scaled = u64::from(grouping.length_increment) * u64::from(length);
                let length = if index == last {
                    u64::from(grouping.last_length)
                } else {
                    u64::from(grouping.length_reference) + scaled
                };
                let width = u64::from(grouping.width_reference) + u64::from(width);
                Group {
                    reference,
                    width: usize::try_from(width).unwrap_or(usize::MAX),
                    length: usize::try_from(length).unwrap_or(usize::MAX),
                }
            })
    }

    fn widest(&self, grouping: &Grouping) -> usize {
        let widest = self.widths.iter().copied().max().unwrap_or_default();
        let widest = u64::from(widest) + u64::from(grouping.width_reference);
        usize::try_from(widest).unwrap_or(usize::MAX)
    }
}

/// The integers that mark missing values: all bits set, or all but the last.
#[derive(Clone, Copy, Debug)]
struct Marks {
    /// How many marks there are, from all bits set down.
    count: u32,
    /// All bits set in a group's reference.
    reference: u32,
}

impl Marks {
    fn new(grouping: &Grouping) -> Self {
        Self {
            count: match grouping.missing {
                Missing::None => 0,
                Missing::Primary => 1,
                Missing::PrimaryAndSecondary => 2,
            },
            reference: ones(usize::from(grouping.scaling.bits)),
        }
    }

    #[inline(always)]
    fn missing(&self, group: &Group, integer: u32) -> bool {
        // A group of width 0 is missing as a whole when its reference is a mark.
        let (highest, found) = match group.width {
            0 => (self.reference, group.reference),
            width => (ones(width), integer),
        };
        highest.wrapping_sub(found) < self.count
    }
}

fn ones(width: usize) -> u32 {
    match width {
        0 => 0,
        _ => u32::MAX >> 32_usize.saturating_sub(width),
    }
}

#[expect(
    clippy::as_conversions,
    clippy::cast_precision_loss,
    reason = "packed integers are far below 2^53; larger ones are rounded as ecCodes rounds them"
)]
pub(super) fn float(integer: i64) -> f64 {
    integer as f64
}
