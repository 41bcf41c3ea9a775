//! `alike`: a story shares at least [`SHARED_MIN`] of its wording with another one.
//!
//! The share is that of the shorter story's shingles which the other one has, so a story that is contained in a longer one counts.
//! Candidates come from [`super::candidates`]; here they are compared exactly, in the second pass. A story's shingles are held
//! until its last partner was read. If these need more than [`BYTES_MAX`], the estimate of the signatures decides.

use super::candidates::{Candidate, index};
use super::shingles::Shingle;
use super::{CastFinding, Member, shingles};
use crate::domain::flag::Flag;
use crate::review::reading::Reading;
use crate::review::{Finding, found};
use std::collections::HashMap;

/// The part of the shorter story's wording that makes two stories alike, from 0 to 1.
const SHARED_MIN: f64 = 0.4;
/// The most bytes of shingles that are held.
const BYTES_MAX: usize = 64 << 20;

/// The comparisons that are still to be made.
#[derive(Debug, Default)]
pub(super) struct Comparisons {
    /// For each later story its earlier partners.
    earlier: HashMap<u32, Vec<Candidate>>,
    /// For each earlier story how many later ones wait for it.
    waiting: HashMap<u32, usize>,
    /// The shingles of earlier stories, sorted, without repeats.
    held: HashMap<u32, Box<[u32]>>,
    held_bytes: usize,
}

impl Comparisons {
    /// The comparisons of these pairs.
    pub(super) fn of(pairs: Vec<Candidate>) -> Self {
        let mut comparisons = Self::default();
        for pair in pairs {
            comparisons
                .earlier
                .entry(pair.second)
                .or_default()
                .push(pair);
            *comparisons.waiting.entry(pair.first).or_default() += 1;
        }
        comparisons
    }

    /// The next story in order. Returns what is found for it and its earlier partners.
    pub(super) fn add(&mut self, number: usize, member: &Member<'_>) -> Vec<CastFinding> {
        let Ok(own) = u32::try_from(number) else {
            return Vec::new();
        };
        let partners = self.earlier.remove(&own).unwrap_or_default();
        let is_awaited = self.waiting.contains_key(&own);
        if partners.is_empty() && !is_awaited {
            return Vec::new();
        }
        let shingles = shingles::of(member);
        let mut set: Vec<u32> = shingles.iter().map(|shingle| shingle.hash).collect();
        set.sort_unstable();
        set.dedup();
        let mut findings = Vec::new();
        for pair in partners {
            let other = self.held.get(&pair.first);
            let similarity =
                other.map_or_else(|| overlap(pair.estimate), |other| shared(&set, other));
            if similarity >= SHARED_MIN {
                let words = other.and_then(|other| longest(&shingles, other));
                findings.extend(both(number, index(pair.first), similarity, member, words));
            }
            self.release(pair.first);
        }
        if is_awaited && self.held_bytes < BYTES_MAX {
            self.held_bytes += set.len() * size_of::<u32>();
            self.held.insert(own, set.into_boxed_slice());
        }
        findings
    }

    /// One partner less waits for a story.
    fn release(&mut self, number: u32) {
        let waiting = self.waiting.get_mut(&number).map(|waiting| {
            *waiting -= 1;
            *waiting
        });
        if waiting == Some(0) {
            self.waiting.remove(&number);
            if let Some(set) = self.held.remove(&number) {
                self.held_bytes -= set.len() * size_of::<u32>();
            }
        }
    }
}

/// The findings of both stories of a pair.
fn both(
    number: usize,
    other: usize,
    similarity: f64,
    member: &Member<'_>,
    words: Option<std::ops::Range<usize>>,
) -> [CastFinding; 2] {
    let text = member.reading.text;
    let at = words.map_or(0..0, |words| Reading::span(&member.reading.words[words]));
    let finding = found(Flag::Alike, text, at);
    let of = |story, other, finding| CastFinding {
        story,
        finding,
        other: Some(other),
        similarity: Some(similarity),
    };
    let elsewhere = Finding {
        at: 0..0,
        ..finding.clone()
    };
    [of(number, other, finding), of(other, number, elsewhere)]
}

/// The share of the smaller set that both have.
fn shared(a: &[u32], b: &[u32]) -> f64 {
    let (mut i, mut j, mut both) = (0, 0, 0_u32);
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        both += u32::from(x == y);
        i += usize::from(x <= y);
        j += usize::from(y <= x);
    }
    let smaller = u32::try_from(a.len().min(b.len()))
        .unwrap_or(u32::MAX)
        .max(1);
    f64::from(both) / f64::from(smaller)
}

/// The share of two equally long stories that follows from their Jaccard similarity.
fn overlap(jaccard: f64) -> f64 {
    2.0 * jaccard / (1.0 + jaccard)
}

/// The longest row of words that the other story has, too.
fn longest(shingles: &[Shingle], other: &[u32]) -> Option<std::ops::Range<usize>> {
    let (mut best, mut run): (
        Option<std::ops::Range<usize>>,
        Option<std::ops::Range<usize>>,
    ) = (None, None);
    for shingle in shingles {
        run = if other.binary_search(&shingle.hash).is_ok() {
            let start = run.map_or(shingle.words.start, |run| run.start);
            Some(start..shingle.words.end)
        } else {
            None
        };
        if let Some(run) = run
            .as_ref()
            .filter(|run| best.as_ref().is_none_or(|best| run.len() > best.len()))
        {
            best = Some(run.clone());
        }
    }
    best
}
