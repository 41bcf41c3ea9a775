//! The cells of one worksheet, as the spreadsheet program shows them.
//!
//! Only filled cells are stored, so a single cell in the last row costs nothing. The memory of all of them is limited. The
//! value of a merged cell counts in each of its rows that has a filled cell; other cells below it in its column are hidden
//! and do not count. The readers format the numbers. Whether a row is a character is not decided here.

use std::collections::{BTreeMap, btree_map};
use std::ops::RangeInclusive;

use super::Trouble;
use super::budget::Budget;
use super::row::{Row, Shown};
use crate::sheet::COLUMNS_MAX;
use crate::sheet::record::Record;
use crate::sheet::shown::Positions;

/// The bytes of a row besides its cells and their text, as measured with ten million rows.
const ROW_BYTES: usize = 160;

/// The content of a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    /// Text; a number or date in the cell's format; `TRUE`; or an error value such as `#REF!`.
    Text(String),
    /// A formula that was never calculated: the file has no result for it.
    NoResult,
}

/// Merged cells with more than one row.
#[derive(Debug, Clone, Copy)]
struct Merged {
    first_row: u32,
    last_row: u32,
    /// Its first column, which has the value.
    column: u16,
}

/// The cells of one sheet, by row and column, both counted from 0.
#[derive(Debug)]
pub(super) struct Grid {
    rows: BTreeMap<u32, Row>,
    /// The last row that was filled. Its cells are not in `rows`: most cells come row by row and need no search there, and a
    /// complete row is copied into exactly the memory that it needs.
    current_number: Option<u32>,
    current: Row,
    merged: Vec<Merged>,
    budget: Budget,
    /// Whether a merged cell could not be recorded.
    is_too_large: bool,
}

impl Grid {
    /// An empty grid that uses at most so many bytes of memory.
    pub(super) fn new(bytes_max: u64) -> Self {
        Self {
            rows: BTreeMap::new(),
            current_number: None,
            current: Row::default(),
            merged: Vec::new(),
            budget: Budget::new(bytes_max),
            is_too_large: false,
        }
    }

    /// Sets the value of a cell, and replaces an earlier one. An empty text is no value.
    ///
    /// # Errors
    ///
    /// [`Trouble::Broken`] beyond the last column that a worksheet can have, [`Trouble::TooLarge`] beyond the limit.
    pub(super) fn put(&mut self, row: u32, column: u32, value: Value) -> Result<(), Trouble> {
        match value {
            Value::Text(text) => self.put_text(row, column, &text),
            Value::NoResult => self.put_shown(row, column, Shown::NoResult),
        }
    }

    /// As [`Grid::put`], for a text that the reader keeps.
    ///
    /// # Errors
    ///
    /// As [`Grid::put`].
    pub(super) fn put_text(&mut self, row: u32, column: u32, text: &str) -> Result<(), Trouble> {
        self.put_shown(row, column, Shown::Text(text))
    }

    fn put_shown(&mut self, row: u32, column: u32, shown: Shown) -> Result<(), Trouble> {
        let Some(column) = u16::try_from(column)
            .ok()
            .filter(|&column| usize::from(column) < COLUMNS_MAX)
        else {
            return Err(Trouble::Broken(
                "it has a cell to the right of the last possible column".to_owned(),
            ));
        };
        if shown == Shown::Text("") {
            let known = if self.current_number == Some(row) {
                Some(&self.current)
            } else {
                self.rows.get(&row)
            };
            if !known.is_some_and(|row| row.reaches(column)) {
                return Ok(());
            }
        }
        if self.current_number != Some(row) {
            self.begin_row(row)?;
        }
        self.current.push(column, shown, &mut self.budget)
    }

    fn begin_row(&mut self, number: u32) -> Result<(), Trouble> {
        self.end_row();
        match self.rows.remove(&number) {
            Some(row) => self.current = row,
            None => self.budget.take(ROW_BYTES)?,
        }
        self.current_number = Some(number);
        Ok(())
    }

    fn end_row(&mut self) {
        if let Some(number) = self.current_number.take() {
            self.rows.insert(number, self.current.clone());
            self.current.clear();
        }
    }

    /// Records merged cells, which have the value of the first one.
    pub(super) fn merge(&mut self, rows: RangeInclusive<u32>, columns: &RangeInclusive<u32>) {
        let Ok(column) = u16::try_from(*columns.start()) else {
            return;
        };
        if rows.start() < rows.end() {
            self.is_too_large |= self.budget.take(size_of::<Merged>()).is_err();
            if !self.is_too_large {
                self.merged.push(Merged {
                    first_row: *rows.start(),
                    last_row: *rows.end(),
                    column,
                });
            }
        }
    }

    /// The rows in order, with the values of merged cells in all their rows.
    ///
    /// # Errors
    ///
    /// [`Trouble::TooLarge`] if there are more values than the grid may have.
    pub(super) fn into_rows(mut self) -> Result<Rows, Trouble> {
        if self.is_too_large {
            return Err(Trouble::TooLarge);
        }
        self.end_row();
        self.rows.values_mut().for_each(Row::sort);
        self.spread_merged()?;
        self.rows.values_mut().for_each(Row::sort);
        let columns = self.rows.values().filter_map(Row::first_column);
        let first = columns.min().unwrap_or_default();
        Ok(Rows {
            rows: self.rows.into_iter(),
            first,
        })
    }

    /// If merged cells overlap in a column, which no program writes, only the first ones count. So each cell is written at
    /// most once.
    fn spread_merged(&mut self) -> Result<(), Trouble> {
        let mut merged = std::mem::take(&mut self.merged);
        merged.sort_by_key(|merged| (merged.column, merged.first_row));
        let mut last: Option<Merged> = None;
        for merged in merged {
            if last.is_some_and(|last| {
                last.column == merged.column && last.last_row >= merged.first_row
            }) {
                continue;
            }
            last = Some(merged);
            let first = self.rows.get(&merged.first_row);
            let Some(value) = first.and_then(|row| row.find(merged.column)) else {
                continue;
            };
            let text = match value {
                Shown::Text(text) => Some(text.to_owned()),
                Shown::NoResult => None,
            };
            let value = text.as_deref().map_or(Shown::NoResult, Shown::Text);
            let covered = merged.first_row + 1..=merged.last_row;
            for (_, row) in self.rows.range_mut(covered) {
                row.push(merged.column, value, &mut self.budget)?;
            }
        }
        Ok(())
    }
}

/// The rows of one worksheet with a filled cell.
pub(in crate::sheet) struct Rows {
    rows: btree_map::IntoIter<u32, Row>,
    /// The first column with a filled cell; the columns before it are not read.
    first: u16,
}

impl Rows {
    /// How messages show the position of a column.
    pub(in crate::sheet) fn positions(&self) -> Positions {
        Positions::Letters {
            first: u32::from(self.first),
        }
    }

    /// Reads the next row with a filled cell; `false` at the end.
    pub(in crate::sheet) fn read(&mut self, record: &mut Record) -> bool {
        let Some((number, row)) = self.rows.next() else {
            return false;
        };
        record.begin(u64::from(number) + 1);
        let mut next = self.first;
        for (column, shown) in row.cells() {
            for _ in next..column {
                record.end_cell();
            }
            match shown {
                Shown::Text(text) => record.push(text),
                Shown::NoResult => record.mark_no_result(),
            }
            record.end_cell();
            next = column + 1;
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Value {
        Value::Text(text.to_owned())
    }

    fn put(grid: &mut Grid, row: u32, column: u32, value: &str) {
        grid.put(row, column, text(value))
            .unwrap_or_else(|_| panic!("small"));
    }

    fn rows(grid: Grid) -> Vec<(u64, Vec<String>)> {
        let mut rows = grid.into_rows().unwrap_or_else(|_| panic!("small"));
        let mut record = Record::default();
        let mut out = Vec::new();
        while rows.read(&mut record) {
            out.push((record.line, record.cells().map(str::to_owned).collect()));
        }
        out
    }

    #[test]
    fn the_value_of_a_merged_cell_counts_in_all_its_rows_that_hold_anything() {
        let mut grid = Grid::new(1000);
        for (row, column, value) in [(0, 1, "Moor"), (0, 2, "Ada"), (2, 2, "Bo"), (9, 2, "Cy")] {
            put(&mut grid, row, column, value);
        }
        grid.merge(0..=4, &(1..=1));
        grid.merge(0..=0, &(2..=5));
        assert_eq!(
            rows(grid),
            [
                (1, vec!["Moor".to_owned(), "Ada".to_owned()]),
                (3, vec!["Moor".to_owned(), "Bo".to_owned()]),
                (10, vec![String::new(), "Cy".to_owned()]),
            ]
        );
    }

    #[test]
    fn cells_below_a_merged_cell_in_its_column_are_hidden() {
        let mut grid = Grid::new(1000);
        for (row, column, value) in [(0, 0, "Moor"), (1, 0, "hidden"), (1, 1, "Bo")] {
            put(&mut grid, row, column, value);
        }
        grid.merge(0..=1, &(0..=0));
        // Overlaps, and comes second.
        grid.merge(1..=1_000_000, &(0..=0));
        assert_eq!(
            rows(grid),
            [
                (1, vec!["Moor".to_owned()]),
                (2, vec!["Moor".to_owned(), "Bo".to_owned()])
            ]
        );
    }

    #[test]
    fn the_last_value_of_a_cell_counts_in_any_order() {
        let mut grid = Grid::new(1000);
        for (row, column, value) in [
            (1, 2, "c"),
            (1, 0, "a"),
            (1, 2, ""),
            (1, 1, "x"),
            (1, 1, "b"),
            (0, 0, "first"),
            (0, 1, ""),
        ] {
            put(&mut grid, row, column, value);
        }
        assert_eq!(
            rows(grid),
            [
                (1, vec!["first".to_owned()]),
                (2, vec!["a".to_owned(), "b".to_owned()])
            ]
        );
    }

    #[test]
    fn a_grid_is_bounded() {
        let mut grid = Grid::new(200);
        put(&mut grid, 0, 0, "abc");
        assert!(matches!(
            grid.put(1, 0, text("abc")),
            Err(Trouble::TooLarge)
        ));
        assert!(matches!(
            Grid::new(200).put(0, 16_384, text("a")),
            Err(Trouble::Broken(_))
        ));
        let mut grid = Grid::new(1500);
        for row in 0..8 {
            put(&mut grid, row, 1, "b");
        }
        put(&mut grid, 0, 0, "abcdefghij");
        grid.merge(0..=u32::MAX - 1, &(0..=0));
        assert!(matches!(grid.into_rows(), Err(Trouble::TooLarge)));
        let mut grid = Grid::new(10);
        grid.merge(0..=1, &(0..=0));
        assert!(matches!(grid.into_rows(), Err(Trouble::TooLarge)));
    }
}
