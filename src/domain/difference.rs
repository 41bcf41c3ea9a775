//! How one story differs from another: as marked pieces for the page, and in one line.

use super::shown::shown_start;
use super::text::words;
use similar::{ChangeTag, TextDiff};

/// Longer stories, in words, are not compared word by word: that would take long and give a result that is too long to read.
const WORDS_MAX: u64 = 4_000;

/// The most characters of a differing piece that one line shows.
const PIECE_CHARS: usize = 40;

/// The pieces of `text` in order; `true` marks those that `other` does not have at that position.
#[must_use]
pub(crate) fn marked<'a>(text: &'a str, other: &'a str) -> Vec<(&'a str, bool)> {
    if words(text).max(words(other)) > WORDS_MAX {
        return vec![(text, text != other)];
    }
    let mut pieces: Vec<(&str, bool)> = Vec::new();
    let mut at = 0;
    for change in TextDiff::from_words(other, text).iter_all_changes() {
        let own = match change.tag() {
            ChangeTag::Delete => continue,
            ChangeTag::Equal => false,
            ChangeTag::Insert => true,
        };
        let end = at + change.value().len();
        match pieces.last_mut() {
            Some((piece, last)) if *last == own => *piece = &text[at - piece.len()..end],
            _ => pieces.push((&text[at..end], own)),
        }
        at = end;
    }
    pieces
}

/// How `text` differs from `other`, in one line for people.
#[must_use]
pub(crate) fn in_a_line(text: &str, other: &str) -> String {
    if text == other {
        return "the same text".to_owned();
    }
    let pieces = marked(text, other);
    let own: u64 = pieces
        .iter()
        .filter(|(_, own)| *own)
        .map(|(piece, _)| words(piece))
        .sum();
    let all = words(text);
    let start = |text: &str| {
        shown_start(
            &text.split_whitespace().collect::<Vec<_>>().join(" "),
            PIECE_CHARS,
        )
    };
    if 2 * own > all {
        return format!("another story: “{}”", start(text));
    }
    let first = |pieces: Vec<(&str, bool)>| {
        let mut own = pieces
            .into_iter()
            .filter(|(piece, own)| *own && words(piece) > 0);
        own.next().map(|(piece, _)| start(piece))
    };
    if let Some(piece) = first(pieces) {
        return format!("{own} of {all} words differ, first “{piece}”");
    }
    match first(marked(other, text)) {
        Some(piece) => format!("without “{piece}”"),
        None => "the same words".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_difference_is_described_in_one_line() {
        let story = "She kept a lamp by the door. Nobody minded.";
        for (text, expected) in [
            (story, "the same text"),
            (
                "She kept a lamp by the door.\n\nNobody minded.",
                "the same words",
            ),
            (
                "She kept a cat by the door. Nobody minded.",
                "1 of 9 words differ, first “cat”",
            ),
            (
                "She kept a lamp. Nobody minded.",
                "1 of 6 words differ, first “lamp.”",
            ),
            ("She kept a lamp by the door.", "without “Nobody minded.”"),
            (
                "A travelling monk had lost\nhis order.",
                "another story: “A travelling monk had lost his order.”",
            ),
        ] {
            assert_eq!(in_a_line(text, story), expected);
        }
    }

    proptest! {
        #![proptest_config(property_config!())]
        #[test]
        fn the_pieces_joined_are_the_text(text in "[ab \n]{0,20}", other in "[ab \n]{0,20}") {
            let joined: String = marked(&text, &other).iter().map(|(piece, _)| *piece).collect();
            prop_assert_eq!(joined, text);
        }
    }
}
