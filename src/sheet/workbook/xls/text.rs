//! The texts of an Excel stream.
//!
//! Since Excel 97 a text says itself whether its letters have one byte or two, whatever code page the file names; one byte
//! is the lower half of a UTF-16 unit. A text that continues in another record says it again there. Before Excel 97 texts
//! are bytes in the code page of the file. Fonts and phonetic readings within a text are skipped.

use encoding_rs::Encoding;

use super::super::Trouble;
use super::super::budget::Budget;
use super::super::strings::Strings;
use super::container::damaged;
use super::record::{Continued, Records};

/// The letters have two bytes each.
const IS_WIDE: u8 = 0x01;
/// A phonetic reading follows the text.
const HAS_PHONETIC: u8 = 0x04;
/// Font changes follow the text.
const HAS_FONTS: u8 = 0x08;

/// The way texts are stored.
#[derive(Debug, Clone, Copy)]
pub(super) enum Coding {
    /// Since Excel 97.
    Unicode,
    /// Before that: bytes in this code page.
    Bytes(u16),
}

/// The size of the number before a text that gives its length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Length {
    OneByte,
    TwoBytes,
}

impl Coding {
    /// Reads one text, which may continue in other records.
    ///
    /// # Errors
    ///
    /// [`Trouble::Broken`] if it ends too early, or if its code page is unknown and it is not plain ASCII.
    pub(super) fn read(
        self,
        bytes: &mut Continued<'_, '_>,
        length: Length,
    ) -> Result<String, Trouble> {
        let count = match length {
            Length::OneByte => bytes.u8().map(u16::from),
            Length::TwoBytes => bytes.u16(),
        };
        let count = usize::from(count.ok_or_else(damaged)?);
        let mut text = String::new();
        match self {
            // A text without letters may lack the byte with their width.
            Self::Unicode if count == 0 => {}
            Self::Unicode => {
                let flags = bytes.u8().ok_or_else(damaged)?;
                read_letters(bytes, count, flags, &mut text).ok_or_else(damaged)?;
            }
            Self::Bytes(page) => {
                let mut raw = Vec::new();
                for _ in 0..count {
                    raw.push(bytes.u8().ok_or_else(damaged)?);
                }
                text = decode(&raw, page)?;
            }
        }
        Ok(text)
    }
}

/// Decodes bytes of a code page.
fn decode(raw: &[u8], page: u16) -> Result<String, Trouble> {
    let encoding: Option<&'static Encoding> = match page {
        // The numbers that Excel before 97 wrote for the Macintosh and for Windows.
        0x8000 => Some(encoding_rs::MACINTOSH),
        0x8001 => Some(encoding_rs::WINDOWS_1252),
        page => codepage::to_encoding_no_replacement(page),
    };
    match (encoding, str::from_utf8(raw)) {
        (_, Ok(text)) if text.is_ascii() => Ok(text.to_owned()),
        (Some(encoding), _) => Ok(encoding.decode_without_bom_handling(raw).0.into_owned()),
        (None, _) => Err(Trouble::Broken(format!(
            "its text uses code page {page}, which is not supported"
        ))),
    }
}

/// Adds so many letters to `text`; `flags` has their width.
fn read_letters(
    bytes: &mut Continued<'_, '_>,
    mut count: usize,
    mut flags: u8,
    text: &mut String,
) -> Option<()> {
    let mut units: Vec<u16> = Vec::new();
    loop {
        let piece = bytes.piece();
        if flags & IS_WIDE == 0 {
            let letters = &piece[..count.min(piece.len())];
            units.extend(letters.iter().copied().map(u16::from));
            bytes.advance(letters.len());
            count -= letters.len();
        } else {
            let (letters, _) = piece.as_chunks::<2>();
            let letters = &letters[..count.min(letters.len())];
            units.extend(letters.iter().copied().map(u16::from_le_bytes));
            bytes.advance(2 * letters.len());
            count -= letters.len();
        }
        if count == 0 {
            break;
        }
        if !bytes.go_on() {
            return None;
        }
        flags = bytes.u8()?;
    }
    let letters = char::decode_utf16(units);
    text.extend(letters.map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER)));
    Some(())
}

/// Reads the table of shared texts; `data` is its first record.
///
/// # Errors
///
/// [`Trouble::Broken`] if it ends within a text, [`Trouble::TooLarge`].
pub(super) fn read_shared<'a>(
    data: &'a [u8],
    records: &mut Records<'a>,
    budget: &mut Budget,
) -> Result<Strings, Trouble> {
    let mut bytes = Continued::new(data, records);
    let mut strings = Strings::default();
    let expected = bytes.u32().and_then(|_| bytes.u32()).ok_or_else(damaged)?;
    let mut text = String::new();
    for number in 0_u32.. {
        text.clear();
        if bytes.is_at_end() {
            break;
        }
        match read_one(&mut bytes, &mut text) {
            Some(()) => strings.push(&text, budget)?,
            // After the counted texts anything may follow.
            None if number >= expected => break,
            None => return Err(damaged()),
        }
    }
    Ok(strings)
}

/// Reads one text of the table.
fn read_one(bytes: &mut Continued<'_, '_>, text: &mut String) -> Option<()> {
    let count = bytes.u16()?;
    let flags = bytes.u8()?;
    let fonts = match flags & HAS_FONTS {
        0 => 0,
        _ => bytes.u16()?,
    };
    let phonetic = match flags & HAS_PHONETIC {
        0 => 0,
        _ => bytes.u32()?,
    };
    read_letters(bytes, usize::from(count), flags, text)?;
    bytes.skip(4 * usize::from(fonts))?;
    bytes.skip(usize::try_from(phonetic).ok()?)
}
