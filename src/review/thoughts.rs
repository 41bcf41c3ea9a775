//! `thoughts`: a model's reasoning is in the text, in a form that the stream's own filter does not remove.
//!
//! Two forms. Marks: a tag of reasoning (`<think>`, `</reasoning>`, `<|channel|>analysis`) at the beginning or end of a line, or
//! where its closing tag follows. Words: the first sentences speak of the user ("Okay, the user wants …") or of the task ("I need
//! to write a backstory in the second person"), or three remarks of that kind stand anywhere outside quotation marks. A tag in
//! the middle of a sentence is the story's: she wrote `<think>` on the wall.
//!
//! The phrases are in `thoughts.txt`.

use super::phrases::{Hit, Phrases, Plain};
use super::reading::{Reading, bytes};
use super::{Finding, found};
use crate::domain::flag::Flag;
use std::ops::Range;
use std::sync::LazyLock;

/// The first sentences, in words.
const HEAD_WORDS: usize = 60;
/// A remark on the user or the task begins within so many words.
const WORDS_BEFORE_MAX: usize = 12;
/// This many remarks anywhere are reasoning.
const REMARKS_MIN: usize = 3;
/// The names in tags of reasoning.
const TAGS: [&str; 9] = [
    "think",
    "thinking",
    "thought",
    "thoughts",
    "reasoning",
    "seed:think",
    "reflection",
    "scratchpad",
    "analysis",
];
/// Marks that are never a story's.
const MARKS: [&str; 5] = [
    "<|channel|>",
    "<|im_start|>",
    "<|start|>assistant",
    "assistantfinal",
    "◁think▷",
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Strong,
    Need,
    What,
    Weak,
    Lead,
}

static PHRASES: LazyLock<Phrases<Kind>> = LazyLock::new(|| {
    Phrases::of(include_str!("thoughts.txt"), |name| {
        Some(match name {
            "strong" => Kind::Strong,
            "need" => Kind::Need,
            "what" => Kind::What,
            "weak" => Kind::Weak,
            "lead" => Kind::Lead,
            _ => return None,
        })
    })
});

/// The first reasoning, if there is any.
pub(super) fn find(reading: &Reading) -> Option<Finding> {
    let at = tag(reading.text)
        .or_else(|| mark(reading.text))
        .or_else(|| head(reading))
        .or_else(|| remarks(reading))?;
    Some(found(Flag::Thoughts, reading.text, at))
}

/// The first tag of reasoning that is no part of a sentence.
fn tag(text: &str) -> Option<Range<usize>> {
    let opening = text.match_indices(['<', '[']);
    opening.map(|(at, _)| at).find_map(|at| {
        let rest = &text[at + 1..];
        let is_closing = rest.starts_with('/');
        let name = rest.strip_prefix('/').unwrap_or(rest);
        let close = name.find(['>', ']'])?;
        let word = name.get(..close)?;
        if !TAGS.iter().any(|tag| tag.eq_ignore_ascii_case(word.trim())) {
            return None;
        }
        let end = at + 1 + usize::from(is_closing) + close + 1;
        let before = text[..at].trim_end_matches([' ', '\t', '*', '`']);
        let after = text[end..].trim_start_matches([' ', '\t', '*', '`']);
        let is_at_line_start = before.is_empty() || before.ends_with('\n');
        let is_at_line_end = after.is_empty() || after.starts_with(['\n', '\r']);
        // Without a space a tag cannot be a word of the sentence.
        let touches = is_closing
            && (text[end..].starts_with(char::is_alphanumeric)
                || before.ends_with(['.', '!', '?']));
        (is_at_line_start || is_at_line_end || touches).then_some(at..end)
    })
}

fn mark(text: &str) -> Option<Range<usize>> {
    MARKS
        .iter()
        .find_map(|mark| text.find(mark).map(|at| at..at + mark.len()))
}

/// The sentence among the first ones that speaks of the user or of the task.
fn head(reading: &Reading) -> Option<Range<usize>> {
    let end = reading
        .words
        .get(HEAD_WORDS)
        .map_or(reading.text.len(), |word| bytes(word).start);
    let plain = Plain::of(reading.text, 0..end);
    let hits = PHRASES.find(&plain);
    let near = |hit: &&Hit<Kind>| {
        plain.words_before(hit.at.start) <= WORDS_BEFORE_MAX && !is_quoted(reading, &plain, hit)
    };
    let of = |kind: Kind| hits.iter().filter(move |hit| hit.kind == kind);
    let strong = of(Kind::Strong).find(near);
    let need = of(Kind::Need).filter(near).find(|need| {
        let sentence = plain.sentence(need.at.start);
        of(Kind::What).any(|what| sentence.contains(&what.at.start))
    });
    let hit = strong.or(need)?;
    Some(plain.origin(&plain.sentence(hit.at.start)))
}

/// The first of several remarks.
fn remarks(reading: &Reading) -> Option<Range<usize>> {
    let plain = Plain::of(reading.text, 0..reading.text.len());
    let hits = PHRASES.find(&plain);
    let is_remark = |hit: &&Hit<Kind>| {
        matches!(hit.kind, Kind::Weak | Kind::Strong) && !is_quoted(reading, &plain, hit)
    };
    let mut remarks: Vec<&str> = Vec::new();
    let mut first = None;
    for hit in hits.iter().filter(is_remark) {
        let words = &plain.text[hit.at.clone()];
        if !remarks.contains(&words) {
            remarks.push(words);
            first = first.or(Some(hit));
        }
    }
    // "I should" and "hmm" are a story's, too: one remark must be about the text.
    let is_about_text = |words: &&str| {
        let own = [
            "i should",
            "alright",
            "hmm",
            "okay so",
            "avoid",
            "make sure to",
            "let me check",
            "я",
            "debería",
            "je devrais",
            "ich sollte",
            "constraints",
        ];
        !own.contains(&words.trim())
    };
    let about = remarks.iter().filter(|words| is_about_text(words)).count();
    let first = first.filter(|_| remarks.len() >= REMARKS_MIN && about >= 2)?;
    Some(plain.origin(&plain.sentence(first.at.start)))
}

fn is_quoted(reading: &Reading, plain: &Plain, hit: &Hit<Kind>) -> bool {
    let at = plain.origin(&hit.at);
    let words = &reading.words;
    let next = words.partition_point(|word| bytes(word).start < at.start);
    words.get(next).is_some_and(|word| word.place.is_quoted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_found(text: &str) -> bool {
        find(&Reading::of(text)).is_some()
    }

    #[test]
    fn reasoning_is_found_as_tags_and_as_words() {
        for text in [
            "She left.</think>\n\nMira was born on the salt road.",
            "<Thinking>\nA baker, maybe.\n\nMira was born.",
            "Mira was born.\n<think>Too short?</think>\nShe left.",
            "<|channel|>analysis<|message|>We need a story.",
            "Okay, the user wants a backstory for a baker. Mira was born.",
            "I need to write a backstory in the second person, about 300 words.\n\nYou were born.",
            "Mira. The description says baker. Let me check the word count: 280. I should add a second person view.",
            "好的，用户要求我写一个面包师的背景故事。",
            "Okay, der Nutzer möchte eine Geschichte. Mira wurde geboren.",
        ] {
            assert!(is_found(text), "{text}");
        }
    }

    #[test]
    fn a_character_that_thinks_has_no_leak() {
        for text in [
            "She wrote <think> on the wall and </think> below it, for the joke.",
            "Okay, she thought, one more loaf. I should sleep. Hmm.",
            "We need to write, she told the class, or they will forget us.",
            "\"The user wants a new password,\" said the clerk of the machine.",
            "You need to write it down before you forget the words.",
            "Let me think, he used to say, and then he did not.",
            "[Thinking back, she should have known.]",
        ] {
            assert!(!is_found(text), "{text}");
        }
    }
}
