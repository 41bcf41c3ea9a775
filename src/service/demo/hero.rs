//! The character of a story: its name, the name that is used after the first time, and the words that stand for it.
//!
//! A name tells nothing about the pronoun, so it is neutral unless the description itself, or a title, says "she" or "he".

use super::description::Reading;
use super::phrase::Kind;
use super::random::Random;
use super::words;

/// A name is cut after so many characters.
const NAME_AT_MOST: usize = 120;

/// Who a story is about.
#[derive(Debug)]
pub(super) struct Hero {
    /// The name as it was given.
    pub(super) full_name: String,
    /// The name as it is used after the first time.
    pub(super) short_name: String,
    /// How the story speaks of the character.
    pub(super) pronouns: &'static Pronouns,
}

impl Hero {
    /// The character called `full_name`, of whom `description` has been read.
    pub(super) fn new(
        full_name: String,
        description: &str,
        reading: &Reading,
        draw: &mut Random,
    ) -> Self {
        Self {
            pronouns: pronouns(reading, &full_name, draw),
            short_name: short_name(&full_name, description),
            full_name,
        }
    }
}

/// How a character is spoken of.
///
/// Each word is the form that the field is named after.
#[derive(Debug)]
pub(super) struct Pronouns {
    pub(super) they: &'static str,
    pub(super) them: &'static str,
    pub(super) their: &'static str,
    pub(super) theirs: &'static str,
    /// Whether verbs after the pronoun go without an s.
    pub(super) plural: bool,
}

/// A story told to its character.
pub(super) const YOU: Pronouns = Pronouns {
    they: "you",
    them: "you",
    their: "your",
    theirs: "yours",
    plural: true,
};
/// A character of whom nothing is known.
pub(super) const THEY: Pronouns = Pronouns {
    they: "they",
    them: "them",
    their: "their",
    theirs: "theirs",
    plural: true,
};
/// A character whom the description calls "she".
pub(super) const SHE: Pronouns = Pronouns {
    they: "she",
    them: "her",
    their: "her",
    theirs: "hers",
    plural: false,
};
/// A character whom the description calls "he".
pub(super) const HE: Pronouns = Pronouns {
    they: "he",
    them: "him",
    their: "his",
    theirs: "his",
    plural: false,
};

/// `name` as it may be shown, on one line; a character without a name is called Anon.
pub(super) fn full_name(name: &str) -> String {
    let shown: String = name
        .chars()
        .take(NAME_AT_MOST)
        .filter(|c| words::is_shown(*c))
        .collect();
    let words: Vec<&str> = shown.split_whitespace().collect();
    if words.is_empty() {
        "Anon".to_owned()
    } else {
        words.join(" ")
    }
}

/// The name that is used after the first time.
fn short_name(full_name: &str, description: &str) -> String {
    // A character called after a trade has no first name: "Gate Guard", who is a guard.
    let last = full_name
        .split(' ')
        .next_back()
        .unwrap_or_default()
        .to_lowercase();
    let described = description.to_lowercase().contains(&last);
    words::called(full_name)
        .filter(|_| !described)
        .unwrap_or_else(|| full_name.to_owned())
}

/// A third of all stories are told to "you", unless the description settles it; else the title in a name may settle it.
fn pronouns(reading: &Reading, full_name: &str, draw: &mut Random) -> &'static Pronouns {
    let chance = draw.below(3);
    if reading
        .phrases
        .iter()
        .any(|phrase| phrase.kind == Kind::Second)
        || reading.pronoun.is_none() && chance == 0
    {
        return &YOU;
    }
    match reading.pronoun.or_else(|| words::pronoun_of(full_name)) {
        Some("she") => &SHE,
        Some(_) => &HE,
        None => &THEY,
    }
}
