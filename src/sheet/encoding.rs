//! Detects the encoding of a sheet.
//!
//! A byte order mark decides; then the switch; then UTF-16 if its zero bytes leave no doubt; else it is UTF-8. No other
//! encoding is ever assumed. The likely encoding of invalid bytes is only computed for the error message.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{
    Encoding, ISO_2022_JP, MACINTOSH, REPLACEMENT, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252,
    WINDOWS_1254, WINDOWS_1257, WINDOWS_1258,
};

use super::error::SheetError;
use super::fault::Likely;

/// The bytes that are read at a time.
const BLOCK: usize = 64 * 1024;
/// The bytes that are enough to recognise UTF-16 by its zero bytes.
const SNIFFED: usize = 512;
/// The bytes beyond ASCII that are needed to recognise a language.
const FEW: usize = 6;
/// The characters that are shown on either side of the byte.
const AROUND: usize = 20;

/// The encoding of a sheet that begins with `first`, and the length of its mark.
///
/// A mark is preferred to `label`: it is part of the file, while the label may come from the memory of a cast.
///
/// # Errors
///
/// [`SheetError::UnknownEncoding`] if `label` is not a label of the WHATWG.
pub(super) fn find(
    first: &[u8],
    label: Option<&str>,
) -> Result<(&'static Encoding, usize), SheetError> {
    if let Some(marked) = Encoding::for_bom(first) {
        return Ok(marked);
    }
    let Some(label) = label else {
        return Ok((without_mark(first), 0));
    };
    match Encoding::for_label(label.as_bytes()) {
        Some(encoding) if encoding != REPLACEMENT => Ok((encoding, 0)),
        _ => Err(SheetError::UnknownEncoding {
            label: label.to_owned(),
        }),
    }
}

/// Whether a file is UTF-8 with characters beyond ASCII: then it is in no older encoding, whatever encoding it had before.
///
/// # Errors
///
/// If it cannot be read.
pub(crate) fn is_utf_8(path: &Path) -> io::Result<bool> {
    let mut file = File::open(path)?;
    let mut block = vec![0; BLOCK];
    let mut held = 0;
    let mut is_beyond_ascii = false;
    loop {
        let read = file.read(&mut block[held..])?;
        let filled = held + read;
        is_beyond_ascii |= !block[..filled].is_ascii();
        match std::str::from_utf8(&block[..filled]) {
            Ok(_) => held = 0,
            Err(err) if err.error_len().is_none() && read > 0 => {
                // A character that the block cuts.
                block.copy_within(err.valid_up_to()..filled, 0);
                held = filled - err.valid_up_to();
            }
            Err(_) => return Ok(false),
        }
        if read == 0 {
            return Ok(is_beyond_ascii);
        }
    }
}

/// UTF-16 if nearly every second byte is zero and none of the others: the delimiters and headers of such a sheet are ASCII,
/// and no other text has zero bytes.
fn without_mark(first: &[u8]) -> &'static Encoding {
    let (pairs, _) = first[..first.len().min(SNIFFED)].as_chunks::<2>();
    let low_zeroes = pairs.iter().filter(|pair| pair[0] == 0).count();
    let high_zeroes = pairs.iter().filter(|pair| pair[1] == 0).count();
    let most = pairs.len().div_ceil(2);
    match (low_zeroes, high_zeroes) {
        (0, zeroes) if zeroes >= most && zeroes > 1 => UTF_16LE,
        (zeroes, 0) if zeroes >= most && zeroes > 1 => UTF_16BE,
        _ => UTF_8,
    }
}

/// The likely encoding of the bytes `rest`, which begin with an invalid one; `before` is the text before them.
///
/// `None` if these bytes are invalid in the likely encoding, too.
pub(super) fn likely(before: &str, rest: &[u8]) -> Option<Likely> {
    let encoding = guess(before, rest);
    let line = rest
        .split(|byte| matches!(byte, b'\r' | b'\n'))
        .next()
        .unwrap_or(rest);
    let (after, failed) = encoding.decode_without_bom_handling(line);
    let head: String = before
        .chars()
        .rev()
        .take(AROUND)
        .take_while(|&char| is_inside(char))
        .collect();
    // The character itself is always shown: it may be a blank that looks like an ordinary one.
    let (itself, behind) = after.split_at(after.chars().next().map_or(0, char::len_utf8));
    let tail = behind
        .chars()
        .take(AROUND)
        .take_while(|&char| is_inside(char));
    let reads: String = head
        .chars()
        .rev()
        .chain(itself.chars())
        .chain(tail)
        .collect();
    let label = encoding.name().to_ascii_lowercase();
    (!failed && !reads.chars().any(char::is_control)).then_some(Likely { label, reads })
}

/// The likely encoding of an ASCII text that switches to another script by escapes, as Japanese mail does; `None` if it has
/// none.
pub(super) fn escaped_script(text: &str) -> Option<Likely> {
    let at = ["\u{1b}$B", "\u{1b}$@", "\u{1b}(J", "\u{1b}(I"]
        .iter()
        .filter_map(|escape| text.find(escape))
        .min()?;
    let (decoded, failed) = ISO_2022_JP.decode_without_bom_handling(&text.as_bytes()[at..]);
    let reads: String = decoded
        .chars()
        .take(AROUND)
        .take_while(|&char| is_inside(char))
        .collect();
    (!failed && !reads.is_empty()).then(|| Likely {
        label: ISO_2022_JP.name().to_ascii_lowercase(),
        reads,
    })
}

/// Quotes, dashes and letters of old Mac OS between letters, where windows-1252 has capital letters with accents.
fn is_macintosh(before: &str, rest: &[u8]) -> bool {
    let is_letter = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphabetic);
    let head = before.as_bytes().last().copied();
    let high = rest.iter().enumerate().filter(|(_, byte)| !byte.is_ascii());
    let (mut like, mut unlike) = (0, 0);
    for (at, byte) in high.take(200) {
        let left = if at == 0 {
            head
        } else {
            rest.get(at - 1).copied()
        };
        let (left, right) = (is_letter(left.as_ref()), is_letter(rest.get(at + 1)));
        let is_mark = match byte {
            // Apostrophe, closing quote, opening quote, dash, ellipsis.
            0xD5 => left && right,
            0xD2 => !left && right,
            0xD3 => left && !right,
            0xD0 | 0xD1 | 0xC9 => !(left && right),
            // Small letters with accents, which have other codes in windows-1252.
            // Quotes of windows-1252.
            0x92..=0x94 if left => {
                unlike += 1;
                false
            }
            0x87..=0x9F => left || right,
            _ => {
                unlike += usize::from(*byte >= 0xE0 && (left || right));
                continue;
            }
        };
        like += usize::from(is_mark);
    }
    like > unlike
}

/// Whether an encoding is for languages for which old Mac OS had its own encoding.
fn is_western(encoding: &'static Encoding) -> bool {
    [WINDOWS_1252, WINDOWS_1254, WINDOWS_1257, WINDOWS_1258].contains(&encoding)
}

fn guess(before: &str, rest: &[u8]) -> &'static Encoding {
    let ends = |end: u8| {
        rest.iter()
            .chain(before.as_bytes())
            .filter(|&&byte| byte == end)
            .count()
    };
    if ends(b'\r') > ends(b'\n') {
        // Only old Mac OS ended lines like this.
        return MACINTOSH;
    }
    let mut high = rest.iter().filter(|byte| !byte.is_ascii()).take(FEW);
    if high.clone().count() < FEW && high.all(|&byte| byte >= 0xC0) {
        // Too few to recognise a language; in the most common encoding all of them are letters.
        return if is_macintosh(before, rest) {
            MACINTOSH
        } else {
            WINDOWS_1252
        };
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(before.as_bytes(), false);
    detector.feed(rest, true);
    match detector.guess(None, Utf8Detection::Deny) {
        // The detector does not know the encoding of old Mac OS.
        guessed if is_western(guessed) && is_macintosh(before, rest) => MACINTOSH,
        guessed => guessed,
    }
}

/// Whether a character belongs to the word at this position.
fn is_inside(char: char) -> bool {
    !char.is_whitespace() && !matches!(char, ',' | ';' | '|' | '"')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf_16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn utf_16_without_a_mark_is_recognised_by_its_zero_bytes() {
        let text = "name,bio\nМария,кузнец\n";
        assert_eq!(without_mark(&utf_16(text, u16::to_le_bytes)), UTF_16LE);
        assert_eq!(without_mark(&utf_16(text, u16::to_be_bytes)), UTF_16BE);
        assert_eq!(without_mark(b"name,bio\n"), UTF_8);
        assert_eq!(without_mark(b"na\0me,bio\n"), UTF_8);
        assert_eq!(without_mark(b""), UTF_8);
        assert_eq!(without_mark(&[0; 64]), UTF_8);
    }

    #[test]
    fn a_mark_is_preferred_to_the_switch() {
        let (encoding, mark) = find(b"\xEF\xBB\xBFname", Some("windows-1252")).expect("known");
        assert_eq!((encoding, mark), (UTF_8, 3));
        assert!(find(b"name", Some("latin-17")).is_err());
        assert!(
            find(b"name", Some("hz-gb-2312")).is_err(),
            "the label that stands for nothing"
        );
    }

    #[test]
    fn the_likely_encoding_is_shown_with_an_example() {
        let guessed = likely("Jos", b"\xE9 M\xFCller,a baker\n").expect("fits");
        assert_eq!(
            (guessed.label.as_str(), guessed.reads.as_str()),
            ("windows-1252", "José")
        );
        for (before, rest, label, reads) in [
            ("It", &b"\xD5s late"[..], "macintosh", "It’s"),
            ("Zo", b"\x91 bakes", "macintosh", "Zoë"),
            ("a ", b"\xD2quoted\xD3 word", "macintosh", "“quoted”"),
            ("na", b"\xEFve caf\xE9", "windows-1252", "naïve"),
        ] {
            let guessed = likely(before, rest).expect("fits");
            assert_eq!(
                (guessed.label.as_str(), guessed.reads.as_str()),
                (label, reads)
            );
        }
    }

    #[test]
    fn a_script_after_escapes_is_recognised() {
        let likely = escaped_script("name,bio\n\u{1b}$B;3ED\u{1b}(B,x").expect("fits");
        assert_eq!(
            (likely.label.as_str(), likely.reads.as_str()),
            ("iso-2022-jp", "山田")
        );
        assert_eq!(escaped_script("na\u{1b}[2Jme"), None);
    }
}
