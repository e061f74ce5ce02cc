//! Fields of a fixed number of bits, most significant first, many at a time.

/// How many fields [`read_over`] may write past the last one.
pub(super) const SLACK: usize = 7;

/// Where fields start, and what they are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields {
    /// First bit of the first field.
    pub(super) at: usize,
    /// Bits of each field.
    pub(super) width: usize,
    /// Added to each field, modulo 2^32.
    pub(super) base: u32,
}

impl Fields {
    /// Fields to which nothing is added.
    pub(super) fn new(at: usize, width: usize) -> Self {
        Self { at, width, base: 0 }
    }
}

/// Reads `out.len()` fields.
///
/// Returns the bit after the last one. `None` when the data end before it or fields have more than 32 bits; `out` is
/// then undefined.
pub(super) fn read(data: &[u8], fields: Fields, out: &mut [u32]) -> Option<usize> {
    read_over(data, fields, out.len(), out)
}

/// [`read`] for the first `count` of `out` only. The next [`SLACK`] of them, where there are so many, may be
/// overwritten: this saves the work of a loop's last round.
pub(super) fn read_over(
    data: &[u8],
    fields: Fields,
    count: usize,
    out: &mut [u32],
) -> Option<usize> {
    let Fields { at, width, .. } = fields;
    let end = width.checked_mul(count)?.checked_add(at)?;
    if end > data.len().checked_mul(8)? || count > out.len() {
        return None;
    }
    let over = count.next_multiple_of(SLACK + 1).min(out.len());
    let out = out.get_mut(..over)?;
    // A width known at compile time makes every shift below a constant; as many fields share one
    // window of 64 bits as fit into the 57 that are left when the first starts inside an octet.
    match width {
        0 => out.fill(fields.base),
        1 => fixed::<1, 8>(data, fields, out),
        2 => fixed::<2, 8>(data, fields, out),
        3 => fixed::<3, 8>(data, fields, out),
        4 => fixed::<4, 8>(data, fields, out),
        5 => fixed::<5, 8>(data, fields, out),
        6 => fixed::<6, 8>(data, fields, out),
        7 => fixed::<7, 8>(data, fields, out),
        8 => fixed::<8, 4>(data, fields, out),
        9 => fixed::<9, 4>(data, fields, out),
        10 => fixed::<10, 4>(data, fields, out),
        11 => fixed::<11, 4>(data, fields, out),
        12 => fixed::<12, 4>(data, fields, out),
        13 => fixed::<13, 4>(data, fields, out),
        14 => fixed::<14, 4>(data, fields, out),
        15 => fixed::<15, 2>(data, fields, out),
        16 => fixed::<16, 2>(data, fields, out),
        17 => fixed::<17, 2>(data, fields, out),
        18 => fixed::<18, 2>(data, fields, out),
        19 => fixed::<19, 2>(data, fields, out),
        20 => fixed::<20, 2>(data, fields, out),
        21 => fixed::<21, 2>(data, fields, out),
        22 => fixed::<22, 2>(data, fields, out),
        23 => fixed::<23, 2>(data, fields, out),
        24 => fixed::<24, 2>(data, fields, out),
        25..=32 => one_by_one(data, fields, out),
        _ => return None,
    }
    Some(end)
}

/// Reads `out.len()` numbers in unary, each as many zeros as it is and a one, from bit `at` of `data` on.
///
/// Returns the bit after the last one. `None` when the data end before it; `out` is then undefined.
#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "a bit's place in a word is below 64; a number past 2^32 needs a run of 512 MiB of zeros and wraps"
)]
pub(super) fn unary(data: &[u8], at: usize, out: &mut [u32]) -> Option<usize> {
    let end = data.len().checked_mul(8)?;
    // The lowest bit of `word` is bit `base` of the data, for the lowest one is cheap to find and to clear.
    let mut base = at;
    let mut word = window(data, at).reverse_bits();
    let mut next = (at | 7) + 57;
    let mut after = at;
    for value in out {
        while word == 0 {
            if next >= end {
                return None;
            }
            base = next;
            word = window(data, base).reverse_bits();
            next += 64;
        }
        let one = base + word.trailing_zeros() as usize;
        *value = (one - after) as u32;
        after = one + 1;
        word &= word - 1;
    }
    Some(after)
}

/// The 64 bits from bit `at` on, of which the last seven are always zero when `at` is inside an octet; zeros stand
/// for octets past the end.
#[inline(always)]
pub(super) fn window(data: &[u8], at: usize) -> u64 {
    let word = match data.get(at >> 3..).and_then(<[u8]>::first_chunk) {
        Some(octets) => u64::from_be_bytes(*octets),
        None => past_the_end(data, at >> 3),
    };
    word << (at & 7)
}

/// One field of at most 32 bits; zeros stand for octets past the end.
#[inline(always)]
pub(super) fn field(data: &[u8], at: usize, width: usize) -> u32 {
    top(window(data, at), width)
}

/// The first `width` (0-32) bits of a window.
#[inline(always)]
#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "the shift leaves at most 32 bits"
)]
fn top(window: u64, width: usize) -> u32 {
    match width {
        0 => 0,
        _ => (window >> (64 - width)) as u32,
    }
}

fn fixed<const WIDTH: usize, const TOGETHER: usize>(data: &[u8], fields: Fields, out: &mut [u32]) {
    let Fields { mut at, base, .. } = fields;
    let (groups, rest) = out.as_chunks_mut::<TOGETHER>();
    for group in groups {
        let mut left = window(data, at);
        for value in group {
            *value = top(left, WIDTH).wrapping_add(base);
            left <<= WIDTH;
        }
        at += WIDTH * TOGETHER;
    }
    one_by_one(data, Fields { at, ..fields }, rest);
}

fn one_by_one(data: &[u8], fields: Fields, out: &mut [u32]) {
    let mut at = fields.at;
    for value in out {
        *value = field(data, at, fields.width).wrapping_add(fields.base);
        at += fields.width;
    }
}

#[cold]
fn past_the_end(data: &[u8], from: usize) -> u64 {
    let mut octets = [0; 8];
    for (to, from) in octets.iter_mut().zip(data.iter().skip(from)) {
        *to = *from;
    }
    u64::from_be_bytes(octets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_unary_may_cross_words() {
        let mut data = vec![0b0010_1000];
        data.extend([0; 20]);
        data.push(1);
        let mut out = [0; 3];
        assert_eq!(unary(&data, 1, &mut out), Some(176));
        assert_eq!(out, [1, 1, 170]);
        assert_eq!(unary(&data, 1, &mut [0; 4]), None);
        assert_eq!(unary(&[], 0, &mut out), None);
        assert_eq!(unary(&[], 0, &mut []), Some(0));
    }

    /// Field `index` of `width` bits, bit by bit.
    fn slowly(data: &[u8], at: usize, width: usize, index: usize) -> u32 {
        (at + index * width..at + (index + 1) * width).fold(0, |value, bit| {
            value << 1 | u32::from(data[bit / 8] >> (7 - bit % 8) & 1)
        })
    }

    #[test]
    fn every_width_from_every_bit_is_read() {
        let data: Vec<u8> = (0_u32..160)
            .map(|i| u8::try_from(i.wrapping_mul(2_654_435_761) >> 24).unwrap())
            .collect();
        for width in 0..=32 {
            for at in 0..9 {
                let mut out = [0; 37];
                let fields = Fields { at, width, base: 3 };
                let end = read(&data, fields, &mut out);
                assert_eq!(end, Some(at + 37 * width));
                for (index, &value) in out.iter().enumerate() {
                    let wanted = slowly(&data, at, width, index).wrapping_add(3);
                    assert_eq!(value, wanted, "width {width}, bit {at}, field {index}");
                }
            }
        }
    }

    #[test]
    fn the_last_field_must_be_whole() {
        let mut out = [0; 2];
        assert_eq!(read(&[0xff, 0xff], Fields::new(2, 7), &mut out), Some(16));
        assert_eq!(out, [0x7f; 2]);
        assert_eq!(read(&[0xff, 0xff], Fields::new(3, 7), &mut out), None);
        assert_eq!(read(&[0xff; 99], Fields::new(0, 33), &mut out), None);
        assert_eq!(read(&[0xff], Fields::new(usize::MAX, 1), &mut out), None);
    }
}
