//! A cast book: one HTML file to read and to print, which opens without a network.
//!
//! The file contains everything it needs: no script, no font and no picture from elsewhere, and a policy that would refuse
//! them. Text of the sheet and of the service is escaped. The table of contents comes first, so all records are passed
//! twice: once for the list, once for the pages.

use super::markdown::no_story;
use super::{Output, OutputError};
use crate::domain::record::Record;
use crate::domain::shown::{shown, shown_lines};
use minijinja::{AutoEscape, Environment, context};
use std::io::Write;

/// The names of the templates, and their texts.
const PARTS: [(&str, &str); 4] = [
    ("head", include_str!("book/head.html")),
    ("entry", include_str!("book/entry.html")),
    ("character", include_str!("book/character.html")),
    ("foot", include_str!("book/foot.html")),
];

/// The list of a longer cast begins with links to every hundredth character.
const PART: u64 = 100;

/// The style sheet.
const STYLE: &str = include_str!("book/book.css");

/// The state of a book while it is written.
pub(crate) struct Book<'a> {
    out: &'a mut dyn Write,
    parts: Environment<'static>,
    title: String,
    /// Characters of the cast, and how many of them have a story.
    counts: (u64, u64),
    /// Records written so far, to the list and to the pages.
    listed: u64,
    written: u64,
}

impl<'a> Book<'a> {
    /// A book about the cast `title` with so many `characters`, of which `finished` have a story.
    ///
    /// # Panics
    ///
    /// Never: the templates are part of the program.
    pub(crate) fn new(out: &'a mut dyn Write, title: &str, characters: u64, finished: u64) -> Self {
        let mut parts = Environment::new();
        parts.set_auto_escape_callback(|_| AutoEscape::Html);
        for (name, text) in PARTS {
            parts
                .add_template(name, text)
                .expect("the parts are well-formed");
        }
        Self {
            out,
            parts,
            title: shown(title).into_owned(),
            counts: (characters, finished),
            listed: 0,
            written: 0,
        }
    }

    fn part(&mut self, name: &str, values: minijinja::Value) -> Result<(), OutputError> {
        let part = self.parts.get_template(name);
        let text = part.and_then(|part| part.render(values));
        let text = text.map_err(|source| OutputError::Page {
            source: Box::new(source),
        })?;
        Ok(self.out.write_all(text.as_bytes())?)
    }
}

impl Output for Book<'_> {
    fn lists_first(&self) -> bool {
        true
    }

    fn begin(&mut self) -> Result<(), OutputError> {
        let (title, style) = (self.title.clone(), STYLE);
        let (characters, finished) = self.counts;
        let begins = (1..=characters).step_by(usize::try_from(PART).unwrap_or(usize::MAX));
        let parts: Vec<u64> = begins.filter(|_| characters > PART).collect();
        self.part(
            "head",
            context! { title, style, characters, finished, parts },
        )
    }

    fn list(&mut self, record: &Record) -> Result<(), OutputError> {
        self.listed += 1;
        let (nth, name) = (self.listed, shown(record.name.trim()));
        let finished = record.backstory.is_some();
        let begins = self.counts.0 > PART && nth % PART == 1;
        self.part("entry", context! { nth, name, finished, begins })
    }

    fn record(&mut self, record: &Record) -> Result<(), OutputError> {
        self.written += 1;
        let values = context! {
            first => self.written == 1,
            nth => self.written,
            name => shown(record.name.trim()),
            facts => facts(record),
            paragraphs => record.backstory.as_deref().map(paragraphs),
            no_story => no_story(record),
            gone => record.gone,
            words => record.words,
        };
        self.part("character", values)
    }

    fn end(&mut self) -> Result<(), OutputError> {
        self.part("foot", context! { empty => self.written == 0 })?;
        Ok(self.out.flush()?)
    }
}

/// The cells besides the name and the story, with their columns.
fn facts(record: &Record) -> Vec<(String, String)> {
    let cells = record.cells().into_iter();
    cells
        .map(|(column, cell)| (shown(&column).into_owned(), shown_lines(&cell).into_owned()))
        .collect()
}

/// The paragraphs of a story, which blank lines separate.
fn paragraphs(story: &str) -> Vec<String> {
    let mut paragraphs = vec![String::new()];
    for line in story.lines() {
        match (line.trim().is_empty(), paragraphs.last_mut()) {
            (false, Some(last)) => {
                if !last.is_empty() {
                    last.push('\n');
                }
                last.push_str(&shown_lines(line));
            }
            _ => paragraphs.push(String::new()),
        }
    }
    paragraphs.retain(|paragraph| !paragraph.is_empty());
    paragraphs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_lines_separate_paragraphs() {
        assert_eq!(
            paragraphs("\n a\nb \n\n \n\nc\u{202e}\n"),
            [" a\nb ", "c\\u{202e}"]
        );
        assert_eq!(paragraphs(" \n"), [""; 0]);
    }
}
