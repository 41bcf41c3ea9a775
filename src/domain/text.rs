//! What can be read off a story: its number of words, an abrupt end, too many words. Also the white space
//! around it, and an error with its causes in one line.

use super::flag::{Flag, Flags};
use std::error::Error;

/// The most words that fit into the backstory field of the vendor's editor.
pub(crate) const WORDS_MAX: u64 = 1_000;

/// All white space of Unicode: what [`str::trim`] removes, in the form that a database needs. Names and keys are compared
/// without it, in Rust and in SQL.
pub(crate) const WHITE_SPACE: &str = "\t\n\u{b}\u{c}\r \u{85}\u{a0}\u{1680}\u{2000}\u{2001}\u{2002}\u{2003}\u{2004}\u{2005}\u{2006}\u{2007}\u{2008}\u{2009}\u{200a}\u{2028}\u{2029}\u{202f}\u{205f}\u{3000}";

/// The number of words: the pieces between white space.
#[must_use]
pub fn words(text: &str) -> u64 {
    // Written by hand, because the words of each story are counted and the library needs ten times as long. Each letter is
    // compared with the one before it, without any other state, so the processor compares many letters at once.
    if text.is_ascii() {
        let white = |byte: u8| matches!(byte, b'\t'..=b'\r' | b' ');
        let bytes = text.as_bytes();
        let begins = |(before, byte): (&u8, &u8)| u64::from(white(*before) & !white(*byte));
        let first = bytes.first().map_or(0, |first| u64::from(!white(*first)));
        first
            + bytes
                .iter()
                .zip(bytes.iter().skip(1))
                .map(begins)
                .sum::<u64>()
    } else {
        let begins = |(words, after_white): (u64, bool), white: bool| {
            (words + u64::from(after_white && !white), white)
        };
        let white = text.chars().map(char::is_whitespace);
        white.fold((0, true), begins).0
    }
}

/// The flags that follow from the text alone. `words` is its number of words.
#[must_use]
pub fn flags(text: &str, words: u64) -> Flags {
    Flags::default()
        .with_if(Flag::Abrupt, !ends_a_sentence(text))
        .with_if(Flag::Long, words > WORDS_MAX)
}

/// An error and its causes in one line, each cause once.
#[must_use]
pub(crate) fn joined(err: &dyn Error) -> String {
    let mut words = err.to_string();
    let mut next = err.source();
    while let Some(cause) = next {
        let cause_words = cause.to_string();
        // Some libraries repeat the cause in the words of the error.
        if !words.ends_with(&cause_words) {
            words.push_str(": ");
            words.push_str(&cause_words);
        }
        next = cause.source();
    }
    words
}

/// Whether the text ends like a sentence, in any script; closing quotes and brackets may follow.
fn ends_a_sentence(text: &str) -> bool {
    let closers = |c: char| c.is_whitespace() || "\"'”’»«)]}」』）】›*_".contains(c);
    text.trim_end_matches(closers).ends_with([
        '.', '!', '?', '…', '。', '！', '？', '؟', '।', '։', '።', '‽',
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stand_between_white_space_of_any_kind() {
        for (text, many) in [
            ("", 0),
            (" \n", 0),
            ("one", 1),
            (" two\u{3000}words\t", 2),
            ("a\x0bb\x0cc\x1cd", 3),
            ("a\u{a0}b\u{2009}c\r\nd", 4),
        ] {
            assert_eq!(words(text), many, "{text:?}");
            assert_eq!(text.split_whitespace().count() as u64, many, "{text:?}");
        }
    }

    #[test]
    fn a_database_is_told_of_the_same_white_space_that_rust_trims() {
        let all: String = ('\0'..=char::MAX).filter(|c| c.is_whitespace()).collect();
        assert_eq!(WHITE_SPACE, all);
    }

    #[test]
    fn a_sentence_ends_in_any_script_and_inside_quotes() {
        for whole in [
            "She left.",
            "\"She left.\"\n",
            "彼女は去った。",
            "«Elle partit…»",
            "Really?)",
        ] {
            assert!(!flags(whole, 1).has(Flag::Abrupt), "{whole}");
        }
        for cut in ["She left, and", "She", "彼女は", ""] {
            assert!(flags(cut, 1).has(Flag::Abrupt), "{cut}");
        }
    }

    #[test]
    fn a_story_is_long_beyond_the_editors_field() {
        assert!(!flags("word.", WORDS_MAX).has(Flag::Long));
        assert!(flags("word.", WORDS_MAX + 1).has(Flag::Long));
    }
}
