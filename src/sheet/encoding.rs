//! In which encoding the bytes of a sheet are.
//!
//! A mark at the beginning decides; then what the person said; then UTF-16 where its zeroes leave no doubt; else it is
//! UTF-8. Nothing else is ever assumed: the likely encoding of bytes that are no UTF-8 is worked out only to be named in
//! the refusal.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, MACINTOSH, REPLACEMENT, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::error::SheetError;
use super::fault::Likely;

/// So many bytes are enough to tell UTF-16 by its zeroes.
const SNIFFED: usize = 512;
/// So many bytes beyond ASCII say something about the language.
const FEW: usize = 6;
/// So many characters of a place are shown on either side of the byte in question.
const AROUND: usize = 20;

/// The encoding that `first`, the beginning of the sheet, is in, and the length of its mark.
///
/// A mark counts for more than `label`: it is part of the file, while the switch may come from a cast's memory.
///
/// # Errors
///
/// [`SheetError::UnknownEncoding`] when `label` is none of the WHATWG's labels.
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

/// UTF-16 if nearly every second byte is zero and none of the others: the delimiters and headers of such a sheet are
/// ASCII, and no other text has zeroes at all.
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

/// What the bytes `rest` seem to be, which begin with one that is no UTF-8; `before` is the text in front of them.
///
/// `None` where the guess does not make text of these very bytes.
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
    let tail = after
        .chars()
        .take(AROUND)
        .take_while(|&char| is_inside(char));
    let reads: String = head.chars().rev().chain(tail).collect();
    let label = encoding.name().to_ascii_lowercase();
    (!failed && !reads.chars().any(char::is_control)).then_some(Likely { label, reads })
}

fn guess(before: &str, rest: &[u8]) -> &'static Encoding {
    let ends = |end: u8| {
        rest.iter()
            .chain(before.as_bytes())
            .filter(|&&byte| byte == end)
            .count()
    };
    if ends(b'\r') > ends(b'\n') {
        // Only the old Macintosh ended its lines so.
        return MACINTOSH;
    }
    let mut high = rest.iter().filter(|byte| !byte.is_ascii()).take(FEW);
    if high.clone().count() < FEW && high.all(|&byte| byte >= 0xC0) {
        // Too few to tell languages by, and in the commonest encoding all of them are letters.
        return WINDOWS_1252;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(before.as_bytes(), false);
    detector.feed(rest, true);
    detector.guess(None, Utf8Detection::Deny)
}

/// Whether a character belongs to the word at the place.
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
    fn utf_16_without_a_mark_is_told_by_its_zeroes() {
        let text = "name,bio\nМария,кузнец\n";
        assert_eq!(without_mark(&utf_16(text, u16::to_le_bytes)), UTF_16LE);
        assert_eq!(without_mark(&utf_16(text, u16::to_be_bytes)), UTF_16BE);
        assert_eq!(without_mark(b"name,bio\n"), UTF_8);
        assert_eq!(without_mark(b"na\0me,bio\n"), UTF_8);
        assert_eq!(without_mark(b""), UTF_8);
        assert_eq!(without_mark(&[0; 64]), UTF_8);
    }

    #[test]
    fn a_mark_counts_for_more_than_the_switch() {
        let (encoding, mark) = find(b"\xEF\xBB\xBFname", Some("windows-1252")).expect("known");
        assert_eq!((encoding, mark), (UTF_8, 3));
        assert!(find(b"name", Some("latin-17")).is_err());
        assert!(
            find(b"name", Some("hz-gb-2312")).is_err(),
            "the label that stands for nothing"
        );
    }

    #[test]
    fn the_likely_encoding_is_shown_at_work() {
        let likely = likely("Jos", b"\xE9 M\xFCller,a baker\n").expect("fits");
        assert_eq!(
            (likely.label.as_str(), likely.reads.as_str()),
            ("windows-1252", "José")
        );
    }
}
