//! The words of a character's name, without what is no name: titles, particles, single letters.
//!
//! `Dr. Åsa van der Berg-Lund ("Bess")` has the words `asa`, `berg`, `lund` and `bess`. If nothing else is left, titles count, so
//! that `The Captain` has a name. Nothing here compares; see [`super::unnamed`] and [`super::cast`].

use super::fold::{folded, is_unspaced, is_word};

/// Words before or behind a name that are none, without case and accents.
const TITLES: &[&str] = &[
    "mr",
    "mrs",
    "ms",
    "miss",
    "mx",
    "dr",
    "prof",
    "professor",
    "doctor",
    "sir",
    "dame",
    "lady",
    "lord",
    "king",
    "queen",
    "prince",
    "princess",
    "duke",
    "duchess",
    "count",
    "countess",
    "baron",
    "baroness",
    "captain",
    "capt",
    "commander",
    "colonel",
    "general",
    "major",
    "lieutenant",
    "lt",
    "sergeant",
    "sgt",
    "private",
    "corporal",
    "admiral",
    "father",
    "mother",
    "brother",
    "sister",
    "saint",
    "st",
    "rev",
    "reverend",
    "uncle",
    "aunt",
    "old",
    "young",
    "jr",
    "sr",
    "ii",
    "iii",
    "iv",
    "esq",
    "phd",
    "md",
    "herr",
    "frau",
    "fraulein",
    "doktor",
    "monsieur",
    "madame",
    "mademoiselle",
    "mme",
    "mlle",
    "senor",
    "senora",
    "senorita",
    "don",
    "dona",
    "signor",
    "signora",
    "senhor",
    "senhora",
    "pan",
    "pani",
    "господин",
    "госпожа",
    "доктор",
    "капитан",
    "профессор",
    "г",
    "д",
];
/// Small words within a name, without case and accents.
const PARTICLES: &[&str] = &[
    "the", "a", "an", "of", "and", "von", "van", "der", "den", "de", "del", "della", "di", "da",
    "do", "dos", "das", "du", "la", "le", "les", "el", "al", "bin", "ibn", "bint", "ben", "zu",
    "zum", "und", "y", "e", "et", "af", "av", "in", "from", "with", "who", "for", "no",
];

/// The words of a name, folded, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Name {
    /// Its words. In a script without spaces a word is all letters between spaces and points.
    pub(super) words: Vec<String>,
    /// The first letters that stand for a word, each with the number of words before it: `J. R. Hartley`.
    pub(super) initials: Vec<char>,
}

impl Name {
    /// The words of `name`.
    pub(super) fn of(name: &str) -> Self {
        let all: Vec<String> = pieces(name).iter().map(|piece| folded(piece)).collect();
        let is_small = |word: &String| PARTICLES.contains(&word.as_str());
        let is_title = |word: &String| TITLES.contains(&word.as_str());
        let is_initial = |word: &String| {
            let mut letters = word.chars();
            let first = letters.next();
            first.is_some_and(|c| c.is_alphabetic() && !is_unspaced(c)) && letters.next().is_none()
        };
        let initials = all
            .iter()
            .filter(|word| is_initial(word))
            .filter_map(|word| word.chars().next());
        let initials: Vec<char> = initials.collect();
        let keep = |keep: &dyn Fn(&String) -> bool| -> Vec<String> {
            all.iter().filter(|word| keep(word)).cloned().collect()
        };
        let mut words = keep(&|word| !is_small(word) && !is_title(word) && !is_initial(word));
        if words.iter().all(|word| word.chars().all(char::is_numeric)) {
            words = keep(&|word| !is_small(word) && !is_initial(word));
        }
        if words.is_empty() {
            words = keep(&|_| true);
        }
        Self { words, initials }
    }
}

/// The words as they are written: `MiraVale`, `guard_captain` and `Jean-Luc` have two.
fn pieces(name: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let (mut start, mut before) = (None, None);
    for (at, c) in name.char_indices() {
        let begins_hump = before.is_some_and(char::is_lowercase) && c.is_uppercase();
        let is_inside = is_word(c);
        if let Some(begun) = start.filter(|_| !is_inside || begins_hump) {
            pieces.push(&name[begun..at]);
            start = None;
        }
        if is_inside && start.is_none() {
            start = Some(at);
        }
        before = Some(c);
    }
    pieces.extend(start.map(|begun| &name[begun..]));
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_the_words_that_name_it() {
        for (name, words) in [
            ("Dr. Åsa van der Berg-Lund (\"Bess\")", "asa berg lund bess"),
            ("Mindy", "mindy"),
            ("The Captain", "captain"),
            ("Captain Mira Vale, Esq.", "mira vale"),
            ("guard_captain", "guard"),
            ("MiraVale2", "mira vale2"),
            ("J. R. Hartley", "hartley"),
            ("O'Brien", "brien"),
            ("Unit 7", "unit 7"),
            ("Sister 9", "sister 9"),
            ("X", "x"),
            ("田中 太郎", "田中 太郎"),
            ("Анна Каренина", "анна каренина"),
            ("!!", ""),
        ] {
            assert_eq!(Name::of(name).words.join(" "), words, "{name}");
        }
        assert_eq!(Name::of("J. R. Hartley").initials, ['j', 'r']);
    }
}
