//! A text cut into words, once for all rules.
//!
//! Each word knows its place, a key that is equal for equal words in any case and with or without accents, whether it stands in
//! quotation marks, and whether it begins a sentence. In scripts without spaces each letter is a word of half the weight. Nothing
//! here judges the text.

use super::fold::{fold, is_unspaced, is_word};
use super::quotes::Quotes;
use std::ops::Range;

/// The weight of a word between spaces. A letter of a script without spaces has half of it.
pub(super) const WORD: usize = 2;

/// A word of a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Word {
    /// Its first byte.
    pub(super) start: u32,
    /// The byte behind it.
    pub(super) end: u32,
    /// The hash of its folded letters.
    pub(super) key: u64,
    /// [`WORD`], or half of it.
    pub(super) weight: u8,
    /// What is known about its place.
    pub(super) place: Place,
}

/// Where a word stands.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Place {
    /// It is the first of its sentence or line.
    pub(super) begins: bool,
    /// It is in quotation marks.
    pub(super) is_quoted: bool,
    /// It begins with a capital letter.
    pub(super) is_capital: bool,
}

/// A text and its words.
#[derive(Debug)]
pub(super) struct Reading<'a> {
    pub(super) text: &'a str,
    pub(super) words: Vec<Word>,
}

impl<'a> Reading<'a> {
    /// Reads `text`. Of a text over 4 GiB only the beginning is read.
    pub(super) fn of(text: &'a str) -> Self {
        let mut words = Vec::with_capacity(text.len() / 5);
        let mut quotes = Quotes::new(text);
        let mut begins = true;
        let mut chars = text.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            let is_quoted = quotes.step(at, c);
            if !is_word(c) {
                begins |= ends_sentence(c);
                continue;
            }
            let mut key = Key::new();
            fold(c, |c| key.push(c));
            let mut end = at + c.len_utf8();
            let weight = if is_unspaced(c) { WORD / 2 } else { WORD };
            while let Some(&(next, c)) = chars.peek().filter(|_| weight == WORD) {
                if !is_word(c) || is_unspaced(c) {
                    break;
                }
                quotes.step(next, c);
                fold(c, |c| key.push(c));
                end = next + c.len_utf8();
                chars.next();
            }
            let (Ok(start), Ok(end)) = (u32::try_from(at), u32::try_from(end)) else {
                break;
            };
            words.push(Word {
                start,
                end,
                key: key.finish(),
                weight: if weight == WORD { 2 } else { 1 },
                place: Place {
                    begins: std::mem::take(&mut begins),
                    is_quoted,
                    is_capital: c.is_uppercase(),
                },
            });
        }
        Self { text, words }
    }

    /// The length of the text in words; two letters of a script without spaces count as one.
    pub(super) fn length(&self) -> usize {
        weight(&self.words) / WORD
    }

    /// A word as it is written.
    pub(super) fn written(&self, word: &Word) -> &'a str {
        &self.text[bytes(word)]
    }

    /// The text from the first to the last of `words`.
    pub(super) fn span(words: &[Word]) -> Range<usize> {
        match (words.first(), words.last()) {
            (Some(first), Some(last)) => bytes(first).start..bytes(last).end,
            _ => 0..0,
        }
    }
}

/// The weight of all `words`.
pub(super) fn weight(words: &[Word]) -> usize {
    words.iter().map(|word| usize::from(word.weight)).sum()
}

/// Where a word stands in the text, in bytes.
pub(super) fn bytes(word: &Word) -> Range<usize> {
    let index = |at: u32| usize::try_from(at).unwrap_or(usize::MAX);
    index(word.start)..index(word.end)
}

/// The key of a folded word.
pub(super) fn key_of(word: &str) -> u64 {
    let mut key = Key::new();
    word.chars().for_each(|c| fold(c, |c| key.push(c)));
    key.finish()
}

/// One key for two in this order.
pub(super) fn joined(first: u64, second: u64) -> u64 {
    mixed(first.rotate_left(5) ^ second.wrapping_mul(0x9E37_79B9_7F4A_7C15))
}

/// Spreads the bits of a key (the finisher of `SplitMix64`).
pub(super) fn mixed(key: u64) -> u64 {
    let key = (key ^ (key >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let key = (key ^ (key >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    key ^ (key >> 31)
}

/// FNV-1a over the letters of a word, with its bits spread.
struct Key(u64);

impl Key {
    fn new() -> Self {
        Self(0xCBF2_9CE4_8422_2325)
    }

    fn push(&mut self, c: char) {
        self.0 = (self.0 ^ u64::from(u32::from(c))).wrapping_mul(0x0100_0000_01B3);
    }

    fn finish(self) -> u64 {
        mixed(self.0)
    }
}

/// Whether a sentence or a line ends here, or a quotation begins.
fn ends_sentence(c: char) -> bool {
    matches!(
        c,
        '.' | '!'
            | '?'
            | '…'
            | ':'
            | '\n'
            | '"'
            | '“'
            | '„'
            | '«'
            | '»'
            | '。'
            | '！'
            | '？'
            | '।'
            | '؟'
            | '۔'
            | '—'
            | '*'
            | '#'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<&str> {
        let reading = Reading::of(text);
        reading
            .words
            .iter()
            .map(|word| reading.written(word))
            .collect()
    }

    #[test]
    fn words_are_found_in_every_script() {
        assert_eq!(
            words("Mindy's oven; Jean-Luc."),
            ["Mindy", "s", "oven", "Jean", "Luc"]
        );
        assert_eq!(words("田中さん"), ["田", "中", "さ", "ん"]);
        assert_eq!(words("हिन्दी में"), ["हिन्दी", "में"]);
        assert_eq!(words(" … "), [""; 0]);
        assert_eq!(Reading::of("彼女は去った Ada").length(), 4);
    }

    #[test]
    fn equal_words_have_equal_keys_in_any_case() {
        let keys = |text: &str| -> Vec<u64> {
            Reading::of(text)
                .words
                .iter()
                .map(|word| word.key)
                .collect()
        };
        assert_eq!(keys("Élodie MÜLLER"), keys("elodie müller"));
        assert_eq!(keys("Straße"), [key_of("strasse")]);
        assert_ne!(keys("ab"), keys("ba"));
        assert_ne!(joined(1, 2), joined(2, 1));
    }

    #[test]
    fn a_word_knows_its_place() {
        let reading = Reading::of("Ada left. \"I stay,\" said Eve\nThen rain");
        let having = |has: fn(&Place) -> bool| -> Vec<&str> {
            let words = reading.words.iter().filter(|word| has(&word.place));
            words.map(|word| reading.written(word)).collect()
        };
        assert_eq!(having(|place| place.begins), ["Ada", "I", "said", "Then"]);
        assert_eq!(having(|place| place.is_quoted), ["I", "stay"]);
        assert_eq!(
            having(|place| place.is_capital),
            ["Ada", "I", "Eve", "Then"]
        );
    }
}
