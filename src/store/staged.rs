//! A row of a sheet in the form in which it is compared with its cast: its content and its cells as JSON.
//!
//! Both kinds of database store these same values, so a cast is the same in both.

use super::Sheet;
use crate::domain::character::Content;
use crate::domain::flag::Flags;
use crate::domain::row::Row;
use crate::domain::text;

/// Puts the rows of one sheet into that form.
pub(super) struct Staging {
    /// The JSON of each column's name, followed by a colon.
    heads: Vec<String>,
    /// The positions of the columns that the prompt names.
    prompt_columns: Vec<usize>,
}

/// A row of a sheet that is compared with its cast.
pub(super) struct StagedRow {
    pub(super) number: u64,
    pub(super) line: u64,
    pub(super) key: Option<String>,
    pub(super) name: String,
    pub(super) description: String,
    /// All cells, as a JSON object.
    pub(super) columns: String,
    pub(super) content: Content,
    pub(super) have: Option<String>,
    /// All flags of that story.
    pub(super) have_flags: Flags,
}

impl Staging {
    pub(super) fn new(sheet: &Sheet) -> Self {
        let heads = sheet.columns.iter().map(|column| json(column) + ":");
        Self {
            heads: heads.collect(),
            prompt_columns: sheet.prompt_columns.clone(),
        }
    }

    pub(super) fn staged(&self, row: Row) -> StagedRow {
        StagedRow {
            content: self.content(&row),
            columns: self.columns(&row.cells),
            number: row.number,
            line: row.line,
            key: row.key.map(|key| key.trim().to_owned()),
            name: row.name,
            description: row.description,
            have_flags: match &row.have {
                Some(story) => row.have_flags.union(text::flags(story, text::words(story))),
                None => Flags::default(),
            },
            have: row.have,
        }
    }

    /// The content that a story of the row is made from.
    pub(super) fn content(&self, row: &Row) -> Content {
        let cells = self
            .prompt_columns
            .iter()
            .filter_map(|at| row.cells.get(*at));
        Content::with(&row.name, &row.description, cells.map(String::as_str))
    }

    /// The cells under the names of their columns, as a JSON object.
    pub(super) fn columns(&self, cells: &[String]) -> String {
        let room = |(head, cell): (&String, &String)| head.len() + cell.len() + 4;
        let room: usize = self.heads.iter().zip(cells).map(room).sum();
        let mut object = String::with_capacity(room + 2);
        object.push('{');
        for (head, cell) in self.heads.iter().zip(cells) {
            if object.len() > 1 {
                object.push(',');
            }
            object.push_str(head);
            push_json(&mut object, cell);
        }
        object.push('}');
        object
    }
}

pub(super) fn json(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Appends a text as JSON. Most texts need no escape, and are copied directly.
fn push_json(out: &mut String, text: &str) {
    let plain = |byte: u8| byte >= b' ' && byte != b'"' && byte != b'\\';
    if text.bytes().all(plain) {
        out.extend(["\"", text, "\""]);
    } else {
        out.push_str(&json(text));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(property_config!())]
        #[test]
        fn the_json_of_a_text_is_the_same_as_that_of_serde_json(text in any::<String>()) {
            let mut ours = String::new();
            push_json(&mut ours, &text);
            prop_assert_eq!(ours, json(&text));
        }
    }
}
