//! What a reader would object to in a finished story or cast: one file for each kind of objection.
//!
//! [`story`] judges one story by what was asked for, [`flags`] is the same without places and words, for the moment when a story
//! is stored. [`cast::FirstPass`] judges a whole cast, story by story, without holding the texts. A finding never makes a story
//! fail; a rule that is not certain reports nothing.
//!
//! Nothing here reads a file, a database or a clock. Findings say in data what was found, never which command helps.

pub(crate) mod cast;
mod echo;
mod fold;
mod language;
mod meta;
mod mojibake;
mod name;
mod person;
mod phrases;
mod placeholder;
mod quotes;
mod reading;
mod refusal;
mod repetition;
mod thoughts;
mod unnamed;

use crate::domain::flag::{Flag, Flags};
use crate::domain::prompt::{Language, Person};
use reading::Reading;
use std::ops::Range;

/// The flags that make a story unusable as it is, whatever the rest of the cast.
pub const HARD: [Flag; 7] = [
    Flag::Refusal,
    Flag::Meta,
    Flag::Thoughts,
    Flag::Placeholder,
    Flag::Unnamed,
    Flag::Mojibake,
    Flag::Language,
];

/// What was asked for, as far as a story can be judged by it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked<'a> {
    /// The character's name.
    pub name: &'a str,
    /// The character's description, as it was sent.
    pub description: &'a str,
    /// The part of the prompt that is the same for all characters, if the provider takes a prompt.
    pub prompt: Option<&'a str>,
    /// The grammatical person, if one was asked for.
    pub person: Option<Person>,
    /// The language, if one was asked for.
    pub language: Option<&'a Language>,
}

/// One objection to a story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Its kind.
    pub flag: Flag,
    /// The words in question, at most [`DETAIL_CHARS_MAX`] characters, or what is wrong with the text as a whole.
    pub detail: String,
    /// Where they are in the text, in bytes. Empty if the text as a whole is meant.
    pub at: Range<usize>,
}

/// The longest detail, in characters; a longer one ends with `…`.
pub(crate) const DETAIL_CHARS_MAX: usize = 120;

/// The objections to a story, at most one of each kind, in the order of [`Flag::ALL`].
#[must_use]
pub fn story(asked: &Asked<'_>, text: &str) -> Vec<Finding> {
    judged(asked, &Read::asked(asked, text))
}

/// The flags of a story. Costs well under a millisecond for 300 words (`cargo bench -- --only review-story`).
#[must_use]
pub fn flags(asked: &Asked<'_>, text: &str) -> Flags {
    let found = story(asked, text);
    let add = |flags: Flags, finding: Finding| flags.with(finding.flag);
    found.into_iter().fold(Flags::default(), add)
}

/// A story, with what several rules need to know of it.
struct Read<'a> {
    reading: Reading<'a>,
    tongue: Option<language::Tongue>,
    voice: Option<(person::Voice, Range<usize>)>,
}

impl<'a> Read<'a> {
    /// The story without its language and its person, unless one of them was asked for: to recognise these takes most of the time.
    fn asked(asked: &Asked<'_>, text: &'a str) -> Self {
        if asked.person.is_some() || asked.language.is_some() {
            return Self::of(text);
        }
        Self {
            reading: Reading::of(text),
            tongue: None,
            voice: None,
        }
    }

    fn of(text: &'a str) -> Self {
        let reading = Reading::of(text);
        let tongue = language::of(&reading);
        let voice = person::of(&reading, tongue);
        Self {
            reading,
            tongue,
            voice,
        }
    }
}

/// All rules for a single story.
fn judged(asked: &Asked<'_>, read: &Read<'_>) -> Vec<Finding> {
    let reading = &read.reading;
    let opening = refusal::opening(reading);
    // A refusal is in no person, names no character and speaks of itself: one objection is enough.
    let refusal = refusal::find(reading, &opening);
    if let Some(refusal) = refusal {
        return vec![refusal];
    }
    let language = asked.language.and_then(language::asked);
    let thoughts = thoughts::find(reading);
    // Thoughts about the task are words about the text, too: one objection is enough.
    let is_apart = |meta: &Finding| {
        thoughts.as_ref().is_none_or(|thoughts| {
            meta.at.end <= thoughts.at.start || thoughts.at.end <= meta.at.start
        })
    };
    let meta = meta::find(reading, &opening).filter(is_apart);
    [
        meta,
        thoughts,
        placeholder::find(reading),
        echo::find(reading, asked.description, asked.prompt),
        unnamed::find(reading, asked.name),
        person::find(read.voice.as_ref(), asked.person),
        language::find(reading, read.tongue, language),
        mojibake::find(reading),
        repetition::find(reading),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A finding with the words at `at`.
fn found(flag: Flag, text: &str, at: Range<usize>) -> Finding {
    let words = &text[at.clone()];
    let start = at.start + words.len() - words.trim_start().len();
    let at = start..(start + words.trim().len());
    Finding {
        flag,
        detail: shortened(&text[at.clone()]),
        at,
    }
}

/// The first words of a text, in one line.
fn shortened(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(DETAIL_CHARS_MAX) {
        None => line,
        Some(_) => line
            .chars()
            .take(DETAIL_CHARS_MAX - 1)
            .chain(['…'])
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_good_story_has_no_findings() {
        let asked = Asked {
            name: "Mira Vale",
            description: "Baker in Ghent. Stubborn.",
            person: Some(Person::Third),
            ..Asked::default()
        };
        let text = "Mira Vale grew up in the back room of a bakery in Ghent. Her mother counted the loaves aloud, and she learned to \
             count before she could speak. When the flood took the mill, she blamed her brother, and the oven went cold.";
        assert_eq!(story(&asked, text), []);
        assert_eq!(flags(&asked, text), Flags::default());
    }

    #[test]
    fn a_finding_has_the_words_and_their_place() {
        let asked = Asked {
            name: "Mira",
            ..Asked::default()
        };
        let text = "Mira grew up with [Name], who grew bells.";
        let findings = story(&asked, text);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].flag, Flag::Placeholder);
        assert_eq!(
            (findings[0].detail.as_str(), &text[findings[0].at.clone()]),
            ("[Name]", "[Name]")
        );
    }

    #[test]
    fn any_text_is_accepted() {
        for text in [
            "",
            " ",
            "\n\n",
            "[",
            "{{",
            "<think",
            "\u{0}",
            "“",
            "𝒜",
            "……",
            "\u{301}",
            "[[[[{{{{<<<<",
            "a\u{301}\u{301}",
        ] {
            let _ = story(&Asked::default(), text);
        }
    }

    #[test]
    fn a_long_detail_is_shortened() {
        let detail = shortened(&"word ".repeat(100));
        assert_eq!(detail.chars().count(), DETAIL_CHARS_MAX);
        assert!(detail.ends_with('…'));
    }

    proptest! {
        #![proptest_config(property_config!(400))]
        #[test]
        fn a_place_is_always_a_part_of_the_text(
            pieces in prop::collection::vec(prop::sample::select(vec![
                "I can't write a backstory", "I'm sorry", ". ", "\n", "\n\n", ": ", "Here is", " story", "# ", "**", "<think>", "</think>", "[Name]", "{{",
                "}}", "[", "]", "Mira ", "好的，用户要求", "以下是", "故事", "我不能", "物語を書くことはできません", "é", "e\u{301}", "Ã¼", "\u{fffd}", "“", "”", "'", "«", "नहीं लिख सकता", "।", "____", "TODO:", "Let me know if you'd like", "?", "the user wants", "she said", "You ", "\u{0}", "𝒜", "İ", "ß",
            ]), 0..24),
            description in ".{0,40}",
        ) {
            let text = pieces.concat();
            let language = "French".parse().ok();
            let asked = Asked {
                name: "Mira 美 Vale",
                description: &description,
                prompt: Some("Write a backstory in the second person, in about 300 words."),
                person: Some(Person::Second),
                language: language.as_ref(),
            };
            for finding in story(&asked, &text) {
                prop_assert!(text.get(finding.at.clone()).is_some(), "{finding:?}");
                prop_assert!(finding.detail.chars().count() <= DETAIL_CHARS_MAX);
            }
            let mut first = cast::FirstPass::new();
            let story = cast::Story { asked, row: &description, text: &text };
            for _ in 0..3 {
                first.add(&story);
            }
            let mut second = first.end();
            for _ in 0..3 {
                for found in second.add(&story) {
                    prop_assert!(text.get(found.finding.at.clone()).is_some(), "{found:?}");
                }
            }
        }
    }
}
