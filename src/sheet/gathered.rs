//! Collects rows with a common property into notes while a sheet is read.

use super::note::{Note, RowsKind, RowsNote};

/// The rows that become notes, by kind.
#[derive(Debug, Default)]
pub(super) struct GatheredRows(Vec<RowsNote>);

impl GatheredRows {
    /// Adds the row that begins in this line.
    pub(super) fn add(&mut self, kind: RowsKind, line: u64) {
        match self.0.iter_mut().find(|note| note.kind == kind) {
            Some(note) => {
                note.rows += 1;
                note.last_line = line;
            }
            None => self.0.push(RowsNote {
                kind,
                rows: 1,
                first_line: line,
                last_line: line,
            }),
        }
    }

    /// The notes, in the order in which the first row of each kind occurs.
    pub(super) fn notes(&self) -> impl Iterator<Item = Note> {
        self.0.iter().copied().map(Note::Rows)
    }
}
