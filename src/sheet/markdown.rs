//! One table of a Markdown file → records.
//!
//! A table is a line of cells between bars, a line of dashes under it, and the rows that follow; what stands around it is
//! passed over. The first table with a usual header for names is read, else the first one; the others are counted. Cells are as
//! a reader sees them: without the blanks around them, without images, and without emphasis or a link that spans the whole
//! cell.

use super::ROW_MAX;
use super::fault::{Fault, Problem};
use super::guess::usual;
use super::note::Note;
use super::record::Record;
use super::text::Text;

/// The table of a text.
pub(super) struct Markdown {
    text: Text,
    /// The next line, counted from 1.
    line: u64,
    /// A line that was read in advance.
    held: Option<String>,
    part: Part,
    /// Tables that stand before the one to be read.
    before: u64,
    /// The line of the table that is read, once it is found.
    read_line: u64,
    /// Tables that are not read, and the line of the first of them.
    others: Option<(u64, u64)>,
}

/// The part of the text that comes next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Before,
    Table,
    After,
}

impl Markdown {
    /// Whether the text has a table.
    pub(super) fn is_in(text: &str) -> bool {
        headers(text).next().is_some()
    }

    /// The table of the text, whose first line has this number.
    pub(super) fn new(text: Text, line: u64) -> Self {
        let before = headers(text.rest())
            .position(|header| header.split('|').any(|cell| usual::name(cell).is_some()));
        Self {
            before: u64::try_from(before.unwrap_or(0)).unwrap_or(0),
            text,
            line,
            held: None,
            part: Part::Before,
            read_line: 0,
            others: None,
        }
    }

    /// Which tables were not read, once the text is read to its end.
    pub(super) fn note(&self) -> Option<Note> {
        let (tables, first_line) = self.others?;
        Some(Note::OtherTables {
            read_line: self.read_line,
            tables,
            first_line,
        })
    }

    /// Reads the next row; `false` at the end.
    ///
    /// # Errors
    ///
    /// If the text cannot be read further; no more rows follow.
    pub(super) fn read(&mut self, record: &mut Record) -> Result<bool, Fault> {
        while let Some((number, line)) = self.next_line()? {
            match self.part {
                Part::Before | Part::After if line.contains('|') && !is_ruler(&line) => {
                    let is_table = self.look_ahead()?.is_some_and(is_ruler);
                    if !is_table {
                        continue;
                    }
                    if self.part == Part::Before && self.before == 0 {
                        // The line of dashes.
                        self.next_line()?;
                        self.part = Part::Table;
                        self.read_line = number;
                        fill(record, number, &line);
                        return Ok(true);
                    }
                    self.before = self.before.saturating_sub(1);
                    let (tables, first) = self.others.unwrap_or((0, number));
                    self.others = Some((tables + 1, first));
                }
                Part::Table if line.contains('|') => {
                    fill(record, number, &line);
                    return Ok(true);
                }
                Part::Table => self.part = Part::After,
                Part::Before | Part::After => {}
            }
        }
        Ok(false)
    }

    fn look_ahead(&mut self) -> Result<Option<&str>, Fault> {
        if self.held.is_none() {
            self.held = self.line_of_text()?;
        }
        Ok(self.held.as_deref())
    }

    fn next_line(&mut self) -> Result<Option<(u64, String)>, Fault> {
        let line = match self.held.take() {
            Some(line) => Some(line),
            None => self.line_of_text()?,
        };
        let number = self.line;
        self.line += 1;
        Ok(line.map(|line| (number, line)))
    }

    fn line_of_text(&mut self) -> Result<Option<String>, Fault> {
        let mut line = String::new();
        loop {
            if self.text.rest().is_empty() {
                let has_more = self
                    .text
                    .fill()
                    .map_err(|problem| Fault::at(self.line, problem))?;
                if !has_more {
                    return Ok((!line.is_empty()).then_some(line));
                }
            }
            let rest = self.text.rest();
            let end = rest.find('\n');
            line.push_str(&rest[..end.unwrap_or(rest.len())]);
            let taken = end.map_or(rest.len(), |end| end + 1);
            self.text.take(taken);
            if line.len() > ROW_MAX {
                return Err(Fault::at(self.line, Problem::RowTooLong));
            }
            if end.is_some() {
                line.truncate(line.trim_end_matches('\r').len());
                return Ok(Some(line));
            }
        }
    }
}

/// The headers of the tables in the text.
fn headers(text: &str) -> impl Iterator<Item = &str> {
    let under = text.lines().skip(1);
    let is_header = |(header, under): &(&str, &str)| {
        header.contains('|') && !is_ruler(header) && is_ruler(under)
    };
    text.lines()
        .zip(under)
        .filter(is_header)
        .map(|(header, _)| header)
}

/// Whether a line is the dashes under a header: `| --- | :-: |`.
fn is_ruler(line: &str) -> bool {
    let is_part = |char| matches!(char, '|' | '-' | ':' | ' ' | '\t');
    line.contains('|') && line.contains("--") && line.chars().all(is_part)
}

fn fill(record: &mut Record, number: u64, line: &str) {
    record.begin(number);
    let line = line.trim();
    let line = line.strip_prefix('|').unwrap_or(line);
    let line = line
        .strip_suffix('|')
        .filter(|line| !line.ends_with('\\'))
        .unwrap_or(line);
    let mut cell = String::new();
    let mut chars = line.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '\\' if chars.peek() == Some(&'|') => cell.extend(chars.next()),
            '|' => {
                end(record, &cell);
                cell.clear();
            }
            char => cell.push(char),
        }
    }
    end(record, &cell);
}

fn end(record: &mut Record, cell: &str) {
    record.push(&as_seen(cell));
    record.end_cell();
}

/// A cell as it is displayed.
fn as_seen(cell: &str) -> String {
    let (text, has_image) = without_images(cell);
    let mut cell = text.trim();
    if has_image {
        // A line break only separates the image from the text.
        for mark in BREAKS {
            cell = cell.strip_prefix(mark).unwrap_or(cell).trim();
            cell = cell.strip_suffix(mark).unwrap_or(cell).trim();
        }
    }
    for mark in ["**", "__", "*", "_", "`", "~~"] {
        let inner = cell
            .strip_prefix(mark)
            .and_then(|rest| rest.strip_suffix(mark));
        cell = inner
            .filter(|inner| !inner.is_empty() && !inner.contains(mark))
            .unwrap_or(cell);
    }
    let link = cell
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(')'))
        .and_then(|rest| rest.split_once("]("));
    let cell = link
        .filter(|(text, target)| !text.contains(']') && !target.contains(['(', ')']))
        .map_or(cell, |(text, _)| text);
    BREAKS
        .iter()
        .fold(cell.to_owned(), |cell, mark| cell.replace(mark, "\n"))
}

/// How a line break is written in a cell.
const BREAKS: [&str; 3] = ["<br>", "<br/>", "<br />"];

/// The cell without its images, and whether it has any.
fn without_images(cell: &str) -> (String, bool) {
    let mut out = String::with_capacity(cell.len());
    let mut rest = cell;
    let mut has_image = false;
    let begin = |rest: &str| {
        ["<img", "!["]
            .iter()
            .filter_map(|mark| rest.find(mark))
            .min()
    };
    while let Some(at) = begin(rest) {
        let end = if rest[at..].starts_with('<') {
            rest[at..].find('>')
        } else {
            rest[at..].find("](").and_then(|link| {
                let target = &rest[at + link..];
                target.find(')').map(|end| link + end)
            })
        };
        let Some(end) = end else { break };
        out.push_str(&rest[..at]);
        rest = &rest[at + end + 1..];
        has_image = true;
    }
    out.push_str(rest);
    (out, has_image)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn rows(text: &str, block: u64) -> (Vec<(u64, Vec<String>)>, Option<Note>) {
        assert!(Markdown::is_in(text), "{text}");
        let text = Text::open(Box::new(Cursor::new(text.as_bytes().to_vec())), block, None);
        let mut table = Markdown::new(text.expect("a known label").expect("text"), 1);
        let mut record = Record::default();
        let mut rows = Vec::new();
        while table.read(&mut record).expect("text") {
            rows.push((record.line, record.cells().map(str::to_owned).collect()));
        }
        (rows, table.note())
    }

    #[test]
    fn the_first_table_is_read_as_it_is_displayed() {
        let text = "# Cast\r\n\r\nAll | of them\r\n\r\n| name | description |\r\n| --- | :-: |\r\n| **Ada Moor** | bakes \\| sells |\r\n| [Bo](bo.md) | fixes<br>clocks\r\n\r\nThe end.\r\n\r\na | b\r\n--|--\r\n1 | 2\r\n";
        for block in [7, 4096] {
            let (found, note) = rows(text, block);
            let cells = |a: &str, b: &str| vec![a.to_owned(), b.to_owned()];
            assert_eq!(
                found,
                [
                    (5, cells("name", "description")),
                    (7, cells("Ada Moor", "bakes | sells")),
                    (8, cells("Bo", "fixes\nclocks")),
                ]
            );
            assert_eq!(
                note,
                Some(Note::OtherTables {
                    read_line: 5,
                    tables: 1,
                    first_line: 12
                })
            );
        }
    }

    #[test]
    fn the_first_table_that_names_characters_is_read() {
        let text = "| Act | Place |\n|--|--|\n| 1 | inn |\n\n| Character | Role |\n|--|--|\n| Ada | baker |\n\n| Name | x |\n|--|--|\n| Bo | y |\n";
        let (found, note) = rows(text, 4096);
        assert_eq!(found[0].0, 5);
        assert_eq!(found.len(), 2);
        let others = Note::OtherTables {
            read_line: 5,
            tables: 2,
            first_line: 1,
        };
        assert_eq!(note, Some(others));
    }

    #[test]
    fn an_image_is_no_part_of_a_cell() {
        for (cell, seen) in [
            ("<img src=\"a.png\"/> <br/> **Ada** <br/>", "Ada"),
            ("![Ada](a.png) Ada", "Ada"),
            ("Ada<br>Moor", "Ada\nMoor"),
            ("a < b <img", "a < b <img"),
            ("![open", "![open"),
        ] {
            assert_eq!(as_seen(cell), seen, "{cell}");
        }
    }

    #[test]
    fn bars_alone_are_no_table() {
        for text in [
            "name|bio\nAda|bakes\n",
            "---\ntitle: x\n---\n",
            "a | b\n",
            "",
        ] {
            assert!(!Markdown::is_in(text), "{text}");
        }
    }
}
