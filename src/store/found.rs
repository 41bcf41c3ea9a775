//! What is searched for, and what is found.

use crate::domain::character::CharacterId;
use crate::domain::record::Record;

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Words as they were typed.
    pub words: String,
    /// In this cast only.
    pub cast: Option<String>,
    /// Among those that left the sheet, too.
    pub gone: bool,
    /// At most so many are described; all are counted.
    pub limit: Option<u64>,
}

/// A character in which the words occur.
#[derive(Debug)]
pub struct Found {
    /// Its identity.
    pub id: CharacterId,
    /// The character.
    pub record: Record,
    /// A part of its story, else of its description.
    pub snippet: Snippet,
}

/// A part of a text, in pieces that were looked for and others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Snippet(pub Vec<(String, bool)>);

/// Who is found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hits {
    /// The best first.
    pub ids: Vec<CharacterId>,
    /// Characters that were not searched: they are not in the index yet.
    pub left_out: u64,
}
