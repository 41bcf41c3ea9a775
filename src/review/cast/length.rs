//! `odd_length`: a story is longer or shorter than the median by more than [`DEVIATIONS`] times the median deviation, in casts of
//! [`STORIES_MIN`] and more.
//!
//! Where nearly all stories are of the same length, the deviation is taken as [`DEVIATION_PERCENT_MIN`] % of the median: ten words
//! more are no fault.

use super::Lengths;
use crate::domain::flag::Flag;
use crate::review::Finding;

/// A smaller cast has no usual length.
const STORIES_MIN: usize = 12;
/// This many times the median deviation is allowed.
const DEVIATIONS: u64 = 4;
/// The least deviation, in per cent of the median.
const DEVIATION_PERCENT_MIN: u64 = 8;

/// The usual length of a cast's stories.
#[derive(Debug)]
pub(super) struct Usual {
    /// The lengths.
    pub(super) lengths: Lengths,
    /// What a story may have, in words; none if the cast is small.
    allowed: Option<std::ops::RangeInclusive<u64>>,
}

impl Usual {
    /// The usual length of stories with these lengths.
    pub(super) fn of(mut lengths: Vec<u32>) -> Option<Self> {
        let median = middle(&mut lengths)?;
        let index = |length: u32| usize::try_from(length).unwrap_or(usize::MAX);
        let (least, most) = (index(*lengths.first()?), index(*lengths.last()?));
        let is_large = lengths.len() >= STORIES_MIN;
        let mut deviations: Vec<u32> = lengths
            .into_iter()
            .map(|length| length.abs_diff(median))
            .collect();
        let deviation = u64::from(middle(&mut deviations)?);
        let median_words = u64::from(median);
        let allowed = DEVIATIONS * deviation.max(median_words * DEVIATION_PERCENT_MIN / 100);
        Some(Self {
            lengths: Lengths {
                least,
                median: index(median),
                most,
            },
            allowed: is_large
                .then(|| median_words.saturating_sub(allowed)..=median_words + allowed),
        })
    }

    /// The finding for a story of this length.
    pub(super) fn find(&self, length: u32) -> Option<Finding> {
        let is_odd = !self.allowed.as_ref()?.contains(&u64::from(length));
        is_odd.then(|| Finding {
            flag: Flag::OddLength,
            detail: format!("{length} words, usually {}", self.lengths.median),
            at: 0..0,
        })
    }
}

/// The middle one; sorts them.
fn middle(numbers: &mut [u32]) -> Option<u32> {
    numbers.sort_unstable();
    numbers.get(numbers.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_far_from_the_others_is_odd() {
        let lengths = || vec![280, 290, 295, 300, 300, 305, 310, 310, 315, 320, 330, 900];
        let usual = Usual::of(lengths()).expect("lengths");
        for (length, is_odd) in [(300, false), (340, false), (900, true), (120, true)] {
            assert_eq!(usual.find(length).is_some(), is_odd, "{length}");
        }
        assert_eq!(
            usual.lengths,
            Lengths {
                least: 280,
                median: 310,
                most: 900
            }
        );
        let few = Usual::of(lengths()[..11].to_vec()).expect("lengths");
        assert!(
            few.find(900).is_none(),
            "eleven stories have no usual length"
        );
        assert!(Usual::of(Vec::new()).is_none());
        let equal = Usual::of(vec![300; 20]).expect("lengths");
        assert!(equal.find(310).is_none() && equal.find(400).is_some());
    }
}
