//! `same_opening`: a story's first [`OPENING_WORDS`] words open [`STORIES_MIN`] stories and [`SHARE_PERCENT`] % of the cast, or
//! more.
//!
//! The character's own name is the same word in all openings. Which openings are used most is worth knowing, fault or not.

use super::{Member, REMARKS_MAX, shingles};
use crate::domain::flag::Flag;
use crate::review::reading::Reading;
use crate::review::{Finding, found};
use std::collections::HashMap;

/// The words of an opening.
const OPENING_WORDS: usize = 4;
/// This many stories begin alike.
const STORIES_MIN: usize = 3;
/// And this share of the cast, in per cent.
const SHARE_PERCENT: usize = 5;

/// The openings of a cast.
#[derive(Debug, Default)]
pub(super) struct Openings {
    counts: HashMap<u64, u32>,
    /// The words of the openings that are used most, from the first story that has them.
    words: HashMap<u64, String>,
}

impl Openings {
    /// Counts a story's opening, in the first pass.
    pub(super) fn count(&mut self, member: &Member<'_>) {
        if let Some(key) = key(member) {
            *self.counts.entry(key).or_default() += 1;
        }
    }

    /// The finding for a story, in the second pass. `stories` is the size of the cast.
    pub(super) fn find(&mut self, member: &Member<'_>, stories: usize) -> Option<Finding> {
        let key = key(member)?;
        let many = usize::try_from(*self.counts.get(&key)?).unwrap_or(usize::MAX);
        if many < STORIES_MIN {
            return None;
        }
        let words = &member.reading.words;
        let at = Reading::span(&words[shingles::first(words, OPENING_WORDS)]);
        let text = member.reading.text;
        self.words
            .entry(key)
            .or_insert_with(|| text[at.clone()].to_owned());
        (many * 100 >= stories * SHARE_PERCENT).then(|| found(Flag::SameOpening, text, at))
    }

    /// The openings that are used most.
    pub(super) fn most(mut self) -> Vec<(String, usize)> {
        let many = |key: &u64| self.counts.get(key).copied().unwrap_or(0);
        let mut most: Vec<(u64, u32)> = self.words.keys().map(|key| (*key, many(key))).collect();
        most.sort_unstable_by_key(|(key, many)| (std::cmp::Reverse(*many), *key));
        most.truncate(REMARKS_MAX);
        let of = |(key, many): (u64, u32)| {
            let words = self.words.remove(&key).unwrap_or_default();
            (words, usize::try_from(many).unwrap_or(usize::MAX))
        };
        most.into_iter().map(of).collect()
    }
}

/// The key of a story's opening; none if the story is shorter.
fn key(member: &Member<'_>) -> Option<u64> {
    let words = shingles::first(&member.reading.words, OPENING_WORDS);
    (words.len() >= OPENING_WORDS).then(|| shingles::key(member, words))
}
