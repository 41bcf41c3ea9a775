//! What a cast remembers of its last run, for the next one that does not say.
//!
//! Kept as JSON in the database. What cannot be read is as if it had never been said: a newer program may remember more.

use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What a cast remembers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Memory {
    /// Who wrote.
    pub(super) provider: Option<String>,
    /// At which address, where it was not the provider's own.
    pub(super) base_url: Option<String>,
    /// The sheet, as a path that holds anywhere; absent for standard input.
    pub(super) sheet: Option<PathBuf>,
    /// The columns that were named.
    pub(super) name_column: Option<String>,
    pub(super) description_column: Option<String>,
    pub(super) key_column: Option<String>,
}

impl Memory {
    pub(super) fn read(json: &str) -> Self {
        serde_json::from_str(json).unwrap_or_default()
    }

    pub(super) fn write(&self) -> String {
        serde_json::json!(self).to_string()
    }
}
