//! CSV: the sheet's own columns as they came, then `backstory, status, error`.
//!
//! A cell that a spreadsheet would run gets a `'` in front unless asked otherwise; our own reader takes it off again. A byte
//! order mark goes first, because without it the usual spreadsheet gets accents wrong.

use super::{Output, OutputError};
use crate::domain::formula::neutralised;
use crate::domain::record::Record;
use serde_json::Value;
use std::collections::HashMap;
use std::io::Write;

/// Our own columns.
const OWN: [&str; 3] = ["backstory", "status", "error"];

/// CSV on a writer.
pub struct Csv<'a> {
    out: &'a mut dyn Write,
    columns: Vec<String>,
    raw: bool,
}

impl<'a> Csv<'a> {
    /// CSV with the sheet's `columns`; `raw` leaves formulas alone.
    pub fn new(out: &'a mut dyn Write, columns: &[String], raw: bool) -> Self {
        let theirs = columns
            .iter()
            .filter(|column| !OWN.contains(&column.as_str()));
        Self {
            out,
            columns: theirs.cloned().collect(),
            raw,
        }
    }

    fn line(&mut self, cells: &[&str]) -> Result<(), OutputError> {
        let line = if self.raw {
            csv_line(cells)
        } else {
            let cells: Vec<_> = cells.iter().map(|cell| neutralised(cell)).collect();
            csv_line(&cells)
        };
        Ok(self.out.write_all(&line)?)
    }
}

impl Output for Csv<'_> {
    fn begin(&mut self) -> Result<(), OutputError> {
        self.out.write_all("\u{FEFF}".as_bytes())?;
        let columns = self.columns.clone();
        let header: Vec<&str> = columns.iter().map(String::as_str).chain(OWN).collect();
        self.line(&header)
    }

    fn record(&mut self, record: &Record) -> Result<(), OutputError> {
        let cells: HashMap<String, Value> =
            serde_json::from_str(record.columns.get()).unwrap_or_default();
        let columns = self.columns.clone();
        let cell = |column: &String| {
            cells
                .get(column)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        let own = [
            record.backstory.as_deref().unwrap_or_default(),
            record.status.as_str(),
            record.error.as_deref().unwrap_or_default(),
        ];
        let line: Vec<&str> = columns.iter().map(cell).chain(own).collect();
        self.line(&line)
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
