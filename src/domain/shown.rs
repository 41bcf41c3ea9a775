//! Foreign text made safe to show: names, stories and messages of servers, on a terminal or in a pipe.
//!
//! Control, escape and bidirectional formatting characters are shown as escapes, so that foreign text cannot move the
//! cursor, colour a line or reverse a sentence. Invisible characters are escaped, too, because two texts that differ only in
//! them look the same. Machine formats contain texts as they are and do not use this.

use std::borrow::Cow;

/// `text` on one line: line breaks are escaped, too.
#[must_use]
pub(crate) fn shown(text: &str) -> Cow<'_, str> {
    escaped(text, |c| !is_unsafe(c))
}

/// `text` with its line breaks, of any system, and its tabs; everything else that is unsafe is escaped.
#[must_use]
pub(crate) fn shown_lines(text: &str) -> Cow<'_, str> {
    if text.contains("\r\n") {
        let text = text.replace("\r\n", "\n");
        return Cow::Owned(
            escaped(&text, |c| matches!(c, '\n' | '\t') || !is_unsafe(c)).into_owned(),
        );
    }
    escaped(text, |c| matches!(c, '\n' | '\t') || !is_unsafe(c))
}

/// The beginning of `text` on one line, at most `chars_max` characters, with a mark where it was cut.
#[must_use]
pub(crate) fn shown_start(text: &str, chars_max: usize) -> String {
    match text.char_indices().nth(chars_max) {
        Some((end, _)) => format!("{}…", shown(&text[..end])),
        None => shown(text).into_owned(),
    }
}

fn escaped(text: &str, passes: impl Fn(char) -> bool) -> Cow<'_, str> {
    if text.chars().all(&passes) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            c if passes(c) => shown.push(c),
            '\n' | '\r' | '\t' => shown.extend(c.escape_default()),
            c => shown.extend(c.escape_unicode()),
        }
    }
    Cow::Owned(shown)
}

/// `text` on one line, with all blanks except the ordinary one as escapes: for names and headers, which are compared.
#[must_use]
pub(crate) fn shown_exactly(text: &str) -> Cow<'_, str> {
    escaped(text, |c| {
        !is_unsafe(c) && (c == ' ' || c == '\u{3000}' || !c.is_whitespace())
    })
}

/// Whether a terminal may do something other than draw the character, or draws nothing. The two joiners (U+200C, U+200D)
/// stay: they shape letters and pictures.
fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{AD}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{180E}' | '\u{200B}' | '\u{200E}' | '\u{200F}'
                | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_unsafe_passes_and_everything_else_does() {
        assert_eq!(shown("Zoë 東京 👩‍🚀"), "Zoë 東京 👩‍🚀");
        assert_eq!(
            shown("a\u{1b}[31mb\u{202e}c\u{9b}d"),
            "a\\u{1b}[31mb\\u{202e}c\\u{9b}d"
        );
        assert_eq!(
            shown("na\u{200b}me \u{ad}\u{a0}x"),
            "na\\u{200b}me \\u{ad}\u{a0}x"
        );
        assert_eq!(shown_exactly("a\u{a0}b c"), "a\\u{a0}b c");
        assert_eq!(shown("one\r\ntwo"), "one\\r\\ntwo");
        assert_eq!(shown_lines("one\ntwo\rthree"), "one\ntwo\\rthree");
        assert_eq!(shown_lines("one\r\ntwo"), "one\ntwo");
        assert_eq!(shown_start("abcdef", 3), "abc…");
        assert_eq!(shown_start("abc", 3), "abc");
    }
}
