//! The words that a user typed, as a query for the index: never the syntax of the index.
//!
//! Each word must occur, or be the start of a word that occurs. Case and accents are ignored.

/// Whether `words` contains a letter of such a script.
pub(in crate::store) fn is_unspaced(words: &str) -> bool {
    words.chars().any(|c| {
        matches!(c, '\u{0E00}'..='\u{0EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}' | '\u{3040}'..='\u{30FF}'
            | '\u{3130}'..='\u{318F}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7AF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{323AF}')
    })
}

/// The query for the index; `None` when `words` has no letter and no digit.
pub(in crate::store) fn expression(words: &str) -> Option<String> {
    let each: Vec<String> = alternatives(words)
        .iter()
        .map(|spelled| {
            // A whole word ranks before the start of a longer word.
            let either: Vec<String> = spelled
                .iter()
                .map(|word| format!("\"{word}\" OR \"{word}\" *"))
                .collect();
            format!("({})", either.join(" OR "))
        })
        .collect();
    (!each.is_empty()).then(|| each.join(" AND "))
}

/// The words to search for, each with its other spellings. One spelling of every word must occur.
pub(in crate::store) fn alternatives(words: &str) -> Vec<Vec<String>> {
    words
        .split_whitespace()
        .filter(|word| word.chars().any(char::is_alphanumeric))
        .map(|word| spellings(&word.replace(['"', '\0'], " ")))
        .collect()
}

/// Pairs of what people type and the letter that they may mean. The index does not treat these letters as accented forms.
const LETTERS: [(&str, &str); 12] = [
    ("е", "ё"),
    ("и", "й"),
    ("ا", "أ"),
    ("l", "ł"),
    ("o", "ø"),
    ("d", "đ"),
    ("d", "ð"),
    ("i", "ı"),
    ("ae", "æ"),
    ("oe", "œ"),
    ("ss", "ß"),
    ("th", "þ"),
];

/// The most spellings of a word that are searched for.
const SPELLINGS_MAX: usize = 24;

/// A word and its other spellings, for users whose keyboard lacks a letter: `lukasz` also finds `łukasz`.
fn spellings(word: &str) -> Vec<String> {
    let low = word.to_lowercase();
    let mut spellings = vec![word.to_owned()];
    spellings.extend(greek(&low));
    for (typed, meant) in LETTERS {
        let places: Vec<usize> = low.match_indices(typed).map(|(at, _)| at).collect();
        for at in &places {
            let behind = &low[at + typed.len()..];
            spellings.push(format!("{}{meant}{behind}", &low[..*at]));
        }
        if places.len() > 1 {
            spellings.push(low.replace(typed, meant));
        }
    }
    spellings.truncate(SPELLINGS_MAX);
    spellings
}

/// The Greek vowels without and with an accent. The index treats the two as different letters.
const GREEK: [(char, char); 7] = [
    ('α', 'ά'),
    ('ε', 'έ'),
    ('η', 'ή'),
    ('ι', 'ί'),
    ('ο', 'ό'),
    ('υ', 'ύ'),
    ('ω', 'ώ'),
];

/// The spellings of a Greek word in lower case: with the accent on each of its vowels, and without it. Empty for other words.
fn greek(low: &str) -> Vec<String> {
    let plain = |char| {
        GREEK
            .iter()
            .find(|(_, accented)| *accented == char)
            .map_or(char, |(plain, _)| *plain)
    };
    let word: Vec<char> = low.chars().map(plain).collect();
    let accented = word.iter().enumerate().filter_map(|(at, char)| {
        let (_, accented) = GREEK.iter().find(|(plain, _)| plain == char)?;
        let letters = word
            .iter()
            .enumerate()
            .map(|(other, char)| if other == at { accented } else { char });
        Some(letters.collect())
    });
    let mut spellings: Vec<String> = accented.collect();
    if !spellings.is_empty() {
        spellings.push(word.iter().collect());
    }
    spellings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_input_is_words_and_never_query_syntax() {
        for (typed, expected) in [
            ("xyz", "(\"xyz\" OR \"xyz\" *)"),
            ("AN a*", "(\"AN\" OR \"AN\" *) AND (\"a*\" OR \"a*\" *)"),
            ("say \"x", "(\"say\" OR \"say\" *) AND (\" x\" OR \" x\" *)"),
        ] {
            assert_eq!(expression(typed).as_deref(), Some(expected));
        }
        for nothing in ["", "  ", "* - \" ()", "\u{1b}"] {
            assert_eq!(expression(nothing), None, "{nothing:?}");
        }
    }

    #[test]
    fn a_word_is_found_without_its_strokes_and_ligatures() {
        for (typed, meant) in [
            ("Lukasz", "łukasz"),
            ("dorde", "đorđe"),
            ("soren", "søren"),
            ("strasse", "straße"),
        ] {
            assert!(spellings(typed).contains(&meant.to_owned()), "{meant}");
        }
        assert!(spellings(&"lo".repeat(500)).len() <= SPELLINGS_MAX);
    }
}
