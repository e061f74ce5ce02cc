//! Hashes of keys: an index of an ensemble has thousands of them.

use std::hash::{BuildHasher, Hasher, RandomState};

/// A quick hash with a seed of the process, so that no file can be made to collide.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeyHash(u64);

impl KeyHash {
    /// A seed of its own.
    pub(crate) fn new() -> Self {
        Self(RandomState::new().hash_one(0_u8) | 1)
    }
}

impl Default for KeyHash {
    fn default() -> Self {
        Self::new()
    }
}

impl BuildHasher for KeyHash {
    type Hasher = Folded;

    fn build_hasher(&self) -> Folded {
        Folded {
            seed: self.0,
            state: 0,
        }
    }
}

/// Multiplies every eight octets into the state, and folds the high half of the product onto the low one.
pub(crate) struct Folded {
    seed: u64,
    state: u64,
}

impl Folded {
    fn fold(&mut self, octets: u64) {
        let (low, high) = (self.state ^ octets).carrying_mul(self.seed, self.seed);
        self.state = low ^ high.rotate_left(32);
    }
}

impl Hasher for Folded {
    fn write(&mut self, octets: &[u8]) {
        let (words, rest) = octets.as_chunks::<8>();
        for word in words {
            self.fold(u64::from_le_bytes(*word));
        }
        let tail = rest
            .iter()
            .fold(0, |tail, octet| tail << 8 | u64::from(*octet));
        let length = u64::try_from(octets.len()).unwrap_or(u64::MAX);
        self.fold(tail ^ length.rotate_left(56));
    }

    fn write_u8(&mut self, number: u8) {
        self.fold(u64::from(number));
    }

    fn write_u32(&mut self, number: u32) {
        self.fold(u64::from(number));
    }

    fn write_u64(&mut self, number: u64) {
        self.fold(number);
    }

    fn write_usize(&mut self, number: usize) {
        self.fold(u64::try_from(number).unwrap_or(u64::MAX));
    }

    fn finish(&self) -> u64 {
        self.state
    }
}
