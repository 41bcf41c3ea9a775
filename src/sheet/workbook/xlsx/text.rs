//! Reads the text of a cell, and the part with the texts that cells share.
//!
//! A text in several fonts is joined; readings above it (furigana) are left out. White space around a text is ignored unless
//! the XML says that it is preserved.

use std::borrow::Cow;
use std::io::BufRead;

use super::super::Trouble;
use super::super::budget::Budget;
use super::super::strings::Strings;
use super::super::xml::{Piece, Tag, Xml};
use super::escape::unescaped;
use crate::sheet::CELL_MAX;

/// Reads the part with the shared texts.
///
/// # Errors
///
/// [`Trouble`].
pub(in super::super) fn read_strings<R: BufRead>(
    mut xml: Xml<R>,
    budget: &mut Budget,
) -> Result<Strings, Trouble> {
    let mut strings = Strings::default();
    let mut text = TextOfCell::default();
    loop {
        match xml.next()? {
            Piece::Start(tag) if tag.name() == "si" => text.begin(),
            Piece::Start(tag) => text.start(&tag)?,
            Piece::Text(piece) => text.push(&piece),
            Piece::End(tag) if tag.name() == "si" => strings.push(&text.text(), budget)?,
            Piece::End(tag) => text.end(tag.name()),
            Piece::Nothing => return Ok(strings),
            Piece::Other => {}
        }
    }
}

/// A text that is being read: `<t>`, and `<r><t>` for each font.
#[derive(Debug, Default)]
pub(super) struct TextOfCell {
    text: String,
    place: Place,
    space: Space,
}

/// Whether the white space around a text counts.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Space {
    /// Of the XML.
    #[default]
    Layout,
    /// Of the text.
    Preserved,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Place {
    #[default]
    Outside,
    /// In a `<t>`.
    Text,
    /// In a `<rPh>`, whose text is a reading.
    Reading,
}

impl TextOfCell {
    pub(super) fn begin(&mut self) {
        self.text.clear();
        self.place = Place::Outside;
        self.space = Space::Layout;
    }

    /// At the beginning of a tag inside it.
    ///
    /// # Errors
    ///
    /// [`Trouble::Broken`] if it is not XML.
    pub(super) fn start(&mut self, tag: &Tag) -> Result<(), Trouble> {
        match (self.place, tag.name()) {
            (Place::Outside, "t") => {
                self.place = Place::Text;
                if tag.attribute("space")?.as_deref() == Some("preserve") {
                    self.space = Space::Preserved;
                }
            }
            (Place::Outside, "rPh") => self.place = Place::Reading,
            _ => {}
        }
        Ok(())
    }

    /// At the end of a tag inside it.
    pub(super) fn end(&mut self, name: &str) {
        if matches!(
            (self.place, name),
            (Place::Text, "t") | (Place::Reading, "rPh")
        ) {
            self.place = Place::Outside;
        }
    }

    /// Adds text that belongs to the cell. A text that is longer than a cell may be is cut after that length; it is refused
    /// later.
    pub(super) fn push(&mut self, piece: &str) {
        if self.place == Place::Text && self.text.len() <= CELL_MAX {
            self.text.push_str(piece);
        }
    }

    /// The text.
    pub(super) fn text(&self) -> Cow<'_, str> {
        unescaped(match self.space {
            Space::Layout => self.text.trim_matches([' ', '\t', '\r', '\n']),
            Space::Preserved => &self.text,
        })
    }
}
