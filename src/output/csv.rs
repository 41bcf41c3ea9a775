//! CSV: the sheet's own columns unchanged, then `backstory, status, error`.
//!
//! A cell that a spreadsheet would run as a formula gets a `'` in front, unless `raw` is set; the reader of this program
//! removes it. The file begins with a byte order mark, because without it common spreadsheets show accents wrong.

use super::sheet::Columns;
use super::{Output, OutputError};
use crate::domain::formula::neutralised;
use crate::domain::record::Record;
use std::io::Write;

/// A CSV file while it is written.
pub(crate) struct Csv<'a> {
    out: &'a mut dyn Write,
    columns: Columns,
    raw: bool,
}

impl<'a> Csv<'a> {
    /// CSV with the sheet's `columns`; with `raw`, formulas are left alone.
    pub(crate) fn new(out: &'a mut dyn Write, columns: &[String], raw: bool) -> Self {
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

/// One line of CSV, with its line end.
///
/// # Panics
///
/// Never: writing to memory does not fail.
pub(crate) fn csv_line<C: AsRef<str>>(cells: &[C]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer
        .write_record(cells.iter().map(|cell| cell.as_ref().as_bytes()))
        .expect("memory takes any record");
    writer.into_inner().expect("memory needs no flushing")
}
