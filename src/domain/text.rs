//! What can be said of a story by reading it: words, an abrupt end, more words than fit; and an error in words.

use super::flag::{Flag, Flags};
use std::error::Error;

/// The most words that the backstory field of the vendor's editor holds.
pub const WORDS_MAX: usize = 1_000;

/// The number of words: what stands between white space.
#[must_use]
pub fn words(text: &str) -> usize {
    text.split_whitespace().count()
}

/// The flags that follow from the text alone.
#[must_use]
pub fn flags(text: &str) -> Flags {
    Flags::default()
        .with_if(Flag::Abrupt, !ends_a_sentence(text))
        .with_if(Flag::Long, words(text) > WORDS_MAX)
}

/// An error and its causes in one line, joined once.
#[must_use]
pub fn joined(err: &dyn Error) -> String {
    let mut words = err.to_string();
    let mut next = err.source();
    while let Some(cause) = next {
        let cause_words = cause.to_string();
        // Some libraries repeat their cause in their own words.
        if !words.ends_with(&cause_words) {
            words.push_str(": ");
            words.push_str(&cause_words);
        }
        next = cause.source();
    }
    words
}

/// Whether the text ends as sentences do, in any script; closing quotes and brackets may follow.
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
    fn a_sentence_ends_in_any_script_and_inside_quotes() {
        for whole in [
            "She left.",
            "\"She left.\"\n",
            "彼女は去った。",
            "«Elle partit…»",
            "Really?)",
        ] {
            assert!(!flags(whole).has(Flag::Abrupt), "{whole}");
        }
        for cut in ["She left, and", "She", "彼女は", ""] {
            assert!(flags(cut).has(Flag::Abrupt), "{cut}");
        }
    }

    #[test]
    fn a_story_is_long_beyond_the_editors_field() {
        let exactly = "word ".repeat(WORDS_MAX);
        assert!(!flags(&exactly).has(Flag::Long));
        assert!(flags(&format!("{exactly} more")).has(Flag::Long));
    }
}
