//! A character as it is handed out: the columns of JSONL, of `list --json` and of the view `results`.
//!
//! What is absent is `null`, never 0 or an empty text.

use serde::Serialize;
use serde_json::value::RawValue;

/// A character, as it is handed out.
#[derive(Debug, Serialize)]
pub struct Record {
    /// The name of its cast.
    pub cast_name: String,
    /// Its key, where the sheet has one.
    pub key: Option<String>,
    /// Its place in the sheet, from 1.
    pub row: i64,
    /// Its name.
    pub name: String,
    /// What was sent.
    pub description: String,
    /// Its cells by column.
    pub columns: Box<RawValue>,
    /// Its state.
    pub status: String,
    /// Whether it left the sheet.
    pub gone: bool,
    /// The text of the take that counts, whatever the state.
    pub backstory: Option<String>,
    /// The number of that take.
    pub take: Option<i64>,
    /// Its words.
    pub words: Option<i64>,
    /// Attempts written and not known as unsent.
    pub requests: i64,
    /// Its flags.
    pub flags: Box<RawValue>,
    /// The class of its failure.
    pub error_kind: Option<String>,
    /// What went wrong.
    pub error: Option<String>,
    /// Who wrote the take.
    pub provider: Option<String>,
    /// With which model.
    pub model: Option<String>,
    /// When.
    pub finished_at: Option<String>,
}
