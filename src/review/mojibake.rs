//! `mojibake`: letters that were decoded with the wrong encoding: `Ã¼` for `ü`, `â€™` for `’`, U+FFFD, C1 controls.
//!
//! Letters in a row are encoded again as Windows-1252 or Windows-1251; if that gives UTF-8 with plausible letters, they were
//! UTF-8 that was read wrongly. A Portuguese or French word in capitals before a closing quotation mark can look the same (`IRMÃ”`),
//! so one such pair proves nothing. Encodings other than these two are not tried.

use super::reading::Reading;
use super::{Finding, found};
use crate::domain::flag::Flag;
use encoding_rs::{Encoding, WINDOWS_1251, WINDOWS_1252};
use std::ops::Range;

/// What U+FFFD becomes when it is read as a Chinese encoding.
const REPLACED: &str = "锟斤拷";
/// This many letters of another alphabet in a row prove a wrong encoding.
const LETTERS_MIN: usize = 3;

/// The first letters that are wrong, if there are any.
pub(super) fn find(reading: &Reading) -> Option<Finding> {
    let text = reading.text;
    if text.is_ascii() {
        return None;
    }
    let at = single(text).or_else(|| runs(text).find(|run| is_wrong(text, run)))?;
    Some(found(Flag::Mojibake, text, at))
}

/// A character that no story holds.
fn single(text: &str) -> Option<Range<usize>> {
    let is_wrong = |c: char| c == '\u{fffd}' || (matches!(c, '\u{80}'..='\u{9f}') && c != '\u{85}');
    let found = text.char_indices().find(|(_, c)| is_wrong(*c));
    let replaced = || text.find(REPLACED).map(|at| at..at + REPLACED.len());
    found.map(|(at, c)| at..at + c.len_utf8()).or_else(replaced)
}

/// The rows of letters that are not ASCII.
fn runs(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let start = from + text[from..].find(|c: char| !c.is_ascii())?;
        let end = text[start..]
            .find(|c: char| c.is_ascii())
            .map_or(text.len(), |end| start + end);
        from = end;
        Some(start..end)
    })
}

/// Whether a row of letters is UTF-8 that was read as another encoding.
fn is_wrong(text: &str, run: &Range<usize>) -> bool {
    let letters = &text[run.clone()];
    if letters.chars().nth(1).is_none() {
        return false;
    }
    let western = decoded(letters, WINDOWS_1252).is_some_and(|meant| is_western(text, run, &meant));
    western
        || decoded(letters, WINDOWS_1251)
            .is_some_and(|meant| meant.chars().count() >= LETTERS_MIN && is_plausible(&meant))
}

/// The letters that were meant, if `letters` are UTF-8 read as `encoding`. A letter of the word may stand before them.
fn decoded(letters: &str, encoding: &'static Encoding) -> Option<String> {
    let starts = letters.char_indices().map(|(at, _)| at).take(3);
    starts.into_iter().find_map(|at| {
        let (bytes, _, has_failed) = encoding.encode(&letters[at..]);
        let end = std::str::from_utf8(&bytes).map_or_else(|err| err.valid_up_to(), str::len);
        let meant = String::from_utf8(bytes.get(..end)?.to_vec()).ok()?;
        (!has_failed && !meant.is_empty() && !meant.is_ascii()).then_some(meant)
    })
}

/// Whether `meant` is what a text in Latin letters may hold, or a row of letters of another alphabet.
fn is_western(text: &str, run: &Range<usize>, meant: &str) -> bool {
    let first = meant.chars().next();
    let is_punctuation = |c: char| matches!(c, '\u{2010}'..='\u{2044}' | '€' | '™' | '\u{1f300}'..='\u{1faff}' | '\u{2600}'..='\u{27bf}');
    if first.is_some_and(is_punctuation) {
        return true;
    }
    let is_latin = |c: char| matches!(c, '\u{a0}'..='\u{17f}');
    if meant.chars().all(is_latin) {
        let before = text[..run.start].chars().next_back();
        let behind = text[run.end..].chars().next();
        let is_shouted =
            before.is_some_and(char::is_uppercase) && behind.is_none_or(|c| !c.is_alphanumeric());
        return meant.chars().count() > 1 || !is_shouted;
    }
    meant.chars().count() >= LETTERS_MIN && is_plausible(meant)
}

/// Whether these are mostly letters of one other alphabet.
fn is_plausible(meant: &str) -> bool {
    let is_letter = |c: &char| matches!(c, '\u{370}'..='\u{6ff}' | '\u{900}'..='\u{dff}' | '\u{3000}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | 'À'..='ɏ');
    let letters = meant.chars().filter(is_letter).count();
    letters * 4 >= meant.chars().count() * 3
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_found(text: &str) -> bool {
        find(&Reading::of(text)).is_some()
    }

    #[test]
    fn letters_of_a_wrong_encoding_are_found() {
        for text in [
            "MÃ¼ller went home.",
            "It wasnâ€™t hers.",
            "She said â€œnoâ€\u{9d}.",
            "caf\u{fffd}",
            "a\u{92}b",
            "ÐœÐ¸Ñ€Ð° Ð²Ñ‹Ñ€Ð¾ÑÐ»Ð° Ñƒ Ð¼Ð¾Ñ€Ñ.",
            "РњРёСЂР° РІС‹СЂРѕСЃР»Р°.",
            "He was 锟斤拷.",
            "wait â€” no",
            "una niÃ±a",
        ] {
            assert!(is_found(text), "{text}");
        }
    }

    #[test]
    fn letters_of_other_languages_are_right() {
        for text in [
            "Müller’s café — naïve, Ångström, «Élodie»…",
            "“IRMÔ, gritou. «CAFÉ» NÃO, MÃE!",
            "Мира выросла у моря. Её звали «Мирой».",
            "Ñandú, señor; ¿qué? El Niño…",
            "彼女は「ミラ」と言った。",
            "Nguyễn Thị Ánh Ðặng",
            "Þórður Æsir Øystein",
            "Ⅳ ½ °C ±3 ™ ©",
        ] {
            assert!(!is_found(text), "{text}");
        }
    }
}
