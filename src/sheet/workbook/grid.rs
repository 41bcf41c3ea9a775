//! The cells of one sheet of a workbook, as a person sees them in the program that made it.
//!
//! Only cells with something in them are held, so a stray cell in the last row costs nothing, and the text of all of them
//! together is bounded. The value of a merged cell counts in every row of it that holds anything else. What a number looks
//! like is decided by the readers; whether a row is a character is not decided here.

use std::collections::{BTreeMap, btree_map};
use std::ops::RangeInclusive;

use super::Trouble;
use crate::sheet::COLUMNS_MAX;
use crate::sheet::record::Record;
use crate::sheet::shown::Positions;

/// What a cell shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    /// Text, a number or a date as the cell's format shows it, `TRUE`, or an error value such as `#REF!`.
    Text(String),
    /// A formula that was never calculated: the file holds no result of it.
    NoResult,
}

/// The cells of one row by column, counted from 0.
type Cells = BTreeMap<u32, Value>;

/// A range of cells that are shown as one.
#[derive(Debug, Clone)]
struct Merged {
    rows: RangeInclusive<u32>,
    /// The first column of it, which is the one that has the value.
    column: u32,
}

/// The cells of one sheet, by row and column, both counted from 0.
#[derive(Debug)]
pub(super) struct Grid {
    rows: BTreeMap<u32, Cells>,
    merged: Vec<Merged>,
    /// Bytes of text that are held.
    bytes: u64,
    /// More is refused.
    bytes_max: u64,
}

impl Grid {
    /// An empty grid that holds at most so many bytes of text.
    pub(super) fn new(bytes_max: u64) -> Self {
        Self {
            rows: BTreeMap::new(),
            merged: Vec::new(),
            bytes: 0,
            bytes_max,
        }
    }

    /// Adds a cell; an empty text is none.
    ///
    /// # Errors
    ///
    /// [`Trouble::Broken`] beyond the last column that a sheet can have, [`Trouble::TooLarge`] beyond the limit.
    pub(super) fn put(&mut self, row: u32, column: u32, value: Value) -> Result<(), Trouble> {
        let length = match &value {
            Value::Text(text) if text.is_empty() => return Ok(()),
            Value::Text(text) => text.len(),
            Value::NoResult => 0,
        };
        if usize::try_from(column).is_ok_and(|column| column >= COLUMNS_MAX) {
            return Err(Trouble::Broken(
                "it has a cell to the right of the last column".to_owned(),
            ));
        }
        let length = u64::try_from(length).unwrap_or(u64::MAX);
        self.bytes = self.bytes.saturating_add(length);
        if self.bytes > self.bytes_max {
            return Err(Trouble::TooLarge);
        }
        self.rows.entry(row).or_default().insert(column, value);
        Ok(())
    }

    /// Notes that these cells are shown as one, with the value of the first.
    pub(super) fn merge(&mut self, rows: RangeInclusive<u32>, columns: &RangeInclusive<u32>) {
        if rows.start() < rows.end() {
            let column = *columns.start();
            self.merged.push(Merged { rows, column });
        }
    }

    /// The rows in order, with the values of merged cells in all their rows.
    ///
    /// # Errors
    ///
    /// [`Trouble::TooLarge`] when the merged values are more than the grid may hold.
    pub(super) fn into_rows(mut self) -> Result<Rows, Trouble> {
        for Merged { rows, column } in std::mem::take(&mut self.merged) {
            let value = self.rows.get(rows.start()).and_then(|row| row.get(&column));
            let Some(value) = value.cloned() else {
                continue;
            };
            let filled: Vec<u32> = self
                .rows
                .range(rows.start() + 1..=*rows.end())
                .filter(|(_, cells)| !cells.contains_key(&column))
                .map(|(row, _)| *row)
                .collect();
            for row in filled {
                self.put(row, column, value.clone())?;
            }
        }
        let columns = self.rows.values().filter_map(|cells| cells.keys().next());
        let first = columns.min().copied().unwrap_or_default();
        Ok(Rows {
            rows: self.rows.into_iter(),
            first,
        })
    }
}

/// The rows of one sheet that hold anything.
pub(in crate::sheet) struct Rows {
    rows: btree_map::IntoIter<u32, Cells>,
    /// The first column that holds anything; those in front of it are not there.
    first: u32,
}

impl Rows {
    /// How the columns are counted.
    pub(in crate::sheet) fn positions(&self) -> Positions {
        Positions::Letters { first: self.first }
    }

    /// Reads the next row that holds anything; `false` at the end.
    pub(in crate::sheet) fn read(&mut self, record: &mut Record) -> bool {
        let Some((row, cells)) = self.rows.next() else {
            return false;
        };
        record.begin(u64::from(row) + 1);
        let mut next = self.first;
        for (column, value) in cells {
            for _ in next..column {
                record.end_cell();
            }
            match value {
                Value::Text(text) => record.push(&text),
                Value::NoResult => record.mark_no_result(),
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
            grid.put(row, column, text(value))
                .unwrap_or_else(|_| panic!("small"));
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
    fn a_grid_is_bounded() {
        let mut grid = Grid::new(5);
        assert!(grid.put(0, 0, text("abc")).is_ok());
        assert!(matches!(
            grid.put(1, 0, text("abc")),
            Err(Trouble::TooLarge)
        ));
        assert!(matches!(
            Grid::new(5).put(0, 16_384, text("a")),
            Err(Trouble::Broken(_))
        ));
        let mut grid = Grid::new(9);
        for row in 0..3 {
            assert!(grid.put(row, 1, text("b")).is_ok());
        }
        assert!(grid.put(0, 0, text("abc")).is_ok());
        grid.merge(0..=u32::MAX - 1, &(0..=0));
        assert!(matches!(grid.into_rows(), Err(Trouble::TooLarge)));
    }
}
