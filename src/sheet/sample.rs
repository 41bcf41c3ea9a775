//! The first records of a sheet, looked at before the sheet is read.
//!
//! A pipe cannot be wound back, so what was read ahead is handed out again. How much that is has a limit: a sheet without end
//! can be read.

use std::collections::VecDeque;

use super::fault::Fault;
use super::note::Note;
use super::record::Record;
use super::shown::Positions;
use super::source::Records;

/// So many records are read ahead at the most.
const RECORDS_MAX: usize = 1_000;
/// No more are read ahead once they hold so many bytes.
const BYTES_MAX: usize = 1024 * 1024;

/// The records of a sheet, the first of which can be looked at before they are read.
pub(super) struct Sampled {
    records: Records,
    ahead: VecDeque<Record>,
    /// What ended the reading ahead.
    fault: Option<Fault>,
    is_whole: bool,
}

impl Sampled {
    /// Reads the first records ahead.
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

    /// The records that were read ahead.
    pub(super) fn ahead(&self) -> impl ExactSizeIterator<Item = &Record> {
        self.ahead.iter()
    }

    /// Whether these are all records of the sheet.
    pub(super) fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// What ended the reading ahead, if it did not go well and nothing was read.
    pub(super) fn fault_at_once(&mut self) -> Option<Fault> {
        self.fault.take_if(|_| self.ahead.is_empty())
    }

    /// Takes the record with this number, counted from 0 among those read ahead, and drops those before it.
    pub(super) fn skip_to(&mut self, index: usize) -> Option<Record> {
        self.ahead.drain(..index);
        self.ahead.pop_front()
    }

    /// How the columns are counted.
    pub(super) fn positions(&self) -> Positions {
        self.records.positions()
    }

    /// What separates the cells, of a text.
    pub(super) fn delimiter(&self) -> Option<char> {
        self.records.delimiter()
    }

    /// What is of note about what was read so far.
    pub(super) fn note(&self) -> Option<Note> {
        self.records.note()
    }

    /// Reads the next record; `false` at the end.
    ///
    /// # Errors
    ///
    /// As the records themselves: nothing follows after that.
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
