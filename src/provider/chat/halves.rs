//! Halves of a character: a surrogate pair whose two escapes are in different events, or of which only one arrived.
//!
//! JSON writes a character beyond U+FFFF as two escapes. A service that cuts its text anywhere may cut between them, and a
//! JSON parser refuses such a half. So halves are marked before the text is parsed. Afterwards they are joined, or replaced
//! by U+FFFD.

use std::borrow::Cow;

/// Comes before the four hex digits of a half. It is a noncharacter, so no text has it.
const MARK: char = '\u{FDD0}';

/// The number of hex digits of a half.
const DIGITS: usize = 4;

/// `json` with each half of a pair marked, if there is one.
pub(super) fn marked(json: &str) -> Cow<'_, str> {
    let mut marked = String::new();
    let (mut copied, mut at) = (0, 0);
    while let Some(found) = json[at..].find('\\') {
        let escape = at + found;
        at = escape + 2;
        let Some(unit) = unit(json, escape) else {
            at = json.ceil_char_boundary(at);
            continue;
        };
        at = escape + 2 + DIGITS;
        match unit {
            0xD800..=0xDBFF if matches!(self::unit(json, at), Some(0xDC00..=0xDFFF)) => {
                at += 2 + DIGITS;
            }
            0xD800..=0xDFFF => {
                marked.push_str(&json[copied..escape]);
                marked.push(MARK);
                marked.push_str(&json[escape + 2..at]);
                copied = at;
            }
            _ => {}
        }
    }
    if copied == 0 {
        return Cow::Borrowed(json);
    }
    marked.push_str(&json[copied..]);
    Cow::Owned(marked)
}

/// The code unit of the escape `\uXXXX` at `at`.
fn unit(json: &str, at: usize) -> Option<u16> {
    let digits = json.get(at..)?.strip_prefix("\\u")?.get(..DIGITS)?;
    u16::from_str_radix(digits, 16).ok()
}

/// Joins the halves in a text that arrives in parts.
#[derive(Default)]
pub(super) struct Joiner {
    /// A first half; its second half may come with the next part.
    first: Option<u16>,
    /// A half had no other half.
    pub(super) is_broken: bool,
}

impl Joiner {
    /// The next part, with its halves joined.
    pub(super) fn join(&mut self, part: String) -> String {
        if part.is_empty() || (self.first.is_none() && !part.contains(MARK)) {
            return part;
        }
        let mut joined = String::with_capacity(part.len());
        let mut rest = part.as_str();
        while let Some(c) = rest.chars().next() {
            let half = (c == MARK)
                .then(|| rest.get(MARK.len_utf8()..MARK.len_utf8() + DIGITS))
                .flatten()
                .and_then(|digits| u16::from_str_radix(digits, 16).ok());
            let Some(half) = half else {
                joined.extend(self.alone());
                joined.push(c);
                rest = &rest[c.len_utf8()..];
                continue;
            };
            rest = &rest[MARK.len_utf8() + DIGITS..];
            match (self.first.take(), half) {
                (Some(first), 0xDC00..=0xDFFF) => {
                    joined.extend(char::decode_utf16([first, half]).flatten());
                }
                (first, half) => {
                    self.first = first;
                    joined.extend(self.alone());
                    self.first = Some(half);
                }
            }
        }
        joined
    }

    /// The replacement of a half that is left when the text ends, or when something else follows.
    pub(super) fn alone(&mut self) -> Option<char> {
        self.first.take()?;
        self.is_broken = true;
        Some(char::REPLACEMENT_CHARACTER)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The result for the contents of several JSON strings.
    fn read(parts: &[&str]) -> (String, bool) {
        let mut joiner = Joiner::default();
        let mut text = String::new();
        for part in parts {
            let json = format!("\"{part}\"");
            let part = serde_json::from_str(&marked(&json)).expect("a string");
            text += &joiner.join(part);
        }
        text.extend(joiner.alone());
        (text, joiner.is_broken)
    }

    #[test]
    fn halves_are_joined_across_events_and_replaced_if_one_is_missing() {
        for (parts, text, is_broken) in [
            (&["a 🎭 b"][..], "a 🎭 b", false),
            (&[r"a \ud83c\udfad b"], "a 🎭 b", false),
            (&[r"a \ud83c", r"\udfad b"], "a 🎭 b", false),
            (&[r"a \ud83c", "", r"\udfad b"], "a 🎭 b", false),
            (&[r"a \ud83c", " b"], "a \u{fffd} b", true),
            (&[r"a \udfad b"], "a \u{fffd} b", true),
            (&[r"a \ud83c"], "a \u{fffd}", true),
        ] {
            assert_eq!(read(parts), (text.to_owned(), is_broken), "{parts:?}");
        }
        assert_eq!(read(&[r"C:\\ud83c"]), (r"C:\ud83c".to_owned(), false));
        assert_eq!(marked(r#""\é""#), r#""\é""#);
    }
}
