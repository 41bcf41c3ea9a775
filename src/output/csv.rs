//! CSV: the sheet's own columns as they came, then `backstory, status, error`.
//!
//! A cell that a spreadsheet would run gets a `'` in front unless asked otherwise; our own reader takes it off again. A byte
//! order mark goes first, because without it the usual spreadsheet gets accents wrong.

use super::sheet::Columns;
use super::{Output, OutputError};
use crate::domain::formula::neutralised;
use crate::domain::record::Record;
use std::io::Write;

/// CSV on a writer.
pub struct Csv<'a> {
    out: &'a mut dyn Write,
    columns: Columns,
    raw: bool,
}

impl<'a> Csv<'a> {
    /// CSV with the sheet's `columns`; `raw` leaves formulas alone.
    pub fn new(out: &'a mut dyn Write, columns: &[String], raw: bool) -> Self {
        Self {
            out,
            columns: Columns::new(columns),
            raw,
        }
    }

    fn line<C: AsRef<str>>(&mut self, cells: &[C]) -> Result<(), OutputError> {
        let line = if self.raw {
            csv_line(cells)
        } else {
            let cells: Vec<_> = cells
                .iter()
                .map(|cell| neutralised(cell.as_ref()))
                .collect();
            csv_line(&cells)
        };
        Ok(self.out.write_all(&line)?)
    }
}

impl Output for Csv<'_> {
    fn begin(&mut self) -> Result<(), OutputError> {
        self.out.write_all("\u{FEFF}".as_bytes())?;
        let header: Vec<String> = self
            .columns
            .header()
            .into_iter()
            .map(str::to_owned)
            .collect();
        self.line(&header)
    }

    fn record(&mut self, record: &Record) -> Result<(), OutputError> {
        let cells = self.columns.cells(record);
        self.line(&cells)
    }

    fn end(&mut self) -> Result<(), OutputError> {
        Ok(self.out.flush()?)
    }
}

/// One line of CSV, with its end.
///
/// # Panics
///
/// Never: writing to memory does not fail.
pub fn csv_line<C: AsRef<str>>(cells: &[C]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer
        .write_record(cells.iter().map(|cell| cell.as_ref().as_bytes()))
        .expect("memory takes any record");
    writer.into_inner().expect("memory needs no flushing")
}
