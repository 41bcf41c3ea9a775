//! A character as the program outputs it: the fields of JSONL, of `list --json` and of the view `results`.
//!
//! An absent value is `null`, never 0 or an empty text.

use super::flag::Flags;
use super::outcome::Outcome;
use super::status::Status;
use serde::Serialize;
use serde_json::value::RawValue;

/// A character as the program outputs it.
#[derive(Debug, Serialize)]
pub struct Record {
    /// The name of its cast.
    pub cast_name: String,
    /// Its row key, if the sheet has row keys.
    pub key: Option<String>,
    /// Its row in the sheet, from 1.
    pub row: i64,
    /// Its name.
    pub name: String,
    /// What is sent.
    pub description: String,
    /// Its cells by column.
    pub columns: Box<RawValue>,
    /// Its state.
    pub status: Status,
    /// Whether it is no longer in the sheet.
    pub gone: bool,
    /// The text of the current take, whatever the state.
    pub backstory: Option<String>,
    /// The number of that take.
    pub take: Option<i64>,
    /// The number of words of that take.
    pub words: Option<i64>,
    /// Attempts, without those that are known to be unsent.
    pub requests: i64,
    /// Its flags.
    pub flags: Flags,
    /// The class of its failure.
    pub error_kind: Option<Outcome>,
    /// The message of its failure.
    pub error: Option<String>,
    /// The provider that wrote the take.
    pub provider: Option<String>,
    /// The model that wrote the take.
    pub model: Option<String>,
    /// When the take was finished.
    pub finished_at: Option<String>,
}
