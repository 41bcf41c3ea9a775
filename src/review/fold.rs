//! Letters without case and accents, so that words and phrases compare equal however they are written.
//!
//! Latin, Greek and Cyrillic letters lose their accents (`É` is `e`, `ё` is `е`). Other scripts keep all their marks, because a
//! mark is a vowel there. Nothing here knows words; see [`super::reading`].

use icu_normalizer::properties::{
    CanonicalDecomposition, CanonicalDecompositionBorrowed, Decomposed,
};

/// Calls `out` with each letter of `c`, folded: none for a combining accent, two for `ß` and `æ`.
pub(super) fn fold(c: char, mut out: impl FnMut(char)) {
    if c.is_ascii() {
        out(c.to_ascii_lowercase());
        return;
    }
    match c {
        '\u{300}'..='\u{36f}' | '\u{64b}'..='\u{652}' | '\u{200c}' | '\u{200d}' => {}
        'ß' => "ss".chars().for_each(out),
        'æ' | 'Æ' => "ae".chars().for_each(out),
        'œ' | 'Œ' => "oe".chars().for_each(out),
        'ø' | 'Ø' => out('o'),
        'ł' | 'Ł' => out('l'),
        'đ' | 'Đ' | 'ð' | 'Ð' => out('d'),
        'ı' | 'İ' => out('i'),
        '’' | 'ʼ' | '＇' | '‘' => out('\''),
        _ => c.to_lowercase().for_each(|c| out(base(c))),
    }
}

/// The letter without its accents.
fn base(c: char) -> char {
    const TABLE: CanonicalDecompositionBorrowed<'static> = CanonicalDecomposition::new();
    let has_accents =
        matches!(c, '\u{c0}'..='\u{24f}' | '\u{370}'..='\u{52f}' | '\u{1e00}'..='\u{1fff}');
    if !has_accents {
        return c;
    }
    match TABLE.decompose(c) {
        Decomposed::Default => c,
        Decomposed::Singleton(single) => single,
        Decomposed::Expansion(letter, _) => base(letter),
    }
}

/// Whether `c` belongs to a script that writes no spaces between words: each letter then counts as a word.
pub(super) fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}' | '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}'
        | '\u{1780}'..='\u{17ff}')
}

/// Whether `c` is part of a word. Vowel signs of the Indian scripts are, although some are not letters.
pub(super) fn is_word(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric();
    }
    let is_mark =
        matches!(c, '\u{300}'..='\u{36f}' | '\u{900}'..='\u{dff}' | '\u{200c}' | '\u{200d}');
    // The end of a sentence stands among the letters.
    (c.is_alphanumeric() || is_mark) && !matches!(c, '।' | '॥')
}

/// `text`, folded.
pub(super) fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.chars() {
        fold(c, |c| folded.push(c));
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_accents_are_no_difference() {
        for (text, expected) in [
            ("Åsa ÉLODIE", "asa elodie"),
            ("Straße, Ægir, Łódź", "strasse, aegir, lodz"),
            ("Ёлка, Ἀχιλλεύς", "елка, αχιλλευς"),
            ("e\u{301}tude I’m", "etude i'm"),
            ("Nguyễn İstanbul", "nguyen istanbul"),
            ("हिन्दी 田中が 김민수", "हिन्दी 田中が 김민수"),
        ] {
            assert_eq!(folded(text), expected);
        }
    }
}
