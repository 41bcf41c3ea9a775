//! `loop`: the text repeats itself: the same [`ROW_WORDS`] words [`TIMES_MIN`] times, or hardly any new ones.
//!
//! The repeats must not overlap, so a word said ten times is no loop. "Hardly any new ones" means that of all rows of three words
//! fewer than [`NEW_PERCENT`] in a hundred are new. A refrain that comes three times is style.

use super::reading::{Reading, WORD, Word, joined, weight};
use super::{Finding, found};
use crate::domain::flag::Flag;
use std::ops::Range;

/// The words of a row that comes again.
const ROW_WORDS: usize = 6;
/// So often it comes.
const TIMES_MIN: usize = 4;
/// The share of rows of three words that a text needs to be new, in per cent.
const NEW_PERCENT: usize = 50;
/// A text with fewer words is too short to tell.
const WORDS_MIN: usize = 40;

/// The words that come again, if they do.
pub(super) fn find(reading: &Reading) -> Option<Finding> {
    let words = &reading.words;
    let at = row(words).or_else(|| nothing_new(words))?;
    Some(found(Flag::Loop, reading.text, Reading::span(&words[at])))
}

/// The first row of words that comes often enough.
fn row(words: &[Word]) -> Option<Range<usize>> {
    let row = |start: usize| {
        row_at(words, start).map(|row| (row_key(&words[row.clone()]), row.start, row.end))
    };
    let mut rows: Vec<(u64, usize, usize)> = (0..words.len()).map_while(row).collect();
    // Sorting brings equal rows together, in their order; it is faster than a map.
    rows.sort_unstable();
    let often = rows.chunk_by(|a, b| a.0 == b.0).filter(|equal| {
        let (mut times, mut end) = (0, 0);
        for (_, row_start, row_end) in *equal {
            if *row_start >= end {
                (times, end) = (times + 1, *row_end);
            }
        }
        times >= TIMES_MIN
    });
    let first = often
        .filter_map(|equal| equal.first())
        .min_by_key(|(_, start, _)| *start)?;
    Some(first.1..first.2)
}

fn row_key(words: &[Word]) -> u64 {
    words.iter().fold(0, |key, word| joined(key, word.key))
}

/// The row that begins here: [`ROW_WORDS`] words, or twice as many letters of a script without spaces.
fn row_at(words: &[Word], start: usize) -> Option<Range<usize>> {
    let mut sum = 0;
    let end = words[start..].iter().position(|word| {
        sum += usize::from(word.weight);
        sum >= ROW_WORDS * WORD
    })?;
    Some(start..start + end + 1)
}

/// The whole text, if hardly any of it is new.
fn nothing_new(words: &[Word]) -> Option<Range<usize>> {
    if weight(words) < WORDS_MIN * WORD {
        return None;
    }
    let mut rows: Vec<u64> = words.windows(3).map(row_key).collect();
    let all = rows.len();
    rows.sort_unstable();
    rows.dedup();
    (rows.len() * 100 < all * NEW_PERCENT).then_some(0..words.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn again(text: &str) -> Option<&str> {
        find(&Reading::of(text)).map(|finding| &text[finding.at])
    }

    #[test]
    fn words_that_come_again_and_again_are_found() {
        let text = "She walked down to the old harbour. ".repeat(5);
        assert_eq!(again(&text), Some("She walked down to the old"));
        let few = "the sea the rock the sea the gull the rock the sea ".repeat(8);
        assert!(again(&few).is_some());
        assert!(again(&"彼女は海へ行き、帰らなかった。".repeat(4)).is_some());
        let days = [
            "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight",
        ];
        let changing = days
            .map(|day| day.to_owned() + " days she waited and waited and waited.")
            .join(" ");
        assert!(again(&changing).is_some());
    }

    #[test]
    fn a_refrain_is_no_loop() {
        let refrain = "Nobody in the town bought any bells. ".repeat(3);
        assert_eq!(again(&refrain), None);
        assert_eq!(again("No no no no no no no no no no no no."), None);
        assert_eq!(
            again("The sea, the sea, the sea: she dreamt of the sea and of the boats on the sea."),
            None
        );
    }
}
