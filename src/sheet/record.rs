//! One record of a sheet: its cells in one buffer, and faults in their form.
//!
//! The buffer is used again for each record and has fixed limits: text beyond them is left out and marked. The meaning of
//! cells is not checked here.

use super::guess::is_invisible;
use super::{CELL_MAX, COLUMNS_MAX, ROW_MAX};

/// One record, filled again and again.
#[derive(Debug, Default, Clone)]
pub(super) struct Record {
    /// The line where it begins.
    pub(super) line: u64,
    text: String,
    /// The end of each cell in `text`.
    ends: Vec<usize>,
    /// The beginning of the current cell.
    begin: usize,
    fields: usize,
    flaws: Vec<Flaw>,
    /// The cells that are formulas without a result, in order.
    no_result: Vec<usize>,
}

/// A fault in the form of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Flaw {
    /// The line of the fault, or of the quote that opened it.
    pub(super) line: u64,
    /// The cell, counted from 0.
    pub(super) cell: usize,
    pub(super) kind: FlawKind,
}

/// The kind of fault in the form of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FlawKind {
    TextAfterQuote,
    QuoteRunsOn { met: u64 },
    QuoteNeverClosed,
    QuoteBehindBlank,
    CellTooLong,
    RowTooLong,
}

impl Record {
    /// Clears the record and begins a new one at this line.
    pub(super) fn begin(&mut self, line: u64) {
        self.line = line;
        self.text.clear();
        self.ends.clear();
        self.begin = 0;
        self.fields = 0;
        self.flaws.clear();
        self.no_result.clear();
    }

    /// Adds to the current cell, up to the limits.
    pub(super) fn push(&mut self, text: &str) {
        if self.text.len() - self.begin + text.len() > CELL_MAX {
            self.mark_once(FlawKind::CellTooLong);
        } else if self.text.len() + text.len() > ROW_MAX {
            self.mark_once(FlawKind::RowTooLong);
        } else {
            self.text.push_str(text);
        }
    }

    /// Replaces the content of the current cell by `text`.
    pub(super) fn replace_cell(&mut self, text: &str) {
        self.text.truncate(self.begin);
        self.push(text);
    }

    /// Ends the current cell, which may be empty.
    pub(super) fn end_cell(&mut self) {
        if self.fields < COLUMNS_MAX {
            self.ends.push(self.text.len());
        } else {
            self.mark_once(FlawKind::RowTooLong);
        }
        self.begin = self.text.len();
        self.fields += 1;
    }

    /// Records a fault of the current cell.
    pub(super) fn mark(&mut self, line: u64, kind: FlawKind) {
        self.flaws.push(Flaw {
            line,
            cell: self.fields,
            kind,
        });
    }

    /// Records that the current cell is a formula without a stored result.
    pub(super) fn mark_no_result(&mut self) {
        self.no_result.push(self.fields);
    }

    /// Whether the cell, counted from 0, is a formula without a stored result.
    pub(super) fn has_no_result(&self, cell: usize) -> bool {
        self.no_result.contains(&cell)
    }

    /// Whether no cell is a formula without a stored result.
    pub(super) fn has_all_results(&self) -> bool {
        self.no_result.is_empty()
    }

    fn mark_once(&mut self, kind: FlawKind) {
        if !self
            .flaws
            .iter()
            .any(|flaw| flaw.cell == self.fields || flaw.kind == FlawKind::RowTooLong)
        {
            self.mark(self.line, kind);
        }
    }

    /// The number of cells, including those beyond the limits.
    pub(super) fn fields(&self) -> usize {
        self.fields
    }

    /// The cell, counted from 0; empty if there is none.
    pub(super) fn cell(&self, index: usize) -> &str {
        let Some(&end) = self.ends.get(index) else {
            return "";
        };
        let begin = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.text[begin..end]
    }

    pub(super) fn cells(&self) -> impl Iterator<Item = &str> {
        (0..self.ends.len()).map(|index| self.cell(index))
    }

    /// All cells as one text.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn flaws(&self) -> &[Flaw] {
        &self.flaws
    }

    /// Whether it has nothing that a person could see.
    pub(super) fn is_blank(&self) -> bool {
        self.flaws.is_empty() && self.no_result.is_empty() && is_blank(&self.text)
    }
}

/// Whether a text shows nothing: only white space and characters without a width.
pub(super) fn is_blank(text: &str) -> bool {
    text.chars()
        .all(|char| char.is_whitespace() || is_invisible(char))
}
