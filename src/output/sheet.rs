//! A record as a row of its sheet: the writer's own columns unchanged, then those of this program.
//!
//! A column of the writer is never replaced: if one has the same name as ours, ours gets a number.

use crate::domain::own_columns::beside;
use crate::domain::record::Record;
use serde_json::Value;
use std::collections::HashMap;

/// The columns of an exported sheet.
pub(super) struct Columns {
    writers: Vec<String>,
    own: [String; 3],
}

impl Columns {
    /// The writer's columns, then ours.
    pub(super) fn new(columns: &[String]) -> Self {
        Self {
            own: beside(columns),
            writers: columns.to_vec(),
        }
    }

    /// The header.
    pub(super) fn header(&self) -> Vec<&str> {
        self.writers
            .iter()
            .chain(&self.own)
            .map(String::as_str)
            .collect()
    }

    /// The position of our column with the stories, from 0.
    pub(super) fn story(&self) -> usize {
        self.writers.len()
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
            record.status.word().to_owned(),
            record.error.clone().unwrap_or_default(),
        ];
        self.writers.iter().map(&mut cell).chain(own).collect()
    }
}
