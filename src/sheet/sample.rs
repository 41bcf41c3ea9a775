//! The first records of a sheet, which are examined before the sheet is read.
//!
//! A pipe cannot be read twice, so the records that were read in advance are returned again. Their number is limited, so
//! that a sheet without end can be read.

use std::collections::VecDeque;

use super::fault::Fault;
use super::note::Note;
use super::record::Record;
use super::shown::Positions;
use super::source::Records;

/// The most records that are read in advance.
const RECORDS_MAX: usize = 1_000;
/// No more are read in advance after so many bytes.
const BYTES_MAX: usize = 1024 * 1024;

/// The records of a sheet; the first ones can be examined before they are read.
pub(super) struct Sampled {
    records: Records,
    ahead: VecDeque<Record>,
    /// What stopped the reading in advance.
    fault: Option<Fault>,
    is_whole: bool,
}

impl Sampled {
    /// Reads the first records in advance.
    pub(super) fn new(records: Records) -> Self {
        let mut sampled = Self {
            records,
            ahead: VecDeque::new(),
            fault: None,
            is_whole: false,
        };
        let mut bytes = 0;
        while sampled.ahead.len() < RECORDS_MAX && bytes < BYTES_MAX {
            let mut record = Record::default();
            match sampled.records.read(&mut record) {
                Ok(true) => {
                    bytes += record.text().len();
                    sampled.ahead.push_back(record);
                }
                Ok(false) => {
                    sampled.is_whole = true;
                    break;
                }
                Err(fault) => {
                    sampled.fault = Some(fault);
                    break;
                }
            }
        }
        sampled
    }

    /// The records that were read in advance.
    pub(super) fn ahead(&self) -> impl ExactSizeIterator<Item = &Record> {
        self.ahead.iter()
    }

    /// Whether these are all records of the sheet.
    pub(super) fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// The error that stopped the reading in advance, if no record was read.
    pub(super) fn fault_at_once(&mut self) -> Option<Fault> {
        self.fault.take_if(|_| self.ahead.is_empty())
    }

    /// Takes the record with this number, from 0 among those read in advance, and drops those before it.
    pub(super) fn skip_to(&mut self, index: usize) -> Option<Record> {
        self.ahead.drain(..index);
        self.ahead.pop_front()
    }

    /// How messages show the position of a column.
    pub(super) fn positions(&self) -> Positions {
        self.records.positions()
    }

    /// The separator of the cells, for a text.
    pub(super) fn delimiter(&self) -> Option<char> {
        self.records.delimiter()
    }

    /// Notes about what was read so far.
    pub(super) fn note(&self) -> Option<Note> {
        self.records.note()
    }

    /// Reads the next record; `false` at the end.
    ///
    /// # Errors
    ///
    /// The errors of the records; nothing follows after one.
    pub(super) fn read(&mut self, record: &mut Record) -> Result<bool, Fault> {
        if let Some(next) = self.ahead.pop_front() {
            *record = next;
            return Ok(true);
        }
        match self.fault.take() {
            Some(fault) => Err(fault),
            None if self.is_whole => Ok(false),
            None => self.records.read(record),
        }
    }
}
