//! The order in which a message lists the points of its grid (WMO flag table 3.4).

/// The scanning mode octet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scan {
    /// The octet as stored.
    pub flags: u8,
}

impl Scan {
    /// Bit 1: points of a row run in the -i (or -x) direction.
    pub fn i_negative(self) -> bool {
        self.flags & 0x80 != 0
    }

    /// Bit 2: points of a column run in the +j (or +y) direction.
    pub fn j_positive(self) -> bool {
        self.flags & 0x40 != 0
    }

    /// Bit 3: neighbours along j, not along i, are consecutive.
    pub fn j_consecutive(self) -> bool {
        self.flags & 0x20 != 0
    }

    /// Bit 4: every second row runs the other way.
    pub fn alternating(self) -> bool {
        self.flags & 0x10 != 0
    }

    /// Bits 5-8: rows that are offset or shortened (staggered grids).
    pub fn staggered(self) -> bool {
        self.flags & 0x0f != 0
    }
}
