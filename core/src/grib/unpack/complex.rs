//! Templates 7.2 and 7.3: integers in groups, each with its own reference, width and length; in 7.3 the integers are
//! first or second differences.

use super::scale::{Real, Scale};
use super::{Fault, bits, sized};
use crate::grib::representation::{Differencing, Grouping, Missing};

/// What the template says, and where in the data the values stand.
#[derive(Clone, Copy, Debug)]
pub(super) struct Complex<'a> {
    pub(super) data: &'a [u8],
    pub(super) grouping: &'a Grouping,
    pub(super) differencing: Option<&'a Differencing>,
    /// Number of packed values.
    pub(super) count: usize,
    /// Number of the first value wanted.
    pub(super) first: usize,
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

/// What undoes the differences: the last value, the last difference, and what every packed difference lacks.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    order: u8,
    /// First values that are still to be put in front.
    first: [i64; 2],
    minimum: i64,
    seen: u8,
    last: i64,
    step: i64,
}

/// Unpacks values `first..first + out.len()`. Those before them are decoded too where differences need them.
pub(super) fn unpack<R: Real>(
    complex: &Complex<'_>,
    out: &mut [R],
    scratch: &mut Groups,
) -> Result<(), Fault> {
    let grouping = complex.grouping;
    let scale = Scale::new(&grouping.scaling);
    let (sums, at) = Sums::read(complex)?;
    if grouping.groups == 0 {
        // Without groups there are no integers: ecCodes takes them for zero.
        out.fill(R::nearest(scale.value(0.0)));
        return Ok(());
    }
    let at = scratch.read(complex, at)?;
    let narrow = usize::from(grouping.scaling.bits) < 31 && scratch.widest(grouping) < 31;
    if grouping.missing == Missing::None && narrow && small(complex, at, sums, scratch, out.len())?
    {
        let integers = scratch.integers.get(complex.first..).unwrap_or_default();
        scale.unsigned(31, integers, out);
        return Ok(());
    }
    large(complex, at, sums, scratch, &scale, out)
}

/// Fields without missing values whose integers stay below 2^31: almost all. Leaves the integers in the scratch.
///
/// `false` when a sum could leave that range.
fn small(
    complex: &Complex<'_>,
    mut at: usize,
    mut sums: Sums,
    scratch: &mut Groups,
    wanted: usize,
) -> Result<bool, Fault> {
    let end = complex.first.saturating_add(wanted);
    let mut integers = std::mem::take(&mut scratch.integers);
    sized(&mut integers, end)?;
    let mut rest = integers.as_mut_slice();
    let mut fits = true;
    for group in scratch.groups(complex.grouping) {
        let length = group.length.min(rest.len());
        let (group_integers, after) = std::mem::take(&mut rest).split_at_mut(length);
        at = read(complex, at, &group, group.reference, group_integers)?;
        fits = sums.order == 0 || sums.fit(&group);
        if !fits {
            break;
        }
        sums.undo(group_integers);
        rest = after;
        if rest.is_empty() {
            break;
        }
    }
    let short = !rest.is_empty();
    scratch.integers = integers;
    if fits && short {
        return Err(Fault::header(
            32,
            "the groups hold fewer values than there are",
        ));
    }
    Ok(fits)
}

/// All other fields: one value after the other, in 64 bits.
fn large<R: Real>(
    complex: &Complex<'_>,
    mut at: usize,
    mut sums: Sums,
    scratch: &mut Groups,
    scale: &Scale,
    out: &mut [R],
) -> Result<(), Fault> {
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
        at = read(complex, at, &group, 0, &mut integers)?;
        for &integer in &integers {
            let value = if marks.missing(&group, integer) {
                R::MISSING
            } else {
                let sum = i64::from(group.reference).wrapping_add(i64::from(integer));
                R::nearest(scale.value(float(sums.next(sum))))
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

fn read(
    complex: &Complex<'_>,
    at: usize,
    group: &Group,
    base: u32,
    integers: &mut [u32],
) -> Result<usize, Fault> {
    if group.width > 32 {
        return Err(Fault::header(36, "a group is more than 32 bits wide"));
    }
    bits::read(complex.data, at, group.width, base, integers).ok_or_else(|| Fault::Short {
        octets: (at.saturating_add(group.width.saturating_mul(integers.len()))).div_ceil(8),
    })
}

impl Groups {
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
            at = bits::read(complex.data, at, width, 0, list)
                .ok_or_else(|| Fault::Short {
                    octets: end.div_ceil(8),
                })?
                .next_multiple_of(8);
        }
        self.check(complex)?;
        Ok(at)
    }

    /// The lengths must add up to the number of values.
    fn check(&self, complex: &Complex<'_>) -> Result<(), Fault> {
        let mut sum = 0_usize;
        for group in self.groups(complex.grouping) {
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
        Ok(())
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

impl Sums {
    /// Reads the first values and the overall minimum; returns the bit after them.
    fn read(complex: &Complex<'_>) -> Result<(Self, usize), Fault> {
        let Some(differencing) = complex.differencing else {
            return Ok((Self::default(), 0));
        };
        let octets = usize::from(differencing.octets);
        if octets > 8 {
            return Err(Fault::header(49, "a first value has more than 8 octets"));
        }
        let end = octets * (usize::from(differencing.order) + 1);
        let Some(extra) = complex.data.get(..end) else {
            return Err(Fault::Short { octets: end });
        };
        let mut numbers = extra.chunks(octets.max(1));
        let mut next = || numbers.next().unwrap_or_default();
        let mut first = [0; 2];
        for value in first.iter_mut().take(usize::from(differencing.order)) {
            *value = unsigned(next());
        }
        let sums = Self {
            order: differencing.order,
            first,
            minimum: signed(next()),
            ..Self::default()
        };
        Ok((sums, end * 8))
    }

    /// Whether undoing a group in 32 bits gives what 64 bits give.
    fn fit(&self, group: &Group) -> bool {
        let range = (1_i64 << group.width).saturating_add(i64::from(group.reference));
        let length = i64::try_from(group.length).unwrap_or(i64::MAX);
        let packed = range.saturating_add(self.minimum.saturating_abs());
        let step = match self.order {
            1 => packed,
            _ => length
                .saturating_mul(packed)
                .saturating_add(self.step.saturating_abs()),
        };
        let [first, second] = self.first;
        let (last, step) = if self.seen < self.order {
            let first = first
                .saturating_abs()
                .saturating_add(second.saturating_abs());
            (first, step.saturating_add(first))
        } else {
            (self.last.saturating_abs(), step)
        };
        length.saturating_mul(step).saturating_add(last) < i64::from(i32::MAX)
    }

    /// The value that one packed difference stands for.
    fn next(&mut self, packed: i64) -> i64 {
        if self.order == 0 {
            return packed;
        }
        let [first, second] = self.first;
        if self.seen < self.order {
            let value = if self.seen == 0 { first } else { second };
            self.step = if self.seen == 0 {
                0
            } else {
                value.wrapping_sub(self.last)
            };
            self.last = value;
            self.seen += 1;
            return value;
        }
        let difference = packed.wrapping_add(self.minimum);
        self.step = match self.order {
            1 => difference,
            _ => self.step.wrapping_add(difference),
        };
        self.last = self.last.wrapping_add(self.step);
        self.last
    }

    /// [`Self::next`] for a whole group, in 32 bits; [`Self::fit`] was asked before.
    #[expect(
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        reason = "all sums fit into 32 bits"
    )]
    fn undo(&mut self, packed: &mut [u32]) {
        let mut rest = packed.iter_mut();
        while self.seen < self.order {
            let Some(value) = rest.next() else { return };
            *value = self.next(0) as u32;
        }
        if self.order == 0 {
            return;
        }
        let minimum = self.minimum as u32;
        let mut last = self.last as u32;
        if self.order == 1 {
            for value in rest {
                last = last.wrapping_add(value.wrapping_add(minimum));
                *value = last;
            }
        } else {
            let mut step = self.step as u32;
            for value in rest {
                step = step.wrapping_add(value.wrapping_add(minimum));
                last = last.wrapping_add(step);
                *value = last;
            }
            self.step = i64::from(step.cast_signed());
        }
        self.last = i64::from(last.cast_signed());
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

fn unsigned(octets: &[u8]) -> i64 {
    octets
        .iter()
        .fold(0, |number, &octet| number << 8 | i64::from(octet))
}

/// Sign and magnitude.
fn signed(octets: &[u8]) -> i64 {
    let Some((&first, rest)) = octets.split_first() else {
        return 0;
    };
    let magnitude = rest.iter().fold(i64::from(first & 0x7f), |number, &octet| {
        number << 8 | i64::from(octet)
    });
    if first & 0x80 == 0 {
        magnitude
    } else {
        -magnitude
    }
}

#[expect(
    clippy::as_conversions,
    clippy::cast_precision_loss,
    reason = "packed integers are far below 2^53; larger ones are rounded as ecCodes rounds them"
)]
fn float(integer: i64) -> f64 {
    integer as f64
}
