//! Pseudo-random numbers that are the same everywhere.
//!
//! FNV-1a makes a seed from a text, and `SplitMix64` makes numbers from a seed. Both are defined by their publications, so a
//! story does not depend on the version of the compiler or on the size of a pointer. The numbers are not fit for secrets.

/// A sequence of numbers.
#[derive(Clone, Debug)]
pub(super) struct Random(u64);

impl Random {
    /// The sequence for `parts`; the borders between the parts count.
    pub(super) fn of(parts: &[&str]) -> Self {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for part in parts {
            // 0xff does not occur in UTF-8, so it separates the parts.
            for byte in part.bytes().chain([0xff]) {
                hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
            }
        }
        Self(hash)
    }

    /// A separate sequence for another purpose.
    pub(super) fn fork(&mut self) -> Self {
        Self(self.next())
    }

    /// A number from 0 up to but not including `count`; 0 if there is nothing to choose from.
    pub(super) fn below(&mut self, count: usize) -> usize {
        let Ok(count) = u64::try_from(count.max(1)) else {
            return 0;
        };
        usize::try_from(self.next() % count).unwrap_or_default()
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}
