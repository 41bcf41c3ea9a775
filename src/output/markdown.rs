//! Markdown: for each character a heading, the sheet's columns and the story.
//!
//! Text of the sheet and of the service never becomes markup.

use super::{Output, OutputError};
use crate::domain::record::Record;
use crate::domain::shown::{shown, shown_lines};
use crate::domain::status::Status;
use std::fmt::Write as _;
use std::io::Write;

/// One file with all characters.
pub(crate) struct Markdown<'a> {
    out: &'a mut dyn Write,
    title: String,
}

impl<'a> Markdown<'a> {
    /// A file about the cast `title`.
    pub(crate) fn new(out: &'a mut dyn Write, title: &str) -> Self {
        Self {
            out,
            title: title.to_owned(),
        }
    }
}

impl Output for Markdown<'_> {
    fn begin(&mut self) -> Result<(), OutputError> {
        Ok(writeln!(self.out, "# {}", plain(&shown(&self.title)))?)
    }

    fn record(&mut self, record: &Record) -> Result<(), OutputError> {
        Ok(write!(self.out, "\n{}", character(record, "##"))?)
    }

    fn end(&mut self) -> Result<(), OutputError> {
        Ok(self.out.flush()?)
    }
}

/// One character, under a heading that begins with `mark`.
pub(super) fn character(record: &Record, mark: &str) -> String {
    let mut page = format!("{mark} {}\n\n", plain(&shown(&record.name)));
    for (column, cell) in record.cells() {
        // The lines of a cell stay together in their list item.
        let cell = plain(&shown_lines(&cell)).replace('\n', "\n  ");
        // Writing to a string cannot fail.
        let _ = writeln!(page, "- **{}:** {cell}", plain(&shown(&column)));
    }
    let _ = match &record.backstory {
        Some(story) => writeln!(page, "\n{}", plain(&shown_lines(story.trim()))),
        None => writeln!(page, "\n*{}*", no_story(record)),
    };
    page
}

/// The text in place of a story that is not there.
pub(super) fn no_story(record: &Record) -> &'static str {
    match record.status {
        Status::Failed => "No story: the character failed.",
        _ => "No story yet.",
    }
}

/// `text` with every character escaped that Markdown or HTML could read as markup.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let body = line.trim_start();
        let (indent, _) = line.split_at(line.len() - body.len());
        // Four blanks at the beginning would make it code.
        plain.push_str(if indent.len() > 3 { "   " } else { indent });
        let number = body.trim_start_matches(|c: char| c.is_ascii_digit());
        let listed = number.len() < body.len() && number.starts_with(['.', ')']);
        for (at, c) in body.char_indices() {
            let begins = at == 0 && matches!(c, '#' | '+' | '-' | '=' | '~' | ':');
            let counts = listed && at + number.len() == body.len();
            if begins
                || counts
                || matches!(
                    c,
                    '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '&' | '|'
                )
            {
                plain.push('\\');
            }
            plain.push(c);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_never_markup() {
        for (text, expected) in [
            ("She left.\n\nNobody minded.", "She left.\n\nNobody minded."),
            ("# no heading", "\\# no heading"),
            (
                "1. no list\n- none\n2) none",
                "1\\. no list\n\\- none\n2\\) none",
            ),
            ("in 1923. And", "in 1923. And"),
            ("*a* _b_ `c` [d](e)", "\\*a\\* \\_b\\_ \\`c\\` \\[d\\](e)"),
            ("<script>&amp;", "\\<script\\>\\&amp;"),
            ("      no code", "   no code"),
        ] {
            assert_eq!(plain(text), expected);
        }
    }
}
