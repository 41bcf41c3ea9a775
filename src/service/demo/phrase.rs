//! One phrase of a description: its kind, and its form inside a sentence.
//!
//! A phrase that is certainly a trade, a quality or a deed gets that kind. In doubt it is [`Kind::Other`], which is only
//! quoted. A phrase does not know its position in the story.

use super::data::DATA;
use super::words::{self, any_of};

/// From this number of words on, a phrase is too long to be said in passing.
const LONG_WORDS: usize = 21;
const LONG_CHARACTERS: usize = 150;

/// The kind of a phrase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A person by trade or nature: "lawyer in the city", "a thief who cannot lie".
    Role,
    /// It may follow "to be": "stubborn", "afraid of silence".
    Quality,
    /// What was once done to the character: "born at sea".
    Past,
    /// A verb in the third person: "collects letters", "never sleeps".
    Deed,
    /// A verb in the past tense: "lost a ship".
    Done,
    /// A sentence about the character.
    Sentence,
    /// A sentence that says "I".
    First,
    /// A sentence that says "you".
    Second,
    /// Digits only.
    Number,
    /// Visible characters that are neither letters nor digits.
    Sign,
    /// Probably a proper name.
    Proper,
    /// Too long to be spoken.
    Long,
    /// Anything else.
    Other,
}

/// One phrase of a description.
#[derive(Clone, Debug)]
pub(super) struct Phrase {
    /// As in the description, without outer white space, control characters and its end.
    pub(super) text: String,
    /// What is known about it.
    pub(super) kind: Kind,
}

impl Phrase {
    /// The phrase `text` of the description of `name`; `follows` if it comes after a comma.
    pub(super) fn new(name: &str, text: String, follows: bool) -> Self {
        let kind = kind(name, &text, follows);
        Self { text, kind }
    }

    /// With a capital, for the beginning of a sentence.
    pub(super) fn capital(&self) -> String {
        words::capital(&self.text)
    }

    /// Without the capital, if that is certainly right.
    pub(super) fn lower(&self) -> String {
        let word = self.text.split_whitespace().next().unwrap_or_default();
        let small = word.to_lowercase();
        let keeps = word == "I"
            || word.starts_with("I'")
            || word.chars().skip(1).any(char::is_uppercase)
            || self.kind == Kind::Proper
            || words::is_proper(&self.text)
            || word.ends_with("'s") && !words::is_role(&[small.trim_end_matches("'s")])
            || ["ian", "ish", "ese"].iter().any(|end| small.ends_with(end))
                && !DATA.words.roles.has(&small)
                && !DATA.words.qualities.has(&small);
        let known = matches!(
            self.kind,
            Kind::Role | Kind::Quality | Kind::Past | Kind::Deed | Kind::Done
        ) || DATA.words.starts.has(&small)
            || self.words() == 1;
        if keeps || !known {
            self.text.clone()
        } else {
            words::small(&self.text)
        }
    }

    /// As a noun with its article.
    pub(super) fn with_article(&self) -> String {
        let lower = self.lower();
        let first = lower
            .split_whitespace()
            .next()
            .unwrap_or_default()
            .to_lowercase();
        let owner = first
            .strip_suffix("'s")
            .filter(|owner| !words::is_role(&[owner]));
        if DATA.words.determiners.has(&first) || owner.is_some() {
            return lower;
        }
        let tokens: Vec<&str> = lower.split_whitespace().collect();
        if words::is_superlative(&first) || words::is_only(&tokens) {
            return format!("the {lower}");
        }
        let article = if words::takes_an(&first) { "an" } else { "a" };
        format!("{article} {lower}")
    }

    /// Whether it is too long to be said in passing.
    pub(super) fn is_long(&self) -> bool {
        self.text.split_whitespace().count() >= LONG_WORDS
            || self.text.chars().count() >= LONG_CHARACTERS
    }

    /// Its number of words; text without blanks counts by its length.
    pub(super) fn words(&self) -> usize {
        self.text
            .split_whitespace()
            .count()
            .max(self.text.chars().count() / 12)
            .max(1)
    }
}

fn kind(name: &str, text: &str, follows: bool) -> Kind {
    let lower = text.to_lowercase();
    let tokens: Vec<&str> = lower
        .split_whitespace()
        .map(|token| token.trim_matches([',', '\'', '’']))
        .collect();
    let first = tokens.first().copied().unwrap_or_default();
    if !text.chars().any(char::is_alphabetic) {
        return if text.chars().any(char::is_numeric) {
            Kind::Number
        } else {
            Kind::Sign
        };
    }
    if any_of(&tokens, "i'm i've") || ["i", "my", "i'd", "we"].contains(&first) {
        return Kind::First;
    }
    if ["you", "your", "you're"].contains(&first) {
        return Kind::Second;
    }
    if tokens.len() >= LONG_WORDS || text.chars().count() >= LONG_CHARACTERS {
        return if ["she", "he", "they"].contains(&first) {
            Kind::Sentence
        } else {
            Kind::Long
        };
    }
    if text.ends_with(['?', '…']) || !first.is_ascii() {
        return Kind::Other;
    }
    let owned = ["her", "his", "their"].contains(&first) && words::has_verb(text);
    let named = !name.is_empty() && text.starts_with(name) && tokens.len() > 2;
    if !text.starts_with(&format!("{first},"))
        && (owned || named || ["she", "he", "they"].contains(&first))
    {
        return Kind::Sentence;
    }
    if text.contains([',', ':', '(']) {
        return Kind::Other;
    }
    if follows && text.starts_with(char::is_uppercase) && !words::is_role(&tokens) {
        return Kind::Proper;
    }
    match tokens.as_slice() {
        tokens if words::is_quality(tokens) => Kind::Quality,
        tokens if words::is_deed(tokens) => Kind::Deed,
        tokens if words::is_done(tokens) => Kind::Done,
        tokens if words::is_past(tokens) => Kind::Past,
        tokens if words::is_role(tokens) => Kind::Role,
        _ => Kind::Other,
    }
}
