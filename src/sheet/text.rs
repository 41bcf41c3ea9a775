//! Turns bytes into text, block by block.
//!
//! The result is always valid text: bytes that are invalid in their encoding end it, with their position. UTF-8 is checked
//! without a copy. At most a few blocks are held, however long the file is. This part does not know lines, except for the
//! position of such a byte.

use std::io::{Read, Take};
use std::mem;

use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8};

use super::encoding;
use super::error::SheetError;
use super::fault::Problem;

/// The bytes that are read at a time; the first so many also decide about the delimiter.
pub(super) const BLOCK: u64 = 64 * 1024;
/// The bytes after an invalid one that are used to guess the encoding.
const GUESSED_FROM: u64 = 256 * 1024;

/// The byte order mark of UTF-8.
const MARK: &[u8] = b"\xEF\xBB\xBF";

/// The text of a sheet, of which one piece is available.
pub(super) struct Text {
    bytes: Box<dyn Read + Send>,
    /// The bytes that are read at a time.
    block: u64,
    encoding: &'static Encoding,
    /// `None` for UTF-8, which only needs a check.
    decoder: Option<Decoder>,
    /// Bytes that were read but not decoded yet.
    raw: Vec<u8>,
    piece: String,
    /// How much of the piece was consumed.
    taken: usize,
    /// Whether all bytes were read.
    ended: bool,
    /// What follows the piece is not text.
    broken: Option<Broken>,
    /// Characters of the current line before the piece.
    column: u64,
}

struct Broken {
    bytes: Vec<u8>,
    /// The bytes from the first invalid one on, as far as they were read.
    rest: Vec<u8>,
}

impl Text {
    /// Reads the first block and detects the encoding.
    ///
    /// # Errors
    ///
    /// The outer error is for an unknown label; the inner one is for bytes that cannot be read or are not text.
    pub(super) fn open(
        bytes: Box<dyn Read + Send>,
        block: u64,
        label: Option<&str>,
    ) -> Result<Result<Self, Problem>, SheetError> {
        let mut text = Self {
            bytes,
            block,
            encoding: UTF_8,
            decoder: None,
            raw: Vec::new(),
            piece: String::new(),
            taken: 0,
            ended: false,
            broken: None,
            column: 0,
        };
        if let Err(problem) = text.read_block() {
            return Ok(Err(problem));
        }
        let (encoding, mark) = encoding::find(&text.raw, label)?;
        text.raw.drain(..mark);
        // A program that adds a mark to a file that already has one leaves two.
        while encoding == UTF_8 && text.raw.starts_with(MARK) {
            text.raw.drain(..MARK.len());
        }
        text.encoding = encoding;
        text.decoder = (encoding != UTF_8).then(|| encoding.new_decoder_without_bom_handling());
        Ok(text.fill().map(|_| text))
    }

    pub(super) fn encoding(&self) -> &'static str {
        self.encoding.name()
    }

    /// The available text; empty if [`Text::fill`] must be called.
    pub(super) fn rest(&self) -> &str {
        &self.piece[self.taken..]
    }

    /// Whether nothing follows the available text.
    pub(super) fn is_last(&self) -> bool {
        self.ended && self.raw.is_empty() && self.broken.is_none()
    }

    /// Consumes `length` bytes of the available text, up to the border of a character.
    pub(super) fn take(&mut self, length: usize) {
        self.taken += length;
    }

    /// Reads the next piece after the last one was consumed; `false` at the end.
    ///
    /// # Errors
    ///
    /// [`Problem::NotDecoded`] or [`Problem::Unreadable`]; the text ends there.
    pub(super) fn fill(&mut self) -> Result<bool, Problem> {
        self.count_column();
        loop {
            if let Some(broken) = self.broken.take() {
                return Err(self.not_decoded(&broken));
            }
            if self.raw.len() < 4 && !self.ended {
                self.read_block()?;
            }
            if self.raw.is_empty() {
                self.piece.clear();
                self.taken = 0;
                return Ok(false);
            }
            if self.decoder.is_some() {
                self.decode();
            } else {
                self.check();
            }
            self.taken = 0;
            if !self.piece.is_empty() {
                return Ok(true);
            }
        }
    }

    fn read_block(&mut self) -> Result<(), Problem> {
        let mut block: Take<_> = (&mut self.bytes).take(self.block);
        block.read_to_end(&mut self.raw).map_err(|err| {
            self.ended = true;
            Problem::Unreadable { kind: err.kind() }
        })?;
        self.ended = block.limit() > 0;
        Ok(())
    }

    /// UTF-8: the bytes become the piece without a copy; a character that the block cuts waits for the next block.
    fn check(&mut self) {
        let cut = if self.ended {
            0
        } else {
            cut_character(&self.raw)
        };
        let whole = self.raw.len() - cut;
        let mut next = mem::take(&mut self.piece).into_bytes();
        next.clear();
        next.extend_from_slice(&self.raw[whole..]);
        self.raw.truncate(whole);
        self.piece = String::from_utf8(mem::replace(&mut self.raw, next)).unwrap_or_else(|err| {
            let valid = err.utf8_error().valid_up_to();
            let invalid = err.utf8_error().error_len();
            let mut bytes = err.into_bytes();
            let rest = bytes.split_off(valid);
            let invalid = rest[..invalid.unwrap_or(rest.len())].to_vec();
            self.broken = Some(Broken {
                bytes: invalid,
                rest,
            });
            String::from_utf8(bytes).unwrap_or_default()
        });
    }

    fn decode(&mut self) {
        let Some(decoder) = &mut self.decoder else {
            return;
        };
        self.piece.clear();
        self.piece.reserve(
            decoder
                .max_utf8_buffer_length_without_replacement(self.raw.len())
                .unwrap_or_default(),
        );
        let (result, read) =
            decoder.decode_to_string_without_replacement(&self.raw, &mut self.piece, self.ended);
        if let DecoderResult::Malformed(length, behind) = result {
            let end = read.saturating_sub(usize::from(behind));
            let begin = end.saturating_sub(usize::from(length));
            let rest = self.raw[begin..].to_vec();
            self.broken = Some(Broken {
                bytes: self.raw[begin..end].to_vec(),
                rest,
            });
            self.ended = true;
        }
        self.raw.drain(..read);
    }

    /// Adds the consumed piece to the column.
    fn count_column(&mut self) {
        let line = self
            .piece
            .rfind(['\r', '\n'])
            .map_or(self.piece.as_str(), |end| {
                self.column = 0;
                &self.piece[end + 1..]
            });
        self.column += u64::try_from(line.chars().count()).unwrap_or(u64::MAX);
    }

    /// The end of the text: reports the invalid bytes, and the encoding that they may be in.
    fn not_decoded(&mut self, broken: &Broken) -> Problem {
        let mut rest = broken.rest.clone();
        // If the rest cannot be read, only the guess is worse.
        let _ = (&mut self.bytes).take(GUESSED_FROM).read_to_end(&mut rest);
        let likely = encoding::likely(&self.piece, &rest)
            .filter(|likely| !likely.label.eq_ignore_ascii_case(self.encoding()));
        self.ended = true;
        self.raw.clear();
        Problem::NotDecoded {
            column: self.column + 1,
            encoding: self.encoding(),
            bytes: broken.bytes.clone(),
            likely,
        }
    }
}

/// How many bytes at the end are the beginning of a UTF-8 character.
fn cut_character(bytes: &[u8]) -> usize {
    for (behind, byte) in bytes.iter().rev().take(3).enumerate() {
        let length = match byte {
            0x80..=0xBF => continue,
            0xC0..=0xDF => 2,
            0xE0..=0xEF => 3,
            0xF0..=0xFF => 4,
            _ => 1,
        };
        return if length > behind + 1 { behind + 1 } else { 0 };
    }
    0
}

#[cfg(test)]
mod tests {
    use std::io;

    use proptest::prelude::*;

    use super::*;

    fn all(bytes: &[u8], block: u64, label: Option<&str>) -> Result<String, Problem> {
        let bytes = Box::new(io::Cursor::new(bytes.to_vec()));
        let mut text = Text::open(bytes, block, label).expect("a known label")?;
        let mut out = String::new();
        loop {
            out.push_str(text.rest());
            if !text.fill()? {
                return Ok(out);
            }
        }
    }

    #[test]
    fn characters_cut_between_blocks_are_whole_again() {
        let text = "xé€🦉".repeat(9);
        let utf_16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for block in 1..20 {
            assert_eq!(
                all(text.as_bytes(), block, None).as_deref(),
                Ok(text.as_str())
            );
            assert_eq!(
                all(&utf_16, block, Some("utf-16le")).as_deref(),
                Ok(text.as_str())
            );
        }
    }

    #[test]
    fn the_place_of_a_bad_byte_is_counted_in_characters() {
        let column = |bytes: &[u8]| match all(bytes, 8, None) {
            Err(Problem::NotDecoded { column, bytes, .. }) => (column, bytes),
            other => panic!("{other:?}"),
        };
        assert_eq!(
            column("a\néé\u{e9}".as_bytes().strip_suffix(b"\xA9").expect("é")),
            (3, vec![0xC3])
        );
        assert_eq!(column(b"\xFF"), (1, vec![0xFF]));
        let long = [vec![b'x'; 200_000], vec![0xE9, b' ']].concat();
        assert_eq!(column(&long), (200_001, vec![0xE9]));
        assert!(
            all(b"abc", BLOCK, Some("utf-16le")).is_err(),
            "half a character at the end"
        );
        assert!(all(b"\x81\x20", BLOCK, Some("shift_jis")).is_err());
    }

    proptest! {
        #![proptest_config(property_config!())]
        #[test]
        fn any_bytes_are_text_or_a_problem(bytes in proptest::collection::vec(any::<u8>(), 0..300), block in 8..400_u64) {
            match (all(&bytes, block, None), std::str::from_utf8(&bytes)) {
                // With zero bytes in it, it may be UTF-16.
                (Ok(text), Ok(same)) if !bytes.contains(&0) => prop_assert_eq!(text.as_str(), same.strip_prefix('\u{feff}').unwrap_or(same)),
                (Err(_), Ok(_)) => prop_assert!(false, "UTF-8 was refused"),
                _ => {}
            }
            for label in ["windows-1252", "shift_jis", "gb18030", "utf-16be", "iso-2022-jp"] {
                let _ = all(&bytes, block, Some(label));
            }
        }
    }
}
