//! `echo`: the text repeats what was sent: [`PROMPT_WORDS`] words in a row of the prompt's fixed part, or most of the
//! description.
//!
//! A story should use what the description says, so single phrases of it are no fault. It counts as copied in pieces of
//! [`PIECE_WORDS`] words or more, and only if these are more than [`COPIED_PERCENT`] of a description of at least
//! [`DESCRIPTION_WORDS_MIN`] words. Case, accents and marks make no difference. What is copied in other words is not found.

use super::reading::{Reading, WORD, Word, weight};
use super::{Finding, found};
use crate::domain::flag::Flag;
use std::collections::HashMap;
use std::ops::Range;

/// This many words of the prompt in a row are an echo.
const PROMPT_WORDS: usize = 8;
/// This many words of the description in a row are copied.
const PIECE_WORDS: usize = 6;
/// The share of the description that makes an echo, in per cent.
const COPIED_PERCENT: usize = 60;
/// A shorter description may well be in a story as it is.
const DESCRIPTION_WORDS_MIN: usize = 15;
/// This many words are compared at once, to find where a piece begins.
const SEED: usize = 3;

/// What the text repeats, if it does.
pub(super) fn find(reading: &Reading, description: &str, prompt: Option<&str>) -> Option<Finding> {
    let words = &reading.words;
    let at = prompt
        .and_then(|prompt| of_prompt(words, &Reading::of(prompt)))
        .or_else(|| of_description(words, &Reading::of(description)))?;
    Some(found(Flag::Echo, reading.text, at))
}

/// The longest piece of the prompt.
fn of_prompt(story: &[Word], prompt: &Reading) -> Option<Range<usize>> {
    let pieces = pieces(story, &prompt.words, PROMPT_WORDS * WORD);
    let longest = pieces.into_iter().max_by_key(|piece| piece.sent.len())?;
    Some(Reading::span(&story[longest.story]))
}

/// The longest piece of the description, if most of it was copied.
fn of_description(story: &[Word], description: &Reading) -> Option<Range<usize>> {
    let sent = &description.words;
    let all = weight(sent);
    if all < DESCRIPTION_WORDS_MIN * WORD {
        return None;
    }
    let pieces = pieces(story, sent, PIECE_WORDS * WORD);
    let is_copied = |at: usize| pieces.iter().any(|piece| piece.sent.contains(&at));
    let words = sent.iter().enumerate();
    let copied = words
        .filter(|(at, _)| is_copied(*at))
        .map(|(_, word)| usize::from(word.weight));
    let is_most = copied.sum::<usize>() * 100 > all * COPIED_PERCENT;
    let longest = pieces.iter().max_by_key(|piece| piece.sent.len())?;
    is_most.then(|| Reading::span(&story[longest.story.clone()]))
}

/// Words that stand in a row both in the story and in what was sent.
struct Piece {
    story: Range<usize>,
    sent: Range<usize>,
}

/// The pieces of `sent` that the story holds, each of at least this weight, in the order of the story and apart from each other.
fn pieces(story: &[Word], sent: &[Word], weight_min: usize) -> Vec<Piece> {
    /// Words that occur everywhere need not be tried at every place.
    const TRIED_MAX: usize = 16;
    // What was sent is mostly the shorter one.
    let mut places: HashMap<[u64; SEED], Vec<usize>> = HashMap::new();
    for (at, seed) in sent.windows(SEED).enumerate() {
        places.entry(keys(seed)).or_default().push(at);
    }
    let mut pieces = Vec::new();
    let mut from = 0;
    while let Some(seed) = story.get(from..from + SEED) {
        let known = places.get(&keys(seed)).map_or(&[][..], Vec::as_slice);
        let run = |at: &usize| {
            let pairs = story[from..].iter().zip(&sent[*at..]);
            (pairs.take_while(|(a, b)| a.key == b.key).count(), *at)
        };
        let longest = known.iter().take(TRIED_MAX).map(run).max();
        match longest.filter(|(long, _)| weight(&story[from..from + long]) >= weight_min) {
            Some((long, at)) => {
                pieces.push(Piece {
                    story: from..from + long,
                    sent: at..at + long,
                });
                from += long;
            }
            None => from += 1,
        }
    }
    pieces
}

fn keys(words: &[Word]) -> [u64; SEED] {
    let mut keys = [0; SEED];
    for (key, word) in keys.iter_mut().zip(words) {
        *key = word.key;
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROMPT: &str =
        "Write in the second person, to the character, in about 300 words, in paragraphs.";
    const DESCRIPTION: &str = "Baker in Ghent. Stubborn, left-handed, afraid of geese. Lost the mill in the flood and never forgave her brother for it.";

    fn echo(text: &str) -> Option<&str> {
        let finding = find(&Reading::of(text), DESCRIPTION, Some(PROMPT));
        finding.map(|finding| &text[finding.at])
    }

    #[test]
    fn the_prompt_and_a_copied_description_are_found() {
        let text =
            "Written in the second person, to the character, in about 300 words. You were born.";
        assert_eq!(
            echo(text),
            Some("in the second person, to the character, in about 300 words")
        );
        let text = "Mira is a Baker in Ghent; stubborn, left-handed, afraid of geese. She lost the mill in the flood, and never forgave her brother for it.";
        assert!(
            echo(text).is_some_and(|words| words.ends_with("for it") || words.starts_with("Baker"))
        );
    }

    #[test]
    fn a_story_that_uses_the_description_is_no_echo() {
        for text in [
            "Mira, a baker in Ghent, was stubborn and afraid of geese. When the flood took the mill she blamed her brother.",
            "You were born in the second house, to the miller, in about the worst year, in rain.",
            "She lost the mill in the flood. Her left-handed brother laughed.",
        ] {
            assert_eq!(echo(text), None, "{text}");
        }
        let short = "Baker in Ghent, afraid of geese";
        assert!(
            find(
                &Reading::of("A baker in Ghent, afraid of geese."),
                short,
                None
            )
            .is_none()
        );
    }

    #[test]
    fn letters_count_half_where_no_spaces_are() {
        let prompt = "请用第二人称写一个三百字左右的背景故事，不要标题。";
        let finds = |text: &str| find(&Reading::of(text), "", Some(prompt)).is_some();
        assert!(finds("请用第二人称写一个三百字左右的背景故事，好的。"));
        assert!(!finds("他写一个三百字的背景故事。"));
    }
}
