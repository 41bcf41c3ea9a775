//! Tables without borders, whose columns fit the terminal.
//!
//! A long table is written in pages, so that the first lines appear at once and memory stays bounded.

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, Column, ColumnConstraint, ContentArrangement, Row, Table, Width};
use std::io::{self, Write};

/// Rows in a page.
const PAGE: usize = 500;

/// The widest line of running text, in characters.
const MEASURE: u16 = 84;

/// The smallest width of a column of words, and of the last column, in characters.
const NARROWEST: u16 = 7;

/// An empty table in our style.
pub(in crate::cli) fn table() -> Table {
    let mut table = Table::new();
    table
        .load_style(NOTHING)
        .set_truncation_indicator("…")
        .set_content_arrangement(ContentArrangement::Dynamic);
    table
}

/// A table with one line for each row. The last column gets the remaining width of the terminal; longer texts are cut.
pub(in crate::cli) struct Lines {
    table: Table,
    /// The columns with numbers, which are aligned to the right.
    right: Vec<usize>,
    /// The widths of the columns on the first page. Later pages use the same widths.
    widths: Option<Vec<u16>>,
}

impl Lines {
    /// An empty table; the columns `right` contain numbers.
    pub(in crate::cli) fn new(right: &[usize]) -> Self {
        Self {
            table: table(),
            right: right.to_vec(),
            widths: None,
        }
    }

    /// Adds a line; writes a page when it is full.
    pub(in crate::cli) fn line(
        &mut self,
        cells: Vec<String>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let mut row = Row::from(cells);
        row.max_height(1);
        self.table.add_row(row);
        if self.table.row_count() < PAGE {
            return Ok(());
        }
        self.finish(out)
    }

    /// Writes the remaining lines.
    pub(in crate::cli) fn finish(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let mut page = std::mem::replace(&mut self.table, table());
        let right = &self.right;
        let widths = self.widths.get_or_insert_with(|| fitting(&page, right));
        let last = widths.len().saturating_sub(1);
        for (at, column) in page.column_iter_mut().enumerate() {
            let padding = column.padding_width();
            if self.right.contains(&at) {
                column.set_cell_alignment(CellAlignment::Right);
            }
            if at < last {
                let width = Width::Fixed(widths[at] + padding);
                column.set_constraint(ColumnConstraint::Absolute(width));
            }
        }
        write(&page, out)
    }
}

/// The widths of the columns: those of their cells, or less if the terminal is too narrow.
fn fitting(page: &Table, right: &[usize]) -> Vec<u16> {
    let mut widths = page.column_max_content_widths();
    let Some(terminal) = page.width() else {
        return widths;
    };
    let padding: u16 = page.column_iter().map(Column::padding_width).sum();
    let room = terminal.saturating_sub(padding + NARROWEST);
    let last = widths.len().saturating_sub(1);
    while widths[..last].iter().sum::<u16>() > room {
        // Numbers are never cut: half a number would be a wrong number.
        let words = (0..last).filter(|at| !right.contains(at));
        let widest = words.max_by_key(|at| widths[*at]);
        match widest.filter(|at| widths[*at] > NARROWEST) {
            Some(at) => widths[at] -= 1,
            None => break,
        }
    }
    widths
}

/// Writes a table without spaces at the ends of lines.
pub(in crate::cli) fn write(table: &Table, out: &mut dyn Write) -> io::Result<()> {
    for line in table.lines() {
        // Each column starts with a space, which is removed from the first one.
        let line = line.strip_prefix(' ').unwrap_or(&line).trim_end();
        writeln!(out, "{line}")?;
    }
    Ok(())
}

/// Writes running text. If the width of the terminal is known, lines are wrapped to a readable length.
pub(in crate::cli) fn paragraphs(text: &str, out: &mut dyn Write) -> io::Result<()> {
    for paragraph in text.split('\n') {
        if paragraph.trim().is_empty() {
            writeln!(out)?;
            continue;
        }
        let mut page = table();
        if let Some(width) = page.width() {
            page.set_width(width.min(MEASURE));
        }
        page.add_row([paragraph]);
        write(&page, out)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_narrow_terminal_shortens_the_widest_words_and_never_numbers() {
        let name = "n".repeat(32);
        for (terminal, widths) in [
            (100, [4, 9, 32, 11, 200]),
            (60, [4, 9, 19, 11, 200]),
            (40, [4, 9, 7, 7, 200]),
            (10, [4, 9, 7, 7, 200]),
        ] {
            let mut page = table();
            page.set_width(terminal);
            page.add_row(["1234", "123 words", &name, "abrupt long", &"s".repeat(200)]);
            assert_eq!(fitting(&page, &[0, 1]), widths, "{terminal}");
        }
    }
}
