//! `loop`: the text repeats itself: the same [`ROW_WORDS`] words [`TIMES_MIN`] times, or hardly any new ones.
//!
//! The repeats must not overlap, so a word said ten times is no loop. "Hardly any new ones" means that of all rows of three words
//! fewer than [`NEW_PERCENT`] in a hundred are new. A refrain that comes three times is style.

use super::reading::{Reading, WORD, Word, joined, weight};
use super::{Finding, found};
use crate::domain::flag::Flag;
use std::collections::{HashMap, HashSet};
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
    /// A row that was seen: where its last one ends, and how often.
    struct Seen {
        end: usize,
        times: usize,
    }
    let mut seen: HashMap<u64, Seen> = HashMap::with_capacity(words.len());
    for start in 0..words.len() {
        let Some(row) = row_at(words, start) else {
            break;
        };
        let key = words[row.clone()]
            .iter()
            .fold(0, |key, word| joined(key, word.key));
        let last = seen.entry(key).or_insert(Seen { end: 0, times: 0 });
        if start >= last.end {
            last.end = row.end;
            last.times += 1;
        }
        if last.times >= TIMES_MIN {
            return Some(row);
        }
    }
    None
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
    let rows = words.windows(3);
    let all = rows.len();
    let new: HashSet<u64> = rows
        .map(|row| joined(joined(row[0].key, row[1].key), row[2].key))
        .collect();
    (new.len() * 100 < all * NEW_PERCENT).then_some(0..words.len())
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
        let changing = (1..30)
            .map(|day| format!("Day {day}: she waited and waited and waited. "))
            .collect::<String>();
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
