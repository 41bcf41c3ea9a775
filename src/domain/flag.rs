//! What is worth a second look in a finished story.
//!
//! A flag never makes a story a failure: it says what the transport could not prove or what a reader might stumble over.

/// One thing worth a second look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flag {
    /// The last event came without its closing blank line.
    Unfinished,
    /// The transport could not prove that the answer was whole.
    Unproven,
    /// Bytes that are no UTF-8 were replaced by U+FFFD.
    BadUtf8,
    /// The stream held lines that are no field of the protocol; text may have been lost in them.
    IgnoredLines,
    /// The text does not end like a sentence.
    Abrupt,
    /// The text has more words than the vendor's editor holds.
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

    /// The word for it in output and in `--flag`.
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

    /// Its bit in the database; the views spell the words from the same bits.
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
        Self::ALL
            .into_iter()
            .find(|flag| flag.word() == word)
            .ok_or(NotAFlag)
    }
}

/// A word that names no flag.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected one of `unfinished`, `unproven`, `bad_utf8`, `ignored_lines`, `abrupt`, `long`, `stale`"
)]
pub struct NotAFlag;

/// A set of flags.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Flags(i64);

impl Flags {
    /// The set with `flag` in it, too.
    #[must_use]
    pub fn with(self, flag: Flag) -> Self {
        Self(self.0 | flag.bit())
    }

    /// The set with `flag` in it when `so`, else as it is.
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

    /// The set that the database keeps as these bits.
    #[must_use]
    pub fn from_bits(bits: i64) -> Self {
        Self(bits)
    }

    /// The bits as the database keeps them.
    #[must_use]
    pub fn bits(self) -> i64 {
        self.0
    }
}
