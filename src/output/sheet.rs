//! A record as a row of its sheet: the original columns as they came, then our own.
//!
//! Columns of the sheet that are called as ours are replaced by ours.

use crate::domain::record::Record;
use serde_json::Value;
use std::collections::HashMap;

/// Our own columns.
const OWN: [&str; 3] = ["backstory", "status", "error"];

/// The columns of an exported sheet.
pub(super) struct Columns(Vec<String>);

impl Columns {
    /// The sheet's own columns, and ours behind them.
    pub(super) fn new(columns: &[String]) -> Self {
        let theirs = columns
            .iter()
            .filter(|column| !OWN.contains(&column.as_str()));
        Self(theirs.cloned().collect())
    }

    /// The header.
    pub(super) fn header(&self) -> Vec<&str> {
        self.0.iter().map(String::as_str).chain(OWN).collect()
    }

    /// The cells of a record, in the order of the header.
    pub(super) fn cells(&self, record: &Record) -> Vec<String> {
        let mut cells: HashMap<String, Value> =
            serde_json::from_str(record.columns.get()).unwrap_or_default();
        let mut cell = |column: &String| match cells.remove(column) {
            Some(Value::String(text)) => text,
            _ => String::new(),
        };
        let own = [
            record.backstory.clone().unwrap_or_default(),
            record.status.clone(),
            record.error.clone().unwrap_or_default(),
        ];
        self.0.iter().map(&mut cell).chain(own).collect()
    }
}
