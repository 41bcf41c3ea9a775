//! Chance that is always the same.
//!
//! FNV-1a makes a seed of a text, `SplitMix64` a series of a seed. Both are fixed by their publications, so that a story does not
//! depend on the version of the compiler or on the size of a pointer. Nothing here is fit for secrets.

/// A series of numbers.
#[derive(Clone, Debug)]
pub(super) struct Random(u64);

impl Random {
    /// The series that belongs to `parts`; no two lists of parts run together.
    pub(super) fn of(parts: &[&str]) -> Self {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for part in parts {
            // 0xff stands in no UTF-8, so it keeps the parts apart.
            for byte in part.bytes().chain([0xff]) {
                hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
            }
        }
        Self(hash)
    }

    /// A series of its own for another purpose.
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
