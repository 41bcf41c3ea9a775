//! A part in the binary form of `.xlsb`, read as a stream of records.
//!
//! A record is a type and some bytes. The caller says which types it reads; the others are skipped without being held. A
//! record that is shorter than the values it should have is an error.

use std::io::{self, BufRead, ErrorKind, Read};

use super::codes::unpacked;
use super::{Trouble, broken};

/// The longest record that is read, in bytes. A cell may have less.
const RECORD_MAX: u64 = 4 * 1024 * 1024;

/// A part that is being read.
pub(super) struct Records<R> {
    source: io::Take<R>,
    bytes: Vec<u8>,
}

/// The bytes of one record that were not read yet.
pub(super) struct Fields<'record>(&'record [u8]);

impl<R: BufRead> Records<R> {
    /// Reads at most so many bytes, counted after unpacking.
    pub(super) fn new(source: R, bytes_max: u64) -> Self {
        Self {
            source: source.take(bytes_max),
            bytes: Vec::new(),
        }
    }

    /// The next record with a requested type; `None` at the end of the part.
    ///
    /// # Errors
    ///
    /// [`Trouble::Broken`] if the part is cut off, [`Trouble::TooLarge`] beyond a limit.
    pub(super) fn next(
        &mut self,
        is_wanted: impl Fn(u32) -> bool,
    ) -> Result<Option<(u32, Fields<'_>)>, Trouble> {
        while let Some(kind) = self.kind()? {
            let length = u64::from(self.number(4)?);
            if !is_wanted(kind) {
                let passed = io::copy(&mut self.source.by_ref().take(length), &mut io::sink());
                if passed.map_err(|err| broken(&err))? < length {
                    return Err(self.cut_off());
                }
                continue;
            }
            if length > RECORD_MAX {
                return Err(Trouble::TooLarge);
            }
            self.bytes.clear();
            let read = self
                .source
                .by_ref()
                .take(length)
                .read_to_end(&mut self.bytes);
            read.map_err(|err| broken(&err))?;
            if u64::try_from(self.bytes.len()) != Ok(length) {
                return Err(self.cut_off());
            }
            return Ok(Some((kind, Fields(&self.bytes))));
        }
        Ok(None)
    }

    fn kind(&mut self) -> Result<Option<u32>, Trouble> {
        let rest = self.source.fill_buf().map_err(|err| broken(&err))?;
        if rest.is_empty() {
            return if self.source.limit() == 0 {
                Err(Trouble::TooLarge)
            } else {
                Ok(None)
            };
        }
        self.number(2).map(Some)
    }

    /// A number in groups of seven bits, the lowest first; each byte except the last has its eighth bit set.
    fn number(&mut self, bytes_max: u32) -> Result<u32, Trouble> {
        let mut number = 0;
        for at in 0..bytes_max {
            let mut byte = [0];
            match self.source.read_exact(&mut byte) {
                Ok(()) => {}
                Err(err) if err.kind() == ErrorKind::UnexpectedEof => return Err(self.cut_off()),
                Err(err) => return Err(broken(&err)),
            }
            number |= u32::from(byte[0] & 0x7F) << (7 * at);
            if byte[0] & 0x80 == 0 {
                break;
            }
        }
        Ok(number)
    }

    fn cut_off(&self) -> Trouble {
        if self.source.limit() == 0 {
            Trouble::TooLarge
        } else {
            broken("a part of it is cut off")
        }
    }
}

impl Fields<'_> {
    pub(super) fn u8(&mut self) -> Result<u8, Trouble> {
        self.array::<1>().map(|[byte]| byte)
    }

    pub(super) fn u16(&mut self) -> Result<u16, Trouble> {
        self.array().map(u16::from_le_bytes)
    }

    pub(super) fn u32(&mut self) -> Result<u32, Trouble> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn f64(&mut self) -> Result<f64, Trouble> {
        self.array().map(f64::from_le_bytes)
    }

    /// A number in four bytes: the upper half of a float or a whole number, perhaps in hundredths.
    pub(super) fn rk(&mut self) -> Result<f64, Trouble> {
        self.u32().map(unpacked)
    }

    /// A text, after its length. Invalid characters become U+FFFD.
    pub(super) fn text(&mut self) -> Result<String, Trouble> {
        let length = self.u32()?;
        // Means no text.
        if length == u32::MAX {
            return Ok(String::new());
        }
        let bytes = usize::try_from(length).ok();
        let bytes = bytes.and_then(|length| length.checked_mul(2));
        let split = bytes.and_then(|bytes| self.0.split_at_checked(bytes));
        let (text, rest) = split.ok_or_else(|| broken("a text in it is cut off"))?;
        self.0 = rest;
        let (units, _) = text.as_chunks::<2>();
        let units = units.iter().map(|unit| u16::from_le_bytes(*unit));
        let characters = char::decode_utf16(units);
        Ok(characters
            .map(|character| character.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect())
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Trouble> {
        let split = self.0.split_first_chunk();
        let (array, rest) = split.ok_or_else(|| broken("a record in it is too short"))?;
        self.0 = rest;
        Ok(*array)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_four_bytes_are_read() {
        for (bits, number) in [
            (7 << 2 | 2, 7.0),
            (0xFFFF_FFE6, -7.0),
            (1250 << 2 | 3, 12.5),
            (0x3FF8_0000, 1.5),
            (0x4059_0001, 1.0),
        ] {
            let bytes = u32::to_le_bytes(bits);
            let found = Fields(&bytes).rk().expect("four bytes");
            assert!((found - number).abs() < 1e-12, "{found} {number}");
        }
    }

    #[test]
    fn other_records_are_skipped_and_no_record_is_read_beyond_its_end() {
        // A record of type 130 with three bytes, then one of type 5 with a text of one character.
        let part = [0x82, 0x01, 3, 9, 9, 9, 5, 6, 1, 0, 0, 0, 0x41, 0];
        let mut records = Records::new(&part[..], 100);
        let (kind, mut fields) = records
            .next(|kind| kind == 5)
            .expect("a part")
            .expect("one");
        assert_eq!((kind, fields.text().expect("a text").as_str()), (5, "A"));
        assert!(fields.u8().is_err());
        assert!(records.next(|_| true).expect("a part").is_none());
        for length in [1, 2, 3, 5, 7, 8, 13] {
            let mut records = Records::new(&part[..length], 100);
            let mut last = records.next(|_| true).map(|found| found.is_some());
            while let Ok(true) = last {
                last = records.next(|_| true).map(|found| found.is_some());
            }
            let is_whole = length == 6;
            assert_eq!(last.is_ok(), is_whole, "{length}");
        }
        let mut records = Records::new(&part[..], 10);
        assert!(matches!(
            records.next(|kind| kind == 5),
            Err(Trouble::TooLarge)
        ));
        let long = [5, 0xFF, 0xFF, 0xFF, 0x7F];
        assert!(matches!(
            Records::new(&long[..], 100).next(|_| true),
            Err(Trouble::TooLarge)
        ));
        let beyond = [5, 4, 9, 0, 0, 0];
        let mut records = Records::new(&beyond[..], 100);
        let (_, mut fields) = records.next(|_| true).expect("a part").expect("one");
        assert!(fields.text().is_err());
    }
}
