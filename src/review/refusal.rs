//! `refusal`: the text begins with a refusal, and there is no story behind it.
//!
//! A refusal says in its first sentences that the writer cannot or will not do what was asked for. An apology ("I'm sorry, but")
//! or a word about itself ("As an AI") may come first. It names both a task ("write", "help") and its object
//! ("backstory", "content"). So a character that says "I can't write my name" is no refusal. After a short sentence, the object may be in
//! the next one. A quotation at the beginning belongs to a story. Text after the refusal is a story if it has [`STORY_WORDS_MIN`] words in
//! sentences without a word of an assistant, and if these are most of the text.
//!
//! The phrases are in `refusal.txt` and `reported.txt`, in English, Chinese, Hindi, Spanish, Arabic, French, Bengali, Portuguese,
//! Russian and Urdu, and in nine more languages. A refusal in another language is not found.

use super::phrases::{Hit, Phrases, Plain};
use super::reading::{Reading, bytes};
use super::{Finding, found};
use crate::domain::flag::Flag;
use std::ops::Range;
use std::sync::LazyLock;

/// This many words without a word of an assistant are a story.
const STORY_WORDS_MIN: usize = 50;
/// The part of a text that is searched for the beginning of a refusal, in words.
const HEAD_WORDS: usize = 70;
/// At most this many words come before the first phrase.
const WORDS_BEFORE_MAX: usize = 3;
/// After a sentence of up to this many words, the object may be in the next one: "I won't write this. The backstory …"
const SHORT_WORDS_MAX: usize = 8;
/// At most this many words are between an apology and what cannot be done.
const APOLOGY_WORDS_MAX: usize = 40;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Apology,
    Myself,
    Cannot,
    Task,
    Object,
    Whole,
    Not,
    Idiom,
    Assistant,
}

/// Reported speech is no refusal.
const LIST: &str = concat!(
    include_str!("refusal.txt"),
    "\n[idiom]\n",
    include_str!("reported.txt")
);

static PHRASES: LazyLock<Phrases<Kind>> = LazyLock::new(|| {
    Phrases::of(LIST, |name| {
        Some(match name {
            "apology" => Kind::Apology,
            "self" => Kind::Myself,
            "cannot" => Kind::Cannot,
            "task" => Kind::Task,
            "object" => Kind::Object,
            "whole" => Kind::Whole,
            "not" => Kind::Not,
            "idiom" => Kind::Idiom,
            "assistant" => Kind::Assistant,
            _ => return None,
        })
    })
});

/// How a text begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Opening {
    /// With its story, as far as this rule can tell.
    Story,
    /// With a refusal, here, and no story follows.
    Refusal(Range<usize>),
    /// With a refusal, here, but a story follows.
    StoryAfterRefusal(Range<usize>),
}

/// The finding, if the text is a refusal.
pub(super) fn find(reading: &Reading, opening: &Opening) -> Option<Finding> {
    match opening {
        Opening::Refusal(at) => Some(found(Flag::Refusal, reading.text, at.clone())),
        Opening::Story | Opening::StoryAfterRefusal(_) => None,
    }
}

/// How the text begins.
pub(super) fn opening(reading: &Reading) -> Opening {
    let Some(first) = reading.words.first() else {
        return Opening::Story;
    };
    if first.place.is_quoted {
        return Opening::Story;
    }
    let head_end = reading
        .words
        .get(HEAD_WORDS)
        .map_or(reading.text.len(), |word| bytes(word).start);
    let head = Plain::of(reading.text, 0..head_end);
    let hits = PHRASES.find(&head);
    let Some(refused) = refused(&head, &hits) else {
        return Opening::Story;
    };
    let at = head.origin(&refused);
    if has_story_behind(reading, at.end) {
        Opening::StoryAfterRefusal(at)
    } else {
        Opening::Refusal(at)
    }
}

/// The sentence of the refusal, in the plain form.
fn refused(head: &Plain, hits: &[Hit<Kind>]) -> Option<Range<usize>> {
    let of = |kind: Kind| hits.iter().filter(move |hit| hit.kind == kind);
    let first =
        |kind: Kind| of(kind).find(|hit| head.words_before(hit.at.start) <= WORDS_BEFORE_MAX);
    let lead = first(Kind::Apology).or(first(Kind::Myself));
    let may_begin = |hit: &&Hit<Kind>| {
        let before = head.words_before(hit.at.start);
        before <= WORDS_BEFORE_MAX || (lead.is_some() && before <= APOLOGY_WORDS_MAX)
    };
    if let Some(whole) = of(Kind::Whole).find(may_begin) {
        return Some(head.sentence(whole.at.start));
    }
    // In some languages what cannot be done stands before the verb, so the first sentence may be long.
    let has_long_start = |hit: &&Hit<Kind>| {
        may_begin(hit) || (is_verb_last(head, hit) && head.sentence(hit.at.start).start == 0)
    };
    of(Kind::Cannot).filter(has_long_start).find_map(|cannot| {
        let sentence = head.sentence(cannot.at.start);
        let has = |kind: Kind| of(kind).any(|hit| sentence.contains(&hit.at.start));
        let next = head.sentence_behind(sentence.end);
        let is_short =
            head.words_before(sentence.end) - head.words_before(sentence.start) <= SHORT_WORDS_MAX;
        let has_next = |hit: &Hit<Kind>| is_short && next.contains(&hit.at.start);
        let has_object = has(Kind::Object) || of(Kind::Object).any(has_next);
        let is_negated = !needs_not(&head.text[cannot.at.clone()]) || has(Kind::Not);
        (is_negated && !has(Kind::Idiom) && has(Kind::Task) && has_object).then_some(sentence)
    })
}

/// Whether the phrase says "I can" and the "not" comes later.
fn needs_not(cannot: &str) -> bool {
    let apart = [
        "ich kann",
        "ich darf",
        "ich werde",
        "kann ich",
        "darf ich",
        "werde ich",
        "ik kan",
        "kan ik",
        "ik mag",
        "mag ik",
    ];
    apart.contains(&cannot.trim())
}

/// Whether the phrase is in a script whose languages put the verb last.
fn is_verb_last(head: &Plain, cannot: &Hit<Kind>) -> bool {
    let phrase = &head.text[cannot.at.clone()];
    let is_turkish =
        || phrase.trim().ends_with("mam") || phrase.contains("yorum") || phrase.contains("degil");
    phrase.chars().any(|c| {
        matches!(c, '\u{3040}'..='\u{30ff}' | '\u{900}'..='\u{9ff}' | '\u{ac00}'..='\u{d7a3}' | '\u{600}'..='\u{6ff}')
            || ('\u{4e00}'..='\u{9fff}').contains(&c)
    }) || is_turkish()
}

/// Whether there is a story behind byte `from`.
fn has_story_behind(reading: &Reading, from: usize) -> bool {
    let rest = Plain::of(reading.text, from..reading.text.len());
    let hits = PHRASES.find(&rest);
    let (mut story, mut all, mut start) = (0, 0, 0);
    while start < rest.text.len() {
        let end = rest.text[start..]
            .find(['.', '¶'])
            .map_or(rest.text.len(), |end| {
                start
                    + end
                    + if rest.text[start + end..].starts_with('.') {
                        1
                    } else {
                        '¶'.len_utf8()
                    }
            });
        let words = rest.words_before(end) - rest.words_before(start);
        let is_assistant = hits
            .iter()
            .any(|hit| hit.kind == Kind::Assistant && (start..end).contains(&hit.at.start));
        all += words;
        story += if is_assistant { 0 } else { words };
        start = end;
    }
    story >= STORY_WORDS_MIN && story * 2 > all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_refusal(text: &str) -> bool {
        matches!(opening(&Reading::of(text)), Opening::Refusal(_))
    }

    #[test]
    fn a_refusal_is_recognised_at_the_beginning() {
        for text in [
            "I can't write a backstory for this character.",
            "I’m sorry, but I can’t help with that.",
            "I apologize, but as an AI language model I am not able to create content that sexualizes minors.",
            "Sorry! I cannot fulfill this request. Would you like a story about a baker instead?",
            "**I'm unable to assist with that request.**",
            "Es tut mir leid, aber ich kann diese Hintergrundgeschichte nicht schreiben.",
            "Leider kann ich zu dieser Figur keine Geschichte verfassen.",
            "Je suis désolé, mais je ne peux pas écrire cette histoire.",
            "Lo siento, pero no puedo ayudarte con eso.",
            "Desculpe, mas não posso escrever esse conteúdo.",
            "Извините, но я не могу написать эту историю.",
            "抱歉，我无法为这个角色创作背景故事。",
            "申し訳ありませんが、このキャラクターの物語を書くことはできません。",
            "क्षमा करें, मैं यह कहानी नहीं लिख सकता।",
            "দুঃখিত, আমি এই গল্পটি লিখতে পারব না, কারণ এই অনুরোধ নিয়ম ভাঙে।",
            "معذرت، میں یہ کہانی نہیں لکھ سکتا۔",
            "عذراً، لا أستطيع كتابة هذه القصة.",
        ] {
            assert!(is_refusal(text), "{text}");
        }
    }

    #[test]
    fn a_story_that_says_no_is_no_refusal() {
        for text in [
            "I can't write my own name. I never had to: the ledger knew me by my thumb.",
            "I cannot tell you where the money went.",
            "\"I'm sorry, but I can't help you with that story,\" said the clerk, and shut the window.",
            "As an AI aboard the Perihelion, I remember every passenger who ever lied to me.",
            "She was sorry, but she could not write the letter.",
            "I can't help but smile when the character of the sea changes.",
            "Sorry was the first word you learned, and no story of yours goes without it.",
            "Ich kann nicht schlafen, wenn der Ofen kalt ist.",
            "No puedo dormir desde que murió mi hermano.",
        ] {
            assert!(!is_refusal(text), "{text}");
        }
    }

    #[test]
    fn a_story_behind_a_refusal_is_a_story() {
        let story = "Mira was born on the salt road. Her mother sold bells. Nobody in the town bought any. ".repeat(5);
        let text =
            format!("I can't write explicit content, but here is a milder story.\n\n{story}");
        assert!(matches!(
            opening(&Reading::of(&text)),
            Opening::StoryAfterRefusal(_)
        ));
        let long = "I can't write this story. ".to_owned()
            + &"Instead I can suggest an alternative. ".repeat(30);
        assert!(is_refusal(&long));
    }
}
