//! The keys under which the names of a cast are looked up, and the words of a row.
//!
//! A key is made of the stems of all words of a name, in order, so it is the same for every case form. The first key says in
//! which way the name is written; a key of one way is never equal to one of another.

use super::forms::Family;
use crate::review::fold::{folded, is_unspaced};
use crate::review::name::Name;
use crate::review::reading::{Reading, joined, key_of};

/// The longest name that is looked up, in words; of a longer one its first words.
pub(super) const WORDS_MAX: usize = 6;
/// A name of one word has so many letters at least.
const SINGLE_LETTERS_MIN: usize = 4;
/// A name in a script without spaces has so many letters at least.
const UNSPACED_MIN: usize = 3;

/// How a name is written in full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Full,
    Initial,
    Single,
}

/// The first key of a way.
pub(super) fn seed(way: Way) -> u64 {
    match way {
        Way::Full => 1,
        Way::Initial => 2,
        Way::Single => 3,
    }
}

/// The keys under which a name is looked up.
pub(super) fn keys(name: &str) -> Vec<u64> {
    let Name { words, initials } = Name::of(name);
    let mut keys = Vec::new();
    for family in Family::for_name(words.first().map_or("", String::as_str)) {
        let stems: Vec<u64> = words.iter().flat_map(|word| parts(word, *family)).collect();
        let stems = &stems[..stems.len().min(WORDS_MAX)];
        let is_unspaced = words.iter().any(|word| word.chars().any(is_unspaced));
        match stems {
            [] => {}
            _ if is_unspaced && stems.len() < UNSPACED_MIN => {}
            [single] => {
                let letters = words.first().map_or(0, |word| word.chars().count());
                let is_hangul = *family == Family::Korean && letters >= UNSPACED_MIN;
                if letters >= SINGLE_LETTERS_MIN || is_hangul {
                    keys.push(joined(seed(Way::Single), *single));
                }
                if let Some(initial) = initials.first() {
                    let letter = key_of(&initial.to_string());
                    keys.push(joined(joined(seed(Way::Initial), letter), *single));
                }
            }
            [.., last] => {
                keys.push(
                    stems
                        .iter()
                        .fold(seed(Way::Full), |key, stem| joined(key, *stem)),
                );
                let initial = words
                    .first()
                    .and_then(|word| word.chars().next())
                    .filter(|_| !is_unspaced);
                if let Some(initial) = initial {
                    let letter = key_of(&initial.to_string());
                    keys.push(joined(joined(seed(Way::Initial), letter), *last));
                }
                // `Vale, Mira`: the family name stands first.
                if name.contains(',') {
                    let turned = stems[1..].iter().chain(&stems[..1]);
                    keys.push(turned.fold(seed(Way::Full), |key, stem| joined(key, *stem)));
                }
            }
        }
    }
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// The keys of a word of a name: of its stem, or in a script without spaces of each letter.
fn parts(word: &str, family: Family) -> Vec<u64> {
    if word.chars().any(is_unspaced) {
        word.chars().map(|c| key_of(&c.to_string())).collect()
    } else {
        vec![key_of(family.stem(word))]
    }
}

/// The words of a row, also without their last letters, since they may be case forms.
pub(super) fn row_keys(row: &Reading<'_>) -> Vec<u64> {
    let mut keys = Vec::with_capacity(row.words.len() * 2);
    for word in &row.words {
        keys.push(word.key);
        if word.place.is_capital {
            let mut written = folded(row.written(word));
            for _ in 0..2 {
                written.pop();
                if written.chars().count() >= 3 {
                    keys.push(key_of(&written));
                }
            }
        }
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_a_key_for_each_way_to_write_it() {
        let has = |name: &str, way: Way, words: &[&str]| {
            let key = words
                .iter()
                .fold(seed(way), |key, word| joined(key, key_of(word)));
            keys(name).contains(&key)
        };
        assert!(has("Dr. Mira van der Vale", Way::Full, &["mira", "vale"]));
        assert!(has("Mira Vale", Way::Initial, &["m", "vale"]));
        assert!(has("Vale, Mira", Way::Full, &["mira", "vale"]));
        assert!(has("Jasper", Way::Single, &["jasper"]));
        assert!(
            !has("Ann", Way::Single, &["ann"]),
            "too short to be certain"
        );
        assert!(has("Анна Каренина", Way::Full, &["анн", "каренин"]));
        assert!(has("田中太郎", Way::Full, &["田", "中", "太", "郎"]));
        assert_eq!(keys(""), [0; 0]);
    }
}
