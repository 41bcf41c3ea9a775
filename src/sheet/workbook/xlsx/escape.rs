//! The escapes of characters that XML cannot hold: `_x000D_` is a carriage return, `_x005F_` an underscore.

use std::borrow::Cow;

/// The length of an escape.
const LENGTH: usize = "_x0000_".len();

/// The text with its escapes resolved. Two escapes may be the halves of one character; a half alone stays unchanged.
pub(super) fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains("_x") {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("_x") {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some((character, length)) = escaped(rest) {
            out.push(character);
            rest = &rest[length..];
        } else {
            out.push('_');
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// The character of the escape at the beginning of the text, and its length.
fn escaped(text: &str) -> Option<(char, usize)> {
    let first = unit(text)?;
    if let Some(character) = char::from_u32(u32::from(first)) {
        return Some((character, LENGTH));
    }
    let second = unit(text.get(LENGTH..)?)?;
    let character = char::decode_utf16([first, second]).next()?.ok()?;
    Some((character, 2 * LENGTH))
}

fn unit(text: &str) -> Option<u16> {
    let digits = text.get(..LENGTH)?.strip_prefix("_x")?.strip_suffix('_')?;
    let is_hexadecimal = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    is_hexadecimal.then(|| u16::from_str_radix(digits, 16).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_escapes_are_resolved() {
        for (text, meant) in [
            ("a_x000D_b", "a\rb"),
            ("_x005F_x000D_", "_x000D_"),
            ("_xD83E__xDD89_", "🦉"),
            ("_xD83E_ alone", "_xD83E_ alone"),
            ("_x+00D_ _x00_ a_b _x", "_x+00D_ _x00_ a_b _x"),
            ("_x00é_", "_x00é_"),
            ("", ""),
        ] {
            assert_eq!(unescaped(text), meant);
        }
    }
}
