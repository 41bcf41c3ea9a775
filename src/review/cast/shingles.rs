//! The shingles of a story: each [`SHINGLE_WORDS`] words in a row, as one number.
//!
//! The character's own name is the same word in all stories, so two stories that differ in nothing else have equal shingles.

use super::Member;
use crate::review::reading::{WORD, Word, joined};
use std::ops::Range;

/// The words of a shingle. In a script without spaces twice as many letters.
pub(super) const SHINGLE_WORDS: usize = 3;

/// A shingle and its words in the story.
#[derive(Debug, Clone)]
pub(super) struct Shingle {
    pub(super) hash: u32,
    pub(super) words: Range<usize>,
}

/// The shingles of a story, in order.
pub(super) fn of(member: &Member<'_>) -> Vec<Shingle> {
    rows(&member.reading.words, SHINGLE_WORDS)
        .map(|words| Shingle {
            hash: hash(member, words.clone()),
            words,
        })
        .collect()
}

/// Each row of so many words.
fn rows(words: &[Word], many: usize) -> impl Iterator<Item = Range<usize>> {
    (0..words.len()).map_while(move |start| {
        let mut sum = 0;
        let end = words[start..].iter().position(|word| {
            sum += usize::from(word.weight);
            sum >= many * WORD
        })?;
        Some(start..start + end + 1)
    })
}

/// The first so many words of a story; fewer if it ends before.
pub(super) fn first(words: &[Word], many: usize) -> Range<usize> {
    rows(words, many).next().unwrap_or(0..words.len())
}

/// One number for these words, the same whatever the character's name.
fn hash(member: &Member<'_>, words: Range<usize>) -> u32 {
    let key = key(member, words);
    u32::try_from(key >> 32).unwrap_or_default()
}

/// One key for these words, the same whatever the character's name.
pub(super) fn key(member: &Member<'_>, words: Range<usize>) -> u64 {
    let add = |key: u64, word: &Word| {
        let is_own = member.own.contains(&word.key);
        joined(key, if is_own { 0 } else { word.key })
    };
    member.reading.words[words].iter().fold(0, add)
}
