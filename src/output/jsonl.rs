//! JSONL: one object per line, as `list --json` prints it.

use super::{Output, OutputError};
use crate::domain::record::Record;
use std::io::Write;

/// JSON lines while they are written.
pub(crate) struct Jsonl<'a> {
    out: &'a mut dyn Write,
}

impl<'a> Jsonl<'a> {
    /// JSON lines, written to `out`.
    pub(crate) fn new(out: &'a mut dyn Write) -> Self {
        Self { out }
    }
}

impl Output for Jsonl<'_> {
    fn begin(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    fn record(&mut self, record: &Record) -> Result<(), OutputError> {
        Ok(writeln!(self.out, "{}", serde_json::json!(record))?)
    }

    fn end(&mut self) -> Result<(), OutputError> {
        Ok(self.out.flush()?)
    }
}
