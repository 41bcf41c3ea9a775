//! Tables for people: no lines, columns that fit the terminal.
//!
//! A long table is written in pages, so that the first lines are there at once and memory does not grow with it.

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, Column, ColumnConstraint, ContentArrangement, Row, Table, Width};
use std::io::{self, Write};

/// Rows in a page.
const PAGE: usize = 500;

/// The widest that running text is set, in characters.
const MEASURE: u16 = 84;

/// The narrowest that a column of words is squeezed, and the least that is left for the last one, in characters.
const NARROWEST: u16 = 7;

/// An empty table in the house's look.
pub(in crate::cli) fn table() -> Table {
    let mut table = Table::new();
    table
        .load_style(NOTHING)
        .set_truncation_indicator("…")
        .set_content_arrangement(ContentArrangement::Dynamic);
    table
}

/// Lines of cells: the last column takes what the terminal leaves, and what does not fit is cut off.
pub(in crate::cli) struct Lines {
    table: Table,
    /// Columns of numbers.
    right: Vec<usize>,
    /// What the columns took on the first page; later pages follow.
    widths: Option<Vec<u16>>,
}

impl Lines {
    /// No lines yet; the columns `right` hold numbers.
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

    /// Writes what is left.
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

/// What the columns take: all that their cells do, or less where the terminal is too narrow for that.
fn fitting(page: &Table, right: &[usize]) -> Vec<u16> {
    let mut widths = page.column_max_content_widths();
    let Some(terminal) = page.width() else {
        return widths;
    };
    let padding: u16 = page.column_iter().map(Column::padding_width).sum();
    let room = terminal.saturating_sub(padding + NARROWEST);
    let last = widths.len().saturating_sub(1);
    while widths[..last].iter().sum::<u16>() > room {
        // Half a number would be another number.
        let words = (0..last).filter(|at| !right.contains(at));
        let widest = words.max_by_key(|at| widths[*at]);
        match widest.filter(|at| widths[*at] > NARROWEST) {
            Some(at) => widths[at] -= 1,
            None => break,
        }
    }
    widths
}

/// Writes a table without blanks at the ends of its lines.
pub(in crate::cli) fn write(table: &Table, out: &mut dyn Write) -> io::Result<()> {
    for line in table.lines() {
        // The first column has a blank in front, as all have.
        let line = line.strip_prefix(' ').unwrap_or(&line).trim_end();
        writeln!(out, "{line}")?;
    }
    Ok(())
}

/// Writes running text, wrapped to a measure that is good to read where the terminal's width is known.
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
    fn a_narrow_terminal_takes_from_the_widest_words_and_from_no_number() {
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
