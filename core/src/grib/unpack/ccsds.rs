//! Template 7.42: the lossless coding of CCSDS 121.0-B (adaptive entropy coding).
//!
//! The bit stream is a sequence of *intervals* of `interval` blocks; an interval opens with a sample as it is, its
//! other samples are differences. A block says in its first bits how its samples are coded.

use super::bits::Fields;
use super::scale::{Real, Scale};
use super::{Fault, bits};
use crate::grib::representation::Ccsds;

const SIGNED: u8 = 1;
const PREPROCESS: u8 = 8;
const RESTRICTED: u8 = 16;
const PAD: u8 = 32;

/// The most samples that a block may have.
const BLOCK: usize = 64;

/// Differences that are undone at a time.
const STRIDE: usize = 64;

/// Highest code of the second extension: both numbers of a pair are at most 12.
const PAIRS: usize = 91;

/// For each code of the second extension the sum of its pair, and the first code of that sum.
const SUMS: [(u32, u32); PAIRS] = sums();

/// Unpacks values `first..first + out.len()`; samples before them are decoded too, for they say where the others are.
pub(super) fn unpack<R: Real>(
    data: &[u8],
    packing: &Ccsds,
    first: usize,
    out: &mut [R],
    samples: &mut Vec<u32>,
) -> Result<(), Fault> {
    let coder = Coder::new(data, packing)?;
    let scale = Scale::new(&packing.scaling);
    let end = first.saturating_add(out.len());
    samples.clear();
    samples.resize(coder.samples(), 0);
    let mut at = 0;
    let mut done = 0;
    let mut rest = out;
    while !rest.is_empty() {
        let wanted = coder.samples().min(end - done);
        at = coder
            .interval(at, wanted, samples)
            .map_err(|fault| fault.more(data.len(), done, end))?;
        let decoded = samples.get_mut(..wanted).unwrap_or_default();
        if done + wanted > first {
            coder.undo(decoded);
            let skipped = first.saturating_sub(done);
            let decoded = decoded.get(skipped..).unwrap_or_default();
            let (out, after) = rest.split_at_mut(decoded.len().min(rest.len()));
            scale.unsigned(coder.bits, decoded, out);
            rest = after;
        }
        done += wanted;
    }
    Ok(())
}

/// The parameters of a bit stream.
struct Coder<'a> {
    data: &'a [u8],
    /// Bits of a sample.
    bits: usize,
    /// Samples of a block.
    block: usize,
    /// Blocks of an interval.
    blocks: usize,
    /// Bits that name a block's coding.
    option_bits: usize,
    /// Samples are differences, but for the first of an interval.
    preprocess: bool,
    /// Intervals end at octets.
    pad: bool,
}

impl<'a> Coder<'a> {
    fn new(data: &'a [u8], packing: &Ccsds) -> Result<Self, Fault> {
        let bits = usize::from(packing.scaling.bits);
        let block = usize::from(packing.block);
        let restricted = packing.flags & RESTRICTED != 0;
        if packing.flags & SIGNED != 0 {
            return Err(Fault::header(22, "samples cannot be signed"));
        }
        if !(2..=BLOCK).contains(&block) || !block.is_multiple_of(2) {
            return Err(Fault::header(23, "a block has 2 to 64 samples, evenly"));
        }
        if !(1..=4096).contains(&packing.interval) {
            return Err(Fault::header(24, "an interval has 1 to 4096 blocks"));
        }
        let option_bits = match bits {
            1..=2 if restricted => 1,
            3..=4 if restricted => 2,
            5..=8 if restricted => {
                return Err(Fault::header(22, "restricted codes have at most 4 bits"));
            }
            1..=8 => 3,
            9..=16 => 4,
            17..=32 => 5,
            _ => return Err(Fault::header(20, "samples have 1 to 32 bits")),
        };
        Ok(Self {
            data,
            bits,
            block,
            blocks: usize::from(packing.interval),
            option_bits,
            preprocess: packing.flags & PREPROCESS != 0,
            pad: packing.flags & PAD != 0,
        })
    }

    /// Samples of an interval.
    fn samples(&self) -> usize {
        self.block * self.blocks
    }

    /// Decodes the blocks that hold the interval's first `wanted` samples; returns the bit after them.
    fn interval(&self, mut at: usize, wanted: usize, samples: &mut [u32]) -> Result<usize, Fault> {
        let stored = (1 << self.option_bits) - 1;
        let mut done = 0;
        while done < wanted {
            let option = bits::field(self.data, at, self.option_bits);
            at += self.option_bits;
            let rest = samples.get_mut(done..).unwrap_or_default();
            let mut block = rest.get_mut(..self.block).unwrap_or_default();
            let mut length = self.block;
            if option == stored {
                at = self.read(at, self.bits, block)?;
                done += length;
                continue;
            }
            let pairs = option == 0 && bits::field(self.data, at, 1) == 1;
            at += usize::from(option == 0);
            let reference = self.preprocess && done == 0;
            if reference {
                let (sample, differences) = block.split_at_mut(1);
                at = self.read(at, self.bits, sample)?;
                block = differences;
            }
            if pairs {
                at = self.pairs(at, block)?;
            } else if option == 0 {
                (at, length) = self.zeros(at, done)?;
                let zeros = rest.get_mut(usize::from(reference)..length);
                zeros.unwrap_or_default().fill(0);
            } else {
                at = self.split(at, option, block)?;
            }
            done += length;
        }
        if self.pad {
            at = at.next_multiple_of(8);
        }
        Ok(at)
    }

    /// Low bits as they are, after the high bits in unary.
    fn split(&self, at: usize, option: u32, block: &mut [u32]) -> Result<usize, Fault> {
        let low = option - 1;
        let at = self.unary(at, block)?;
        if low == 0 {
            return Ok(at);
        }
        let mut lows = [0; BLOCK];
        let lows = lows.get_mut(..block.len()).unwrap_or_default();
        let width = usize::try_from(low).unwrap_or(usize::MAX);
        let at = self.read(at, width, lows)?;
        for (sample, low_bits) in block.iter_mut().zip(lows) {
            *sample = *sample << low | *low_bits;
        }
        Ok(at)
    }

    /// The second extension: one unary code for two samples. Before an odd number of samples stands the reference,
    /// and its pair's other half is not used.
    fn pairs(&self, mut at: usize, block: &mut [u32]) -> Result<usize, Fault> {
        let (alone, paired) = block.split_at_mut(block.len() % 2);
        for sample in alone {
            (at, *sample) = self.pair(at).map(|(at, _, second)| (at, second))?;
        }
        for pair in paired.as_chunks_mut::<2>().0 {
            let [first, second] = pair;
            (at, *first, *second) = self.pair(at)?;
        }
        Ok(at)
    }

    fn pair(&self, at: usize) -> Result<(usize, u32, u32), Fault> {
        let mut code = [0];
        let at = self.unary(at, &mut code)?;
        let [code] = code;
        let entry = usize::try_from(code).ok().and_then(|code| SUMS.get(code));
        let Some(&(sum, first_code)) = entry else {
            return Err(Fault::data(at, "the code of a pair is over 90"));
        };
        let second = code - first_code;
        Ok((at, sum - second, second))
    }

    /// A run of blocks of zeros that starts at sample `done` of the interval; returns its length in samples.
    fn zeros(&self, at: usize, done: usize) -> Result<(usize, usize), Fault> {
        let mut code = [0];
        let at = self.unary(at, &mut code)?;
        let [code] = code;
        let before = done / self.block;
        let left = self.blocks - before;
        let blocks = match usize::try_from(code).unwrap_or(usize::MAX) {
            // The rest of the interval, or of its part of 64 blocks.
            4 => left.min(64 - before % 64),
            short @ 0..4 => short + 1,
            long => long,
        };
        if blocks > left {
            return Err(Fault::data(at, "a run of zeros reaches past its interval"));
        }
        Ok((at, blocks * self.block))
    }

    fn read(&self, at: usize, width: usize, out: &mut [u32]) -> Result<usize, Fault> {
        bits::read(self.data, Fields::new(at, width), out).ok_or(self.short())
    }

    fn unary(&self, at: usize, out: &mut [u32]) -> Result<usize, Fault> {
        bits::unary(self.data, at, out).ok_or(self.short())
    }

    fn short(&self) -> Fault {
        Fault::Short {
            octets: self.data.len().saturating_add(1),
        }
    }

    /// Turns the differences of an interval's first samples back into samples.
    fn undo(&self, samples: &mut [u32]) {
        if !self.preprocess {
            return;
        }
        let Some(first) = samples.first_mut() else {
            return;
        };
        let highest = u32::MAX >> (32 - self.bits);
        // The first sample stands for itself: a difference of 0 to itself.
        let mut last = std::mem::take(first);
        let (strides, rest) = samples.as_chunks_mut();
        for stride in strides {
            last = undo(last, highest, stride);
        }
        let mut stride = [0; STRIDE];
        for (to, from) in stride.iter_mut().zip(&*rest) {
            *to = *from;
        }
        undo(last, highest, &mut stride);
        for (to, from) in rest.iter_mut().zip(&stride) {
            *to = *from;
        }
    }
}

/// Undoes differences that follow the sample `before`; returns the last sample.
///
/// A difference that keeps the sample within 0 and `highest` whichever its sign is folded (0, -1, 1, -2, ...); a
/// larger one counts from the nearer end of the range. Larger ones are rare, so all are first taken for folded ones.
fn undo(before: u32, highest: u32, samples: &mut [u32; STRIDE]) -> u32 {
    let differences = *samples;
    for sample in samples.iter_mut() {
        *sample = unfold(*sample);
    }
    let mut last = before;
    for sample in samples.iter_mut() {
        last = last.wrapping_add(*sample);
        *sample = last;
    }
    // The sign bit of `wrong` tells whether any difference was over the distance to an end. It says so truly up to
    // 31 bits a sample; with 32 it may say so without need.
    let over = |difference: u32, previous: u32| {
        let half = (difference >> 1) + (difference & 1);
        let low = previous.wrapping_sub(half);
        low | highest.wrapping_sub(previous).wrapping_sub(half) | difference
    };
    let [first, later @ ..] = &differences;
    let mut wrong = over(*first, before);
    for (difference, previous) in later.iter().zip(&*samples) {
        wrong |= over(*difference, *previous);
    }
    if wrong >> 31 == 0 && highest >> 31 == 0 {
        return last;
    }

    let middle = highest / 2 + 1;
    let mut last = before;
    for (sample, difference) in samples.iter_mut().zip(differences) {
        let end = if last & middle == 0 { 0 } else { highest };
        let half = (difference >> 1) + (difference & 1);
        last = if half <= end ^ last {
            last.wrapping_add(unfold(difference))
        } else {
            end ^ difference
        };
        *sample = last;
    }
    last
}

/// 0, 1, 2, 3, 4 ... to 0, -1, 1, -2, 2 ... (modulo 2^32).
#[inline(always)]
fn unfold(difference: u32) -> u32 {
    (difference >> 1) ^ 0_u32.wrapping_sub(difference & 1)
}

const fn sums() -> [(u32, u32); PAIRS] {
    let mut table = [(0, 0); PAIRS];
    let mut code = 0;
    let mut sum = 0;
    let mut first = 0;
    let mut rest: &mut [(u32, u32)] = &mut table;
    while let Some((entry, after)) = rest.split_first_mut() {
        if code > first + sum {
            first = code;
            sum += 1;
        }
        *entry = (sum, first);
        code += 1;
        rest = after;
    }
    table
}
