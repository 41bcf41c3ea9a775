//! The values of a search: what to search for, and what was found.

use crate::domain::character::CharacterId;
use crate::domain::record::Record;

/// What to search for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The words, as the user typed them.
    pub words: String,
    /// Only in this cast.
    pub cast: Option<String>,
    /// Include characters that are no longer in the sheet.
    pub gone: bool,
    /// At most this many characters are returned; all matches are counted.
    pub limit: Option<u64>,
}

/// A character whose texts contain the words.
#[derive(Debug)]
pub struct Found {
    /// Its identity.
    pub id: CharacterId,
    /// The character.
    pub record: Record,
    /// A part of its story around the words; of its description, where the story does not contain them.
    pub snippet: Snippet,
}

/// A part of a text, cut into pieces. `true` marks a piece that matches the search.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Snippet(pub Vec<(String, bool)>);

impl Snippet {
    /// The text without marks.
    #[must_use]
    pub fn text(&self) -> String {
        self.0.iter().map(|(piece, _)| piece.as_str()).collect()
    }
}

/// The characters that match, without their texts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hits {
    /// The matches, best first.
    pub ids: Vec<CharacterId>,
    /// How many characters were not searched, because they are not in the index yet.
    pub left_out: u64,
}
