//! Names that several stories have and no row of theirs: places, relatives and taverns that the model likes.
//!
//! A name is one capitalised word, or several, within a sentence. In German, where all nouns have a capital letter, only several
//! words in a row count. Scripts without capital letters have no such names. Rare ones are forgotten when there are more than
//! [`NAMES_MAX`], so of a very large cast only names of many stories are certain to be counted.

use super::{Member, REMARKS_MAX, borrowed};
use crate::review::reading::{Word, bytes, key_of};
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// The most names that are remembered.
const NAMES_MAX: usize = 200_000;
/// A name in fewer stories is not reported.
const STORIES_MIN: u32 = 3;
/// The most words of a name.
const WORDS_MAX: usize = 4;
/// Capitalised words that name nothing of a story.
const ORDINARY: &[&str] = &[
    "i",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "english",
    "french",
    "german",
    "latin",
    "god",
    "mr",
    "mrs",
    "dr",
    "sir",
    "lord",
    "lady",
    "king",
    "queen",
    "captain",
    "mother",
    "father",
    "christmas",
    "ok",
];

static KEYS: LazyLock<HashSet<u64>> =
    LazyLock::new(|| ORDINARY.iter().map(|word| key_of(word)).collect());

/// The names so far.
#[derive(Debug, Default)]
pub(super) struct Invented {
    stories: HashMap<Box<str>, u32>,
}

impl Invented {
    /// Counts the names of a story. `known` has the words of its name and row.
    pub(super) fn add(&mut self, member: &Member<'_>, known: &HashSet<u64>) {
        let words_min = if member.tongue.is_none_or(super::Tongue::marks_names) {
            1
        } else {
            2
        };
        let mut seen: HashSet<&str> = HashSet::new();
        for words in rows(member) {
            let is_known = |word: &Word| known.contains(&word.key);
            if words.len() < words_min || words.len() > WORDS_MAX || words.iter().any(is_known) {
                continue;
            }
            let name =
                &member.reading.text[bytes(&words[0]).start..bytes(&words[words.len() - 1]).end];
            if seen.insert(name) {
                match self.stories.get_mut(name) {
                    Some(many) => *many += 1,
                    None => {
                        self.stories.insert(name.into(), 1);
                    }
                }
            }
        }
        // The least frequent go first, until there is room.
        let mut least = 1;
        while self.stories.len() > NAMES_MAX {
            self.stories.retain(|_, many| *many > least);
            least += 1;
        }
    }

    /// The names of most stories.
    pub(super) fn most(self, names: &borrowed::Index) -> Vec<(String, usize)> {
        let is_told = |(name, many): &(Box<str>, u32)| *many >= STORIES_MIN && !names.is_name(name);
        let mut most: Vec<(Box<str>, u32)> = self.stories.into_iter().filter(is_told).collect();
        most.sort_unstable_by(|a, b| (b.1, &a.0).cmp(&(a.1, &b.0)));
        most.truncate(REMARKS_MAX);
        let of = |(name, many): (Box<str>, u32)| {
            (name.into(), usize::try_from(many).unwrap_or(usize::MAX))
        };
        most.into_iter().map(of).collect()
    }
}

/// The capitalised words in a row within a sentence.
fn rows<'a>(member: &'a Member<'_>) -> impl Iterator<Item = &'a [Word]> {
    let words = &member.reading.words;
    let is_name =
        |word: &Word| word.place.is_capital && !word.place.begins && !KEYS.contains(&word.key);
    let text = member.reading.text;
    let belong = move |a: &Word, b: &Word| {
        let between = &text[bytes(a).end..bytes(b).start];
        matches!(between, " " | "-" | "'" | "’")
    };
    words
        .chunk_by(move |a, b| {
            !a.place.begins
                && a.place.is_capital
                && b.place.is_capital
                && !b.place.begins
                && belong(a, b)
        })
        .filter(move |row| row.iter().all(&is_name))
}
