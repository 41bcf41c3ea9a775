//! The records of an Excel stream: each has a kind, a length and its bytes.
//!
//! If the content of a record is too long, other records continue it. Numbers are little-endian. Nothing is copied.

use super::super::Trouble;
use super::container::damaged;

/// The kind of a record that continues the one before.
const CONTINUE: u16 = 0x003C;

/// One record.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record<'a> {
    pub(super) kind: u16,
    pub(super) data: &'a [u8],
}

/// The records from a position on.
#[derive(Debug, Clone)]
pub(super) struct Records<'a> {
    rest: &'a [u8],
}

impl<'a> Records<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// The next record; `None` at the end of the stream.
    ///
    /// # Errors
    ///
    /// [`Trouble::Broken`] if the stream ends within it.
    pub(super) fn next(&mut self) -> Result<Option<Record<'a>>, Trouble> {
        let (Some(kind), Some(length)) = (u16_at(self.rest, 0), u16_at(self.rest, 2)) else {
            return Ok(None);
        };
        let end = 4 + usize::from(length);
        let data = self.rest.get(4..end).ok_or_else(damaged)?;
        self.rest = &self.rest[end..];
        Ok(Some(Record { kind, data }))
    }

    /// The bytes that continue the last record.
    fn next_continued(&mut self) -> Option<&'a [u8]> {
        let mut ahead = self.clone();
        let record = ahead.next().ok()??;
        (record.kind == CONTINUE).then(|| {
            *self = ahead;
            record.data
        })
    }
}

/// The bytes of one record and of those that continue it.
#[derive(Debug)]
pub(super) struct Continued<'a, 'r> {
    data: &'a [u8],
    records: &'r mut Records<'a>,
}

impl<'a, 'r> Continued<'a, 'r> {
    /// Begins with `data`, the rest of the last record.
    pub(super) fn new(data: &'a [u8], records: &'r mut Records<'a>) -> Self {
        Self { data, records }
    }

    /// The rest of the current record.
    pub(super) fn piece(&self) -> &'a [u8] {
        self.data
    }

    /// Skips bytes of the current record.
    pub(super) fn advance(&mut self, count: usize) {
        self.data = self.data.get(count..).unwrap_or_default();
    }

    /// Moves to the next record that continues this one; `false` if there is none.
    pub(super) fn go_on(&mut self) -> bool {
        match self.records.next_continued() {
            Some(data) => {
                self.data = data;
                true
            }
            None => false,
        }
    }

    /// Whether nothing is left.
    pub(super) fn is_at_end(&mut self) -> bool {
        while self.data.is_empty() {
            if !self.go_on() {
                return true;
            }
        }
        false
    }

    /// The next byte; `None` at the end.
    pub(super) fn u8(&mut self) -> Option<u8> {
        if self.is_at_end() {
            return None;
        }
        let byte = self.data.first().copied();
        self.advance(1);
        byte
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        Some(u16::from_le_bytes([self.u8()?, self.u8()?]))
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes([
            self.u8()?,
            self.u8()?,
            self.u8()?,
            self.u8()?,
        ]))
    }

    /// Skips bytes of any number of records; `None` if there are fewer.
    pub(super) fn skip(&mut self, mut count: usize) -> Option<()> {
        while count > 0 {
            if self.is_at_end() {
                return None;
            }
            let length = count.min(self.data.len());
            self.advance(length);
            count -= length;
        }
        Some(())
    }
}

/// The number at a position; `None` beyond the end.
pub(super) fn u16_at(data: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*data.get(at..)?.first_chunk()?))
}

/// The number at a position; `None` beyond the end.
pub(super) fn u32_at(data: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*data.get(at..)?.first_chunk()?))
}

/// The number at a position; `None` beyond the end.
pub(super) fn f64_at(data: &[u8], at: usize) -> Option<f64> {
    Some(f64::from_le_bytes(*data.get(at..)?.first_chunk()?))
}
