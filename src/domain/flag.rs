//! Remarks on a finished story.
//!
//! A flag never makes a story fail: it says what the connection could not prove, or what a reader should look at.

use serde::{Serialize, Serializer};

/// Declares [`Flag`] from the one list of all flags: the bit's number in the database, the word in output, the variant.
macro_rules! flags {
    ($($(#[$about:meta])* $bit:literal $word:literal $name:ident,)*) => {
        /// One remark on a story.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Flag {
            $($(#[$about])* $name,)*
        }

        impl Flag {
            /// All flags, in the order in which they are listed.
            pub const ALL: [Self; [$($bit),*].len()] = [$(Self::$name),*];

            /// Its name in output and in `--flag`.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)*
                }
            }

            /// Its bit in the database; the views make the names from the same bits.
            #[must_use]
            pub fn bit(self) -> i64 {
                match self {
                    $(Self::$name => 1 << $bit,)*
                }
            }
        }
    };
}

flags! {
    /// The last event came without its closing blank line.
    0 "unfinished" Unfinished,
    /// The connection gave no proof that the answer is complete.
    1 "unproven" Unproven,
    /// Invalid UTF-8 was replaced by U+FFFD.
    2 "bad_utf8" BadUtf8,
    /// The stream had lines that are no field of the protocol; text may have been lost in them.
    3 "ignored_lines" IgnoredLines,
    /// The text does not end like a sentence.
    4 "abrupt" Abrupt,
    /// The text has more words than fit into the vendor's editor.
    5 "long" Long,
    /// The take was made from another description or recipe than the character has now.
    6 "stale" Stale,
    /// The text is a refusal and not a story.
    7 "refusal" Refusal,
    /// The text has words about itself: a heading, "Here is a backstory", an offer to change it.
    8 "meta" Meta,
    /// The model's reasoning is in the text.
    9 "thoughts" Thoughts,
    /// The text has a slot that was not filled in: `[Name]`, `{{char}}`.
    10 "placeholder" Placeholder,
    /// The text repeats the prompt or the description word for word.
    11 "echo" Echo,
    /// No word of the character's name is in the text.
    12 "unnamed" Unnamed,
    /// The text is in another grammatical person than was asked for, or than most of the cast.
    13 "person" Person,
    /// The text is in another language than was asked for, or than most of the cast.
    14 "language" Language,
    /// Letters were decoded with the wrong encoding: `Ã¼`, U+FFFD.
    15 "mojibake" Mojibake,
    /// The text repeats itself.
    16 "loop" Loop,
    /// The text is much longer or shorter than most of the cast.
    17 "odd_length" OddLength,
    /// The text shares much of its wording with another story of the cast.
    18 "alike" Alike,
    /// The text begins with the same words as many stories of the cast.
    19 "same_opening" SameOpening,
    /// The text names another character of the cast, and neither of their rows does.
    20 "borrowed" Borrowed,
}

impl Flag {
    /// The flags that need the whole cast. `person` and `language` can also follow from the story alone.
    const OF_CAST: [Self; 4] = [
        Self::OddLength,
        Self::Alike,
        Self::SameOpening,
        Self::Borrowed,
    ];

    /// Whether the flag follows from the words of the story and what was asked for.
    #[must_use]
    pub(crate) fn is_of_words(self) -> bool {
        self > Self::Stale && !Self::OF_CAST.contains(&self)
    }

    /// The flag with this name.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|flag| flag.word() == word)
    }
}

impl std::str::FromStr for Flag {
    type Err = NotAFlag;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::of(word).ok_or(NotAFlag)
    }
}

/// A word that is not a flag.
#[derive(Debug, PartialEq, Eq)]
pub struct NotAFlag;

impl std::error::Error for NotAFlag {}

impl std::fmt::Display for NotAFlag {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let words = Flag::ALL.map(|flag| format!("`{}`", flag.word()));
        write!(f, "expected one of {}", words.join(", "))
    }
}

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

    /// The flags that are in this set and not in the other one.
    #[must_use]
    pub fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// The flags of the set that `keep` keeps.
    #[must_use]
    pub fn filtered(self, keep: impl Fn(Flag) -> bool) -> Self {
        let kept = self.iter().filter(|flag| keep(*flag));
        kept.fold(Self::default(), Self::with)
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

/// Where the flags of a take come from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TakeFlags {
    /// What follows from the transport, the story, and what was asked for.
    pub own: Flags,
    /// What the last review found by comparing the cast. It counts while the take is the current one.
    pub review: Flags,
    /// What the user dismissed for this take.
    pub dismissed: Flags,
    /// Whether the take was made from another description or recipe than the character has now.
    pub is_stale: bool,
}

impl TakeFlags {
    /// All flags, the dismissed ones too.
    #[must_use]
    pub fn all(self) -> Flags {
        let flags = self.own.union(self.review);
        flags.with_if(Flag::Stale, self.is_stale)
    }

    /// The flags that are shown of the current take. Databases compute the same.
    #[must_use]
    pub fn shown(self) -> Flags {
        self.all().without(self.dismissed)
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
    fn each_flag_has_a_bit_and_a_word_of_its_own() {
        let mut all = Flags::default();
        for flag in Flag::ALL {
            assert!(!all.has(flag), "the bit of `{}` is taken", flag.word());
            all = all.with(flag);
            assert_eq!(flag.word().parse(), Ok(flag));
        }
        assert_eq!(all.bits().count_ones() as usize, Flag::ALL.len());
    }

    /// Databases hold these bits.
    #[test]
    fn the_bits_of_the_first_release_stay() {
        let first = Flag::ALL[..7].iter().map(|flag| flag.bit());
        assert_eq!(first.collect::<Vec<_>>(), [1, 2, 4, 8, 16, 32, 64]);
        assert_eq!(Flag::Borrowed.bit(), 1_048_576);
    }

    #[test]
    fn a_dismissed_flag_is_not_shown_whatever_it_comes_from() {
        let set = |flag| Flags::default().with(flag);
        let take = TakeFlags {
            own: set(Flag::Loop).with(Flag::Abrupt),
            review: set(Flag::Alike),
            dismissed: set(Flag::Loop).with(Flag::Stale),
            is_stale: true,
        };
        assert_eq!(take.shown().words(), ["abrupt", "alike"]);
        assert_eq!(take.all().words(), ["abrupt", "stale", "loop", "alike"]);
    }

    #[test]
    fn flags_of_words_need_neither_the_cast_nor_the_transport() {
        let of_words = Flag::ALL.into_iter().filter(|flag| flag.is_of_words());
        let words: Vec<&str> = of_words.map(Flag::word).collect();
        assert_eq!(words.len(), 10);
        assert_eq!((words[0], words[9]), ("refusal", "loop"));
    }

    #[test]
    fn a_word_that_is_no_flag_is_answered_with_all_of_them() {
        let words = "sad".parse::<Flag>().map_err(|err| err.to_string());
        let words = words.expect_err("no flag");
        assert!(
            words.contains("`stale`") && words.ends_with("`borrowed`"),
            "{words}"
        );
    }

    #[test]
    fn a_set_is_written_with_the_names_of_its_flags_and_read_from_them() {
        // Not all of two million sets, but each flag in many of them.
        for bits in (0..1 << Flag::ALL.len()).step_by(997) {
            let set = Flags::from_bits(bits);
            assert_eq!(Flags::of(&set.words()), Some(set));
        }
        let two = Flags::default().with(Flag::Stale).with(Flag::BadUtf8);
        let json = serde_json::to_string(&two).expect("JSON");
        assert_eq!(json, r#"["bad_utf8","stale"]"#);
        assert_eq!(Flags::of(&["stale", "unheard_of"]), None);
    }
}
