//! The character of a story: its full name, its short name, and its pronouns.
//!
//! The pronoun is neutral unless the description, or a title, says "she" or "he": a name says nothing about it.

use super::description::Reading;
use super::phrase::Kind;
use super::random::Random;
use super::words;

/// A name is cut after so many characters.
const NAME_AT_MOST: usize = 120;

/// The character that a story is about.
#[derive(Debug)]
pub(super) struct Hero {
    /// The name as it was given.
    pub(super) full_name: String,
    /// The name that is used after the first time.
    pub(super) short_name: String,
    /// How the story speaks of the character.
    pub(super) pronouns: &'static Pronouns,
}

impl Hero {
    /// The character with the name `full_name`, whose description is `reading`.
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

/// The words for a character.
///
/// Each word is the form that the field is named after.
#[derive(Debug)]
pub(super) struct Pronouns {
    pub(super) they: &'static str,
    pub(super) them: &'static str,
    pub(super) their: &'static str,
    pub(super) theirs: &'static str,
    /// Whether verbs after the pronoun have no s.
    pub(super) plural: bool,
}

/// The words of a story in the second person.
pub(super) const YOU: Pronouns = Pronouns {
    they: "you",
    them: "you",
    their: "your",
    theirs: "yours",
    plural: true,
};
/// The words if nothing is known about the pronoun.
pub(super) const THEY: Pronouns = Pronouns {
    they: "they",
    them: "them",
    their: "their",
    theirs: "theirs",
    plural: true,
};
/// The words for "she".
pub(super) const SHE: Pronouns = Pronouns {
    they: "she",
    them: "her",
    their: "her",
    theirs: "hers",
    plural: false,
};
/// The words for "he".
pub(super) const HE: Pronouns = Pronouns {
    they: "he",
    them: "him",
    their: "his",
    theirs: "his",
    plural: false,
};

/// `name` on one line, safe to show; a character without a name is called Anon.
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
    // A character that is named after a trade has no first name: "Gate Guard" is a guard.
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

/// A third of all stories are in the second person, unless the description decides it. Otherwise a title in the name may
/// decide.
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
