//! `borrowed`: a story names another character in full, and neither row names the other.
//!
//! "In full" means all words of the name in order, without titles and particles, in any case form, with initials or nicknames
//! between them; or the first letter and the last word (`M. Vale`), if only one character has these. A name of one word counts
//! only if it is certain to be a name: with a capital letter within a sentence, not beside another such word, and never in the
//! cast as an ordinary word. Names are looked up by the hash of their words, so it makes no difference how many there are.
//!
//! Two characters know each other if either row has a word of the other's name that is not in both names.

use super::forms::Family;
use super::name_keys::{WORDS_MAX, Way, keys, row_keys, seed};
use super::{CastFinding, Member};
use crate::domain::flag::Flag;
use crate::review::fold::folded;
use crate::review::found;
use crate::review::name::Name;
use crate::review::reading::{Reading, WORD, Word, bytes, joined, key_of};
use std::collections::{HashMap, HashSet};

/// At most this many borrowed names are reported for one story.
const OTHERS_MAX: usize = 5;
/// The bits that remember ordinary words.
const WORD_BITS: usize = 1 << 22;
/// Small words that may stand between the words of a name.
const PARTICLES: &[&str] = &[
    "van", "der", "den", "von", "zu", "de", "del", "della", "di", "da", "do", "dos", "das", "du",
    "la", "le", "las", "los", "el", "al", "bin", "ibn", "bint", "ben", "af", "av",
];

/// The names and rows of a cast, while they are read.
#[derive(Debug)]
pub(super) struct Names {
    people: Vec<Person>,
    by_key: HashMap<u64, Named>,
    ordinary: Vec<u64>,
}

/// What is known of one character.
#[derive(Debug, Clone, Default)]
struct Person {
    /// The words of its name.
    words: Box<[u64]>,
    /// The words of its row, shortened to 32 bits, sorted.
    row: Box<[u32]>,
}

/// The characters with one name.
#[derive(Debug, Clone, Copy)]
struct Named {
    first: u32,
    many: u32,
}

/// The names and rows of a whole cast.
#[derive(Debug)]
pub(super) struct Index {
    names: Names,
    particles: HashSet<u64>,
}

impl Default for Names {
    fn default() -> Self {
        Self {
            people: Vec::new(),
            by_key: HashMap::new(),
            ordinary: vec![0; WORD_BITS / 64],
        }
    }
}

impl Names {
    /// Adds the next character. Returns the keys of its name and its row.
    pub(super) fn add(
        &mut self,
        number: u32,
        name: &str,
        row: &Reading<'_>,
        member: &Member<'_>,
    ) -> HashSet<u64> {
        for key in keys(name) {
            let named = self.by_key.entry(key).or_insert(Named {
                first: number,
                many: 0,
            });
            named.many += 1;
        }
        for word in &member.reading.words {
            let first = member.reading.written(word).chars().next();
            if first.is_some_and(char::is_lowercase) {
                let bit = bit(word.key);
                self.ordinary[bit / 64] |= 1 << (bit % 64);
            }
        }
        let mut known: Vec<u64> = row_keys(row);
        let words: Box<[u64]> = member.own.clone().into();
        let own = Name::of(name).words;
        let mut short: Vec<u32> = known.iter().map(|key| shortened(*key)).collect();
        short.sort_unstable();
        short.dedup();
        self.people.push(Person {
            words,
            row: short.into_boxed_slice(),
        });
        known.extend(own.iter().map(|word| key_of(word)));
        known.into_iter().collect()
    }

    /// All characters were added.
    pub(super) fn index(mut self) -> Index {
        self.people.shrink_to_fit();
        Index {
            names: self,
            particles: PARTICLES.iter().map(|word| key_of(word)).collect(),
        }
    }

    fn is_ordinary(&self, key: u64) -> bool {
        let bit = bit(key);
        self.ordinary[bit / 64] & (1 << (bit % 64)) != 0
    }
}

impl Index {
    /// Whether the words are the full name of a character.
    pub(super) fn is_name(&self, words: &str) -> bool {
        keys(words)
            .iter()
            .any(|key| self.names.by_key.contains_key(key))
    }

    /// What a story borrows.
    pub(super) fn find(&self, number: usize, member: &Member<'_>) -> Vec<CastFinding> {
        let own = self.names.people.get(number).cloned().unwrap_or_default();
        let mut found_others: Vec<CastFinding> = Vec::new();
        for (other, words) in self.named(member) {
            let other_number = usize::try_from(other).unwrap_or(usize::MAX);
            let is_known = found_others
                .iter()
                .any(|known| known.other == Some(other_number));
            if is_known || other_number == number || self.is_own(&own, other_number) {
                continue;
            }
            found_others.push(CastFinding {
                story: number,
                finding: found(
                    Flag::Borrowed,
                    member.reading.text,
                    Reading::span(&member.reading.words[words]),
                ),
                other: Some(other_number),
                similarity: None,
            });
            if found_others.len() == OTHERS_MAX {
                break;
            }
        }
        found_others
    }

    /// Whether the other's name is a part of the own one, or a row names the other.
    fn is_own(&self, own: &Person, other: usize) -> bool {
        let Some(other) = self.names.people.get(other) else {
            return true;
        };
        let names = |row: &[u32], words: &[u64], not: &[u64]| {
            let has =
                |word: &&u64| !not.contains(word) && row.binary_search(&shortened(**word)).is_ok();
            words.iter().any(|word| has(&word))
        };
        other.words.iter().all(|word| own.words.contains(word))
            || names(&own.row, &other.words, &own.words)
            || names(&other.row, &own.words, &other.words)
    }

    /// The characters that are named in a text, with the words.
    fn named(&self, member: &Member<'_>) -> Vec<(u32, std::ops::Range<usize>)> {
        let words = &member.reading.words;
        let stems = stems(member);
        let mut named = Vec::new();
        for start in 0..words.len() {
            if stems[start].is_none() {
                continue;
            }
            let mut key = seed(Way::Full);
            let mut at = start;
            let mut many = 0;
            let mut longest = None;
            while many < WORDS_MAX {
                let Some(stem) = stems[at] else { break };
                key = joined(key, stem);
                many += 1;
                if let Some(named) = self.names.by_key.get(&key).filter(|_| many > 1) {
                    longest = Some((named.first, start..at + 1));
                }
                match self.next(member.reading, &stems, at) {
                    Some(next) => at = next,
                    None => break,
                }
            }
            named.extend(
                longest
                    .or_else(|| self.initial(member.reading, &stems, start))
                    .or_else(|| self.single(member, &stems, start)),
            );
        }
        named
    }

    /// `M. Vale`.
    fn initial(
        &self,
        reading: &Reading<'_>,
        stems: &[Option<u64>],
        start: usize,
    ) -> Option<(u32, std::ops::Range<usize>)> {
        let word = reading.words.get(start)?;
        let next = reading.words.get(start + 1)?;
        let is_initial =
            is_letter(reading, word) && reading.text[bytes(word).end..].starts_with('.');
        let stem = stems
            .get(start + 1)
            .copied()
            .flatten()
            .filter(|_| is_initial && is_near(reading, word, next))?;
        let key = joined(joined(seed(Way::Initial), word.key), stem);
        let named = self
            .names
            .by_key
            .get(&key)
            .filter(|named| named.many == 1)?;
        Some((named.first, start..start + 2))
    }

    /// A name of one word.
    fn single(
        &self,
        member: &Member<'_>,
        stems: &[Option<u64>],
        start: usize,
    ) -> Option<(u32, std::ops::Range<usize>)> {
        let reading = member.reading;
        let word = reading.words.get(start)?;
        let key = joined(seed(Way::Single), stems[start]?);
        let named = self
            .names
            .by_key
            .get(&key)
            .filter(|named| named.many == 1)?;
        let is_cased = word.place.is_capital;
        let is_beside = |other: Option<&Word>| {
            other.is_some_and(|other| {
                let (first, second) = if other.start < word.start {
                    (other, word)
                } else {
                    (word, other)
                };
                other.place.is_capital && !second.place.begins && is_near(reading, first, second)
            })
        };
        let before = start
            .checked_sub(1)
            .and_then(|before| reading.words.get(before));
        let is_alone = !is_beside(before) && !is_beside(reading.words.get(start + 1));
        let is_marked = member.tongue.is_none_or(super::Tongue::marks_names) && !word.place.begins;
        let is_certain = if is_cased {
            is_marked && is_alone
        } else {
            true
        };
        (is_certain && !self.names.is_ordinary(word.key)).then(|| (named.first, start..start + 1))
    }

    /// The next word of a name behind the one at `at`: initials, nicknames and particles may stand between.
    fn next(&self, reading: &Reading<'_>, stems: &[Option<u64>], at: usize) -> Option<usize> {
        let mut at = at;
        // No name has more small words in a row.
        for _ in 0..4 {
            let (word, next) = (reading.words.get(at)?, reading.words.get(at + 1)?);
            if !is_near(reading, word, next) {
                return None;
            }
            at += 1;
            let is_small = is_letter(reading, next) || self.particles.contains(&next.key);
            if !is_small {
                return stems[at].map(|_| at);
            }
        }
        None
    }
}

/// For each word of a text that may belong to a name the key of its stem.
fn stems(member: &Member<'_>) -> Vec<Option<u64>> {
    let reading = member.reading;
    let stem = |word: &Word| {
        let written = reading.written(word);
        if written.starts_with(char::is_lowercase) {
            return None;
        }
        if usize::from(word.weight) < WORD {
            return Some(word.key);
        }
        let family = Family::of(member.tongue, written);
        Some(key_of(family.stem(&folded(written))))
    };
    reading.words.iter().map(stem).collect()
}

/// Whether the word is a single letter, as an initial is.
fn is_letter(reading: &Reading<'_>, word: &Word) -> bool {
    let written = reading.written(word);
    usize::from(word.weight) == WORD && written.chars().nth(1).is_none()
}

/// Whether nothing but what may stand within a name is between two words.
fn is_near(reading: &Reading<'_>, word: &Word, next: &Word) -> bool {
    let between = &reading.text[bytes(word).end..bytes(next).start];
    let ends = between.contains('.') && !is_letter(reading, word);
    !ends
        && between.chars().all(|c| {
            matches!(
                c,
                ' ' | '-' | '.' | '·' | '・' | '\u{a0}' | '\'' | '’' | '‐' | '\n' | '=' | '＝'
            )
        })
}

fn bit(key: u64) -> usize {
    usize::try_from(key % u64::try_from(WORD_BITS).unwrap_or(u64::MAX)).unwrap_or(0)
}

fn shortened(key: u64) -> u32 {
    u32::try_from(key >> 32).unwrap_or_default()
}
