//! `meta`: words about the text instead of the text.
//!
//! It has four forms:
//!
//! - a first line that is a heading or a label: `# Mira`, `**The Baker**`, `Backstory:`
//! - a first sentence that announces the text: "Sure! Here is a backstory for Mira:"
//! - a last paragraph that offers more or speaks of the text: "Let me know if you'd like …"
//! - a text that asks for a description instead of telling a story
//!
//! A refusal with a story behind it
//! belongs here, too. What is in quotation marks is the story's, and so are long paragraphs: words about a text are short.
//!
//! The phrases are in `meta.txt` and `reported.txt`, in the languages of `refusal.txt`.

use super::phrases::{Hit, Phrases, Plain};
use super::reading::{Reading, bytes};
use super::refusal::Opening;
use super::{Finding, found};
use crate::domain::flag::Flag;
use std::ops::Range;
use std::sync::LazyLock;

/// The first line is no announcement or heading with more words than this.
const FIRST_WORDS_MAX: usize = 45;
/// Between "Sure!" and "here is" there are at most this many words.
const LEAD_WORDS_BEFORE: usize = 6;
/// A heading has at most this many words.
const HEADING_WORDS_MAX: usize = 14;
/// A label before a colon has at most this many words.
const LABEL_WORDS_MAX: usize = 6;
/// A last paragraph with more words than this is part of the story.
const LAST_WORDS_MAX: usize = 70;
/// An offer begins within so many words of its paragraph.
const OFFER_WORDS_BEFORE: usize = 12;
/// A text that asks for more has at most this many words.
const ASK_WORDS_MAX: usize = 130;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Lead,
    Yes,
    Text,
    Story,
    Offer,
    Label,
    Ask,
    Asked,
}

/// Reported speech belongs to the story.
const LIST: &str = concat!(
    include_str!("meta.txt"),
    "\n[story]\n",
    include_str!("reported.txt")
);

static PHRASES: LazyLock<Phrases<Kind>> = LazyLock::new(|| {
    Phrases::of(LIST, |name| {
        Some(match name {
            "lead" => Kind::Lead,
            "yes" => Kind::Yes,
            "text" => Kind::Text,
            "story" => Kind::Story,
            "offer" => Kind::Offer,
            "label" => Kind::Label,
            "ask" => Kind::Ask,
            "asked" => Kind::Asked,
            _ => return None,
        })
    })
});

/// The first words about the text, if there are any.
pub(super) fn find(reading: &Reading, opening: &Opening) -> Option<Finding> {
    let at = match opening {
        // All of it is a refusal.
        Opening::Refusal(_) => return None,
        Opening::StoryAfterRefusal(at) => at.clone(),
        Opening::Story => heading(reading)
            .or_else(|| announcement(reading))
            .or_else(|| question(reading))
            .or_else(|| offer(reading))?,
    };
    Some(found(Flag::Meta, reading.text, at))
}

/// The lines of a text that are not blank, without the white space around them.
fn lines(text: &str) -> impl DoubleEndedIterator<Item = Range<usize>> {
    let mut start = 0;
    let pieces = text.split('\n').map(move |line| {
        let begin = start + line.len() - line.trim_start().len();
        start += line.len() + 1;
        begin..begin + line.trim().len()
    });
    let lines: Vec<Range<usize>> = pieces.filter(|line| !line.is_empty()).collect();
    lines.into_iter()
}

fn words_in(reading: &Reading, at: &Range<usize>) -> usize {
    let inside = |word: &&super::reading::Word| at.contains(&bytes(word).start);
    let words: Vec<_> = reading.words.iter().filter(inside).copied().collect();
    super::reading::weight(&words) / super::reading::WORD
}

/// The first line, if it is a heading and something follows.
fn heading(reading: &Reading) -> Option<Range<usize>> {
    let text = reading.text;
    let mut lines = lines(text);
    let (first, second) = (lines.next()?, lines.next()?);
    let line = &text[first.clone()];
    if words_in(reading, &first) > HEADING_WORDS_MAX {
        return None;
    }
    let after_marks = line.trim_start_matches('#');
    let is_markdown = after_marks.len() < line.len() && after_marks.starts_with(' ');
    let inner = line.trim_matches(['*', '_']);
    let is_marked = |mark: &str| line.starts_with(mark) && line.ends_with(mark);
    let is_strong = line.len() > inner.len() + 2 && (is_marked("**") || is_marked("__"));
    let below = &text[second];
    let is_underlined = below.len() >= 3 && below.chars().all(|c| c == '=' || c == '-');
    let is_line = is_strong && !inner.contains("**");
    (is_markdown || is_line || is_underlined || is_label(line)).then_some(first)
}

/// Whether a line is only a label ("Backstory", "Mira's Backstory:"), or has one before a colon ("Title: The Baker").
fn is_label(line: &str) -> bool {
    let line = line.trim_matches(['*', '_', '#', '=', '-', ' ']);
    let (label, is_colon) = match line.split_once([':', '：']) {
        Some((label, _)) => (label, true),
        None => (line, false),
    };
    let plain = Plain::of(label, 0..label.len());
    let hits = PHRASES.find(&plain);
    let mut labels = hits.iter().filter(|hit| hit.kind == Kind::Label);
    let is_whole = |hit: &Hit<Kind>| hit.at.start == 0 && hit.at.end == plain.text.len();
    let ends = |hit: &Hit<Kind>| hit.at.start == 0 || hit.at.end == plain.text.len();
    // A sentence has its full stop; a title has none.
    let is_title = !line.ends_with('.') || line.ends_with("..");
    if is_colon {
        is_title && words(&plain) <= LABEL_WORDS_MAX && labels.any(ends)
    } else {
        labels.any(is_whole)
    }
}

fn words(plain: &Plain) -> usize {
    plain.words_before(plain.text.len())
}

/// The first line, if it announces the text.
fn announcement(reading: &Reading) -> Option<Range<usize>> {
    let text = reading.text;
    let mut lines = lines(text);
    let first = lines.next()?;
    let has_more = lines.next().is_some();
    let begin = first_sentences(text, &first);
    let plain = Plain::of(text, begin.clone());
    let hits = PHRASES.find(&plain);
    let begins = |hit: &Hit<Kind>, most: usize| plain.words_before(hit.at.start) <= most;
    let of = |kind: Kind| hits.iter().filter(move |hit| hit.kind == kind);
    let yes = of(Kind::Yes).find(|hit| begins(hit, 0));
    let lead =
        of(Kind::Lead).find(|hit| begins(hit, if yes.is_some() { LEAD_WORDS_BEFORE } else { 0 }));
    let end = lead.or(yes)?.at.end;
    let is_story = hits.iter().any(|hit| hit.kind == Kind::Story);
    let announced = hits
        .iter()
        .find(|hit| hit.kind == Kind::Text && hit.at.end > end)?;
    let is_near = plain.words_before(announced.at.start) <= 12;
    let colon = plain.text[announced.at.start..].contains(" : ");
    // A story may begin so in its first sentence; an announcement stands apart or ends with a colon.
    let is_apart = (has_more && begin == first && lead.is_some()) || colon;
    let is_quoted = reading
        .words
        .first()
        .is_some_and(|word| word.place.is_quoted);
    let is_short = words(&plain) <= FIRST_WORDS_MAX;
    (is_apart && is_near && is_short && !is_story && !is_quoted).then_some(begin)
}

/// The first line, or if it is long its sentences up to a colon.
fn first_sentences(text: &str, line: &Range<usize>) -> Range<usize> {
    let colon = text[line.clone()].find([':', '：']);
    let end = colon.filter(|at| *at < 240).map(|at| line.start + at);
    match end {
        Some(end) => line.start..end + text[end..].chars().next().map_or(1, char::len_utf8),
        None => line.clone(),
    }
}

/// The sentence that asks for a description, if the text is not more than that.
fn question(reading: &Reading) -> Option<Range<usize>> {
    if reading.length() > ASK_WORDS_MAX {
        return None;
    }
    let plain = Plain::of(reading.text, 0..reading.text.len());
    let hits = PHRASES.find(&plain);
    let asks = hits.iter().filter(|hit| hit.kind == Kind::Ask);
    asks.filter(|ask| plain.words_before(ask.at.start) <= 30)
        .find_map(|ask| {
            let sentence = plain.sentence(ask.at.start);
            let is_asked =
                |hit: &&Hit<Kind>| hit.kind == Kind::Asked && sentence.contains(&hit.at.start);
            let at = plain.origin(&sentence);
            let is_spoken = |word: &super::reading::Word| {
                word.place.is_quoted && at.contains(&bytes(word).start)
            };
            let has = hits.iter().any(|hit| is_asked(&hit)) && !reading.words.iter().any(is_spoken);
            has.then_some(at)
        })
}

/// The last paragraph, if it offers more or speaks of the text.
fn offer(reading: &Reading) -> Option<Range<usize>> {
    let text = reading.text;
    let last = lines(text).next_back()?;
    let is_first = lines(text).next() == Some(last.clone());
    let from = if is_first || words_in(reading, &last) > LAST_WORDS_MAX {
        // The offer may stand at the end of the story's own paragraph.
        last_sentence(text, &last)
    } else {
        last
    };
    let plain = Plain::of(text, from.clone());
    let hits = PHRASES.find(&plain);
    let offer = hits.iter().find(|hit| {
        hit.kind == Kind::Offer && plain.words_before(hit.at.start) <= OFFER_WORDS_BEFORE
    })?;
    if hits.iter().any(|hit| hit.kind == Kind::Story) {
        return None;
    }
    let at = plain.origin(&offer.at);
    let near = |word: &&super::reading::Word| bytes(word).start >= at.start;
    let is_spoken = reading
        .words
        .iter()
        .find(near)
        .is_some_and(|word| word.place.is_quoted);
    (!is_spoken).then_some(from)
}

/// The last sentence of a line.
fn last_sentence(text: &str, line: &Range<usize>) -> Range<usize> {
    let body = text[line.clone()].trim_end_matches([
        '.', '!', '?', ' ', '。', '？', '！', '"', '”', '’', '।', '؟', '۔',
    ]);
    let ends = |c: char| matches!(c, '.' | '!' | '?' | '。' | '！' | '？' | '।' | '؟' | '۔');
    let begin = body.char_indices().rev().find(|(_, c)| ends(*c));
    begin.map_or(line.clone(), |(at, c)| {
        line.start + at + c.len_utf8()..line.end
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words_about(text: &str) -> Option<&str> {
        let finding = find(&Reading::of(text), &Opening::Story);
        finding.map(|finding| &text[finding.at])
    }

    const STORY: &str = "Mira was born on the salt road.\n\nShe sold bells.";

    #[test]
    fn words_about_the_text_are_found_before_and_behind_it() {
        for before in [
            "Here is a backstory for Mira:",
            "Sure! Here's a short story about Mira Vale, the baker.",
            "# The Bell Seller",
            "**Mira Vale**",
            "Backstory:",
            "Title: The Bell Seller",
            "Mira's Backstory:",
            "The Bell Seller\n===",
            "Gerne! Hier ist eine Hintergrundgeschichte für Mira:",
            "Voici l'histoire de Mira :",
            "Aquí tienes la historia de Mira:",
            "Вот предыстория Миры:",
            "好的，以下是米拉的背景故事：",
        ] {
            assert!(
                words_about(&format!("{before}\n\n{STORY}")).is_some(),
                "{before}"
            );
        }
        for behind in [
            "Let me know if you'd like me to change anything!",
            "I hope this captures Mira. Would you like me to expand it?",
            "(Word count: 298)",
            "Soll ich noch etwas ändern?",
            "Si quieres, puedo alargarla.",
            "如果您需要修改，请告诉我。",
        ] {
            assert_eq!(words_about(&format!("{STORY}\n\n{behind}")), Some(behind));
        }
        let asks = "Could you please provide more details about the character?";
        assert!(words_about(asks).is_some());
    }

    #[test]
    fn a_story_may_begin_and_end_with_such_words() {
        for text in [
            STORY,
            "Here is where the river turns.\n\nMira was born there.",
            "Here is the story of how Mira lost her hand: badly, and in winter.",
            "Sure, she had stolen the boat.\n\nWho had not?",
            "Of course everybody in Ghent knew the story of the flood. Mira had started it.",
            "This is Mira's city, and she lets you know it.\n\nShe left.",
            "She left.\n\n\"Let me know if you'd like the boat,\" he wrote.",
            "She left.\n\nIf you want, you can still hear the bell.",
            "*Rain.* That was the first thing she heard.\n\nThen bells.",
            "She left him.\n\nLet me know, he had said. She never did.",
            "Character was what her father called it.\n\nShe called it hunger.",
        ] {
            assert_eq!(words_about(text), None, "{text}");
        }
    }
}
