//! The length of a text as people count it: words, or letters in scripts that do not separate words.

use super::page::plural;

/// The length of a text of so many `words`, which blanks separate.
pub(super) fn length(text: &str, words: i64) -> String {
    let (mut unspaced, mut letters) = (0_u64, 0_u64);
    for letter in text.chars().filter(|letter| letter.is_alphanumeric()) {
        letters += 1;
        unspaced += u64::from(is_unspaced(letter));
    }
    if unspaced > letters / 2 {
        plural(letters, "letter", "letters")
    } else {
        plural(u64::try_from(words).unwrap_or(0), "word", "words")
    }
}

/// Whether the script of a letter does not separate words: Thai, Lao, Burmese, Khmer, Chinese, Japanese. Korean does.
fn is_unspaced(letter: char) -> bool {
    matches!(letter, '\u{0E00}'..='\u{0EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}' | '\u{3040}'..='\u{30FF}'
        | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{323AF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_counted_in_words_or_in_the_letters_of_a_script_without_blanks() {
        for (text, words, expected) in [
            ("She left.", 2, "2 words"),
            ("One", 1, "1 word"),
            ("彼女は海で生まれた。そして去った。", 1, "15 letters"),
            ("น้ำ", 1, "2 letters"),
            ("그녀는 떠났다.", 2, "2 words"),
            ("Ada met 東京 twice.", 4, "4 words"),
            ("", 0, "0 words"),
        ] {
            assert_eq!(length(text, words), expected, "{text}");
        }
    }
}
