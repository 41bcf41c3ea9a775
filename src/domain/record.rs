//! A character as the program outputs it: the fields of JSONL, of `list --json` and of the view `results`.
//!
//! An absent value is `null`, never 0 or an empty text.

use super::flag::Flags;
use super::outcome::Outcome;
use super::status::Status;
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

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

impl Record {
    /// The trimmed cells that a reader does not see elsewhere, with their columns, in the order of the sheet. Left out are empty
    /// cells, the name, and the story, which stands in a cell if it was imported from the sheet.
    #[must_use]
    pub(crate) fn cells(&self) -> Vec<(String, String)> {
        let columns: Map<String, Value> =
            serde_json::from_str(self.columns.get()).unwrap_or_default();
        let (name, story) = (self.name.trim(), self.backstory.as_deref().map(str::trim));
        let said = columns.into_iter().filter_map(|(column, cell)| {
            let cell = cell.as_str()?.trim();
            let is_story = story.is_some_and(|story| is_same_text(cell, story));
            (!cell.is_empty() && cell != name && !is_story).then(|| (column, cell.to_owned()))
        });
        said.collect()
    }
}

/// Whether two texts are the same for a reader, who sees no difference between line ends.
fn is_same_text(one: &str, other: &str) -> bool {
    one == other
        || one
            .lines()
            .map(str::trim_end)
            .eq(other.lines().map(str::trim_end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(columns: &str, backstory: Option<&str>) -> Record {
        Record {
            cast_name: "cast".into(),
            key: None,
            row: 1,
            name: "Ada".into(),
            description: "bakes".into(),
            columns: RawValue::from_string(columns.into()).expect("JSON"),
            status: Status::Done,
            gone: false,
            backstory: backstory.map(str::to_owned),
            take: None,
            words: None,
            requests: 0,
            flags: Flags::default(),
            error_kind: None,
            error: None,
            provider: None,
            model: None,
            finished_at: None,
        }
    }

    #[test]
    fn a_cell_that_repeats_the_name_or_the_story_is_left_out() {
        let columns = r#"{"name":"Ada","town":" Porto ","empty":" ","story":"One.\r\nTwo.\n"}"#;
        let cells = |story| record(columns, story).cells();
        let town = ("town".to_owned(), "Porto".to_owned());
        assert_eq!(cells(Some("One.\nTwo.")), std::slice::from_ref(&town));
        let story = ("story".to_owned(), "One.\r\nTwo.".to_owned());
        assert_eq!(cells(Some("Another.")), [town.clone(), story.clone()]);
        assert_eq!(cells(None), [town, story]);
    }
}
