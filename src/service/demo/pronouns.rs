//! The words that stand for a character.
//!
//! A name tells nothing about them, so they are neutral unless the description itself says "she" or "he".

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
