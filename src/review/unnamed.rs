//! `unnamed`: no word of the character's name is in the text, in any case form.
//!
//! A case form begins like the name: `Annas`, `Анной`, `Mikon` for Mikko, `Ayşe'nin`. Up to [`ENDING_MAX`] letters may follow.
//! The last two letters of a longer name may change. Where a script has capital letters, a form begins with one. Titles and particles are
//! no part of a name. If the text is in another script than the name, the rule finds nothing, because the name may be written in other
//! letters. Nicknames that the row does not have are not known.

use super::Finding;
use super::fold::{is_unspaced, is_word};
use super::name::Name;
use super::reading::{Reading, bytes, key_of};
use crate::domain::flag::Flag;
use std::collections::HashSet;

/// An ending has at most this many letters.
const ENDING_MAX: usize = 5;
/// A name with this many letters or more may change its last two.
const CHANGING_MIN: usize = 5;
/// A name with this many letters or more may have an ending.
const STEM_MIN: usize = 3;

/// The finding, if the name is missing. It points at the beginning of the text.
pub(super) fn find(reading: &Reading, name: &str) -> Option<Finding> {
    let words = Name::of(name).words;
    let letters = |word: &&String| word.chars().any(char::is_alphanumeric);
    let words: Vec<&String> = words.iter().filter(letters).collect();
    let is_named = words.is_empty()
        || reading.words.is_empty()
        || stands_in(reading.text, name.trim())
        || words.iter().any(|word| is_in(reading, word))
        || words.iter().all(|word| !shares_script(reading.text, word));
    (!is_named).then(|| Finding {
        flag: Flag::Unnamed,
        detail: name.to_owned(),
        at: 0..0,
    })
}

/// Whether the name stands in the text as it is, whatever signs it has.
fn stands_in(text: &str, name: &str) -> bool {
    let is_apart = |(at, name): (usize, &str)| {
        let before = text[..at].chars().next_back();
        let behind = text[at + name.len()..].chars().next();
        [before, behind].into_iter().flatten().all(|c| !is_word(c))
    };
    text.match_indices(name).any(is_apart)
}

/// Whether a word of the name is in the text.
fn is_in(reading: &Reading, name: &str) -> bool {
    if name.chars().any(is_unspaced) {
        return reading.text.contains(name) || has_part(reading.text, name);
    }
    let is_hangul = |c: char| matches!(c, '\u{ac00}'..='\u{d7a3}');
    if name.chars().all(is_hangul)
        && let Some((at, _)) = name.char_indices().nth(1)
        && name.chars().nth(2).is_some()
        && reading
            .words
            .iter()
            .any(|word| reading.written(word).starts_with(&name[at..]))
    {
        // The family name is the first syllable, and mostly left out.
        return true;
    }
    let key = key_of(name);
    if reading.words.iter().any(|word| word.key == key) {
        return true;
    }
    let mut tried = HashSet::new();
    let first = name.chars().next();
    reading.words.iter().any(|word| {
        let written = &reading.text[bytes(word)];
        // Most words differ in their first letter; the rest is folded once.
        let mut letter = None;
        if let Some(c) = written.chars().next() {
            super::fold::fold(c, |c| letter = letter.or(Some(c)));
        }
        let may_be_form = word.place.is_capital || !written.chars().any(char::is_lowercase);
        may_be_form
            && letter == first
            && tried.insert(word.key)
            && is_form(&super::fold::folded(written), name)
    })
}

/// Whether `word` is a case form of `name`; both are folded.
pub(super) fn is_form(word: &str, name: &str) -> bool {
    let letters = name.chars().count();
    let common = word
        .chars()
        .zip(name.chars())
        .take_while(|(a, b)| a == b)
        .count();
    let behind = word.chars().count() - common;
    let is_korean = name.chars().any(|c| matches!(c, '\u{ac00}'..='\u{d7a3}'));
    if common == letters {
        return behind == 0 || (behind <= ENDING_MAX && (letters >= STEM_MIN || is_korean));
    }
    letters >= CHANGING_MIN && common + 2 >= letters && behind <= 4
        || letters == CHANGING_MIN - 1 && common + 1 == letters && behind <= 3
        || letters == STEM_MIN && common + 1 == letters && behind <= 3 && !word.is_ascii()
}

/// Whether a family name or a given name is in the text: of three letters or more the first two or the last two.
fn has_part(text: &str, name: &str) -> bool {
    let letters: Vec<char> = name.chars().collect();
    let part = |part: &[char]| text.contains(&part.iter().collect::<String>());
    letters.len() > 2 && (part(&letters[..2]) || part(&letters[letters.len() - 2..]))
}

/// Whether the text has a fair share of letters of the script that the name begins in.
fn shares_script(text: &str, name: &str) -> bool {
    let Some(wanted) = name.chars().find(|c| c.is_alphanumeric()).map(script) else {
        return true;
    };
    let letters = text.chars().filter(|c| c.is_alphabetic());
    let (mut same, mut all) = (0, 0);
    for letter in letters {
        all += 1;
        same += usize::from(script(letter) == wanted);
    }
    wanted == Script::Number || same * 5 >= all
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Script {
    Number,
    Latin,
    Greek,
    Cyrillic,
    Hebrew,
    Arabic,
    Indian,
    EastAsian,
    Hangul,
    Other,
}

fn script(c: char) -> Script {
    match c {
        '0'..='9' => Script::Number,
        'a'..='z' | 'A'..='Z' | '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' => Script::Latin,
        '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}' => Script::Greek,
        '\u{400}'..='\u{52f}' => Script::Cyrillic,
        '\u{590}'..='\u{5ff}' => Script::Hebrew,
        '\u{600}'..='\u{6ff}' => Script::Arabic,
        '\u{900}'..='\u{dff}' => Script::Indian,
        '\u{ac00}'..='\u{d7a3}' => Script::Hangul,
        c if is_unspaced(c) => Script::EastAsian,
        _ => Script::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_found(name: &str, text: &str) -> bool {
        find(&Reading::of(text), name).is_some()
    }

    #[test]
    fn a_missing_name_is_found() {
        for (name, text) in [
            ("Mindy", "She grew up in Ghent and sold bells."),
            (
                "Captain Mira Vale",
                "The captain was a vain woman. Her miracle came late.",
            ),
            ("Jo", "Joking was all she did."),
            ("田中太郎", "彼は海へ行った。"),
            ("Анна", "Она выросла у моря."),
            ("Hope", "She hoped. The hops grew there."),
        ] {
            assert!(is_found(name, text), "{name}: {text}");
        }
    }

    #[test]
    fn every_form_of_a_name_counts() {
        for (name, text) in [
            ("Mindy Hollis", "Hollis sold bells."),
            ("\u{1b}[31mRed\u{202e}", "So \u{1b}[31mRed\u{202e} left."),
            ("(7-of-9)", "They called her (7-of-9)."),
            ("MINDY", "mindy’s bells"),
            ("Åsa", "Asas bror"),
            ("Анна", "Мать звала её с Анной."),
            ("Пётр", "Они ждали Петра."),
            ("Ольга", "Они ждали Ольгу."),
            ("Marek", "Spotkała się z Markiem."),
            ("Mikko", "Mikon veli"),
            ("Ayşe", "Ayşe'nin evi"),
            ("Péter", "Péternek volt egy háza."),
            ("田中 太郎", "田中は海へ行った。"),
            ("田中太郎", "太郎は海へ行った。"),
            ("김민수", "김민수는 바다로 갔다."),
            ("The Captain", "Nobody knew the captain."),
            ("!!", "She left."),
            ("Yuki", "彼女は海へ行った。"),
            ("Мира", "She grew up in Ghent."),
            ("Unit 7", "They called it Seven, or the unit."),
        ] {
            assert!(!is_found(name, text), "{name}: {text}");
        }
    }
}
