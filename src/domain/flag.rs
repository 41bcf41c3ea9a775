//! Remarks on a finished story.
//!
//! A flag never makes a story fail: it says what the connection could not prove, or what a reader should look at.

use serde::{Serialize, Serializer};

/// One remark on a story.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flag {
    /// The last event came without its closing blank line.
    Unfinished,
    /// The connection gave no proof that the answer is complete.
    Unproven,
    /// Invalid UTF-8 was replaced by U+FFFD.
    BadUtf8,
    /// The stream had lines that are no field of the protocol; text may have been lost in them.
    IgnoredLines,
    /// The text does not end like a sentence.
    Abrupt,
    /// The text has more words than fit into the vendor's editor.
    Long,
    /// The take was made from another description or recipe than the character has now.
    Stale,
}

impl Flag {
    /// All flags, in the order in which they are listed.
    pub const ALL: [Self; 7] = [
        Self::Unfinished,
        Self::Unproven,
        Self::BadUtf8,
        Self::IgnoredLines,
        Self::Abrupt,
        Self::Long,
        Self::Stale,
    ];

    /// Its name in output and in `--flag`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Unfinished => "unfinished",
            Self::Unproven => "unproven",
            Self::BadUtf8 => "bad_utf8",
            Self::IgnoredLines => "ignored_lines",
            Self::Abrupt => "abrupt",
            Self::Long => "long",
            Self::Stale => "stale",
        }
    }

    /// The flag with this name.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|flag| flag.word() == word)
    }

    /// Its bit in the database; the views make the names from the same bits.
    #[must_use]
    pub fn bit(self) -> i64 {
        match self {
            Self::Unfinished => 1,
            Self::Unproven => 2,
            Self::BadUtf8 => 4,
            Self::IgnoredLines => 8,
            Self::Abrupt => 16,
            Self::Long => 32,
            Self::Stale => 64,
        }
    }
}

impl std::str::FromStr for Flag {
    type Err = NotAFlag;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::of(word).ok_or(NotAFlag)
    }
}

/// A word that is not a flag.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected one of `unfinished`, `unproven`, `bad_utf8`, `ignored_lines`, `abrupt`, `long`, `stale`"
)]
pub struct NotAFlag;

/// A set of flags. As JSON it is an array of their names, in the order of [`Flag::ALL`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Flags(i64);

impl Flags {
    /// The set, with `flag` added.
    #[must_use]
    pub fn with(self, flag: Flag) -> Self {
        Self(self.0 | flag.bit())
    }

    /// The set, with `flag` added if `so`.
    #[must_use]
    pub fn with_if(self, flag: Flag, so: bool) -> Self {
        if so { self.with(flag) } else { self }
    }

    /// The flags of both sets.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether `flag` is in the set.
    #[must_use]
    pub fn has(self, flag: Flag) -> bool {
        self.0 & flag.bit() != 0
    }

    /// The flags of the set, in the order of [`Flag::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Flag> {
        Flag::ALL.into_iter().filter(move |flag| self.has(*flag))
    }

    /// The names of the flags of the set, in the order of [`Flag::ALL`].
    #[must_use]
    pub fn words(self) -> Vec<&'static str> {
        self.iter().map(Flag::word).collect()
    }

    /// The set of the flags with these names; `None` if one is not the name of a flag.
    #[must_use]
    pub fn of(words: &[&str]) -> Option<Self> {
        let empty = Self::default();
        words
            .iter()
            .try_fold(empty, |set, word| Some(set.with(Flag::of(word)?)))
    }

    /// The set for the bits of the database.
    #[must_use]
    pub fn from_bits(bits: i64) -> Self {
        Self(bits)
    }

    /// The bits for the database.
    #[must_use]
    pub fn bits(self) -> i64 {
        self.0
    }
}

impl Serialize for Flags {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(Flag::word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_written_with_the_names_of_its_flags_and_read_from_them() {
        for bits in 0..128 {
            let set = Flags::from_bits(bits);
            assert_eq!(Flags::of(&set.words()), Some(set));
        }
        let two = Flags::default().with(Flag::Stale).with(Flag::BadUtf8);
        let json = serde_json::to_string(&two).expect("JSON");
        assert_eq!(json, r#"["bad_utf8","stale"]"#);
        assert_eq!(Flags::of(&["stale", "unheard_of"]), None);
    }
}
