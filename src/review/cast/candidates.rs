//! Which stories may be alike, found without comparing all pairs: `MinHash` signatures, and buckets over their bands.
//!
//! A signature has [`LANES`] numbers. Two stories have a number in common as likely as a shingle of both is in each of them (their
//! Jaccard similarity). Stories that have both numbers of a band in common meet in a bucket and are compared by their signatures.
//! Of stories that share two fifths of their wording, 98 in 100 pairs meet. A story has [`PARTNERS_MAX`] partners at most, the
//! most similar ones. A short story within one more than four times as long is often missed.

use super::shingles::Shingle;
use crate::review::reading::mixed;

/// The numbers of a signature.
const LANES: usize = BANDS * 2;
/// Pairs of numbers that make stories meet.
const BANDS: usize = 64;
/// A signature with a smaller share of equal numbers is not worth a comparison.
const ESTIMATE_MIN: f64 = 0.14;
/// In a large bucket a story is compared with so many others, the most similar ones by a further number.
const NEIGHBOURS_MAX: usize = 16;
/// The most candidates of a story.
const PARTNERS_MAX: usize = 4;
/// A story with fewer shingles is too short to be alike.
const SHINGLES_MIN: usize = 15;

/// The signatures of all stories so far.
#[derive(Debug, Default)]
pub(super) struct Signatures(Vec<Option<Box<[i32; LANES]>>>);

/// Two stories that may be alike.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Candidate {
    /// The earlier one.
    pub(super) first: u32,
    /// The later one.
    pub(super) second: u32,
    /// The estimated Jaccard similarity, from 0 to 1.
    pub(super) estimate: f64,
}

impl Signatures {
    /// Adds the next story.
    pub(super) fn add(&mut self, shingles: &[Shingle]) {
        if shingles.len() < SHINGLES_MIN {
            self.0.push(None);
            return;
        }
        let salts = salts();
        let mut least = Box::new([i32::MAX; LANES]);
        for shingle in shingles {
            let hash = shingle.hash.cast_signed();
            for (least, salt) in least.iter_mut().zip(&salts) {
                // The hash that is nearest to the salt is as random as the salt, so no further hash function is needed.
                *least = (*least).min(hash ^ salt);
            }
        }
        self.0.push(Some(least));
    }

    /// The pairs that may be alike, sorted.
    pub(super) fn pairs(self) -> Vec<Candidate> {
        let mut partners = Partners(vec![Vec::new(); self.0.len()]);
        let mut bucket: Vec<([i32; 4], u32)> = Vec::with_capacity(self.0.len());
        for band in 0..BANDS {
            bucket.clear();
            for (number, signature) in (0..).zip(&self.0) {
                if let Some(lanes) = signature {
                    // The two numbers behind the band's bring similar stories together within a bucket.
                    let lane = |at: usize| lanes[(band * 2 + at) % LANES];
                    bucket.push(([lane(0), lane(1), lane(2), lane(3)], number));
                }
            }
            bucket.sort_unstable();
            for (at, (key, first)) in bucket.iter().enumerate() {
                let others = bucket[at + 1..].iter().take(NEIGHBOURS_MAX);
                for (_, second) in others.take_while(|(other, _)| other[..2] == key[..2]) {
                    self.meet(*first, *second, &mut partners);
                }
            }
        }
        partners.pairs()
    }

    /// Compares two signatures.
    fn meet(&self, first: u32, second: u32, partners: &mut Partners) {
        let of = |number: u32| self.0.get(index(number)).and_then(Option::as_deref);
        let (Some(a), Some(b)) = (of(first), of(second)) else {
            return;
        };
        let equal: u32 = a.iter().zip(b).map(|(a, b)| u32::from(a == b)).sum();
        let estimate = f64::from(equal) / f64::from(u32::try_from(LANES).unwrap_or(u32::MAX));
        if estimate >= ESTIMATE_MIN {
            partners.add(first, second, estimate);
            partners.add(second, first, estimate);
        }
    }
}

/// The best candidates of each story.
struct Partners(Vec<Vec<(f64, u32)>>);

impl Partners {
    fn add(&mut self, of: u32, other: u32, estimate: f64) {
        let partners = &mut self.0[index(of)];
        if partners.iter().any(|(_, known)| *known == other) {
            return;
        }
        if partners.len() == PARTNERS_MAX {
            let least = partners
                .iter()
                .enumerate()
                .min_by(|(_, a), (_, b)| a.0.total_cmp(&b.0));
            match least {
                Some((at, (known, _))) if *known < estimate => {
                    partners.swap_remove(at);
                }
                _ => return,
            }
        }
        partners.push((estimate, other));
    }

    fn pairs(self) -> Vec<Candidate> {
        let mut pairs: Vec<Candidate> = Vec::new();
        for (of, partners) in (0..).zip(self.0) {
            pairs.extend(partners.into_iter().map(|(estimate, other)| Candidate {
                first: other.min(of),
                second: other.max(of),
                estimate,
            }));
        }
        pairs.sort_by_key(|pair| (pair.first, pair.second));
        pairs.dedup_by_key(|pair| (pair.first, pair.second));
        pairs
    }
}

/// A number of a story as an index.
pub(super) fn index(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// Fixed random numbers, one for each lane.
fn salts() -> [i32; LANES] {
    let mut salts = [0; LANES];
    for (at, salt) in (1_u64..).zip(&mut salts) {
        *salt = u32::try_from(mixed(at.wrapping_mul(0x9E37_79B9_7F4A_7C15)) >> 32)
            .unwrap_or_default()
            .cast_signed();
    }
    salts
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shingles with these numbers.
    fn shingles(numbers: impl Iterator<Item = u64>) -> Vec<Shingle> {
        let hash = |number: u64| u32::try_from(mixed(number) >> 32).unwrap_or_default();
        numbers
            .map(|number| Shingle {
                hash: hash(number),
                words: 0..0,
            })
            .collect()
    }

    #[test]
    fn stories_that_share_two_fifths_of_their_wording_meet() {
        let mut signatures = Signatures::default();
        for pair in 0..200_u64 {
            let begin = pair * 10_000;
            signatures.add(&shingles(begin..begin + 300));
            signatures.add(&shingles(begin + 180..begin + 480));
        }
        let pairs = signatures.pairs();
        let meant =
            |pair: &&Candidate| pair.first + 1 == pair.second && pair.first.is_multiple_of(2);
        assert!(pairs.iter().filter(meant).count() >= 186, "{}", pairs.len());
        assert!(
            pairs.iter().all(|pair| meant(&pair)),
            "strangers do not meet"
        );
        let mean = pairs.iter().map(|pair| pair.estimate).sum::<f64>() / 200.0;
        assert!((0.2..0.3).contains(&mean), "120 of 480 are in both: {mean}");
    }

    #[test]
    fn a_story_has_few_partners_even_if_all_are_equal() {
        let mut signatures = Signatures::default();
        for _ in 0..1_000 {
            signatures.add(&shingles(0..100));
        }
        let pairs = signatures.pairs();
        assert!(pairs.len() <= 1_000 * PARTNERS_MAX);
        for number in 0..1_000 {
            assert!(
                pairs
                    .iter()
                    .any(|pair| pair.first == number || pair.second == number)
            );
        }
    }
}
