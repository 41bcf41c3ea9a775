//! The cells of one row of a workbook, in one buffer.
//!
//! A cell uses a few bytes besides its text. Cells may come in any order and more than once. After the row is sorted, the
//! last one of each column counts.

use super::Trouble;
use super::budget::Budget;

/// The content of a cell, borrowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown<'row> {
    Text(&'row str),
    NoResult,
}

/// The cells of one row, in the order in which they came; the last of two in one column counts.
#[derive(Debug, Default, Clone)]
pub(super) struct Row {
    /// The text of all of them.
    text: String,
    cells: Vec<Cell>,
    /// The highest column of them.
    last_column: Option<u16>,
}

#[derive(Debug, Clone, Copy)]
struct Cell {
    /// The range of its text in the text of the row.
    begin: u32,
    end: u32,
    /// Counted from 0.
    column: u16,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    NoResult,
}

impl Row {
    /// Adds a cell, which replaces an earlier one of the column.
    ///
    /// # Errors
    ///
    /// [`Trouble::TooLarge`].
    pub(super) fn push(
        &mut self,
        column: u16,
        shown: Shown,
        budget: &mut Budget,
    ) -> Result<(), Trouble> {
        let position = |length: usize| u32::try_from(length).map_err(|_| Trouble::TooLarge);
        let begin = position(self.text.len())?;
        budget.take(size_of::<Cell>())?;
        let kind = match shown {
            Shown::Text(text) => {
                budget.take(text.len())?;
                self.text.push_str(text);
                Kind::Text
            }
            Shown::NoResult => Kind::NoResult,
        };
        let end = position(self.text.len())?;
        self.cells.push(Cell {
            begin,
            end,
            column,
            kind,
        });
        self.last_column = self.last_column.max(Some(column));
        Ok(())
    }

    /// Sorts the cells by column and keeps the last one of each.
    pub(super) fn sort(&mut self) {
        if self.cells.is_sorted_by(|a, b| a.column < b.column) {
            return;
        }
        // The sort keeps the order of cells of one column.
        self.cells.sort_by_key(|cell| cell.column);
        self.cells.reverse();
        self.cells.dedup_by_key(|cell| cell.column);
        self.cells.reverse();
        self.cells
            .retain(|cell| cell.kind == Kind::NoResult || cell.begin < cell.end);
    }

    fn shown(&self, cell: &Cell) -> Shown<'_> {
        let position = |at: u32| usize::try_from(at).unwrap_or(usize::MAX);
        match cell.kind {
            Kind::NoResult => Shown::NoResult,
            Kind::Text => {
                let text = self.text.get(position(cell.begin)..position(cell.end));
                Shown::Text(text.unwrap_or_default())
            }
        }
    }

    /// The content of a column, in a sorted row.
    pub(super) fn find(&self, column: u16) -> Option<Shown<'_>> {
        let at = self.cells.binary_search_by_key(&column, |cell| cell.column);
        Some(self.shown(self.cells.get(at.ok()?)?))
    }

    /// Removes all cells, and keeps the memory for others.
    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.cells.clear();
        self.last_column = None;
    }

    /// Whether a cell in this column or a later one was added.
    pub(super) fn reaches(&self, column: u16) -> bool {
        self.last_column >= Some(column)
    }

    /// The columns with content, and the content.
    pub(super) fn cells(&self) -> impl Iterator<Item = (u16, Shown<'_>)> {
        self.cells
            .iter()
            .map(|cell| (cell.column, self.shown(cell)))
    }

    pub(super) fn first_column(&self) -> Option<u16> {
        self.cells.first().map(|cell| cell.column)
    }
}
